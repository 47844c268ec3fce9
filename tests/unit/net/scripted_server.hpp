#pragma once

#include "certificates.hpp"
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace kusto::test
{

/// A request as it arrived.
class received_request
{
public:
    std::string head; ///< request line and fields, with the empty line
    std::string body;
};

/// One accepted connection, as its script sees it. Blocking; bounded by 10 s for each read.
///
/// Reads throw `client_gone` when the client has closed; the server takes that for the end of the
/// script.
class peer
{
public:
    class client_gone
    {
    };

    peer() = default;
    peer(peer const&) = delete;
    peer& operator=(peer const&) = delete;
    virtual ~peer() = default;

    /// Next request with a body of its Content-Length.
    received_request read_request();
    std::string read_head();
    std::string read_exactly(std::size_t size);
    /// Until the client closes; says how many bytes came.
    std::size_t drain();

    virtual void write(std::string_view text) = 0;
    /// Sends a TCP reset.
    virtual void reset() = 0;
    /// Ends the TCP stream; a TLS stream is cut off without a farewell.
    virtual void cut() = 0;
    /// TLS 1.3: both directions use new keys from the next write on.
    virtual void change_keys() {}
    /// As a proxy: hands everything on to a port of 127.0.0.1 and back, until either side ends. Not
    /// for TLS.
    virtual void relay_to(std::uint16_t) {}
    /// Waits until the client's machine has acknowledged everything, a close included.
    virtual void wait_delivered() = 0;
    /// What the client's TLS greeting asked for; empty without TLS.
    [[nodiscard]] virtual std::string server_name() const { return {}; }
    /// What was agreed upon by ALPN.
    [[nodiscard]] virtual std::string application_protocol() const { return {}; }

protected:
    /// 0 when the client has closed.
    virtual std::size_t receive(char* into, std::size_t most) = 0;

private:
    void fill();
    std::string pending_;
};

/// A server on an ephemeral loopback port. Connection n is served by script n, later ones by the
/// last; when a script returns, the connection is closed in an orderly way.
class scripted_server
{
public:
    using script = std::function<void(peer&)>;

    explicit scripted_server(std::vector<script> scripts,
                             std::optional<server_identity> tls = std::nullopt);
    explicit scripted_server(script only, std::optional<server_identity> tls = std::nullopt);
    ~scripted_server();

    [[nodiscard]] std::uint16_t port() const noexcept;
    [[nodiscard]] std::string url(std::string const& path = "/",
                                  std::string const& host = "127.0.0.1") const;
    /// Connections accepted.
    [[nodiscard]] std::size_t accepted() const;

private:
    struct impl;
    std::unique_ptr<impl> impl_;
};

/// A listening port that accepts nothing and whose queue is full, so that connecting to it takes
/// forever.
class full_port
{
public:
    /// \param port  0: any
    explicit full_port(std::string const& address = "127.0.0.1", std::uint16_t port = 0);
    ~full_port();
    full_port(full_port const&) = delete;
    full_port& operator=(full_port const&) = delete;

    [[nodiscard]] std::uint16_t port() const noexcept { return port_; }

private:
    int listener_ = -1;
    std::vector<int> waiting_;
    std::uint16_t port_ = 0;
};

/// `HTTP/1.1 200 OK` with a Content-Length.
[[nodiscard]] std::string ok_reply(std::string_view body, std::string_view extra_fields = {});

} // namespace kusto::test

#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace kusto::emulator
{

/// How the proxy is set up.
class connect_proxy_options
{
public:
    /// Loopback port; 0 = any free one.
    connect_proxy_options& port(std::uint16_t value)
    {
        port_ = value;
        return *this;
    }
    /// Tunnels need these (Basic); 407 otherwise.
    connect_proxy_options& credentials(std::string user, std::string password)
    {
        user_ = std::move(user);
        password_ = std::move(password);
        return *this;
    }
    /// Tunnels to `authority` (`host:port`, any case) end at a loopback port. Others are refused
    /// with 502, but for those to loopback addresses. May be given repeatedly.
    connect_proxy_options& route(std::string const& authority, std::uint16_t loopback_port);
    /// The same, with the port in the URL of a cluster.
    connect_proxy_options& route(std::string const& authority, std::string const& url);
    /// Every tunnel is refused with this status, for example 403; 0 = none.
    connect_proxy_options& refuse(int status)
    {
        refuse_ = status;
        return *this;
    }

    [[nodiscard]] std::uint16_t port() const noexcept { return port_; }
    [[nodiscard]] std::string const& user() const noexcept { return user_; }
    [[nodiscard]] std::string const& password() const noexcept { return password_; }
    [[nodiscard]] auto const& routes() const noexcept { return routes_; }
    [[nodiscard]] int refuse() const noexcept { return refuse_; }

private:
    std::uint16_t port_ = 0;
    std::string user_;
    std::string password_;
    std::map<std::string, std::uint16_t> routes_; ///< by authority in lower case
    int refuse_ = 0;
};

/// What the proxy has seen.
struct connect_proxy_counts
{
    std::uint64_t requests = 0; ///< CONNECT or not
    std::uint64_t tunnels = 0;  ///< opened
    std::uint64_t refused = 0;
    std::vector<std::string> asked;         ///< `host:port` of each CONNECT, as sent
    std::vector<std::string> other_headers; ///< names of headers that a proxy has no need of
};

/// An HTTP proxy on loopback that only makes tunnels, for tests of clients. It reaches nothing but
/// loopback addresses. 400 is for what is neither HTTP/1.1 nor 1.0, and for a `Host` that is not
/// the tunnel's `host:port`, of which `:443` may be left out; only HTTP/1.0 can do without it.
///
/// Starts at construction, on a thread of its own; stops at destruction.
///
/// \par Thread safety
/// All member functions may be called from any thread.
class connect_proxy
{
public:
    /// \throws std::runtime_error when the port cannot be bound
    explicit connect_proxy(connect_proxy_options options = connect_proxy_options());
    ~connect_proxy();
    connect_proxy(connect_proxy const&) = delete;
    connect_proxy& operator=(connect_proxy const&) = delete;

    /// `http://127.0.0.1:PORT`, without credentials.
    [[nodiscard]] std::string url() const;
    [[nodiscard]] connect_proxy_counts counts() const;
    /// Drops all tunnels; called by the destructor. May be called again.
    void stop();

private:
    struct impl;
    std::unique_ptr<impl> impl_;
};

} // namespace kusto::emulator

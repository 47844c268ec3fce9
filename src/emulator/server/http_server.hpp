#pragma once

#include <cstdint>
#include <emulator/server/exchange.hpp>
#include <emulator/server/http_message.hpp>
#include <emulator/server/tls_identity.hpp>
#include <functional>
#include <memory>
#include <optional>
#include <string>

namespace kusto::emulator
{

/// HTTP/1.1 over TLS or plain TCP on loopback, on threads of its own: keep-alive, chunked request
/// bodies, `Expect: 100-continue`, body limits.
class http_server
{
public:
    /// Called on one of the server's threads, concurrently. An exception becomes status 500.
    using handler = std::function<response(request&)>;
    /// Whether the body of this request is to be summed up instead of kept.
    using discard_rule = std::function<bool(request const& head)>;

    /// \param identity  certificate and key; without it the server speaks plain HTTP
    explicit http_server(std::optional<tls_identity> const& identity);
    ~http_server();
    http_server(http_server const&) = delete;
    http_server& operator=(http_server const&) = delete;

    /// Binds 127.0.0.1. Connections are accepted and wait, but nothing is served before `start`.
    /// \param port  0 = any free one
    /// \param body_limit  larger request bodies are answered by 413
    /// \param policy  may be null; must outlive the server
    /// \param discards  may be empty; only bodies with a `Content-Length` are discarded
    /// \returns the port
    /// \throws std::runtime_error when the port cannot be bound
    std::uint16_t listen(std::uint16_t port, std::uint64_t body_limit, handler serve,
                         exchange_policy* policy = nullptr, discard_rule discards = {});
    void start(std::size_t threads);
    /// Drops all connections and joins the threads. A handler that runs is waited for.
    void stop();

private:
    struct impl;
    std::unique_ptr<impl> impl_;
};

} // namespace kusto::emulator

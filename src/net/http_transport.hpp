#pragma once

#include <async/transport.hpp>
#include <base/proxy_rules.hpp>
#include <boost/asio/any_io_executor.hpp>
#include <chrono>
#include <cstddef>
#include <kusto/error.hpp>
#include <memory>
#include <net/tls_settings.hpp>
#include <string>

namespace kusto::net
{

/// How connections are made and kept.
class transport_options : public tls_settings
{
public:
    transport_options();

    /// Which proxy, if any, requests go through that are not `direct`.
    base::proxy_rules proxies;
    /// For resolving, connecting, the proxy's tunnel and the TLS handshake of one connection
    /// together.
    std::chrono::milliseconds connect_timeout = std::chrono::seconds(15);
    /// For one request and its reply; more for large bodies: 1 s for every 64 KiB moved.
    std::chrono::milliseconds request_timeout = std::chrono::seconds(60);
    /// Idle connections kept for one host.
    std::size_t idle_connections = 16;
    /// An idle connection is not used after that, or earlier if the server asks for it.
    std::chrono::milliseconds idle_timeout = std::chrono::seconds(30);
    /// A connection is not used again when it is older.
    std::chrono::milliseconds max_age = std::chrono::minutes(10);
    /// Status line and header fields of a reply, in bytes.
    std::size_t header_limit = std::size_t(64) << 10;
    /// `User-Agent` of requests that bring none.
    std::string user_agent;
};

/// HTTP/1.1 over TCP (`http`) and TLS 1.2 or newer (`https`), with a pool of connections per host.
///
/// The server's certificate must be valid for the host name or IP address of the URL, or be what
/// the request's `peer` names. Redirects are never followed. Sockets belong to `executor`'s
/// context, which must outlive the transport; requests under way keep what they need alive.
///
/// Errors: `errc::invalid_option` when authorities or the certificate cannot be used.
///
/// \par Thread safety
/// The transport may be shared by any number of strands; one `send` runs on the strand that
/// awaits it.
[[nodiscard]] result<std::shared_ptr<async::transport>>
make_http_transport(boost::asio::any_io_executor executor, transport_options options);

} // namespace kusto::net

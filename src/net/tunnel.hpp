#pragma once

#include <base/proxy_rules.hpp>
#include <base/url.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <kusto/error.hpp>
#include <net/dial_limit.hpp>

namespace kusto::net
{

/// Has the proxy at the other end of `socket` make a tunnel to `target` (RFC 9110, 9.3.6), and
/// returns the same socket, through which the target is spoken to from then on.
///
/// The request holds the target's host and port and the proxy's credentials, nothing else.
/// Errors: `proxy_refused` with the proxy's status; `malformed_reply`, `reply_too_large`,
/// `connection_lost`, `timed_out`. All of stage connect, with the proxy as their host.
/// \param via  outlives the operation
/// Cancellation: terminal.
[[nodiscard]] boost::asio::awaitable<result<boost::asio::ip::tcp::socket>>
open_tunnel(boost::asio::ip::tcp::socket socket, base::url target, base::proxy_server const& via,
            dial_limit limit);

} // namespace kusto::net

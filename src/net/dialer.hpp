#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <chrono>
#include <kusto/deadline.hpp>
#include <kusto/error.hpp>
#include <memory>
#include <net/dial_limit.hpp>
#include <net/dial_trace.hpp>
#include <net/route.hpp>
#include <net/stream.hpp>
#include <net/tls.hpp>

namespace kusto::net
{

/// Makes connections: resolves, connects, has a proxy make a tunnel if there is one, and shakes
/// hands for https, all within one limit.
///
/// \par Thread safety
/// May be shared; `dial` runs on the strand that awaits it.
class dialer
{
public:
    dialer(boost::asio::any_io_executor sockets, std::shared_ptr<tls_context> tls,
           std::chrono::milliseconds connect_timeout);

    /// A connection to the host and port of the target. The addresses of a name are tried in order.
    ///
    /// Errors: `host_not_found`, `connect_failed`, `certificate_rejected`, `tls_failed`,
    /// `connection_lost` (during the handshake), `timed_out`, `invalid_option` (of the peer),
    /// without host and request id; those of `open_tunnel`, and what fails on the way to a proxy,
    /// with the proxy as their host. \param trace  null, or filled in; outlives the operation
    /// Cancellation: terminal.
    [[nodiscard]] boost::asio::awaitable<result<std::unique_ptr<stream>>>
    dial(route way, deadline until, dial_trace* trace = nullptr);

private:
    /// TCP, as far as the target.
    boost::asio::awaitable<result<boost::asio::ip::tcp::socket>>
    reach(route const& way, dial_limit limit, dial_trace& trace);

    boost::asio::any_io_executor sockets_;
    std::shared_ptr<tls_context> tls_;
    std::chrono::milliseconds connect_timeout_;
};

} // namespace kusto::net

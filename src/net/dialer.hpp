#pragma once

#include <base/url.hpp>
#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <chrono>
#include <kusto/deadline.hpp>
#include <kusto/error.hpp>
#include <memory>
#include <net/stream.hpp>
#include <net/tls.hpp>

namespace kusto::net
{

/// Makes connections: resolves, connects, and shakes hands for https, all within one limit.
///
/// \par Thread safety
/// May be shared; `dial` runs on the strand that awaits it.
class dialer
{
public:
    dialer(boost::asio::any_io_executor sockets, std::shared_ptr<tls_context> tls,
           std::chrono::milliseconds connect_timeout);

    /// A connection to the host and port of `target`. The addresses of a name are tried in order.
    ///
    /// Errors: `host_not_found`, `connect_failed`, `certificate_rejected`, `tls_failed`,
    /// `connection_lost` (during the handshake), `timed_out`; without host and request id.
    /// Cancellation: terminal.
    [[nodiscard]] boost::asio::awaitable<result<std::unique_ptr<stream>>> dial(base::url target,
                                                                               deadline until);

private:
    boost::asio::any_io_executor sockets_;
    std::shared_ptr<tls_context> tls_;
    std::chrono::milliseconds connect_timeout_;
};

} // namespace kusto::net

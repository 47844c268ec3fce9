#pragma once

#include <async/transport.hpp>
#include <boost/asio/awaitable.hpp>
#include <chrono>
#include <cstddef>
#include <kusto/deadline.hpp>
#include <kusto/error.hpp>
#include <net/request_image.hpp>
#include <net/stream.hpp>
#include <optional>

namespace kusto::net
{

/// What bounds one exchange.
class exchange_limits
{
public:
    exchange_limits(deadline until, std::chrono::milliseconds request_timeout,
                    std::size_t header_limit)
        : until(until),
          request_timeout(request_timeout),
          header_limit(header_limit)
    {
    }

    deadline until;
    std::chrono::milliseconds request_timeout;
    std::size_t header_limit;
};

/// How an exchange ended.
class exchange_result
{
public:
    explicit exchange_result(result<async::http_response> reply) : reply(std::move(reply)) {}

    result<async::http_response> reply;
    /// The connection can carry another request.
    bool reusable = false;
    /// The connection broke before any byte of a reply: nothing unusual if it had been idle.
    bool stale = false;
    std::optional<std::chrono::seconds> keep_alive;
};

/// Sends one request over `peer` and reads its reply. When it returns, nothing refers to the
/// request's memory any more.
///
/// Everything given by reference outlives the operation.
/// Cancellation: terminal; `peer` is closed.
[[nodiscard]] boost::asio::awaitable<exchange_result> exchange(stream& peer,
                                                               async::http_request const& request,
                                                               request_image const& image,
                                                               exchange_limits limits);

} // namespace kusto::net

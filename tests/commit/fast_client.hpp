#pragma once

#include "fast_clock.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <chrono>
#include <commit/opening.hpp>
#include <kusto/options.hpp>
#include <memory>
#include <service/client_state.hpp>

namespace kusto::crash
{

/// As `client` makes it, but with another clock. Times are the library's but `request_timeout`, which is the
/// transport's. \throws error
[[nodiscard]] std::shared_ptr<detail::client_state>
connect(boost::asio::any_io_executor executor, connection_options where,
        std::chrono::milliseconds request_timeout, async::clock& time);

/// As `write_ahead_sink::open` opens it, with a crash point function. \throws error
[[nodiscard]] boost::asio::awaitable<std::shared_ptr<detail::write_ahead_state>>
open_sink(boost::asio::any_io_executor executor, commit::commit_context context);

} // namespace kusto::crash

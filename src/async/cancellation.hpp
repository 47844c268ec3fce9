#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/cancellation_state.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/system/system_error.hpp>

namespace kusto::async
{

/// What Asio throws when it finds that a coroutine was cancelled.
[[noreturn]] inline void throw_cancelled()
{
    throw boost::system::system_error(boost::asio::error::operation_aborted, "cancelled");
}

[[nodiscard]] inline bool was_cancelled(boost::asio::cancellation_state const& state) noexcept
{
    return state.cancelled() != boost::asio::cancellation_type::none;
}

} // namespace kusto::async

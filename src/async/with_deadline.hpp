#pragma once

#include <async/cancellation.hpp>
#include <async/clock.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/deferred.hpp>
#include <boost/asio/experimental/parallel_group.hpp>
#include <boost/asio/this_coro.hpp>
#include <exception>
#include <kusto/deadline.hpp>
#include <kusto/error.hpp>
#include <optional>
#include <utility>

namespace kusto::async
{

namespace detail
{

template <class T>
boost::asio::awaitable<void> store_into(std::optional<result<T>>& out,
                                        boost::asio::awaitable<result<T>> op)
{
    auto value = co_await std::move(op);
    out.emplace(std::move(value));
}

} // namespace detail

/// Completes with the result of `op`, or with `late` when `until` passes first; `op` is cancelled
/// then and waited for, so it must honour cancellation. An exception of `op` is thrown on.
///
/// \param late  what a passed deadline is reported as; code `errc::timed_out`
/// \pre The calling coroutine runs on a strand or a single-threaded context.
/// Cancellation: terminal; passed on to `op`.
template <class T>
[[nodiscard]] boost::asio::awaitable<result<T>>
with_deadline(boost::asio::awaitable<result<T>> op, deadline until, failure late, clock& time)
{
    namespace asio = boost::asio;
    std::optional<result<T>> value;
    auto const executor = co_await asio::this_coro::executor;
    // Results travel through `value`, so that no branch can hide an error of the other one.
    auto group = asio::experimental::make_parallel_group(
        asio::co_spawn(executor, detail::store_into(value, std::move(op)), asio::deferred),
        asio::co_spawn(executor, time.wait_until(until.when()), asio::deferred));
    auto race = group.async_wait(asio::experimental::wait_for_one(), asio::deferred);
    auto const [order, thrown, timer_thrown] = co_await std::move(race);

    bool const too_late = order[0] == 1 && !timer_thrown;
    if (value && (value->has_value() || !too_late))
        co_return std::move(*value);
    auto const state = co_await asio::this_coro::cancellation_state;
    if (was_cancelled(state))
        throw_cancelled();
    if (too_late)
        co_return late;
    std::rethrow_exception(thrown);
}

} // namespace kusto::async

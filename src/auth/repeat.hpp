#pragma once

#include <async/clock.hpp>
#include <base/logger.hpp>
#include <boost/asio/awaitable.hpp>
#include <core/retry_planner.hpp>
#include <cstdint>
#include <functional>
#include <kusto/deadline.hpp>
#include <kusto/error.hpp>
#include <kusto/options.hpp>
#include <random>
#include <utility>

namespace kusto::auth
{

/// A number in [0, 1).
[[nodiscard]] inline double random_fraction()
{
    thread_local std::mt19937_64 engine(std::random_device{}());
    return std::uniform_real_distribution<double>(0.0, 1.0)(engine);
}

/// Runs `attempt` until it succeeds, fails for good, or attempts or time are used up. Each
/// repetition is a warning in `log`.
/// \param time  outlives the operation
template <class T>
[[nodiscard]] boost::asio::awaitable<result<T>>
repeat(retry_options options, deadline until,
       std::function<boost::asio::awaitable<result<T>>()> attempt, async::clock& time,
       base::logger log)
{
    core::retry_planner planner(options, until);
    for (;;)
    {
        auto pending = attempt();
        auto got = co_await std::move(pending);
        if (got)
            co_return got;
        auto why = got.error();
        auto const help = why.retryable() ? core::remedy::patience : core::remedy::none;
        auto const now = time.now();
        auto const decision = planner.failed(why, help, now, random_fraction());
        why.attempts(planner.attempts());
        if (!decision.retry)
            co_return result<T>(std::move(why));
        auto const wait = std::chrono::duration_cast<std::chrono::milliseconds>(decision.at - now);
        log.failed(log_level::warning, "signing in failed; trying again", why,
                   {log_field("wait_ms", std::int64_t(wait.count()))});
        co_await time.wait_until(decision.at);
    }
}

} // namespace kusto::auth

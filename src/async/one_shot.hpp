#pragma once

#include <atomic>
#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <mutex>

namespace kusto::async
{

/// An event that happens once, and that one coroutine waits for.
///
/// It lives in the waiting coroutine's frame; whoever sets it finds it through a list and holds
/// that list's mutex while setting it, and the frame takes it off the list under the same mutex.
/// So neither outlives the other, even if the frame is destroyed with its execution context.
///
/// `set` may be called from any thread; the waiting executor may have several threads.
class one_shot
{
public:
    using time_point = std::chrono::steady_clock::time_point;

    /// \param executor  where the waiting coroutine runs
    explicit one_shot(boost::asio::any_io_executor executor);
    one_shot(one_shot const&) = delete;
    one_shot& operator=(one_shot const&) = delete;

    void set() noexcept;
    [[nodiscard]] bool is_set() const noexcept { return set_.load(std::memory_order_acquire); }

    /// Completes with true when it is set, or with false at `until`. To be awaited once.
    /// Cancellation: terminal; throws `operation_aborted` unless it was set.
    [[nodiscard]] boost::asio::awaitable<bool> wait(time_point until = (time_point::max)());

private:
    class starter;

    std::mutex mutex_;
    std::atomic<bool> set_ = false;
    boost::asio::steady_timer timer_;
};

} // namespace kusto::async

#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/steady_timer.hpp>

namespace kusto::async
{

/// A flag that any number of coroutines may wait for. Everything happens on one strand, that of
/// `executor`. The event must outlive the waits.
class event
{
public:
    explicit event(boost::asio::any_io_executor executor)
        : timer_(std::move(executor), boost::asio::steady_timer::time_point::max())
    {
    }

    /// Wakes everyone who waits; later waits complete at once until `reset`.
    void set();
    void reset() noexcept { set_ = false; }
    [[nodiscard]] bool is_set() const noexcept { return set_; }

    /// Completes when the event is set. A `reset` that follows at once does not take the wake-up
    /// away from those who were waiting.
    /// Cancellation: terminal; completes with an exception of `operation_aborted`.
    [[nodiscard]] boost::asio::awaitable<void> wait();

private:
    boost::asio::steady_timer timer_;
    bool set_ = false;
    unsigned round_ = 0; // number of `set` calls
};

} // namespace kusto::async

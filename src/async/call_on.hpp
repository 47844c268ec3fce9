#pragma once

#include <async/cancellation.hpp>
#include <async/clock.hpp>
#include <async/meeting.hpp>
#include <async/spawn.hpp>
#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <exception>
#include <kusto/deadline.hpp>
#include <kusto/error.hpp>
#include <memory>
#include <optional>
#include <utility>

namespace kusto::async
{

namespace detail
{

/// One call on another strand. `meeting` alone is touched from both sides; the rest belongs to the
/// other strand, except that the caller reads the outcome after the meeting took place.
template <class T>
struct call
{
    detail::meeting meeting;
    std::optional<result<T>> outcome;
    std::exception_ptr thrown;
    boost::asio::cancellation_signal stop_timer;
};

/// Ends the wait when the callee's coroutine is destroyed instead of completed, be it before it
/// began: the caller's frame hangs on the meeting and would never be freed.
template <class T>
class meeting_guard
{
public:
    explicit meeting_guard(std::shared_ptr<call<T>> whose) : call_(std::move(whose)) {}
    meeting_guard(meeting_guard const&) = delete;
    meeting_guard& operator=(meeting_guard const&) = delete;
    ~meeting_guard() { call_->meeting.drop(); }

private:
    std::shared_ptr<call<T>> call_;
};

template <class T>
boost::asio::awaitable<void> run_call(std::shared_ptr<call<T>> self,
                                      std::unique_ptr<meeting_guard<T>> /*until_the_end*/,
                                      boost::asio::awaitable<result<T>> op)
{
    std::optional<result<T>> value;
    std::exception_ptr thrown;
    try
    {
        auto got = co_await std::move(op);
        value.emplace(std::move(got));
    }
    catch (...)
    {
        thrown = std::current_exception();
    }
    self->stop_timer.emit(boost::asio::cancellation_type::terminal);
    self->meeting.complete(
        [&]
        {
            self->outcome = std::move(value);
            self->thrown = thrown;
        });
}

template <class T>
boost::asio::awaitable<void> run_timer(std::shared_ptr<call<T>> self, deadline until, failure late,
                                       clock& time)
{
    try
    {
        co_await time.wait_until(until.when());
    }
    catch (boost::system::system_error const&)
    {
        co_return;
    }
    self->meeting.complete([&] { self->outcome.emplace(std::move(late)); });
}

} // namespace detail

/// Runs `op` on `strand` and completes with its result on the caller's executor, which may be any:
/// it need not be a strand. The deadline and the caller's cancellation abandon the wait only; the
/// operation goes on and its result is dropped. No cancellation slot crosses the executors.
///
/// \param strand  a strand, or the executor of a single-threaded context
/// \param op  must own what it uses, since it may outlive the caller
/// \param late  what a passed deadline is reported as; code `errc::timed_out`
/// \param time  outlives the operation
/// An exception of `op` is thrown on. Cancellation: terminal.
template <class T>
[[nodiscard]] boost::asio::awaitable<result<T>>
call_on(boost::asio::any_io_executor strand, boost::asio::awaitable<result<T>> op, deadline until,
        failure late, clock& time = system_clock())
{
    namespace asio = boost::asio;
    auto const self = std::make_shared<detail::call<T>>();
    if (until.when() != deadline::time_point::max())
    {
        // Spawned first, on the same strand, so that its slot is filled when the call completes.
        asio::co_spawn(strand, detail::run_timer(self, until, std::move(late), time),
                       asio::bind_cancellation_slot(self->stop_timer.slot(), rethrow(self)));
    }
    auto guard = std::make_unique<detail::meeting_guard<T>>(self);
    asio::co_spawn(strand, detail::run_call(self, std::move(guard), std::move(op)), rethrow());
    co_await detail::meet(self->meeting);
    if (self->thrown)
        std::rethrow_exception(self->thrown);
    if (!self->outcome)
        throw_cancelled();
    co_return std::move(*self->outcome);
}

} // namespace kusto::async

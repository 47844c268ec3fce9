#pragma once

#include <boost/asio/associated_cancellation_slot.hpp>
#include <boost/asio/associated_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <memory>
#include <mutex>
#include <utility>

namespace kusto::async::detail
{

/// A coroutine that waits, ready to be resumed on its own executor from any thread.
class parked
{
public:
    parked() = default;
    parked(parked const&) = delete;
    parked& operator=(parked const&) = delete;
    virtual ~parked() = default;
    virtual void resume() = 0;
};

/// Where one waiting coroutine and the thread that completes it meet: whoever of completion and
/// cancellation comes first resumes the waiter, exactly once.
///
/// The mutex is held for a few instructions and never while foreign code runs, except the stores
/// that `complete` is given.
///
/// Thread safety: `complete`, `abandon`, `park` and `drop` from any thread.
class meeting
{
public:
    /// Runs `store` and wakes the waiter, unless that happened before or the waiter gave up.
    template <class Store>
    void complete(Store store)
    {
        auto waiter = finish(store);
        if (waiter)
            waiter->resume();
    }

    /// The waiter gives up.
    void abandon()
    {
        complete([] {});
    }

    void park(std::unique_ptr<parked> waiter)
    {
        {
            std::lock_guard const lock(mutex_);
            if (!done_)
            {
                waiter_ = std::move(waiter);
                return;
            }
        }
        waiter->resume();
    }

    /// Nobody will complete it: frees the waiter without resuming it. One that comes later goes on
    /// with nothing stored.
    void drop()
    {
        std::unique_ptr<parked> waiter;
        std::lock_guard const lock(mutex_);
        done_ = true;
        waiter = std::move(waiter_);
    }

private:
    template <class Store>
    std::unique_ptr<parked> finish(Store& store)
    {
        std::lock_guard const lock(mutex_);
        if (done_)
            return nullptr;
        store();
        done_ = true;
        return std::move(waiter_);
    }

    std::mutex mutex_;
    std::unique_ptr<parked> waiter_;
    bool done_ = false;
};

template <class Handler>
class parked_handler final : public parked
{
public:
    explicit parked_handler(Handler handler)
        : work_(boost::asio::get_associated_executor(handler)),
          handler_(std::move(handler))
    {
    }

    void resume() override
    {
        auto const executor = work_.get_executor();
        boost::asio::post(executor,
                          [handler = std::move(handler_), work = std::move(work_)]() mutable
                          {
                              // No cancellation may reach the meeting once its owner goes on.
                              auto slot = boost::asio::get_associated_cancellation_slot(handler);
                              slot.clear();
                              std::move(handler)();
                          });
    }

private:
    boost::asio::executor_work_guard<boost::asio::associated_executor_t<Handler>> work_;
    Handler handler_;
};

struct initiate_meet
{
    template <class Handler>
    void operator()(Handler&& handler, meeting* where) const
    {
        auto slot = boost::asio::get_associated_cancellation_slot(handler);
        if (slot.is_connected())
            slot.assign([where](boost::asio::cancellation_type) { where->abandon(); });
        using handler_type = std::decay_t<Handler>;
        where->park(std::make_unique<parked_handler<handler_type>>(std::forward<Handler>(handler)));
    }
};

/// Waits for the meeting. `where` must stay alive in the caller's frame.
/// Cancellation: terminal; completes normally, with nothing stored.
inline boost::asio::awaitable<void> meet(meeting& where)
{
    return boost::asio::async_initiate<boost::asio::use_awaitable_t<> const, void()>(
        initiate_meet(), boost::asio::use_awaitable, &where);
}

} // namespace kusto::async::detail

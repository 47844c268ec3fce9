#pragma once

#include <async/one_shot.hpp>
#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/this_coro.hpp>
#include <exception>
#include <memory>
#include <mutex>
#include <optional>
#include <type_traits>
#include <utility>

namespace kusto::async
{

/// Whether threads of a pool may still wake coroutines of another execution context.
///
/// A context must not be destroyed while another thread posts to it. So whoever knows that it may
/// go revokes first: `revoke` waits for wake-ups under way, and there are none afterwards.
/// Thread-safe.
class wake_permit
{
public:
    void revoke()
    {
        std::lock_guard const lock(mutex_);
        revoked_ = true;
    }

    template <class Wake>
    void run(Wake wake)
    {
        std::lock_guard const lock(mutex_);
        if (!revoked_)
            wake();
    }

private:
    std::mutex mutex_;
    bool revoked_ = false;
};

namespace detail
{

template <class T>
class offloaded
{
public:
    std::mutex mutex;
    one_shot* waiter = nullptr;
    std::optional<T> value;
    std::exception_ptr error;
};

template <class T>
class offload_wait
{
public:
    offload_wait(std::shared_ptr<offloaded<T>> job, boost::asio::any_io_executor executor)
        : event(std::move(executor)),
          job_(std::move(job))
    {
        job_->waiter = &event;
    }
    offload_wait(offload_wait const&) = delete;
    offload_wait& operator=(offload_wait const&) = delete;
    ~offload_wait()
    {
        std::lock_guard const lock(job_->mutex);
        job_->waiter = nullptr;
    }

    one_shot event;

private:
    std::shared_ptr<offloaded<T>> job_;
};

} // namespace detail

/// Runs `work()` on `pool` and completes with its result (not void) or exception on the caller's
/// executor.
///
/// The pool never sees the calling coroutine: if its frame is destroyed meanwhile, with or without
/// its execution context, `work` runs to its end by itself and its result is dropped. So `work`
/// must own all that it touches. Cancellation: terminal, ends the wait.
template <class Work>
[[nodiscard]] boost::asio::awaitable<std::invoke_result_t<Work&>>
offload(boost::asio::any_io_executor pool, std::shared_ptr<wake_permit> permit, Work work)
{
    using value_type = std::invoke_result_t<Work&>;
    auto const job = std::make_shared<detail::offloaded<value_type>>();
    auto const executor = co_await boost::asio::this_coro::executor;
    detail::offload_wait<value_type> wait(job, executor);
    auto run = [job, permit, work = std::optional<Work>(std::move(work))]() mutable
    {
        std::optional<value_type> value;
        std::exception_ptr error;
        try
        {
            value.emplace((*work)());
        }
        catch (...)
        {
            error = std::current_exception();
        }
        // What the work owns is released before the caller goes on.
        work.reset();
        permit->run(
            [&]
            {
                std::lock_guard const lock(job->mutex);
                job->value = std::move(value);
                job->error = error;
                if (job->waiter != nullptr)
                    job->waiter->set();
            });
    };
    boost::asio::post(pool, std::move(run));
    (void)co_await wait.event.wait();
    std::lock_guard const lock(job->mutex);
    if (job->error)
        std::rethrow_exception(job->error);
    co_return std::move(*job->value);
}

} // namespace kusto::async

#pragma once

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/asio/use_future.hpp>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <future>
#include <memory>
#include <optional>
#include <stdexcept>
#include <thread>
#include <utility>
#include <vector>

namespace kusto::test
{

enum class runtime_kind
{
    one_thread,
    four_threads,
    pool,
};

inline char const* to_string(runtime_kind kind) noexcept
{
    switch (kind)
    {
    case runtime_kind::one_thread:
        return "io_context, 1 thread";
    case runtime_kind::four_threads:
        return "io_context, 4 threads";
    case runtime_kind::pool:
        return "thread_pool";
    }
    return "";
}

inline constexpr runtime_kind all_runtimes[] = {runtime_kind::one_thread,
                                                runtime_kind::four_threads, runtime_kind::pool};

/// Threads that run an execution context until the object is destroyed.
class runtime
{
public:
    explicit runtime(runtime_kind kind)
    {
        if (kind == runtime_kind::pool)
        {
            pool_.emplace(4);
            return;
        }
        context_.emplace();
        work_.emplace(context_->get_executor());
        int const threads = kind == runtime_kind::one_thread ? 1 : 4;
        for (int i = 0; i < threads; ++i)
            threads_.emplace_back([this] { context_->run(); });
    }
    ~runtime()
    {
        work_.reset();
        if (context_)
            context_->stop();
        for (auto& one : threads_)
            one.join();
        if (pool_)
        {
            pool_->stop();
            pool_->join();
        }
    }
    runtime(runtime const&) = delete;
    runtime& operator=(runtime const&) = delete;

    [[nodiscard]] boost::asio::any_io_executor executor()
    {
        if (pool_)
            return pool_->get_executor();
        return context_->get_executor();
    }

    template <class T>
    [[nodiscard]] std::future<T> start(boost::asio::awaitable<T> op)
    {
        return boost::asio::co_spawn(executor(), std::move(op), boost::asio::use_future);
    }

    /// A test that hangs ends here, with the whole program: nothing else could end it.
    template <class T>
    static T finish(std::future<T> result)
    {
        if (result.wait_for(std::chrono::seconds(120)) != std::future_status::ready)
        {
            std::fputs("the test hangs\n", stderr);
            std::abort();
        }
        return result.get();
    }

    template <class T>
    T run(boost::asio::awaitable<T> op)
    {
        return finish(start(std::move(op)));
    }

private:
    std::optional<boost::asio::io_context> context_;
    std::optional<boost::asio::executor_work_guard<boost::asio::io_context::executor_type>> work_;
    std::optional<boost::asio::thread_pool> pool_;
    std::vector<std::thread> threads_;
};

} // namespace kusto::test

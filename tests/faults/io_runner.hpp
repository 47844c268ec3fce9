#pragma once

#include <atomic>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

namespace kusto::faults
{

/// An io_context and the threads that run it.
class io_runner
{
public:
    explicit io_runner(std::size_t threads) : count_(threads) { start(); }
    io_runner(io_runner const&) = delete;
    io_runner& operator=(io_runner const&) = delete;
    ~io_runner() { stop(); }

    boost::asio::io_context& context() noexcept { return io_; }

    /// Ends the threads wherever they are; what is under way stays where it is.
    void stop()
    {
        io_.stop();
        join();
    }

    /// Goes on after `stop`.
    void start()
    {
        io_.restart();
        work_.emplace(io_.get_executor());
        running_ = count_;
        for (std::size_t i = 0; i < count_; ++i)
            threads_.emplace_back([this] { run(); });
    }

    /// Lets the threads end when nothing is left to do. \returns false when something still was
    /// after `limit`; then they were stopped
    bool run_dry(std::chrono::milliseconds limit)
    {
        work_.reset();
        bool dry = false;
        {
            std::unique_lock lock(mutex_);
            dry = ended_.wait_for(lock, limit, [this] { return running_ == 0; });
        }
        stop();
        return dry;
    }

private:
    void run()
    {
        io_.run();
        {
            std::lock_guard const lock(mutex_);
            --running_;
        }
        ended_.notify_all();
    }

    void join()
    {
        for (auto& one : threads_)
            one.join();
        threads_.clear();
        work_.reset();
    }

    std::size_t const count_;
    boost::asio::io_context io_;
    std::optional<boost::asio::executor_work_guard<boost::asio::io_context::executor_type>> work_;
    std::mutex mutex_;
    std::condition_variable ended_;
    std::size_t running_ = 0;
    std::vector<std::thread> threads_;
};

} // namespace kusto::faults

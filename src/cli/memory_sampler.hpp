#pragma once

#include <chrono>
#include <cli/process_measures.hpp>
#include <condition_variable>
#include <cstdio>
#include <fstream>
#include <functional>
#include <kusto/statistics.hpp>
#include <mutex>
#include <thread>

namespace kusto::cli
{

/// Writes memory and progress over time to a CSV file, on a thread of its own, until it is
/// destroyed. Does nothing without a file.
class memory_sampler
{
public:
    memory_sampler(std::string const& path, std::function<sink_statistics()> read)
    {
        if (path.empty())
            return;
        thread_ = std::thread([this, path, read = std::move(read)] { run(path, read); });
    }

    ~memory_sampler()
    {
        {
            std::lock_guard const lock(mutex_);
            stopping_ = true;
        }
        stopped_.notify_all();
        if (thread_.joinable())
            thread_.join();
    }

    memory_sampler(memory_sampler const&) = delete;
    memory_sampler& operator=(memory_sampler const&) = delete;

private:
    void run(std::string const& path, std::function<sink_statistics()> const& read)
    {
        std::ofstream out(path, std::ios::trunc);
        out << "seconds,rss_bytes,budget_bytes,accepted_bytes,delivered_bytes\n";
        auto const start = std::chrono::steady_clock::now();
        std::unique_lock lock(mutex_);
        auto next = start;
        while (!stopping_)
        {
            std::chrono::duration<double> const time = std::chrono::steady_clock::now() - start;
            auto const now = read();
            out << time.count() << ',' << resident_bytes() << ',' << now.budget_bytes << ','
                << now.report.accepted.bytes << ',' << now.report.delivered.bytes << '\n';
            next += std::chrono::milliseconds(200);
            stopped_.wait_until(lock, next, [this] { return stopping_; });
        }
    }

    std::mutex mutex_;
    std::condition_variable stopped_;
    bool stopping_ = false;
    std::thread thread_;
};

} // namespace kusto::cli

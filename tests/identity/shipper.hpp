#pragma once

// The program that moves from machine to machine. Nothing in it knows where it runs.

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/asio/use_future.hpp>
#include <chrono>
#include <cstdint>
#include <kusto/sink.hpp>
#include <optional>
#include <string>
#include <tuple>

namespace kusto::test
{

class shipper
{
public:
    /// Runs a coroutine to its end.
    template <class T>
    T run(boost::asio::awaitable<T> operation)
    {
        return boost::asio::co_spawn(threads, std::move(operation), boost::asio::use_future).get();
    }

    /// Writes some records. \returns how many were delivered. \throws error that says why not
    std::uint64_t ship(connection_options where, std::string text)
    {
        where.retry(
            retry_options().base(std::chrono::milliseconds(5)).cap(std::chrono::milliseconds(50)));
        write_options write("NetDefaultDB", "Readings");
        write.parallelism(1);
        batching_sink sink(threads.get_executor(), std::move(where), write);
        auto const report = run(send(sink, std::move(text)));
        auto const trouble = sink.statistics().trouble;
        if (report.first_failure)
            throw error(*report.first_failure);
        if (!report.complete() && trouble)
            throw error(*trouble);
        return report.delivered.records;
    }

    boost::asio::thread_pool threads{2};

private:
    static boost::asio::awaitable<delivery_report> send(batching_sink& sink, std::string text)
    {
        for (std::int64_t i = 0; i < 3; ++i)
        {
            auto const record = std::make_tuple(i, text);
            co_await sink.write(record);
        }
        auto report = co_await sink.close(deadline::after(std::chrono::seconds(20)));
        co_return report;
    }
};

/// Why `operation` threw; nothing if it did not.
template <class F>
std::optional<failure> failure_of(F&& operation)
{
    try
    {
        operation();
    }
    catch (error const& e)
    {
        return e.why();
    }
    return std::nullopt;
}

} // namespace kusto::test

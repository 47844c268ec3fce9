#pragma once

#include "fake_channel.hpp"
#include "runtime.hpp"

#include <async/clock.hpp>
#include <atomic>
#include <boost/asio/post.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <chrono>
#include <kusto/sink.hpp>
#include <memory>
#include <sink/sink_state.hpp>
#include <string>

namespace kusto::test
{

/// Options for tests: large batches, no timer, two compression threads.
inline write_options calm_options()
{
    write_options options("db", "t");
    options.batch_size(1u << 30)
        .batch_interval(std::chrono::hours(1))
        .compression_threads(2)
        .compression(compression::zlib(1));
    return options;
}

inline batching_sink make_sink(boost::asio::any_io_executor executor,
                               std::shared_ptr<fake_channel> const& channel,
                               write_options const& options,
                               sink::environment around = sink::environment())
{
    return batching_sink(
        sink::make_sink_state(std::move(executor), channel, options, std::move(around)));
}

/// Writes records `first` to `first + count - 1`.
inline boost::asio::awaitable<void> produce(batching_sink& sink, std::uint64_t first,
                                            std::uint64_t count, std::size_t size,
                                            bool compressible = true)
{
    for (auto id = first; id < first + count; ++id)
    {
        auto const text = make_record(id, size, compressible);
        csv_line const record(text);
        co_await sink.write(record);
    }
}

/// The same through one writer, which outlives the sink.
inline boost::asio::awaitable<void> produce_on(sink_writer writer, std::uint64_t first,
                                               std::uint64_t count, std::size_t size,
                                               bool compressible = true)
{
    for (auto id = first; id < first + count; ++id)
    {
        auto const text = make_record(id, size, compressible);
        csv_line const record(text);
        co_await writer.write(record);
    }
}

/// Accepted is always the sum of the rest.
inline bool adds_up(delivery_report const& r)
{
    auto const sum = [&](auto of)
    {
        return of(r.delivered) + of(r.failed) + of(r.dead_lettered) + of(r.unknown) +
               of(r.pending);
    };
    auto const whole = [&](auto of) { return of(r.accepted) == sum(of); };
    return whole([](delivery_counts const& c) { return c.records; }) &&
           whole([](delivery_counts const& c) { return c.bytes; }) &&
           whole([](delivery_counts const& c) { return c.blobs; });
}

/// A clock on which waits are over at once, and the time they would have taken has passed.
class skipping_clock final : public async::clock
{
public:
    [[nodiscard]] time_point now() const noexcept override
    {
        return std::chrono::steady_clock::now() + skipped();
    }
    [[nodiscard]] utc_time_point utc_now() const noexcept override
    {
        return std::chrono::system_clock::now();
    }
    [[nodiscard]] boost::asio::awaitable<void> wait_until(time_point until) override
    {
        auto const missing = until - now();
        if (missing > missing.zero())
            skipped_ += missing.count();
        auto const executor = co_await boost::asio::this_coro::executor;
        co_await boost::asio::post(executor, boost::asio::use_awaitable);
    }
    [[nodiscard]] std::chrono::steady_clock::duration skipped() const noexcept
    {
        return std::chrono::steady_clock::duration(skipped_.load());
    }

private:
    std::atomic<std::chrono::steady_clock::duration::rep> skipped_ = 0;
};

} // namespace kusto::test

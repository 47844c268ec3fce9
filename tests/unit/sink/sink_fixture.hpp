#pragma once

#include "fake_channel.hpp"
#include "runtime.hpp"

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
        .compression_level(1);
    return options;
}

inline batching_sink make_sink(boost::asio::any_io_executor executor,
                               std::shared_ptr<fake_channel> const& channel,
                               write_options const& options)
{
    return batching_sink(sink::make_sink_state(std::move(executor), channel, options));
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
    return r.accepted.records ==
               r.delivered.records + r.failed.records + r.unknown.records + r.pending.records &&
           r.accepted.bytes ==
               r.delivered.bytes + r.failed.bytes + r.unknown.bytes + r.pending.bytes &&
           r.accepted.blobs ==
               r.delivered.blobs + r.failed.blobs + r.unknown.blobs + r.pending.blobs;
}

} // namespace kusto::test

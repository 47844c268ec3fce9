// What `write` costs beyond encoding: a sink that is never flushed and has room for everything.
#include "encode_samples.hpp"

#include <benchmark/benchmark.h>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <kusto/lines.hpp>
#include <kusto/sink.hpp>
#include <malloc.h>
#include <memory>
#include <sink/sink_state.hpp>
#include <stdexcept>

namespace
{

namespace asio = boost::asio;
using namespace kusto;

constexpr std::size_t sample_size = 1024;
constexpr std::uint64_t budget = std::uint64_t(64) << 20;
/// Written to one sink before the next is made.
constexpr std::uint64_t bytes_of_a_sink = budget / 2;

class no_channel final : public service::ingest_channel
{
public:
    asio::awaitable<result<service::uploaded_blob>>
    upload(service::batch_identity, service::block_stream&, deadline) override
    {
        throw std::logic_error("nothing is delivered here");
    }
    asio::awaitable<result<service::posted_message>>
    post(service::batch_identity, service::uploaded_blob const&, std::uint64_t, deadline) override
    {
        throw std::logic_error("nothing is delivered here");
    }
    asio::awaitable<result<service::ingestion_end>>
    confirm(service::batch_identity, service::posted_message const&, deadline) override
    {
        throw std::logic_error("nothing is delivered here");
    }
};

/// A sink whose executor nobody runs: records stay in the open batch.
class idle_sink
{
public:
    explicit idle_sink(std::size_t parallelism)
        : sink(sink::make_sink_state(context_.get_executor(), std::make_shared<no_channel>(),
                                     options(parallelism)))
    {
    }

private:
    static write_options options(std::size_t parallelism)
    {
        // Chunks come from memory that has been used before, as in a sink that runs for long.
        (void)mallopt(M_MMAP_THRESHOLD, 1 << 30);
        (void)mallopt(M_TRIM_THRESHOLD, 1 << 30);
        write_options made("db", "t");
        made.batch_size(std::uint64_t(1) << 32)
            .client_batch_size_limit(std::uint64_t(1) << 30)
            .byte_budget(budget)
            .compression_threads(1)
            .parallelism(parallelism);
        return made;
    }

    asio::io_context context_;

public:
    batching_sink sink;
};

struct counts
{
    std::uint64_t bytes = 0;
    std::uint64_t records = 0;
};

/// Calls `fill(sink, records)` with sinks that have room, until the benchmark is over.
template <class Fill>
void run(benchmark::State& state, std::uint64_t record_bytes, Fill fill)
{
    auto const records = bytes_of_a_sink / record_bytes / sample_size * sample_size;
    std::int64_t done = 0;
    for (auto _ : state)
    {
        state.PauseTiming();
        auto idle = std::make_unique<idle_sink>(1);
        state.ResumeTiming();
        fill(idle->sink, records);
        state.PauseTiming();
        idle.reset();
        state.ResumeTiming();
        done += static_cast<std::int64_t>(records);
    }
    state.SetBytesProcessed(done * static_cast<std::int64_t>(record_bytes));
    state.SetItemsProcessed(done);
}

template <class Record>
asio::awaitable<void> write_all(batching_sink& sink, std::vector<Record> const& samples,
                                std::uint64_t records)
{
    for (std::uint64_t i = 0; i < records; ++i)
        co_await sink.write(samples[i % sample_size]);
}

template <class Record>
void awaited(batching_sink& sink, std::vector<Record> const& samples, std::uint64_t records)
{
    asio::io_context context(1);
    asio::co_spawn(context, write_all(sink, samples, records), asio::detached);
    context.run();
}

template <class Record>
void tried(batching_sink& sink, std::vector<Record> const& samples, std::uint64_t records)
{
    for (std::uint64_t i = 0; i < records; ++i)
        if (!sink.try_write(samples[i % sample_size]))
            throw std::runtime_error("no room");
}

std::vector<csv_line> as_records(std::vector<std::string> const& lines)
{
    return std::vector<csv_line>(lines.begin(), lines.end());
}

/// Two bytes: everything but encoding and copying.
void write_short_lines(benchmark::State& state)
{
    std::vector<csv_line> const samples(sample_size, csv_line("1"));
    run(state, 64, [&](auto& sink, auto records) { awaited(sink, samples, records); });
}
BENCHMARK(write_short_lines);

void try_write_short_lines(benchmark::State& state)
{
    std::vector<csv_line> const samples(sample_size, csv_line("1"));
    run(state, 64, [&](auto& sink, auto records) { tried(sink, samples, records); });
}
BENCHMARK(try_write_short_lines);

void write_lines(benchmark::State& state)
{
    auto const lines = micro::make_lines(sample_size);
    auto const samples = as_records(lines);
    run(state, 240, [&](auto& sink, auto records) { awaited(sink, samples, records); });
}
BENCHMARK(write_lines);

void try_write_lines(benchmark::State& state)
{
    auto const lines = micro::make_lines(sample_size);
    auto const samples = as_records(lines);
    run(state, 240, [&](auto& sink, auto records) { tried(sink, samples, records); });
}
BENCHMARK(try_write_lines);

void write_structs(benchmark::State& state)
{
    auto const samples = micro::make_events(sample_size);
    run(state, 190, [&](auto& sink, auto records) { awaited(sink, samples, records); });
}
BENCHMARK(write_structs);

} // namespace

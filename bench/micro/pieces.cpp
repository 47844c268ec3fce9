// The parts of the way of a batch, one by one. Encoding and the write path are beside this file.
#include <async/byte_budget.hpp>
#include <base/guid.hpp>
#include <base/url.hpp>
#include <benchmark/benchmark.h>
#include <gzip/compressor.hpp>
#include <kusto/options.hpp>
#include <random>
#include <span>
#include <string>
#include <vector>
#include <wire/ingestion_message.hpp>

namespace
{

using namespace kusto;

/// About 4 MiB of log-like lines, in chunks as the sink has them.
std::vector<std::string> const& chunks()
{
    static std::vector<std::string> const made = []
    {
        constexpr char const* words[] = {"request", "completed", "cache", "miss", "user", "session"};
        std::mt19937_64 random(1);
        std::vector<std::string> out(16);
        for (auto& chunk : out)
            while (chunk.size() < 256 * 1024 - 300)
            {
                chunk += "2026-11-22T10:00:00." + std::to_string(1'000'000 + random() % 9'000'000);
                chunk += "Z,info,host-" + std::to_string(random() % 40) + ',' +
                         std::to_string(random()) + ',';
                for (int i = 0; i < 20; ++i)
                    chunk.append(words[random() % 6]).push_back(' ');
                chunk.back() = '\n';
            }
        return out;
    }();
    return made;
}

void compress(benchmark::State& state, compression how)
{
    auto const supplies = std::make_shared<gzip::supplies>(std::size_t(16) << 20, 1);
    gzip::compressor compressor(how, std::size_t(4) << 20, supplies);
    std::size_t raw = 0;
    for (auto const& chunk : chunks())
        raw += chunk.size();
    std::size_t packed = 0;
    for (auto _ : state)
    {
        std::vector<gzip::block> blocks;
        compressor.reset();
        for (auto const& chunk : chunks())
            compressor.add(std::as_bytes(std::span(chunk)), blocks);
        compressor.finish(blocks);
        packed = 0;
        for (auto const& block : blocks)
            packed += block.size();
    }
    state.SetBytesProcessed(static_cast<std::int64_t>(raw) * state.iterations());
    state.counters["ratio"] = double(raw) / double(packed);
}

void compress_zlib(benchmark::State& state)
{
    compress(state, compression::zlib(static_cast<int>(state.range(0))));
}
BENCHMARK(compress_zlib)->Arg(1)->Arg(3)->Arg(6)->Arg(9);

void compress_igzip(benchmark::State& state)
{
    if (!compression::igzip_available())
        return state.SkipWithError("built without ISA-L");
    compress(state, compression::igzip(static_cast<int>(state.range(0))));
}
BENCHMARK(compress_igzip)->DenseRange(0, 3);

std::shared_ptr<async::byte_budget> const& shared_budget()
{
    static auto const made = std::make_shared<async::byte_budget>(std::uint64_t(1) << 30);
    return made;
}

void budget_lease(benchmark::State& state)
{
    auto const& budget = shared_budget();
    for (auto _ : state)
    {
        auto lease = budget->try_acquire(256 * 1024);
        benchmark::DoNotOptimize(lease);
    }
}
BENCHMARK(budget_lease)->Threads(1)->Threads(2);

void queue_message(benchmark::State& state)
{
    write_options const options("Telemetry", "Events");
    wire::ingestion_message const whole(options, wire::client_identity());
    auto const blob = base::url::parse(
        "https://store.blob.core.windows.net/c/name.csv.gz?sv=2021-12-02&sig=abc%3D&sp=rw");
    auto const id = base::guid::random();
    for (auto _ : state)
    {
        auto message = whole;
        message.batch(id, *blob, 250'000, data_format::csv).authorization_context("token");
        benchmark::DoNotOptimize(message.to_json());
    }
}
BENCHMARK(queue_message);

} // namespace

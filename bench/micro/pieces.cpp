// The parts of the way of a batch, one by one. Encoding and the write path are beside this file.
#include "../bound_compressor.hpp"

#include <async/byte_budget.hpp>
#include <base/guid.hpp>
#include <base/url.hpp>
#include <benchmark/benchmark.h>
#include <kusto/options.hpp>
#include <random>
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

void compress(benchmark::State& state, char const* codec)
{
    bound_compressor how(codec + std::to_string(state.range(0)));
    std::size_t raw = 0;
    for (auto const& chunk : chunks())
        raw += chunk.size();
    std::size_t packed = 0;
    for (auto _ : state)
    {
        packed = how.run(chunks()).size();
        benchmark::DoNotOptimize(packed);
    }
    state.SetBytesProcessed(static_cast<std::int64_t>(raw) * state.iterations());
    state.counters["ratio"] = double(raw) / double(packed);
}
BENCHMARK_CAPTURE(compress, zlib, "zlib:")->Arg(1)->Arg(3)->Arg(6)->Arg(9);
#ifdef KUSTO_HAVE_ISAL
BENCHMARK_CAPTURE(compress, igzip, "igzip:")->DenseRange(0, 3);
#endif

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

// What encoding costs, by kind of record and by type of field, with the bounds beside it.
//
// `bytes_per_second` counts what was written. Run with --benchmark_repetitions=5.
#include "encode_samples.hpp"

#include <benchmark/benchmark.h>
#include <cstring>
#include <kusto/lines.hpp>
#include <limits>
#include <random>

namespace
{

using namespace kusto;

constexpr std::size_t sample_size = 1024;

/// Encodes the samples in turn into a buffer that is emptied before each.
template <class Sample>
void encode_samples(benchmark::State& state, std::vector<Sample> const& samples)
{
    record_buffer out;
    std::size_t at = 0;
    std::uint64_t bytes = 0;
    for (auto _ : state)
    {
        out.clear();
        (void)encode_record(samples[at], out);
        bytes += out.size();
        benchmark::DoNotOptimize(out.data());
        at = (at + 1) % sample_size;
    }
    state.SetBytesProcessed(static_cast<std::int64_t>(bytes));
    state.SetItemsProcessed(state.iterations());
}

template <class Make>
auto samples_of(Make make)
{
    std::mt19937_64 random(7);
    std::vector<decltype(make(random))> made;
    for (std::size_t i = 0; i < sample_size; ++i)
        made.push_back(make(random));
    return made;
}

void struct_of_10_fields(benchmark::State& state)
{
    encode_samples(state, micro::make_events(sample_size));
}
BENCHMARK(struct_of_10_fields);

void struct_of_10_fields_bound_to_chars(benchmark::State& state)
{
    auto const samples = micro::make_events(sample_size);
    std::vector<char> out(4096);
    std::size_t at = 0;
    std::uint64_t bytes = 0;
    for (auto _ : state)
    {
        auto* const end = micro::format_unchecked(samples[at], out.data());
        bytes += static_cast<std::uint64_t>(end - out.data());
        benchmark::DoNotOptimize(out.data());
        benchmark::ClobberMemory();
        at = (at + 1) % sample_size;
    }
    state.SetBytesProcessed(static_cast<std::int64_t>(bytes));
    state.SetItemsProcessed(state.iterations());
}
BENCHMARK(struct_of_10_fields_bound_to_chars);

void struct_of_10_fields_as_json(benchmark::State& state)
{
    auto const events = micro::make_events(sample_size);
    std::vector<json_object<micro::event>> samples;
    for (auto const& e : events)
        samples.push_back(as_json(e));
    encode_samples(state, samples);
}
BENCHMARK(struct_of_10_fields_as_json);

void row_of_10_fields(benchmark::State& state)
{
    std::vector<row> samples;
    for (auto const& e : micro::make_events(sample_size))
    {
        row r(datetime(e.when), e.level, e.host, e.session, e.status, e.seconds, e.cached, e.trace);
        r.add(e.bytes.value_or(0));
        r.add(e.message);
        samples.push_back(std::move(r));
    }
    encode_samples(state, samples);
}
BENCHMARK(row_of_10_fields);

// Ten fields of one type: the cost of one is a tenth.

template <class Make>
void ten_of(benchmark::State& state, Make make)
{
    encode_samples(state, samples_of(
                              [&](std::mt19937_64& random)
                              {
                                  using field = decltype(make(random));
                                  std::array<field, 10> made;
                                  for (auto& f : made)
                                      f = make(random);
                                  return made;
                              }));
}

std::int64_t any_length(std::mt19937_64& random)
{
    return static_cast<std::int64_t>(random() >> (1 + random() % 60));
}

BENCHMARK_CAPTURE(ten_of, datetime_of_one_day, [](auto& random) {
    return datetime::from_ticks(639'000'000'000'000'000 +
                                static_cast<std::int64_t>(random() % 864'000'000'000))
        ;
});
BENCHMARK_CAPTURE(ten_of, datetime_of_any_day, [](auto& random) {
    return datetime::from_ticks(static_cast<std::int64_t>(random() % datetime::max_ticks));
});
BENCHMARK_CAPTURE(ten_of, timespan, [](auto& random) {
    return timespan::from_ticks(static_cast<std::int64_t>(random() % 10'000'000'000));
});
BENCHMARK_CAPTURE(ten_of, int64_any_length, any_length);
BENCHMARK_CAPTURE(ten_of, int32_of_3_digits,
                  [](auto& random) { return static_cast<std::int32_t>(100 + random() % 900); });
BENCHMARK_CAPTURE(ten_of, boolean, [](auto& random) { return random() % 2 == 0; });
BENCHMARK_CAPTURE(ten_of, double_of_17_digits, [](auto& random) {
    return static_cast<double>(random()) / 1.8446744073709552e19;
});
BENCHMARK_CAPTURE(ten_of, double_of_3_decimals,
                  [](auto& random) { return static_cast<double>(random() % 100'000) / 1000; });
BENCHMARK_CAPTURE(ten_of, double_of_an_integer,
                  [](auto& random) { return static_cast<double>(random() % 100'000); });
BENCHMARK_CAPTURE(ten_of, guid, [](auto& random) {
    std::array<std::uint8_t, 16> bytes{};
    for (auto& b : bytes)
        b = static_cast<std::uint8_t>(random());
    return guid(bytes);
});
BENCHMARK_CAPTURE(ten_of, string_of_8,
                  [](auto&) { return std::string_view("abcdefgh"); });
BENCHMARK_CAPTURE(ten_of, string_of_80, [](auto&) {
    return std::string_view("0123456789abcdefghijklmnopqrstuvwxyz 0123456789 abcdefghijklmnopqrst"
                            "uvwxyz012345");
});
BENCHMARK_CAPTURE(ten_of, string_of_80_with_a_comma, [](auto&) {
    return std::string_view("0123456789abcdefghijklmnopqrstuvwxyz 0123456789,abcdefghijklmnopqrst"
                            "uvwxyz012345");
});
BENCHMARK_CAPTURE(ten_of, string_of_80_not_ascii, [](auto&) {
    return std::string_view("0123456789abcdefghijklmnopqrstuvwxyz 0123456789 abcdefghijklmnopqrst"
                            "uvwxyz0123\xc3\xa4");
});

void lines_of(benchmark::State& state, char const* extra)
{
    auto const texts = micro::make_lines(sample_size);
    std::vector<std::string> lines;
    for (auto const& text : texts)
        lines.push_back(text + extra);
    std::vector<csv_line> samples(lines.begin(), lines.end());
    encode_samples(state, samples);
}
BENCHMARK_CAPTURE(lines_of, csv_line, "");
BENCHMARK_CAPTURE(lines_of, csv_line_with_quotes, ",\"a text, in quotes\",\"and \"\"more\"\"\"");
BENCHMARK_CAPTURE(lines_of, csv_line_not_ascii, ",stra\xc3\x9f" "e");

void json_lines(benchmark::State& state)
{
    std::vector<std::string> lines;
    record_buffer out;
    for (auto const& e : micro::make_events(sample_size))
    {
        out.clear();
        (void)encode_record(as_json(e), out);
        lines.emplace_back(out.view());
    }
    std::vector<json_line> samples(lines.begin(), lines.end());
    encode_samples(state, samples);
}
BENCHMARK(json_lines);

void lines_bound_memcpy(benchmark::State& state)
{
    auto const lines = micro::make_lines(sample_size);
    std::vector<char> out(4096);
    std::size_t at = 0;
    std::uint64_t bytes = 0;
    for (auto _ : state)
    {
        auto const& line = lines[at];
        std::memcpy(out.data(), line.data(), line.size());
        out[line.size()] = '\n';
        bytes += line.size() + 1;
        benchmark::DoNotOptimize(out.data());
        benchmark::ClobberMemory();
        at = (at + 1) % sample_size;
    }
    state.SetBytesProcessed(static_cast<std::int64_t>(bytes));
    state.SetItemsProcessed(state.iterations());
}
BENCHMARK(lines_bound_memcpy);

} // namespace

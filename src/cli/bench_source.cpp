#include <cli/bench_source.hpp>

#include <algorithm>
#include <array>
#include <cstdio>
#include <fstream>
#include <kusto/emulator/discard.hpp>
#include <kusto/record.hpp>
#include <limits>
#include <random>
#include <stdexcept>
#include <time.h>

namespace kusto::cli
{

namespace
{

constexpr int distinct_records = 10'000;
constexpr char const* words[] = {"request", "completed", "cache",    "miss",    "user",    "session",
                                 "timeout", "retry",     "upstream", "payload", "decoded", "shard"};

std::string sentence(std::mt19937_64& random, std::size_t length)
{
    std::string text;
    while (text.size() < length)
        text.append(words[random() % 12]).push_back(' ');
    text.back() = 'x';
    return text;
}

/// Fields of a CSV line, for a table that takes it.
std::size_t count_fields(std::string_view line)
{
    std::size_t count = 1;
    bool quoted = false;
    for (char const c : line)
    {
        quoted = quoted != (c == '"');
        count += c == ',' && !quoted ? 1 : 0;
    }
    return count;
}

} // namespace

bench_source::bench_source(bench_options const& options) : from_file_(options.source == "file")
{
    if (from_file_)
        read_file(options.file);
    else if (options.source == "lines")
        make_lines(options.seed);
    else
        make_structs(options.seed);
    for (auto const& line : lines_)
        csv_lines_.emplace_back(line);
}

void bench_source::sum_up(std::string_view line)
{
    std::string text(line);
    if (text.empty() || text.back() != '\n')
        text += '\n';
    bytes_ += text.size();
    line_sums_.push_back(emulator::line_checksum(text));
}

void bench_source::make_structs(std::uint64_t seed)
{
    std::mt19937_64 random(seed);
    auto const start = std::chrono::sys_days(std::chrono::year(2026) / 11 / 22);
    record_buffer buffer;
    for (int i = 0; i < distinct_records; ++i)
    {
        telemetry one;
        one.time = start + std::chrono::microseconds(random() % 86'400'000'000);
        one.host = "host-" + std::to_string(random() % 40);
        one.service = std::string(words[random() % 12]) + "-service";
        one.level = static_cast<std::int32_t>(random() % 5);
        one.micros = static_cast<std::int64_t>(random() % 100'000);
        one.load = static_cast<double>(random() % 10'000) / 100;
        one.ok = random() % 10 != 0;
        std::array<std::uint8_t, 16> trace{};
        for (auto& byte : trace)
            byte = static_cast<std::uint8_t>(random());
        one.trace = kusto::guid(trace);
        if (random() % 4 != 0)
            one.temperature = 20 + static_cast<double>(random() % 400) / 10;
        one.message = sentence(random, 120);
        buffer.clear();
        (void)encode_record(one, buffer);
        sum_up(buffer.view());
        structs_.push_back(std::move(one));
    }
}

/// What services really send compresses well, but not absurdly well.
void bench_source::make_lines(std::uint64_t seed)
{
    static constexpr char const* levels[] = {"info", "info", "info", "warning", "error"};
    std::mt19937_64 random(seed);
    for (int i = 0; i < distinct_records; ++i)
    {
        char head[200];
        auto const number = [&](std::uint64_t below) { return random() % below; };
        std::snprintf(head, sizeof(head), "2026-11-22T%02d:%02d:%02d.%07dZ,%s,host-%02d,%llu,%016llx%016llx,",
                      int(number(24)), int(number(60)), int(number(60)), int(number(10'000'000)),
                      levels[number(5)], int(number(40)),
                      static_cast<unsigned long long>(number(100'000)),
                      static_cast<unsigned long long>(random()),
                      static_cast<unsigned long long>(random()));
        std::string line = head;
        line += sentence(random, 235 - line.size());
        sum_up(line);
        lines_.push_back(std::move(line));
    }
}

void bench_source::read_file(std::string const& path)
{
    std::ifstream in(path, std::ios::binary);
    std::string line;
    while (std::getline(in, line))
    {
        if (line.empty())
            continue;
        sum_up(line);
        lines_.push_back(line);
    }
    if (lines_.empty())
        throw std::runtime_error("'" + path + "' cannot be read or has no lines");
}

double bench_source::encode_seconds_per_gb() const
{
    auto const cpu_time = []
    {
        timespec now{};
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
        return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) / 1e9;
    };
    record_buffer buffer;
    double best = std::numeric_limits<double>::max();
    for (int round = 0; round < 10; ++round)
    {
        auto const start = cpu_time();
        for (auto const& line : lines_)
        {
            buffer.clear();
            (void)encode_record(csv_line(line), buffer);
        }
        for (auto const& one : structs_)
        {
            buffer.clear();
            (void)encode_record(one, buffer);
        }
        best = std::min(best, cpu_time() - start);
    }
    return best * 1e9 / static_cast<double>(bytes_);
}

table_schema bench_source::schema() const
{
    if (lines_.empty())
        return schema_of<telemetry>();
    if (!from_file_)
        return {{"Time", "datetime"}, {"Level", "string"}, {"Host", "string"},
                {"Micros", "long"},   {"Trace", "string"}, {"Text", "string"}};
    table_schema columns;
    auto const count = count_fields(lines_.front());
    for (std::size_t i = 1; i <= count; ++i)
        columns.push_back({"C" + std::to_string(i), "string"});
    return columns;
}

} // namespace kusto::cli

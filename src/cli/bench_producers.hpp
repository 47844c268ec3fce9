#pragma once

#include <algorithm>
#include <boost/asio/awaitable.hpp>
#include <chrono>
#include <cli/bench_result.hpp>
#include <cli/bench_source.hpp>
#include <kusto/lines.hpp>
#include <kusto/sink.hpp>
#include <span>
#include <string>
#include <type_traits>
#include <vector>

namespace kusto::cli
{

/// What one producer does, and what it has seen.
struct producer_work
{
    std::uint64_t first = 0;   ///< index of its first record
    std::uint64_t records = 0; ///< how many
    /// Stop then, if that is earlier.
    std::chrono::steady_clock::time_point until = std::chrono::steady_clock::time_point::max();

    std::uint64_t written = 0;
    std::uint64_t line_sum = 0; ///< see `bench_source::line_sums`; where wanted
    fine_histogram write;
};

/// Writes as fast as the sink takes it. One write in 17 is timed, so that reading the clock is not
/// what is measured; the deadline is looked at as often. (With 16 the first record of a batch would
/// always be timed and the last one never.)
template <class Record>
boost::asio::awaitable<void> produce(sink_writer out, std::vector<Record> const& from,
                                     std::vector<std::uint32_t> const* sums, producer_work& work)
{
    std::size_t at = static_cast<std::size_t>(work.first % from.size());
    for (work.written = 0; work.written < work.records; ++work.written)
    {
        bool const timed = work.written % 17 == 0;
        std::chrono::steady_clock::time_point start;
        if (timed)
            start = std::chrono::steady_clock::now();
        if (timed && start >= work.until)
            break;
        if constexpr (std::is_same_v<Record, std::string>)
        {
            csv_line const line(from[at]);
            co_await out.write(line);
        }
        else
            co_await out.write(from[at]);
        if (timed)
            work.write.add(std::chrono::steady_clock::now() - start);
        if (sums != nullptr)
            work.line_sum += (*sums)[at];
        if (++at == from.size())
            at = 0;
    }
}

/// As `produce`, `group` records with each write, all of which are timed.
template <class Record>
boost::asio::awaitable<void> produce_groups(sink_writer out, std::vector<Record> const& from,
                                            std::size_t group,
                                            std::vector<std::uint32_t> const* sums,
                                            producer_work& work)
{
    std::span<Record const> const all(from);
    std::size_t at = static_cast<std::size_t>(work.first % from.size());
    for (work.written = 0; work.written < work.records;)
    {
        auto const start = std::chrono::steady_clock::now();
        if (start >= work.until)
            break;
        auto const left = static_cast<std::size_t>(
            (std::min<std::uint64_t>)(work.records - work.written, from.size() - at));
        auto const size = (std::min)(left, group);
        auto rest = all.subspan(at, size);
        co_await out.write(rest);
        work.write.add(std::chrono::steady_clock::now() - start);
        for (std::size_t i = at; sums != nullptr && i < at + size; ++i)
            work.line_sum += (*sums)[i];
        work.written += size;
        at = at + size == from.size() ? 0 : at + size;
    }
}

} // namespace kusto::cli

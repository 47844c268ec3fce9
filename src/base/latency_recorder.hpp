#pragma once

#include <algorithm>
#include <array>
#include <atomic>
#include <bit>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <kusto/statistics.hpp>

namespace kusto::base
{

/// Counts durations into the buckets of a `latency_histogram`.
///
/// \par Thread safety
/// `record` and `snapshot` may be called from any thread at any time; neither waits. A snapshot
/// taken while others record may hold a value in `buckets` and not yet in `sum`, or the reverse.
class latency_recorder
{
public:
    /// \param took  a negative duration counts as 0
    void record(std::chrono::steady_clock::duration took) noexcept
    {
        auto const elapsed = std::chrono::duration_cast<std::chrono::nanoseconds>(took).count();
        auto const value = elapsed > 0 ? static_cast<std::uint64_t>(elapsed) : 0;
        buckets_[bucket_of(value)].fetch_add(1, std::memory_order_relaxed);
        sum_.fetch_add(value, std::memory_order_relaxed);
    }

    [[nodiscard]] latency_histogram snapshot() const noexcept
    {
        latency_histogram seen;
        for (std::size_t i = 0; i < buckets_.size(); ++i)
            seen.buckets[i] = buckets_[i].load(std::memory_order_relaxed);
        auto const sum = sum_.load(std::memory_order_relaxed) / nanoseconds_in_unit;
        seen.sum = std::chrono::microseconds(static_cast<std::int64_t>(sum));
        return seen;
    }

private:
    static constexpr std::uint64_t nanoseconds_in_unit = 1000;

    /// Bounds are inclusive: exactly 2^n microseconds belong to bucket n.
    static std::size_t bucket_of(std::uint64_t nanoseconds) noexcept
    {
        auto const units =
            nanoseconds / nanoseconds_in_unit + (nanoseconds % nanoseconds_in_unit != 0 ? 1 : 0);
        auto const index = units == 0 ? 0 : static_cast<std::size_t>(std::bit_width(units - 1));
        return (std::min)(index, latency_histogram::bounded_buckets);
    }

    std::array<std::atomic<std::uint64_t>, latency_histogram::bucket_count> buckets_{};
    // In nanoseconds: many stages take less than the unit of the histogram.
    std::atomic<std::uint64_t> sum_{0};
};

} // namespace kusto::base

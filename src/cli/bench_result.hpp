#pragma once

#include <array>
#include <bit>
#include <chrono>
#include <cstdint>
#include <kusto/statistics.hpp>
#include <string>
#include <vector>

namespace kusto::cli
{

/// Durations in buckets of at most 1/16 of their size.
class fine_histogram
{
public:
    void add(std::chrono::nanoseconds took) noexcept
    {
        auto const ns = static_cast<std::uint64_t>(took.count() < 0 ? 0 : took.count());
        ++buckets_[index_of(ns)];
        ++count_;
        most_ = ns > most_ ? ns : most_;
    }

    void add(fine_histogram const& other) noexcept
    {
        for (std::size_t i = 0; i < buckets_.size(); ++i)
            buckets_[i] += other.buckets_[i];
        count_ += other.count_;
        most_ = other.most_ > most_ ? other.most_ : most_;
    }

    /// Upper bound of the quantile in seconds; 0 without values.
    [[nodiscard]] double quantile(double q) const noexcept
    {
        std::uint64_t left = static_cast<std::uint64_t>(q * static_cast<double>(count_)) + 1;
        for (std::size_t i = 0; i < buckets_.size(); ++i)
        {
            if (buckets_[i] >= left)
                return static_cast<double>(std::min(bound_of(i), most_)) / 1e9;
            left -= buckets_[i];
        }
        return static_cast<double>(most_) / 1e9;
    }
    [[nodiscard]] double most() const noexcept { return static_cast<double>(most_) / 1e9; }
    [[nodiscard]] std::uint64_t count() const noexcept { return count_; }

private:
    static constexpr unsigned split = 16;

    static std::size_t index_of(std::uint64_t ns) noexcept
    {
        if (ns < split)
            return static_cast<std::size_t>(ns);
        auto const shift = static_cast<unsigned>(std::bit_width(ns)) - 5;
        return (shift + 1) * split + static_cast<std::size_t>((ns >> shift) - split);
    }
    static std::uint64_t bound_of(std::size_t index) noexcept
    {
        if (index < split)
            return index;
        auto const shift = index / split - 1;
        return ((index % split + split + 1) << shift) - 1;
    }

    std::array<std::uint64_t, 61 * split> buckets_{};
    std::uint64_t count_ = 0;
    std::uint64_t most_ = 0;
};

/// What one run has shown.
struct bench_result
{
    std::size_t parallelism = 0;
    int repetition = 0;
    std::uint64_t records = 0;
    std::uint64_t raw_bytes = 0;
    std::uint64_t wire_bytes = 0;   ///< of the blobs
    double seconds = 0;             ///< first write to end of `close`
    double client_cpu = 0;          ///< seconds, of the client alone
    double compress_cpu = 0;        ///< of these, on other threads than the executor's: compression
    double encode_cpu = 0;          ///< of these, encoding, as measured by itself
    double server_cpu = 0;          ///< seconds
    std::uint64_t peak_rss = 0;     ///< of this process
    std::uint64_t budget_peak = 0;
    std::uint64_t allocations = 0;  ///< after the warm-up, to the last write
    fine_histogram write;           ///< one write in 17
    double delivered_p50 = 0;       ///< first record of a batch to delivered, seconds
    double delivered_p99 = 0;
    std::uint64_t batches = 0;
    std::uint64_t writes_that_waited = 0;
    std::uint64_t retries = 0;
    double per_checkpoint = 0;      ///< seconds; write-ahead sink
    std::vector<std::string> complaints; ///< what the server counted otherwise

    [[nodiscard]] double records_per_second() const { return double(records) / seconds; }
    [[nodiscard]] double raw_mb_per_second() const { return double(raw_bytes) / 1e6 / seconds; }
    [[nodiscard]] double wire_mb_per_second() const { return double(wire_bytes) / 1e6 / seconds; }
    [[nodiscard]] double cpu_per_gb() const { return client_cpu / (double(raw_bytes) / 1e9); }
};

} // namespace kusto::cli

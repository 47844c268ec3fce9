#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <kusto/options.hpp>
#include <optional>
#include <string_view>

namespace kusto::core
{

/// Why a batch was sealed.
enum class seal_reason : std::uint8_t
{
    records,   ///< `batch_size` reached
    bytes,     ///< `client_batch_size_limit` reached, or the next record would exceed it
    interval,  ///< `batch_interval` passed since the first record
    flush,     ///< `flush` or `close`
    format,    ///< a record of another format follows
    pressure,  ///< the byte budget is used up by open batches
    abandoned, ///< the batch was given up while still open
};

inline constexpr std::size_t seal_reasons = 7;

[[nodiscard]] std::string_view to_string(seal_reason why) noexcept;

/// How often batches were sealed for each reason, indexed by `seal_reason`.
using seal_counts = std::array<std::uint64_t, seal_reasons>;

class batch_limits
{
public:
    batch_limits(std::uint64_t records, std::uint64_t bytes, std::chrono::milliseconds interval)
        : records(records),
          bytes(bytes),
          interval(interval)
    {
    }

    std::uint64_t records;
    std::uint64_t bytes;
    std::chrono::milliseconds interval;
};

/// Decides where batches end. Knows counts only: no data, no clock, no I/O.
///
/// For each record: `before`; if it names a reason, `seal`; then `add`; if that names a reason,
/// `seal`. So a record is never divided, no batch exceeds a limit, and no batch is empty.
class batch_accumulator
{
public:
    using time_point = std::chrono::steady_clock::time_point;

    explicit batch_accumulator(batch_limits limits) : limits_(limits) {}

    /// Whether the open batch must be sealed before a record of `size` bytes is added.
    /// \pre `size <= limits.bytes`
    [[nodiscard]] std::optional<seal_reason> before(std::uint64_t size,
                                                    data_format format) const noexcept
    {
        if (records_ == 0)
            return std::nullopt;
        if (format != format_)
            return seal_reason::format;
        if (size > limits_.bytes - bytes_)
            return seal_reason::bytes;
        return std::nullopt;
    }

    /// Adds a record. `now` counts only when it is the first one of a batch.
    /// \returns why the batch must be sealed at once, if it must
    [[nodiscard]] std::optional<seal_reason> add(std::uint64_t size, data_format format,
                                                 time_point now) noexcept
    {
        if (records_ == 0)
        {
            format_ = format;
            opened_ = now;
        }
        ++records_;
        bytes_ += size;
        if (records_ >= limits_.records)
            return seal_reason::records;
        if (bytes_ >= limits_.bytes)
            return seal_reason::bytes;
        return std::nullopt;
    }

    /// Ends the batch.
    void seal() noexcept;

    [[nodiscard]] bool empty() const noexcept { return records_ == 0; }
    [[nodiscard]] std::uint64_t records() const noexcept { return records_; }
    [[nodiscard]] std::uint64_t bytes() const noexcept { return bytes_; }
    /// When the open batch is sealed for its age; nothing if no batch is open.
    [[nodiscard]] std::optional<time_point> due() const noexcept;

    /// Bytes that the open batch (or the next one) can still be expected to take, if its further
    /// records are as large as `size`; at least `size`, and never beyond the limit on bytes.
    [[nodiscard]] std::uint64_t expected_room(std::uint64_t size) const noexcept;

private:
    batch_limits limits_;
    std::uint64_t records_ = 0;
    std::uint64_t bytes_ = 0;
    data_format format_ = data_format::csv;
    time_point opened_;
};

} // namespace kusto::core

#pragma once

#include <cstdint>
#include <kusto/error.hpp>
#include <optional>

namespace kusto
{

/// Records, bytes before compression, and blobs (one for each batch).
struct delivery_counts
{
    std::uint64_t records = 0;
    std::uint64_t bytes = 0;
    std::uint64_t blobs = 0;

    friend bool operator==(delivery_counts const&, delivery_counts const&) = default;
};

/// What became of everything that a sink accepted, from its construction on.
struct delivery_report
{
    delivery_counts accepted;  ///< `write` completed, or `try_write` said yes
    delivery_counts delivered; ///< in the service's hands: blob uploaded and queue message taken
    delivery_counts failed;    ///< certainly not in the service's hands
    delivery_counts unknown;   ///< queue message sent, or about to be, and its answer lost
    delivery_counts pending;   ///< not yet resolved
    /// The first failure, if any.
    std::optional<failure> first_failure;

    /// True when everything accepted was delivered.
    [[nodiscard]] bool complete() const noexcept { return accepted.records == delivered.records; }
};

/// Why batches were sealed, and how much the sink moved.
struct sink_statistics
{
    delivery_report report;
    std::uint64_t compressed_bytes = 0;   ///< bytes of all blobs delivered
    std::uint64_t sealed_by_records = 0;  ///< `batch_size` reached
    std::uint64_t sealed_by_bytes = 0;    ///< `client_batch_size_limit` reached
    std::uint64_t sealed_by_interval = 0; ///< `batch_interval` passed
    std::uint64_t sealed_by_flush = 0;    ///< `flush` or `close`
    std::uint64_t sealed_by_format = 0;   ///< a record of another format followed
    std::uint64_t sealed_by_pressure = 0; ///< the byte budget was used up by open batches
    std::uint64_t retries = 0;            ///< upload or post attempts after the first
    std::uint64_t writes_that_waited = 0; ///< `write` had to wait for the byte budget
    std::uint64_t budget_bytes = 0;       ///< byte budget in use now
    std::uint64_t budget_peak_bytes = 0;  ///< most of it ever in use
};

} // namespace kusto

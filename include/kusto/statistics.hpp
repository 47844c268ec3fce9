#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <kusto/compression.hpp>
#include <kusto/error.hpp>
#include <optional>
#include <span>
#include <string>
#include <vector>

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
///
/// accepted = delivered + failed + dead_lettered + unknown + pending, in every snapshot.
struct delivery_report
{
    delivery_counts accepted; ///< `write` completed, or `try_write` said yes
    /// In the service's hands: blob uploaded and queue message taken; with
    /// `poll_for_ingestion_status`, in the table (or skipped because of a tag).
    delivery_counts delivered;
    /// Certainly not in the service's hands, or refused by its ingestion. With the policy
    /// `hand_over` your function got those that were not given up by `close` or destruction.
    delivery_counts failed;
    delivery_counts dead_lettered; ///< as `failed`, and on disk in the dead-letter directory
    /// Perhaps in the table: the queue message was sent and its answer lost, only a part of the
    /// batch was ingested, or its status did not come in time.
    delivery_counts unknown;
    delivery_counts pending; ///< not yet resolved
    /// Part of `pending`: in the service's hands, waiting for the status of their ingestion.
    delivery_counts queued;
    /// Part of `delivered`: an answer to the queue message was lost and the message sent again, with
    /// the same blob, so that these records may be in the table twice. (So may `unknown` ones.)
    delivery_counts possibly_twice;
    /// The first failure, if any.
    std::optional<failure> first_failure;

    /// True when everything accepted was delivered.
    [[nodiscard]] bool complete() const noexcept { return accepted.records == delivered.records; }
};

/// Distribution of durations, in buckets whose upper bounds are 1 us, 2 us, 4 us and so on.
///
/// \par Thread safety
/// A value type.
class latency_histogram
{
public:
    static constexpr std::size_t bounded_buckets = 36; ///< the last one ends at about 9.5 h
    /// The last bucket holds what is beyond all bounds.
    static constexpr std::size_t bucket_count = bounded_buckets + 1;

    /// Upper bound, inclusive, of bucket `index`. \pre `index < bounded_buckets`
    [[nodiscard]] static constexpr std::chrono::microseconds bound(std::size_t index) noexcept
    {
        return std::chrono::microseconds(std::int64_t(1) << index);
    }

    [[nodiscard]] std::uint64_t count() const noexcept;
    /// An upper bound of the `q`-quantile, exact to a factor of 2; zero without values;
    /// `microseconds::max()` when it is in the last bucket.
    /// \param q  0 to 1
    [[nodiscard]] std::chrono::microseconds quantile(double q) const noexcept;

    std::array<std::uint64_t, bucket_count> buckets{}; ///< values in each bucket
    std::chrono::microseconds sum{};
};

/// How long the stages of delivery took: one value for each batch; of `upload`, `post` and `ingest`
/// one for each try.
struct stage_latencies
{
    latency_histogram encode;     ///< of a record, before the sink sees it; one in 64 is measured
    latency_histogram linger;     ///< first record to sealing
    latency_histogram compress;   ///< time in a batch's compression jobs
    latency_histogram upload;     ///< one try of an upload, attempts and pauses included
    latency_histogram post;       ///< one try of a queue message, likewise
    latency_histogram ingest;     ///< queue message taken to final status
    latency_histogram end_to_end; ///< first record to delivered
};

/// What one codec made of the batches that it was used for, delivered or not.
struct codec_statistics
{
    compression codec = compression::standard();
    std::uint64_t batches = 0;
    std::uint64_t bytes = 0; ///< before compression
    std::uint64_t compressed_bytes = 0;
};

/// Why batches were sealed, how much the sink moved, and how it is.
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
    std::uint64_t retries = 0;            ///< attempts of uploads and posts after the first
    std::uint64_t repeated_posts = 0;     ///< those that may have made a second queue message
    std::uint64_t waiting_batches = 0;    ///< batches that wait, now, for trouble to pass
    std::uint64_t writes_that_waited = 0; ///< `write` had to wait for the byte budget
    std::uint64_t budget_bytes = 0;       ///< byte budget in use now
    std::uint64_t budget_peak_bytes = 0;  ///< most of it ever in use
    std::uint64_t budget_limit_bytes = 0; ///< all of it
    compression codec = compression::standard(); ///< for batches that begin now
    std::uint64_t codec_switches = 0;            ///< changes of it, with `compression::automatic()`
    std::vector<codec_statistics> codecs;        ///< those used so far
    /// Age of the oldest record that is neither delivered nor given up; zero if there is none.
    std::chrono::milliseconds oldest_unacknowledged{};
    /// The latest failure that made a batch wait, while one waits.
    std::optional<failure> trouble;
    stage_latencies latency;
};

/// A sink's statistics with the names that tell sinks apart.
struct named_statistics
{
    std::string database;
    std::string table;
    sink_statistics values;
};

/// A JSON object with a member for each field; durations in seconds. Histograms have `count`,
/// `sum`, `p50`, `p90`, `p99` and the buckets that are not empty; null is beyond all bounds.
/// Failures come without `server_text`.
[[nodiscard]] std::string to_json(sink_statistics const& values);

/// Prometheus text format 0.0.4, labelled by database and table. Histograms in seconds.
///
/// A second sink of the same table has the label `sink="2"`, and so on: keep the order of `sinks`.
/// Serve it as `text/plain; version=0.0.4; charset=utf-8`.
[[nodiscard]] std::string to_prometheus(std::span<named_statistics const> sinks);

} // namespace kusto

#pragma once

#include <chrono>
#include <cstdint>
#include <kusto/error.hpp>
#include <kusto/statistics.hpp>
#include <optional>
#include <span>
#include <string>

namespace kusto
{

/// What became of everything that a write-ahead sink accepted, and how it is.
struct write_ahead_statistics
{
    /// The way to the local disk: `delivered` is what is in a complete and synchronised batch file.
    sink_statistics local;
    delivery_counts sealed;    ///< in checkpoints sealed by this sink object
    delivery_counts committed; ///< in checkpoints committed by it, those of earlier runs included
    delivery_counts pending;   ///< in checkpoints sealed, by whomever, and not committed
    std::uint64_t checkpoints_sealed = 0;
    std::uint64_t checkpoints_committed = 0;
    std::uint64_t backlog_bytes = 0;    ///< of batch files, those of the open checkpoint included
    std::uint64_t stages_abandoned = 0; ///< attempts that ended without a move
    std::uint64_t repeated_posts = 0;   ///< batches asked for again after their deadline
    std::uint64_t duplicates = 0;       ///< batches seen twice in the table (`ingest_by` only)
    /// Age of the oldest checkpoint that is sealed and not committed, since its sealing, or since
    /// `open` if an earlier run sealed it; zero if there is none.
    std::chrono::milliseconds oldest_uncommitted{};
    std::optional<failure> trouble; ///< why committing waits, while it waits
    latency_histogram seal;         ///< `checkpoint` called to durable
    latency_histogram commit;       ///< bringing a checkpoint into the table
};

/// A write-ahead sink's statistics with the names that tell sinks apart.
struct named_write_ahead_statistics
{
    std::string database;
    std::string table;
    write_ahead_statistics values;
};

/// A JSON object with a member for each field, in the manner of `to_json(sink_statistics)`, which
/// is what `local` looks like.
[[nodiscard]] std::string to_json(write_ahead_statistics const& values);

/// Prometheus text format, in the manner of `to_prometheus` for batching sinks: the same metrics,
/// about the way to the local disk, and others about the checkpoints.
///
/// A page may hold each metric's heading only once, so two such texts do not make a page: a program
/// with sinks of both kinds gives all of them here.
/// \param sinks   keep their order: the second of the same table has the label `sink="2"`
/// \param others  batching sinks, numbered on after `sinks`
[[nodiscard]] std::string to_prometheus(std::span<named_write_ahead_statistics const> sinks,
                                        std::span<named_statistics const> others = {});

} // namespace kusto

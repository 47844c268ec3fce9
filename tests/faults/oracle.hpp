#pragma once

// Compares what a sink said with what is in the table.

#include "records.hpp"

#include <cstdint>
#include <kusto/statistics.hpp>
#include <optional>
#include <string>
#include <vector>

namespace kusto::faults
{

/// Batches whose content the sink named: handed to the user's function, or in dead-letter files.
struct named_batches
{
    id_set failed;  ///< ids in batches with outcome failed
    id_set unknown; ///< ids in batches with outcome unknown
    std::uint64_t failed_records = 0, unknown_records = 0;
    std::vector<std::string> complaints; ///< content that does not agree with its description
};

/// Everything seen during one life of a sink.
struct observation
{
    // What the test knows.
    id_set accepted;                 ///< `write` returned normally, or `try_write` said yes
    std::vector<id_set> flushed;     ///< accepted before a flush that returned normally
    std::uint64_t batch_records = 0; ///< largest batch
    std::uint64_t redelivered = 0;   ///< messages that the service itself took twice
    bool must_complete = false;      ///< the service came back and there was time

    // What the sink said.
    std::optional<sink_statistics> last;               ///< none if it was destroyed
    bool closed = false;                               ///< `close` returned
    std::optional<sink_statistics> before_destruction; ///< at some time before it
    named_batches named;

    // What is there.
    found_records table;

    /// Found already while it ran.
    std::vector<std::string> violations;
};

/// Rules that hold for any snapshot, and between a snapshot and a later one.
///
/// \par Thread safety
/// None.
class snapshot_rules
{
public:
    void check(sink_statistics const& now, std::vector<std::string>& violations);

private:
    std::optional<sink_statistics> previous_;
};

/// What is wrong; empty if nothing is.
[[nodiscard]] std::vector<std::string> judge(observation const& seen);

/// The outcome of a life in one word: delivered, twice, failed, dead_lettered, unknown, gone.
[[nodiscard]] std::string outcome_word(observation const& seen);

/// Notes the content of a batch that the sink could not deliver.
void note_batch(named_batches& to, std::uint64_t salt, std::string const& lines,
                std::uint64_t records, std::uint64_t bytes, bool unknown);

} // namespace kusto::faults

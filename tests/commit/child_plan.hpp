#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <tuple>

namespace kusto::crash
{

/// Everything that a child process does in one life, handed over as JSON. Holds no secret: where the cluster
/// is, and who signs in there, is in the environment.
struct child_plan
{
    std::string sink = "staged";     ///< `staged`, `ingest_by`, or `batching` with a position file
    std::string mode = "commit_each"; ///< `commit_each`, `commit_later`, `beside`, `advance`
    std::string directory;           ///< of the sink
    std::string job = "crash";

    // The source.
    std::uint64_t seed = 1;
    std::uint64_t records = 300;
    std::uint64_t largest_text = 100;
    std::uint64_t largest_group = 20;

    // Checkpoints.
    std::uint64_t groups = 2;            ///< for each checkpoint
    std::uint64_t commit_every = 3;      ///< checkpoints, with `commit_later`
    std::uint64_t checkpoint_records = 0; ///< with `advance`
    std::uint64_t interval_ms = 0;        ///< with `advance`
    std::uint64_t empty_every = 0;        ///< after so many checkpoints one without records; 0: never

    // Sink and client.
    std::uint64_t mapping = 0; ///< 1: with the ingestion mapping `mapping_name`
    std::uint64_t producers = 1;
    std::uint64_t parallelism = 1;
    std::uint64_t uploads_in_flight = 4;
    std::uint64_t batch_size = 20;
    std::string compression = "zlib 1"; ///< as `compression::to_string` names it
    std::uint64_t block_size = 64 << 10;
    std::uint64_t compression_threads = 1;
    std::uint64_t attempts = 4;
    std::uint64_t retry_base_ms = 10;
    std::uint64_t retry_cap_ms = 40;
    std::uint64_t request_timeout_ms = 1500;
    std::uint64_t status_timeout_ms = 2000;
    std::uint64_t speed = 8;    ///< how much faster the library's clock is; times here are real ones
    std::uint64_t pause_us = 0; ///< of a producer after each group

    // The end.
    std::string kill_at;          ///< crash point; empty: none
    std::uint64_t kill_visit = 1; ///< kills itself when it comes there the so manieth time
    std::uint64_t trace = 0;      ///< 1: the library's log to stderr
};

/// Mapping of the table's columns by position.
inline constexpr std::string_view mapping_name = "by_position";
/// Command that makes it.
inline constexpr std::string_view create_mapping =
    ".create table Soak ingestion csv mapping 'by_position' "
    "'[{\"Column\":\"id\",\"Properties\":{\"Ordinal\":\"0\"}},"
    "{\"Column\":\"check\",\"Properties\":{\"Ordinal\":\"1\"}},"
    "{\"Column\":\"text\",\"Properties\":{\"Ordinal\":\"2\"}}]'";

/// Calls `f(name, member)` for each member.
template <class Plan, class F>
void for_each_field(Plan& plan, F&& f)
{
    f("sink", plan.sink);
    f("mode", plan.mode);
    f("directory", plan.directory);
    f("job", plan.job);
    f("seed", plan.seed);
    f("records", plan.records);
    f("largest_text", plan.largest_text);
    f("largest_group", plan.largest_group);
    f("groups", plan.groups);
    f("commit_every", plan.commit_every);
    f("checkpoint_records", plan.checkpoint_records);
    f("interval_ms", plan.interval_ms);
    f("empty_every", plan.empty_every);
    f("mapping", plan.mapping);
    f("producers", plan.producers);
    f("parallelism", plan.parallelism);
    f("uploads_in_flight", plan.uploads_in_flight);
    f("batch_size", plan.batch_size);
    f("compression", plan.compression);
    f("block_size", plan.block_size);
    f("compression_threads", plan.compression_threads);
    f("attempts", plan.attempts);
    f("retry_base_ms", plan.retry_base_ms);
    f("retry_cap_ms", plan.retry_cap_ms);
    f("request_timeout_ms", plan.request_timeout_ms);
    f("status_timeout_ms", plan.status_timeout_ms);
    f("speed", plan.speed);
    f("pause_us", plan.pause_us);
    f("kill_at", plan.kill_at);
    f("kill_visit", plan.kill_visit);
    f("trace", plan.trace);
}

[[nodiscard]] std::string to_json(child_plan const& plan);
/// \throws std::exception when it is none
[[nodiscard]] child_plan plan_from_json(std::string_view text);

/// A source that can replay: the record at a position depends on seed and position only.
class replayable_source
{
public:
    explicit replayable_source(child_plan const& plan)
        : seed_(plan.seed),
          records_(plan.records),
          largest_text_(plan.largest_text),
          largest_group_(plan.largest_group)
    {
    }

    [[nodiscard]] std::uint64_t size() const noexcept { return records_; }
    /// Its id is the position.
    [[nodiscard]] std::tuple<std::int64_t, std::int64_t, std::string>
    record(std::uint64_t position) const;
    /// Where the group that begins at `position` ends.
    [[nodiscard]] std::uint64_t group_end(std::uint64_t position) const;

private:
    std::uint64_t seed_, records_, largest_text_, largest_group_;
};

/// How a child process ended by itself.
enum exit_code : int
{
    all_committed = 0,
    usage_error = 2,
    service_trouble = 3,  ///< an error that may pass: another life may do better
    broken_promise = 4,   ///< an error that a crash must never lead to
};

} // namespace kusto::crash

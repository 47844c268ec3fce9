#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <kusto/options.hpp>
#include <kusto/schema.hpp>
#include <string>
#include <utility>
#include <vector>

namespace kusto
{

/// How the records of a checkpoint get into the table exactly once.
enum class commit_protocol
{
    /// Into a staging table first, and from there, when every record was counted, with one atomic
    /// command into the table. Needs Table Admin, and a table without update policy.
    staged,
    /// Directly into the table, each batch with a tag that makes the service skip its repetitions.
    /// Batches become visible one by one. Two simultaneous ingestions of one batch are the window
    /// that is left; it is made rare, detected and counted (`write_ahead_statistics::duplicates`).
    ingest_by,
};

/// Local state and commit protocol of a write-ahead sink.
///
/// \par Thread safety
/// A value type.
class write_ahead_options
{
public:
    /// \param directory  of this sink alone, on a local disk; made if it is missing
    /// \param job  names the source of the records, the same in every run: 1 to 64 ASCII letters,
    ///        digits and `_`. Two sinks with one job and one table would take each other's
    ///        checkpoints for their own.
    write_ahead_options(std::filesystem::path directory, std::string job);

    /// Default `staged`. A ledger keeps the protocol it was begun with.
    write_ahead_options& protocol(commit_protocol value) { protocol_ = value; return *this; }
    /// Bytes of batch files at most. 1 MiB to 16 TiB. Default 4 GiB. While sealed checkpoints fill
    /// it, `write` waits for commits; while the open checkpoint alone fills it, `write` throws
    /// `errc::backlog_full`.
    write_ahead_options& backlog_limit(std::uint64_t bytes)
    {
        backlog_limit_ = bytes;
        return *this;
    }
    /// Time from one checkpoint to the next that `advance` makes. 100 ms to 24 h; 0: none by time.
    /// Default 30 s.
    write_ahead_options& checkpoint_interval(std::chrono::milliseconds value)
    {
        checkpoint_interval_ = value;
        return *this;
    }
    /// Records after which `advance` makes a checkpoint. 0: none by number. Default 0.
    write_ahead_options& checkpoint_records(std::uint64_t value)
    {
        checkpoint_records_ = value;
        return *this;
    }
    /// Table of commits, shared by the jobs of a database; made if it is missing. Default
    /// `kusto_checkpoints`.
    write_ahead_options& commit_table(std::string name)
    {
        commit_table_ = std::move(name);
        return *this;
    }
    /// Columns that the records have, for example `schema_of<my_record>()`: `open` compares them
    /// with the table's. Default: none, nothing is compared. Not with an ingestion mapping.
    write_ahead_options& expected_schema(table_schema columns)
    {
        expected_schema_ = std::move(columns);
        return *this;
    }
    /// Longest time between a crash and the next `open` that must not cost the guarantee: the
    /// table's `extent_tags_retention` may not be shorter. 1 min to 365 days. Default 7 days.
    write_ahead_options& recovery_horizon(std::chrono::minutes value)
    {
        recovery_horizon_ = value;
        return *this;
    }
    /// Where the commit table knows later checkpoints of this job than the ledger does (the
    /// directory was lost, or is an old copy), go on after the last of them, from its position.
    /// What the ledger holds uncommitted is discarded: the records up to that position are in the
    /// table. With `ingest_by`, queue messages that the lost ledger had posted are ingested all the
    /// same when they come late. Default false: `open` refuses with `errc::ledger_outdated`.
    write_ahead_options& resume_from_commit_table(bool value)
    {
        resume_from_commit_table_ = value;
        return *this;
    }

    [[nodiscard]] std::filesystem::path const& directory() const noexcept { return directory_; }
    [[nodiscard]] std::string const& job() const noexcept { return job_; }
    [[nodiscard]] commit_protocol protocol() const noexcept { return protocol_; }
    [[nodiscard]] std::uint64_t backlog_limit() const noexcept { return backlog_limit_; }
    [[nodiscard]] std::chrono::milliseconds checkpoint_interval() const noexcept
    {
        return checkpoint_interval_;
    }
    [[nodiscard]] std::uint64_t checkpoint_records() const noexcept { return checkpoint_records_; }
    [[nodiscard]] std::string const& commit_table() const noexcept { return commit_table_; }
    [[nodiscard]] table_schema const& expected_schema() const noexcept { return expected_schema_; }
    [[nodiscard]] std::chrono::minutes recovery_horizon() const noexcept
    {
        return recovery_horizon_;
    }
    [[nodiscard]] bool resume_from_commit_table() const noexcept
    {
        return resume_from_commit_table_;
    }

    /// Everything that is wrong, by itself or together with `records`; empty if nothing is.
    [[nodiscard]] std::vector<option_problem> problems(write_options const& records) const;

private:
    std::filesystem::path directory_;
    std::string job_;
    commit_protocol protocol_ = commit_protocol::staged;
    std::uint64_t backlog_limit_ = std::uint64_t(4) << 30;
    std::chrono::milliseconds checkpoint_interval_ = std::chrono::seconds(30);
    std::uint64_t checkpoint_records_ = 0;
    std::string commit_table_ = "kusto_checkpoints";
    table_schema expected_schema_;
    std::chrono::minutes recovery_horizon_ = std::chrono::hours(24 * 7);
    bool resume_from_commit_table_ = false;
};

} // namespace kusto

#pragma once

#include <boost/asio/awaitable.hpp>
#include <chrono>
#include <cstddef>
#include <kusto/checkpoint.hpp>
#include <kusto/client.hpp>
#include <kusto/deadline.hpp>
#include <kusto/sink.hpp>
#include <kusto/write_ahead_options.hpp>
#include <kusto/write_ahead_statistics.hpp>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace kusto
{

namespace detail
{
class write_ahead_state;
} // namespace detail

/// Exactly-once sink: records are kept in batch files on the local disk and reach the table only when
/// their checkpoint is committed; the commit is recorded in Kusto itself.
///
/// Each record of a committed checkpoint is in the table exactly once, provided that the source can
/// replay from `restored_position`, the directory keeps what was synchronised, and nobody drops
/// extents, tags or the commit table behind the sink's back.
///
/// \par Three ways to use it
/// - Alone: `co_await sink.checkpoint_and_commit(position)` whenever everything up to `position` of
///   the source was written.
/// - Periodically: `co_await sink.advance(position)` after every record or group of records; the sink
///   makes and commits checkpoints as `checkpoint_interval` and `checkpoint_records` say.
/// - With a coordinator: `id = co_await sink.checkpoint(position)` as its snapshot, and later
///   `co_await sink.commit(id)` when the snapshot is complete everywhere.
///
/// At the next `open` the source resumes at `restored_position()`. What was written after the last
/// checkpoint is discarded then: the source writes it again.
///
/// \par Executor, object lifetimes
/// As `batching_sink`. Files are written, and the ledger is kept, by threads of the sink's own.
///
/// \par Thread safety
/// All member functions may be called from any thread at any time. A checkpoint holds what was
/// written before the call, so producers on other threads are to stand still while one of them
/// calls `checkpoint` or `advance`; committing goes on beside everything.
class write_ahead_sink : public detail::record_port
{
public:
    /// Takes the directory, recovers what an earlier run left there, and looks whether the table
    /// suits.
    ///
    /// Files that no checkpoint knows are deleted. Checkpoints that an earlier run sealed and did not
    /// commit are committed from now on in the background.
    /// \par Errors
    /// `options_error`; `errc::ledger_in_use` with the owner's pid; `errc::ledger_damaged` naming the
    /// file; `errc::ledger_outdated`; `errc::disk_failed`; `errc::not_found`, `errc::schema_mismatch`,
    /// `errc::table_unsuited` and `errc::access_denied` with the remedy; errors of the service.
    /// \par Cancellation
    /// Terminal; the directory is free again when the step under way has ended.
    [[nodiscard]] static boost::asio::awaitable<write_ahead_sink>
    open(client service, write_options records, write_ahead_options options,
         deadline until = deadline::after(std::chrono::minutes(2)));

    /// As moved from: to be assigned to. (`co_spawn` needs it of what a coroutine returns.)
    write_ahead_sink() noexcept : record_port(nullptr, detail::any_writer) {}

    /// For the library's own tests.
    explicit write_ahead_sink(std::shared_ptr<detail::write_ahead_state> state);

    write_ahead_sink(write_ahead_sink&&) noexcept;
    write_ahead_sink& operator=(write_ahead_sink&&) noexcept;
    write_ahead_sink(write_ahead_sink const&) = delete;
    write_ahead_sink& operator=(write_ahead_sink const&) = delete;
    ~write_ahead_sink();

    /// Number of writers.
    [[nodiscard]] std::size_t parallelism() const noexcept;

    /// The writer with the given index. \throws std::out_of_range if `index >= parallelism()`
    [[nodiscard]] sink_writer writer(std::size_t index);

    /// Position of the last sealed checkpoint, this sink's or an earlier run's: the source resumes
    /// there. Nothing if there was none.
    [[nodiscard]] std::optional<std::string> restored_position() const;

    /// Seals everything written before the call, and completes when it is durable.
    ///
    /// Nothing written since the last checkpoint: an empty checkpoint that moves the position on.
    /// \param position  of the source: opaque bytes, up to 64 KiB
    /// \par Errors
    /// `errc::disk_failed`: when the disk is full nothing is lost, call it again when there is room;
    /// when it does not take anything at all (read-only, failed synchronisation), open the sink again;
    /// `errc::backlog_full`: commit first; `errc::timed_out`: what was written will be part of the next
    /// checkpoint; `errc::sink_stopped`, `errc::closed`.
    /// \par Cancellation
    /// Cancels the wait; the checkpoint may be made or not, see `restored_position`.
    [[nodiscard]] boost::asio::awaitable<checkpoint_id>
    checkpoint(std::string position, deadline until = deadline::after(std::chrono::minutes(10)));

    /// Brings all checkpoints up to `id` into the table, in order, and completes when it is recorded.
    ///
    /// Trouble that may pass is waited out until the deadline; calling it again goes on. Completes at once
    /// for a checkpoint that is committed.
    /// \par Errors
    /// `errc::timed_out` at the deadline, with the trouble; committing goes on.
    /// `errc::ingestion_failed` with the service's reason for a batch that was refused for good
    /// twice; errors that repeating does not mend (permission, table gone). In every case the
    /// checkpoint stays committable. `errc::not_found`: no such checkpoint. `errc::closed`.
    /// \par Cancellation
    /// Cancels the wait only.
    [[nodiscard]] boost::asio::awaitable<void>
    commit(checkpoint_id id, deadline until = deadline::after(std::chrono::minutes(30)));

    /// `checkpoint` and then `commit`.
    [[nodiscard]] boost::asio::awaitable<checkpoint_id>
    checkpoint_and_commit(std::string position,
                          deadline until = deadline::after(std::chrono::minutes(30)));

    /// Says that everything written so far goes up to `position`. Makes a checkpoint when one is due,
    /// and has it committed in the background; without one due it costs a copy of the position.
    ///
    /// When nothing is written for `checkpoint_interval` after it, the checkpoint is made then.
    /// An error of a checkpoint or commit in the background is thrown by the next call.
    /// \par Errors, cancellation
    /// As `checkpoint` and `commit`.
    [[nodiscard]] boost::asio::awaitable<void> advance(std::string position);

    /// Checkpoints that are sealed and not committed, oldest first.
    [[nodiscard]] std::vector<pending_checkpoint> pending() const;

    /// Refuses records, waits for the commits that were asked for, at the latest until `until`, and
    /// gives the directory back.
    ///
    /// Records written after the last checkpoint are discarded: the source writes them again, from
    /// `restored_position()`. Checkpoints that are not committed stay on disk, for the next `open`. With
    /// `advance`, everything up to the last position is sealed and committed first, unless something
    /// was written after it.
    /// Never throws for a failed commit: read `pending` and `trouble`. May be called repeatedly.
    /// \par Cancellation
    /// Cancels the wait only.
    [[nodiscard]] boost::asio::awaitable<write_ahead_statistics>
    close(deadline until = deadline::after(std::chrono::minutes(10)));

    /// A consistent snapshot.
    [[nodiscard]] write_ahead_statistics statistics() const;

private:
    std::shared_ptr<detail::write_ahead_state> own_;
};

} // namespace kusto

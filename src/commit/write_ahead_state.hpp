#pragma once

#include <async/event.hpp>
#include <async/offload.hpp>
#include <async/task_group.hpp>
#include <atomic>
#include <base/latency_recorder.hpp>
#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/strand.hpp>
#include <chrono>
#include <commit/batch_spool.hpp>
#include <commit/blocking_threads.hpp>
#include <commit/commit_context.hpp>
#include <commit/committer.hpp>
#include <commit/ledger_keeper.hpp>
#include <core/checkpoint.hpp>
#include <core/recovery.hpp>
#include <cstdint>
#include <deque>
#include <kusto/write_ahead_sink.hpp>
#include <ledger/checkpoint_ledger.hpp>
#include <ledger/directory_lock.hpp>
#include <memory>
#include <mutex>
#include <optional>
#include <sink/sink_state.hpp>
#include <string>
#include <string_view>
#include <vector>

namespace kusto::commit
{

/// A directory that is locked, recovered and read.
class opened_directory
{
public:
    opened_directory(ledger::directory_lock lock, ledger::checkpoint_ledger book,
                     core::ledger_contents contents)
        : lock(std::move(lock)),
          book(std::make_shared<ledger::checkpoint_ledger>(std::move(book))),
          contents(std::move(contents))
    {
    }

    ledger::directory_lock lock; ///< to be moved to whatever outlives the use of the directory
    std::shared_ptr<ledger::checkpoint_ledger> book;
    core::ledger_contents contents;
};

/// Locks the directory, opens the ledger, removes what no checkpoint knows, and verifies the rest. Blocks.
[[nodiscard]] result<opened_directory> open_directory(write_options const& records,
                                                      write_ahead_options const& options);

} // namespace kusto::commit

namespace kusto::detail
{

/// Everything behind `write_ahead_sink`: the pipeline up to batch files, the checkpoints, and the coroutine that
/// commits them.
///
/// Checkpoints are the business of one strand; `mutex_` guards what other threads read.
class write_ahead_state : public std::enable_shared_from_this<write_ahead_state>
{
public:
    /// \param context  complete but for `permit`
    write_ahead_state(commit::commit_context context, commit::opened_directory directory,
                      std::shared_ptr<commit::blocking_threads> threads);
    write_ahead_state(write_ahead_state const&) = delete;
    write_ahead_state& operator=(write_ahead_state const&) = delete;

    /// Once, before anything else.
    void start(std::vector<std::string> stale_tags);

    [[nodiscard]] std::shared_ptr<sink_state> const& local() const noexcept { return local_; }
    [[nodiscard]] std::optional<std::string> position() const;
    [[nodiscard]] std::vector<pending_checkpoint> pending() const;
    [[nodiscard]] write_ahead_statistics statistics() const;

    /// The operations behind the sink's functions of the same names; they throw as those do.
    [[nodiscard]] static boost::asio::awaitable<checkpoint_id>
    checkpoint(std::shared_ptr<write_ahead_state> self, std::string position, deadline until);
    [[nodiscard]] static boost::asio::awaitable<void>
    commit(std::shared_ptr<write_ahead_state> self, checkpoint_id id, deadline until);
    [[nodiscard]] static boost::asio::awaitable<void>
    advance(std::shared_ptr<write_ahead_state> self, std::string position);
    [[nodiscard]] static boost::asio::awaitable<write_ahead_statistics>
    close(std::shared_ptr<write_ahead_state> self, deadline until);

    /// Gives up what is under way. Does not wait.
    void detach() noexcept;

    class stop_signals;

private:
    using self_ptr = std::shared_ptr<write_ahead_state>;
    class keep_progress;

    /// Where a checkpoint ends. Cuts are sealed in the order of their tickets, or not at all.
    struct cut
    {
        sink_state::position batches;
        std::uint64_t ticket = 0;
    };
    [[nodiscard]] cut cut_here();

    // All of these on the strand (checkpointing.cpp, committing.cpp, periodic.cpp).
    [[nodiscard]] static boost::asio::awaitable<result<checkpoint_id>>
    run_checkpoint(self_ptr self, std::string position, cut where, deadline until);
    [[nodiscard]] boost::asio::awaitable<result<checkpoint_id>>
    seal(std::string position, cut where, deadline until);
    [[nodiscard]] boost::asio::awaitable<result<void>>
    wait_until_kept(sink_state::position batches, deadline until);
    [[nodiscard]] boost::asio::awaitable<result<checkpoint_id>>
    enter(std::string position, sink_state::position batches);
    [[nodiscard]] static boost::asio::awaitable<result<checkpoint_id>> run_commit(self_ptr self,
                                                                                  checkpoint_id id);
    void ask_for(checkpoint_id id);
    [[nodiscard]] static boost::asio::awaitable<result<checkpoint_id>>
    wait_for_committer(self_ptr self);
    [[nodiscard]] static boost::asio::awaitable<void> run_committer(self_ptr self);
    [[nodiscard]] boost::asio::awaitable<result<void>> commit_next();
    [[nodiscard]] boost::asio::awaitable<result<void>> finish(core::sealed_checkpoint one);
    [[nodiscard]] static boost::asio::awaitable<void> run_periodic(self_ptr self);
    [[nodiscard]] boost::asio::awaitable<void> seal_what_was_advanced(deadline until);
    [[nodiscard]] static boost::asio::awaitable<result<checkpoint_id>> run_close(self_ptr self,
                                                                                 deadline until);
    [[nodiscard]] boost::asio::awaitable<void> end_tasks();
    [[nodiscard]] std::chrono::steady_clock::time_point last_checkpoint_time() const;
    void pulse();

    [[nodiscard]] failure closed_failure() const;
    [[nodiscard]] failure too_late(std::string_view what) const;
    void note_trouble(failure const& why);

    // The order is that of construction.
    std::shared_ptr<commit::blocking_threads> const threads_;
    std::shared_ptr<commit::batch_spool> const spool_;
    std::shared_ptr<sink_state> const local_;
    commit::commit_context const context_;
    commit::ledger_keeper const book_;
    commit::commit_counts counts_;
    commit::committer committer_;

    // Strand.
    boost::asio::strand<boost::asio::any_io_executor> strand_;
    async::event changed_; ///< set and reset at once: something ended
    async::task_group tasks_;
    std::shared_ptr<stop_signals> const stop_;
    bool sealing_ = false;
    bool committing_ = false;
    bool stopping_ = false; ///< nothing is begun any more
    std::uint64_t last_ticket_ = 0; ///< of the checkpoints sealed
    checkpoint_id wanted_ = 0; ///< commit up to here
    std::uint64_t errors_ = 0; ///< commits that ended with one
    std::optional<failure> error_;

    std::atomic<bool> closing_ = false; ///< set on the strand

    mutable std::mutex mutex_;
    std::deque<core::sealed_checkpoint> checkpoints_; ///< not committed
    /// Of each of `checkpoints_`: when it was sealed, or found by `open`.
    std::deque<std::chrono::steady_clock::time_point> waiting_since_;
    checkpoint_id last_sealed_ = 0;
    checkpoint_id last_committed_ = 0;
    std::optional<std::string> position_;
    std::optional<failure> trouble_;
    delivery_counts sealed_;
    delivery_counts committed_;
    std::uint64_t checkpoints_sealed_ = 0;
    std::uint64_t checkpoints_committed_ = 0;
    std::chrono::steady_clock::time_point last_checkpoint_;
    bool closed_ = false;
    base::latency_recorder seal_time_;
    base::latency_recorder commit_time_;

    std::mutex cut_mutex_; ///< a cut and its ticket are one step
    std::uint64_t tickets_ = 0;

    // What `advance` was told.
    std::mutex advance_mutex_;
    std::string advanced_to_;
    delivery_counts advanced_;        ///< accepted when it was told
    delivery_counts advanced_sealed_; ///< the same of the last checkpoint
    std::optional<failure> advance_error_;
    bool advancing_ = false; ///< it was called at all
};

} // namespace kusto::detail

#pragma once

#include <atomic>
#include <boost/asio/awaitable.hpp>
#include <chrono>
#include <commit/batch_filler.hpp>
#include <commit/commit_context.hpp>
#include <commit/ledger_keeper.hpp>
#include <core/checkpoint.hpp>
#include <core/stage_check.hpp>
#include <cstdint>
#include <functional>
#include <kusto/error.hpp>
#include <map>
#include <set>
#include <string>
#include <vector>
#include <wire/control_commands.hpp>

namespace kusto::commit
{

/// What committing met, for the statistics.
class commit_counts
{
public:
    std::atomic<std::uint64_t> stages_abandoned = 0;
    std::atomic<std::uint64_t> repeated_posts = 0;
    std::atomic<std::uint64_t> duplicates = 0;
};

/// Brings sealed checkpoints into the table, one after the other (delivery guarantees: protocols "staged" and
/// "ingest-by").
///
/// Each step may be interrupted, answered late, twice or not at all: the next one begins by asking what is so. The
/// order "drop the stage, then ask whether the table has the checkpoint" matters: an earlier move whose
/// answer was lost has taken place by then, or never will.
///
/// Lives on one strand; one commit at a time.
class committer
{
public:
    using trouble_function = std::function<void(failure const&)>;

    committer(commit_context const& context, ledger_keeper const& book, commit_counts& counts,
              trouble_function on_trouble);

    /// Brings `one` from its state to `moved` and records it in the commit table; the ledger follows each step.
    /// Trouble that may pass is waited out.
    ///
    /// Errors: what repeating does not mend; `one` says how far it came.
    /// Cancellation: terminal.
    [[nodiscard]] boost::asio::awaitable<result<void>> commit(core::sealed_checkpoint& one);

    /// Removes what a committed checkpoint left behind: stage and, from time to time, tags. What fails is left for the
    /// next time.
    [[nodiscard]] boost::asio::awaitable<void> tidy_up(core::sealed_checkpoint const& one);

    /// Tags of recorded checkpoints that an earlier run left on extents.
    void add_stale_tags(std::vector<std::string> tags);

private:
    /// Where a checkpoint is, as the service knows it.
    enum class whereabouts
    {
        nowhere,
        moved,
        recorded,
    };
    class progress;

    [[nodiscard]] boost::asio::awaitable<result<void>> try_commit(progress& work);
    [[nodiscard]] boost::asio::awaitable<result<whereabouts>>
    find(core::sealed_checkpoint const& one);
    [[nodiscard]] boost::asio::awaitable<result<whereabouts>>
    find_in_table(core::sealed_checkpoint const& one);
    [[nodiscard]] boost::asio::awaitable<result<void>> move_staged(progress& work);
    [[nodiscard]] boost::asio::awaitable<result<void>> stage_anew(progress& work);
    [[nodiscard]] boost::asio::awaitable<result<void>> fill_stage(progress& work);
    [[nodiscard]] boost::asio::awaitable<result<void>> create_stage(std::string name);
    [[nodiscard]] boost::asio::awaitable<result<void>> copy_mapping(std::string stage_table);
    [[nodiscard]] boost::asio::awaitable<result<core::stage_verdict>>
    look_at_stage(progress const& work);
    [[nodiscard]] boost::asio::awaitable<result<void>> verify(progress& work, batch_filler& filler);
    [[nodiscard]] boost::asio::awaitable<result<void>> move(progress& work,
                                                            std::vector<std::string> extents);
    [[nodiscard]] boost::asio::awaitable<result<void>> ingest_directly(progress& work);
    [[nodiscard]] boost::asio::awaitable<result<core::direct_verdict>>
    look_at_table(progress const& work);
    [[nodiscard]] result<void> count_direct(progress const& work,
                                            core::direct_verdict const& verdict);
    [[nodiscard]] boost::asio::awaitable<result<void>> refused(progress& work, refused_batch what);
    [[nodiscard]] boost::asio::awaitable<result<void>> record(progress& work);
    [[nodiscard]] boost::asio::awaitable<result<void>> enter(core::sealed_checkpoint& one,
                                                             checkpoint_state state);
    [[nodiscard]] boost::asio::awaitable<result<void>> run(std::string command);
    [[nodiscard]] boost::asio::awaitable<void> drop_stale_tags();
    [[nodiscard]] boost::asio::awaitable<void> drop_tags(std::string table,
                                                         std::vector<std::string>& tags);

    [[nodiscard]] std::string stage_of(core::sealed_checkpoint const& one) const;
    [[nodiscard]] wire::commit_record row_of(core::sealed_checkpoint const& one) const;
    [[nodiscard]] std::string tag_of(core::sealed_checkpoint const& one) const;
    [[nodiscard]] std::chrono::milliseconds visibility_limit() const;

    commit_context const& context_;
    ledger_keeper const& book_;
    commit_counts& counts_;
    trouble_function on_trouble_;
    std::vector<std::string> stale_tags_;        ///< of the table's extents
    std::vector<std::string> stale_commit_tags_; ///< of the commit table's
};

} // namespace kusto::commit

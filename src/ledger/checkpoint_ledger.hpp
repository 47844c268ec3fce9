#pragma once

#include <core/checkpoint.hpp>
#include <core/recovery.hpp>
#include <filesystem>
#include <kusto/error.hpp>
#include <memory>
#include <string>
#include <vector>

namespace kusto::ledger
{

/// What a ledger is for. A directory that was begun for something else is refused.
struct ledger_identity
{
    std::string job;
    std::string database;
    std::string table;
    std::string protocol; ///< `staged` or `ingest-by`

    friend bool operator==(ledger_identity const&, ledger_identity const&) = default;
};

/// The durable book of checkpoints: one SQLite database, `ledger.sqlite`, in a locked directory.
///
/// Every change is one transaction that is on disk when the function returns. Blocks. Nothing in it
/// is secret.
///
/// \par Errors of all functions, stage ledger
/// - `errc::disk_failed`: the file system refused, or another program reads the database for longer
///   than two seconds. Everything is as it was before. `retryable()` if it may pass. Not when
///   something could not be synchronised: what is on disk is not known then, and every function
///   fails with it until the ledger is opened again.
/// - `errc::ledger_damaged`, naming the file and the remedy: a database that is not one, or not
/// ours,
///   or of another version, or does not hold what was written; a change that does not fit what it
///   holds (precondition violated).
///
/// \par Thread safety
/// Distinct objects only.
class checkpoint_ledger
{
public:
    /// Opens or makes it, and checks it completely.
    ///
    /// \par Errors
    /// Also `errc::ledger_damaged` if there are batch files and no database, and
    /// `errc::invalid_option` naming what differs when the identity is another and
    /// something was sealed.
    [[nodiscard]] static result<checkpoint_ledger> open(std::filesystem::path const& directory,
                                                        ledger_identity const& identity);

    checkpoint_ledger(checkpoint_ledger&&) noexcept;
    checkpoint_ledger& operator=(checkpoint_ledger&&) noexcept;
    ~checkpoint_ledger();

    [[nodiscard]] result<core::ledger_contents> read() const;

    /// Adds a checkpoint as it is given, and its position. \pre `what.id` is `last_sealed + 1`
    [[nodiscard]] result<void> seal(core::sealed_checkpoint const& what);
    /// One more attempt is about to begin. \pre the state is sealed \returns its number
    [[nodiscard]] result<int> begin_attempt(checkpoint_id id);
    /// Committed also advances `last_committed`. The state it has already is no error.
    /// \pre forward in the order of the states, or from staged back to sealed; committed only when
    /// the one before it is
    [[nodiscard]] result<void> set_state(checkpoint_id id, checkpoint_state state);
    /// Drops the rows of committed checkpoints; those that are gone are no error.
    /// \pre committed, and their files are gone
    [[nodiscard]] result<void> forget(std::vector<checkpoint_id> const& ids);
    /// Forgets every checkpoint and goes on after `last`, which the commit table names.
    [[nodiscard]] result<void> restart_after(core::committed_record const& last);

private:
    class database;
    explicit checkpoint_ledger(std::unique_ptr<database> db);

    std::unique_ptr<database> db_;
};

} // namespace kusto::ledger

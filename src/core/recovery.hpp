#pragma once

#include <core/checkpoint.hpp>
#include <cstdint>
#include <kusto/error.hpp>
#include <optional>
#include <string>
#include <vector>

namespace kusto::core
{

/// A file found in a sink's directory.
struct found_file
{
    std::string name;
    std::uint64_t size = 0;
};

/// Everything that the ledger holds about its job.
struct ledger_contents
{
    std::vector<sealed_checkpoint> checkpoints; ///< by id; committed ones only until cleaned up
    checkpoint_id last_sealed = 0;
    checkpoint_id last_committed = 0;
    std::optional<std::string> last_position; ///< of `last_sealed`
    std::string owner = {}; ///< random, made with the ledger: tells two ledgers of one job apart
};

/// What is to be done at open before anything else.
struct recovery_plan
{
    /// Batch files (`batch-*`) that no checkpoint knows: never sealed, or of a committed one.
    std::vector<std::string> remove;
    /// Files to be read and compared with their checksum: those of checkpoints not committed.
    std::vector<sealed_batch> verify;
    /// Committed checkpoints whose rows can go.
    std::vector<checkpoint_id> forget;
};

/// Decides from the ledger and the directory (delivery guarantees, crash points C0, C1, C9, C13).
///
/// Errors, `errc::ledger_damaged` naming the file or checkpoint:
/// - a file of a checkpoint that is not committed is missing, has another size, is known twice or
/// is
///   not named like a batch file;
/// - ids twice or out of order; the checkpoints that are not committed are not exactly those after
///   `last_committed` up to `last_sealed`; a committed checkpoint after one that is not; a
///   checkpoint after `last_sealed`; a negative attempt;
/// - a position without a sealed checkpoint, or none with one, or not that of `last_sealed`.
///
/// Files that do not look like batch files are left alone.
[[nodiscard]] result<recovery_plan> plan_recovery(ledger_contents const& ledger,
                                                  std::vector<found_file> const& files);

/// What the commit table knows of the job.
struct committed_record
{
    checkpoint_id id = 0;
    std::string position;
};

/// What the commit table says about the ledger.
enum class ledger_age
{
    current, ///< the table knows nothing that the ledger does not
    /// The table has later checkpoints, or the same with another position: the ledger is an old
    /// copy, or another sink has the same job (crash point C14).
    outdated,
};

/// \param last  the last row of the job in the commit table, if there is one
[[nodiscard]] ledger_age compare(ledger_contents const& ledger,
                                 std::optional<committed_record> const& last) noexcept;

} // namespace kusto::core

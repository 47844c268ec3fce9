#pragma once

#include <boost/asio/awaitable.hpp>
#include <commit/commit_context.hpp>
#include <core/recovery.hpp>
#include <kusto/error.hpp>
#include <optional>
#include <string>
#include <vector>

namespace kusto::commit
{

/// What was found out about table and job.
class preflight_findings
{
public:
    /// The job's last row in the commit table.
    std::optional<core::committed_record> last;
    core::ledger_age age = core::ledger_age::current;
    /// Tags of recorded checkpoints that are still on extents of the table.
    std::vector<std::string> stale_tags;
};

/// Looks, before anything is accepted, whether the table suits the protocol, whether the rights suffice,
/// and whether the ledger is the job's latest. Makes the commit table if it is missing, and drops stages that
/// nobody needs any more.
///
/// Errors, each with its remedy: `errc::not_found` (table), `errc::schema_mismatch`, `errc::table_unsuited`
/// (update policy, retention of tags), `errc::access_denied`, `errc::ledger_outdated` (later checkpoints
/// that were moved and never recorded, another sink's stages); errors of the service.
/// Cancellation: terminal.
[[nodiscard]] boost::asio::awaitable<result<preflight_findings>>
look_before_the_first_record(commit_context const& context, core::ledger_contents const& ledger);

} // namespace kusto::commit

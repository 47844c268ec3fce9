#pragma once

// Compares the table with the source, and looks for what was left behind.

#include "child_plan.hpp"

#include <filesystem>
#include <kusto/emulator/cluster.hpp>
#include <string>
#include <vector>

namespace kusto::crash
{

using complaints = std::vector<std::string>;

/// What is in the cluster, and what follows from it.
class crash_oracle
{
public:
    crash_oracle(emulator::cluster& cluster, child_plan const& plan)
        : cluster_(cluster),
          plan_(plan)
    {
    }

    /// While the job is not finished: no record twice, and with the protocol `staged` a beginning of the source
    /// without gaps, since whole checkpoints become visible in their order.
    [[nodiscard]] complaints judge_midway() const;
    /// When it is finished: every record once, undamaged, and nothing else.
    [[nodiscard]] complaints judge_table() const;
    /// The commit table: every checkpoint, once or twice the same, from the first to the last record.
    [[nodiscard]] complaints judge_commits() const;
    /// Staging tables, and files of the directory that are neither the ledger's nor the lock.
    [[nodiscard]] complaints judge_remains() const;
    /// Checkpoints that the commit table has twice.
    [[nodiscard]] std::uint64_t commits_twice() const;

private:
    emulator::cluster& cluster_;
    child_plan const& plan_;
};

} // namespace kusto::crash

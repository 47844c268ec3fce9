#pragma once

#include <cstdint>
#include <kusto/statistics.hpp>
#include <string>
#include <string_view>

namespace kusto
{

/// Number of a checkpoint in its ledger: 1, 2, 3 ... without gaps.
using checkpoint_id = std::uint64_t;

/// How far a checkpoint has come.
enum class checkpoint_state
{
    sealed,    ///< durable on the local disk; its records are not in the table
    staged,    ///< all its records, and no others, were seen in its staging table
    moved,     ///< its records are in the table
    committed, ///< and the commit table says so: nothing more becomes of it
};

[[nodiscard]] std::string_view to_string(checkpoint_state state) noexcept;

/// A checkpoint that is sealed and not committed.
struct pending_checkpoint
{
    checkpoint_id id = 0;
    checkpoint_state state = checkpoint_state::sealed;
    std::string position;   ///< of the source, as it was given
    delivery_counts counts; ///< records, bytes before compression, batches
    int attempt = 0;        ///< how often bringing it into the table was begun
};

} // namespace kusto

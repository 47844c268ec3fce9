#pragma once

#include <chrono>
#include <core/stage_check.hpp>
#include <cstddef>
#include <cstdint>
#include <kusto/error.hpp>
#include <kusto/schema.hpp>
#include <kusto/table.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// \file
/// The answers to the commands of control_commands.hpp. A reply without the columns that it must
/// have, or with other contents than promised, is `errc::malformed_reply`, stage commit. No error
/// quotes the reply. All functions are pure.

namespace kusto::wire
{

/// Of `show_extents`. Ids come in lower case without braces.
[[nodiscard]] result<std::vector<core::staged_extent>> read_extents(table const& reply);
/// Of `show_tables_like`.
[[nodiscard]] result<std::vector<std::string>> read_names(table const& reply);
/// Of `show_schema` (`schema as json`: `OrderedColumns` with `CslType`).
[[nodiscard]] result<table_schema> read_schema(table const& reply);

/// Whether there is an update policy.
enum class update_policy_answer
{
    none,
    enabled,
};
/// Of `show_update_policy`: whether one is enabled. One that does not say counts as enabled.
[[nodiscard]] result<update_policy_answer> read_update_policy(table const& reply);
/// Of `show_update_policies`: whether one is enabled that new data of the table `source` triggers,
/// by name or by wildcard.
[[nodiscard]] result<update_policy_answer> read_update_policies(table const& reply,
                                                                std::string_view source);

/// Of `show_tag_retention` and `show_database_tag_retention`: the shortest period that concerns
/// tags beginning with `which` (`drop-by:` or `ingest-by:`): of those policies whose prefix begins
/// with `which` or the reverse, in any case. Nothing if tags stay; a policy that is null or missing
/// says nothing. Whole seconds, rounded down.
[[nodiscard]] result<std::optional<std::chrono::seconds>>
read_tag_retention(table const& reply, std::string_view which);
/// Of `show_mapping`: the JSON text, or nothing.
[[nodiscard]] result<std::optional<std::string>> read_mapping(table const& reply,
                                                              std::string_view name);

/// Of `move_extents` and `move_all_extents`: how many extents were moved. `errc::query_failed`,
/// stage commit, if the reply names one that was not: then none was.
[[nodiscard]] result<std::size_t> read_move(table const& reply);

/// Of `find_commit` and `last_commit`.
struct found_commit
{
    std::uint64_t checkpoint = 0;
    std::string position; ///< decoded
    std::string owner;
};
[[nodiscard]] result<std::optional<found_commit>> read_commit(table const& reply);

} // namespace kusto::wire

#pragma once

#include <chrono>
#include <kusto/table.hpp>
#include <optional>
#include <string>
#include <string_view>

namespace kusto::wire
{

/// What the service does when nothing is set: it collects for up to this long.
inline constexpr std::chrono::minutes default_batching_time{5};

/// `.show table ['T'] policy ingestionbatching`
[[nodiscard]] std::string show_table_batching(std::string_view table);

/// `.show database ['D'] policy ingestionbatching`
[[nodiscard]] std::string show_database_batching(std::string_view database);

/// `MaximumBatchingTimeSpan` of the reply to one of these; nothing if that level has no policy.
/// At most an hour (the service allows 30 min).
[[nodiscard]] std::optional<std::chrono::milliseconds> batching_time(table const& rows);

} // namespace kusto::wire

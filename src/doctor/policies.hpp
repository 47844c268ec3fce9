#pragma once

#include <chrono>
#include <doctor/verdict.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace kusto::doctor
{

/// The policies of a table that matter for ingestion.
class table_policies
{
public:
    table_policies() = default;

    /// Longest wait of the service for more data; nothing: its default.
    std::optional<std::chrono::milliseconds> batching_time;
    /// Whether new data of the table fill another one.
    bool updates_others = false;
    /// How long extent tags stay; nothing: forever.
    std::optional<std::chrono::seconds> tag_retention;
};

/// What is to be said about them.
[[nodiscard]] verdict judge_policies(table_policies const& policies);

/// The columns that a mapping names, in its order. Nothing if it is not JSON as mappings are.
[[nodiscard]] std::optional<std::vector<std::string>> mapped_columns(std::string_view mapping);

/// Whether a mapping fits its table. Columns that the mapping leaves out stay empty, and that is
/// all right.
[[nodiscard]] verdict judge_mapping(std::string_view mapping, table_schema const& columns);

/// What is to be said about the columns of a table.
/// \param expected  empty: any
[[nodiscard]] verdict judge_schema(table_schema const& expected, table_schema const& actual);

} // namespace kusto::doctor

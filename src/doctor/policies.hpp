#pragma once

#include <chrono>
#include <doctor/verdict.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
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

/// One entry of a mapping.
class mapped_column
{
public:
    mapped_column(std::string name_, std::string type_)
        : name(std::move(name_)),
          type(std::move(type_))
    {
    }

    std::string name;
    std::string type; ///< empty: none is given
};

/// The columns that a mapping names, in its order, whatever the spelling of its keys. Nothing if it
/// is not JSON as mappings are, or if an entry names no column.
[[nodiscard]] std::optional<std::vector<mapped_column>> mapped_columns(std::string_view mapping);

/// Whether a mapping fits its table. Columns that the mapping leaves out stay empty, and that is
/// all right; queued ingestion adds those that the table does not have, if it knows their types.
[[nodiscard]] verdict judge_mapping(std::string_view mapping, table_schema const& columns);

/// What is to be said about the columns of a table.
/// \param expected  empty: any
[[nodiscard]] verdict judge_schema(table_schema const& expected, table_schema const& actual);

} // namespace kusto::doctor

#pragma once

#include <kusto/value.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <wire/json.hpp>

namespace kusto::wire
{

/// Kusto's name of a column type, from `ColumnType` or, in old replies, from the .NET name in
/// `DataType`. A type that is not known comes back as it is.
[[nodiscard]] std::string column_type(std::string_view column_type, std::string_view data_type);

/// A cell of a result as a value of the column's type; nothing when it is not one. Cells of unknown
/// types become strings.
[[nodiscard]] std::optional<value> read_cell(json::value const& cell, std::string_view type);

} // namespace kusto::wire

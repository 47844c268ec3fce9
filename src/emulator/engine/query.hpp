#pragma once

#include "catalog.hpp"
#include "operators.hpp"

namespace kusto::emulator::kql
{

/// Rows that a query may return unless `set notruncation`.
constexpr std::size_t max_result_rows = 500'000;

/// \throws engine_error
[[nodiscard]] result_table run_query(catalog& target, std::string const& database,
                                     std::string_view text);
/// Pipes a table through operators, for commands followed by `|`.
[[nodiscard]] result_table run_operations(result_table source,
                                          std::vector<syntax::operation> const& operations);

} // namespace kusto::emulator::kql

#pragma once

#include "lexer.hpp"
#include "syntax.hpp"

namespace kusto::emulator::kql
{

/// \throws engine_error for what is malformed or not supported
[[nodiscard]] syntax::query parse_query(std::string_view text);
/// `| operator | operator ...` up to the end of the text.
[[nodiscard]] std::vector<syntax::operation> parse_operations(lexer& in);
[[nodiscard]] syntax::expression_ptr parse_expression(lexer& in);

} // namespace kusto::emulator::kql

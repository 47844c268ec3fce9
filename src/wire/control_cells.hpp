#pragma once

#include <cstdint>
#include <kusto/error.hpp>
#include <kusto/table.hpp>
#include <string>
#include <string_view>
#include <vector>

/// \file
/// Cells of the answers to control commands. What is not as expected is `errc::malformed_reply`,
/// stage commit; the message names the column and never quotes the reply.

namespace kusto::wire
{

[[nodiscard]] failure malformed(std::string const& what);
[[nodiscard]] failure malformed_cell(std::string_view column, std::string_view wanted);

/// The cells of one column, in the order of the rows. Names are compared without regard to case.
[[nodiscard]] result<std::vector<value>> column_of(table const& reply, std::string_view name);

/// Text; empty for null. A JSON text may arrive as a `dynamic`.
[[nodiscard]] result<std::string> text_of(value const& cell, std::string_view column);
/// Text that is not empty.
[[nodiscard]] result<std::string> name_of(value const& cell, std::string_view column);
/// A guid, or a text that is one; in lower case with dashes.
[[nodiscard]] result<std::string> id_of(value const& cell, std::string_view column);
/// A whole number that is not negative.
[[nodiscard]] result<std::uint64_t> count_of(value const& cell, std::string_view column);

} // namespace kusto::wire

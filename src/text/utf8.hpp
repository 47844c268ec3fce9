#pragma once

#include <cstddef>
#include <string_view>

namespace kusto::text
{

/// Offset of the first byte that does not belong to well-formed UTF-8 (Unicode 15, table 3-7: no
/// overlong forms, no surrogates, nothing above U+10FFFF); `npos` if there is none.
[[nodiscard]] std::size_t find_invalid_utf8(std::string_view text) noexcept;

/// Length of the well-formed sequence of two to four bytes at the beginning of the text, or 0.
[[nodiscard]] std::size_t multibyte_length(std::string_view text) noexcept;

} // namespace kusto::text

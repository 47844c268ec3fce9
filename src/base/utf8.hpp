#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

namespace kusto::base
{

/// What editors and shells of other systems put in front of a text (U+FEFF).
inline constexpr std::string_view byte_order_mark = "\xef\xbb\xbf";

/// Number of characters (code points) in UTF-8 text; nothing when it is not UTF-8.
[[nodiscard]] std::optional<std::size_t> count_characters(std::string_view text) noexcept;

} // namespace kusto::base

#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

namespace kusto::base
{

/// Number of characters (code points) in UTF-8 text; nothing when it is not UTF-8.
[[nodiscard]] std::optional<std::size_t> count_characters(std::string_view text) noexcept;

} // namespace kusto::base

#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace kusto::emulator::kql
{

/// Digits with an optional sign, point and exponent, at most 34 significant ones.
/// \returns plain notation without superfluous zeros (`-0.5`, `120`, `0`), or nothing
[[nodiscard]] std::optional<std::string> parse_decimal(std::string_view text);
/// Orders two canonical texts by value: negative, zero or positive.
[[nodiscard]] int compare_decimals(std::string_view left, std::string_view right) noexcept;

} // namespace kusto::emulator::kql

#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace kusto::emulator::kql
{

/// Offset of the first byte that is not part of well-formed UTF-8; `npos` when there is none.
[[nodiscard]] std::size_t first_malformed(std::string_view text) noexcept;
/// A copy in which every malformed sequence is one U+FFFD.
[[nodiscard]] std::string repair_utf8(std::string_view text);
void append_utf8(std::string& out, std::uint32_t code_point);
/// UTF-16 code units, which is what the service counts as the length of a string.
[[nodiscard]] std::int64_t utf16_length(std::string_view text) noexcept;
[[nodiscard]] bool is_ascii(std::string_view text) noexcept;

} // namespace kusto::emulator::kql

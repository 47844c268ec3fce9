#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace kusto::base
{

/// Standard alphabet, padded, without line breaks.
[[nodiscard]] std::string base64_encode(std::string_view bytes);

/// Standard alphabet, padding required; anything else (line breaks, other characters, stray bits)
/// is refused.
[[nodiscard]] std::optional<std::string> base64_decode(std::string_view text);

/// The alphabet of URLs (`-` and `_`), without padding: the form of tokens.
[[nodiscard]] std::string base64url_encode(std::string_view bytes);

/// The same strictly backwards: padding and characters of the standard alphabet are refused.
[[nodiscard]] std::optional<std::string> base64url_decode(std::string_view text);

} // namespace kusto::base

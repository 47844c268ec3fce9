#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <telemetry/valid_text.hpp>
#include <wire/http.hpp>

namespace kusto::doctor
{

/// Text of unknown origin as one line of UTF-8: no control characters, nothing that looks like a
/// signature or token, at most `limit` bytes.
[[nodiscard]] inline std::string clean_text(std::string_view text, std::size_t limit = 200)
{
    return telemetry::valid_text(wire::printable(text, limit));
}

} // namespace kusto::doctor

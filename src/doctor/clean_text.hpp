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

/// The library's own text, which may hold names that users chose, as one line of UTF-8.
[[nodiscard]] inline std::string one_line(std::string_view text)
{
    auto line = telemetry::valid_text(text);
    for (auto& c : line)
    {
        if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f)
            c = ' ';
    }
    return line;
}

} // namespace kusto::doctor

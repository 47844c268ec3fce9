#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <telemetry/valid_text.hpp>
#include <wire/http.hpp>

namespace kusto::doctor
{

/// The library's own text, which may hold names that users chose, as one line of UTF-8. Control
/// characters, those of C1 (U+0080 to U+009F) too, become blanks: terminals obey both kinds.
[[nodiscard]] inline std::string one_line(std::string_view text)
{
    auto const valid = telemetry::valid_text(text);
    std::string line;
    line.reserve(valid.size());
    for (std::size_t i = 0; i < valid.size(); ++i)
    {
        auto const c = static_cast<unsigned char>(valid[i]);
        auto const next = i + 1 < valid.size() ? static_cast<unsigned char>(valid[i + 1]) : 0u;
        bool const is_c1 = c == 0xc2 && next >= 0x80 && next < 0xa0; // in UTF-8
        bool const is_control = c < 0x20 || c == 0x7f || is_c1;
        line += is_control ? ' ' : valid[i];
        i += is_c1 ? 1 : 0;
    }
    return line;
}

/// Text of unknown origin as one line of UTF-8: no control characters, nothing that looks like a
/// signature or token, at most `limit` bytes.
[[nodiscard]] inline std::string clean_text(std::string_view text, std::size_t limit = 200)
{
    return one_line(wire::printable(text, limit));
}

} // namespace kusto::doctor

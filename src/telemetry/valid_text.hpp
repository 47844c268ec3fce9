#pragma once

#include <base/utf8.hpp>
#include <string>
#include <string_view>

namespace kusto::telemetry
{

/// UTF-8 whatever comes in, since both formats demand it: text that is not UTF-8 is shown with `?`
/// in place of every byte outside of ASCII.
[[nodiscard]] inline std::string valid_text(std::string_view text)
{
    std::string valid(text);
    if (base::count_characters(text))
        return valid;
    for (auto& c : valid)
    {
        if (static_cast<unsigned char>(c) >= 0x80)
            c = '?';
    }
    return valid;
}

} // namespace kusto::telemetry

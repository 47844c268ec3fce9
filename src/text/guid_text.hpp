#pragma once

#include <array>
#include <cstring>
#include <kusto/types.hpp>

namespace kusto::text
{

/// `00` to `ff`, one behind the other.
inline constexpr std::array<char, 512> hex_pairs = []
{
    constexpr char digits[] = "0123456789abcdef";
    std::array<char, 512> made{};
    for (std::size_t i = 0; i < 256; ++i)
    {
        made[2 * i] = digits[i >> 4];
        made[2 * i + 1] = digits[i & 15];
    }
    return made;
}();

/// Lower case with dashes, 36 characters; returns the end.
inline char* format_guid(guid const& v, char* out) noexcept
{
    for (std::size_t i = 0; i < 16; ++i, out += 2)
    {
        if (i == 4 || i == 6 || i == 8 || i == 10)
            *out++ = '-';
        std::memcpy(out, &hex_pairs[std::size_t(2) * v.bytes()[i]], 2);
    }
    return out;
}

} // namespace kusto::text

#pragma once

#include <kusto/types.hpp>

namespace kusto::text
{

/// Lower case with dashes, 36 characters; returns the end.
inline char* format_guid(guid const& v, char* out) noexcept
{
    static constexpr char digits[] = "0123456789abcdef";
    for (std::size_t i = 0; i < 16; ++i)
    {
        if (i == 4 || i == 6 || i == 8 || i == 10)
            *out++ = '-';
        *out++ = digits[v.bytes()[i] >> 4];
        *out++ = digits[v.bytes()[i] & 15];
    }
    return out;
}

} // namespace kusto::text

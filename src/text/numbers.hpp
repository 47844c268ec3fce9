#pragma once

#include <charconv>
#include <cmath>
#include <cstdint>
#include <kusto/record_buffer.hpp>
#include <string_view>

namespace kusto::text
{

inline void append_integer(record_buffer& out, std::int64_t v)
{
    char* const begin = out.prepare(24);
    auto const done = std::to_chars(begin, begin + 24, v);
    out.commit(static_cast<std::size_t>(done.ptr - begin));
}

/// Spelling of a number that has no digits; empty for finite ones.
template <class Real>
[[nodiscard]] std::string_view non_finite_text(Real v) noexcept
{
    if (std::isfinite(v))
        return {};
    if (std::isnan(v))
        return "NaN";
    return v < 0 ? "-Infinity" : "Infinity";
}

/// Shortest digits that read back as the same number.
template <class Real>
void append_finite(record_buffer& out, Real v)
{
    char* const begin = out.prepare(32);
    auto const done = std::to_chars(begin, begin + 32, v);
    out.commit(static_cast<std::size_t>(done.ptr - begin));
}

} // namespace kusto::text

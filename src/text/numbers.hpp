#pragma once

#include <cmath>
#include <string_view>

namespace kusto::text
{

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

} // namespace kusto::text

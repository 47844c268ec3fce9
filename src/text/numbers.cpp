#include <kusto/encoder.hpp>

#include <cfloat>
#include <charconv>
#include <cmath>
#include <cstring>
#include <text/digits.hpp>
#include <text/numbers.hpp>

namespace kusto::detail
{

namespace
{

/// Writes `units / 10^6` without trailing zeros.
char* put_millionths(char* out, std::uint64_t units) noexcept
{
    out = text::put_unsigned(out, units / 1'000'000);
    auto const fraction = static_cast<std::uint32_t>(units % 1'000'000);
    *out++ = '.';
    out = text::put_2_digits(out, fraction / 10'000);
    out = text::put_4_digits(out, fraction % 10'000);
    while (out[-1] == '0')
        --out;
    return out;
}

/// Numbers that have few digits: integers below 10^15, and those of at most six decimals. The
/// result is that of `std::to_chars`, because
/// - two decimal numbers of 15 digits or fewer are never the same double, so a decimal number of so
///   few digits that reads back as `v` is the shortest there is;
/// - where integers are written with less than five trailing zeros, and fractions from 0.001 on,
///   plain notation is not longer than the scientific one.
/// \returns null for all others
char* put_simple(char* out, double v) noexcept
{
    // With excess precision the comparisons below would mean nothing.
    if constexpr (FLT_EVAL_METHOD != 0)
        return nullptr;
    auto const magnitude = std::fabs(v);
    if (!(magnitude >= 0.001 && magnitude < 1e15))
        return nullptr;
    auto const whole = static_cast<std::uint64_t>(magnitude);
    bool const is_whole = static_cast<double>(whole) == magnitude;
    if (is_whole && whole % 100'000 == 0)
        return nullptr;
    // A quotient of two exact doubles is the double next to the quotient of the numbers.
    auto const units = magnitude < 1e9 ? static_cast<std::uint64_t>(magnitude * 1e6 + 0.5) : 0;
    if (!is_whole && static_cast<double>(units) / 1e6 != magnitude)
        return nullptr;
    *out = '-';
    out += v < 0 ? 1 : 0;
    return is_whole ? text::put_unsigned(out, whole) : put_millionths(out, units);
}

template <class Real>
char* put_real(char* out, Real v) noexcept
{
    auto const special = text::non_finite_text(v);
    if (special.empty())
        return std::to_chars(out, out + real_text_size, v).ptr;
    std::memcpy(out, special.data(), special.size());
    return out + special.size();
}

} // namespace

char* format_integer(std::int64_t v, char* out) noexcept
{
    // Unsigned, because the smallest number has no positive counterpart.
    auto const bits = static_cast<std::uint64_t>(v);
    *out = '-';
    out += v < 0 ? 1 : 0;
    return text::put_unsigned(out, v < 0 ? 0 - bits : bits);
}

char* format_real(double v, char* out) noexcept
{
    if (char* const end = put_simple(out, v))
        return end;
    return put_real(out, v);
}

char* format_real(float v, char* out) noexcept
{
    return put_real(out, v);
}

} // namespace kusto::detail

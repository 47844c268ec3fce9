#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>

namespace kusto::text
{

/// `00` to `99`, one behind the other.
inline constexpr std::array<char, 200> digit_pairs = []
{
    std::array<char, 200> made{};
    for (std::size_t i = 0; i < 100; ++i)
    {
        made[2 * i] = static_cast<char>('0' + i / 10);
        made[2 * i + 1] = static_cast<char>('0' + i % 10);
    }
    return made;
}();

/// \pre `v < 100`
inline char* put_2_digits(char* out, std::uint32_t v) noexcept
{
    std::memcpy(out, &digit_pairs[2 * v], 2);
    return out + 2;
}

/// \pre `v < 10'000`
inline char* put_4_digits(char* out, std::uint32_t v) noexcept
{
    out = put_2_digits(out, v / 100);
    return put_2_digits(out, v % 100);
}

/// Number of decimal digits, 1 to 20.
[[nodiscard]] inline int count_digits(std::uint64_t v) noexcept
{
    static constexpr auto powers = []
    {
        std::array<std::uint64_t, 20> made{};
        std::uint64_t power = 1;
        for (auto& p : made)
        {
            p = power;
            power *= 10;
        }
        made[0] = 0;
        return made;
    }();
    // 1233 / 4096 is log10(2), near enough for 64 bits.
    auto const guess = std::bit_width(v | 1) * 1233 >> 12;
    return guess + (v >= powers[static_cast<std::size_t>(guess)] ? 1 : 0);
}

/// Without leading zeros; returns the end.
inline char* put_unsigned(char* out, std::uint64_t v) noexcept
{
    char* const end = out + count_digits(v);
    char* at = end;
    for (; v >= 100; v /= 100)
        put_2_digits(at -= 2, static_cast<std::uint32_t>(v % 100));
    if (v >= 10)
        put_2_digits(at - 2, static_cast<std::uint32_t>(v));
    else
        at[-1] = static_cast<char>('0' + v);
    return end;
}

} // namespace kusto::text

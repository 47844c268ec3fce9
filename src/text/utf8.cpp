#include <text/utf8.hpp>

#include <array>
#include <bit>
#include <cstdint>
#include <cstring>
#include <kusto/lines.hpp>
#if defined(__SSE2__)
#include <emmintrin.h>
#endif

namespace kusto::text
{

namespace
{

constexpr std::uint8_t special_flag = 1;
constexpr std::uint8_t quote_flag = 2;
constexpr std::uint8_t high_flag = 4;

constexpr std::array<std::uint8_t, 256> flags = []
{
    std::array<std::uint8_t, 256> made{};
    made[','] = made['\r'] = made['\n'] = special_flag;
    made['"'] = special_flag | quote_flag;
    for (std::size_t i = 0x80; i < 256; ++i)
        made[i] = high_flag;
    return made;
}();

constexpr bool in_range(unsigned char c, unsigned char low, unsigned char high) noexcept
{
    return c >= low && c <= high;
}

constexpr bool is_continuation(unsigned char c) noexcept
{
    return in_range(c, 0x80, 0xbf);
}

/// Number of bytes at the beginning that are certainly ASCII, in steps of eight.
std::size_t skip_ascii(char const* data, std::size_t size) noexcept
{
    std::size_t done = 0;
    for (; size - done >= 8; done += 8)
    {
        std::uint64_t word;
        std::memcpy(&word, data + done, sizeof(word));
        if ((word & 0x8080808080808080u) != 0)
            break;
    }
    return done;
}

} // namespace

field_scan scan_field(std::string_view text) noexcept
{
    std::size_t quotes = 0;
    std::uint8_t seen = 0;
    std::size_t at = 0;
#if defined(__SSE2__)
    if (text.size() >= 16)
    {
        auto const quote = _mm_set1_epi8('"');
        auto const comma = _mm_set1_epi8(',');
        auto const cr = _mm_set1_epi8('\r');
        auto const lf = _mm_set1_epi8('\n');
        int special = 0;
        int high = 0;
        for (; text.size() - at >= 16; at += 16)
        {
            auto const block = _mm_loadu_si128(reinterpret_cast<__m128i const*>(text.data() + at));
            auto const is_quote = _mm_cmpeq_epi8(block, quote);
            auto const is_break =
                _mm_or_si128(_mm_cmpeq_epi8(block, cr), _mm_cmpeq_epi8(block, lf));
            special |= _mm_movemask_epi8(
                _mm_or_si128(is_quote, _mm_or_si128(is_break, _mm_cmpeq_epi8(block, comma))));
            quotes += static_cast<std::size_t>(
                std::popcount(static_cast<unsigned>(_mm_movemask_epi8(is_quote))));
            high |= _mm_movemask_epi8(block);
        }
        seen = static_cast<std::uint8_t>((special != 0 ? special_flag : 0) |
                                         (high != 0 ? high_flag : 0));
    }
#endif
    for (; at < text.size(); ++at)
    {
        auto const flag = flags[static_cast<unsigned char>(text[at])];
        seen |= flag;
        quotes += (flag & quote_flag) != 0;
    }
    field_scan result;
    result.special = (seen & special_flag) != 0;
    result.ascii = (seen & high_flag) == 0;
    result.quotes = quotes;
    return result;
}

std::size_t multibyte_length(std::string_view text) noexcept
{
    auto const at = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
    auto const left = text.size();
    if (left < 2)
        return 0;
    auto const first = at(0);
    if (in_range(first, 0xc2, 0xdf))
        return is_continuation(at(1)) ? 2 : 0;
    if (in_range(first, 0xe0, 0xef))
    {
        unsigned char const low = first == 0xe0 ? 0xa0 : 0x80;
        unsigned char const high = first == 0xed ? 0x9f : 0xbf;
        return left >= 3 && in_range(at(1), low, high) && is_continuation(at(2)) ? 3 : 0;
    }
    if (in_range(first, 0xf0, 0xf4))
    {
        unsigned char const low = first == 0xf0 ? 0x90 : 0x80;
        unsigned char const high = first == 0xf4 ? 0x8f : 0xbf;
        return left >= 4 && in_range(at(1), low, high) && is_continuation(at(2)) &&
                       is_continuation(at(3))
                   ? 4
                   : 0;
    }
    return 0;
}

std::size_t find_invalid_utf8(std::string_view text) noexcept
{
    std::size_t at = 0;
    while (at < text.size())
    {
        at += skip_ascii(text.data() + at, text.size() - at);
        while (at < text.size() && static_cast<unsigned char>(text[at]) < 0x80)
            ++at;
        if (at == text.size())
            break;
        auto const length = multibyte_length(text.substr(at));
        if (length == 0)
            return at;
        at += length;
    }
    return std::string_view::npos;
}

} // namespace kusto::text

namespace kusto
{

bool is_utf8(std::string_view text) noexcept
{
    return text::find_invalid_utf8(text) == std::string_view::npos;
}

} // namespace kusto

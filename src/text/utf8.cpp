#include <text/utf8.hpp>

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

constexpr bool in_range(unsigned char c, unsigned char low, unsigned char high) noexcept
{
    return c >= low && c <= high;
}

constexpr bool is_continuation(unsigned char c) noexcept
{
    return in_range(c, 0x80, 0xbf);
}

/// Where the first byte that is not ASCII is; the size if there is none.
std::size_t skip_ascii(std::string_view text, std::size_t at) noexcept
{
#if defined(__SSE2__)
    for (; text.size() - at >= 16; at += 16)
    {
        auto const block = _mm_loadu_si128(reinterpret_cast<__m128i const*>(text.data() + at));
        auto const high = static_cast<unsigned>(_mm_movemask_epi8(block));
        if (high != 0)
            return at + static_cast<std::size_t>(std::countr_zero(high));
    }
#endif
    for (; text.size() - at >= 8; at += 8)
    {
        std::uint64_t word;
        std::memcpy(&word, text.data() + at, sizeof(word));
        if ((word & 0x8080808080808080u) != 0)
            break;
    }
    while (at < text.size() && static_cast<unsigned char>(text[at]) < 0x80)
        ++at;
    return at;
}

} // namespace

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
    for (std::size_t at = 0; (at = skip_ascii(text, at)) != text.size();)
        // Characters that are not ASCII are rarely alone.
        do
        {
            auto const length = multibyte_length(text.substr(at));
            if (length == 0)
                return at;
            at += length;
        } while (at < text.size() && static_cast<unsigned char>(text[at]) >= 0x80);
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

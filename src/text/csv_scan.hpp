#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>
#if defined(__SSE2__)
#include <emmintrin.h>
#endif

namespace kusto::text
{

/// What a CSV writer must know of a field.
struct field_scan
{
    bool special = false;   ///< holds a comma, quote, CR or LF
    bool ascii = true;      ///< holds only ASCII
    std::size_t quotes = 0; ///< number of quotes
};

/// One pass over the text.
[[nodiscard]] field_scan scan_field(std::string_view text) noexcept;

/// What a line of CSV holds.
struct line_scan
{
    bool special = false; ///< a quote, CR or LF
    bool ascii = true;    ///< only ASCII
};

/// One pass over the text.
[[nodiscard]] line_scan scan_line(std::string_view line) noexcept;

/// Whether a line is exactly one record of RFC 4180: quotes only around whole fields or, doubled,
/// inside of them; line breaks only inside of quotes. One pass, without a branch for each quote.
[[nodiscard]] bool is_one_record(std::string_view line) noexcept;

namespace csv_class
{
constexpr std::uint8_t comma = 1;
constexpr std::uint8_t quote = 2;
constexpr std::uint8_t line_break = 4;
constexpr std::uint8_t not_ascii = 8;
} // namespace csv_class

/// The class of each byte; 0 for what is plain text everywhere.
inline constexpr std::array<std::uint8_t, 256> csv_classes = []
{
    std::array<std::uint8_t, 256> made{};
    made[','] = csv_class::comma;
    made['"'] = csv_class::quote;
    made['\r'] = made['\n'] = csv_class::line_break;
    for (std::size_t i = 0x80; i < 256; ++i)
        made[i] = csv_class::not_ascii;
    return made;
}();

[[nodiscard]] inline std::uint8_t csv_class_of(char c) noexcept
{
    return csv_classes[static_cast<unsigned char>(c)];
}

#if defined(__SSE2__)

/// The sign bit of each byte is set where the byte is special in a field or not ASCII.
inline __m128i not_plain(__m128i block) noexcept
{
    auto const breaks = _mm_or_si128(_mm_cmpeq_epi8(block, _mm_set1_epi8('\r')),
                                     _mm_cmpeq_epi8(block, _mm_set1_epi8('\n')));
    auto const others = _mm_or_si128(_mm_cmpeq_epi8(block, _mm_set1_epi8(',')),
                                     _mm_cmpeq_epi8(block, _mm_set1_epi8('"')));
    return _mm_or_si128(block, _mm_or_si128(breaks, others));
}

/// Copies `size` bytes, 16 or more. \returns whether all of them are plain
inline bool copy_blocks(char* to, char const* from, std::size_t size) noexcept
{
    auto const load = [&](std::size_t at)
    { return _mm_loadu_si128(reinterpret_cast<__m128i const*>(from + at)); };
    auto const store = [&](std::size_t at, __m128i block)
    { _mm_storeu_si128(reinterpret_cast<__m128i*>(to + at), block); };
    // The last block overlaps the one before it.
    auto const last = load(size - 16);
    auto seen = not_plain(last);
    for (std::size_t at = 0; at + 16 < size; at += 16)
    {
        auto const block = load(at);
        seen = _mm_or_si128(seen, not_plain(block));
        store(at, block);
    }
    store(size - 16, last);
    return _mm_movemask_epi8(seen) == 0;
}

/// Copies `size` bytes, 4 to 15, as two overlapping words. \returns whether all of them are plain
template <class Word>
bool copy_two_words(char* to, char const* from, std::size_t size) noexcept
{
    Word words[2];
    std::memcpy(&words[0], from, sizeof(Word));
    std::memcpy(&words[1], from + size - sizeof(Word), sizeof(Word));
    std::memcpy(to, &words[0], sizeof(Word));
    std::memcpy(to + size - sizeof(Word), &words[1], sizeof(Word));
    auto const block = _mm_set_epi64x(static_cast<std::int64_t>(words[1]),
                                      static_cast<std::int64_t>(words[0]));
    return _mm_movemask_epi8(not_plain(block)) == 0;
}

#endif

/// Copies a field. \returns whether it is plain: ASCII without comma, quote, CR and LF, so that it
/// needs neither quotes nor a check
inline bool copy_field(char* to, std::string_view from) noexcept
{
#if defined(__SSE2__)
    if (from.size() >= 16)
        return copy_blocks(to, from.data(), from.size());
    if (from.size() >= 8)
        return copy_two_words<std::uint64_t>(to, from.data(), from.size());
    if (from.size() >= 4)
        return copy_two_words<std::uint32_t>(to, from.data(), from.size());
#endif
    unsigned seen = 0;
    for (char const c : from)
    {
        seen |= csv_class_of(c);
        *to++ = c;
    }
    return seen == 0;
}

} // namespace kusto::text

#include <text/csv_scan.hpp>

#include <bit>

namespace kusto::text
{

namespace
{

/// Where, of up to 64 bytes, each class of bytes is; bit 0 is the first byte.
struct places
{
    std::uint64_t quotes = 0;
    std::uint64_t commas = 0;
    std::uint64_t breaks = 0;
};

/// \pre `data` has 64 bytes
places find_places(char const* data) noexcept
{
    places found;
#if defined(__SSE2__)
    for (int i = 0; i < 64; i += 16)
    {
        auto const block = _mm_loadu_si128(reinterpret_cast<__m128i const*>(data + i));
        auto const mask = [&](__m128i equal)
        { return static_cast<std::uint64_t>(_mm_movemask_epi8(equal)) << i; };
        auto const equal = [&](char c) { return _mm_cmpeq_epi8(block, _mm_set1_epi8(c)); };
        found.quotes |= mask(equal('"'));
        found.commas |= mask(equal(','));
        found.breaks |= mask(_mm_or_si128(equal('\r'), equal('\n')));
    }
#else
    for (int i = 0; i < 64; ++i)
    {
        auto const seen = csv_class_of(data[i]);
        found.quotes |= std::uint64_t((seen & csv_class::quote) != 0) << i;
        found.commas |= std::uint64_t((seen & csv_class::comma) != 0) << i;
        found.breaks |= std::uint64_t((seen & csv_class::line_break) != 0) << i;
    }
#endif
    return found;
}

/// Bit i is the parity of the bits 0 to i.
std::uint64_t running_parity(std::uint64_t bits) noexcept
{
    for (int shift = 1; shift < 64; shift *= 2)
        bits ^= bits << shift;
    return bits;
}

/// RFC 4180 over a text that comes in pieces of 64 bytes. Every second quote closes; doubled
/// quotes close and open again with nothing between. So a line is sound if
/// - each opening quote follows a comma, a quote, or nothing,
/// - each closing one is followed by a comma, a quote, or nothing,
/// - and no line break is outside.
class quote_checker
{
public:
    /// \returns false if the text is no record. \param valid  ones where the piece has bytes
    bool check(places const& at, std::uint64_t valid) noexcept
    {
        auto const inside = running_parity(at.quotes) ^ inside_;
        auto const neighbours = at.quotes | at.commas;
        auto const opening = at.quotes & inside;
        auto const closing = at.quotes & ~inside;
        auto const wrong = (opening & ~(neighbours << 1 | may_open_)) |
                           ((closing << 1 | closed_) & ~neighbours & valid) |
                           (at.breaks & ~inside);
        inside_ = std::uint64_t(0) - (inside >> 63);
        may_open_ = neighbours >> 63;
        closed_ = closing >> 63;
        return wrong == 0;
    }
    /// Whether the text may end here.
    [[nodiscard]] bool outside() const noexcept { return inside_ == 0; }

private:
    std::uint64_t inside_ = 0;   ///< all ones: the piece begins inside of quotes
    std::uint64_t may_open_ = 1; ///< a quote at the piece's beginning may open
    std::uint64_t closed_ = 0;   ///< a quote at the end of the piece before closed
};

} // namespace

field_scan scan_field(std::string_view text) noexcept
{
    field_scan result;
    unsigned seen = 0;
    std::size_t at = 0;
#if defined(__SSE2__)
    auto all = _mm_setzero_si128();
    for (; text.size() - at >= 16; at += 16)
    {
        auto const block = _mm_loadu_si128(reinterpret_cast<__m128i const*>(text.data() + at));
        auto const quotes = _mm_movemask_epi8(_mm_cmpeq_epi8(block, _mm_set1_epi8('"')));
        result.quotes += static_cast<std::size_t>(std::popcount(static_cast<unsigned>(quotes)));
        auto const high = _mm_movemask_epi8(block);
        seen |= high != 0 ? csv_class::not_ascii : 0u;
        // Without the bytes' own sign bits.
        all = _mm_or_si128(all, _mm_andnot_si128(block, not_plain(block)));
    }
    seen |= _mm_movemask_epi8(all) != 0 ? csv_class::comma : 0u;
#endif
    for (; at < text.size(); ++at)
    {
        auto const one = csv_class_of(text[at]);
        seen |= one;
        result.quotes += (one & csv_class::quote) != 0;
    }
    result.special = (seen & ~unsigned(csv_class::not_ascii)) != 0;
    result.ascii = (seen & csv_class::not_ascii) == 0;
    return result;
}

line_scan scan_line(std::string_view line) noexcept
{
    unsigned seen = 0;
    std::size_t at = 0;
#if defined(__SSE2__)
    if (line.size() >= 16)
    {
        auto special = _mm_setzero_si128();
        auto high = _mm_setzero_si128();
        auto const look = [&](std::size_t from)
        {
            auto const block =
                _mm_loadu_si128(reinterpret_cast<__m128i const*>(line.data() + from));
            auto const breaks = _mm_or_si128(_mm_cmpeq_epi8(block, _mm_set1_epi8('\r')),
                                             _mm_cmpeq_epi8(block, _mm_set1_epi8('\n')));
            special = _mm_or_si128(
                special, _mm_or_si128(breaks, _mm_cmpeq_epi8(block, _mm_set1_epi8('"'))));
            high = _mm_or_si128(high, block);
        };
        for (; line.size() - at >= 32; at += 32)
        {
            look(at);
            look(at + 16);
        }
        if (line.size() - at >= 16)
            look(at);
        // The last block overlaps the one before it.
        look(line.size() - 16);
        at = line.size();
        seen = (_mm_movemask_epi8(special) != 0 ? csv_class::quote : 0u) |
               (_mm_movemask_epi8(high) != 0 ? csv_class::not_ascii : 0u);
    }
#endif
    for (; at < line.size(); ++at)
        seen |= csv_class_of(line[at]);
    line_scan result;
    result.special = (seen & (csv_class::quote | csv_class::line_break)) != 0;
    result.ascii = (seen & csv_class::not_ascii) == 0;
    return result;
}

bool is_one_record(std::string_view line) noexcept
{
    quote_checker checker;
    std::size_t at = 0;
    for (; line.size() - at >= 64; at += 64)
        if (!checker.check(find_places(line.data() + at), ~std::uint64_t(0)))
            return false;
    auto const left = line.size() - at;
    if (left != 0)
    {
        char rest[64] = {};
        std::memcpy(rest, line.data() + at, left);
        if (!checker.check(find_places(rest), (std::uint64_t(1) << left) - 1))
            return false;
    }
    return checker.outside();
}

} // namespace kusto::text

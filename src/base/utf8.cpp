#include <base/utf8.hpp>

#include <cstdint>

namespace kusto::base
{

namespace
{

struct lead
{
    std::size_t length;
    std::uint32_t bits;
    std::uint32_t smallest; // of a character of this length: anything below is overlong
};

lead classify(unsigned char byte) noexcept
{
    if (byte < 0x80)
        return {1, byte, 0};
    if ((byte & 0xe0) == 0xc0)
        return {2, byte & 0x1fu, 0x80};
    if ((byte & 0xf0) == 0xe0)
        return {3, byte & 0x0fu, 0x800};
    if ((byte & 0xf8) == 0xf0)
        return {4, byte & 0x07u, 0x10000};
    return {0, 0, 0};
}

} // namespace

std::optional<std::size_t> count_characters(std::string_view text) noexcept
{
    std::size_t count = 0;
    for (std::size_t i = 0; i < text.size(); ++count)
    {
        auto const first = classify(static_cast<unsigned char>(text[i]));
        if (first.length == 0 || text.size() - i < first.length)
            return std::nullopt;
        auto code = first.bits;
        for (std::size_t k = 1; k < first.length; ++k)
        {
            auto const byte = static_cast<unsigned char>(text[i + k]);
            if ((byte & 0xc0) != 0x80)
                return std::nullopt;
            code = code << 6 | (byte & 0x3fu);
        }
        bool const surrogate = code >= 0xd800 && code < 0xe000;
        if (code < first.smallest || code > 0x10ffff || surrogate)
            return std::nullopt;
        i += first.length;
    }
    return count;
}

} // namespace kusto::base

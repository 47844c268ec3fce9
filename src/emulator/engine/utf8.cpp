#include "utf8.hpp"

#include <cstring>

namespace kusto::emulator::kql
{

namespace
{

/// Length of the well-formed sequence at the start of `text`, or 0.
std::size_t sequence_length(std::string_view text) noexcept
{
    auto const byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
    auto const tail = [&](std::size_t i) { return i < text.size() && (byte(i) & 0xC0) == 0x80; };
    unsigned const lead = byte(0);
    if (lead < 0x80)
        return 1;
    if (lead >= 0xC2 && lead <= 0xDF)
        return tail(1) ? 2 : 0;
    if (lead >= 0xE0 && lead <= 0xEF)
    {
        if (!tail(1) || !tail(2))
            return 0;
        bool const overlong = lead == 0xE0 && byte(1) < 0xA0;
        bool const surrogate = lead == 0xED && byte(1) > 0x9F;
        return overlong || surrogate ? 0 : 3;
    }
    if (lead >= 0xF0 && lead <= 0xF4)
    {
        if (!tail(1) || !tail(2) || !tail(3))
            return 0;
        bool const overlong = lead == 0xF0 && byte(1) < 0x90;
        bool const beyond = lead == 0xF4 && byte(1) > 0x8F;
        return overlong || beyond ? 0 : 4;
    }
    return 0;
}

/// Eight bytes at a time: telemetry is nearly all ASCII and blobs are large.
std::size_t skip_ascii(std::string_view text, std::size_t at) noexcept
{
    while (at + 8 <= text.size())
    {
        std::uint64_t word = 0;
        std::memcpy(&word, text.data() + at, 8);
        if ((word & 0x8080808080808080u) != 0)
            break;
        at += 8;
    }
    return at;
}

} // namespace

std::size_t first_malformed(std::string_view text) noexcept
{
    std::size_t at = 0;
    while (at < text.size())
    {
        at = skip_ascii(text, at);
        if (at == text.size())
            break;
        std::size_t const length = sequence_length(text.substr(at, 4));
        if (length == 0)
            return at;
        at += length;
    }
    return std::string_view::npos;
}

std::string repair_utf8(std::string_view text)
{
    std::string result;
    result.reserve(text.size() + 16);
    while (!text.empty())
    {
        std::size_t const bad = first_malformed(text);
        result.append(text.substr(0, bad));
        if (bad == std::string_view::npos)
            break;
        append_utf8(result, 0xFFFD);
        text.remove_prefix(bad + 1);
        while (!text.empty() && (static_cast<unsigned char>(text[0]) & 0xC0) == 0x80)
            text.remove_prefix(1);
    }
    return result;
}

void append_utf8(std::string& out, std::uint32_t code_point)
{
    auto const put = [&](std::uint32_t value) { out.push_back(static_cast<char>(value)); };
    if (code_point < 0x80)
    {
        put(code_point);
        return;
    }
    if (code_point < 0x800)
    {
        put(0xC0 | (code_point >> 6));
    }
    else
    {
        if (code_point < 0x10000)
        {
            put(0xE0 | (code_point >> 12));
        }
        else
        {
            put(0xF0 | (code_point >> 18));
            put(0x80 | ((code_point >> 12) & 0x3F));
        }
        put(0x80 | ((code_point >> 6) & 0x3F));
    }
    put(0x80 | (code_point & 0x3F));
}

std::int64_t utf16_length(std::string_view text) noexcept
{
    std::int64_t length = 0;
    for (char const c : text)
    {
        auto const byte = static_cast<unsigned char>(c);
        length += (byte & 0xC0) != 0x80;
        length += byte >= 0xF0;
    }
    return length;
}

bool is_ascii(std::string_view text) noexcept
{
    std::size_t at = skip_ascii(text, 0);
    while (at < text.size() && static_cast<unsigned char>(text[at]) < 0x80)
        ++at;
    return at == text.size();
}

} // namespace kusto::emulator::kql

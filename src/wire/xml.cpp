#include <wire/xml.hpp>

#include <charconv>
#include <cstdint>

namespace kusto::wire
{

namespace
{

void append_utf8(std::string& text, std::uint32_t code)
{
    auto const put = [&text](std::uint32_t byte) { text += static_cast<char>(byte); };
    if (code < 0x80)
        put(code);
    else if (code < 0x800)
    {
        put(0xc0 | code >> 6);
        put(0x80 | (code & 0x3f));
    }
    else if (code < 0x10000)
    {
        put(0xe0 | code >> 12);
        put(0x80 | (code >> 6 & 0x3f));
        put(0x80 | (code & 0x3f));
    }
    else
    {
        put(0xf0 | code >> 18);
        put(0x80 | (code >> 12 & 0x3f));
        put(0x80 | (code >> 6 & 0x3f));
        put(0x80 | (code & 0x3f));
    }
}

/// `name` is what stands between `&` and `;`. False if it is no entity.
bool append_entity(std::string& text, std::string_view name)
{
    if (name.starts_with('#'))
    {
        bool const hex = name.size() > 1 && (name[1] == 'x' || name[1] == 'X');
        auto const digits = name.substr(hex ? 2 : 1);
        std::uint32_t code = 0;
        auto const* const end = digits.data() + digits.size();
        auto const [stop, ec] = std::from_chars(digits.data(), end, code, hex ? 16 : 10);
        bool const surrogate = code >= 0xd800 && code < 0xe000;
        if (ec != std::errc() || stop != end || code == 0 || code > 0x10ffff || surrogate)
            return false;
        append_utf8(text, code);
        return true;
    }
    constexpr std::string_view names[] = {"lt", "gt", "amp", "quot", "apos"};
    constexpr char characters[] = {'<', '>', '&', '"', '\''};
    for (std::size_t i = 0; i < 5; ++i)
    {
        if (names[i] == name)
        {
            text += characters[i];
            return true;
        }
    }
    return false;
}

std::string decode(std::string_view raw)
{
    constexpr std::string_view cdata_begin = "<![CDATA[";
    constexpr std::string_view cdata_end = "]]>";
    if (raw.starts_with(cdata_begin) && raw.ends_with(cdata_end))
        return std::string(
            raw.substr(cdata_begin.size(), raw.size() - cdata_begin.size() - cdata_end.size()));
    std::string text;
    text.reserve(raw.size());
    for (std::size_t i = 0; i < raw.size(); ++i)
    {
        auto const end = raw[i] == '&' ? raw.find(';', i) : std::string_view::npos;
        if (end != std::string_view::npos && append_entity(text, raw.substr(i + 1, end - i - 1)))
            i = end;
        else
            text += raw[i];
    }
    return text;
}

/// Position after the opening tag of `name` at or after `from`; `npos` if there is none. An element
/// without content (`<name/>`) does not count.
std::size_t find_content(std::string_view document, std::string_view name)
{
    std::size_t at = 0;
    while ((at = document.find('<', at)) != std::string_view::npos)
    {
        auto const tag = document.substr(++at);
        if (!tag.starts_with(name))
            continue;
        auto const rest = tag.substr(name.size());
        if (rest.empty() || rest.find_first_of(" \t\r\n>") != 0)
            continue;
        auto const close = rest.find('>');
        if (close == std::string_view::npos)
            return close;
        if (close > 0 && rest[close - 1] == '/')
            continue;
        return at + name.size() + close + 1;
    }
    return at;
}

} // namespace

std::string xml_text(std::string_view document, std::string_view name)
{
    auto const begin = find_content(document, name);
    if (begin == std::string_view::npos)
        return {};
    auto const end = document.find("</" + std::string(name), begin);
    if (end == std::string_view::npos)
        return {};
    return decode(document.substr(begin, end - begin));
}

std::string xml_escaped(std::string_view text)
{
    std::string escaped;
    escaped.reserve(text.size());
    for (char const c : text)
    {
        switch (c)
        {
        case '<':
            escaped += "&lt;";
            break;
        case '>':
            escaped += "&gt;";
            break;
        case '&':
            escaped += "&amp;";
            break;
        default:
            escaped += c;
        }
    }
    return escaped;
}

} // namespace kusto::wire

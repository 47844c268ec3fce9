#include <wire/erase.hpp>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstddef>
#include <iterator>
#include <utility>

namespace kusto::wire
{

namespace
{

/// A character as it was written: how long that is, and what it stands for.
class written
{
public:
    written() = default;
    written(std::size_t length, char byte) : length(length), bytes(1, byte) {}
    written(std::size_t length, unsigned code_point) : length(length), bytes(utf8(code_point)) {}

    std::size_t length = 0; ///< 0: nothing
    std::string bytes;

private:
    static std::string utf8(unsigned code)
    {
        auto const byte = [](unsigned value) { return static_cast<char>(value); };
        if (code < 0x80)
            return {byte(code)};
        if (code < 0x800)
            return {byte(0xc0 | code >> 6), byte(0x80 | (code & 0x3f))};
        if (code < 0x10000)
            return {byte(0xe0 | code >> 12), byte(0x80 | (code >> 6 & 0x3f)),
                    byte(0x80 | (code & 0x3f))};
        return {byte(0xf0 | code >> 18), byte(0x80 | (code >> 12 & 0x3f)),
                byte(0x80 | (code >> 6 & 0x3f)), byte(0x80 | (code & 0x3f))};
    }
};

/// The whole of `digits` as a code point.
bool read_number(std::string_view digits, int base, unsigned& number)
{
    constexpr unsigned last_code_point = 0x10ffff;
    auto const* const end = digits.data() + digits.size();
    auto const [stop, ec] = std::from_chars(digits.data(), end, number, base);
    return !digits.empty() && ec == std::errc() && stop == end && number <= last_code_point;
}

/// `%2b`
written percent_escape(std::string_view text)
{
    unsigned value = 0;
    if (text.size() < 3 || !read_number(text.substr(1, 2), 16, value))
        return {};
    return {3, static_cast<char>(value)};
}

/// `\n`, `\/`, `\u002b`
written json_escape(std::string_view text)
{
    constexpr std::size_t long_form = 6;
    constexpr std::array<std::pair<char, char>, 5> letters{
        {{'n', '\n'}, {'r', '\r'}, {'t', '\t'}, {'b', '\b'}, {'f', '\f'}}};
    if (text.size() < 2)
        return {};
    unsigned value = 0;
    if (text[1] == 'u' && text.size() >= long_form && read_number(text.substr(2, 4), 16, value))
        return {long_form, value};
    for (auto const& [letter, meaning] : letters)
    {
        if (text[1] == letter)
            return {2, meaning};
    }
    return {2, text[1]};
}

/// `&amp;`, `&#43;`, `&#x2B;`
written html_escape(std::string_view text)
{
    constexpr std::size_t longest = 10;
    constexpr std::array<std::pair<std::string_view, char>, 5> names{
        {{"amp", '&'}, {"lt", '<'}, {"gt", '>'}, {"quot", '"'}, {"apos", '\''}}};
    auto const end = text.substr(0, longest).find(';');
    if (end == std::string_view::npos)
        return {};
    auto const name = text.substr(1, end - 1);
    for (auto const& [known, meaning] : names)
    {
        if (name == known)
            return {end + 1, meaning};
    }
    if (!name.starts_with('#'))
        return {};
    bool const hexadecimal = name.size() > 1 && (name[1] == 'x' || name[1] == 'X');
    unsigned value = 0;
    if (!read_number(name.substr(hexadecimal ? 2 : 1), hexadecimal ? 16 : 10, value))
        return {};
    return {end + 1, value};
}

written escape_at(std::string_view text)
{
    switch (text.front())
    {
    case '%':
        return percent_escape(text);
    case '\\':
        return json_escape(text);
    case '&':
        return html_escape(text);
    case '+':
        return {1, ' '};
    default:
        return {};
    }
}

/// How much of the beginning of `text` is the secret, in whichever way each of its characters is
/// written; 0 if it is not.
std::size_t length_of(std::string_view secret, std::string_view text)
{
    auto const whole = text.size();
    while (!secret.empty())
    {
        if (text.empty())
            return 0;
        auto escape = escape_at(text);
        if (escape.length == 0 || !secret.starts_with(escape.bytes))
            escape = written(1, text.front());
        if (!secret.starts_with(escape.bytes))
            return 0;
        secret.remove_prefix(escape.bytes.size());
        text.remove_prefix(escape.length);
    }
    return whole - text.size();
}

} // namespace

std::string without(std::string_view text, std::string_view secret)
{
    constexpr std::string_view shown = "REDACTED";
    std::string clean;
    if (secret.empty())
        return clean.assign(text);
    // What a secret, in whichever way it is written, can begin with: replies are long and have few.
    char const beginnings[]{secret.front(), '%', '\\', '&', '+'};
    std::string_view const wanted(beginnings, std::size(beginnings));
    for (std::size_t i = 0; i < text.size();)
    {
        auto const next = (std::min)(text.find_first_of(wanted, i), text.size());
        clean += text.substr(i, next - i);
        i = next;
        if (i == text.size())
            break;
        auto const rest = text.substr(i);
        auto const plain = rest.starts_with(secret) ? secret.size() : 0;
        auto const length = (std::max)(plain, length_of(secret, rest));
        clean += length == 0 ? rest.substr(0, 1) : shown;
        i += (std::max)(length, std::size_t(1));
    }
    return clean;
}

} // namespace kusto::wire

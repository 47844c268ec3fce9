#include <wire/erase.hpp>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstddef>
#include <utility>
#include <vector>

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

/// `\u002b`, and `\ud83d\ude00` for a character that takes two of them.
written long_json_escape(std::string_view text)
{
    constexpr std::size_t length = 6;
    auto const read = [text](std::size_t at, unsigned& unit)
    {
        return text.size() >= at + length && text.substr(at).starts_with("\\u") &&
               read_number(text.substr(at + 2, 4), 16, unit);
    };
    unsigned unit = 0;
    unsigned low = 0;
    if (!read(0, unit))
        return {};
    bool const is_high = unit >= 0xd800 && unit < 0xdc00;
    if (is_high && read(length, low) && low >= 0xdc00 && low < 0xe000)
        return {2 * length, 0x10000 + ((unit - 0xd800) << 10) + (low - 0xdc00)};
    return {length, unit};
}

/// `\n`, `\/`, `\u002b`
written json_escape(std::string_view text)
{
    constexpr std::array<std::pair<char, char>, 5> letters{
        {{'n', '\n'}, {'r', '\r'}, {'t', '\t'}, {'b', '\b'}, {'f', '\f'}}};
    if (text.size() < 2)
        return {};
    auto const long_form = long_json_escape(text);
    if (long_form.length != 0)
        return long_form;
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

enum class reading
{
    plain,
    percent,
    json,
    html,
    any, ///< each character in whichever way it is written, or as it is
};

constexpr std::array all_readings{reading::plain, reading::percent, reading::json, reading::html,
                                  reading::any};

/// What escapes begin with.
std::string_view signs_of(reading how)
{
    switch (how)
    {
    case reading::plain:
        break;
    case reading::percent:
        return "%+";
    case reading::json:
        return "\\";
    case reading::html:
        return "&";
    case reading::any:
        return "%+\\&";
    }
    return {};
}

/// The character that a text begins with.
struct character
{
    written as;
    bool is_wanted;
};

character read_character(std::string_view text, std::string_view wanted, reading how)
{
    bool const may_escape = signs_of(how).find(text.front()) != std::string_view::npos;
    auto escape = may_escape ? escape_at(text) : written();
    bool const fits = escape.length != 0 && wanted.starts_with(escape.bytes);
    // What is written in one way throughout has escapes and nothing that looks like one.
    if (fits || (escape.length != 0 && how != reading::any))
        return character{std::move(escape), fits};
    return character{written(1, text.front()), text.front() == wanted.front()};
}

/// A part of a text.
struct range
{
    std::size_t begin;
    std::size_t end;
};

/// The search of Knuth, Morris and Pratt: its time grows with the text and the secret, not with
/// their product. Who sends the text may have chosen the secret as well.
class search
{
public:
    explicit search(std::string_view secret) : secret_(secret), borders_(secret.size() + 1, 0)
    {
        for (std::size_t i = 1, border = 0; i < secret.size(); ++i)
        {
            while (border > 0 && secret[i] != secret[border])
                border = borders_[border];
            border += secret[i] == secret[border] ? 1 : 0;
            borders_[i + 1] = border;
        }
    }

    /// Where the secret stands, from front to back.
    [[nodiscard]] std::vector<range> in(std::string_view text, reading how) const
    {
        // What a secret can begin with: replies are long and have few.
        auto const wanted = secret_.front() + std::string(signs_of(how));
        std::vector<std::size_t> begins(secret_.size()); // of the last bytes that fitted, in turn
        std::size_t count = 0;                           // of all of these
        std::size_t known = 0;                           // how much of the secret ends at `at`
        std::vector<range> found;
        for (std::size_t at = 0; at < text.size();)
        {
            if (known == 0)
                at = (std::min)(text.find_first_of(wanted, at), text.size());
            if (at == text.size())
                break;
            auto const next = read_character(text.substr(at), secret_.substr(known), how);
            if (!next.is_wanted)
            {
                at += known == 0 ? next.as.length : 0;
                known = borders_[known];
                continue;
            }
            for (std::size_t i = 0; i < next.as.bytes.size(); ++i)
                begins[count++ % begins.size()] = at;
            at += next.as.length;
            known += next.as.bytes.size();
            if (known < secret_.size())
                continue;
            add(range{begins[count % begins.size()], at}, found);
            known = borders_[known];
        }
        return found;
    }

private:
    /// One range for all that overlap.
    static void add(range one, std::vector<range>& found)
    {
        if (!found.empty() && one.begin < found.back().end)
            found.back().end = one.end;
        else
            found.push_back(one);
    }

    std::string_view secret_;
    /// For each beginning of the secret the longest shorter one that it ends with.
    std::vector<std::size_t> borders_;
};

} // namespace

std::string without(std::string_view text, std::string_view secret)
{
    if (secret.empty())
        return std::string(text);
    search const secrets(secret);
    // What looks like an escape may be the secret itself.
    std::vector<range> found;
    for (auto const how : all_readings)
    {
        auto const some = secrets.in(text, how);
        found.insert(found.end(), some.begin(), some.end());
    }
    std::sort(found.begin(), found.end(), [](range a, range b) { return a.begin < b.begin; });
    std::string clean;
    std::size_t done = 0;
    for (auto const& one : found)
    {
        if (one.begin >= done)
            clean.append(text.substr(done, one.begin - done)).append("REDACTED");
        done = (std::max)(done, one.end);
    }
    clean += text.substr(done);
    return clean;
}

} // namespace kusto::wire

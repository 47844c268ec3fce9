#include "json_reader.hpp"

#include "types.hpp"
#include "utf8.hpp"

#include <array>
#include <cstdio>

namespace kusto::emulator::kql
{

namespace
{

constexpr int max_depth = 128;

bool blank(char c) noexcept
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}
bool digit(char c) noexcept
{
    return c >= '0' && c <= '9';
}

int hex_value(char c) noexcept
{
    if (digit(c))
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return -1;
}

/// Four hexadecimal digits at the start of `text`, or -1.
std::int32_t hex4(std::string_view text) noexcept
{
    if (text.size() < 4)
        return -1;
    std::int32_t value = 0;
    for (std::size_t i = 0; i < 4; ++i)
    {
        int const part = hex_value(text[i]);
        if (part < 0)
            return -1;
        value = value * 16 + part;
    }
    return value;
}

/// Decodes `\uXXXX` (and its second half) at `at`, which stands behind the `u`.
void unescape_unicode(std::string& out, std::string_view text, std::size_t& at)
{
    auto code = static_cast<std::uint32_t>(hex4(text.substr(at)));
    at += 4;
    if (code >= 0xD800 && code < 0xDC00 && text.substr(at, 2) == "\\u")
    {
        std::int32_t const low = hex4(text.substr(at + 2));
        if (low >= 0xDC00 && low < 0xE000)
        {
            code = 0x10000 + ((code - 0xD800) << 10) + (static_cast<std::uint32_t>(low) - 0xDC00);
            at += 6;
        }
    }
    bool const lonely = code >= 0xD800 && code < 0xE000;
    append_utf8(out, lonely ? 0xFFFD : code);
}

char simple_escape(char c) noexcept
{
    switch (c)
    {
    case 'b':
        return '\b';
    case 'f':
        return '\f';
    case 'n':
        return '\n';
    case 'r':
        return '\r';
    case 't':
        return '\t';
    default:
        return c;
    }
}

} // namespace

bool json_reader::read(std::string_view text, std::size_t& at)
{
    text_ = text;
    at_ = at;
    nodes_.clear();
    error_.clear();
    skip_blanks();
    bool const ok = value(0);
    at = at_;
    return ok;
}

bool json_reader::read_all(std::string_view text)
{
    std::size_t at = 0;
    if (!read(text, at))
        return false;
    skip_blanks();
    return at_ == text_.size() || fail("text after the value");
}

bool json_reader::fail(char const* what)
{
    error_ = std::string(what) + " at offset " + std::to_string(at_);
    return false;
}

void json_reader::skip_blanks() noexcept
{
    while (at_ < text_.size() && blank(text_[at_]))
        ++at_;
}

bool json_reader::value(int depth)
{
    if (depth > max_depth)
        return fail("too deeply nested");
    std::size_t const index = nodes_.size();
    std::size_t const start = at_;
    nodes_.emplace_back();
    node_kind kind = node_kind::null;
    bool ok = false;
    std::string_view raw;
    switch (peek())
    {
    case '{':
        kind = node_kind::object;
        ok = object(depth);
        break;
    case '[':
        kind = node_kind::array;
        ok = array(depth);
        break;
    case '"':
        kind = node_kind::string;
        ok = string(raw);
        break;
    case 't':
    case 'f':
        kind = node_kind::boolean;
        ok = word(peek() == 't' ? "true" : "false");
        break;
    case 'n':
        ok = word("null");
        break;
    default:
        kind = node_kind::number;
        ok = number();
        break;
    }
    nodes_[index].kind = kind;
    nodes_[index].raw = text_.substr(start, at_ - start);
    nodes_[index].end = nodes_.size();
    return ok;
}

bool json_reader::object(int depth)
{
    ++at_;
    skip_blanks();
    if (peek() == '}')
    {
        ++at_;
        return true;
    }
    for (;;)
    {
        std::string_view key;
        if (peek() != '"' || !string(key))
            return fail("a member name is missing");
        skip_blanks();
        if (peek() != ':')
            return fail("':' is missing");
        ++at_;
        skip_blanks();
        std::size_t const index = nodes_.size();
        if (!value(depth + 1))
            return false;
        nodes_[index].key = key;
        skip_blanks();
        char const next = peek();
        if (next != ',' && next != '}')
            return fail("',' or '}' is missing");
        ++at_;
        if (next == '}')
            return true;
        skip_blanks();
    }
}

bool json_reader::array(int depth)
{
    ++at_;
    skip_blanks();
    if (peek() == ']')
    {
        ++at_;
        return true;
    }
    for (;;)
    {
        if (!value(depth + 1))
            return false;
        skip_blanks();
        char const next = peek();
        if (next != ',' && next != ']')
            return fail("',' or ']' is missing");
        ++at_;
        if (next == ']')
            return true;
        skip_blanks();
    }
}

bool json_reader::string(std::string_view& raw)
{
    std::size_t const start = ++at_;
    while (at_ < text_.size() && text_[at_] != '"')
    {
        if (static_cast<unsigned char>(text_[at_]) < 0x20)
            return fail("an unescaped control character");
        if (text_[at_] == '\\')
        {
            ++at_;
            constexpr std::string_view simple = "\"\\/bfnrt";
            if (peek() == 'u' && hex4(text_.substr(at_ + 1)) >= 0)
                at_ += 4;
            else if (at_ >= text_.size() || simple.find(text_[at_]) == std::string_view::npos)
                return fail("an unknown escape sequence");
        }
        ++at_;
    }
    if (at_ >= text_.size())
        return fail("an unterminated string");
    raw = text_.substr(start, at_ - start);
    ++at_;
    return true;
}

bool json_reader::number()
{
    if (peek() == '-')
        ++at_;
    if (!digit(peek()))
        return fail("a value is missing");
    bool const zero = peek() == '0';
    ++at_;
    while (!zero && digit(peek()))
        ++at_;
    if (peek() == '.')
    {
        ++at_;
        if (!digit(peek()))
            return fail("digits are missing after the point");
        while (digit(peek()))
            ++at_;
    }
    if (peek() == 'e' || peek() == 'E')
    {
        ++at_;
        if (peek() == '+' || peek() == '-')
            ++at_;
        if (!digit(peek()))
            return fail("digits are missing in the exponent");
        while (digit(peek()))
            ++at_;
    }
    return true;
}

bool json_reader::word(std::string_view expected)
{
    if (text_.substr(at_, expected.size()) != expected)
        return fail("an unknown word");
    at_ += expected.size();
    return true;
}

std::optional<std::size_t> json_reader::member(std::size_t object, std::string_view name) const
{
    std::optional<std::size_t> found;
    if (nodes_[object].kind != node_kind::object)
        return found;
    for (std::size_t i = object + 1; i < nodes_[object].end; i = nodes_[i].end)
    {
        std::string_view const key = nodes_[i].key;
        bool const escaped = key.find('\\') != std::string_view::npos;
        if (escaped ? json_unescape(key) == name : key == name)
            found = i;
    }
    return found;
}

std::optional<std::size_t> json_reader::member_ignoring_case(std::size_t object,
                                                             std::string_view name) const
{
    std::optional<std::size_t> found;
    if (nodes_[object].kind != node_kind::object)
        return found;
    for (std::size_t i = object + 1; i < nodes_[object].end; i = nodes_[i].end)
        if (same_text(nodes_[i].key, name))
            found = i;
    return found;
}

std::optional<std::size_t> json_reader::element(std::size_t array, std::size_t position) const
{
    if (nodes_[array].kind != node_kind::array)
        return std::nullopt;
    for (std::size_t i = array + 1; i < nodes_[array].end; i = nodes_[i].end)
        if (position-- == 0)
            return i;
    return std::nullopt;
}

std::vector<std::size_t> json_reader::children(std::size_t index) const
{
    std::vector<std::size_t> result;
    for (std::size_t i = index + 1; i < nodes_[index].end; i = nodes_[i].end)
        result.push_back(i);
    return result;
}

std::string json_reader::text(std::size_t index) const
{
    node const& value = nodes_[index];
    if (value.kind == node_kind::string)
        return json_unescape(value.raw.substr(1, value.raw.size() - 2));
    return compact_json(value.raw);
}

std::string json_unescape(std::string_view escaped)
{
    std::string result;
    result.reserve(escaped.size());
    std::size_t at = 0;
    while (at < escaped.size())
    {
        char const c = escaped[at++];
        if (c != '\\' || at == escaped.size())
        {
            result.push_back(c);
            continue;
        }
        char const code = escaped[at++];
        if (code == 'u')
            unescape_unicode(result, escaped, at);
        else
            result.push_back(simple_escape(code));
    }
    return result;
}

void append_json_string(std::string& out, std::string_view text)
{
    out.push_back('"');
    for (char const c : text)
    {
        if (c == '"' || c == '\\')
        {
            out.push_back('\\');
            out.push_back(c);
        }
        else if (static_cast<unsigned char>(c) < 0x20)
        {
            std::array<char, 8> buffer{};
            std::snprintf(buffer.data(), buffer.size(), "\\u%04x", static_cast<unsigned>(c));
            out += buffer.data();
        }
        else
        {
            out.push_back(c);
        }
    }
    out.push_back('"');
}

std::string json_string(std::string_view text)
{
    std::string result;
    append_json_string(result, text);
    return result;
}

std::string compact_json(std::string_view text)
{
    std::string result;
    result.reserve(text.size());
    bool inside = false;
    for (std::size_t i = 0; i < text.size(); ++i)
    {
        char const c = text[i];
        if (!inside && blank(c))
            continue;
        result.push_back(c);
        if (c == '"')
            inside = !inside;
        else if (inside && c == '\\' && i + 1 < text.size())
            result.push_back(text[++i]);
    }
    return result;
}

} // namespace kusto::emulator::kql

#include <base/percent.hpp>

#include <algorithm>
#include <base/ascii.hpp>

namespace kusto::base
{

namespace
{

constexpr std::string_view hex_digits = "0123456789ABCDEF";

bool is_unreserved(char c) noexcept
{
    return is_letter(c) || is_digit(c) || c == '-' || c == '.' || c == '_' || c == '~';
}

void append(std::string& encoded, std::string_view text, bool keep_slash)
{
    for (char const c : text)
    {
        if (is_unreserved(c) || (keep_slash && c == '/'))
        {
            encoded += c;
            continue;
        }
        auto const byte = static_cast<unsigned char>(c);
        encoded += '%';
        encoded += hex_digits[byte >> 4];
        encoded += hex_digits[byte & 0x0f];
    }
}

std::string encode(std::string_view text, bool keep_slash)
{
    std::string encoded;
    encoded.reserve(text.size() + text.size() / 4);
    append(encoded, text, keep_slash);
    return encoded;
}

int hex_value(char c) noexcept
{
    if (is_digit(c))
        return c - '0';
    auto const lowered = to_lower(c);
    return lowered >= 'a' && lowered <= 'f' ? lowered - 'a' + 10 : -1;
}

} // namespace

std::string percent_encode(std::string_view text)
{
    return encode(text, false);
}

void append_percent_encoded(std::string& to, std::string_view text)
{
    append(to, text, false);
}

std::size_t percent_encoded_size(std::string_view text) noexcept
{
    auto const kept = std::count_if(text.begin(), text.end(), is_unreserved);
    return text.size() * 3 - static_cast<std::size_t>(kept) * 2;
}

std::string percent_encode_path(std::string_view text)
{
    return encode(text, true);
}

std::optional<std::string> percent_decode(std::string_view text)
{
    std::string decoded;
    decoded.reserve(text.size());
    for (std::size_t i = 0; i < text.size(); ++i)
    {
        if (text[i] != '%')
        {
            decoded += text[i];
            continue;
        }
        if (i + 2 >= text.size())
            return std::nullopt;
        int const high = hex_value(text[i + 1]);
        int const low = hex_value(text[i + 2]);
        if (high < 0 || low < 0)
            return std::nullopt;
        decoded += static_cast<char>(high * 16 + low);
        i += 2;
    }
    return decoded;
}

std::optional<std::string> query_parameter(std::string_view query, std::string_view name)
{
    while (!query.empty())
    {
        auto const end = (std::min)(query.find('&'), query.size());
        auto const item = query.substr(0, end);
        query.remove_prefix((std::min)(end + 1, query.size()));
        auto const equals = (std::min)(item.find('='), item.size());
        if (equal_ignoring_case(item.substr(0, equals), name))
            return percent_decode(item.substr((std::min)(equals + 1, item.size())));
    }
    return std::nullopt;
}

} // namespace kusto::base

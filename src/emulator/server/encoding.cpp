#include <emulator/server/encoding.hpp>

#include <array>
#include <charconv>
#include <cstdio>
#include <ctime>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>
#include <stdexcept>

namespace kusto::emulator
{

namespace
{

int hex_value(char c) noexcept
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return -1;
}

std::string decode_escapes(std::string_view text, bool plus_is_blank)
{
    std::string out;
    out.reserve(text.size());
    for (std::size_t i = 0; i < text.size(); ++i)
    {
        if (text[i] == '%' && i + 2 < text.size() && hex_value(text[i + 1]) >= 0 &&
            hex_value(text[i + 2]) >= 0)
        {
            out += static_cast<char>(hex_value(text[i + 1]) * 16 + hex_value(text[i + 2]));
            i += 2;
        }
        else
        {
            out += plus_is_blank && text[i] == '+' ? ' ' : text[i];
        }
    }
    return out;
}

constexpr std::string_view base64_alphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

int base64_value(char c) noexcept
{
    auto const at = base64_alphabet.find(c);
    return at == std::string_view::npos ? -1 : static_cast<int>(at);
}

constexpr std::array<std::uint64_t, 256> make_crc_table()
{
    std::array<std::uint64_t, 256> table{};
    for (std::uint64_t i = 0; i < 256; ++i)
    {
        std::uint64_t value = i;
        for (int bit = 0; bit < 8; ++bit)
            value = (value >> 1) ^ ((value & 1) != 0 ? 0x9A6C9329AC4BC9B5U : 0U);
        table[i] = value;
    }
    return table;
}

constexpr auto crc_table = make_crc_table();

/// Reads exactly `count` digits.
std::optional<int> digits(std::string_view& text, std::size_t count)
{
    int value = 0;
    if (text.size() < count)
        return std::nullopt;
    for (std::size_t i = 0; i < count; ++i)
    {
        if (text[i] < '0' || text[i] > '9')
            return std::nullopt;
        value = value * 10 + (text[i] - '0');
    }
    text.remove_prefix(count);
    return value;
}

bool take(std::string_view& text, char expected)
{
    if (text.empty() || text.front() != expected)
        return false;
    text.remove_prefix(1);
    return true;
}

std::optional<system_time> from_civil(int year, int month, int day, int hour, int minute,
                                      int second)
{
    using namespace std::chrono;
    year_month_day const date = std::chrono::year(year) / month / day;
    if (!date.ok() || hour > 23 || minute > 59 || second > 59)
        return std::nullopt;
    return sys_days(date) + hours(hour) + minutes(minute) + seconds(second);
}

std::tm utc_fields(system_time time)
{
    std::time_t const seconds =
        std::chrono::system_clock::to_time_t(std::chrono::floor<std::chrono::seconds>(time));
    std::tm fields{};
    gmtime_r(&seconds, &fields);
    return fields;
}

constexpr std::array<char const*, 12> month_names = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                     "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};

} // namespace

std::string percent_decode(std::string_view text)
{
    return decode_escapes(text, false);
}

std::string form_decode(std::string_view text)
{
    return decode_escapes(text, true);
}

std::string percent_encode(std::string_view text)
{
    constexpr std::string_view hex = "0123456789ABCDEF";
    std::string out;
    for (char const c : text)
    {
        bool const plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                           (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '_' || c == '~';
        if (plain)
        {
            out += c;
            continue;
        }
        auto const byte = static_cast<unsigned char>(c);
        out += '%';
        out += hex[byte >> 4];
        out += hex[byte & 15];
    }
    return out;
}

std::string hexadecimal(std::string_view bytes)
{
    constexpr char const* digits = "0123456789ABCDEF";
    std::string out;
    for (char const each : bytes)
    {
        auto const value = static_cast<unsigned char>(each);
        out += digits[value / 16];
        out += digits[value % 16];
    }
    return out;
}

std::string base64_encode(std::string_view bytes)
{
    std::string out((bytes.size() + 2) / 3 * 4 + 1, '\0');
    auto const length = EVP_EncodeBlock(reinterpret_cast<unsigned char*>(out.data()),
                                        reinterpret_cast<unsigned char const*>(bytes.data()),
                                        static_cast<int>(bytes.size()));
    out.resize(static_cast<std::size_t>(length));
    return out;
}

std::optional<std::string> base64_decode(std::string_view text)
{
    if (text.size() % 4 != 0)
        return std::nullopt;
    std::size_t padding = 0;
    while (padding < 2 && padding < text.size() && text[text.size() - 1 - padding] == '=')
        ++padding;
    std::string out;
    out.reserve(text.size() / 4 * 3);
    std::uint32_t bits = 0;
    int count = 0;
    for (char const c : text.substr(0, text.size() - padding))
    {
        int const value = base64_value(c);
        if (value < 0)
            return std::nullopt;
        bits = (bits << 6) | static_cast<std::uint32_t>(value);
        count += 6;
        if (count >= 8)
        {
            count -= 8;
            out += static_cast<char>((bits >> count) & 0xFF);
        }
    }
    bool const clean = (bits & ((1U << count) - 1)) == 0;
    return clean ? std::optional<std::string>(std::move(out)) : std::nullopt;
}

std::string md5(std::string_view bytes)
{
    std::string out(16, '\0');
    unsigned int length = 16;
    if (EVP_Digest(bytes.data(), bytes.size(), reinterpret_cast<unsigned char*>(out.data()),
                   &length, EVP_md5(), nullptr) != 1)
        throw std::runtime_error("local cluster: MD5 is not available in this OpenSSL");
    return out;
}

std::string sha256(std::string_view bytes)
{
    std::string out(32, '\0');
    unsigned int length = 32;
    if (EVP_Digest(bytes.data(), bytes.size(), reinterpret_cast<unsigned char*>(out.data()),
                   &length, EVP_sha256(), nullptr) != 1)
        throw std::runtime_error("local cluster: SHA-256 is not available in this OpenSSL");
    return out;
}

std::string hmac_sha256(std::string_view key, std::string_view text)
{
    std::string out(32, '\0');
    unsigned int length = 32;
    HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()),
         reinterpret_cast<unsigned char const*>(text.data()), text.size(),
         reinterpret_cast<unsigned char*>(out.data()), &length);
    return out;
}

std::uint64_t crc64(std::string_view bytes) noexcept
{
    std::uint64_t value = ~std::uint64_t(0);
    for (char const c : bytes)
        value = (value >> 8) ^ crc_table[(value ^ static_cast<unsigned char>(c)) & 0xFF];
    return ~value;
}

std::string crc64_header(std::uint64_t value)
{
    std::string bytes;
    for (int i = 0; i < 8; ++i)
        bytes += static_cast<char>((value >> (8 * i)) & 0xFF);
    return base64_encode(bytes);
}

std::string random_bytes(std::size_t count)
{
    std::string out(count, '\0');
    if (RAND_bytes(reinterpret_cast<unsigned char*>(out.data()), static_cast<int>(count)) != 1)
        throw std::runtime_error("local cluster: no random numbers");
    return out;
}

std::string random_guid()
{
    auto bytes = random_bytes(16);
    bytes[6] = static_cast<char>((bytes[6] & 0x0F) | 0x40);
    bytes[8] = static_cast<char>((bytes[8] & 0x3F) | 0x80);
    constexpr std::string_view hex = "0123456789abcdef";
    std::string out;
    for (std::size_t i = 0; i < 16; ++i)
    {
        if (i == 4 || i == 6 || i == 8 || i == 10)
            out += '-';
        auto const byte = static_cast<unsigned char>(bytes[i]);
        out += hex[byte >> 4];
        out += hex[byte & 15];
    }
    return out;
}

std::string http_date(system_time time)
{
    constexpr std::array<char const*, 7> days = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
    auto const f = utc_fields(time);
    char text[64];
    std::snprintf(text, sizeof text, "%s, %02d %s %04d %02d:%02d:%02d GMT", days[f.tm_wday & 7],
                  f.tm_mday, month_names[f.tm_mon], f.tm_year + 1900, f.tm_hour, f.tm_min,
                  f.tm_sec);
    return text;
}

std::optional<system_time> parse_http_date(std::string_view text)
{
    auto const comma = text.find(", ");
    if (comma != 3)
        return std::nullopt;
    text.remove_prefix(5);
    auto const day = digits(text, 2);
    if (!day || !take(text, ' ') || text.size() < 3)
        return std::nullopt;
    int month = 0;
    for (int i = 0; i < 12; ++i)
    {
        if (text.substr(0, 3) == month_names[static_cast<std::size_t>(i)])
            month = i + 1;
    }
    text.remove_prefix(3);
    if (month == 0 || !take(text, ' '))
        return std::nullopt;
    auto const year = digits(text, 4);
    if (!year || !take(text, ' '))
        return std::nullopt;
    auto const hour = digits(text, 2);
    if (!hour || !take(text, ':'))
        return std::nullopt;
    auto const minute = digits(text, 2);
    if (!minute || !take(text, ':'))
        return std::nullopt;
    auto const second = digits(text, 2);
    if (!second || text != " GMT")
        return std::nullopt;
    return from_civil(*year, month, *day, *hour, *minute, *second);
}

std::string iso_time(system_time time, bool fraction)
{
    auto const f = utc_fields(time);
    char text[64];
    std::snprintf(text, sizeof text, "%04d-%02d-%02dT%02d:%02d:%02d", f.tm_year + 1900,
                  f.tm_mon + 1, f.tm_mday, f.tm_hour, f.tm_min, f.tm_sec);
    std::string out = text;
    if (fraction)
    {
        auto const rest = time - std::chrono::floor<std::chrono::seconds>(time);
        auto const ticks = std::chrono::duration_cast<std::chrono::nanoseconds>(rest).count() / 100;
        std::snprintf(text, sizeof text, ".%07lld", static_cast<long long>(ticks));
        out += text;
    }
    return out + "Z";
}

std::optional<system_time> parse_iso_time(std::string_view text)
{
    auto const year = digits(text, 4);
    if (!year || !take(text, '-'))
        return std::nullopt;
    auto const month = digits(text, 2);
    if (!month || !take(text, '-'))
        return std::nullopt;
    auto const day = digits(text, 2);
    if (!day)
        return std::nullopt;
    if (text.empty())
        return from_civil(*year, *month, *day, 0, 0, 0);
    if (!take(text, 'T'))
        return std::nullopt;
    auto const hour = digits(text, 2);
    if (!hour || !take(text, ':'))
        return std::nullopt;
    auto const minute = digits(text, 2);
    std::optional<int> second = 0;
    std::chrono::nanoseconds fraction(0);
    if (take(text, ':'))
    {
        second = digits(text, 2);
        if (second && take(text, '.'))
        {
            std::int64_t unit = 100'000'000;
            std::size_t count = 0;
            for (; !text.empty() && text.front() >= '0' && text.front() <= '9' && count < 7;
                 ++count)
            {
                fraction += std::chrono::nanoseconds(unit * (text.front() - '0'));
                unit /= 10;
                text.remove_prefix(1);
            }
            if (count == 0)
                return std::nullopt;
        }
    }
    if (!minute || !second || text != "Z")
        return std::nullopt;
    auto const base = from_civil(*year, *month, *day, *hour, *minute, *second);
    if (!base)
        return std::nullopt;
    return *base + std::chrono::duration_cast<std::chrono::system_clock::duration>(fraction);
}

std::string xml_escape(std::string_view text)
{
    std::string out;
    out.reserve(text.size());
    for (char const c : text)
    {
        switch (c)
        {
        case '<':
            out += "&lt;";
            break;
        case '>':
            out += "&gt;";
            break;
        case '&':
            out += "&amp;";
            break;
        case '"':
            out += "&quot;";
            break;
        default:
            out += c;
        }
    }
    return out;
}

std::optional<std::int64_t> parse_number(std::string_view text)
{
    std::int64_t value = 0;
    auto const [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc() || end != text.data() + text.size())
        return std::nullopt;
    return value;
}

} // namespace kusto::emulator

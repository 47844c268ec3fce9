#include <base/guid.hpp>

#include <cerrno>
#include <random>
#include <sys/random.h>

namespace kusto::base
{

namespace
{

constexpr std::string_view hex_digits = "0123456789abcdef";

int digit_value(char c) noexcept
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return -1;
}

constexpr bool dash_before(std::size_t byte) noexcept
{
    return byte == 4 || byte == 6 || byte == 8 || byte == 10;
}

void fill_random(std::array<std::uint8_t, 16>& bytes)
{
    std::size_t done = 0;
    while (done < bytes.size())
    {
        auto const got = ::getrandom(bytes.data() + done, bytes.size() - done, 0);
        if (got > 0)
            done += static_cast<std::size_t>(got);
        else if (errno != EINTR)
            break;
    }
    if (done == bytes.size())
        return;
    // The system call is filtered in some sandboxes; the device is not.
    std::random_device device;
    for (auto& byte : bytes)
        byte = static_cast<std::uint8_t>(device());
}

} // namespace

guid guid::random()
{
    std::array<std::uint8_t, 16> bytes{};
    fill_random(bytes);
    bytes[6] = static_cast<std::uint8_t>((bytes[6] & 0x0f) | 0x40);
    bytes[8] = static_cast<std::uint8_t>((bytes[8] & 0x3f) | 0x80);
    return guid(bytes);
}

std::optional<guid> guid::parse(std::string_view text) noexcept
{
    if (text.size() == 38 && text.front() == '{' && text.back() == '}')
        text = text.substr(1, 36);
    if (text.size() != 36)
        return std::nullopt;
    std::array<std::uint8_t, 16> bytes{};
    std::size_t at = 0;
    for (std::size_t i = 0; i < bytes.size(); ++i)
    {
        if (dash_before(i) && text[at++] != '-')
            return std::nullopt;
        int const high = digit_value(text[at]);
        int const low = digit_value(text[at + 1]);
        if (high < 0 || low < 0)
            return std::nullopt;
        bytes[i] = static_cast<std::uint8_t>(high * 16 + low);
        at += 2;
    }
    return guid(bytes);
}

std::string guid::to_string() const
{
    std::string text;
    text.reserve(36);
    for (std::size_t i = 0; i < bytes_.size(); ++i)
    {
        if (dash_before(i))
            text += '-';
        text += hex_digits[bytes_[i] >> 4];
        text += hex_digits[bytes_[i] & 0x0f];
    }
    return text;
}

} // namespace kusto::base

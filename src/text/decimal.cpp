#include <kusto/types.hpp>

#include <array>
#include <text/encode_error.hpp>

namespace kusto
{

namespace
{

constexpr int half_digits = 17;

constexpr bool is_digit(char c) noexcept
{
    return c >= '0' && c <= '9';
}

/// The parts of a number as text: significant digits without zeros around them, and how many
/// digits stand after the point (negative: zeros follow).
struct number_parts
{
    std::array<char, decimal::max_digits> digits{};
    int count = 0;
    std::int64_t scale = 0;
    bool negative = false;
};

/// Significant digits with the point taken out; false if there are none at all or too many.
bool take_digits(std::string_view& text, number_parts& parts) noexcept
{
    bool any = false;
    bool point = false;
    // Zeros are written only when a digit follows, so that trailing ones cost no room.
    std::int64_t zeros = 0;
    for (; !text.empty(); text.remove_prefix(1))
    {
        char const c = text.front();
        if (c == '.' && !point)
        {
            point = true;
            continue;
        }
        if (!is_digit(c))
            break;
        any = true;
        parts.scale += point ? 1 : 0;
        if (c == '0')
        {
            zeros += parts.count != 0 ? 1 : 0;
            continue;
        }
        if (parts.count + zeros + 1 > decimal::max_digits)
            return false;
        for (; zeros != 0; --zeros)
            parts.digits[static_cast<std::size_t>(parts.count++)] = '0';
        parts.digits[static_cast<std::size_t>(parts.count++)] = c;
    }
    parts.scale -= zeros;
    return any;
}

bool take_exponent(std::string_view& text, number_parts& parts) noexcept
{
    if (text.empty())
        return true;
    if (text.front() != 'e' && text.front() != 'E')
        return false;
    text.remove_prefix(1);
    bool const negative = !text.empty() && text.front() == '-';
    if (negative || (!text.empty() && text.front() == '+'))
        text.remove_prefix(1);
    std::int64_t exponent = 0;
    if (text.empty())
        return false;
    for (; !text.empty(); text.remove_prefix(1))
    {
        if (!is_digit(text.front()))
            return false;
        if (exponent < 1'000'000'000)
            exponent = exponent * 10 + (text.front() - '0');
    }
    parts.scale += negative ? exponent : -exponent;
    return true;
}

} // namespace

std::optional<decimal> decimal::try_parse(std::string_view text) noexcept
{
    number_parts parts;
    parts.negative = !text.empty() && text.front() == '-';
    if (parts.negative || (!text.empty() && text.front() == '+'))
        text.remove_prefix(1);
    if (!take_digits(text, parts) || !take_exponent(text, parts))
        return std::nullopt;
    if (parts.count == 0)
        return decimal();
    for (; parts.scale < 0 && parts.count < max_digits; ++parts.scale)
        parts.digits[static_cast<std::size_t>(parts.count++)] = '0';
    if (parts.scale < 0 || parts.scale > max_digits)
        return std::nullopt;
    decimal made;
    for (int i = 0; i < parts.count; ++i)
    {
        auto& half = i < parts.count - half_digits ? made.high_ : made.low_;
        half =
            half * 10 + static_cast<std::uint64_t>(parts.digits[static_cast<std::size_t>(i)] - '0');
    }
    made.scale_ = static_cast<std::uint8_t>(parts.scale);
    made.negative_ = parts.negative;
    return made;
}

decimal decimal::parse(std::string_view text)
{
    if (auto const parsed = try_parse(text))
        return *parsed;
    text::throw_encode_error(
        errc::invalid_record,
        "\"" + text::excerpt(text) +
            "\" is no decimal of at most 34 digits; write digits with a point, "
            "such as -12.50");
}

char* decimal::format(char* out) const noexcept
{
    std::array<char, 2 * half_digits> digits;
    auto low = low_;
    auto high = high_;
    for (int i = half_digits - 1; i >= 0; --i, low /= 10, high /= 10)
    {
        digits[static_cast<std::size_t>(half_digits + i)] = static_cast<char>('0' + low % 10);
        digits[static_cast<std::size_t>(i)] = static_cast<char>('0' + high % 10);
    }
    if (negative_)
        *out++ = '-';
    auto const point = digits.size() - scale_;
    std::size_t at = 0;
    while (at < point && digits[at] == '0')
        ++at;
    if (at == point)
        *out++ = '0';
    for (; at < digits.size(); ++at)
    {
        if (at == point)
            *out++ = '.';
        *out++ = digits[at];
    }
    return out;
}

std::string decimal::to_string() const
{
    char text[text_size];
    return std::string(text, format(text));
}

} // namespace kusto

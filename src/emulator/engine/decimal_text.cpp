#include "decimal_text.hpp"

#include <algorithm>
#include <charconv>
#include <utility>

namespace kusto::emulator::kql
{

namespace
{

constexpr std::size_t max_digits = 34;
constexpr int max_exponent = 6144;

bool digit(char c) noexcept
{
    return c >= '0' && c <= '9';
}

/// Sign, digits without the point, and the power of ten of the last digit.
struct scaled
{
    bool negative = false;
    std::string digits;
    int exponent = 0;
};

std::optional<int> parse_exponent(std::string_view text)
{
    if (!text.empty() && text[0] == '+')
        text.remove_prefix(1);
    int value = 0;
    auto const [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc() || end != text.data() + text.size() || value > max_exponent ||
        value < -max_exponent)
        return std::nullopt;
    return value;
}

std::optional<scaled> split(std::string_view text)
{
    scaled result;
    if (!text.empty() && (text[0] == '-' || text[0] == '+'))
    {
        result.negative = text[0] == '-';
        text.remove_prefix(1);
    }
    bool point = false;
    bool any = false;
    while (!text.empty() && (digit(text[0]) || (text[0] == '.' && !point)))
    {
        if (text[0] == '.')
        {
            point = true;
        }
        else
        {
            any = true;
            result.digits.push_back(text[0]);
            result.exponent -= point ? 1 : 0;
        }
        text.remove_prefix(1);
    }
    if (!any)
        return std::nullopt;
    if (text.empty())
        return result;
    if (text[0] != 'e' && text[0] != 'E')
        return std::nullopt;
    auto const exponent = parse_exponent(text.substr(1));
    if (!exponent)
        return std::nullopt;
    result.exponent += *exponent;
    return result;
}

} // namespace

std::optional<std::string> parse_decimal(std::string_view text)
{
    auto value = split(text);
    if (!value)
        return std::nullopt;
    std::string& digits = value->digits;
    digits.erase(0, digits.find_first_not_of('0'));
    while (!digits.empty() && digits.back() == '0')
    {
        digits.pop_back();
        ++value->exponent;
    }
    if (digits.empty())
        return "0";
    int const length = static_cast<int>(digits.size());
    if (digits.size() > max_digits || value->exponent > static_cast<int>(max_digits) ||
        length + value->exponent > static_cast<int>(max_digits) ||
        value->exponent < -static_cast<int>(max_digits))
        return std::nullopt;
    if (value->exponent >= 0)
        digits.append(static_cast<std::size_t>(value->exponent), '0');
    else if (length + value->exponent > 0)
        digits.insert(static_cast<std::size_t>(length + value->exponent), ".");
    else
        digits.insert(0,
                      "0." + std::string(static_cast<std::size_t>(-length - value->exponent), '0'));
    return value->negative ? "-" + digits : digits;
}

int compare_decimals(std::string_view left, std::string_view right) noexcept
{
    bool const left_negative = !left.empty() && left[0] == '-';
    bool const right_negative = !right.empty() && right[0] == '-';
    if (left_negative != right_negative)
        return left_negative ? -1 : 1;
    if (left_negative)
    {
        left.remove_prefix(1);
        right.remove_prefix(1);
        std::swap(left, right);
    }
    auto const whole = [](std::string_view text) { return std::min(text.find('.'), text.size()); };
    if (whole(left) != whole(right))
        return whole(left) < whole(right) ? -1 : 1;
    return left.compare(right);
}

} // namespace kusto::emulator::kql

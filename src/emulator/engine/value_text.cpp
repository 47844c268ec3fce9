#include "value_text.hpp"

#include "calendar.hpp"
#include "decimal_text.hpp"
#include "utf8.hpp"

#include <array>
#include <charconv>
#include <cmath>
#include <limits>

namespace kusto::emulator::kql
{

namespace
{

using node_kind = json_reader::node_kind;

template <class T>
cell to_cell(std::optional<T> value)
{
    if (!value)
        return {};
    return cell(std::move(*value));
}

cell parse_int32(std::string_view text)
{
    auto const value = parse_integer(text);
    if (!value || *value < std::numeric_limits<std::int32_t>::min() ||
        *value > std::numeric_limits<std::int32_t>::max())
        return {};
    return *value;
}

bool all_blank(std::string_view text) noexcept
{
    return text.find_first_not_of(" \t\r\n") == std::string_view::npos;
}

/// A string cut at the service's limit, on a character boundary.
std::string limited(std::string_view text)
{
    if (text.size() <= max_value_bytes)
        return std::string(text);
    std::size_t length = max_value_bytes;
    while (length > 0 && (static_cast<unsigned char>(text[length]) & 0xC0) == 0x80)
        --length;
    return std::string(text.substr(0, length));
}

} // namespace

std::optional<bool> parse_bool(std::string_view text) noexcept
{
    if (same_text(text, "true") || text == "1")
        return true;
    if (same_text(text, "false") || text == "0")
        return false;
    return std::nullopt;
}

std::optional<std::int64_t> parse_integer(std::string_view text) noexcept
{
    if (text.size() > 1 && text[0] == '+' && text[1] != '-')
        text.remove_prefix(1);
    std::int64_t value = 0;
    auto const [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc() || end != text.data() + text.size())
        return std::nullopt;
    return value;
}

std::optional<double> parse_real(std::string_view text) noexcept
{
    bool const negative = !text.empty() && text[0] == '-';
    std::string_view digits = text;
    if (negative || (!text.empty() && text[0] == '+'))
        digits.remove_prefix(1);
    if (digits.empty())
        return std::nullopt;
    double const sign = negative ? -1.0 : 1.0;
    if (same_text(digits, "nan") && digits.size() == text.size())
        return std::numeric_limits<double>::quiet_NaN();
    if (same_text(digits, "inf") || same_text(digits, "infinity"))
        return sign * std::numeric_limits<double>::infinity();
    if (digits[0] != '.' && (digits[0] < '0' || digits[0] > '9'))
        return std::nullopt;
    double value = 0;
    auto const [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
    if (error != std::errc() || end != digits.data() + digits.size())
        return std::nullopt;
    return sign * value;
}

std::optional<std::string> parse_guid(std::string_view text)
{
    if (text.size() != 36)
        return std::nullopt;
    std::string result(text);
    for (std::size_t i = 0; i < result.size(); ++i)
    {
        char& c = result[i];
        if (i == 8 || i == 13 || i == 18 || i == 23)
        {
            if (c != '-')
                return std::nullopt;
            continue;
        }
        if (c >= 'A' && c <= 'F')
            c = char(c + 32);
        if (!((c >= '0' && c <= '9') || (c >= 'a' && c <= 'f')))
            return std::nullopt;
    }
    return result;
}

cell value_parser::parse(kind type, std::string_view text)
{
    if (type == kind::string)
        return limited(text);
    if (all_blank(text))
        return {};
    switch (type)
    {
    case kind::boolean:
        return to_cell(parse_bool(text));
    case kind::int32:
        return parse_int32(text);
    case kind::int64:
        return to_cell(parse_integer(text));
    case kind::real:
        return to_cell(parse_real(text));
    case kind::decimal:
        return to_cell(parse_decimal(text));
    case kind::datetime:
        return to_cell(parse_datetime(text));
    case kind::timespan:
        return to_cell(parse_timespan(text));
    case kind::guid:
        return to_cell(parse_guid(text));
    case kind::dynamic:
        return parse_dynamic(text);
    case kind::string:
        break;
    }
    return {};
}

cell value_parser::parse_dynamic(std::string_view text)
{
    std::string value = json_.read_all(text) ? compact_json(text) : json_string(text);
    if (value.size() > max_value_bytes || value == "null")
        return {};
    return value;
}

cell value_parser::parse(kind type, json_reader const& document, std::size_t index)
{
    auto const& node = document.at(index);
    if (node.kind == node_kind::null)
        return type == kind::string ? cell(std::string()) : cell();
    if (type == kind::dynamic)
        return node.raw.size() > max_value_bytes ? cell() : cell(compact_json(node.raw));
    if (type == kind::string)
        return limited(document.text(index));
    bool const numeric = is_number(type) || type == kind::decimal || type == kind::boolean;
    if (node.kind == node_kind::string)
        return parse(type, document.text(index));
    if (!numeric || node.kind == node_kind::array || node.kind == node_kind::object)
        return {};
    if ((node.kind == node_kind::boolean) != (type == kind::boolean) && type != kind::boolean)
        return {};
    return parse(type, node.raw);
}

std::string format_real(double value)
{
    if (std::isnan(value))
        return "NaN";
    if (std::isinf(value))
        return value > 0 ? "Infinity" : "-Infinity";
    std::array<char, 32> buffer{};
    auto const end = std::to_chars(buffer.data(), buffer.data() + buffer.size(), value).ptr;
    return std::string(buffer.data(), end);
}

std::string format_value(kind type, cell const& value)
{
    if (is_null(value))
        return {};
    switch (type)
    {
    case kind::boolean:
        return std::get<bool>(value) ? "true" : "false";
    case kind::int32:
    case kind::int64:
        return std::to_string(std::get<std::int64_t>(value));
    case kind::real:
        return format_real(std::get<double>(value));
    case kind::datetime:
        return format_datetime(std::get<std::int64_t>(value));
    case kind::timespan:
        return format_timespan(std::get<std::int64_t>(value));
    case kind::decimal:
    case kind::guid:
    case kind::string:
        return std::get<std::string>(value);
    case kind::dynamic:
        break;
    }
    std::string const& json = std::get<std::string>(value);
    if (json.size() >= 2 && json.front() == '"')
        return json_unescape(std::string_view(json).substr(1, json.size() - 2));
    return json;
}

} // namespace kusto::emulator::kql

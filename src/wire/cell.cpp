#include <wire/cell.hpp>

#include <array>
#include <base/ascii.hpp>
#include <limits>
#include <utility>

namespace kusto::wire
{

namespace
{

using name_pair = std::pair<std::string_view, std::string_view>;

/// .NET names and aliases.
constexpr std::array<name_pair, 22> type_names{{
    {"string", "string"},     {"int64", "long"},
    {"int32", "int"},         {"double", "real"},
    {"datetime", "datetime"}, {"timespan", "timespan"},
    {"boolean", "bool"},      {"sbyte", "bool"},
    {"guid", "guid"},         {"sqldecimal", "decimal"},
    {"object", "dynamic"},    {"long", "long"},
    {"int", "int"},           {"real", "real"},
    {"bool", "bool"},         {"decimal", "decimal"},
    {"dynamic", "dynamic"},   {"date", "datetime"},
    {"time", "timespan"},     {"uuid", "guid"},
    {"uniqueid", "guid"},     {"float", "real"},
}};

std::string_view text_of(json::value const& cell)
{
    auto const& text = cell.get_string();
    return {text.data(), text.size()};
}

std::optional<value> read_bool(json::value const& cell)
{
    if (cell.is_bool())
        return value(cell.get_bool());
    if (auto const number = whole_number(cell); number && (*number == 0 || *number == 1))
        return value(*number == 1);
    if (cell.is_string() && base::equal_ignoring_case(text_of(cell), "true"))
        return value(true);
    if (cell.is_string() && base::equal_ignoring_case(text_of(cell), "false"))
        return value(false);
    return std::nullopt;
}

template <class Integer>
std::optional<value> read_integer(json::value const& cell)
{
    auto const number = whole_number(cell);
    if (!number || *number < std::numeric_limits<Integer>::min() ||
        *number > std::numeric_limits<Integer>::max())
        return std::nullopt;
    if (cell.is_double() && static_cast<double>(*number) != cell.get_double())
        return std::nullopt;
    return value(static_cast<Integer>(*number));
}

std::optional<value> read_real(json::value const& cell)
{
    using limits = std::numeric_limits<double>;
    if (cell.is_number())
        return value(cell.to_number<double>());
    if (!cell.is_string())
        return std::nullopt;
    auto const text = text_of(cell);
    if (base::equal_ignoring_case(text, "NaN"))
        return value(limits::quiet_NaN());
    if (base::equal_ignoring_case(text, "Infinity"))
        return value(limits::infinity());
    if (base::equal_ignoring_case(text, "-Infinity"))
        return value(-limits::infinity());
    auto const number = parse_json(text);
    if (!number || !number->is_number())
        return std::nullopt;
    return value(number->to_number<double>());
}

template <class T>
std::optional<value> read_text_as(std::string_view text)
{
    auto parsed = T::try_parse(text);
    if (!parsed)
        return std::nullopt;
    return value(std::move(*parsed));
}

std::optional<value> read_decimal(json::value const& cell)
{
    auto const text = cell.is_string() ? std::string(text_of(cell)) : json::serialize(cell);
    return read_text_as<decimal>(text);
}

/// Arrives as JSON, or as a string that holds JSON.
value read_dynamic(json::value const& cell)
{
    if (cell.is_string() && !text_of(cell).empty() && parse_json(text_of(cell)))
        return value(dynamic::unchecked(std::string(text_of(cell))));
    return value(dynamic::unchecked(json::serialize(cell)));
}

value read_string(json::value const& cell)
{
    return cell.is_string() ? value(std::string(text_of(cell))) : value(json::serialize(cell));
}

} // namespace

std::string column_type(std::string_view column_type, std::string_view data_type)
{
    auto name = base::to_lower(column_type.empty() ? data_type : column_type);
    constexpr std::string_view prefixes[] = {"system.data.sqltypes.", "system."};
    for (auto const prefix : prefixes)
    {
        if (name.starts_with(prefix))
            name.erase(0, prefix.size());
    }
    for (auto const& [known, kusto_name] : type_names)
    {
        if (known == name)
            return std::string(kusto_name);
    }
    return name;
}

std::optional<value> read_cell(json::value const& cell, std::string_view type)
{
    if (cell.is_null())
        return value();
    if (type == "string")
        return read_string(cell);
    if (type == "long")
        return read_integer<std::int64_t>(cell);
    if (type == "int")
        return read_integer<std::int32_t>(cell);
    if (type == "real")
        return read_real(cell);
    if (type == "bool")
        return read_bool(cell);
    if (type == "dynamic")
        return read_dynamic(cell);
    if (type == "decimal")
        return read_decimal(cell);
    bool const of_text = type == "datetime" || type == "timespan" || type == "guid";
    if (!of_text)
        return read_string(cell);
    if (!cell.is_string())
        return std::nullopt;
    if (text_of(cell).empty())
        return value();
    if (type == "datetime")
        return read_text_as<datetime>(text_of(cell));
    if (type == "timespan")
        return read_text_as<timespan>(text_of(cell));
    return read_text_as<guid>(text_of(cell));
}

} // namespace kusto::wire

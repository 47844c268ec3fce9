#include "mapping.hpp"

#include "value_text.hpp"

#include <array>

namespace kusto::emulator::kql
{

namespace
{

using node_kind = json_reader::node_kind;
using origin = column_source::origin;

[[noreturn]] void invalid(std::string const& text)
{
    throw ingest_failure{"BadRequest_InvalidMapping", "The ingestion mapping is not valid: " + text,
                         true};
}

/// One element of a mapping, before it meets a table.
struct element
{
    std::string column;
    std::string type;
    std::optional<std::string> ordinal, path, constant, transform;
};

/// First of several spellings of a property; null counts as absent.
std::optional<std::string> property(json_reader const& json, std::size_t object,
                                    std::initializer_list<std::string_view> names)
{
    for (auto const name : names)
        if (auto const found = json.member_ignoring_case(object, name))
            if (json.at(*found).kind != node_kind::null)
                return json.text(*found);
    return std::nullopt;
}

element read_element(json_reader const& json, std::size_t index)
{
    if (json.at(index).kind != node_kind::object)
        invalid("an element is not an object");
    element result;
    auto const column = property(json, index, {"Column", "columnName", "Name"});
    if (!column || column->empty())
        invalid("an element has no column name");
    result.column = *column;
    result.type = property(json, index, {"DataType", "columnType"}).value_or("");
    std::size_t properties = index;
    if (auto const nested = json.member_ignoring_case(index, "Properties"))
        if (json.at(*nested).kind == node_kind::object)
            properties = *nested;
    result.ordinal = property(json, properties, {"Ordinal"});
    result.path = property(json, properties, {"Path"});
    result.constant = property(json, properties, {"ConstValue"});
    result.transform = property(json, properties, {"Transform"});
    if (result.transform && same_text(*result.transform, "None"))
        result.transform.reset();
    return result;
}

transform parse_transform(element const& from)
{
    struct entry
    {
        std::string_view name;
        transform value;
    };
    constexpr std::array known{
        entry{"SourceLocation", transform::source_location},
        entry{"SourceLineNumber", transform::source_line_number},
        entry{"DateTimeFromUnixSeconds", transform::unix_seconds},
        entry{"DateTimeFromUnixMilliseconds", transform::unix_milliseconds},
        entry{"DateTimeFromUnixMicroseconds", transform::unix_microseconds},
        entry{"DateTimeFromUnixNanoseconds", transform::unix_nanoseconds},
    };
    if (!from.transform || from.transform->empty())
        return transform::none;
    for (auto const& candidate : known)
        if (same_text(candidate.name, *from.transform))
            return candidate.value;
    invalid("column '" + from.column + "': the local cluster does not know the transform '" +
            *from.transform + "'");
}

void read_input(column_source& target, element const& from, mapping_kind format)
{
    if (format == mapping_kind::csv)
    {
        if (!from.ordinal)
            invalid("column '" + from.column +
                    "' has neither Ordinal nor ConstValue nor Transform");
        auto const ordinal = parse_integer(*from.ordinal);
        if (!ordinal || *ordinal < 0 || *ordinal > 10'000)
            invalid("column '" + from.column + "' has the Ordinal '" + *from.ordinal + "'");
        target.from = origin::field;
        target.ordinal = static_cast<std::size_t>(*ordinal);
        return;
    }
    if (!from.path || from.path->empty())
        invalid("column '" + from.column + "' has neither Path nor ConstValue nor Transform");
    if (from.path->front() != '$')
    {
        target.from = origin::constant;
        target.constant = *from.path;
        return;
    }
    auto path = parse_path(*from.path);
    if (!path)
        invalid("column '" + from.column + "' has the Path '" + *from.path + "'");
    target.from = origin::path;
    target.path = std::move(*path);
}

column_source to_source(element const& from, mapping_kind format)
{
    column_source result;
    result.with = parse_transform(from);
    bool const has_input =
        format == mapping_kind::csv ? from.ordinal.has_value() : from.path.has_value();
    bool const constant_transform =
        result.with == transform::source_location || result.with == transform::source_line_number;
    if (from.constant || constant_transform)
    {
        if (has_input || (from.constant && result.with != transform::none))
            invalid("column '" + from.column +
                    "' has more than one of Ordinal or Path, ConstValue, constant Transform");
        result.from = from.constant ? origin::constant : origin::record;
        result.constant = from.constant.value_or("");
        return result;
    }
    read_input(result, from, format);
    return result;
}

std::vector<element> read_elements(std::string_view text)
{
    json_reader json;
    if (!json.read_all(text))
        invalid("it is not JSON: " + json.error());
    if (json.root().kind != node_kind::array)
        invalid("it is not a JSON array");
    std::vector<element> elements;
    for (auto const index : json.children(0))
        elements.push_back(read_element(json, index));
    if (elements.empty())
        invalid("it is empty");
    return elements;
}

/// `name`, up to the next `.` or `[`.
bool bare_name(std::string_view& text, json_path& path)
{
    std::size_t const end = std::min(text.find_first_of(".["), text.size());
    if (end == 0)
        return false;
    path.emplace_back(std::string(text.substr(0, end)));
    text.remove_prefix(end);
    return true;
}

/// `['name']`, `["name"]` or `[0]`
bool bracketed(std::string_view& text, json_path& path)
{
    text.remove_prefix(1);
    if (text.empty())
        return false;
    char const quote = text[0];
    if (quote == '\'' || quote == '"')
    {
        std::string const close = std::string(1, quote) + "]";
        std::size_t const end = text.find(close, 1);
        if (end == std::string_view::npos)
            return false;
        path.emplace_back(std::string(text.substr(1, end - 1)));
        text.remove_prefix(end + 2);
        return true;
    }
    std::size_t const end = text.find(']');
    if (end == std::string_view::npos)
        return false;
    auto const position = parse_integer(text.substr(0, end));
    if (!position || *position < 0)
        return false;
    path.emplace_back(static_cast<std::size_t>(*position));
    text.remove_prefix(end + 1);
    return true;
}

} // namespace

std::optional<json_path> parse_path(std::string_view text)
{
    if (text.empty() || text[0] != '$')
        return std::nullopt;
    text.remove_prefix(1);
    json_path path;
    while (!text.empty())
    {
        bool const dot = text[0] == '.';
        if (dot)
            text.remove_prefix(1);
        if (text.empty() || (!dot && text[0] != '['))
            return std::nullopt;
        if (!(text[0] == '[' ? bracketed(text, path) : bare_name(text, path)))
            return std::nullopt;
    }
    return path;
}

std::optional<std::size_t> follow(json_reader const& document, json_path const& path)
{
    std::size_t at = 0;
    for (auto const& step : path)
    {
        auto const* name = std::get_if<std::string>(&step);
        auto const next = name != nullptr ? document.member(at, *name)
                                          : document.element(at, std::get<std::size_t>(step));
        if (!next)
            return std::nullopt;
        at = *next;
    }
    return at;
}

ingestion_plan identity_plan(table const& target, mapping_kind format)
{
    ingestion_plan plan;
    for (auto const& column : target.columns)
    {
        column_source source;
        source.type = column.type;
        source.ordinal = plan.size();
        source.from = format == mapping_kind::csv ? origin::field : origin::path;
        source.path.emplace_back(column.name);
        plan.push_back(std::move(source));
    }
    return plan;
}

ingestion_plan mapped_plan(table const& target, mapping_kind format, std::string_view text)
{
    ingestion_plan plan(target.columns.size());
    std::vector<bool> mapped(plan.size());
    for (std::size_t i = 0; i < plan.size(); ++i)
        plan[i].type = target.columns[i].type;
    for (auto const& from : read_elements(text))
    {
        auto const index = target.find_column(from.column);
        if (!index)
            invalid("table '" + target.name + "' has no column '" + from.column +
                    "' (the local cluster creates no columns from mappings)");
        if (mapped[*index])
            invalid("two elements are for column '" + from.column + "'");
        mapped[*index] = true;
        auto const type = parse_kind(from.type);
        if (!from.type.empty() && (!type || *type != plan[*index].type))
            invalid("column '" + from.column + "' is " + std::string(kind_name(plan[*index].type)) +
                    ", not '" + from.type + "'");
        plan[*index] = to_source(from, format);
        plan[*index].type = target.columns[*index].type;
        bool const unix_time = plan[*index].with >= transform::unix_seconds;
        if (unix_time && plan[*index].type != kind::datetime)
            invalid("column '" + from.column + "' has a datetime transform but is no datetime");
    }
    return plan;
}

void check_mapping(mapping_kind format, std::string_view text)
{
    for (auto const& from : read_elements(text))
        static_cast<void>(to_source(from, format));
}

} // namespace kusto::emulator::kql

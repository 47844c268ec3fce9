#include <kusto/schema.hpp>

#include <algorithm>
#include <text/encode_error.hpp>
#include <text/utf8.hpp>

namespace kusto
{

namespace
{

constexpr std::size_t max_name_characters = 1024;

void append_escaped(std::string& to, std::string_view text, char quote)
{
    static constexpr char digits[] = "0123456789abcdef";
    for (char const c : text)
    {
        auto const byte = static_cast<unsigned char>(c);
        if (c == '\\' || c == quote)
        {
            to += '\\';
            to += c;
        }
        else if (c == '\n')
            to += "\\n";
        else if (c == '\r')
            to += "\\r";
        else if (c == '\t')
            to += "\\t";
        else if (byte < 0x20)
        {
            to += "\\u00";
            to += digits[byte >> 4];
            to += digits[byte & 15];
        }
        else
            to += c;
    }
}

std::string quoted(std::string_view text, char quote)
{
    std::string made(1, quote);
    append_escaped(made, text, quote);
    return made += quote;
}

[[noreturn]] void refuse_name(std::string_view name, char const* why)
{
    text::throw_encode_error(errc::invalid_record,
                             "the name \"" + text::excerpt(name) + "\" " + why +
                                 "; allowed are 1 to 1024 letters, digits, _, blank, . and -");
}

/// Letters beyond ASCII are left to the service.
void check_name(std::string_view name)
{
    if (name.empty())
        refuse_name(name, "is empty");
    if (text::find_invalid_utf8(name) != std::string_view::npos)
        refuse_name(name, "is not UTF-8");
    auto const allowed = [](char c)
    {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               c == '_' || c == ' ' || c == '.' || c == '-' ||
               static_cast<unsigned char>(c) >= 0x80;
    };
    if (!std::all_of(name.begin(), name.end(), allowed))
        refuse_name(name, "has a character that is not allowed");
    auto const characters =
        std::count_if(name.begin(), name.end(),
                      [](char c) { return (static_cast<unsigned char>(c) & 0xc0) != 0x80; });
    if (static_cast<std::size_t>(characters) > max_name_characters)
        refuse_name(name, "is too long");
}

void check_type(column_schema const& column)
{
    static constexpr std::string_view types[] = {"bool",   "datetime", "decimal", "dynamic",
                                                 "guid",   "int",      "long",    "real",
                                                 "string", "timespan"};
    if (std::find(std::begin(types), std::end(types), column.type) == std::end(types))
        text::throw_encode_error(errc::invalid_record,
                                 "column \"" + column.name + "\" has the type \"" + column.type +
                                     "\"; use bool, datetime, decimal, dynamic, guid, int, long, "
                                     "real, string or timespan");
}

void check_columns(table_schema const& columns)
{
    if (columns.empty())
        text::throw_encode_error(errc::invalid_record,
                                 "the schema has no columns; add at least one");
    std::vector<std::string_view> names;
    for (auto const& column : columns)
    {
        check_name(column.name);
        check_type(column);
        names.push_back(column.name);
    }
    std::sort(names.begin(), names.end());
    auto const twice = std::adjacent_find(names.begin(), names.end());
    if (twice != names.end())
        text::throw_encode_error(errc::invalid_record,
                                 "column \"" + std::string(*twice) + "\" occurs twice; rename one");
}

/// `$.name`, or `$['a b']` where the name has other characters than letters, digits and `_`.
std::string json_path(std::string_view name)
{
    bool const plain = std::all_of(name.begin(), name.end(),
                                   [](char c) { return c != ' ' && c != '.' && c != '-'; });
    return plain ? "$." + std::string(name) : "$['" + std::string(name) + "']";
}

} // namespace

std::string quoted_name(std::string_view name)
{
    check_name(name);
    return "[" + quoted(name, '\'') + "]";
}

std::string quoted_literal(std::string_view text)
{
    return quoted(text, '\'');
}

std::string create_merge_table_command(std::string_view table, table_schema const& columns)
{
    check_columns(columns);
    std::string command = ".create-merge table " + quoted_name(table) + " (";
    for (auto const& column : columns)
    {
        if (&column != &columns.front())
            command += ", ";
        command += quoted_name(column.name) + ":" + column.type;
    }
    return command += ')';
}

// Names are checked, so that nothing in them needs an escape in JSON.
std::string ingestion_mapping_json(table_schema const& columns, data_format format)
{
    check_columns(columns);
    std::string json = "[";
    for (std::size_t i = 0; i < columns.size(); ++i)
    {
        auto const& column = columns[i];
        json += i == 0 ? "" : ",";
        json += "{\"Column\":\"" + column.name + "\",\"DataType\":\"" + column.type +
                "\",\"Properties\":{";
        json += format == data_format::csv ? "\"Ordinal\":\"" + std::to_string(i)
                                           : "\"Path\":\"" + json_path(column.name);
        json += "\"}}";
    }
    return json += ']';
}

std::string create_ingestion_mapping_command(std::string_view table, std::string_view mapping_name,
                                             data_format format, table_schema const& columns)
{
    check_name(mapping_name);
    std::string command = ".create-or-alter table " + quoted_name(table) + " ingestion ";
    command += format == data_format::csv ? "csv" : "json";
    command += " mapping " + quoted(mapping_name, '"') + " ";
    return command += quoted_literal(ingestion_mapping_json(columns, format));
}

} // namespace kusto

#include "calendar.hpp"
#include "json_reader.hpp"
#include "types.hpp"
#include "value_text.hpp"

#include <cmath>

namespace kusto::emulator
{

namespace
{

using kql::append_json_string;
using kql::kind;

void append_value(std::string& out, kind type, cell const& value)
{
    if (kql::is_null(value))
    {
        out += type == kind::string ? "\"\"" : "null";
        return;
    }
    bool const finite = type != kind::real || std::isfinite(std::get<double>(value));
    switch (type)
    {
    case kind::boolean:
    case kind::int32:
    case kind::int64:
    case kind::real:
        if (finite)
        {
            out += kql::format_value(type, value);
            return;
        }
        break;
    case kind::dynamic:
        append_json_string(out, std::get<std::string>(value));
        return;
    default:
        break;
    }
    append_json_string(out, kql::format_value(type, value));
}

std::vector<kind> types_of(result_table const& table)
{
    std::vector<kind> types;
    for (auto const& column : table.columns)
        types.push_back(kql::parse_kind(column.type).value_or(kind::string));
    return types;
}

void append_columns(std::string& out, result_table const& table, bool dotnet)
{
    auto const types = types_of(table);
    out += "\"Columns\":[";
    for (std::size_t i = 0; i < types.size(); ++i)
    {
        out += i == 0 ? "{\"ColumnName\":" : ",{\"ColumnName\":";
        append_json_string(out, table.columns[i].name);
        if (dotnet)
            out.append(",\"DataType\":\"").append(kql::dotnet_name(types[i])).append("\"");
        out.append(",\"ColumnType\":\"").append(kql::kind_name(types[i])).append("\"}");
    }
    out += "]";
}

void append_rows(std::string& out, result_table const& table)
{
    auto const types = types_of(table);
    out += "\"Rows\":[";
    for (std::size_t r = 0; r < table.rows.size(); ++r)
    {
        out += r == 0 ? "[" : ",[";
        for (std::size_t i = 0; i < types.size(); ++i)
        {
            if (i != 0)
                out.push_back(',');
            append_value(out, types[i], table.rows[r][i]);
        }
        out.push_back(']');
    }
    out += "]";
}

void append_frame(std::string& out, int id, std::string const& kind, std::string const& name,
                  result_table const& table)
{
    out += ",{\"FrameType\":\"DataTable\",\"TableId\":" + std::to_string(id) + ",\"TableKind\":\"" +
           kind + "\",\"TableName\":";
    append_json_string(out, name);
    out.push_back(',');
    append_columns(out, table, false);
    out.push_back(',');
    append_rows(out, table);
    out.push_back('}');
}

result_table properties_table()
{
    result_table table;
    table.columns = {{"TableId", "int"}, {"Key", "string"}, {"Value", "dynamic"}};
    table.rows.push_back({std::int64_t(1), std::string("Visualization"),
                          std::string("{\"Visualization\":null,\"Title\":null}")});
    return table;
}

result_table completion_table(result_table const& primary)
{
    result_table table;
    table.columns = {
        {"Timestamp", "datetime"}, {"ClientRequestId", "string"}, {"ActivityId", "guid"},
        {"SubActivityId", "guid"}, {"ParentActivityId", "guid"},  {"Level", "int"},
        {"LevelName", "string"},   {"StatusCode", "int"},         {"StatusCodeName", "string"},
        {"EventType", "int"},      {"EventTypeName", "string"},   {"Payload", "string"}};
    std::string const none = "00000000-0000-0000-0000-000000000000";
    table.rows.push_back({kql::now_ticks(), std::string(), none, none, none, std::int64_t(4),
                          std::string("Info"), std::int64_t(0), std::string("S_OK (0)"),
                          std::int64_t(4), std::string("QueryInfo"),
                          "{\"Count\":1,\"Text\":\"Query completed successfully\",\"Rows\":" +
                              std::to_string(primary.rows.size()) + "}"});
    return table;
}

} // namespace

std::string render_v1(result_table const& table)
{
    std::string out = "{\"Tables\":[{\"TableName\":";
    append_json_string(out, table.name);
    out.push_back(',');
    append_columns(out, table, true);
    out.push_back(',');
    append_rows(out, table);
    out += "}]}";
    return out;
}

std::string render_v2(result_table const& table)
{
    std::string out = "[{\"FrameType\":\"DataSetHeader\",\"IsProgressive\":false,\"Version\":"
                      "\"v2.0\",\"IsFragmented\":false,\"ErrorReportingPlacement\":\"InData\"}";
    append_frame(out, 0, "QueryProperties", "@ExtendedProperties", properties_table());
    append_frame(out, 1, "PrimaryResult", "PrimaryResult", table);
    append_frame(out, 2, "QueryCompletionInformation", "QueryCompletionInformation",
                 completion_table(table));
    out += ",{\"FrameType\":\"DataSetCompletion\",\"HasErrors\":false,\"Cancelled\":false}]";
    return out;
}

} // namespace kusto::emulator

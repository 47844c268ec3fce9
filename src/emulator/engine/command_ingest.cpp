#include "command.hpp"
#include "ingestion.hpp"
#include "ingestion_properties.hpp"
#include "mapping.hpp"

#include <algorithm>

namespace kusto::emulator::kql
{

namespace
{

engine_error refused(ingest_failure const& failure)
{
    return engine_error(400, failure.code, "Kusto.Data.Exceptions.KustoBadRequestException",
                        failure.details, failure.permanent);
}

schema types_of(result_table const& data)
{
    schema columns;
    for (auto const& column : data.columns)
        columns.push_back({column.name, parse_kind(column.type).value_or(kind::string)});
    return columns;
}

std::string listed_types(schema const& columns)
{
    std::string text;
    for (auto const& column : columns)
        text.append(text.empty() ? "" : ",").append(kind_name(column.type));
    return text;
}

/// The names of the columns do not count.
void check_types(schema const& given, table const& into)
{
    bool const same =
        std::equal(given.begin(), given.end(), into.columns.begin(), into.columns.end(),
                   [](column const& left, column const& right) { return left.type == right.type; });
    if (!same)
        throw bad_request("Query schema does not match table schema. QuerySchema=('" +
                          listed_types(given) + "'), TableSchema=('" + listed_types(into.columns) +
                          "')");
}

table& table_for(command_context& context, std::string const& verb, std::string const& name,
                 schema const& columns)
{
    if (auto* const found = context.target.find_table(context.database, name))
    {
        if (verb == "set")
            throw bad_request("Table '" + name + "' already exists");
        check_types(columns, *found);
        return *found;
    }
    check_name(name);
    for (auto const& column : columns)
        check_name(column.name);
    return context.target.create_table(context.database, name, columns);
}

/// The part of `with (...)` that says how to ingest. Takes it out of `properties`.
ingest_request ingestion_part(std::map<std::string, std::string>& properties)
{
    ingest_request request;
    std::map<std::string, std::string> ingestion;
    for (char const* name : {"tags", "ingestifnotexists", "creationtime"})
        if (auto found = properties.extract(name))
            ingestion.insert(std::move(found));
    apply_ingestion_properties(request, ingestion);
    for (char const* name : {"distributed", "persistdetails", "policy_ingestiontime"})
        properties.erase(name);
    for (char const* name : {"extend_schema", "recreate_schema"})
        if (properties.count(name) != 0 && same_text(properties[name], "false"))
            properties.erase(name);
    for (auto const& [name, value] : properties)
        if (name != "folder" && name != "docstring" && name != "hidden")
            throw not_supported("the property '" + name + "' with the value '" + value + "'");
    return request;
}

} // namespace

result_table ingest_from_query(command_context& context, std::string const& verb)
try
{
    std::string const name = context.in.name();
    auto properties = with_properties(context.in);
    ingest_request request = ingestion_part(properties);
    if (verb == "append" && context.target.find_table(context.database, name) == nullptr)
        throw entity_not_found("Entity ID '" + name + "' of kind 'Table' was not found.");
    result_table const data = run_source(context);
    table& into = table_for(context, verb, name, types_of(data));
    set_table_properties(context.target, into, properties);
    request.database = into.database;
    request.table = into.name;
    auto const done = ingest_rows(context.target, request, data.rows);
    result_table result;
    result.columns = {{"ExtentId", "guid"},       {"OriginalSize", "real"}, {"ExtentSize", "real"},
                      {"CompressedSize", "real"}, {"IndexSize", "real"},    {"RowCount", "long"}};
    if (!done.extent_id.empty())
        result.rows.push_back(
            {done.extent_id, 0.0, 0.0, 0.0, 0.0, static_cast<std::int64_t>(done.rows)});
    return result;
}
catch (ingest_failure const& failure)
{
    throw refused(failure);
}

result_table ingest_inline(command_context& context)
{
    lexer& in = context.in;
    in.expect_word("into");
    in.expect_word("table");
    table const& target = existing_table(context);
    auto const properties = with_properties(in);
    if (!in.is_symbol("<|"))
        in.unexpected("'<|'");
    ingest_request request;
    request.database = target.database;
    request.table = target.name;
    std::string_view data = in.behind();
    // The rest of the line with `<|` is not data when it is blank.
    std::size_t const first = data.find_first_not_of(" \t\r");
    if (first != std::string_view::npos && data[first] == '\n')
        data.remove_prefix(first + 1);
    request.data = data;
    try
    {
        apply_ingestion_properties(request, properties);
    }
    catch (ingest_failure const& failure)
    {
        throw refused(failure);
    }
    auto const done = context.ingest(request);
    if (done.status == "Failed")
        throw engine_error(400, done.error_code, "Kusto.Data.Exceptions.KustoBadRequestException",
                           done.details, done.permanent);
    in = lexer(std::string_view());
    result_table result;
    result.columns = {{"ExtentId", "guid"},
                      {"ItemLoaded", "string"},
                      {"Duration", "timespan"},
                      {"HasErrors", "bool"},
                      {"OperationId", "guid"}};
    result.rows.push_back({done.extent_id.empty() ? cell() : cell(done.extent_id),
                           std::string("inline:") + target.name, std::int64_t(0), false,
                           done.operation_id});
    return result;
}

} // namespace kusto::emulator::kql

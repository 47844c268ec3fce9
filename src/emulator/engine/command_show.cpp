#include "calendar.hpp"
#include "command.hpp"
#include "json_reader.hpp"
#include "value_text.hpp"

#include <algorithm>

namespace kusto::emulator::kql
{

namespace
{

/// 2026-01-01.
constexpr std::int64_t build_time = 739'616 * ticks_per_day;

result_table show_version()
{
    result_table result;
    result.columns = {{"BuildVersion", "string"},
                      {"BuildTime", "datetime"},
                      {"ServiceType", "string"},
                      {"ProductVersion", "string"}};
    result.rows.push_back({std::string("1.0.0.0"), build_time, std::string("Engine"),
                           std::string("kusto-cpp local cluster")});
    return result;
}

result_table show_databases(command_context& context)
{
    result_table result;
    result.columns = {
        {"DatabaseName", "string"}, {"PersistentStorage", "string"},  {"Version", "string"},
        {"IsCurrent", "bool"},      {"DatabaseAccessMode", "string"}, {"PrettyName", "string"}};
    for (auto const& name : context.target.databases())
        result.rows.push_back({name, std::string(), std::string("v1.0"),
                               same_text(name, context.database), std::string("ReadWrite"),
                               std::string()});
    return result;
}

result_table show_tables(command_context& context)
{
    result_table result;
    result.columns = {{"TableName", "string"},
                      {"DatabaseName", "string"},
                      {"Folder", "string"},
                      {"DocString", "string"}};
    for (auto const* found : context.target.tables(context.database))
        result.rows.push_back({found->name, found->database, found->folder, found->docstring});
    return result;
}

result_table show_failures(command_context& context)
{
    auto const properties = with_properties(context.in);
    auto const wanted = properties.find("operationid");
    result_table result;
    result.columns = {{"OperationId", "guid"},
                      {"Database", "string"},
                      {"Table", "string"},
                      {"FailedOn", "datetime"},
                      {"IngestionSourcePath", "string"},
                      {"Details", "string"},
                      {"FailureKind", "string"},
                      {"RootActivityId", "guid"},
                      {"OperationKind", "string"},
                      {"OriginatesFromUpdatePolicy", "bool"},
                      {"ErrorCode", "string"},
                      {"Principal", "string"},
                      {"User", "string"},
                      {"IngestionProperties", "string"},
                      {"NumberOfSources", "long"},
                      {"ShouldRetry", "bool"}};
    value_parser parser;
    for (auto const& failure : context.target.failures())
    {
        if (wanted != properties.end() && wanted->second != failure.operation_id)
            continue;
        result.rows.push_back(
            {parser.parse(kind::guid, failure.operation_id), failure.database, failure.table,
             parser.parse(kind::datetime, failure.failed_on), failure.source_path, failure.details,
             failure.failure_kind, parser.parse(kind::guid, failure.activity_id),
             std::string("DataIngestPull"), false, failure.error_code, std::string(), std::string(),
             std::string(), std::int64_t(1), failure.should_retry});
    }
    return result;
}

result_table show_details(command_context& context, table const& target)
{
    std::int64_t const now = context.target.now();
    result_table result;
    result.columns = {{"TableName", "string"},   {"DatabaseName", "string"},
                      {"Folder", "string"},      {"DocString", "string"},
                      {"TotalExtents", "long"},  {"TotalOriginalSize", "real"},
                      {"TotalRowCount", "long"}, {"Hidden", "bool"}};
    double bytes = 0;
    std::int64_t extents = 0;
    for (auto const& part : target.extents)
    {
        if (!part.visible(now))
            continue;
        ++extents;
        bytes += static_cast<double>(part.bytes);
    }
    result.rows.push_back({target.name, target.database, target.folder, target.docstring, extents,
                           bytes, static_cast<std::int64_t>(target.rows(now)), target.hidden});
    return result;
}

result_table show_mappings(command_context& context, table const& target)
{
    if (context.in.take_word("mappings"))
        return mapping_result(target, target.mappings);
    std::string const kind = mapping_kind_word(context.in);
    std::vector<stored_mapping> found;
    if (context.in.take_word("mappings"))
    {
        std::copy_if(target.mappings.begin(), target.mappings.end(), std::back_inserter(found),
                     [&](stored_mapping const& mapping) { return mapping.kind == kind; });
        return mapping_result(target, found);
    }
    context.in.expect_word("mapping");
    std::string const name = context.in.string_literal();
    auto const* mapping = target.find_mapping(kind, name);
    if (mapping == nullptr)
        throw entity_not_found("Mapping '" + name + "' of kind '" + kind + "' was not found.");
    return mapping_result(target, {*mapping});
}

result_table show_columns(table const& target)
{
    result_table result;
    result.columns = {{"AttributeName", "string"}, {"AttributeType", "string"}};
    for (auto const& column : target.columns)
        result.rows.push_back({column.name, "System." + std::string(dotnet_name(column.type))});
    return result;
}

result_table show_table(command_context& context)
{
    lexer& in = context.in;
    if (in.take_symbol("*"))
    {
        in.expect_word("policy");
        return show_policies(context);
    }
    table& target = existing_table(context);
    if (in.take_word("cslschema"))
        return schema_result(target, false);
    if (in.take_word("schema"))
    {
        in.expect_word("as");
        if (in.take_word("csl"))
            return schema_result(target, false);
        in.expect_word("json");
        return schema_result(target, true);
    }
    if (in.take_word("details"))
        return show_details(context, target);
    if (in.take_word("extents"))
        return show_extents(context, target);
    if (in.take_word("ingestion"))
        return show_mappings(context, target);
    if (in.take_word("policy"))
        return show_policy(context, {target.database, &target});
    expect_end(in);
    return show_columns(target);
}

result_table show_database(command_context& context)
{
    // Without a name it is about the database of the request.
    lexer ahead = context.in;
    bool const unnamed = ahead.take_word("policy") && !ahead.is_word("policy");
    policy_owner const owner =
        unnamed ? policy_owner{context.database} : existing_database(context);
    context.in.expect_word("policy");
    return show_policy(context, owner);
}

} // namespace

std::string csl_schema(table const& target)
{
    std::string text;
    for (auto const& column : target.columns)
    {
        bool const plain =
            !column.name.empty() && std::all_of(column.name.begin(), column.name.end(),
                                                [](char c) {
                                                    return (c >= '0' && c <= '9') ||
                                                           (c >= 'a' && c <= 'z') ||
                                                           (c >= 'A' && c <= 'Z') || c == '_';
                                                });
        text += text.empty() ? "" : ",";
        text += plain ? column.name : "['" + column.name + "']";
        text.append(":").append(kind_name(column.type));
    }
    return text;
}

result_table schema_result(table const& target, bool json)
{
    std::string text;
    for (auto const& column : target.columns)
    {
        text += text.empty() ? "{\"Name\":" : ",{\"Name\":";
        append_json_string(text, column.name);
        text.append(",\"Type\":\"System.").append(dotnet_name(column.type));
        text.append("\",\"CslType\":\"").append(kind_name(column.type)).append("\"}");
    }
    text = "{\"Name\":" + json_string(target.name) + ",\"OrderedColumns\":[" + text + "]}";
    result_table result;
    result.columns = {{"TableName", "string"},
                      {"Schema", "string"},
                      {"DatabaseName", "string"},
                      {"Folder", "string"},
                      {"DocString", "string"}};
    result.rows.push_back({target.name, json ? text : csl_schema(target), target.database,
                           target.folder, target.docstring});
    return result;
}

result_table mapping_result(table const& target, std::vector<stored_mapping> const& mappings)
{
    result_table result;
    result.columns = {{"Name", "string"},     {"Kind", "string"},
                      {"Mapping", "string"},  {"LastUpdatedOn", "datetime"},
                      {"Database", "string"}, {"Table", "string"}};
    for (auto const& mapping : mappings)
        result.rows.push_back({mapping.name, std::string(mapping.kind == "csv" ? "Csv" : "Json"),
                               mapping.text, cell(), target.database, target.name});
    return result;
}

result_table show(command_context& context)
{
    lexer& in = context.in;
    result_table result;
    if (in.take_word("version"))
        result = show_version();
    else if (in.take_word("databases"))
        result = show_databases(context);
    else if (in.take_word("tables"))
        result = show_tables(context);
    else if (in.take_word("table"))
        result = show_table(context);
    else if (in.take_word("database"))
        result = show_database(context);
    else if (in.take_word("ingestion"))
    {
        in.expect_word("failures");
        result = show_failures(context);
    }
    else
    {
        throw syntax_error("the local cluster does not support the command '.show " +
                           in.peek().text + "'");
    }
    expect_end(in);
    return result;
}

} // namespace kusto::emulator::kql

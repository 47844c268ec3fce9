#include "command.hpp"

#include "json_reader.hpp"
#include "mapping.hpp"
#include "parser.hpp"
#include "query.hpp"
#include "value_text.hpp"

#include <algorithm>

namespace kusto::emulator::kql
{

namespace
{

schema column_list(lexer& in)
{
    schema columns;
    in.expect_symbol("(");
    do
    {
        column added;
        added.name = in.name();
        in.expect_symbol(":");
        if (in.peek().kind != token_kind::identifier)
            in.unexpected("a type");
        std::string type = in.take().text;
        if (in.take_symbol("."))
            type += "." + in.take().text;
        auto const known = parse_kind(type);
        if (!known)
            throw semantic_error("'" + type + "' is not a type");
        added.type = *known;
        for (auto const& other : columns)
            if (other.name == added.name)
                throw bad_request("Column '" + added.name + "' is given twice");
        columns.push_back(std::move(added));
    } while (in.take_symbol(","));
    in.expect_symbol(")");
    return columns;
}

/// The columns of `wanted` that the table does not have; \throws when a type differs.
schema missing_columns(table const& target, schema const& wanted)
{
    schema missing;
    for (auto const& column : wanted)
    {
        auto const index = target.find_column(column.name);
        if (!index)
            missing.push_back(column);
        else if (target.columns[*index].type != column.type)
            throw bad_request("Column '" + column.name + "' of table '" + target.name + "' is " +
                              std::string(kind_name(target.columns[*index].type)) + ", not " +
                              std::string(kind_name(column.type)));
    }
    return missing;
}

void apply_properties(command_context& context, table& target)
{
    auto const properties = with_properties(context.in);
    for (auto const& [name, value] : properties)
        if (name != "folder" && name != "docstring" && name != "hidden")
            throw not_supported("the table property '" + name + "'");
    set_table_properties(context.target, target, properties);
}

/// Words joined by hyphens: `create-or-alter`.
std::string verb_word(lexer& in)
{
    if (in.peek().kind != token_kind::identifier)
        in.unexpected("a command");
    std::string verb = lower(in.take().text);
    while (in.take_symbol("-"))
        verb += "-" + lower(in.take().text);
    return verb;
}

[[noreturn]] void unknown_command(std::string const& what)
{
    throw syntax_error("the local cluster does not support the command '." + what + "'");
}

/// Commands of the form `.verb table NAME ...` on a table that exists or is to be made.
result_table table_command(command_context& context, std::string const& verb)
{
    bool const creates = verb == "create" || verb == "create-merge" || verb == "alter-merge";
    lexer ahead = context.in;
    ahead.name();
    if (ahead.is_symbol("(") && creates)
        return create_table(context, verb);
    table& target = existing_table(context);
    if (context.in.take_word("ingestion"))
        return put_mapping(context, target, verb);
    bool const alters = verb == "alter" || verb == "alter-merge";
    if (alters && context.in.take_word("policy"))
        return alter_policy(context, {target.database, &target}, verb == "alter-merge");
    if (verb == "delete" && context.in.take_word("policy"))
        return delete_policy(context, {target.database, &target});
    unknown_command(verb + " table");
}

/// Commands of the form `.verb database NAME policy ...`.
result_table database_command(command_context& context, std::string const& verb)
{
    auto const owner = existing_database(context);
    context.in.expect_word("policy");
    if (verb == "alter" || verb == "alter-merge")
        return alter_policy(context, owner, verb == "alter-merge");
    if (verb == "delete")
        return delete_policy(context, owner);
    unknown_command(verb + " database");
}

/// The rest of `.drop extent tags from table NAME (...)` before its parenthesis.
table& tagged_table(command_context& context)
{
    for (char const* word : {"extent", "tags", "from", "table"})
        context.in.expect_word(word);
    return existing_table(context);
}

result_table dispatch(command_context& context)
{
    context.in.expect_symbol(".");
    std::string const verb = verb_word(context.in);
    if (verb == "show")
        return show(context);
    if (verb == "ingest")
    {
        if (!context.in.take_word("inline"))
            unknown_command("ingest");
        return ingest_inline(context);
    }
    if (verb == "set" || verb == "append" || verb == "set-or-append")
        return ingest_from_query(context, verb);
    if (verb == "move")
        return move_extents(context);
    if (verb == "drop" && context.in.is_word("extents"))
    {
        context.in.take();
        return drop_extents(context);
    }
    if (verb == "drop" && context.in.is_word("extent"))
        return drop_extent_tags(context, tagged_table(context));
    if (context.in.take_word("database"))
        return database_command(context, verb);
    if (!context.in.take_word("table"))
        unknown_command(verb + " " + context.in.peek().text);
    if (verb == "drop")
        return drop_table(context);
    if (verb == "clear")
        return clear_table(context);
    for (char const* known :
         {"create", "create-merge", "alter-merge", "create-or-alter", "alter", "delete"})
        if (verb == known)
            return table_command(context, verb);
    unknown_command(verb + " table");
}

} // namespace

void check_name(std::string const& name)
{
    constexpr std::string_view forbidden = ";:$/\\\"'()[]{},|<>=*?%&#@!^~`+\r\n\t";
    if (name.size() > 1024 || name.find_first_of(forbidden) != std::string::npos)
        throw engine_error(400, "BadRequest_EntityNameIsNotValid",
                           "Kusto.Data.Exceptions.EntityNameNotValidException",
                           "Entity name '" + name + "' is not valid");
}

void set_table_properties(catalog& of, table& target,
                          std::map<std::string, std::string> const& properties)
{
    std::string folder = target.folder;
    std::string docstring = target.docstring;
    bool hidden = target.hidden;
    for (auto const& [name, value] : properties)
    {
        if (name == "folder")
            folder = value;
        if (name == "docstring")
            docstring = value;
        if (name != "hidden")
            continue;
        auto const flag = parse_bool(value);
        if (!flag)
            throw bad_request("the table property 'hidden' cannot be '" + value + "'");
        hidden = *flag;
    }
    if (folder != target.folder || docstring != target.docstring || hidden != target.hidden)
        of.set_properties(target, std::move(folder), std::move(docstring), hidden);
}

policy_owner existing_database(command_context& context)
{
    std::string const name = context.in.name();
    auto const* const found = context.target.find_database(name);
    if (found == nullptr)
        throw entity_not_found("Entity ID '" + name + "' of kind 'Database' was not found.");
    return {*found, nullptr};
}

table& existing_table(command_context& context)
{
    std::string database = context.database;
    std::string name = context.in.name();
    if (context.in.take_symbol("."))
    {
        database = std::move(name);
        name = context.in.name();
    }
    auto* const found = context.target.find_table(database, name);
    if (found == nullptr)
        throw entity_not_found("Entity ID '" + name + "' of kind 'Table' was not found.");
    return *found;
}

std::map<std::string, std::string> with_properties(lexer& in)
{
    std::map<std::string, std::string> properties;
    if (!in.take_word("with"))
        return properties;
    in.expect_symbol("(");
    if (in.take_symbol(")"))
        return properties;
    do
    {
        std::string const name = lower(in.name());
        in.expect_symbol("=");
        if (in.peek().kind == token_kind::string)
        {
            properties[name] = in.joined_literals();
            continue;
        }
        token const value = in.take();
        if (value.kind != token_kind::identifier && value.kind != token_kind::integer &&
            value.kind != token_kind::typed)
            throw syntax_error("the property '" + name + "' has no value");
        properties[name] =
            value.kind == token_kind::integer ? std::to_string(value.integer) : value.text;
    } while (in.take_symbol(","));
    in.expect_symbol(")");
    return properties;
}

std::string mapping_kind_word(lexer& in)
{
    if (in.peek().kind != token_kind::identifier)
        in.unexpected("a mapping kind");
    std::string const word = lower(in.take().text);
    if (word != "csv" && word != "json")
        throw not_supported("ingestion mappings of kind '" + word + "'");
    return word;
}

void expect_end(lexer const& in)
{
    if (!in.at_end() && !in.is_symbol("|") && !in.is_symbol(";"))
        in.unexpected("the end of the command");
}

result_table create_table(command_context& context, std::string const& verb)
{
    std::string const name = context.in.name();
    schema columns = column_list(context.in);
    check_name(name);
    for (auto const& column : columns)
        check_name(column.name);
    auto* found = context.target.find_table(context.database, name);
    if (found == nullptr && verb == "alter-merge")
        throw entity_not_found("Entity ID '" + name + "' of kind 'Table' was not found.");
    bool const created = found == nullptr;
    if (created)
        found = &context.target.create_table(context.database, name, std::move(columns));
    else if (verb != "create")
        if (auto const missing = missing_columns(*found, columns); !missing.empty())
            context.target.add_columns(*found, missing);
    if (created || verb != "create")
        apply_properties(context, *found);
    else
        static_cast<void>(with_properties(context.in));
    expect_end(context.in);
    return schema_result(*found, true);
}

result_table drop_table(command_context& context)
{
    lexer ahead = context.in;
    std::string const name = ahead.name();
    bool const optional = ahead.take_word("ifexists");
    if (optional && context.target.find_table(context.database, name) == nullptr)
    {
        context.in = ahead;
        expect_end(context.in);
        result_table none;
        none.columns = {{"TableName", "string"}, {"DatabaseName", "string"}};
        return none;
    }
    table& target = existing_table(context);
    if (context.in.take_word("ingestion"))
    {
        std::string const kind = mapping_kind_word(context.in);
        context.in.expect_word("mapping");
        std::string const mapping = context.in.string_literal();
        expect_end(context.in);
        if (!context.target.drop_mapping(target, kind, mapping))
            throw entity_not_found("Mapping '" + mapping + "' of kind '" + kind +
                                   "' was not found.");
        return mapping_result(target, target.mappings);
    }
    if (context.in.take_word("extent"))
    {
        context.in.expect_word("tags");
        return drop_extent_tags(context, target);
    }
    context.in.take_word("ifexists");
    expect_end(context.in);
    context.target.drop_table(target);
    result_table remaining;
    remaining.columns = {{"TableName", "string"}, {"DatabaseName", "string"}};
    for (auto const* other : context.target.tables(context.database))
        remaining.rows.push_back({other->name, other->database});
    return remaining;
}

result_table clear_table(command_context& context)
{
    table& target = existing_table(context);
    result_table result;
    if (context.in.take_word("cache"))
    {
        context.in.expect_word("streamingingestion");
        context.in.expect_word("schema");
        expect_end(context.in);
        result.columns = {{"NodeId", "string"}, {"Status", "string"}};
        result.rows.push_back({std::string("Local"), std::string("Succeeded")});
        return result;
    }
    context.in.expect_word("data");
    expect_end(context.in);
    result.columns = {{"ExtentId", "guid"}, {"TableName", "string"}, {"RowCount", "long"}};
    for (auto const& part : target.extents)
        result.rows.push_back({part.id, target.name, static_cast<std::int64_t>(part.rows)});
    context.target.clear_table(target);
    return result;
}

result_table put_mapping(command_context& context, table& target, std::string const& verb)
{
    stored_mapping mapping;
    mapping.kind = mapping_kind_word(context.in);
    context.in.expect_word("mapping");
    mapping.name = context.in.string_literal();
    mapping.text = context.in.joined_literals();
    expect_end(context.in);
    bool const exists = target.find_mapping(mapping.kind, mapping.name) != nullptr;
    if (verb == "create" && exists)
        throw bad_request("Mapping '" + mapping.name + "' of kind '" + mapping.kind +
                          "' already exists");
    if (verb == "alter" && !exists)
        throw entity_not_found("Mapping '" + mapping.name + "' of kind '" + mapping.kind +
                               "' was not found.");
    if (verb != "create" && verb != "alter" && verb != "create-or-alter")
        unknown_command(verb + " table ingestion mapping");
    try
    {
        check_mapping(mapping.kind == "csv" ? mapping_kind::csv : mapping_kind::json, mapping.text);
    }
    catch (ingest_failure const& failure)
    {
        throw engine_error(400, failure.code, "Kusto.Data.Exceptions.KustoBadRequestException",
                           failure.details);
    }
    mapping.text = compact_json(mapping.text);
    context.target.put_mapping(target, mapping);
    return mapping_result(target, {mapping});
}

result_table run_source(command_context& context)
{
    if (!context.in.is_symbol("<|"))
        context.in.unexpected("'<|'");
    std::string_view const text = context.in.behind();
    context.in = lexer(std::string_view());
    lexer command(text);
    if (!command.take_symbol("."))
        return run_query(context.target, context.database, text);
    if (!command.is_word("show"))
        throw bad_request("only queries and '.show' commands can be a source");
    return run_command(context.target, context.database, text, context.ingest);
}

result_table run_command(catalog& target, std::string const& database, std::string_view text,
                         ingest_function ingest)
{
    if (target.find_database(database) == nullptr)
        throw entity_not_found("Database '" + database + "' could not be found");
    command_context context{target, *target.find_database(database), lexer(text),
                            std::move(ingest)};
    auto result = dispatch(context);
    return run_operations(std::move(result), parse_operations(context.in));
}

} // namespace kusto::emulator::kql

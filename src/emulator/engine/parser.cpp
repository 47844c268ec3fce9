#include "parser.hpp"

namespace kusto::emulator::kql
{

namespace
{

using verb = syntax::operation::verb;

syntax::named_expression named(lexer& in)
{
    syntax::named_expression result;
    lexer ahead = in;
    bool const nameable = ahead.peek().kind == token_kind::identifier || ahead.is_symbol("[");
    if (nameable)
    {
        lexer probe = ahead;
        probe.take();
        if (ahead.is_symbol("[") && probe.peek().kind == token_kind::string)
        {
            probe.take();
            probe.take_symbol("]");
        }
        if (probe.is_symbol("="))
        {
            result.name = in.name();
            in.expect_symbol("=");
        }
    }
    result.value = parse_expression(in);
    return result;
}

std::vector<syntax::named_expression> named_list(lexer& in)
{
    std::vector<syntax::named_expression> list;
    do
        list.push_back(named(in));
    while (in.take_symbol(","));
    return list;
}

syntax::sort_key sort_key(lexer& in)
{
    syntax::sort_key key;
    key.value = parse_expression(in);
    key.ascending = in.take_identifier("asc");
    if (!key.ascending)
        in.take_identifier("desc");
    key.nulls_first = key.ascending;
    if (in.take_identifier("nulls"))
    {
        key.nulls_first = in.take_identifier("first");
        if (!key.nulls_first && !in.take_identifier("last"))
            in.unexpected("'first' or 'last'");
    }
    return key;
}

void sort_keys(lexer& in, syntax::operation& into)
{
    if (!in.take_identifier("by"))
        in.unexpected("'by'");
    do
        into.keys.push_back(sort_key(in));
    while (in.take_symbol(","));
}

std::int64_t row_limit(lexer& in)
{
    if (in.peek().kind != token_kind::integer)
        in.unexpected("a number of rows");
    return in.take().integer;
}

void summarize(lexer& in, syntax::operation& into)
{
    if (!in.is_identifier("by"))
        into.items = named_list(in);
    if (in.take_identifier("by"))
        into.groups = named_list(in);
}

verb project_verb(lexer& in)
{
    if (!in.take_symbol("-"))
        return verb::project;
    if (!in.take_identifier("away"))
        throw not_supported("the operator 'project-" + in.peek().text + "'");
    return verb::project_away;
}

syntax::operation operation(lexer& in)
{
    syntax::operation result;
    if (in.peek().kind != token_kind::identifier)
        in.unexpected("a query operator");
    std::string const word = in.take().text;
    auto const is = [&](char const* first, char const* second = "")
    { return word == first || word == second; };
    if (is("count"))
    {
        result.what = verb::count;
    }
    else if (is("take", "limit"))
    {
        result.what = verb::take;
        result.limit = row_limit(in);
    }
    else if (is("where", "filter"))
    {
        result.what = verb::where;
        result.predicate = parse_expression(in);
    }
    else if (is("project"))
    {
        result.what = project_verb(in);
        result.items = named_list(in);
    }
    else if (is("extend"))
    {
        result.what = verb::extend;
        result.items = named_list(in);
    }
    else if (is("distinct"))
    {
        result.what = verb::distinct;
        result.all_columns = in.take_symbol("*");
        if (!result.all_columns)
            result.groups = named_list(in);
    }
    else if (is("summarize"))
    {
        result.what = verb::summarize;
        summarize(in, result);
    }
    else if (is("sort", "order"))
    {
        result.what = verb::sort;
        sort_keys(in, result);
    }
    else if (is("top"))
    {
        result.what = verb::top;
        result.limit = row_limit(in);
        sort_keys(in, result);
    }
    else
    {
        throw semantic_error("SEM0001", "the local cluster does not support the query operator '" +
                                            word + "'");
    }
    return result;
}

void statements(lexer& in, syntax::query& into)
{
    while (in.is_identifier("set"))
    {
        in.take();
        std::string const option = in.name();
        if (option != "notruncation")
            throw not_supported("the statement 'set " + option + "'");
        if (in.take_symbol("=") && !in.take_identifier("true"))
            in.unexpected("'true'");
        in.expect_symbol(";");
        into.no_truncation = true;
    }
    for (char const* word : {"let", "declare", "alias", "restrict", "pattern"})
    {
        lexer ahead = in;
        if (ahead.take_identifier(word) && ahead.peek().kind == token_kind::identifier)
            throw not_supported(std::string("the statement '") + word + "'");
    }
}

void source(lexer& in, syntax::query& into)
{
    lexer ahead = in;
    if (ahead.take_identifier("print") && !ahead.at_end() && !ahead.is_symbol("|"))
    {
        in.take();
        into.print = named_list(in);
        return;
    }
    lexer behind = in;
    if (behind.take_identifier("database") && behind.is_symbol("("))
    {
        in.take();
        in.expect_symbol("(");
        into.database = in.string_literal();
        in.expect_symbol(")");
        in.expect_symbol(".");
    }
    into.table = in.name();
    if (in.is_symbol("("))
        throw semantic_error("SEM0260", "Unknown function: '" + into.table + "'");
}

} // namespace

std::vector<syntax::operation> parse_operations(lexer& in)
{
    std::vector<syntax::operation> operations;
    while (in.take_symbol("|"))
        operations.push_back(operation(in));
    in.take_symbol(";");
    if (!in.at_end())
        in.unexpected("'|' or the end of the query");
    return operations;
}

syntax::query parse_query(std::string_view text)
{
    lexer in(text);
    syntax::query result;
    statements(in, result);
    source(in, result);
    result.operations = parse_operations(in);
    return result;
}

} // namespace kusto::emulator::kql

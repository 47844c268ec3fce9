#include "calendar.hpp"
#include "command.hpp"
#include "expression.hpp"
#include "value_text.hpp"

#include <algorithm>
#include <set>

namespace kusto::emulator::kql
{

namespace
{

std::string_view trimmed(std::string_view text, std::string_view blanks) noexcept
{
    std::size_t const first = text.find_first_not_of(blanks);
    if (first == std::string_view::npos)
        return {};
    return text.substr(first, text.find_last_not_of(blanks) - first + 1);
}

/// `(id, id, ...)`, each at most once.
std::vector<std::string> extent_ids(lexer& in)
{
    if (!in.is_symbol("("))
        in.unexpected("'('");
    std::string_view list = in.take_until(')');
    std::vector<std::string> ids;
    for (bool more = true; more;)
    {
        std::size_t const comma = list.find(',');
        auto const text = trimmed(list.substr(0, comma), " \t\r\n'\"");
        auto const id = parse_guid(text);
        if (!id)
            throw syntax_error("'" + std::string(text) + "' is no extent id");
        if (std::find(ids.begin(), ids.end(), *id) == ids.end())
            ids.push_back(*id);
        more = comma != std::string_view::npos;
        list.remove_prefix(more ? comma + 1 : list.size());
    }
    return ids;
}

struct tag_condition
{
    bool negated = false;
    std::string operation; ///< `has` or `contains`
    std::string text;
};

/// `where tags has 'x' [and tags !contains 'y' ...]`, or nothing.
std::vector<tag_condition> tag_conditions(lexer& in)
{
    std::vector<tag_condition> conditions;
    if (!in.take_word("where"))
        return conditions;
    do
    {
        in.expect_word("tags");
        tag_condition made;
        made.negated = in.is_symbol("!has") || in.is_symbol("!contains");
        if (!made.negated && !in.is_word("has") && !in.is_word("contains"))
            in.unexpected("'has', 'contains', '!has' or '!contains'");
        made.operation = lower(in.take().text).substr(made.negated ? 1 : 0);
        made.text = in.string_literal();
        conditions.push_back(std::move(made));
    } while (in.take_word("and"));
    return conditions;
}

bool fulfils(extent const& part, std::vector<tag_condition> const& conditions)
{
    return std::all_of(conditions.begin(), conditions.end(),
                       [&](tag_condition const& wanted)
                       {
                           bool const found = std::any_of(
                               part.tags.begin(), part.tags.end(),
                               [&](std::string const& tag)
                               { return text_matches(wanted.operation, tag, wanted.text); });
                           return found != wanted.negated;
                       });
}

std::int64_t time_property(std::string const& name, std::string const& text)
{
    auto const time = parse_datetime(trimmed(text, " \t'\""));
    if (!time)
        throw bad_request("the property '" + name + "' is not a datetime: '" + text + "'");
    return *time;
}

/// `with (...)` of commands that change extents, or nothing.
creation_range range_properties(lexer& in, bool moves)
{
    creation_range range;
    for (auto const& [name, value] : with_properties(in))
    {
        if (name == "extentcreatedonfrom")
            range.from = time_property(name, value);
        else if (name == "extentcreatedonto")
            range.to = time_property(name, value);
        else if (!moves || name != "setnewingestiontime" || !parse_bool(value))
            throw not_supported("the property '" + name + "' with the value '" + value + "'");
    }
    return range;
}

/// \throws engine_error for an id that is none of the table's visible extents in that range
std::vector<extent_place> places(catalog& target, table& owner, std::vector<std::string> const& ids,
                                 creation_range const& range = {})
{
    std::vector<extent_place> found;
    for (auto const& id : ids)
    {
        auto const* const part = owner.find_extent(id);
        if (part == nullptr || !part->visible(target.now()) || !range.contains(part->created))
            throw entity_not_found("Entity ID '" + id +
                                   "' of kind 'Extent' was not found in table "
                                   "'" +
                                   owner.name + "'.");
        found.push_back({&owner, id});
    }
    return found;
}

std::vector<extent_place> all_places(catalog& target, table& owner, creation_range const& range)
{
    std::vector<extent_place> found;
    for (auto const& part : owner.extents)
        if (part.visible(target.now()) && range.contains(part.created))
            found.push_back({&owner, part.id});
    return found;
}

std::size_t column_of(result_table const& from, std::string const& name)
{
    for (std::size_t i = 0; i < from.columns.size(); ++i)
        if (from.columns[i].name == name)
            return i;
    throw bad_request("the query must return a column '" + name + "'");
}

/// What the query behind `<|` names by its columns `ExtentId` and `TableName`, each at most once.
std::vector<extent_place> queried_places(command_context& context)
{
    result_table const data = run_source(context);
    std::size_t const id = column_of(data, "ExtentId");
    std::size_t const name = column_of(data, "TableName");
    std::vector<extent_place> found;
    std::set<std::string> seen;
    for (auto const& values : data.rows)
    {
        auto const* const text = std::get_if<std::string>(&values[name]);
        auto const* const guid = std::get_if<std::string>(&values[id]);
        auto* const owner =
            text == nullptr ? nullptr : context.target.find_table(context.database, *text);
        auto const normal = guid == nullptr ? std::nullopt : parse_guid(*guid);
        if (owner == nullptr || !normal)
            throw entity_not_found("the query names an extent without a table of this database");
        if (!seen.insert(*normal).second)
            continue;
        auto const place = places(context.target, *owner, {*normal});
        found.insert(found.end(), place.begin(), place.end());
    }
    return found;
}

void check_move(command_context const& context, table const& from, table const& to)
{
    if (&from == &to)
        throw bad_request("Table '" + from.name + "' is both the source and the destination");
    for (auto const* each : {&from, &to})
        if (!same_text(each->database, context.database))
            throw bad_request("Table '" + each->name + "' is not in the database of the request");
    for (auto const& column : from.columns)
    {
        auto const index = to.find_column(column.name);
        if (!index || to.columns[*index].type != column.type)
            throw bad_request("Column '" + column.name + ":" + std::string(kind_name(column.type)) +
                              "' of table '" + from.name + "' is not in table '" + to.name + "'");
    }
}

result_table changes_result(std::vector<extent_change> const& changes, bool with_tags)
{
    result_table result;
    result.columns = {{"OriginalExtentId", "string"}, {"ResultExtentId", "string"}};
    if (with_tags)
        result.columns.push_back({"ResultExtentTags", "string"});
    result.columns.push_back({"Details", "string"});
    for (auto const& change : changes)
    {
        row values{change.original, change.result};
        if (with_tags)
            values.emplace_back(join_tags(change.tags));
        values.emplace_back(std::string());
        result.rows.push_back(std::move(values));
    }
    return result;
}

} // namespace

result_table show_extents(command_context& context, table const& target)
{
    lexer& in = context.in;
    bool const chosen = in.is_symbol("(");
    auto const ids = chosen ? extent_ids(in) : std::vector<std::string>();
    in.take_word("hot");
    auto const conditions = tag_conditions(in);
    result_table result;
    result.columns = {{"ExtentId", "guid"},
                      {"DatabaseName", "string"},
                      {"TableName", "string"},
                      {"MaxCreatedOn", "datetime"},
                      {"OriginalSize", "real"},
                      {"ExtentSize", "real"},
                      {"CompressedSize", "real"},
                      {"IndexSize", "real"},
                      {"Blocks", "long"},
                      {"Segments", "long"},
                      {"ExtentContainerId", "string"},
                      {"RowCount", "long"},
                      {"MinCreatedOn", "datetime"},
                      {"Tags", "string"}};
    for (auto const& part : target.extents)
    {
        bool const wanted = !chosen || std::find(ids.begin(), ids.end(), part.id) != ids.end();
        if (!wanted || !part.visible(context.target.now()) || !fulfils(part, conditions))
            continue;
        auto const bytes = static_cast<double>(part.bytes);
        result.rows.push_back({part.id, target.database, target.name, part.created, bytes, bytes,
                               bytes, 0.0, std::int64_t(1), std::int64_t(1), std::string("local"),
                               static_cast<std::int64_t>(part.rows), part.created,
                               join_tags(part.tags)});
    }
    return result;
}

result_table move_extents(command_context& context)
{
    lexer& in = context.in;
    in.expect_word("extents");
    bool const all = in.take_word("all");
    bool const queried = !all && !in.is_word("from");
    table* from = nullptr;
    if (!queried)
    {
        in.expect_word("from");
        in.expect_word("table");
        from = &existing_table(context);
    }
    in.expect_word("to");
    in.expect_word("table");
    table& to = existing_table(context);
    auto const range = range_properties(in, true);
    if (from != nullptr)
        check_move(context, *from, to);
    auto const which = queried ? queried_places(context)
                       : all   ? all_places(context.target, *from, range)
                               : places(context.target, *from, extent_ids(in), range);
    expect_end(in);
    for (auto const& place : which)
        check_move(context, *place.owner, to);
    return changes_result(context.target.move_extents(which, to), false);
}

result_table drop_extents(command_context& context)
{
    lexer& in = context.in;
    std::vector<extent_place> which;
    if (in.is_symbol("("))
    {
        auto const ids = extent_ids(in);
        in.expect_word("from");
        which = places(context.target, existing_table(context), ids);
    }
    else
    {
        which = queried_places(context);
    }
    expect_end(in);
    result_table result;
    result.columns = {{"ExtentId", "string"}, {"TableName", "string"}, {"CreatedOn", "datetime"}};
    for (auto const& change : context.target.drop_extents(which))
        result.rows.push_back({change.original, change.table_name, change.created});
    return result;
}

result_table drop_extent_tags(command_context& context, table& target)
{
    lexer& in = context.in;
    std::vector<std::string> tags;
    in.expect_symbol("(");
    do
        tags.push_back(in.string_literal());
    while (in.take_symbol(","));
    in.expect_symbol(")");
    auto const range = range_properties(in, false);
    expect_end(in);
    return changes_result(context.target.drop_tags(target, tags, range), true);
}

} // namespace kusto::emulator::kql

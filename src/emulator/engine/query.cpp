#include "query.hpp"

#include "parser.hpp"

#include <algorithm>
#include <limits>

namespace kusto::emulator::kql
{

namespace
{

using verb = syntax::operation::verb;

/// The end of every query.
class collector final : public stage
{
public:
    collector(result_table& into, std::size_t limit) : stage({}), into_(into), limit_(limit) {}
    bool push(row const& input) override
    {
        if (into_.rows.size() >= limit_)
            throw engine_error(400, "E_QUERY_RESULT_SET_TOO_LARGE",
                               "Kusto.DataNode.Exceptions.QueryThrottledException",
                               "Query result set has exceeded the internal record count limit " +
                                   std::to_string(limit_) + " (E_QUERY_RESULT_SET_TOO_LARGE)");
        into_.rows.push_back(input);
        return true;
    }
    void finish() override {}
    std::vector<bool> needed(std::vector<bool> const& wanted) const override { return wanted; }

private:
    result_table& into_;
    std::size_t limit_;
};

class pipeline
{
public:
    pipeline(schema const& input, std::vector<syntax::operation> const& operations,
             std::size_t first, std::size_t limit)
        : end_(result_, limit)
    {
        schema columns = input;
        for (std::size_t i = first; i < operations.size(); ++i)
        {
            stages_.push_back(make_stage(operations[i], columns));
            columns = stages_.back()->output();
        }
        for (std::size_t i = 0; i < stages_.size(); ++i)
            stages_[i]->connect(i + 1 < stages_.size() ? stages_[i + 1].get()
                                                       : static_cast<stage*>(&end_));
        for (auto const& column : columns)
            result_.columns.push_back({column.name, std::string(kind_name(column.type))});
        needed_.assign(columns.size(), true);
        for (std::size_t i = stages_.size(); i > 0; --i)
            needed_ = stages_[i - 1]->needed(needed_);
    }

    /// Input columns that are looked at.
    [[nodiscard]] std::vector<bool> const& needed() const noexcept { return needed_; }
    bool push(row const& input) { return first().push(input); }
    result_table finish()
    {
        first().finish();
        return std::move(result_);
    }

private:
    stage& first() noexcept { return stages_.empty() ? static_cast<stage&>(end_) : *stages_[0]; }

    result_table result_;
    collector end_;
    std::vector<stage_ptr> stages_;
    std::vector<bool> needed_;
};

void read_cell(statement const& from, int position, kind type, cell& into)
{
    if (from.is_null(position))
    {
        if (type == kind::string)
            into = std::string();
        else
            into = std::monostate();
        return;
    }
    switch (type)
    {
    case kind::boolean:
        into = from.integer(position) != 0;
        break;
    case kind::real:
        into =
            from.is_text(position) ? std::numeric_limits<double>::quiet_NaN() : from.real(position);
        break;
    case kind::int32:
    case kind::int64:
    case kind::datetime:
    case kind::timespan:
        into = from.integer(position);
        break;
    default:
        if (auto* text = std::get_if<std::string>(&into))
            *text = from.text(position);
        else
            into = std::string(from.text(position));
        break;
    }
}

/// Goes through the rows of a table in order and tells which belong to extents not yet visible.
class hidden_rows
{
public:
    hidden_rows(table const& source, std::int64_t now)
    {
        for (auto const& part : source.extents)
            if (!part.visible(now) && part.rows != 0)
                ranges_.emplace_back(part.first, part.first + static_cast<std::int64_t>(part.rows));
        std::sort(ranges_.begin(), ranges_.end());
    }

    [[nodiscard]] bool any() const noexcept { return !ranges_.empty(); }
    /// Keys must not decrease.
    [[nodiscard]] bool contains(std::int64_t key) noexcept
    {
        while (at_ < ranges_.size() && ranges_[at_].second <= key)
            ++at_;
        return at_ < ranges_.size() && ranges_[at_].first <= key;
    }

private:
    std::vector<std::pair<std::int64_t, std::int64_t>> ranges_;
    std::size_t at_ = 0;
};

void scan(catalog& target, table const& source, pipeline& into)
{
    std::vector<std::size_t> columns;
    std::string sql = "r";
    for (std::size_t i = 0; i < source.columns.size(); ++i)
    {
        if (!into.needed()[i])
            continue;
        columns.push_back(i);
        sql += ", c" + std::to_string(i);
    }
    auto rows = target.storage().prepare("SELECT " + sql + " FROM " + source.storage_name() +
                                         " ORDER BY r");
    hidden_rows hidden(source, target.now());
    row current(source.columns.size());
    while (rows.step())
    {
        if (hidden.any() && hidden.contains(rows.integer(0)))
            continue;
        for (std::size_t i = 0; i < columns.size(); ++i)
            read_cell(rows, static_cast<int>(i) + 1, source.columns[columns[i]].type,
                      current[columns[i]]);
        if (!into.push(current))
            break;
    }
}

result_table run_print(syntax::query const& query, std::size_t limit)
{
    schema columns;
    auto const expressions = bind_list(query.print, {}, columns, "print_", 0);
    row values;
    for (auto const& expression : expressions)
    {
        cell scratch;
        values.push_back(expression->eval({}, scratch));
    }
    pipeline steps(columns, query.operations, 0, limit);
    steps.push(values);
    return steps.finish();
}

table const& find_source(catalog& target, std::string const& database, syntax::query const& query)
{
    std::string const& wanted = query.database.empty() ? database : query.database;
    if (target.find_database(wanted) == nullptr)
        throw entity_not_found("Database '" + wanted + "' could not be found");
    auto const* const found = target.find_table(wanted, query.table);
    if (found == nullptr)
        throw semantic_error("'" + query.table +
                             "' operator: Failed to resolve table or column expression named '" +
                             query.table + "'");
    return *found;
}

/// `T | count` is answered from the extents.
bool counts_whole_table(syntax::query const& query)
{
    return !query.operations.empty() && query.operations[0].what == verb::count;
}

} // namespace

result_table run_query(catalog& target, std::string const& database, std::string_view text)
{
    syntax::query const query = parse_query(text);
    query_time const now;
    std::size_t const limit =
        query.no_truncation ? std::numeric_limits<std::size_t>::max() : max_result_rows;
    if (query.table.empty())
        return run_print(query, limit);
    table const& source = find_source(target, database, query);
    if (counts_whole_table(query))
    {
        pipeline steps({{"Count", kind::int64}}, query.operations, 1, limit);
        steps.push({cell(static_cast<std::int64_t>(source.rows(target.now())))});
        return steps.finish();
    }
    pipeline steps(source.columns, query.operations, 0, limit);
    scan(target, source, steps);
    return steps.finish();
}

result_table run_operations(result_table source, std::vector<syntax::operation> const& operations)
{
    if (operations.empty())
        return source;
    schema columns;
    for (auto const& column : source.columns)
        columns.push_back({column.name, parse_kind(column.type).value_or(kind::string)});
    query_time const now;
    pipeline steps(columns, operations, 0, max_result_rows);
    for (auto const& values : source.rows)
        if (!steps.push(values))
            break;
    return steps.finish();
}

} // namespace kusto::emulator::kql

#include "operators.hpp"

#include <algorithm>

namespace kusto::emulator::kql
{

namespace
{

using verb = syntax::operation::verb;

class count_stage final : public stage
{
public:
    explicit count_stage(std::size_t inputs) : stage({{"Count", kind::int64}}), inputs_(inputs) {}
    bool push(row const&) override
    {
        ++count_;
        return true;
    }
    void finish() override
    {
        next_->push({cell(count_)});
        next_->finish();
    }
    std::vector<bool> needed(std::vector<bool> const&) const override
    {
        return std::vector<bool>(inputs_);
    }

private:
    std::size_t inputs_;
    std::int64_t count_ = 0;
};

class where_stage final : public stage
{
public:
    where_stage(schema columns, scalar_ptr predicate)
        : stage(std::move(columns)),
          predicate_(std::move(predicate))
    {
        if (predicate_->type() != kind::boolean)
            throw semantic_error("SEM0023", "the predicate of 'where' must be of type bool");
    }
    bool push(row const& input) override
    {
        cell const& holds = predicate_->eval(input, scratch_);
        if (is_null(holds) || !std::get<bool>(holds))
            return true;
        return next_->push(input);
    }
    std::vector<bool> needed(std::vector<bool> const& wanted) const override
    {
        auto used = wanted;
        predicate_->mark(used);
        return used;
    }

private:
    scalar_ptr predicate_;
    cell scratch_;
};

/// `project`, `extend`, `project-away`: every output column is an expression of the input.
class map_stage final : public stage
{
public:
    map_stage(schema output, scalars expressions, std::size_t inputs)
        : stage(std::move(output)),
          expressions_(std::move(expressions)),
          inputs_(inputs),
          row_(expressions_.size())
    {
    }
    bool push(row const& input) override
    {
        for (std::size_t i = 0; i < expressions_.size(); ++i)
        {
            if (!wanted_.empty() && !wanted_[i])
                continue;
            cell const& value = expressions_[i]->eval(input, scratch_);
            row_[i] = value;
        }
        return next_->push(row_);
    }
    std::vector<bool> needed(std::vector<bool> const& wanted) const override
    {
        wanted_ = wanted;
        std::vector<bool> used(inputs_);
        for (std::size_t i = 0; i < expressions_.size(); ++i)
            if (wanted[i])
                expressions_[i]->mark(used);
        return used;
    }

private:
    scalars expressions_;
    std::size_t inputs_;
    row row_;
    cell scratch_;
    mutable std::vector<bool> wanted_;
};

stage_ptr make_project(syntax::operation const& from, schema const& input)
{
    schema output;
    auto expressions = bind_list(from.items, input, output, "Column", 1);
    return std::make_unique<map_stage>(std::move(output), std::move(expressions), input.size());
}

stage_ptr make_extend(syntax::operation const& from, schema const& input)
{
    schema added;
    auto expressions = bind_list(from.items, input, added, "Column", 1);
    schema output = input;
    scalars all;
    for (std::size_t i = 0; i < input.size(); ++i)
        all.push_back(make_column(i, input[i].type));
    for (std::size_t i = 0; i < added.size(); ++i)
    {
        auto const same =
            std::find_if(output.begin(), output.end(),
                         [&](column const& other) { return other.name == added[i].name; });
        if (same == output.end())
        {
            output.push_back(added[i]);
            all.push_back(std::move(expressions[i]));
            continue;
        }
        same->type = added[i].type;
        all[static_cast<std::size_t>(same - output.begin())] = std::move(expressions[i]);
    }
    return std::make_unique<map_stage>(std::move(output), std::move(all), input.size());
}

stage_ptr make_project_away(syntax::operation const& from, schema const& input)
{
    std::vector<bool> removed(input.size());
    for (auto const& item : from.items)
    {
        if (item.value->shape != syntax::expression::form::name || !item.name.empty())
            throw not_supported("'project-away' of anything but column names");
        bind_expression(*item.value, input)->mark(removed);
    }
    schema output;
    scalars kept;
    for (std::size_t i = 0; i < input.size(); ++i)
    {
        if (removed[i])
            continue;
        output.push_back(input[i]);
        kept.push_back(make_column(i, input[i].type));
    }
    return std::make_unique<map_stage>(std::move(output), std::move(kept), input.size());
}

} // namespace

bool has_name(schema const& columns, std::string const& name)
{
    return std::any_of(columns.begin(), columns.end(),
                       [&](column const& other) { return other.name == name; });
}

/// `name`, or `name1`, `name2`, ... when it is taken.
std::string unique_name(schema const& columns, std::string const& name)
{
    std::string candidate = name;
    for (int i = 1; has_name(columns, candidate); ++i)
        candidate = name + std::to_string(i);
    return candidate;
}

scalars bind_list(std::vector<syntax::named_expression> const& items, schema const& columns,
                  schema& output, std::string const& prefix, std::size_t first_number)
{
    scalars bound;
    std::size_t number = first_number;
    for (auto const& item : items)
    {
        bound.push_back(bind_expression(*item.value, columns));
        std::string name = item.name.empty() ? derived_name(*item.value) : item.name;
        if (!item.name.empty() && has_name(output, name))
            throw semantic_error("SEM0045", "duplicate column name '" + name + "'");
        if (name.empty() || prefix == "print_")
            name = item.name.empty() ? prefix + std::to_string(number) : name;
        ++number;
        output.push_back({unique_name(output, name), bound.back()->type()});
    }
    return bound;
}

stage_ptr make_stage(syntax::operation const& from, schema const& input)
{
    switch (from.what)
    {
    case verb::count:
        return std::make_unique<count_stage>(input.size());
    case verb::take:
        return std::make_unique<take_stage>(input, from.limit);
    case verb::where:
        return std::make_unique<where_stage>(input, bind_expression(*from.predicate, input));
    case verb::project:
        return make_project(from, input);
    case verb::project_away:
        return make_project_away(from, input);
    case verb::extend:
        return make_extend(from, input);
    case verb::distinct:
        return make_distinct(from, input);
    case verb::summarize:
        return make_summarize(from, input);
    case verb::sort:
        return make_sort(from, input);
    case verb::top:
        break;
    }
    return make_top(from, input);
}

} // namespace kusto::emulator::kql

#include "aggregate.hpp"
#include "operators.hpp"

#include <cstring>
#include <unordered_map>

namespace kusto::emulator::kql
{

namespace
{

/// Appends what tells two values of a column apart.
void append_key(std::string& key, cell const& value)
{
    auto const bytes = [&](auto const& number)
    {
        char buffer[sizeof number];
        std::memcpy(buffer, &number, sizeof number);
        key.append(buffer, sizeof number);
    };
    key.push_back(static_cast<char>('0' + value.index()));
    if (auto const* flag = std::get_if<bool>(&value))
        key.push_back(*flag ? '1' : '0');
    else if (auto const* integer = std::get_if<std::int64_t>(&value))
        bytes(*integer);
    else if (auto const* real = std::get_if<double>(&value))
        bytes(*real == 0 ? 0.0 : *real);
    else if (auto const* text = std::get_if<std::string>(&value))
    {
        bytes(text->size());
        key += *text;
    }
}

/// `summarize` and `distinct`. Groups come out in the order of their first row.
class group_stage final : public stage
{
public:
    group_stage(schema output, scalars keys, std::vector<aggregation> aggregations,
                std::size_t inputs)
        : stage(std::move(output)),
          keys_(std::move(keys)),
          aggregations_(std::move(aggregations)),
          inputs_(inputs)
    {
    }

    bool push(row const& input) override
    {
        for (auto& state : find(input).states)
            state->add(input);
        return true;
    }

    void finish() override
    {
        if (keys_.empty() && groups_.empty())
            groups_.push_back(open({}));
        for (auto& made : groups_)
        {
            row output = std::move(made.keys);
            for (auto const& state : made.states)
                output.push_back(state->result());
            if (!next_->push(output))
                break;
        }
        next_->finish();
    }

    std::vector<bool> needed(std::vector<bool> const&) const override
    {
        std::vector<bool> used(inputs_);
        for (auto const& key : keys_)
            key->mark(used);
        for (auto const& part : aggregations_)
            part.mark(used);
        return used;
    }

private:
    struct group
    {
        row keys;
        std::vector<std::unique_ptr<accumulator>> states;
    };

    group open(row keys) const
    {
        group made;
        made.keys = std::move(keys);
        for (auto const& part : aggregations_)
            made.states.push_back(part.start());
        return made;
    }

    group& find(row const& input)
    {
        if (keys_.empty())
        {
            if (groups_.empty())
                groups_.push_back(open({}));
            return groups_.front();
        }
        key_.clear();
        cell scratch;
        for (auto const& key : keys_)
            append_key(key_, key->eval(input, scratch));
        auto const [position, added] = index_.try_emplace(key_, groups_.size());
        if (added)
        {
            row values;
            for (auto const& key : keys_)
                values.push_back(key->eval(input, scratch));
            groups_.push_back(open(std::move(values)));
        }
        return groups_[position->second];
    }

    scalars keys_;
    std::vector<aggregation> aggregations_;
    std::size_t inputs_;
    std::vector<group> groups_;
    std::unordered_map<std::string, std::size_t> index_;
    std::string key_;
};

void require_groupable(scalars const& keys)
{
    for (auto const& key : keys)
        if (key->type() == kind::dynamic)
            throw semantic_error("SEM0066", "a group key is of a 'dynamic' type; use an explicit "
                                            "cast such as tostring()");
}

} // namespace

stage_ptr make_distinct(syntax::operation const& from, schema const& input)
{
    schema output;
    scalars keys;
    if (from.all_columns)
    {
        output = input;
        for (std::size_t i = 0; i < input.size(); ++i)
            keys.push_back(make_column(i, input[i].type));
    }
    else
    {
        keys = bind_list(from.groups, input, output, "Column", 1);
    }
    require_groupable(keys);
    return std::make_unique<group_stage>(std::move(output), std::move(keys),
                                         std::vector<aggregation>(), input.size());
}

stage_ptr make_summarize(syntax::operation const& from, schema const& input)
{
    schema output;
    auto keys = bind_list(from.groups, input, output, "Column", 1);
    require_groupable(keys);
    std::vector<aggregation> aggregations;
    for (auto const& item : from.items)
    {
        aggregation bound(*item.value, input);
        if (!item.name.empty() && has_name(output, item.name))
            throw semantic_error("SEM0045", "duplicate column name '" + item.name + "'");
        std::string const name =
            item.name.empty() ? unique_name(output, bound.default_name()) : item.name;
        output.push_back({name, bound.type()});
        aggregations.push_back(std::move(bound));
    }
    return std::make_unique<group_stage>(std::move(output), std::move(keys),
                                         std::move(aggregations), input.size());
}

} // namespace kusto::emulator::kql

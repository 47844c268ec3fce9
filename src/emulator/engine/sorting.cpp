#include "operators.hpp"

#include <algorithm>

namespace kusto::emulator::kql
{

namespace
{

struct bound_key
{
    scalar_ptr value;
    bool ascending;
    bool nulls_first;
};

class sort_stage final : public stage
{
public:
    sort_stage(schema columns, std::vector<bound_key> keys)
        : stage(std::move(columns)),
          keys_(std::move(keys))
    {
    }
    bool push(row const& input) override
    {
        entry added;
        for (auto const& key : keys_)
        {
            cell scratch;
            added.keys.push_back(key.value->eval(input, scratch));
        }
        added.values = input;
        rows_.push_back(std::move(added));
        return true;
    }
    void finish() override
    {
        std::stable_sort(rows_.begin(), rows_.end(),
                         [this](entry const& a, entry const& b) { return before(a, b); });
        for (auto const& item : rows_)
            if (!next_->push(item.values))
                break;
        next_->finish();
    }
    std::vector<bool> needed(std::vector<bool> const& wanted) const override
    {
        auto used = wanted;
        for (auto const& key : keys_)
            key.value->mark(used);
        return used;
    }

private:
    struct entry
    {
        row keys;
        row values;
    };

    /// Null and NaN stand together on one side: null outermost.
    static int rank(cell const& value) noexcept
    {
        return is_null(value) ? 2 : is_not_a_number(value) ? 1 : 0;
    }

    bool before(entry const& a, entry const& b) const
    {
        for (std::size_t i = 0; i < keys_.size(); ++i)
        {
            int const left = rank(a.keys[i]);
            int const right = rank(b.keys[i]);
            if (left != right)
                return keys_[i].nulls_first ? left > right : left < right;
            if (left != 0)
                continue;
            order const found = compare(a.keys[i], b.keys[i], keys_[i].value->type());
            if (found != order::equal)
                return (found == order::less) == keys_[i].ascending;
        }
        return false;
    }

    std::vector<bound_key> keys_;
    std::vector<entry> rows_;
};

/// Two steps that appear as one.
class top_stage final : public stage
{
public:
    top_stage(schema const& columns, std::vector<bound_key> keys, std::int64_t limit)
        : stage(columns),
          sort_(columns, std::move(keys)),
          take_(columns, limit)
    {
        sort_.connect(&take_);
    }
    bool push(row const& input) override { return sort_.push(input); }
    void finish() override
    {
        take_.connect(next_);
        sort_.finish();
    }
    std::vector<bool> needed(std::vector<bool> const& wanted) const override
    {
        return sort_.needed(wanted);
    }

private:
    sort_stage sort_;
    take_stage take_;
};

std::vector<bound_key> bind_keys(syntax::operation const& from, schema const& input)
{
    std::vector<bound_key> keys;
    for (auto const& key : from.keys)
    {
        auto value = bind_expression(*key.value, input);
        if (value->type() == kind::dynamic)
            throw semantic_error("SEM0067", "a sort key is of a 'dynamic' type; use an explicit "
                                            "cast such as tostring()");
        keys.push_back({std::move(value), key.ascending, key.nulls_first});
    }
    return keys;
}

} // namespace

stage_ptr make_sort(syntax::operation const& from, schema const& input)
{
    return std::make_unique<sort_stage>(input, bind_keys(from, input));
}

stage_ptr make_top(syntax::operation const& from, schema const& input)
{
    return std::make_unique<top_stage>(input, bind_keys(from, input), from.limit);
}

} // namespace kusto::emulator::kql

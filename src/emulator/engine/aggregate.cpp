#include "aggregate.hpp"

#include <cmath>
#include <cstring>
#include <limits>
#include <unordered_set>

namespace kusto::emulator::kql
{

namespace
{

/// Applies the condition and skips nulls; the rest is up to the derived class.
class filtered : public accumulator
{
public:
    filtered(scalar const* value, scalar const* predicate) : value_(value), predicate_(predicate) {}

    void add(row const& input) final
    {
        cell scratch;
        if (predicate_ != nullptr)
        {
            cell const& holds = predicate_->eval(input, scratch);
            if (is_null(holds) || !std::get<bool>(holds))
                return;
        }
        if (value_ == nullptr)
        {
            take(scratch);
            return;
        }
        cell const& value = value_->eval(input, scratch);
        if (!is_null(value))
            take(value);
    }

protected:
    virtual void take(cell const& value) = 0;

private:
    scalar const* value_;
    scalar const* predicate_;
};

class counter final : public filtered
{
public:
    using filtered::filtered;
    cell result() const override { return count_; }

private:
    void take(cell const&) override { ++count_; }
    std::int64_t count_ = 0;
};

class integer_sum final : public filtered
{
public:
    using filtered::filtered;
    cell result() const override
    {
        using limits = std::numeric_limits<std::int64_t>;
        if (sum_ < limits::min() || sum_ > limits::max())
            throw not_supported("sum() whose result overflows");
        return static_cast<std::int64_t>(sum_);
    }

private:
    void take(cell const& value) override { sum_ += std::get<std::int64_t>(value); }
    __extension__ __int128 sum_ = 0;
};

class real_sum final : public filtered
{
public:
    using filtered::filtered;
    cell result() const override { return sum_; }

private:
    void take(cell const& value) override { sum_ += std::get<double>(value); }
    double sum_ = 0;
};

class average final : public filtered
{
public:
    average(scalar const* value, scalar const* predicate, bool ticks)
        : filtered(value, predicate),
          ticks_(ticks)
    {
    }
    cell result() const override
    {
        if (count_ == 0)
            throw not_supported("avg() of no values");
        long double const mean = sum_ / static_cast<long double>(count_);
        if (ticks_)
            return static_cast<std::int64_t>(std::llround(mean));
        return static_cast<double>(mean);
    }

private:
    void take(cell const& value) override
    {
        auto const* integer = std::get_if<std::int64_t>(&value);
        sum_ += integer != nullptr ? static_cast<long double>(*integer) : std::get<double>(value);
        ++count_;
    }
    bool ticks_;
    long double sum_ = 0;
    std::int64_t count_ = 0;
};

class extreme final : public filtered
{
public:
    extreme(scalar const* value, scalar const* predicate, kind type, order wanted)
        : filtered(value, predicate),
          type_(type),
          wanted_(wanted)
    {
    }
    cell result() const override { return best_; }

private:
    void take(cell const& value) override
    {
        if (is_not_a_number(value))
            throw not_supported("min() and max() of values that include NaN");
        if (is_null(best_) || compare(value, best_, type_) == wanted_)
            best_ = value;
    }
    kind type_;
    order wanted_;
    cell best_;
};

class distinct_integers final : public filtered
{
public:
    using filtered::filtered;
    cell result() const override { return static_cast<std::int64_t>(seen_.size()); }

private:
    void take(cell const& value) override { seen_.insert(std::get<std::int64_t>(value)); }
    std::unordered_set<std::int64_t> seen_;
};

class distinct_texts final : public filtered
{
public:
    using filtered::filtered;
    cell result() const override { return static_cast<std::int64_t>(seen_.size()); }

private:
    void take(cell const& value) override
    {
        if (auto const* text = std::get_if<std::string>(&value))
            seen_.insert(*text);
        else if (auto const* real = std::get_if<double>(&value))
            seen_.insert(bytes(*real));
        else
            seen_.insert(std::get<bool>(value) ? "1" : "0");
    }
    static std::string bytes(double value)
    {
        value = value == 0 ? 0 : value; // both zeros are one value
        std::string text(sizeof value, '\0');
        std::memcpy(text.data(), &value, sizeof value);
        return text;
    }
    std::unordered_set<std::string> seen_;
};

} // namespace

aggregation::aggregation(syntax::expression const& from, schema const& columns)
{
    if (from.shape != syntax::expression::form::call)
        throw semantic_error("SEM0041", "summarize expects calls of aggregation functions");
    spelling_ = from.text;
    resolve(from.text, from.arguments.size());
    name_ = from.text + "_";
    if (what_ != function::count)
    {
        value_ = bind_expression(*from.arguments[0], columns);
        name_ += derived_name(*from.arguments[0]);
        check_type();
    }
    if (conditional_)
    {
        predicate_ = bind_expression(*from.arguments.back(), columns);
        if (predicate_->type() != kind::boolean)
            throw semantic_error("SEM0025", from.text + "(): the condition must be of type bool");
    }
    bool const same_type = what_ == function::min || what_ == function::max;
    kind const argument = value_ ? value_->type() : kind::int64;
    if (same_type)
        type_ = argument;
    else if (what_ == function::sum || what_ == function::avg)
        type_ = argument == kind::timespan                         ? kind::timespan
                : what_ == function::avg || argument == kind::real ? kind::real
                                                                   : kind::int64;
}

void aggregation::resolve(std::string const& name, std::size_t arguments)
{
    struct entry
    {
        std::string_view name;
        function what;
        bool conditional;
    };
    constexpr entry known[] = {
        {"count", function::count, false},
        {"countif", function::count, true},
        {"sum", function::sum, false},
        {"sumif", function::sum, true},
        {"min", function::min, false},
        {"minif", function::min, true},
        {"max", function::max, false},
        {"maxif", function::max, true},
        {"avg", function::avg, false},
        {"avgif", function::avg, true},
        {"dcount", function::dcount, false},
        {"dcountif", function::dcount, true},
        {"count_distinct", function::dcount, false},
    };
    for (auto const& candidate : known)
    {
        if (candidate.name != name)
            continue;
        what_ = candidate.what;
        conditional_ = candidate.conditional;
        std::size_t const expected =
            (what_ == function::count ? 0u : 1u) + (conditional_ ? 1u : 0u);
        if (arguments != expected)
            throw semantic_error("SEM0219", name + "(): the local cluster expects " +
                                                std::to_string(expected) + " argument(s)");
        return;
    }
    throw semantic_error("SEM0260", "Unknown aggregation function: '" + name +
                                        "', or one that the local cluster does not support");
}

void aggregation::check_type() const
{
    kind const type = value_->type();
    bool allowed = false;
    switch (what_)
    {
    case function::sum:
    case function::avg:
        allowed = is_number(type) || type == kind::timespan;
        break;
    case function::min:
    case function::max:
        allowed = is_number(type) || type == kind::datetime || type == kind::timespan ||
                  type == kind::decimal || type == kind::string;
        break;
    default:
        allowed = type != kind::dynamic;
        break;
    }
    if (!allowed)
        throw semantic_error("SEM0025", "the local cluster does not apply " + spelling_ +
                                            "() to values of type " + std::string(kind_name(type)));
}

void aggregation::mark(std::vector<bool>& used) const
{
    if (value_)
        value_->mark(used);
    if (predicate_)
        predicate_->mark(used);
}

std::unique_ptr<accumulator> aggregation::start() const
{
    auto const* value = value_.get();
    auto const* predicate = predicate_.get();
    kind const type = value != nullptr ? value->type() : kind::int64;
    switch (what_)
    {
    case function::count:
        return std::make_unique<counter>(value, predicate);
    case function::sum:
        if (type == kind::real)
            return std::make_unique<real_sum>(value, predicate);
        return std::make_unique<integer_sum>(value, predicate);
    case function::avg:
        return std::make_unique<average>(value, predicate, type == kind::timespan);
    case function::min:
        return std::make_unique<extreme>(value, predicate, type, order::less);
    case function::max:
        return std::make_unique<extreme>(value, predicate, type, order::greater);
    case function::dcount:
        break;
    }
    if (is_integer(type) || type == kind::datetime || type == kind::timespan)
        return std::make_unique<distinct_integers>(value, predicate);
    return std::make_unique<distinct_texts>(value, predicate);
}

} // namespace kusto::emulator::kql

#include "calendar.hpp"
#include "expression.hpp"
#include "json_reader.hpp"
#include "value_text.hpp"

#include <array>

namespace kusto::emulator::kql
{

namespace
{

using form = syntax::expression::form;

class column_reference final : public scalar
{
public:
    column_reference(std::size_t index, kind type) noexcept : scalar(type), index_(index) {}
    cell const& eval(row const& input, cell&) const override { return input[index_]; }
    void mark(std::vector<bool>& used) const override { used[index_] = true; }

private:
    std::size_t index_;
};

class constant_value final : public scalar
{
public:
    constant_value(kind type, cell value) : scalar(type), value_(std::move(value)) {}
    cell const& eval(row const&, cell&) const override { return value_; }
    void mark(std::vector<bool>&) const override {}
    cell const* constant() const noexcept override { return &value_; }

private:
    cell value_;
};

class call final : public scalar
{
public:
    call(kind type, scalars arguments, evaluator body)
        : scalar(type),
          arguments_(std::move(arguments)),
          body_(std::move(body)),
          scratch_(arguments_.size()),
          values_(arguments_.size())
    {
    }

    cell const& eval(row const& input, cell& scratch) const override
    {
        for (std::size_t i = 0; i < arguments_.size(); ++i)
            values_[i] = &arguments_[i]->eval(input, scratch_[i]);
        scratch = body_(values_);
        return scratch;
    }
    void mark(std::vector<bool>& used) const override
    {
        for (auto const& argument : arguments_)
            argument->mark(used);
    }

private:
    scalars arguments_;
    evaluator body_;
    // A query runs on one thread; keeping these saves an allocation per row.
    mutable std::vector<cell> scratch_;
    mutable std::vector<cell const*> values_;
};

/// A member or an element of a dynamic value; null when there is none.
cell inside(cell const& value, std::string const* name, std::int64_t position)
{
    if (is_null(value))
        return {};
    json_reader json;
    std::string const& text = std::get<std::string>(value);
    if (!json.read_all(text))
        return {};
    if (name == nullptr && position < 0)
        return {};
    auto const found = name != nullptr ? json.member(0, *name)
                                       : json.element(0, static_cast<std::size_t>(position));
    if (!found || json.at(*found).kind == json_reader::node_kind::null)
        return {};
    return compact_json(json.at(*found).raw);
}

scalar_ptr bind_inside(scalar_ptr value, cell const& key)
{
    if (value->type() != kind::dynamic)
        throw semantic_error("SEM0079", "a value of type " + std::string(kind_name(value->type())) +
                                            " has no members; only dynamic values have");
    scalars arguments;
    arguments.push_back(std::move(value));
    if (auto const* name = std::get_if<std::string>(&key))
        return make_call(kind::dynamic, std::move(arguments),
                         [name = *name](auto const& values)
                         { return inside(*values[0], &name, 0); });
    if (auto const* position = std::get_if<std::int64_t>(&key))
        return make_call(kind::dynamic, std::move(arguments),
                         [position = *position](auto const& values)
                         { return inside(*values[0], nullptr, position); });
    throw not_supported("an index that is neither a string nor a number");
}

scalar_ptr bind_name(std::string const& name, schema const& columns)
{
    for (std::size_t i = 0; i < columns.size(); ++i)
        if (columns[i].name == name)
            return make_column(i, columns[i].type);
    throw semantic_error("Failed to resolve column or scalar expression named '" + name + "'");
}

scalar_ptr bind_logical(std::string const& word, scalar_ptr left, scalar_ptr right)
{
    if (left->type() != kind::boolean || right->type() != kind::boolean)
        throw semantic_error("SEM0023", "the operands of '" + word + "' must be of type bool");
    scalars arguments;
    arguments.push_back(std::move(left));
    arguments.push_back(std::move(right));
    bool const both = word == "and";
    // Null counts as false here.
    auto const truth = [](cell const* value) { return !is_null(*value) && std::get<bool>(*value); };
    return make_call(kind::boolean, std::move(arguments),
                     [both, truth](auto const& values) -> cell
                     {
                         bool const a = truth(values[0]);
                         bool const b = truth(values[1]);
                         return both ? a && b : a || b;
                     });
}

scalar_ptr bind_binary(std::string const& symbol, scalar_ptr left, scalar_ptr right)
{
    if (symbol == "and" || symbol == "or")
        return bind_logical(symbol, std::move(left), std::move(right));
    constexpr std::string_view arithmetic = "+-*/%";
    if (symbol.size() == 1 && arithmetic.find(symbol) != std::string_view::npos)
        return bind_arithmetic(symbol, std::move(left), std::move(right));
    constexpr std::array<std::string_view, 6> comparisons{"==", "!=", "<", "<=", ">", ">="};
    for (auto const candidate : comparisons)
        if (candidate == symbol)
            return bind_comparison(symbol, std::move(left), std::move(right));
    return bind_text_predicate(symbol, std::move(left), std::move(right));
}

scalar_ptr negate(scalar_ptr value)
{
    kind const type = value->type();
    if (!is_number(type) && type != kind::timespan)
        throw semantic_error("SEM0024", "'-' cannot be applied to a value of type " +
                                            std::string(kind_name(type)));
    auto zero =
        type == kind::real ? make_constant(type, -0.0) : make_constant(type, std::int64_t(0));
    return bind_arithmetic("-", std::move(zero), std::move(value));
}

std::string name_of_first(syntax::expression const& from)
{
    return from.arguments.empty() ? std::string() : derived_name(*from.arguments[0]);
}

} // namespace

scalar_ptr make_call(kind type, scalars arguments, evaluator body)
{
    bool constant = true;
    for (auto const& argument : arguments)
        constant = constant && argument->constant() != nullptr;
    auto made = std::make_unique<call>(type, std::move(arguments), std::move(body));
    if (!constant)
        return made;
    cell scratch;
    cell const value = made->eval({}, scratch);
    return make_constant(type, value);
}

scalar_ptr make_constant(kind type, cell value)
{
    return std::make_unique<constant_value>(type, std::move(value));
}

scalar_ptr make_column(std::size_t index, kind type)
{
    return std::make_unique<column_reference>(index, type);
}

scalar_ptr bind_expression(syntax::expression const& from, schema const& columns)
{
    if (from.shape == form::literal)
        return make_constant(from.type, from.value);
    if (from.shape == form::name)
        return bind_name(from.text, columns);
    scalars arguments;
    for (auto const& argument : from.arguments)
        arguments.push_back(bind_expression(*argument, columns));
    switch (from.shape)
    {
    case form::member:
        return bind_inside(std::move(arguments[0]), from.text);
    case form::index:
        if (arguments[1]->constant() == nullptr)
            throw not_supported("an index that is not constant");
        return bind_inside(std::move(arguments[0]), *arguments[1]->constant());
    case form::unary:
        return negate(std::move(arguments[0]));
    case form::binary:
        return bind_binary(from.text, std::move(arguments[0]), std::move(arguments[1]));
    case form::among:
        return bind_among(from.text, std::move(arguments));
    case form::between:
        return bind_between(from.text, std::move(arguments));
    default:
        return bind_function(from.text, std::move(arguments));
    }
}

std::string derived_name(syntax::expression const& from)
{
    constexpr std::array<std::string_view, 13> first_argument{
        "bin",    "floor",      "tostring", "tolong",    "toint",      "todouble", "toreal",
        "tobool", "todatetime", "toguid",   "todecimal", "totimespan", "todynamic"};
    constexpr std::array<std::string_view, 5> with_name{"strlen", "isnull", "isempty", "isnotnull",
                                                        "isnotempty"};
    switch (from.shape)
    {
    case form::name:
        return from.text;
    case form::member:
    {
        std::string const outer = derived_name(*from.arguments[0]);
        return outer.empty() ? from.text : outer + "_" + from.text;
    }
    case form::call:
        for (auto const name : first_argument)
            if (name == from.text)
                return name_of_first(from);
        for (auto const name : with_name)
            if (name == from.text && !name_of_first(from).empty())
                return from.text + "_" + name_of_first(from);
        return {};
    default:
        return {};
    }
}

} // namespace kusto::emulator::kql

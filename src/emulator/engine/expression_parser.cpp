#include "parser.hpp"

#include "calendar.hpp"
#include "value_text.hpp"

#include <algorithm>
#include <array>

namespace kusto::emulator::kql
{

namespace
{

using syntax::expression;
using syntax::expression_ptr;
using form = expression::form;

expression_ptr make(form shape, std::string text = {})
{
    auto made = std::make_unique<expression>();
    made->shape = shape;
    made->text = std::move(text);
    return made;
}

expression_ptr literal(kind type, cell value)
{
    auto made = make(form::literal);
    made->type = type;
    made->value = std::move(value);
    return made;
}

std::string_view trimmed(std::string_view text) noexcept
{
    constexpr std::string_view blanks = " \t\r\n";
    std::size_t const first = text.find_first_not_of(blanks);
    if (first == std::string_view::npos)
        return {};
    return text.substr(first, text.find_last_not_of(blanks) - first + 1);
}

/// A quoted literal inside `datetime("...")` and the like.
std::string literal_content(std::string_view raw)
{
    auto const text = trimmed(raw);
    if (text.size() >= 2 && (text.front() == '"' || text.front() == '\'') &&
        text.back() == text.front())
        return std::string(text.substr(1, text.size() - 2));
    return std::string(text);
}

/// The JSON inside `dynamic(...)`; a string may also be a literal of the query language.
std::string dynamic_content(std::string_view raw)
{
    auto const text = trimmed(raw);
    if (text.empty() || text.front() != '\'')
        return std::string(text);
    lexer literal(text);
    std::string const value = literal.string_literal();
    return literal.at_end() ? json_string(value) : std::string(text);
}

cell timespan_literal(std::string const& text)
{
    if (auto const ticks = parse_timespan(text))
        return *ticks;
    bool const negative = !text.empty() && text[0] == '-';
    lexer number(std::string_view(text).substr(negative ? 1 : 0));
    std::int64_t const sign = negative ? -1 : 1;
    auto const value = number.take();
    if (!number.at_end() || value.kind == token_kind::end)
        return {};
    if (value.kind == token_kind::timespan)
        return sign * value.integer;
    if (value.kind == token_kind::integer && value.integer < 10'000'000)
        return sign * value.integer * ticks_per_day;
    return {};
}

expression_ptr typed_literal(token const& from)
{
    kind const type = parse_kind(from.type).value_or(kind::string);
    std::string const text =
        type == kind::dynamic ? dynamic_content(from.text) : literal_content(from.text);
    if (text == "null")
        return literal(type, {});
    cell value;
    value_parser parser;
    if (type == kind::timespan)
        value = timespan_literal(text);
    else
        value = parser.parse(type, text);
    json_reader json;
    if (is_null(value) || (type == kind::dynamic && !json.read_all(text)))
        throw syntax_error("'" + text + "' is no literal of type " + std::string(kind_name(type)));
    return literal(type, std::move(value));
}

std::vector<expression_ptr> argument_list(lexer& in)
{
    std::vector<expression_ptr> arguments;
    in.expect_symbol("(");
    if (in.take_symbol(")"))
        return arguments;
    do
        arguments.push_back(parse_expression(in));
    while (in.take_symbol(","));
    in.expect_symbol(")");
    return arguments;
}

expression_ptr name_or_call(lexer& in)
{
    std::string const text = in.take().text;
    if (text == "true" || text == "false")
        return literal(kind::boolean, text == "true");
    if (!in.is_symbol("("))
        return make(form::name, text);
    auto call = make(form::call, text);
    call->arguments = argument_list(in);
    return call;
}

expression_ptr primary(lexer& in)
{
    switch (in.peek().kind)
    {
    case token_kind::string:
        return literal(kind::string, in.joined_literals());
    case token_kind::integer:
        return literal(kind::int64, in.take().integer);
    case token_kind::real:
        return literal(kind::real, in.take().real);
    case token_kind::timespan:
        return literal(kind::timespan, in.take().integer);
    case token_kind::typed:
        return typed_literal(in.take());
    case token_kind::identifier:
        return name_or_call(in);
    default:
        break;
    }
    if (in.is_symbol("["))
        return make(form::name, in.name());
    if (!in.take_symbol("("))
        in.unexpected("an expression");
    auto inner = parse_expression(in);
    in.expect_symbol(")");
    return inner;
}

expression_ptr postfix(lexer& in)
{
    auto value = primary(in);
    for (;;)
    {
        if (in.take_symbol("."))
        {
            auto member = make(form::member, in.name());
            member->arguments.push_back(std::move(value));
            value = std::move(member);
        }
        else if (in.take_symbol("["))
        {
            auto index = make(form::index);
            index->arguments.push_back(std::move(value));
            index->arguments.push_back(parse_expression(in));
            in.expect_symbol("]");
            value = std::move(index);
        }
        else
        {
            return value;
        }
    }
}

expression_ptr unary(lexer& in)
{
    if (in.take_symbol("+"))
        return unary(in);
    if (!in.take_symbol("-"))
        return postfix(in);
    auto negated = make(form::unary, "-");
    negated->arguments.push_back(unary(in));
    return negated;
}

using level = expression_ptr (*)(lexer&);

expression_ptr left_associative(lexer& in, level next, std::initializer_list<char const*> symbols)
{
    auto value = next(in);
    for (;;)
    {
        auto const found = std::find_if(symbols.begin(), symbols.end(),
                                        [&](char const* symbol) { return in.is_symbol(symbol); });
        if (found == symbols.end())
            return value;
        auto combined = make(form::binary, in.take().text);
        combined->arguments.push_back(std::move(value));
        combined->arguments.push_back(next(in));
        value = std::move(combined);
    }
}

expression_ptr multiplicative(lexer& in)
{
    return left_associative(in, unary, {"*", "/", "%"});
}
expression_ptr additive(lexer& in)
{
    return left_associative(in, multiplicative, {"+", "-"});
}

bool comparison_operator(lexer const& in)
{
    constexpr std::array<std::string_view, 30> known{"==",
                                                     "!=",
                                                     "<",
                                                     "<=",
                                                     ">",
                                                     ">=",
                                                     "=~",
                                                     "!~",
                                                     "has",
                                                     "!has",
                                                     "has_cs",
                                                     "!has_cs",
                                                     "contains",
                                                     "!contains",
                                                     "contains_cs",
                                                     "!contains_cs",
                                                     "startswith",
                                                     "!startswith",
                                                     "startswith_cs",
                                                     "!startswith_cs",
                                                     "endswith",
                                                     "!endswith",
                                                     "endswith_cs",
                                                     "!endswith_cs",
                                                     "hasprefix",
                                                     "!hasprefix",
                                                     "hassuffix",
                                                     "!hassuffix",
                                                     "hasprefix_cs",
                                                     "hassuffix_cs"};
    token_kind const kind = in.peek().kind;
    return (kind == token_kind::symbol || kind == token_kind::identifier) &&
           std::find(known.begin(), known.end(), in.peek().text) != known.end();
}

bool list_operator(lexer const& in)
{
    return in.is_identifier("in") || in.is_symbol("in~") || in.is_symbol("!in") ||
           in.is_symbol("!in~") || in.is_identifier("has_any") || in.is_identifier("has_all");
}

expression_ptr between(lexer& in, expression_ptr value)
{
    auto range = make(form::between, in.take().text);
    in.expect_symbol("(");
    range->arguments.push_back(std::move(value));
    range->arguments.push_back(additive(in));
    in.expect_symbol("..");
    range->arguments.push_back(additive(in));
    in.expect_symbol(")");
    return range;
}

expression_ptr comparison(lexer& in)
{
    auto value = additive(in);
    if (in.is_identifier("between") || in.is_symbol("!between"))
        return between(in, std::move(value));
    if (list_operator(in))
    {
        auto among = make(form::among, in.take().text);
        among->arguments.push_back(std::move(value));
        for (auto& argument : argument_list(in))
            among->arguments.push_back(std::move(argument));
        return among;
    }
    if (!comparison_operator(in))
        return value;
    auto compared = make(form::binary, in.take().text);
    compared->arguments.push_back(std::move(value));
    compared->arguments.push_back(additive(in));
    return compared;
}

expression_ptr logical(lexer& in, level next, char const* word)
{
    auto value = next(in);
    while (in.is_identifier(word))
    {
        auto combined = make(form::binary, in.take().text);
        combined->arguments.push_back(std::move(value));
        combined->arguments.push_back(next(in));
        value = std::move(combined);
    }
    return value;
}

expression_ptr conjunction(lexer& in)
{
    return logical(in, comparison, "and");
}

} // namespace

expression_ptr parse_expression(lexer& in)
{
    return logical(in, conjunction, "or");
}

} // namespace kusto::emulator::kql

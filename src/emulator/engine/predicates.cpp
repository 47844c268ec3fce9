#include "decimal_text.hpp"
#include "expression.hpp"
#include "utf8.hpp"

#include <cmath>

namespace kusto::emulator::kql
{

namespace
{

template <class T>
order ordered(T const& left, T const& right) noexcept
{
    if (left < right)
        return order::less;
    return right < left ? order::greater : order::equal;
}

/// Exact also beyond 2^53: the wider type holds every long and every double.
long double wide(cell const& value) noexcept
{
    if (auto const* real = std::get_if<double>(&value))
        return *real;
    return static_cast<long double>(std::get<std::int64_t>(value));
}

scalars pair(scalar_ptr left, scalar_ptr right)
{
    scalars both;
    both.push_back(std::move(left));
    both.push_back(std::move(right));
    return both;
}

kind common(kind left, kind right) noexcept
{
    return is_number(left) && is_number(right) && left != right ? kind::real : left;
}

[[noreturn]] void incomparable(std::string const& symbol, kind left, kind right)
{
    throw semantic_error("SEM0064", "Cannot compare values of types " +
                                        std::string(kind_name(left)) + " and " +
                                        std::string(kind_name(right)) + " with '" + symbol +
                                        "'. Try adding explicit casts");
}

/// `==` and `!=`, where null has its own rules.
cell equality(bool wanted, cell const& left, cell const& right, kind type)
{
    if (is_null(left) && is_null(right))
        return {};
    if (is_null(left) || is_null(right))
        return !wanted;
    return (compare(left, right, type) == order::equal) == wanted;
}

bool holds(std::string const& symbol, order found) noexcept
{
    switch (found)
    {
    case order::less:
        return symbol[0] == '<';
    case order::greater:
        return symbol[0] == '>';
    case order::equal:
        return symbol.size() == 2;
    case order::unordered:
        break;
    }
    return false;
}

bool alphanumeric(char c) noexcept
{
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
           static_cast<unsigned char>(c) >= 0x80;
}

/// Whether `term` occurs in `text` with the wanted ends on term boundaries.
bool has_term(std::string_view text, std::string_view term, bool at_start, bool at_end) noexcept
{
    for (std::size_t at = text.find(term); at != std::string_view::npos;
         at = text.find(term, at + 1))
    {
        std::size_t const end = at + term.size();
        bool const open =
            term.empty() || at == 0 || !alphanumeric(text[at - 1]) || !alphanumeric(term.front());
        bool const closed = term.empty() || end == text.size() || !alphanumeric(text[end]) ||
                            !alphanumeric(term.back());
        if ((open || !at_start) && (closed || !at_end))
            return true;
    }
    return false;
}

bool starts(std::string_view text, std::string_view part) noexcept
{
    return text.substr(0, part.size()) == part;
}
bool ends(std::string_view text, std::string_view part) noexcept
{
    return text.size() >= part.size() && text.substr(text.size() - part.size()) == part;
}

using text_test = bool (*)(std::string_view, std::string_view);

text_test find_test(std::string_view name) noexcept
{
    if (name == "has")
        return [](std::string_view a, std::string_view b) { return has_term(a, b, true, true); };
    if (name == "hasprefix")
        return [](std::string_view a, std::string_view b) { return has_term(a, b, true, false); };
    if (name == "hassuffix")
        return [](std::string_view a, std::string_view b) { return has_term(a, b, false, true); };
    if (name == "contains")
        return [](std::string_view a, std::string_view b)
        { return a.find(b) != std::string_view::npos; };
    if (name == "startswith")
        return starts;
    if (name == "endswith")
        return ends;
    return [](std::string_view a, std::string_view b) { return a == b; };
}

bool test_text(text_test test, bool sensitive, cell const& left, cell const& right)
{
    std::string const& a = std::get<std::string>(left);
    std::string const& b = std::get<std::string>(right);
    if (sensitive)
        return test(a, b);
    // Only ASCII letters are folded; others would need tables.
    if (!is_ascii(b))
        throw not_supported("case-insensitive operators with an operand outside ASCII; use the "
                            "case-sensitive variants");
    return test(lower(a), lower(b));
}

void require_strings(std::string const& symbol, scalars const& arguments)
{
    for (auto const& argument : arguments)
        if (argument->type() != kind::string)
            throw semantic_error("SEM0025",
                                 "the operands of '" + symbol + "' must be of type string, not " +
                                     std::string(kind_name(argument->type())) + "; use tostring()");
}

/// `has_any` and `has_all`.
scalar_ptr bind_terms(std::string const& symbol, scalars arguments)
{
    require_strings(symbol, arguments);
    bool const all = symbol == "has_all";
    auto const test = find_test("has");
    return make_call(kind::boolean, std::move(arguments),
                     [all, test](auto const& values) -> cell
                     {
                         for (std::size_t i = 1; i < values.size(); ++i)
                             if (test_text(test, false, *values[0], *values[i]) != all)
                                 return !all;
                         return all;
                     });
}

} // namespace

bool comparable(kind left, kind right) noexcept
{
    if (left == kind::dynamic || right == kind::dynamic)
        return false;
    return left == right || (is_number(left) && is_number(right));
}

bool is_not_a_number(cell const& value) noexcept
{
    auto const* real = std::get_if<double>(&value);
    return real != nullptr && std::isnan(*real);
}

order compare(cell const& left, cell const& right, kind type) noexcept
{
    switch (type)
    {
    case kind::boolean:
        return ordered(std::get<bool>(left), std::get<bool>(right));
    case kind::real:
        if (is_not_a_number(left) || is_not_a_number(right))
            return order::unordered;
        return ordered(wide(left), wide(right));
    case kind::decimal:
        return ordered(compare_decimals(std::get<std::string>(left), std::get<std::string>(right)),
                       0);
    case kind::guid:
    case kind::string:
    case kind::dynamic:
        return ordered(std::get<std::string>(left), std::get<std::string>(right));
    default:
        return ordered(wide(left), wide(right));
    }
}

scalar_ptr bind_comparison(std::string const& symbol, scalar_ptr left, scalar_ptr right)
{
    kind const a = left->type();
    kind const b = right->type();
    bool const equal = symbol == "==";
    bool const equality_only = a == kind::boolean || a == kind::guid;
    if (!comparable(a, b) || (equality_only && !equal && symbol != "!="))
        incomparable(symbol, a, b);
    kind const type = common(a, b);
    if (equal || symbol == "!=")
        return make_call(kind::boolean, pair(std::move(left), std::move(right)),
                         [equal, type](auto const& values)
                         { return equality(equal, *values[0], *values[1], type); });
    return make_call(kind::boolean, pair(std::move(left), std::move(right)),
                     [symbol, type](auto const& values) -> cell
                     {
                         if (is_null(*values[0]) || is_null(*values[1]))
                             return {};
                         return holds(symbol, compare(*values[0], *values[1], type));
                     });
}

scalar_ptr bind_text_predicate(std::string const& symbol, scalar_ptr left, scalar_ptr right)
{
    auto arguments = pair(std::move(left), std::move(right));
    require_strings(symbol, arguments);
    bool const negated = symbol[0] == '!';
    std::string name = negated ? symbol.substr(1) : symbol;
    bool const sensitive = ends(name, "_cs");
    if (sensitive)
        name.resize(name.size() - 3);
    auto const test = find_test(name);
    return make_call(kind::boolean, std::move(arguments),
                     [=](auto const& values) -> cell
                     { return test_text(test, sensitive, *values[0], *values[1]) != negated; });
}

bool text_matches(std::string_view operation, std::string_view text, std::string_view part)
{
    return find_test(operation)(lower(text), lower(part));
}

scalar_ptr bind_among(std::string const& symbol, scalars arguments)
{
    if (symbol == "has_any" || symbol == "has_all")
        return bind_terms(symbol, std::move(arguments));
    bool const negated = symbol[0] == '!';
    bool const folding = symbol.back() == '~';
    if (folding)
        require_strings(symbol, arguments);
    kind type = arguments[0]->type();
    for (std::size_t i = 1; i < arguments.size(); ++i)
    {
        if (!comparable(arguments[0]->type(), arguments[i]->type()))
            incomparable(symbol, arguments[0]->type(), arguments[i]->type());
        type = common(type, arguments[i]->type());
    }
    return make_call(kind::boolean, std::move(arguments),
                     [=](auto const& values) -> cell
                     {
                         auto const same = find_test("==");
                         bool found = false;
                         for (std::size_t i = 1; i < values.size() && !found; ++i)
                         {
                             if (is_null(*values[0]) || is_null(*values[i]))
                                 continue;
                             found = folding
                                         ? test_text(same, false, *values[0], *values[i])
                                         : compare(*values[0], *values[i], type) == order::equal;
                         }
                         return found != negated;
                     });
}

scalar_ptr bind_between(std::string const& symbol, scalars arguments)
{
    kind type = arguments[0]->type();
    if (type == kind::datetime && arguments[2]->type() == kind::timespan)
        throw not_supported("'between' with a timespan as its upper end");
    for (std::size_t i = 1; i < 3; ++i)
    {
        bool const times = type == kind::datetime || type == kind::timespan;
        if (!comparable(type, arguments[i]->type()) || !(is_number(type) || times))
            incomparable(symbol, type, arguments[i]->type());
        type = common(type, arguments[i]->type());
    }
    bool const negated = symbol[0] == '!';
    return make_call(kind::boolean, std::move(arguments),
                     [=](auto const& values) -> cell
                     {
                         for (auto const* value : values)
                             if (is_null(*value))
                                 return {};
                         order const low = compare(*values[0], *values[1], type);
                         order const high = compare(*values[0], *values[2], type);
                         bool const inside = (low == order::greater || low == order::equal) &&
                                             (high == order::less || high == order::equal);
                         return inside != negated;
                     });
}

} // namespace kusto::emulator::kql

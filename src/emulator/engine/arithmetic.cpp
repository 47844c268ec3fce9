#include "calendar.hpp"
#include "expression.hpp"

#include <cmath>
#include <limits>

namespace kusto::emulator::kql
{

namespace
{

std::int64_t integer(cell const& value) noexcept
{
    return std::get<std::int64_t>(value);
}

[[noreturn]] void overflow(char symbol)
{
    throw not_supported(std::string("an operation '") + symbol + "' whose result overflows");
}

std::int64_t integer_result(char symbol, std::int64_t left, std::int64_t right)
{
    std::int64_t result = 0;
    bool failed = false;
    switch (symbol)
    {
    case '+':
        failed = __builtin_add_overflow(left, right, &result);
        break;
    case '-':
        failed = __builtin_sub_overflow(left, right, &result);
        break;
    case '*':
        failed = __builtin_mul_overflow(left, right, &result);
        break;
    default:
        if (right == 0)
            throw not_supported("the division of an integer by zero");
        failed = left == std::numeric_limits<std::int64_t>::min() && right == -1;
        if (!failed && symbol == '/')
            result = left / right;
        if (!failed && symbol == '%')
        {
            // The remainder is never negative in Kusto.
            result = left % right;
            if (result < 0)
                result += right < 0 ? -right : right;
        }
        break;
    }
    if (failed)
        overflow(symbol);
    return result;
}

double real_result(char symbol, double left, double right)
{
    switch (symbol)
    {
    case '+':
        return left + right;
    case '-':
        return left - right;
    case '*':
        return left * right;
    case '/':
        return left / right;
    default:
        break;
    }
    double const rest = std::fmod(left, right);
    return rest < 0 ? rest + std::abs(right) : rest;
}

enum class rule : std::uint8_t
{
    integers,
    reals,
    ticks,       ///< datetime and timespan: plain integers with a range
    span_ratio,  ///< timespan / timespan
    span_scaled, ///< timespan * number, number * timespan, timespan / number
    none
};

struct resolved
{
    rule how = rule::none;
    kind type = kind::int64;
};

resolved resolve_times(char symbol, kind left, kind right) noexcept
{
    bool const sum = symbol == '+' || symbol == '-';
    if (left == kind::timespan && right == kind::timespan)
    {
        if (sum)
            return {rule::ticks, kind::timespan};
        return symbol == '/' ? resolved{rule::span_ratio, kind::real} : resolved{};
    }
    if (left == kind::datetime && right == kind::timespan && sum)
        return {rule::ticks, kind::datetime};
    if (left == kind::timespan && right == kind::datetime && symbol == '+')
        return {rule::ticks, kind::datetime};
    if (left == kind::datetime && right == kind::datetime && symbol == '-')
        return {rule::ticks, kind::timespan};
    bool const product = symbol == '*' && (left == kind::timespan) != (right == kind::timespan);
    bool const quotient = symbol == '/' && left == kind::timespan;
    if ((product || quotient) && (is_number(left) || is_number(right)))
        return {rule::span_scaled, kind::timespan};
    return {};
}

resolved resolve(char symbol, kind left, kind right) noexcept
{
    if (is_integer(left) && is_integer(right))
        return {rule::integers, kind::int64};
    if (is_number(left) && is_number(right))
        return {rule::reals, kind::real};
    return resolve_times(symbol, left, right);
}

cell in_range(std::int64_t ticks, kind type, char symbol)
{
    if (type == kind::datetime && (ticks < 0 || ticks > last_tick))
        overflow(symbol);
    return ticks;
}

cell scale_span(char symbol, cell const& left, cell const& right)
{
    auto const* a = std::get_if<std::int64_t>(&left);
    auto const* b = std::get_if<std::int64_t>(&right);
    if (a != nullptr && b != nullptr)
        return integer_result(symbol, *a, *b);
    double const result = real_result(symbol, to_double(left), to_double(right));
    if (!(std::abs(result) < 9.2e18))
        overflow(symbol);
    return std::llround(result);
}

cell apply(char symbol, resolved how, cell const& left, cell const& right)
{
    if (is_null(left) || is_null(right))
        return {};
    switch (how.how)
    {
    case rule::integers:
        return integer_result(symbol, integer(left), integer(right));
    case rule::reals:
        return real_result(symbol, to_double(left), to_double(right));
    case rule::ticks:
        return in_range(integer_result(symbol, integer(left), integer(right)), how.type, symbol);
    case rule::span_ratio:
        return real_result('/', to_double(left), to_double(right));
    default:
        return scale_span(symbol, left, right);
    }
}

} // namespace

double to_double(cell const& value) noexcept
{
    if (auto const* real = std::get_if<double>(&value))
        return *real;
    return static_cast<double>(std::get<std::int64_t>(value));
}

scalar_ptr bind_arithmetic(std::string const& symbol, scalar_ptr left, scalar_ptr right)
{
    resolved const how = resolve(symbol[0], left->type(), right->type());
    if (how.how == rule::none)
        throw semantic_error("SEM0024", "'" + symbol + "' cannot be applied to values of types " +
                                            std::string(kind_name(left->type())) + " and " +
                                            std::string(kind_name(right->type())));
    scalars arguments;
    arguments.push_back(std::move(left));
    arguments.push_back(std::move(right));
    return make_call(how.type, std::move(arguments),
                     [how, sign = symbol[0]](auto const& values)
                     { return apply(sign, how, *values[0], *values[1]); });
}

} // namespace kusto::emulator::kql

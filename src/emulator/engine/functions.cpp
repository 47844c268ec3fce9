#include "calendar.hpp"
#include "expression.hpp"
#include "json_reader.hpp"
#include "utf8.hpp"
#include "value_text.hpp"

#include <cmath>
#include <limits>
#include <optional>

namespace kusto::emulator::kql
{

namespace
{

thread_local std::optional<std::int64_t> frozen_time;

using binder = scalar_ptr (*)(std::string const& name, scalars arguments);

[[noreturn]] void wrong_argument(std::string const& name, kind type)
{
    throw semantic_error("SEM0025", name + "() cannot be applied to a value of type " +
                                        std::string(kind_name(type)));
}

void require_count(std::string const& name, scalars const& arguments, std::size_t least,
                   std::size_t most)
{
    if (arguments.size() < least || arguments.size() > most)
        throw semantic_error("SEM0219", name + "(): function expects " + std::to_string(least) +
                                            (least == most ? "" : " or more") + " argument(s)");
}

cell narrowed(kind target, std::int64_t value)
{
    using limits = std::numeric_limits<std::int32_t>;
    if (target == kind::int32 && (value < limits::min() || value > limits::max()))
        return {};
    return value;
}

cell integer_from_real(kind target, double value)
{
    if (!(std::abs(value) < 9.2e18))
        return {};
    return narrowed(target, static_cast<std::int64_t>(value));
}

/// The text a dynamic value or a string converts from.
std::string source_text(kind from, cell const& value)
{
    return format_value(from, value);
}

cell convert_number(kind target, kind from, cell const& value)
{
    if (is_null(value))
        return {};
    if (auto const* flag = std::get_if<bool>(&value))
        return target == kind::real ? cell(*flag ? 1.0 : 0.0) : cell(std::int64_t(*flag));
    if (auto const* integer = std::get_if<std::int64_t>(&value))
        return target == kind::real ? cell(static_cast<double>(*integer))
                                    : narrowed(target, *integer);
    if (auto const* real = std::get_if<double>(&value))
        return target == kind::real ? cell(*real) : integer_from_real(target, *real);
    value_parser parser;
    return parser.parse(target, source_text(from, value));
}

scalar_ptr to_number(std::string const& name, scalars arguments)
{
    require_count(name, arguments, 1, 1);
    kind const target = name == "toint" ? kind::int32 : name == "tolong" ? kind::int64 : kind::real;
    kind const from = arguments[0]->type();
    bool const ticks = from == kind::timespan && target == kind::int64;
    bool const plain =
        is_number(from) || from == kind::boolean || from == kind::string || from == kind::dynamic;
    if (!plain && !ticks)
        wrong_argument(name, from);
    return make_call(target, std::move(arguments),
                     [target, from](auto const& values)
                     { return convert_number(target, from, *values[0]); });
}

/// `todatetime`, `totimespan`, `toguid`, `todecimal`, `tobool`, from text only.
scalar_ptr to_parsed(std::string const& name, scalars arguments)
{
    require_count(name, arguments, 1, 1);
    kind const target = parse_kind(name.substr(2)).value_or(kind::string);
    kind const from = arguments[0]->type();
    if (from == target)
        return std::move(arguments[0]);
    bool const decimal_from_integer = target == kind::decimal && is_integer(from);
    if (from != kind::string && from != kind::dynamic && !decimal_from_integer)
        wrong_argument(name, from);
    return make_call(target, std::move(arguments),
                     [target, from](auto const& values) -> cell
                     {
                         if (is_null(*values[0]))
                             return {};
                         value_parser parser;
                         return parser.parse(target, source_text(from, *values[0]));
                     });
}

std::string display_text(kind type, cell const& value)
{
    std::string text = format_value(type, value);
    if (type != kind::real || is_null(value) || !std::isfinite(std::get<double>(value)))
        return text;
    if (text.find('e') != std::string::npos)
        throw not_supported("tostring() of a real that needs an exponent");
    return text.find('.') == std::string::npos ? text + ".0" : text;
}

void require_displayable(std::string const& name, scalars const& arguments)
{
    for (auto const& argument : arguments)
        if (argument->type() == kind::boolean)
            wrong_argument(name, kind::boolean);
}

scalar_ptr to_text(std::string const& name, scalars arguments)
{
    require_count(name, arguments, 1, 64);
    if (name == "tostring")
        require_count(name, arguments, 1, 1);
    require_displayable(name, arguments);
    std::vector<kind> types;
    for (auto const& argument : arguments)
        types.push_back(argument->type());
    return make_call(kind::string, std::move(arguments),
                     [types](auto const& values) -> cell
                     {
                         std::string text;
                         for (std::size_t i = 0; i < values.size(); ++i)
                             text += display_text(types[i], *values[i]);
                         return text;
                     });
}

scalar_ptr parse_json(std::string const& name, scalars arguments)
{
    require_count(name, arguments, 1, 1);
    if (arguments[0]->type() == kind::dynamic)
        return std::move(arguments[0]);
    if (arguments[0]->type() != kind::string)
        wrong_argument(name, arguments[0]->type());
    return make_call(kind::dynamic, std::move(arguments),
                     [](auto const& values)
                     {
                         value_parser parser;
                         return parser.parse(kind::dynamic, std::get<std::string>(*values[0]));
                     });
}

cell string_length(std::string const& text)
{
    for (char const c : text)
        if (static_cast<unsigned char>(c) >= 0xF0)
            throw not_supported("strlen() of text beyond the basic multilingual plane");
    return utf16_length(text);
}

scalar_ptr text_function(std::string const& name, scalars arguments)
{
    require_count(name, arguments, 1, 1);
    if (arguments[0]->type() != kind::string)
        wrong_argument(name, arguments[0]->type());
    if (name == "strlen")
        return make_call(kind::int64, std::move(arguments),
                         [](auto const& values)
                         { return string_length(std::get<std::string>(*values[0])); });
    bool const upper = name == "toupper";
    return make_call(kind::string, std::move(arguments),
                     [upper](auto const& values) -> cell
                     {
                         std::string text = std::get<std::string>(*values[0]);
                         if (!is_ascii(text))
                             throw not_supported("changing the case of text outside ASCII");
                         for (char& c : text)
                             if (upper ? (c >= 'a' && c <= 'z') : (c >= 'A' && c <= 'Z'))
                                 c = static_cast<char>(c ^ 0x20);
                         return text;
                     });
}

scalar_ptr absolute(std::string const& name, scalars arguments)
{
    require_count(name, arguments, 1, 1);
    kind const type = arguments[0]->type();
    if (!is_number(type) && type != kind::timespan)
        wrong_argument(name, type);
    return make_call(type, std::move(arguments),
                     [](auto const& values) -> cell
                     {
                         if (auto const* real = std::get_if<double>(values[0]))
                             return std::abs(*real);
                         auto const* integer = std::get_if<std::int64_t>(values[0]);
                         if (integer == nullptr)
                             return {};
                         if (*integer == std::numeric_limits<std::int64_t>::min())
                             throw not_supported("abs() of the smallest long");
                         return std::abs(*integer);
                     });
}

cell bin_value(cell const& value, cell const& size)
{
    if (is_null(value) || is_null(size) || !(to_double(size) > 0))
        return {};
    auto const* whole = std::get_if<std::int64_t>(&value);
    auto const* step = std::get_if<std::int64_t>(&size);
    if (whole == nullptr || step == nullptr)
        return std::floor(to_double(value) / to_double(size)) * to_double(size);
    std::int64_t rest = *whole % *step;
    if (rest < 0)
        rest += *step;
    std::int64_t result = 0;
    if (__builtin_sub_overflow(*whole, rest, &result))
        throw not_supported("bin() whose result overflows");
    return result;
}

scalar_ptr bin(std::string const& name, scalars arguments)
{
    require_count(name, arguments, 2, 2);
    kind const value = arguments[0]->type();
    kind const size = arguments[1]->type();
    kind type = value;
    if (is_number(value) && is_number(size))
    {
        bool const real = value == kind::real || size == kind::real;
        type = real ? kind::real : value == size ? value : kind::int64;
    }
    else if (!((value == kind::datetime || value == kind::timespan) && size == kind::timespan))
    {
        wrong_argument(name, value);
    }
    return make_call(type, std::move(arguments),
                     [](auto const& values) { return bin_value(*values[0], *values[1]); });
}

scalar_ptr choose(std::string const& name, scalars arguments)
{
    require_count(name, arguments, 3, 3);
    if (arguments[0]->type() != kind::boolean)
        wrong_argument(name, arguments[0]->type());
    kind const type = arguments[1]->type();
    kind const other = arguments[2]->type();
    bool const integers = is_integer(type) && is_integer(other);
    if (type != other && !integers)
        throw not_supported(name + "() with branches of types " + std::string(kind_name(type)) +
                            " and " + std::string(kind_name(other)));
    return make_call(type == other ? type : kind::int64, std::move(arguments),
                     [](auto const& values) -> cell
                     {
                         bool const taken = !is_null(*values[0]) && std::get<bool>(*values[0]);
                         return taken ? *values[1] : *values[2];
                     });
}

scalar_ptr coalesce(std::string const& name, scalars arguments)
{
    require_count(name, arguments, 2, 64);
    kind const type = arguments[0]->type();
    for (auto const& argument : arguments)
        if (argument->type() != type || type == kind::dynamic)
            throw not_supported("coalesce() of values of different types or of dynamic values");
    return make_call(type, std::move(arguments),
                     [](auto const& values) -> cell
                     {
                         for (auto const* value : values)
                         {
                             auto const* text = std::get_if<std::string>(value);
                             if (!is_null(*value) && (text == nullptr || !text->empty()))
                                 return *value;
                         }
                         return *values.back();
                     });
}

scalar_ptr current_time(std::string const& name, scalars arguments)
{
    require_count(name, arguments, name == "ago" ? 1 : 0, 1);
    auto now = make_constant(kind::datetime, frozen_time.value_or(now_ticks()));
    if (arguments.empty())
        return now;
    if (arguments[0]->type() != kind::timespan)
        wrong_argument(name, arguments[0]->type());
    return bind_arithmetic(name == "ago" ? "-" : "+", std::move(now), std::move(arguments[0]));
}

scalar_ptr presence(std::string const& name, scalars arguments)
{
    require_count(name, arguments, 1, 1);
    bool const negated =
        name == "isnotnull" || name == "isnotempty" || name == "notnull" || name == "notempty";
    bool const empty_counts = name.find("empty") != std::string::npos;
    bool const dynamic = arguments[0]->type() == kind::dynamic;
    return make_call(kind::boolean, std::move(arguments),
                     [=](auto const& values) -> cell
                     {
                         auto const* text = std::get_if<std::string>(values[0]);
                         bool absent = is_null(*values[0]);
                         if (empty_counts && text != nullptr)
                             absent = text->empty() || (dynamic && *text == "\"\"");
                         return absent != negated;
                     });
}

scalar_ptr negation(std::string const& name, scalars arguments)
{
    require_count(name, arguments, 1, 1);
    if (arguments[0]->type() != kind::boolean)
        wrong_argument(name, arguments[0]->type());
    return make_call(kind::boolean, std::move(arguments),
                     [](auto const& values) -> cell
                     {
                         if (is_null(*values[0]))
                             return {};
                         return !std::get<bool>(*values[0]);
                     });
}

scalar_ptr real_class(std::string const& name, scalars arguments)
{
    require_count(name, arguments, 1, 1);
    if (arguments[0]->type() != kind::real)
        wrong_argument(name, arguments[0]->type());
    return make_call(kind::boolean, std::move(arguments),
                     [name](auto const& values) -> cell
                     {
                         if (is_null(*values[0]))
                             return false;
                         double const value = std::get<double>(*values[0]);
                         if (name == "isfinite")
                             return std::isfinite(value);
                         return name == "isnan" ? std::isnan(value) : std::isinf(value);
                     });
}

struct entry
{
    std::string_view name;
    binder bind;
};

constexpr entry known_functions[] = {
    {"tolong", to_number},
    {"toint", to_number},
    {"todouble", to_number},
    {"toreal", to_number},
    {"todatetime", to_parsed},
    {"totimespan", to_parsed},
    {"toguid", to_parsed},
    {"todecimal", to_parsed},
    {"tobool", to_parsed},
    {"tostring", to_text},
    {"strcat", to_text},
    {"parse_json", parse_json},
    {"todynamic", parse_json},
    {"strlen", text_function},
    {"tolower", text_function},
    {"toupper", text_function},
    {"abs", absolute},
    {"bin", bin},
    {"floor", bin},
    {"iff", choose},
    {"iif", choose},
    {"coalesce", coalesce},
    {"now", current_time},
    {"ago", current_time},
    {"isnull", presence},
    {"isnotnull", presence},
    {"isempty", presence},
    {"isnotempty", presence},
    {"notnull", presence},
    {"notempty", presence},
    {"not", negation},
    {"isnan", real_class},
    {"isinf", real_class},
    {"isfinite", real_class},
};

} // namespace

query_time::query_time()
{
    frozen_time = now_ticks();
}
query_time::~query_time()
{
    frozen_time.reset();
}

scalar_ptr bind_function(std::string const& name, scalars arguments)
{
    for (auto const& candidate : known_functions)
        if (candidate.name == name)
            return candidate.bind(name, std::move(arguments));
    throw semantic_error("SEM0260", "Unknown function: '" + name +
                                        "', or one that the local cluster does not support here");
}

} // namespace kusto::emulator::kql

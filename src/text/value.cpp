#include <kusto/value.hpp>

#include <kusto/encoder.hpp>
#include <text/encode_error.hpp>

namespace kusto
{

namespace
{

std::string real_text(double v)
{
    char text[detail::real_text_size];
    return std::string(text, detail::format_real(v, text));
}

/// The text of each alternative.
struct texts
{
    std::string operator()(null_t) const { return {}; }
    std::string operator()(bool v) const { return v ? "true" : "false"; }
    std::string operator()(std::int32_t v) const { return std::to_string(v); }
    std::string operator()(std::int64_t v) const { return std::to_string(v); }
    std::string operator()(double v) const { return real_text(v); }
    std::string operator()(std::string const& v) const { return v; }
    std::string operator()(dynamic const& v) const { return v.text(); }
    template <class T>
    std::string operator()(T const& v) const
    {
        return v.to_string();
    }
};

std::string mismatch_text(value_kind held, std::string_view wanted)
{
    return "the value is " + std::string(to_string(held)) + ", not " + std::string(wanted);
}

} // namespace

std::string_view to_string(value_kind kind) noexcept
{
    switch (kind)
    {
    case value_kind::null:
        return "null";
    case value_kind::boolean:
        return "bool";
    case value_kind::int32:
        return "int";
    case value_kind::int64:
        return "long";
    case value_kind::real:
        return "real";
    case value_kind::decimal:
        return "decimal";
    case value_kind::datetime:
        return "datetime";
    case value_kind::timespan:
        return "timespan";
    case value_kind::guid:
        return "guid";
    case value_kind::string:
        return "string";
    case value_kind::dynamic:
        return "dynamic";
    }
    return "unknown";
}

bad_value_access::bad_value_access(value_kind held, std::string_view wanted)
    : std::logic_error(mismatch_text(held, wanted)),
      held_(held)
{
}

namespace detail
{

void throw_long_range(std::uint64_t given)
{
    text::throw_encode_error(errc::invalid_record,
                             std::to_string(given) +
                                 " exceeds 9223372036854775807, the largest value of long; use "
                                 "decimal or string");
}

} // namespace detail

std::string value::to_text() const
{
    return std::visit(texts(), held_);
}

void value::throw_mismatch(std::size_t wanted) const
{
    throw bad_value_access(kind(), to_string(static_cast<value_kind>(wanted)));
}

} // namespace kusto

#include <kusto/dynamic_json.hpp>

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>
#include <kusto/encoder.hpp>
#include <text/encode_error.hpp>
#include <text/json_check.hpp>
#include <text/numbers.hpp>

namespace kusto
{

namespace
{

void append(std::string& to, boost::json::value const& json);

void append_key(std::string& to, boost::json::string_view key)
{
    to += boost::json::serialize(key);
    to += ':';
}

void append_number(std::string& to, double v)
{
    char digits[detail::real_text_size];
    auto const size = static_cast<std::size_t>(detail::format_real(v, digits) - digits);
    bool const finite = text::non_finite_text(v).empty();
    if (!finite)
        to += '"';
    to.append(digits, size);
    if (!finite)
        to += '"';
}

void append_array(std::string& to, boost::json::array const& array)
{
    to += '[';
    for (auto const& element : array)
    {
        if (&element != &array.front())
            to += ',';
        append(to, element);
    }
    to += ']';
}

void append_object(std::string& to, boost::json::object const& object)
{
    to += '{';
    bool first = true;
    for (auto const& member : object)
    {
        if (!first)
            to += ',';
        first = false;
        append_key(to, member.key());
        append(to, member.value());
    }
    to += '}';
}

// Boost.JSON's own serializer writes numbers with its own digits and `1e99999` for infinity.
void append(std::string& to, boost::json::value const& json)
{
    switch (json.kind())
    {
    case boost::json::kind::double_:
        return append_number(to, json.get_double());
    case boost::json::kind::array:
        return append_array(to, json.get_array());
    case boost::json::kind::object:
        return append_object(to, json.get_object());
    default:
        to += boost::json::serialize(json);
    }
}

} // namespace

dynamic to_dynamic(boost::json::value const& json)
{
    std::string text;
    append(text, json);
    return dynamic::unchecked(std::move(text));
}

boost::json::value to_json(dynamic const& value)
{
    boost::json::parse_options options;
    options.max_depth = text::max_json_depth;
    boost::json::error_code failed;
    auto parsed = boost::json::parse(value.text(), failed, {}, options);
    if (failed)
        text::throw_encode_error(errc::invalid_record,
                                 "the dynamic value is not JSON: " + failed.message());
    return parsed;
}

} // namespace kusto

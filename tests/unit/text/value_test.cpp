#include <boost/test/unit_test.hpp>

#include <cmath>
#include <kusto/error.hpp>
#include <kusto/value.hpp>
#include <limits>

using kusto::value;
using kusto::value_kind;

BOOST_AUTO_TEST_SUITE(values)

BOOST_AUTO_TEST_CASE(kinds_follow_the_type)
{
    using namespace std::chrono_literals;
    BOOST_TEST(value().is_null());
    BOOST_TEST(value(kusto::null).is_null());
    BOOST_TEST(value(nullptr).is_null());
    BOOST_TEST(value(std::optional<int>()).is_null());
    auto const kind = [](value const& v) { return to_string(v.kind()); };
    BOOST_TEST(kind(true) == "bool");
    BOOST_TEST(kind(std::int8_t(1)) == "int");
    BOOST_TEST(kind(std::uint16_t(1)) == "int");
    BOOST_TEST(kind(1) == "int");
    BOOST_TEST(kind(1u) == "long");
    BOOST_TEST(kind(1ll) == "long");
    BOOST_TEST(kind(std::size_t(1)) == "long");
    BOOST_TEST(kind(1.0f) == "real");
    BOOST_TEST(kind("x") == "string");
    BOOST_TEST(kind(std::string_view("x")) == "string");
    BOOST_TEST(kind(kusto::decimal(1)) == "decimal");
    BOOST_TEST(kind(std::chrono::system_clock::now()) == "datetime");
    BOOST_TEST(kind(5ms) == "timespan");
    BOOST_TEST(kind(kusto::guid()) == "guid");
    BOOST_TEST(kind(kusto::dynamic()) == "dynamic");
    BOOST_TEST(kind(std::optional<bool>(true)) == "bool");
    BOOST_CHECK_THROW((void)value(std::numeric_limits<std::uint64_t>::max()), kusto::error);
}

BOOST_AUTO_TEST_CASE(get_returns_what_is_held)
{
    BOOST_TEST(value(true).get<bool>() == true);
    BOOST_TEST(value(7).get<int>() == 7);
    BOOST_TEST(value(7).get<std::int64_t>() == 7);
    BOOST_TEST(value(7ll).get<long long>() == 7);
    BOOST_TEST(value(1.5).get<double>() == 1.5);
    value const text("abc");
    BOOST_TEST(text.get<std::string>() == "abc");
    BOOST_TEST(text.get<std::string_view>() == "abc");
    BOOST_TEST(&text.get<std::string>() == &text.get<std::string>());
}

BOOST_AUTO_TEST_CASE(get_of_something_else_says_so)
{
    auto const message = [](auto&& action)
    {
        try
        {
            action();
        }
        catch (kusto::bad_value_access const& e)
        {
            return std::string(e.what());
        }
        return std::string("no exception");
    };
    BOOST_TEST(message([] { (void)value().get<double>(); }) == "the value is null, not real");
    BOOST_TEST(message([] { (void)value("1").get<int>(); }) == "the value is string, not int");
    BOOST_TEST(message([] { (void)value(1ll).get<int>(); }) == "the value is long, not int");
    BOOST_TEST(message([] { (void)value(1).get<double>(); }) == "the value is int, not real");
    BOOST_TEST(message([] { (void)value(true).get<long>(); }) == "the value is bool, not long");
    BOOST_TEST(message([] { (void)value(1).get<std::string_view>(); }) ==
               "the value is int, not string");
}

BOOST_AUTO_TEST_CASE(text_is_that_of_csv)
{
    BOOST_TEST(value().to_text() == "");
    BOOST_TEST(value(false).to_text() == "false");
    BOOST_TEST(value(std::numeric_limits<std::int64_t>::min()).to_text() == "-9223372036854775808");
    BOOST_TEST(value(0.1).to_text() == "0.1");
    BOOST_TEST(value(std::nan("")).to_text() == "NaN");
    BOOST_TEST(value(-INFINITY).to_text() == "-Infinity");
    BOOST_TEST(value(kusto::datetime(2026, 1, 2)).to_text() == "2026-01-02T00:00:00.0000000Z");
    BOOST_TEST(value(std::chrono::hours(25)).to_text() == "1.01:00:00");
    BOOST_TEST(value(kusto::decimal::parse("1.50")).to_text() == "1.5");
    BOOST_TEST(value("a,\"b\"").to_text() == "a,\"b\"");
    BOOST_TEST(value(kusto::dynamic::parse("[1]")).to_text() == "[1]");
}

BOOST_AUTO_TEST_CASE(equality)
{
    BOOST_TEST((value(1) == value(1ll)));
    BOOST_TEST((value(1) != value(2ll)));
    BOOST_TEST((value(1) != value(1.0)));
    BOOST_TEST((value("1") != value(1)));
    BOOST_TEST((value() == value(kusto::null)));
    BOOST_TEST((value() != value("")));
    BOOST_TEST((value(true) != value(1)));
    BOOST_TEST((value(std::nan("")) != value(std::nan(""))));
}

BOOST_AUTO_TEST_SUITE_END()

#include <boost/test/unit_test.hpp>

#include <array>
#include <boost/describe.hpp>
#include <charconv>
#include <cmath>
#include <cstring>
#include <deque>
#include <kusto/value.hpp>
#include <limits>
#include <list>
#include <map>
#include <random>
#include <set>
#include <unordered_map>

#include "encoding.hpp"

using namespace std::chrono_literals;
using namespace text_test;

namespace
{

enum class color : std::uint8_t
{
    red = 1,
    green = 2,
};
BOOST_DESCRIBE_ENUM(color, red, green)

enum class level : short
{
    low = -1,
};

struct point
{
    int x = 0;
    std::optional<double> y;
    std::vector<point> near;
};
BOOST_DESCRIBE_STRUCT(point, (), (x, y, near))

struct empty_struct
{
};
BOOST_DESCRIBE_STRUCT(empty_struct, (), ())

struct money
{
    std::int64_t cents;
};

struct not_a_field
{
    int x;
};

template <class T>
std::string limits_text()
{
    return field_text(std::numeric_limits<T>::min()) + " " +
           field_text(std::numeric_limits<T>::max());
}

template <class Real, class Bits>
void check_random_reals(std::mt19937_64& random)
{
    for (int i = 0; i < 50'000; ++i)
    {
        auto const bits = static_cast<Bits>(random());
        Real given;
        std::memcpy(&given, &bits, sizeof(given));
        if (!std::isfinite(given))
            continue;
        auto const text = field_text(given);
        Real read = 0;
        auto const done = std::from_chars(text.data(), text.data() + text.size(), read);
        BOOST_REQUIRE(done.ptr == text.data() + text.size());
        BOOST_REQUIRE_MESSAGE(std::memcmp(&read, &given, sizeof(read)) == 0, text);
    }
}

} // namespace

template <>
struct kusto::field_traits<money>
{
    static kusto::decimal to_field(money const& m)
    {
        return kusto::decimal::parse(std::to_string(m.cents) + "e-2");
    }
};

BOOST_AUTO_TEST_SUITE(fields)

BOOST_AUTO_TEST_CASE(integers_and_bool)
{
    BOOST_TEST(field_text(true) == "true");
    BOOST_TEST(field_text(false) == "false");
    BOOST_TEST(limits_text<std::int8_t>() == "-128 127");
    BOOST_TEST(limits_text<std::uint8_t>() == "0 255");
    BOOST_TEST(limits_text<std::int16_t>() == "-32768 32767");
    BOOST_TEST(limits_text<std::uint16_t>() == "0 65535");
    BOOST_TEST(limits_text<std::int32_t>() == "-2147483648 2147483647");
    BOOST_TEST(limits_text<std::uint32_t>() == "0 4294967295");
    BOOST_TEST(limits_text<std::int64_t>() == "-9223372036854775808 9223372036854775807");
    BOOST_TEST(field_text(std::uint64_t(INT64_MAX)) == "9223372036854775807");
    auto const why = refusal(std::tuple(1, std::uint64_t(INT64_MAX) + 1));
    BOOST_TEST((why.code() == kusto::errc::invalid_record));
    BOOST_TEST(mentions(why, "field 2: 9223372036854775808 exceeds"));
    BOOST_TEST(mentions(why, "decimal or string"));
}

BOOST_AUTO_TEST_CASE(reals)
{
    struct golden
    {
        double given;
        char const* text;
    };
    golden const cases[] = {
        {0.0, "0"},
        {-0.0, "-0"},
        {1.0, "1"},
        {0.1, "0.1"},
        {-2.5, "-2.5"},
        {1e5, "1e+05"},
        {1e300, "1e+300"},
        {5e-324, "5e-324"},
        {2.2250738585072014e-308, "2.2250738585072014e-308"},
        {1.7976931348623157e308, "1.7976931348623157e+308"},
        {123456.789, "123456.789"},
        {9007199254740993.0, "9007199254740992"},
        {std::nan(""), "NaN"},
        {-std::nan(""), "NaN"},
        {HUGE_VAL, "Infinity"},
        {-HUGE_VAL, "-Infinity"},
    };
    for (auto const& c : cases)
        BOOST_TEST(field_text(c.given) == c.text);
    BOOST_TEST(field_text(0.1f) == "0.1");
    BOOST_TEST(field_text(1e-45f) == "1e-45");
    BOOST_TEST(field_text(-HUGE_VALF) == "-Infinity");
}

BOOST_AUTO_TEST_CASE(random_reals_read_back_as_the_same_number)
{
    constexpr std::uint64_t seed = 4711;
    BOOST_TEST_MESSAGE("seed " << seed);
    std::mt19937_64 random(seed);
    check_random_reals<double, std::uint64_t>(random);
    check_random_reals<float, std::uint32_t>(random);
}

BOOST_AUTO_TEST_CASE(text)
{
    BOOST_TEST(field_text(std::string("abc")) == "abc");
    BOOST_TEST(field_text(std::string_view("")) == "");
    BOOST_TEST(field_text(static_cast<char const*>("x y")) == "x y");
    BOOST_TEST(field_text(static_cast<char const*>(nullptr)) == "");
    BOOST_TEST(field_text('x') == "x");
    BOOST_TEST(field_text(' ') == " ");
    BOOST_TEST(field_text(std::string("  padded ")) == "  padded ");
    BOOST_TEST(field_text(std::string("a\0b", 3)) == std::string_view("a\0b", 3));
    BOOST_TEST(field_text(std::string("\xc3\xa4\xf0\x9f\x98\x80")) == "\xc3\xa4\xf0\x9f\x98\x80");
    char const full[4] = {'a', 'b', 'c', 'd'};
    BOOST_TEST(field_text(full) == "abcd");
    BOOST_TEST(field_text("literal") == "literal");
}

BOOST_AUTO_TEST_CASE(times)
{
    using clock = std::chrono::system_clock;
    BOOST_TEST(field_text(clock::time_point(1'767'225'600s)) == "2026-01-01T00:00:00.0000000Z");
    BOOST_TEST(field_text(clock::time_point(-1ns)) == "1969-12-31T23:59:59.9999999Z");
    BOOST_TEST(field_text(kusto::datetime(9999, 12, 31)) == "9999-12-31T00:00:00.0000000Z");
    BOOST_TEST(field_text(1500us) == "00:00:00.0015000");
    BOOST_TEST(field_text(-26h) == "-1.02:00:00");
    BOOST_TEST(field_text(std::chrono::duration<double>(1.5)) == "00:00:01.5000000");
    BOOST_TEST(field_text(kusto::timespan::from_ticks(-1)) == "-00:00:00.0000001");
    using seconds_point = std::chrono::time_point<clock, std::chrono::seconds>;
    BOOST_TEST(mentions(refusal(std::tuple(seconds_point(seconds_point::duration::max()))),
                        "field 1: a time point is out of the range"));
    BOOST_TEST(mentions(refusal(std::tuple(1, std::chrono::hours::max())), "field 2: a duration"));
    BOOST_TEST(
        mentions(refusal(std::tuple(std::chrono::duration<float>(NAN))), "field 1: a duration"));
}

BOOST_AUTO_TEST_CASE(kusto_types)
{
    BOOST_TEST(field_text(kusto::decimal::parse("-1.50")) == "-1.5");
    BOOST_TEST(field_text(kusto::guid()) == "00000000-0000-0000-0000-000000000000");
    BOOST_TEST(field_text(kusto::dynamic::parse("[1,\"a\"]")) == "\"[1,\"\"a\"\"]\"");
    BOOST_TEST(field_text(kusto::dynamic::parse("17")) == "17");
    BOOST_TEST(field_text(kusto::dynamic::unchecked("")) == "");
    BOOST_TEST(field_text(kusto::null) == "");
    BOOST_TEST(field_text(nullptr) == "");
    BOOST_TEST(field_text(std::monostate()) == "");
    BOOST_TEST(field_text(std::optional<int>()) == "");
    BOOST_TEST(field_text(std::optional<int>(0)) == "0");
    BOOST_TEST(field_text(std::optional<std::optional<int>>(std::optional<int>())) == "");
    BOOST_TEST(field_text(kusto::value("a,b")) == "\"a,b\"");
    BOOST_TEST(field_text(kusto::value()) == "");
    BOOST_TEST(field_text(money{-1999}) == "-19.99");
}

BOOST_AUTO_TEST_CASE(every_kind_of_value_is_the_text_of_its_field)
{
    kusto::value const all[] = {true,
                                7,
                                7ll,
                                1.5,
                                kusto::decimal(3),
                                kusto::datetime(2026, 1, 2),
                                5s,
                                kusto::guid::random(),
                                "text",
                                kusto::dynamic::parse("{}"),
                                kusto::null};
    for (auto const& v : all)
        BOOST_TEST(field_text(v) == v.to_text());
}

BOOST_AUTO_TEST_CASE(enums)
{
    BOOST_TEST(field_text(color::green) == "green");
    BOOST_TEST(field_text(static_cast<color>(77)) == "77");
    BOOST_TEST(field_text(level::low) == "-1");
    BOOST_TEST(field_text(std::byte(200)) == "200");
}

BOOST_AUTO_TEST_CASE(containers_are_json)
{
    auto const json = [](auto const& v)
    {
        auto const decoded = decode_csv(encoded(std::make_tuple(v)) + "\n");
        return decoded.at(0).at(0);
    };
    BOOST_TEST(json(std::vector<int>{1, 2, 3}) == "[1,2,3]");
    BOOST_TEST(json(std::vector<int>()) == "[]");
    BOOST_TEST(json(std::vector<bool>{true, false}) == "[true,false]");
    BOOST_TEST(json(std::array<double, 4>{0.5, NAN, HUGE_VAL, -HUGE_VAL}) ==
               R"([0.5,"NaN","Infinity","-Infinity"])");
    BOOST_TEST(json(std::list<std::string>{"a\"b", "\\\n\x01", "\xc3\xa4/"}) ==
               "[\"a\\\"b\",\"\\\\\\n\\u0001\",\"\xc3\xa4/\"]");
    BOOST_TEST(json(std::set<char>{'a'}) == R"(["a"])");
    BOOST_TEST(json(std::map<std::string, int>{{"a b", 1}, {"c", 2}}) == R"({"a b":1,"c":2})");
    BOOST_TEST(json(std::unordered_map<std::string_view, std::deque<int>>{{"k", {1}}}) ==
               R"({"k":[1]})");
    BOOST_TEST(json(std::tuple(1, "x", std::optional<int>(), 1.5f)) == R"([1,"x",null,1.5])");
    BOOST_TEST(json(std::pair(kusto::decimal(2), kusto::guid())) ==
               R"([2,"00000000-0000-0000-0000-000000000000"])");
    BOOST_TEST(
        json(std::vector<kusto::value>{1, "s", kusto::null, kusto::datetime(2026, 1, 2), 1s}) ==
        R"([1,"s",null,"2026-01-02T00:00:00.0000000Z","00:00:01"])");
    BOOST_TEST(json(std::vector<color>{color::red}) == R"(["red"])");
    BOOST_TEST(json(std::vector<money>{{5}}) == "[0.05]");
    BOOST_TEST(json(empty_struct()) == "{}");
    point const p{1, std::nullopt, {point{2, 2.5, {}}}};
    BOOST_TEST(json(p) == R"({"x":1,"y":null,"near":[{"x":2,"y":2.5,"near":[]}]})");
}

BOOST_AUTO_TEST_CASE(nested_dynamic_is_embedded_and_must_be_json)
{
    using dynamics = std::vector<kusto::dynamic>;
    BOOST_TEST(field_text(dynamics{kusto::dynamic::parse("[\n1]"), kusto::dynamic()}) ==
               "\"[[ 1],null]\"");
    BOOST_TEST(mentions(refusal(std::tuple(dynamics{kusto::dynamic::unchecked("{a}")})),
                        "field 1: the dynamic value is not JSON"));
}

BOOST_AUTO_TEST_CASE(names_of_the_types)
{
    using kusto::kusto_type_name;
    BOOST_TEST(kusto_type_name<bool> == "bool");
    BOOST_TEST(kusto_type_name<std::int8_t> == "int");
    BOOST_TEST(kusto_type_name<std::uint16_t> == "int");
    BOOST_TEST(kusto_type_name<int> == "int");
    BOOST_TEST(kusto_type_name<unsigned> == "long");
    BOOST_TEST(kusto_type_name<std::size_t> == "long");
    BOOST_TEST(kusto_type_name<float> == "real");
    BOOST_TEST(kusto_type_name<kusto::decimal> == "decimal");
    BOOST_TEST(kusto_type_name<std::chrono::system_clock::time_point> == "datetime");
    BOOST_TEST(kusto_type_name<std::chrono::milliseconds> == "timespan");
    BOOST_TEST(kusto_type_name<kusto::guid> == "guid");
    BOOST_TEST(kusto_type_name<char const*> == "string");
    BOOST_TEST(kusto_type_name<char[8]> == "string");
    BOOST_TEST(kusto_type_name<color> == "string");
    BOOST_TEST(kusto_type_name<level> == "int");
    BOOST_TEST(kusto_type_name<std::optional<long>> == "long");
    BOOST_TEST(kusto_type_name<money> == "decimal");
    BOOST_TEST((kusto_type_name<std::map<std::string, int>>) == "dynamic");
    BOOST_TEST(kusto_type_name<point> == "dynamic");
}

BOOST_AUTO_TEST_CASE(what_is_a_field)
{
    using kusto::field;
    static_assert(field<int> && field<std::string> && field<kusto::value> && field<point>);
    static_assert(field<std::vector<std::optional<std::string>>> && field<char[3]>);
    static_assert(!field<void*> && !field<int*> && !field<long double> && !field<wchar_t>);
    static_assert(!field<char16_t> && !field<std::wstring>);
    static_assert(!field<not_a_field> && !field<std::vector<not_a_field>>);
    static_assert(!field<std::optional<void*>> && !field<std::tuple<int, void*>>);
    static_assert(!field<std::chrono::steady_clock::time_point>);
}

BOOST_AUTO_TEST_SUITE_END()

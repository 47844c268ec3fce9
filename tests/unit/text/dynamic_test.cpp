#include <boost/test/unit_test.hpp>

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <cmath>
#include <kusto/dynamic_json.hpp>
#include <kusto/error.hpp>
#include <limits>
#include <random>
#include <text/json_check.hpp>

using kusto::dynamic;

namespace
{

kusto::errc refusal_code(std::string const& text)
{
    try
    {
        (void)dynamic::parse(text);
    }
    catch (kusto::error const& e)
    {
        return e.why().code();
    }
    return {};
}

} // namespace

BOOST_AUTO_TEST_SUITE(dynamics)

BOOST_AUTO_TEST_CASE(parse_checks_json)
{
    for (auto const* text : {"null", "true", "1", "-1.5e3", "\"text\"", "[]", "{}",
                             " [1,\n{\"a\":[]}] ", "\r\n{\t}\n"})
        BOOST_TEST(dynamic::parse(text).text() == text);
    for (auto const* text :
         {"", " ", "nulll", "[1", "{\"a\"}", "'a'", "NaN", "1 2", "[1],", "\"\n\""})
        BOOST_TEST((refusal_code(text) == kusto::errc::invalid_record), text);
    BOOST_TEST((refusal_code("\"\xff\"") == kusto::errc::invalid_utf8));
    BOOST_TEST(dynamic().text() == "null");
    BOOST_TEST(dynamic::unchecked("not json").text() == "not json");
}

BOOST_AUTO_TEST_CASE(check_agrees_with_boost_json_on_damaged_text)
{
    constexpr unsigned seed = 1234;
    BOOST_TEST_MESSAGE("seed " << seed);
    std::mt19937 random(seed);
    std::string const original =
        R"({"a":[1,-2.5e-3,true,null,"x\u00e4\ud83d\ude00\n"],"b":{"c":[],"d":{}},"e":"z"} )";
    constexpr std::string_view letters = "{}[]\",:0123.-+eE\\ud8tfn \n/";
    for (int i = 0; i < 100'000; ++i)
    {
        auto text = original;
        for (auto changes = 1 + random() % 3; changes != 0; --changes)
        {
            auto const at = random() % text.size();
            switch (random() % 3)
            {
            case 0:
                text[at] = letters[random() % letters.size()];
                break;
            case 1:
                text.erase(at, 1 + random() % 3);
                break;
            default:
                text.insert(at, 1, letters[random() % letters.size()]);
            }
        }
        boost::json::error_code failed;
        (void)boost::json::parse(text, failed);
        auto const wrong = kusto::text::check_json(text, kusto::text::json_form::any_value);
        BOOST_REQUIRE_MESSAGE((wrong.what == nullptr) == !failed,
                              text << ": " << (wrong.what ? wrong.what : "fine") << " against "
                                   << failed.message());
    }
}

BOOST_AUTO_TEST_CASE(from_and_to_boost_json)
{
    auto const json = boost::json::parse(
        R"({"a":[1,-2,18446744073709551615,1.5,1e300,true,null,"x\"y"],"b":{},"c":[]})");
    auto const made = kusto::to_dynamic(json);
    BOOST_TEST(made.text() ==
               R"({"a":[1,-2,18446744073709551615,1.5,1e+300,true,null,"x\"y"],"b":{},"c":[]})");
    BOOST_TEST((kusto::to_json(made) == json));
    BOOST_TEST(kusto::to_dynamic(boost::json::array{NAN, HUGE_VAL, -HUGE_VAL, 0.1}).text() ==
               R"(["NaN","Infinity","-Infinity",0.1])");
    BOOST_CHECK_THROW((void)kusto::to_json(dynamic::unchecked("{")), kusto::error);
}

BOOST_AUTO_TEST_SUITE_END()

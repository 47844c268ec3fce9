#include <base/percent.hpp>
#include <boost/test/unit_test.hpp>
#include <wire/erase.hpp>

using namespace kusto;

BOOST_AUTO_TEST_SUITE(erase_test)

BOOST_AUTO_TEST_CASE(however_it_is_written)
{
    std::string const secret = "a+b/\"<&>'\\\n %~\xc3\xbc\xe2\x82\xac";
    for (std::string const& text : {
             secret,
             base::percent_encode(secret),
             std::string("a%2bb%2f%22%3c%26%3e%27%5c%0a+%25%7e%c3%bc%e2%82%ac"),
             std::string("%61%2B%62/\"<&>'\\\n%20%25~\xc3\xbc\xe2\x82\xac"),
             std::string("a+b\\/\\\"<&>'\\\\\\n %~\xc3\xbc\xe2\x82\xac"),
             std::string("a\\u002Bb/\\u0022\\u003c\\u0026\\u003E\\u0027\\u005c\\u000a "
                         "%~\\u00fc\\u20ac"),
             std::string("a+b/&quot;&lt;&amp;&gt;&apos;\\\n %~\xc3\xbc\xe2\x82\xac"),
             std::string("a&#43;b&#x2F;&#34;&#60;&#38;&#62;&#X27;&#92;&#10; %~&#252;&#8364;"),
         })
    {
        BOOST_TEST(wire::without(text, secret) == "REDACTED");
        BOOST_TEST(wire::without("x" + text + "y" + text, secret) == "xREDACTEDyREDACTED");
        // The beginning of a secret alone is not taken for it.
        auto const part = text.substr(0, text.size() - 1);
        BOOST_TEST(wire::without(part, secret) == part);
    }
}

BOOST_AUTO_TEST_CASE(the_first_character_may_be_written_in_any_way)
{
    for (char const* text : {" x", "+x", "%20x", "\\u0020x", "&#32;x"})
        BOOST_TEST(wire::without(std::string("a ") + text, " x") == "a REDACTED", text);
}

BOOST_AUTO_TEST_CASE(what_looks_like_an_escape_may_be_the_secret_itself)
{
    for (char const* secret : {"%41%2", "a%", "%25x", "&amp;", "\\u0041\\", "a\\", "&#1;&", "++"})
    {
        BOOST_TEST(wire::without(secret, secret) == "REDACTED", secret);
        BOOST_TEST(wire::without(base::percent_encode(secret), secret) == "REDACTED", secret);
        BOOST_TEST(wire::without(std::string(secret) + "&", secret) == "REDACTED&", secret);
    }
}

BOOST_AUTO_TEST_CASE(other_text_stays)
{
    for (char const* text : {"", "a", "%", "%4", "\\", "\\u00", "&", "&;", "&#;", "&#x;",
                             "&#x110000;", "%zz\\u12&what;", "100 % & more"})
    {
        BOOST_TEST(wire::without(text, "secret") == text);
        BOOST_TEST(wire::without(text, "") == text);
    }
}

BOOST_AUTO_TEST_SUITE_END()

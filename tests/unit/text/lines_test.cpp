#include <boost/test/unit_test.hpp>

#include <random>

#include "encoding.hpp"

using namespace text_test;
using kusto::csv_line;
using kusto::errc;
using kusto::json_line;

namespace
{

std::string nested(std::size_t depth)
{
    std::string text = "{\"a\":";
    text.append(depth - 1, '[');
    text.append(depth - 1, ']');
    return text + "}";
}

} // namespace

BOOST_AUTO_TEST_SUITE(lines)

BOOST_AUTO_TEST_CASE(csv_lines_that_are_accepted)
{
    for (auto const* line :
         {"a", "a,b,c", ",", "\"\"", "\"a\"\"b\",c", "\"x,y\nz\r\n\"", " ", "a b;c", "\"\",\"\"",
          "1,\"[\"\"k\"\"]\",", "\xc3\xa4,\xf0\x9f\x98\x80"})
    {
        BOOST_TEST(encoded(csv_line(line)) == line);
        BOOST_TEST(encoded(csv_line(std::string(line) + "\n")) == line);
        BOOST_TEST(encoded(csv_line(std::string(line) + "\r\n")) == line);
    }
    // Pre-encoded lines may hold values that a column's encoding policy allows.
    BOOST_TEST(encoded(csv_line(std::string(kusto::max_value_bytes * 2, 'x'))).size() ==
               kusto::max_value_bytes * 2);
}

BOOST_AUTO_TEST_CASE(csv_lines_that_are_refused)
{
    struct golden
    {
        char const* line;
        char const* why;
    };
    constexpr golden cases[] = {
        {"", "the line is empty"},
        {"\n", "the line is empty"},
        {"\r\n", "the line is empty"},
        {"a\n\n", "field 1, offset 1: a line break outside"},
        {"a,b\nc,d", "field 2, offset 3: a line break outside"},
        {"a\rb", "field 1, offset 1: a line break outside"},
        {"\"a\"\nb", "field 1, offset 3: a line break outside"},
        {"\"a", "field 1, offset 0: the closing quote is missing"},
        {"x,\"a\"\"", "field 2, offset 2: the closing quote is missing"},
        {"\"a\n", "the closing quote is missing"},
        {"a\"b", "field 1, offset 1: a quote in a field that is not quoted"},
        {"1, \"b\"", "field 2, offset 3: a quote in a field that is not quoted"},
        {"\"a\"b", "field 1, offset 3: text follows the closing quote"},
        {"\"a\" ,b", "field 1, offset 3: text follows the closing quote"},
        {"\xef\xbb\xbf"
         "a,b",
         "byte order mark"},
    };
    for (auto const& c : cases)
    {
        auto const why = refusal(csv_line(c.line));
        BOOST_TEST((why.code() == errc::invalid_record));
        BOOST_TEST(mentions(why, c.why), c.line);
    }
    BOOST_TEST((refusal(csv_line("a,\xe4")).code() == errc::invalid_utf8));
    BOOST_TEST((refusal(csv_line(std::string(kusto::max_record_bytes, 'x'))).code() ==
                errc::record_too_large));
}

BOOST_AUTO_TEST_CASE(whatever_is_encoded_is_an_acceptable_line)
{
    constexpr unsigned seed = 99;
    BOOST_TEST_MESSAGE("seed " << seed);
    std::mt19937 random(seed);
    constexpr std::string_view alphabet = "ab,\"\r\n";
    for (int i = 0; i < 5000; ++i)
    {
        std::string text(random() % 20, ' ');
        for (auto& c : text)
            c = alphabet[random() % alphabet.size()];
        auto const line = encoded(std::tuple(text, 1, text));
        BOOST_REQUIRE(encoded(csv_line(line)) == line);
        // Any text is either refused or exactly one record for the other decoder.
        kusto::record_buffer out;
        try
        {
            (void)kusto::encode_record(csv_line(text), out);
        }
        catch (kusto::error const&)
        {
            BOOST_REQUIRE_EQUAL(out.size(), 0u);
            continue;
        }
        BOOST_REQUIRE_EQUAL(decode_csv(out.view()).size(), 1u);
    }
}

BOOST_AUTO_TEST_CASE(json_lines_that_are_accepted)
{
    for (auto const* line :
         {"{}", " { } ", R"({"a":1})", R"({"a":{"b":[1,2,{"c":null}]},"d":[],"e":{}})",
          R"({"a":-0.5e+10,"b":0,"c":1E5,"d":-0})", R"({"s":"\"\\\/\b\f\n\r\t\u00e4\ud83d\ude00"})",
          R"({"":true,"x":false})", "{\"\xc3\xa4\":\"\xf0\x9f\x98\x80\"}", "{\"a\":\t1}",
          R"({"a":1,"a":2})"})
    {
        kusto::record_buffer out;
        BOOST_TEST((kusto::encode_record(json_line(line), out) == kusto::data_format::json));
        BOOST_TEST(encoded(json_line(line)) == line);
        BOOST_TEST(encoded(json_line(std::string(line) + "\r\n")) == line);
    }
    BOOST_TEST(encoded(json_line(nested(512))) == nested(512));
}

BOOST_AUTO_TEST_CASE(json_lines_that_are_refused)
{
    for (std::string const line : {"",
                                   "\n",
                                   " ",
                                   "[]",
                                   "1",
                                   "\"a\"",
                                   "null",
                                   "{",
                                   "}",
                                   "{}x",
                                   "{}{}",
                                   "{} {}",
                                   "{a:1}",
                                   "{'a':1}",
                                   R"({"a"})",
                                   R"({"a":})",
                                   R"({"a":1,})",
                                   R"({"a":1 "b":2})",
                                   R"({,"a":1})",
                                   R"({"a":[1,]})",
                                   R"({"a":[1 2]})",
                                   R"({"a":[1}})",
                                   R"({"a":[})",
                                   R"({"a":01})",
                                   R"({"a":+1})",
                                   R"({"a":1.})",
                                   R"({"a":.5})",
                                   R"({"a":1e})",
                                   R"({"a":-})",
                                   R"({"a":NaN})",
                                   R"({"a":Infinity})",
                                   R"({"a":True})",
                                   R"({"a":nul})",
                                   R"({"a":"b})",
                                   R"({"a":"\x"})",
                                   R"({"a":"\u12g4"})",
                                   R"({"a":"\u12"})",
                                   R"({"a":"\ud800"})",
                                   R"({"a":"\ud800\u0041"})",
                                   R"({"a":"\udc00"})",
                                   R"({"a":"\)",
                                   "{\"a\":\n1}",
                                   "{\"a\":1\r}",
                                   "{\n}",
                                   "{\"a\":\"\t\"}",
                                   R"({"a":1}//c)",
                                   R"({/**/"a":1})",
                                   "{\"a\":1}\n\n",
                                   "{1:2}",
                                   "\xef\xbb\xbf{}",
                                   "{\"a\":\f1}"})
    {
        auto const why = refusal(json_line(line));
        BOOST_TEST((why.code() == errc::invalid_record), line);
        BOOST_TEST(mentions(why, "json_line"));
    }
    BOOST_TEST(mentions(refusal(json_line(nested(513))), "deeper than 512"));
    BOOST_TEST((refusal(json_line("{\"a\":\"\xe4\"}")).code() == errc::invalid_utf8));
    BOOST_TEST((refusal(json_line("{\"a\":\"\xed\xa0\x80\"}")).code() == errc::invalid_utf8));
    BOOST_TEST(
        mentions(refusal(json_line(R"({"a":01})")), "offset 6: a number has a leading zero"));
}

BOOST_AUTO_TEST_SUITE_END()

#include <base/percent.hpp>
#include <boost/test/unit_test.hpp>
#include <functional>
#include <random>
#include <string>
#include <vector>
#include <wire/erase.hpp>

using namespace kusto;

namespace
{

/// A text over two letters, each of them written in some way.
class scribble
{
public:
    explicit scribble(std::mt19937& random, std::size_t length)
    {
        constexpr char const* ways[2][5]{{"a", "%61", "%61", "\\u0061", "&#97;"},
                                         {"b", "%62", "\\b", "\\u0062", "&#x62;"}};
        for (std::size_t i = 0; i < length; ++i)
        {
            auto const letter = random() % 2;
            letters += letter == 0 ? 'a' : 'b';
            auto const way = random() % 5;
            // A backslash and a `b` are something else.
            written.emplace_back(ways[letter][letter == 1 && way == 2 ? 0 : way]);
        }
    }

    [[nodiscard]] std::string text() const
    {
        std::string all;
        for (auto const& one : written)
            all += one;
        return all;
    }

    /// By comparing everywhere.
    [[nodiscard]] std::string without(std::string const& secret) const
    {
        std::string clean;
        std::size_t hidden_to = 0;
        for (std::size_t i = 0; i < letters.size(); ++i)
        {
            if (letters.compare(i, secret.size(), secret) == 0)
            {
                clean += i >= hidden_to ? "REDACTED" : "";
                hidden_to = i + secret.size();
            }
            clean += i >= hidden_to ? written[i] : "";
        }
        return clean;
    }

    std::string letters;
    std::vector<std::string> written;
};

} // namespace

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

BOOST_AUTO_TEST_CASE(characters_beyond_sixteen_bits)
{
    std::string const secret = "a\xf0\x9f\x98\x80z";
    for (char const* text : {"a\xf0\x9f\x98\x80z", "a%F0%9f%98%80z", "a\\ud83d\\ude00z",
                             "\\u0061\\uD83D\\uDE00\\u007a", "a&#128512;z", "a&#x1F600;z"})
        BOOST_TEST(wire::without(text, secret) == "REDACTED", text);
    for (char const* text :
         {"a\\ud83dz", "a\\ude00z", "a\\ude00\\ud83dz", "a\\ud83d", "a\\ud83d\\u", "a\\ud83d\\ude0",
          "a\\ud83d\\ud83dz", "a\\ud83d\\u0041z"})
        BOOST_TEST(wire::without(text, secret) == text, text);
}

BOOST_AUTO_TEST_CASE(what_overlaps_is_removed_altogether)
{
    BOOST_TEST(wire::without("xababay", "aba") == "xREDACTEDy");
    BOOST_TEST(wire::without("aaaaa", "aa") == "REDACTED");
    BOOST_TEST(wire::without("abab", "ab") == "REDACTEDREDACTED");
    BOOST_TEST(wire::without("xab%61b%61y", "aba") == "xREDACTEDy");
    // One as it is, and one in which the other's end is an escape.
    BOOST_TEST(wire::without("%2%25", "%2%") == "REDACTED");
}

BOOST_AUTO_TEST_CASE(it_finds_what_comparing_everywhere_finds)
{
    std::mt19937 random(20260101);
    for (int i = 0; i < 5000; ++i)
    {
        auto const secret = scribble(random, 1 + random() % 7).letters;
        scribble const said(random, random() % 40);
        BOOST_TEST_CONTEXT(secret << " in " << said.text())
        BOOST_REQUIRE(wire::without(said.text(), secret) == said.without(secret));
    }
}

BOOST_AUTO_TEST_CASE(secrets_that_look_like_escapes_are_found_in_every_form)
{
    using writer = std::function<std::string(char)>;
    writer const as_it_is = [](char c) { return std::string(1, c); };
    writer const percent = [](char c) { return base::percent_encode(std::string(1, c)); };
    writer const json = [](char c)
    { return c == '\\' || c == '/' ? std::string("\\") + c : std::string(1, c); };
    writer const html = [](char c) { return c == '&' ? std::string("&amp;") : std::string(1, c); };
    std::mt19937 random(20260102);
    auto const letters = [&random](std::size_t length)
    {
        constexpr std::string_view alphabet = "ab25/%+&\\;u0#n";
        std::string made;
        for (std::size_t i = 0; i < length; ++i)
            made += alphabet[random() % alphabet.size()];
        return made;
    };
    for (int i = 0; i < 40'000; ++i)
    {
        auto const secret = letters(1 + random() % 6);
        auto const before = letters(random() % 8);
        auto const after = letters(random() % 4);
        for (auto const& write : {as_it_is, percent, json, html})
        {
            auto const written = [&write](std::string const& text)
            {
                std::string all;
                for (char const c : text)
                    all += write(c);
                return all;
            };
            auto const text = written(before) + written(secret) + written(after);
            auto const clean = wire::without(text, secret);
            BOOST_TEST_CONTEXT(secret << " in " << text << " became " << clean)
            BOOST_REQUIRE(clean.find(written(secret)) == std::string::npos);
        }
    }
}

// To compare everywhere would take the test's whole time, and more.
BOOST_AUTO_TEST_CASE(half_a_long_secret_all_over_the_text_takes_no_time)
{
    constexpr std::size_t half = std::size_t(1) << 17;
    auto const repeated = [](std::string const& what, std::size_t count)
    {
        std::string all;
        for (std::size_t i = 0; i < count; ++i)
            all += what;
        return all;
    };
    auto const secret = std::string(half, 'a') + 'b';
    for (std::string const written : {"a", "%61", "\\u0061"})
    {
        auto const before = repeated(written, half);
        bool const hidden = wire::without(before + before + "b", secret) == before + "REDACTED";
        BOOST_TEST(hidden, written);
        bool const kept = wire::without(before + "c" + before, secret) == before + "c" + before;
        BOOST_TEST(kept, written);
    }
}

BOOST_AUTO_TEST_SUITE_END()

#include <boost/test/unit_test.hpp>

#include <kusto/error.hpp>
#include <kusto/types.hpp>
#include <limits>
#include <string>

using kusto::decimal;
using kusto::guid;

BOOST_AUTO_TEST_SUITE(guid_and_decimal)

BOOST_AUTO_TEST_CASE(guid_text_both_ways)
{
    auto const* text = "74be27de-1e4e-49d9-b579-fe0b331d3642";
    auto const g = guid::parse(text);
    BOOST_TEST(g.to_string() == text);
    BOOST_TEST(int(g.bytes()[0]) == 0x74);
    BOOST_TEST(int(g.bytes()[15]) == 0x42);
    BOOST_TEST((guid::parse("{74BE27DE-1E4E-49D9-B579-FE0B331D3642}") == g));
    BOOST_TEST(guid().to_string() == "00000000-0000-0000-0000-000000000000");
    for (auto const* bad :
         {"", "74be27de1e4e49d9b579fe0b331d3642", "74be27de-1e4e-49d9-b579-fe0b331d364",
          "74be27de-1e4e-49d9-b579-fe0b331d364g", "{74be27de-1e4e-49d9-b579-fe0b331d3642"})
        BOOST_TEST(!guid::try_parse(bad), bad);
    BOOST_CHECK_THROW((void)guid::parse("x"), kusto::error);
}

BOOST_AUTO_TEST_CASE(random_guids_are_version_4_and_differ)
{
    auto const a = guid::random();
    BOOST_TEST((a != guid::random()));
    BOOST_TEST(a.to_string()[14] == '4');
    BOOST_TEST((a.bytes()[8] & 0xc0) == 0x80);
}

BOOST_AUTO_TEST_CASE(decimal_is_plain_and_exact)
{
    struct golden
    {
        char const* given;
        char const* text;
    };
    constexpr golden cases[] = {
        {"0", "0"},
        {"-0", "0"},
        {"0.000", "0"},
        {"0e999999999999", "0"},
        {"1", "1"},
        {"+1.50", "1.5"},
        {"-12.50", "-12.5"},
        {"007", "7"},
        {".5", "0.5"},
        {"5.", "5"},
        {"1e5", "100000"},
        {"1.25E+1", "12.5"},
        {"120e-1", "12"},
        {"1e-7", "0.0000001"},
        {"1e33", "1000000000000000000000000000000000"},
        {"9999999999999999999999999999999999", "9999999999999999999999999999999999"},
        {"-9999999999999999999999999999999999", "-9999999999999999999999999999999999"},
        {"0.0000000000000000000000000000000001", "0.0000000000000000000000000000000001"},
        {"99999999999999999.99999999999999999", "99999999999999999.99999999999999999"},
        {"123456789012345678", "123456789012345678"},
        {"100000000000000000.1", "100000000000000000.1"},
        {"1.0000000000000000000000000000000000000000", "1"},
        {"0.1000000000000000055511151231257827", "0.1000000000000000055511151231257827"},
    };
    for (auto const& c : cases)
    {
        BOOST_TEST(decimal::parse(c.given).to_string() == c.text, c.given);
        BOOST_TEST((decimal::parse(c.text) == decimal::parse(c.given)));
    }
}

BOOST_AUTO_TEST_CASE(decimal_never_rounds)
{
    for (auto const* bad : {"",
                            "-",
                            ".",
                            "e5",
                            "1e",
                            "1e+",
                            "1.2.3",
                            "1,5",
                            " 1",
                            "1 ",
                            "NaN",
                            "inf",
                            "0x10",
                            "1d",
                            "12345678901234567890123456789012345",
                            "1e34",
                            "10e33",
                            "1e-35",
                            "1e999999999999",
                            "1e-999999999999",
                            "1.00000000000000000000000000000000001"})
        BOOST_TEST(!decimal::try_parse(bad), bad);
    BOOST_CHECK_THROW((void)decimal::parse("1,5"), kusto::error);
}

BOOST_AUTO_TEST_CASE(decimal_from_integers)
{
    BOOST_TEST(decimal(0).to_string() == "0");
    BOOST_TEST(decimal(-5).to_string() == "-5");
    BOOST_TEST(decimal(short(7)).to_string() == "7");
    BOOST_TEST(decimal(std::numeric_limits<std::int64_t>::min()).to_string() ==
               "-9223372036854775808");
    BOOST_TEST(decimal(std::numeric_limits<std::uint64_t>::max()).to_string() ==
               "18446744073709551615");
    BOOST_TEST((decimal(12) == decimal::parse("12.0")));
    BOOST_TEST((decimal(12) != decimal::parse("-12")));
}

BOOST_AUTO_TEST_SUITE_END()

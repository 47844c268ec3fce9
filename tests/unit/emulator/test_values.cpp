#include "engine_fixture.hpp"

#include <boost/test/unit_test.hpp>

using namespace emulator_test;

BOOST_FIXTURE_TEST_SUITE(values, emulator_test::engine_fixture)

namespace
{

struct sample
{
    char const* type;
    char const* text;
    char const* stored; ///< JSON as `render_v1` writes it
};

constexpr sample samples[] = {
    {"bool", "true", "true"},
    {"bool", "FALSE", "false"},
    {"bool", "1", "true"},
    {"bool", "0", "false"},
    {"bool", "yes", "null"},
    {"bool", "2", "null"},
    {"bool", "", "null"},
    {"int", "2147483647", "2147483647"},
    {"int", "-2147483648", "-2147483648"},
    {"int", "2147483648", "null"},
    {"int", "-2147483649", "null"},
    {"int", "+7", "7"},
    {"int", "+-7", "null"},
    {"int", "1.5", "null"},
    {"int", "1e3", "null"},
    {"int", "   ", "null"},
    {"int", " 1", "null"},
    {"int", "0x10", "null"},
    {"long", "9223372036854775807", "9223372036854775807"},
    {"long", "-9223372036854775808", "-9223372036854775808"},
    {"long", "9223372036854775808", "null"},
    {"long", "12a", "null"},
    {"long", "-", "null"},
    {"real", "1.5", "1.5"},
    {"real", "-2e-3", "-0.002"},
    {"real", "+1", "1"},
    {"real", ".5", "0.5"},
    {"real", "5.", "5"},
    {"real", "NaN", "\"NaN\""},
    {"real", "-NaN", "null"},
    {"real", "inf", "\"Infinity\""},
    {"real", "+inf", "\"Infinity\""},
    {"real", "-inf", "\"-Infinity\""},
    {"real", "Infinity", "\"Infinity\""},
    {"real", "-Infinity", "\"-Infinity\""},
    {"real", "nan(1)", "null"},
    {"real", "0x1p3", "null"},
    {"real", "1,5", "null"},
    {"real", "1e999", "null"},
    {"real", "1.7976931348623157e308", "1.7976931348623157e+308"},
    {"decimal", "1.50", "\"1.5\""},
    {"decimal", "-0.0", "\"0\""},
    {"decimal", "0012", "\"12\""},
    {"decimal", "-.5", "\"-0.5\""},
    {"decimal", "12e2", "\"1200\""},
    {"decimal", "125E-2", "\"1.25\""},
    {"decimal", "1234567890123456789012345678901234", "\"1234567890123456789012345678901234\""},
    {"decimal", "12345678901234567890123456789012345", "null"},
    {"decimal", "0.0000000000000000000000000000000001", "\"0.0000000000000000000000000000000001\""},
    {"decimal", "1e40", "null"},
    {"decimal", "1.2.3", "null"},
    {"decimal", "NaN", "null"},
    {"decimal", ".", "null"},
    {"datetime", "2026-01-01T10:00:01.1234567Z", "\"2026-01-01T10:00:01.1234567Z\""},
    {"datetime", "2026-01-01T10:00:01.123456789Z", "\"2026-01-01T10:00:01.1234567Z\""},
    {"datetime", "2026-01-01 10:00:01", "\"2026-01-01T10:00:01.0000000Z\""},
    {"datetime", "2026-01-01T10:00", "\"2026-01-01T10:00:00.0000000Z\""},
    {"datetime", "2026-01-01", "\"2026-01-01T00:00:00.0000000Z\""},
    {"datetime", "2026-01-01T10:00:00+05:30", "\"2026-01-01T04:30:00.0000000Z\""},
    {"datetime", "2025-12-31T23:00:00-0200", "\"2026-01-01T01:00:00.0000000Z\""},
    {"datetime", "2024-02-29", "\"2024-02-29T00:00:00.0000000Z\""},
    {"datetime", "2023-02-29", "null"},
    {"datetime", "1900-02-29", "null"},
    {"datetime", "2000-02-29", "\"2000-02-29T00:00:00.0000000Z\""},
    {"datetime", "0001-01-01T00:00:00Z", "\"0001-01-01T00:00:00.0000000Z\""},
    {"datetime", "9999-12-31T23:59:59.9999999Z", "\"9999-12-31T23:59:59.9999999Z\""},
    {"datetime", "0001-01-01T00:00:00+01:00", "null"},
    {"datetime", "0000-01-01", "null"},
    {"datetime", "2026-13-01", "null"},
    {"datetime", "2026-01-01T24:00:00Z", "null"},
    {"datetime", "2026-01-01T10:00:60Z", "null"},
    {"datetime", "2026-01-01T10:00:00.Z", "null"},
    {"datetime", "2026-1-1", "null"},
    {"datetime", "1767261600", "null"},
    {"datetime", "Thu, 01 Jan 2026 10:00:01 GMT", "\"2026-01-01T10:00:01.0000000Z\""},
    {"timespan", "10:00:01", "\"10:00:01\""},
    {"timespan", "1.02:03:04.5", "\"1.02:03:04.5000000\""},
    {"timespan", "-00:00:00.0000001", "\"-00:00:00.0000001\""},
    {"timespan", "10675199.02:48:05.4775807", "\"10675199.02:48:05.4775807\""},
    {"timespan", "-10675199.02:48:05.4775808", "\"-10675199.02:48:05.4775808\""},
    {"timespan", "10675199.02:48:05.4775808", "null"},
    {"timespan", "24:00:00", "null"},
    {"timespan", "00:60:00", "null"},
    {"timespan", "1d", "null"},
    {"timespan", "5", "null"},
    {"guid", "74BE27DE-1e4e-49d9-b579-fe0b331d3642", "\"74be27de-1e4e-49d9-b579-fe0b331d3642\""},
    {"guid", "74be27de1e4e49d9b579fe0b331d3642", "null"},
    {"guid", "74be27de-1e4e-49d9-b579-fe0b331d364g", "null"},
    {"string", "", "\"\""},
    {"string", "  a ", "\"  a \""},
    {"string", "null", "\"null\""},
    {"dynamic", "", "null"},
    {"dynamic", "null", "null"},
    {"dynamic", "5", "\"5\""},
    {"dynamic", "abc", "\"\\\"abc\\\"\""},
    {"dynamic", "\"{\"\"a\"\": [1, \"\"x y\"\"] }\"", "\"{\\\"a\\\":[1,\\\"x y\\\"]}\""},
    {"dynamic", "\"{\"\"a\"\":}\"", "\"\\\"{\\\\\\\"a\\\\\\\":}\\\"\""},
};

} // namespace

BOOST_AUTO_TEST_CASE(every_type_takes_its_text_and_nothing_else)
{
    for (auto const& item : samples)
    {
        static_cast<void>(command(".drop table T ifexists"));
        static_cast<void>(command(".create table T (k:int, v:" + std::string(item.type) + ")"));
        std::string const text = item.text;
        bool const quote = text.find(',') != std::string::npos && text.front() != '"';
        BOOST_TEST(ingest("1," + (quote ? '"' + text + '"' : text)) == "Succeeded 1");
        auto const json = render_v1(query("T | project v"));
        std::string const expected = "\"Rows\":[[" + std::string(item.stored) + "]]";
        BOOST_TEST(json.find(expected) != std::string::npos,
                   item.type << " '" << item.text << "' gave " << json);
    }
}

BOOST_AUTO_TEST_CASE(malformed_utf8_becomes_the_replacement_character)
{
    static_cast<void>(command(".create table T (v:string)"));
    BOOST_TEST(ingest("a\xFFz\n\xC3(\n\xED\xA0\x80\n\xF0\x9F\x98\x80\n\xE2\x82\n") ==
               "Succeeded 5");
    std::string const mark = "\xEF\xBF\xBD";
    BOOST_TEST(rows("T") ==
               "'a" + mark + "z' '" + mark + "(' '" + mark + "' '\xF0\x9F\x98\x80' '" + mark + "'");
}

BOOST_AUTO_TEST_CASE(an_embedded_nul_is_kept)
{
    static_cast<void>(command(".create table T (v:string)"));
    BOOST_TEST(ingest(std::string("a\0b\n", 4)) == "Succeeded 1");
    BOOST_TEST(show(query("T")) == "'" + std::string("a\0b", 3) + "'");
}

BOOST_AUTO_TEST_CASE(strings_are_cut_and_dynamics_nulled_above_one_mebibyte)
{
    static_cast<void>(command(".create table T (s:string, d:dynamic)"));
    std::string const full(std::size_t(1) << 20, 'x');
    std::string const odd = full.substr(1) + "\xC3\xA9";
    BOOST_TEST(ingest(full + "," + full.substr(2) + "\n" + full + "y," + full + "\n" + odd +
                      ",1") == "Succeeded 3");
    auto const table = query("T");
    BOOST_TEST(std::get<std::string>(table.rows[0][0]).size() == full.size());
    BOOST_TEST(std::get<std::string>(table.rows[0][1]).size() == full.size());
    BOOST_TEST(std::get<std::string>(table.rows[1][0]).size() == full.size());
    BOOST_TEST(show(table.rows[1][1]) == "null");
    BOOST_TEST(std::get<std::string>(table.rows[2][0]).size() == full.size() - 1);
}

BOOST_AUTO_TEST_SUITE_END()

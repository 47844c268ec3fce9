#include <boost/test/unit_test.hpp>

#include <random>

#include "encoding.hpp"

using namespace text_test;

BOOST_AUTO_TEST_SUITE(csv_quoting)

BOOST_AUTO_TEST_CASE(quotes_stand_only_where_they_must)
{
    struct golden
    {
        char const* given;
        char const* text;
    };
    constexpr golden cases[] = {
        {"", ""},
        {"a", "a"},
        {" a ", " a "},
        {"\t", "\t"},
        {";|'", ";|'"},
        {",", "\",\""},
        {"\"", "\"\"\"\""},
        {"\"\"", "\"\"\"\"\"\""},
        {"a\nb", "\"a\nb\""},
        {"a\rb", "\"a\rb\""},
        {"\r\n", "\"\r\n\""},
        {"say \"hi\", please", "\"say \"\"hi\"\", please\""},
        {"0123456789abcdef,", "\"0123456789abcdef,\""},
        {"0123456789abcde\"0123456789abcdef", "\"0123456789abcde\"\"0123456789abcdef\""},
        {"\xef\xbb\xbfmark", "\"\xef\xbb\xbfmark\""},
    };
    for (auto const& c : cases)
        BOOST_TEST(field_text(c.given) == c.text);
}

BOOST_AUTO_TEST_CASE(a_record_of_one_empty_field_is_not_an_empty_line)
{
    BOOST_TEST(encoded(std::tuple("")) == "\"\"");
    BOOST_TEST(encoded(std::tuple(kusto::null)) == "\"\"");
    BOOST_TEST(encoded(std::tuple(std::optional<int>())) == "\"\"");
    BOOST_TEST(encoded(std::tuple("", "")) == ",");
    BOOST_TEST(encoded(kusto::row().add("")) == "\"\"");
}

BOOST_AUTO_TEST_CASE(another_decoder_reads_what_was_written)
{
    constexpr unsigned seed = 31;
    BOOST_TEST_MESSAGE("seed " << seed);
    std::mt19937 random(seed);
    constexpr std::string_view alphabet = "ab,\"\r\n \t;\xc3\xa4";
    auto const random_text = [&]
    {
        std::string text;
        auto const pieces = random() % 40;
        for (unsigned i = 0; i < pieces; ++i)
        {
            auto const at = random() % 10;
            text += at == 9 ? alphabet.substr(9) : alphabet.substr(at, 1);
        }
        return random() % 8 == 0 ? std::string() : text;
    };
    kusto::record_buffer out;
    std::vector<std::vector<std::string>> expected;
    for (int i = 0; i < 5000; ++i)
    {
        kusto::row record;
        std::vector<std::string> fields;
        auto const count = 1 + random() % 5;
        for (unsigned k = 0; k < count; ++k)
        {
            fields.push_back(random_text());
            record.add(fields.back());
        }
        (void)kusto::encode_record(record, out);
        expected.push_back(fields);
    }
    BOOST_TEST((decode_csv(out.view()) == expected));
}

BOOST_AUTO_TEST_CASE(text_that_is_not_utf8_is_refused_with_its_place)
{
    for (std::string const bad : {"\x80", "\xc0\xaf", "\xe0\x80\xaf", "\xed\xa0\x80",
                                  "\xf4\x90\x80\x80", "\xff", "\xc3", "\xe2\x82", "\xf0\x9f\x98"})
        for (std::size_t before : {0, 1, 15, 16, 17, 100})
        {
            auto const text = std::string(before, ',') + bad;
            auto const why = refusal(std::tuple(1, text));
            BOOST_TEST((why.code() == kusto::errc::invalid_utf8));
            BOOST_TEST(mentions(why, "field 2: the text is not UTF-8: byte 0x"));
            BOOST_TEST(mentions(why, "at offset " + std::to_string(before) + ";"));
            auto const nested = refusal(std::tuple(std::vector<std::string>{text}));
            BOOST_TEST((nested.code() == kusto::errc::invalid_utf8));
        }
    BOOST_TEST((refusal(std::tuple('\xe4')).code() == kusto::errc::invalid_utf8));
}

BOOST_AUTO_TEST_CASE(values_that_the_service_would_cut_are_refused)
{
    std::string const largest(kusto::max_value_bytes, 'x');
    BOOST_TEST(field_text(largest).size() == kusto::max_value_bytes);
    auto const why = refusal(std::tuple(largest + "x"));
    BOOST_TEST((why.code() == kusto::errc::invalid_record));
    BOOST_TEST(mentions(why, "field 1: the value has 1048577 bytes, more than the 1048576"));
    BOOST_TEST(mentions(why, "MaxValueSize"));
    // Quotes are not part of the value.
    BOOST_TEST(field_text(std::string(kusto::max_value_bytes, '"')).size() ==
               2 * kusto::max_value_bytes + 2);
    auto const json = refusal(std::tuple(std::vector<std::string>{largest}));
    BOOST_TEST(mentions(json, "the value has 1048580 bytes"));
    BOOST_TEST(mentions(refusal(std::tuple(kusto::dynamic::unchecked(largest + "x"))), "1048577"));
}

BOOST_AUTO_TEST_CASE(records_that_the_service_would_refuse_are_refused)
{
    kusto::row record;
    std::string const megabyte(1'000'000, 'x');
    for (int i = 0; i < 64; ++i)
        record.add(megabyte);
    auto const why = refusal(record);
    BOOST_TEST((why.code() == kusto::errc::record_too_large));
    BOOST_TEST(mentions(why, "the record has 64000064 bytes, more than the 64000000"));
    record[0] = std::string(megabyte.size() - 64, 'x');
    kusto::record_buffer out;
    (void)kusto::encode_record(record, out);
    BOOST_TEST(out.size() == kusto::max_record_bytes);
}

BOOST_AUTO_TEST_SUITE_END()

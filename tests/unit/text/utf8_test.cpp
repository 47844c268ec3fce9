#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <random>
#include <string>
#include <text/csv_scan.hpp>
#include <text/utf8.hpp>

using kusto::text::find_invalid_utf8;
using kusto::text::scan_field;

namespace
{

constexpr auto valid = std::string_view::npos;

/// Encodes without any check: surrogates and large numbers too.
std::string utf8_of(unsigned c)
{
    auto const tail = [](unsigned v) { return static_cast<char>(0x80 | (v & 0x3f)); };
    if (c < 0x80)
        return {static_cast<char>(c)};
    if (c < 0x800)
        return {static_cast<char>(0xc0 | c >> 6), tail(c)};
    if (c < 0x10000)
        return {static_cast<char>(0xe0 | c >> 12), tail(c >> 6), tail(c)};
    return {static_cast<char>(0xf0 | c >> 18), tail(c >> 12), tail(c >> 6), tail(c)};
}

} // namespace

BOOST_AUTO_TEST_SUITE(utf8)

BOOST_AUTO_TEST_CASE(every_code_point)
{
    for (unsigned c = 0; c < 0x200000; ++c)
    {
        bool const allowed = c < 0xd800 || (c > 0xdfff && c <= 0x10ffff);
        auto const text = utf8_of(c);
        if ((find_invalid_utf8(text) == valid) != allowed)
            BOOST_FAIL("U+" << std::hex << c);
    }
}

BOOST_AUTO_TEST_CASE(malformed_sequences_are_found_where_they_begin)
{
    for (std::string const bad : {"\x80",
                                  "\xbf",
                                  "\xc0\x80",
                                  "\xc1\xbf",
                                  "\xc2",
                                  "\xc2\x20",
                                  "\xe0\x80\x80",
                                  "\xe0\x9f\xbf",
                                  "\xe1\x80",
                                  "\xe1\x80\x41",
                                  "\xe1",
                                  "\xed\xa0\x80",
                                  "\xed\xbf\xbf",
                                  "\xf0\x80\x80\x80",
                                  "\xf0\x8f\xbf\xbf",
                                  "\xf1\x80\x80",
                                  "\xf1\x80",
                                  "\xf4\x90\x80\x80",
                                  "\xf5\x80\x80\x80",
                                  "\xf8\x88\x80\x80\x80",
                                  "\xfe",
                                  "\xff",
                                  "\xff\xff"})
        for (std::size_t before = 0; before < 40; ++before)
        {
            auto const prefix = std::string(before, 'x');
            BOOST_REQUIRE_EQUAL(find_invalid_utf8(prefix + bad), before);
            BOOST_REQUIRE_EQUAL(find_invalid_utf8("\xc3\xa9" + prefix + bad + "tail"), before + 2);
        }
}

BOOST_AUTO_TEST_CASE(scan_agrees_with_a_loop)
{
    constexpr unsigned seed = 5;
    BOOST_TEST_MESSAGE("seed " << seed);
    std::mt19937 random(seed);
    constexpr std::string_view alphabet = "abcdefghijklmnop\",\r\n\xc3";
    for (int i = 0; i < 20'000; ++i)
    {
        std::string text(random() % 70, ' ');
        auto const letters = random() % 4 == 0 ? alphabet.size() : 16;
        for (auto& c : text)
            c = alphabet[random() % letters];
        if (!text.empty() && random() % 2 == 0)
            text[random() % text.size()] = alphabet[16 + random() % 5];
        auto const scan = scan_field(text);
        BOOST_REQUIRE_EQUAL(scan.special, text.find_first_of("\",\r\n") != std::string::npos);
        BOOST_REQUIRE_EQUAL(scan.ascii, text.find('\xc3') == std::string::npos);
        BOOST_REQUIRE_EQUAL(scan.quotes, std::size_t(std::count(text.begin(), text.end(), '"')));
    }
}

BOOST_AUTO_TEST_SUITE_END()

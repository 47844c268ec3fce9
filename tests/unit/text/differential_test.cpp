// What is written fast against what is written plainly.
#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdio>
#include <cstring>
#include <limits>
#include <random>
#include <text/csv_scan.hpp>

#include "encoding.hpp"

using namespace text_test;
using namespace kusto;

namespace
{

std::mt19937_64 seeded(unsigned seed)
{
    BOOST_TEST_MESSAGE("seed " << seed);
    return std::mt19937_64(seed);
}

std::string by_to_chars(double v)
{
    char text[40];
    return std::string(text, std::to_chars(text, text + sizeof(text), v).ptr);
}

std::string real_text(double v)
{
    char text[detail::real_text_size];
    return std::string(text, detail::format_real(v, text));
}

void check_real(double v)
{
    for (double const one : {v, -v})
        if (real_text(one) != by_to_chars(one))
            BOOST_FAIL(real_text(one) << " instead of " << by_to_chars(one));
}

void check_integer(std::int64_t v)
{
    char text[detail::integer_text_size];
    std::string const written(text, detail::format_integer(v, text));
    if (written != std::to_string(v))
        BOOST_FAIL(written << " instead of " << v);
}

std::string plain_datetime(std::int64_t ticks)
{
    using namespace std::chrono;
    auto const days_there = ticks / 864'000'000'000;
    auto const of_day = ticks % 864'000'000'000;
    year_month_day const date(sys_days(year(1) / 1 / 1) + days(days_there));
    char text[64];
    std::snprintf(text, sizeof(text), "%04d-%02u-%02uT%02d:%02d:%02d.%07dZ",
                  static_cast<int>(date.year()), static_cast<unsigned>(date.month()),
                  static_cast<unsigned>(date.day()), static_cast<int>(of_day / 36'000'000'000),
                  static_cast<int>(of_day / 600'000'000 % 60),
                  static_cast<int>(of_day / 10'000'000 % 60),
                  static_cast<int>(of_day % 10'000'000));
    return text;
}

std::string plain_timespan(std::int64_t ticks)
{
    auto const magnitude = ticks < 0 ? 0 - static_cast<std::uint64_t>(ticks)
                                     : static_cast<std::uint64_t>(ticks);
    char text[64];
    std::string made = ticks < 0 ? "-" : "";
    if (auto const days = magnitude / 864'000'000'000)
        made += std::to_string(days) + ".";
    std::snprintf(text, sizeof(text), "%02d:%02d:%02d",
                  static_cast<int>(magnitude / 36'000'000'000 % 24),
                  static_cast<int>(magnitude / 600'000'000 % 60),
                  static_cast<int>(magnitude / 10'000'000 % 60));
    made += text;
    std::snprintf(text, sizeof(text), ".%07d", static_cast<int>(magnitude % 10'000'000));
    return magnitude % 10'000'000 == 0 ? made : made + text;
}

/// RFC 4180, character by character.
bool plain_is_one_record(std::string_view line)
{
    enum { field_start, plain, quoted, after_quote } at = field_start;
    for (char const c : line)
        switch (at)
        {
        case field_start:
        case plain:
            if (c == '\r' || c == '\n' || (c == '"' && at == plain))
                return false;
            at = c == ',' ? field_start : c == '"' ? quoted : plain;
            break;
        case quoted:
            at = c == '"' ? after_quote : quoted;
            break;
        case after_quote:
            if (c != ',' && c != '"')
                return false;
            at = c == ',' ? field_start : quoted;
            break;
        }
    return at != quoted;
}

void check_line(std::string_view line)
{
    if (text::is_one_record(line) != plain_is_one_record(line))
        BOOST_FAIL("disagreement about " << line);
    auto const scan = text::scan_line(line);
    if (scan.special != (line.find_first_of("\"\r\n") != line.npos))
        BOOST_FAIL("special characters in " << line);
    // Whatever the fast check says, the exact one agrees.
    if (line.empty() || line.back() == '\n' || line.back() == '\r' || !is_utf8(line))
        return;
    record_buffer out;
    bool accepted = true;
    try
    {
        (void)encode_record(csv_line(line), out);
    }
    catch (error const& e)
    {
        accepted = false;
        if (!mentions(e.why(), "field "))
            BOOST_FAIL("no reason for " << line);
    }
    if (accepted != plain_is_one_record(line))
        BOOST_FAIL("wrongly accepted or refused: " << line);
}

/// Everything that is said of one text, at one alignment.
void check_scan(std::string const& text)
{
    bool const special = text.find_first_of(",\"\r\n") != text.npos;
    bool const ascii = std::none_of(text.begin(), text.end(), [](char c) { return c < 0; });
    auto const field = text::scan_field(text);
    auto const line = text::scan_line(text);
    bool const right =
        field.special == special && field.ascii == ascii && line.ascii == ascii &&
        field.quotes == static_cast<std::size_t>(std::count(text.begin(), text.end(), '"')) &&
        line.special == (text.find_first_of("\"\r\n") != text.npos);
    if (!right)
        BOOST_FAIL("wrong about " << text);
    for (std::size_t const offset : {0u, 1u, 7u})
    {
        std::string source = std::string(offset, ',') + text + ",\"";
        std::string copy(offset + text.size() + 8, '#');
        bool const is_plain = text::copy_field(
            copy.data() + offset, std::string_view(source).substr(offset, text.size()));
        if (is_plain != (!special && ascii))
            BOOST_FAIL("wrong about the copy of " << text);
        if (copy != std::string(offset, '#') + text + "########")
            BOOST_FAIL("copied " << copy << " instead of " << text);
    }
}

} // namespace

BOOST_AUTO_TEST_SUITE(differential)

BOOST_AUTO_TEST_CASE(integers_of_every_length)
{
    std::uint64_t power = 1;
    for (int digits = 1; digits <= 19; ++digits, power *= 10)
        for (std::int64_t near = -2; near <= 2; ++near)
        {
            auto const v = static_cast<std::int64_t>(power) + near;
            check_integer(v);
            check_integer(-v);
        }
    check_integer(0);
    check_integer(std::numeric_limits<std::int64_t>::max());
    check_integer(std::numeric_limits<std::int64_t>::min());
    auto random = seeded(11);
    for (int i = 0; i < 200'000; ++i)
        check_integer(static_cast<std::int64_t>(random() >> (random() % 64)));
    for (std::int64_t v = -20'000; v <= 20'000; ++v)
        check_integer(v);
}

BOOST_AUTO_TEST_CASE(reals_of_few_digits)
{
    auto random = seeded(12);
    for (int i = 0; i < 300'000; ++i)
    {
        // Up to 17 digits, up to 9 of them behind the point.
        auto const digits = static_cast<double>(random() % 100'000'000'000'000'000 >>
                                                (random() % 56));
        auto const v = digits / std::pow(10, static_cast<double>(random() % 10));
        check_real(v);
        check_real(std::nextafter(v, 0));
        check_real(std::nextafter(v, 1e300));
    }
}

BOOST_AUTO_TEST_CASE(reals_with_trailing_zeros_and_at_limits)
{
    for (int power = -20; power <= 22; ++power)
        for (int lead = 1; lead <= 2000; ++lead)
            check_real(lead * std::pow(10, power));
    for (double const limit : {0.001, 0.01, 1.0, 1e9, 1e15, 9007199254740992.0, 1e22})
        for (double v : {std::nextafter(limit, 0), limit, std::nextafter(limit, 1e300)})
            for (double const change : {0.0, 1e-6, 5e-7, -1e-6, -5e-7, 1.0, -1.0})
                check_real(v + change);
    for (double const v : {0.0, std::numeric_limits<double>::min(),
                           std::numeric_limits<double>::denorm_min(),
                           std::numeric_limits<double>::max()})
        check_real(v);
}

BOOST_AUTO_TEST_CASE(reals_of_any_bits)
{
    auto random = seeded(13);
    for (int i = 0; i < 300'000; ++i)
    {
        auto const bits = random();
        double v = 0;
        std::memcpy(&v, &bits, sizeof(v));
        if (std::isfinite(v))
            check_real(v);
    }
}

BOOST_AUTO_TEST_CASE(times)
{
    auto random = seeded(14);
    for (int i = 0; i < 100'000; ++i)
    {
        auto const ticks = static_cast<std::int64_t>(random() % (datetime::max_ticks + 1));
        if (datetime::from_ticks(ticks).to_string() != plain_datetime(ticks))
            BOOST_FAIL(datetime::from_ticks(ticks).to_string() << ", " << plain_datetime(ticks));
        auto span = static_cast<std::int64_t>(random() >> (random() % 64));
        if (random() % 4 == 0)
            span = span / 10'000'000 * 10'000'000;
        if (timespan::from_ticks(span).to_string() != plain_timespan(span))
            BOOST_FAIL(timespan::from_ticks(span).to_string() << ", " << plain_timespan(span));
    }
    for (std::int64_t day = 0; day <= datetime::max_ticks / 864'000'000'000; ++day)
    {
        auto const ticks = day * 864'000'000'000 + (day % 2 == 0 ? 0 : 863'999'999'999);
        BOOST_REQUIRE_EQUAL(datetime::from_ticks(ticks).to_string(), plain_datetime(ticks));
    }
    for (auto const ticks : {std::numeric_limits<std::int64_t>::min(), std::int64_t(-1),
                             std::int64_t(0), std::numeric_limits<std::int64_t>::max()})
        BOOST_TEST(timespan::from_ticks(ticks).to_string() == plain_timespan(ticks));
}

BOOST_AUTO_TEST_CASE(guids)
{
    auto random = seeded(15);
    for (int i = 0; i < 1000; ++i)
    {
        std::array<std::uint8_t, 16> bytes{};
        for (auto& b : bytes)
            b = static_cast<std::uint8_t>(random());
        std::string expected;
        for (std::size_t k = 0; k < 16; ++k)
        {
            char hex[4];
            std::snprintf(hex, sizeof(hex), "%02x", bytes[k]);
            expected += k == 4 || k == 6 || k == 8 || k == 10 ? "-" : "";
            expected += hex;
        }
        BOOST_REQUIRE_EQUAL(guid(bytes).to_string(), expected);
    }
}

BOOST_AUTO_TEST_CASE(scans_at_every_length_and_place)
{
    for (std::size_t size = 0; size <= 70; ++size)
    {
        check_scan(std::string(size, 'x'));
        for (std::size_t place = 0; place < size; ++place)
            for (char const c : {',', '"', '\r', '\n', '\x80', '\xff', '\0', '\x7f', '!', '-'})
            {
                std::string text(size, 'x');
                text[place] = c;
                check_scan(text);
            }
    }
}

BOOST_AUTO_TEST_CASE(lines_at_every_place_of_a_piece)
{
    // Around the ends of pieces of 64 bytes.
    for (std::size_t before = 0; before <= 130; ++before)
        for (std::string_view const tail :
             {"", "\"", "\"\"", "\"\"\"", "\"\"\"\"", ",\"a\"", ",\"a\",b", ",\"a\"\"b\"",
              ",\"a\"b", ",a\"", ",\"a\nb\"", ",\"a\"\nb", ",\"a\r", ",\"\",", ",\"\"x", "\n"})
            for (std::string_view const head : {"", "\"", "\"\"", ","})
                check_line(std::string(head) + std::string(before, 'x') + std::string(tail));
}

BOOST_AUTO_TEST_CASE(random_lines)
{
    auto random = seeded(16);
    constexpr std::string_view alphabet = ",\"\n\rab\xc3";
    for (int i = 0; i < 300'000; ++i)
    {
        std::string line(random() % (i % 2 == 0 ? 12 : 150), 'x');
        auto const letters = 2 + random() % 6;
        auto const density = 1 + random() % 12;
        for (auto& c : line)
            if (random() % density == 0)
                c = alphabet[random() % letters];
        if (i % 3 == 0)
            line = "\"" + line + "\"";
        check_line(line);
    }
}

BOOST_AUTO_TEST_SUITE_END()

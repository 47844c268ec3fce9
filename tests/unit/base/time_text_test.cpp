#include <base/time_text.hpp>
#include <boost/test/unit_test.hpp>
#include <cstdlib>
#include <ctime>

using namespace kusto::base;
using namespace std::chrono;

namespace
{

utc_time_point at(std::int64_t seconds_, std::int64_t nanoseconds_ = 0)
{
    return utc_time_point(
        duration_cast<utc_time_point::duration>(seconds(seconds_) + nanoseconds(nanoseconds_)));
}

} // namespace

BOOST_AUTO_TEST_SUITE(time_text_test)

BOOST_AUTO_TEST_CASE(writes)
{
    auto const when = at(1795345186, 123456789);
    BOOST_TEST(rfc1123_text(when) == "Sun, 22 Nov 2026 10:59:46 GMT");
    BOOST_TEST(iso_text(when) == "2026-11-22T10:59:46.1234567Z");
    BOOST_TEST(compact_text(when) == "20261122T105946123Z");
    BOOST_TEST(iso_text(at(0)) == "1970-01-01T00:00:00.0000000Z");
    BOOST_TEST(iso_text(at(-1)) == "1969-12-31T23:59:59.0000000Z");
}

BOOST_AUTO_TEST_CASE(does_not_depend_on_the_time_zone)
{
    ::setenv("TZ", "Asia/Kolkata", 1);
    ::tzset();
    BOOST_TEST(rfc1123_text(at(1795345186)) == "Sun, 22 Nov 2026 10:59:46 GMT");
    BOOST_TEST((parse_iso("2026-11-22T10:59:46") == at(1795345186)));
    ::unsetenv("TZ");
    ::tzset();
}

BOOST_AUTO_TEST_CASE(reads_the_forms_of_a_signature)
{
    struct row
    {
        char const* text;
        utc_time_point when;
    };
    for (auto const& r : {
             row{"2026-11-22", at(1795305600)},
             row{"2026-11-22T10:59Z", at(1795345140)},
             row{"2026-11-22T10:59:46Z", at(1795345186)},
             row{"2026-11-22T10:59:46.1234567Z", at(1795345186, 123456700)},
             row{"2026-11-22T10:59:46.5", at(1795345186, 500000000)},
             row{"2026-11-22 16:29:46+05:30", at(1795345186)},
             row{"2026-11-22T02:59:46-0800", at(1795345186)},
             row{"9999-12-31T23:59:59Z", utc_time_point::max()},
             row{"0001-01-01T00:00:00Z", utc_time_point::min()},
         })
    {
        auto const read = parse_iso(r.text);
        BOOST_TEST((read && *read == r.when), r.text);
    }
    for (char const* text :
         {"", "2026", "2026-13-01", "2026-02-30", "2026-11-22T", "2026-11-22T10",
          "2026-11-22T24:00Z", "2026-11-22T10:60Z", "2026-11-22T10:59:46.Z", "2026-11-22T10:59Zx",
          "2026-11-22T10:59+5", "26-11-22", "2026-11-22T10:59:46.1x"})
        BOOST_TEST(!parse_iso(text).has_value(), text);
}

BOOST_AUTO_TEST_CASE(reads_http_dates)
{
    BOOST_TEST((parse_rfc1123("Sun, 22 Nov 2026 10:59:46 GMT") == at(1795345186)));
    for (char const* text : {"", "Sun", "22 Nov 2026 10:59:46 GMT", "Sun, 22 Xxx 2026 10:59:46 GMT",
                             "Sun, 22 Nov 2026 10:59:46", "Sun, 32 Nov 2026 10:59:46 GMT"})
        BOOST_TEST(!parse_rfc1123(text).has_value(), text);
}

BOOST_AUTO_TEST_CASE(reads_dates_that_begin_with_the_month)
{
    struct row
    {
        char const* text;
        utc_time_point when;
    };
    for (auto const& r : {
             row{"11/22/2026 10:59:46 +00:00", at(1795345186)},
             row{"11/22/2026 10:59:46 AM +00:00", at(1795345186)},
             row{"1/5/2030 9:08:07 PM +00:00", at(1893877687)},
             row{"01/05/2030 21:08:07 +00:00", at(1893877687)},
             row{" 01/05/2030 21:08:07 ", at(1893877687)},
             row{"01/05/2030 21:08:07Z", at(1893877687)},
             row{"01/05/2030 21:08:07 +02:30", at(1893868687)},
             row{"01/05/2030 21:08:07 -01:00", at(1893881287)},
             row{"1/5/2030 12:00:00 AM +00:00", at(1893801600)},
             row{"1/5/2030 12:00:00 pm +00:00", at(1893844800)},
         })
    {
        auto const read = parse_slashed(r.text);
        BOOST_TEST((read && *read == r.when), r.text);
    }
    for (char const* text :
         {"", "1/5/2030", "13/5/2030 10:00:00 +00:00", "2/30/2030 10:00:00 +00:00",
          "1/5/30 10:00:00 +00:00", "1/5/2030 24:00:00 +00:00", "1/5/2030 10:60:00 +00:00",
          "1/5/2030 13:00:00 PM +00:00", "1/5/2030 0:00:00 AM +00:00", "1/5/2030 10:00 +00:00",
          "1/5/2030 10:00:00 +0000", "1/5/2030 10:00:00 +00:00x", "1/5/2030 10:00:00 XM",
          "001/5/2030 10:00:00", "1/5/9999 10:00:00 +00:00"})
        BOOST_TEST(!parse_slashed(text).has_value(), text);
}

BOOST_AUTO_TEST_CASE(reads_retry_after)
{
    auto const now = at(1795345186);
    BOOST_TEST((parse_retry_after("0", now) == 0ms));
    BOOST_TEST((parse_retry_after(" 17 ", now) == 17s));
    BOOST_TEST((parse_retry_after("99999999999999999999", now) == 24h));
    BOOST_TEST((parse_retry_after("Sun, 22 Nov 2026 11:00:46 GMT", now) == 60s));
    BOOST_TEST((parse_retry_after("Sun, 22 Nov 2026 10:00:46 GMT", now) == 0s));
    BOOST_TEST((parse_retry_after("Sun, 22 Nov 9999 10:00:46 GMT", now) == 24h));
    for (char const* text : {"", "-1", "soon", "1.5"})
        BOOST_TEST(!parse_retry_after(text, now).has_value(), text);
}

BOOST_AUTO_TEST_SUITE_END()

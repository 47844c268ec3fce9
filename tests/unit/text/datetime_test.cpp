#include <boost/test/unit_test.hpp>

#include <cmath>
#include <kusto/datetime.hpp>
#include <kusto/error.hpp>
#include <limits>
#include <random>

using kusto::datetime;
using kusto::timespan;
using namespace std::chrono_literals;

namespace
{

constexpr auto smallest = std::numeric_limits<std::int64_t>::min();
constexpr auto largest = std::numeric_limits<std::int64_t>::max();

struct timespan_case
{
    std::int64_t ticks;
    char const* text;
};

constexpr timespan_case timespans[] = {
    {0, "00:00:00"},
    {1, "00:00:00.0000001"},
    {-1, "-00:00:00.0000001"},
    {10'000'000, "00:00:01"},
    {-10'000'000, "-00:00:01"},
    {863'999'999'999, "23:59:59.9999999"},
    {864'000'000'000, "1.00:00:00"},
    {-864'000'000'001, "-1.00:00:00.0000001"},
    {36'610'000'000, "01:01:01"},
    {largest, "10675199.02:48:05.4775807"},
    {smallest, "-10675199.02:48:05.4775808"},
};

struct datetime_case
{
    std::int64_t ticks;
    char const* text;
};

constexpr datetime_case datetimes[] = {
    {0, "0001-01-01T00:00:00.0000000Z"},
    {1, "0001-01-01T00:00:00.0000001Z"},
    {datetime::unix_epoch_ticks, "1970-01-01T00:00:00.0000000Z"},
    {datetime::unix_epoch_ticks - 1, "1969-12-31T23:59:59.9999999Z"},
    {630'822'816'000'000'000, "2000-01-01T00:00:00.0000000Z"},
    {630'873'792'000'000'000, "2000-02-29T00:00:00.0000000Z"},
    {630'874'656'000'000'000, "2000-03-01T00:00:00.0000000Z"},
    {599'317'056'000'000'000, "1900-03-01T00:00:00.0000000Z"},
    {599'316'191'999'999'999, "1900-02-27T23:59:59.9999999Z"},
    {datetime::max_ticks, "9999-12-31T23:59:59.9999999Z"},
};

bool leap(int year)
{
    return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

} // namespace

BOOST_AUTO_TEST_SUITE(datetime_and_timespan)

BOOST_AUTO_TEST_CASE(timespan_text_both_ways)
{
    for (auto const& c : timespans)
    {
        BOOST_TEST(timespan::from_ticks(c.ticks).to_string() == c.text);
        BOOST_TEST(timespan::parse(c.text).ticks() == c.ticks);
    }
    BOOST_TEST(timespan::parse("1:02:03").ticks() == 37'230'000'000);
    BOOST_TEST(timespan::parse("00:00:00.5").ticks() == 5'000'000);
    BOOST_TEST(timespan::parse("00:00:00.123456789").ticks() == 1'234'567);
    BOOST_TEST(timespan::parse("-00:00:00").ticks() == 0);
}

BOOST_AUTO_TEST_CASE(timespan_refuses_other_text)
{
    for (auto const* text :
         {"", "-", "1", "1d", "1:2", "24:00:00", "00:60:00", "00:00:60", "1.24:00:00", "00:00:00.",
          "00:00:00x", "+00:00:01", " 00:00:01", "10675199.02:48:05.4775808",
          "-10675199.02:48:05.4775809", "10675200.00:00:00", "123456789.00:00:00", "PT5M"})
        BOOST_TEST(!timespan::try_parse(text), text);
    BOOST_CHECK_THROW((void)timespan::parse("1d"), kusto::error);
}

BOOST_AUTO_TEST_CASE(timespan_from_durations)
{
    BOOST_TEST(timespan(99ns).ticks() == 0);
    BOOST_TEST(timespan(-99ns).ticks() == 0);
    BOOST_TEST(timespan(100ns).ticks() == 1);
    BOOST_TEST(timespan(1h).ticks() == 36'000'000'000);
    BOOST_TEST(timespan(std::chrono::duration<double>(0.5)).ticks() == 5'000'000);
    BOOST_TEST(timespan(std::chrono::duration<double>(-0.25)).ticks() == -2'500'000);
    BOOST_TEST(timespan(std::chrono::duration<int, std::ratio<1, 3>>(1)).ticks() == 3'333'333);
    BOOST_TEST(timespan(std::chrono::duration<int, std::ratio<1, 3>>(-4)).ticks() == -13'333'333);
    BOOST_TEST(timespan(std::chrono::nanoseconds::max()).ticks() == largest / 100);
    BOOST_TEST(timespan(kusto::tick_duration(smallest)).ticks() == smallest);
    BOOST_CHECK_THROW((void)timespan(std::chrono::hours::max()), kusto::error);
    BOOST_CHECK_THROW((void)timespan(std::chrono::seconds::min()), kusto::error);
    BOOST_CHECK_THROW((void)timespan(std::chrono::duration<double>(std::nan(""))), kusto::error);
    BOOST_CHECK_THROW((void)timespan(std::chrono::duration<double>(1e300)), kusto::error);
    using unsigned_ticks = std::chrono::duration<std::uint64_t, std::ratio<1, 10'000'000>>;
    BOOST_CHECK_THROW((void)timespan(unsigned_ticks(std::uint64_t(1) << 63)), kusto::error);
    BOOST_TEST(timespan(unsigned_ticks((std::uint64_t(1) << 63) - 1)).ticks() == largest);
}

BOOST_AUTO_TEST_CASE(datetime_text_both_ways)
{
    for (auto const& c : datetimes)
    {
        BOOST_TEST(datetime::from_ticks(c.ticks).to_string() == c.text);
        BOOST_TEST(datetime::parse(c.text).ticks() == c.ticks);
    }
}

BOOST_AUTO_TEST_CASE(every_day_of_the_calendar_follows_the_one_before)
{
    constexpr int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    std::int64_t ticks = 0;
    char expected[40];
    bool same = true;
    for (int year = 1; year <= 9999; ++year)
        for (int month = 1; month <= 12; ++month)
        {
            int const last = month == 2 && leap(year) ? 29 : days[month - 1];
            for (int day = 1; day <= last; ++day, ticks += 864'000'000'000)
            {
                same = same && datetime(year, month, day).ticks() == ticks;
                if (day != 1 && day != last)
                    continue;
                std::snprintf(expected, sizeof(expected), "%04d-%02d-%02dT00:00:00.0000000Z", year,
                              month, day);
                same = same && datetime::from_ticks(ticks).to_string() == expected;
            }
            BOOST_REQUIRE_MESSAGE(same, year << "-" << month);
        }
    BOOST_TEST(ticks == datetime::max_ticks + 1);
}

BOOST_AUTO_TEST_CASE(datetime_accepts_iso_forms)
{
    auto const noon = datetime(2026, 1, 2, 12, 30).ticks();
    for (auto const* text :
         {"2026-01-02T12:30Z", "2026-01-02 12:30", "2026-01-02T12:30:00", "2026-01-02t12:30:00z",
          "2026-01-02T12:30:00.0Z", "2026-01-02T18:00:00+05:30", "2026-01-02T04:30:00-0800",
          "2026-01-02T13:30+01", "2026-01-02T12:30:00.00000009Z"})
        BOOST_TEST(datetime::parse(text).ticks() == noon, text);
    BOOST_TEST(datetime::parse("2026-01-02").ticks() == datetime(2026, 1, 2).ticks());
    BOOST_TEST(datetime::parse("2026-01-02T00:00:00.1").ticks() ==
               datetime(2026, 1, 2).ticks() + 1'000'000);
}

BOOST_AUTO_TEST_CASE(datetime_refuses_what_does_not_exist)
{
    for (auto const* text : {"",
                             "2026",
                             "2026-1-2",
                             "2026-13-01",
                             "2026-00-01",
                             "2026-02-29",
                             "1900-02-29",
                             "2026-04-31",
                             "2026-01-00",
                             "0000-01-01",
                             "2026-01-02T",
                             "2026-01-02T12",
                             "2026-01-02T24:00",
                             "2026-01-02T12:60",
                             "2026-01-02T12:30:60Z",
                             "2026-01-02T12:30:00.Z",
                             "2026-01-02T12:30ZZ",
                             "2026-01-02Z",
                             "2026-01-02T12:30+15:00",
                             "2026-01-02T12:30+1",
                             " 2026-01-02",
                             "2026-01-02 ",
                             "0001-01-01T00:00+00:01",
                             "9999-12-31T23:59-00:01",
                             "12026-01-01"})
        BOOST_TEST(!datetime::try_parse(text), text);
    BOOST_CHECK_THROW((void)datetime::parse("yesterday"), kusto::error);
    BOOST_CHECK_THROW(datetime(2026, 2, 29), kusto::error);
    BOOST_CHECK_THROW(datetime(2026, 1, 1, 24), kusto::error);
    BOOST_CHECK_THROW(datetime(2026, 1, 1, 0, 0, 0, 10'000'000), kusto::error);
    BOOST_CHECK_THROW((void)datetime::from_ticks(-1), kusto::error);
    BOOST_CHECK_THROW((void)datetime::from_ticks(datetime::max_ticks + 1), kusto::error);
}

BOOST_AUTO_TEST_CASE(datetime_from_the_system_clock)
{
    using clock = std::chrono::system_clock;
    BOOST_TEST(datetime(clock::time_point()).ticks() == datetime::unix_epoch_ticks);
    BOOST_TEST(datetime(clock::time_point(-1ns)).ticks() == datetime::unix_epoch_ticks - 1);
    BOOST_TEST(datetime(clock::time_point(99ns)).ticks() == datetime::unix_epoch_ticks);
    datetime::sys_time<std::chrono::days> const day(std::chrono::days(20'454));
    BOOST_TEST(datetime(day).to_string() == "2026-01-01T00:00:00.0000000Z");
    datetime::sys_time<std::chrono::seconds> const too_early(std::chrono::seconds(-62'135'596'801));
    BOOST_CHECK_THROW((void)datetime(too_early), kusto::error);
    datetime::sys_time<std::chrono::seconds> const first(std::chrono::seconds(-62'135'596'800));
    BOOST_TEST(datetime(first).ticks() == 0);
    datetime::sys_time<std::chrono::seconds> const too_late(std::chrono::seconds(253'402'300'800));
    BOOST_CHECK_THROW((void)datetime(too_late), kusto::error);
    BOOST_TEST((datetime(2026, 1, 2) - datetime(2026, 1, 1)).to_string() == "1.00:00:00");
}

BOOST_AUTO_TEST_CASE(random_values_round_trip)
{
    constexpr std::uint64_t seed = 77;
    BOOST_TEST_MESSAGE("seed " << seed);
    std::mt19937_64 random(seed);
    for (int i = 0; i < 20'000; ++i)
    {
        auto const span = timespan::from_ticks(static_cast<std::int64_t>(random() >> (i % 64)));
        BOOST_REQUIRE(timespan::parse(span.to_string()) == span);
        auto const when = datetime::from_ticks(
            static_cast<std::int64_t>(random() % (std::uint64_t(datetime::max_ticks) + 1)));
        BOOST_REQUIRE(datetime::parse(when.to_string()) == when);
        BOOST_REQUIRE(datetime(when.time_point()) == when);
    }
}

BOOST_AUTO_TEST_SUITE_END()

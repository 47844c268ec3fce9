#include <core/status_schedule.hpp>

#include <boost/test/unit_test.hpp>

namespace
{

using namespace std::chrono_literals;
using kusto::core::status_schedule;

auto const start = status_schedule::time_point(1000h);

} // namespace

BOOST_AUTO_TEST_SUITE(status_schedule_tests)

BOOST_AUTO_TEST_CASE(intervals_grow_by_half_up_to_fifteen_seconds)
{
    status_schedule s(start, 0.5);
    auto now = start;
    for (auto const expected :
         {1000ms, 1500ms, 2250ms, 3375ms, 5062ms, 7593ms, 11390ms, 15000ms, 15000ms})
    {
        auto const interval = s.next() - now;
        BOOST_TEST((interval >= expected && interval < expected + 2ms));
        now = s.next();
        s.again(now, 0.5);
    }
}

BOOST_AUTO_TEST_CASE(jitter_is_a_fifth)
{
    BOOST_TEST((status_schedule(start, 0.0).next() == start + 800ms));
    BOOST_TEST((status_schedule(start, 0.999).next() < start + 1200ms));
    BOOST_TEST((status_schedule(start, 0.999).next() > start + 1199ms));
}

BOOST_AUTO_TEST_CASE(a_missing_entity_may_appear_within_a_minute)
{
    status_schedule s(start, 0.5);
    s.again(start + 30s, 0.5);
    BOOST_TEST(s.may_appear(start + 59s));
    BOOST_TEST(!s.may_appear(start + 60s));
}

BOOST_AUTO_TEST_SUITE_END()

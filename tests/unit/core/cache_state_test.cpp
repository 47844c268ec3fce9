#include <core/cache_state.hpp>

#include <boost/test/unit_test.hpp>

namespace
{

using namespace std::chrono_literals;
using kusto::errc;
using kusto::failure;
using kusto::stage;
using kusto::core::cache_state;
using kusto::core::lifetime_of_signatures;
using advice = cache_state::advice;

auto const start = cache_state::time_point(1000h);

failure why()
{
    return failure(errc::service_unavailable, stage::resources, "down");
}

cache_state make()
{
    return cache_state(cache_state::pauses(60s, 600s, 2s));
}

} // namespace

BOOST_AUTO_TEST_SUITE(cache_state_tests)

BOOST_AUTO_TEST_CASE(empty)
{
    auto s = make();
    BOOST_TEST((s.look(start) == advice::must_wait));
    BOOST_TEST(!s.usable(start));
}

BOOST_AUTO_TEST_CASE(ages_of_a_value)
{
    auto s = make();
    s.renewed(start + 10s, start + 20s);
    BOOST_TEST((s.look(start) == advice::fresh));
    BOOST_TEST((s.look(start + 9999ms) == advice::fresh));
    BOOST_TEST((s.look(start + 10s) == advice::refresh_in_background));
    BOOST_TEST((s.look(start + 19999ms) == advice::refresh_in_background));
    BOOST_TEST((s.look(start + 20s) == advice::must_wait));
}

BOOST_AUTO_TEST_CASE(a_failed_refresh_keeps_the_value_and_pauses)
{
    auto s = make();
    s.renewed(start + 10s, start + 10h);
    auto now = start + 10s;
    for (auto const pause : {60s, 120s, 240s, 480s, 600s, 600s})
    {
        BOOST_TEST((s.look(now) == advice::refresh_in_background));
        s.failed(now, why(), 0.0);
        BOOST_TEST((s.look(now) == advice::fresh));
        BOOST_TEST((s.look(now + pause - 1ms) == advice::fresh));
        now += pause;
    }
    s.failed(now, why(), 0.5);
    BOOST_TEST((s.look(now + 659s) == advice::fresh));
    BOOST_TEST((s.look(now + 660s) == advice::refresh_in_background));
    s.renewed(now + 1h, now + 2h);
    BOOST_TEST(!s.last_failure().has_value());
    BOOST_TEST((s.look(now) == advice::fresh));
    BOOST_TEST((s.look(now + 1h) == advice::refresh_in_background));
}

BOOST_AUTO_TEST_CASE(an_expired_value_is_not_used_while_refreshing_fails)
{
    auto s = make();
    s.renewed(start, start + 10s);
    s.failed(start + 9s, why(), 0.0);
    BOOST_TEST((s.look(start + 10s) == advice::failed_until));
    BOOST_TEST((s.look(start + 11s) == advice::must_wait));
}

BOOST_AUTO_TEST_CASE(without_a_value_a_failure_is_remembered_for_a_moment)
{
    auto s = make();
    s.failed(start, why(), 0.9);
    BOOST_TEST((s.look(start + 1999ms) == advice::failed_until));
    BOOST_REQUIRE(s.last_failure().has_value());
    BOOST_TEST((s.last_failure()->code() == errc::service_unavailable));
    BOOST_TEST((s.look(start + 2s) == advice::must_wait));
}

BOOST_AUTO_TEST_CASE(refusals_are_remembered_longer_each_time)
{
    cache_state s(cache_state::pauses(60s, 600s, 2s, 15s));
    auto const passing = why().retryable(true);
    auto now = start;
    struct row
    {
        bool may_pass;
        cache_state::duration memory;
    };
    for (auto const& r :
         {row{false, 2s}, row{false, 4s}, row{true, 2s}, row{true, 2s}, row{false, 2s},
          row{false, 4s}, row{false, 8s}, row{false, 15s}, row{false, 15s}})
    {
        s.failed(now, r.may_pass ? passing : why(), 0.9);
        BOOST_TEST((s.look(now + r.memory - 1ms) == advice::failed_until));
        BOOST_TEST((s.look(now + r.memory) == advice::must_wait));
        now += r.memory;
    }
    s.renewed(now + 1h, now + 2h);
    s.invalidate();
    s.failed(now, why(), 0.9);
    BOOST_TEST((s.look(now + 2s) == advice::must_wait));
}

BOOST_AUTO_TEST_CASE(the_service_s_wish_to_wait_is_kept_to)
{
    auto s = make();
    s.failed(start, why().retryable(true).retry_after(90s), 0.0);
    BOOST_TEST((s.look(start + 90s - 1ms) == advice::failed_until));
    BOOST_TEST((s.look(start + 90s) == advice::must_wait));
    s.failed(start, why().retry_after(10h), 0.0); // five minutes at most
    BOOST_TEST((s.look(start + 300s - 1ms) == advice::failed_until));
    BOOST_TEST((s.look(start + 300s) == advice::must_wait));
    failure const throttled(errc::throttled, stage::token, "busy");
    s.failed(start, failure(throttled).retry_after(50min), 0.0);
    BOOST_TEST((s.look(start + 50min - 1ms) == advice::failed_until));
    BOOST_TEST((s.look(start + 50min) == advice::must_wait));
    s.failed(start, failure(throttled).retry_after(10h), 0.0); // one hour at most
    BOOST_TEST((s.look(start + 1h - 1ms) == advice::failed_until));
    BOOST_TEST((s.look(start + 1h) == advice::must_wait));
    s.renewed(start, start + 1h);
    s.failed(start, why().retry_after(90s), 0.0);
    BOOST_TEST((s.look(start + 90s - 1ms) == advice::fresh));
    BOOST_TEST((s.look(start + 90s) == advice::refresh_in_background));
    // Also when the value does not last as long.
    s.renewed(start, start + 20s);
    s.failed(start, why().retry_after(90s), 0.0);
    BOOST_TEST((s.look(start + 10s) == advice::fresh));
    BOOST_TEST((s.look(start + 20s) == advice::failed_until));
    BOOST_TEST((s.look(start + 90s) == advice::must_wait));
}

BOOST_AUTO_TEST_CASE(invalidated)
{
    auto s = make();
    s.renewed(start + 1h, start + 2h);
    s.invalidate();
    BOOST_TEST((s.look(start) == advice::must_wait));
    s.renewed(start + 1h, start + 2h);
    BOOST_TEST((s.look(start) == advice::fresh));
}

BOOST_AUTO_TEST_CASE(an_old_value_is_used_only_while_no_newer_one_can_be_had)
{
    auto s = make();
    s.renewed(start + 10s, start + 20s, start + 1h);
    BOOST_TEST((s.look(start + 19999ms) == advice::refresh_in_background));
    BOOST_TEST((s.look(start + 20s) == advice::prefer_newer));
    BOOST_TEST(s.usable(start + 20s));
    s.failed(start + 20s, why(), 0.0);
    BOOST_TEST((s.look(start + 79s) == advice::fresh)); // not asked again for a minute
    BOOST_TEST((s.look(start + 80s) == advice::prefer_newer));
    BOOST_TEST((s.look(start + 1h) == advice::must_wait));
}

BOOST_AUTO_TEST_CASE(lifetimes)
{
    auto const long_lived = lifetime_of_signatures(24h, 2h, 0.5);
    BOOST_TEST((long_lived.soft == 1h));
    BOOST_TEST((long_lived.hard == 2h));
    BOOST_TEST((long_lived.end == 24h - 5min));
    BOOST_TEST((lifetime_of_signatures(24h, 2h, 0.0).soft == 54min));
    BOOST_TEST((lifetime_of_signatures(24h, 10s, 0.5).soft == 5s));
    BOOST_TEST((lifetime_of_signatures(24h, 10s, 0.5).hard == 10s));

    auto const short_lived = lifetime_of_signatures(10s, 2h, 0.5);
    BOOST_TEST((short_lived.soft == 5s));
    BOOST_TEST((short_lived.hard == 8s));
    BOOST_TEST((short_lived.end == 8s));

    auto const unknown = lifetime_of_signatures(std::nullopt, 2h, 0.5);
    BOOST_TEST((unknown.soft == 1h));
    BOOST_TEST((unknown.hard == 2h));
    BOOST_TEST((unknown.end > 2h));

    // The service's clock and ours disagree: its refusals decide, not our arithmetic.
    auto const skewed = lifetime_of_signatures(-1s, 2h, 0.5);
    BOOST_TEST((skewed.soft == 1min));
    BOOST_TEST((skewed.hard == 2h));
}

BOOST_AUTO_TEST_SUITE_END()

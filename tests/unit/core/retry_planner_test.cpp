#include <core/retry_planner.hpp>

#include <boost/test/unit_test.hpp>

namespace
{

using namespace std::chrono_literals;
using kusto::deadline;
using kusto::errc;
using kusto::failure;
using kusto::retry_options;
using kusto::stage;
using kusto::core::remedy;
using kusto::core::retry_planner;

auto const start = deadline::time_point(1000h);

failure transient()
{
    return failure(errc::service_unavailable, stage::upload, "busy").status(503).retryable(true);
}

failure asks_for(std::chrono::milliseconds pause)
{
    return transient().retry_after(pause);
}

retry_options many()
{
    return retry_options().attempts(100).base(1s).cap(10s);
}

} // namespace

BOOST_AUTO_TEST_SUITE(retry_planner_tests)

BOOST_AUTO_TEST_CASE(backoff_doubles_up_to_the_cap)
{
    retry_planner planner(many(), deadline::never());
    for (auto const limit : {1s, 2s, 4s, 8s, 10s, 10s, 10s})
    {
        auto const next = planner.failed(transient(), remedy::patience, start, 0.5);
        BOOST_TEST(next.retry);
        BOOST_TEST((next.at - start == limit / 2.0));
    }
    BOOST_TEST(planner.attempts() == 7);
}

BOOST_AUTO_TEST_CASE(jitter_covers_the_whole_range)
{
    retry_planner low(many(), deadline::never());
    BOOST_TEST((low.failed(transient(), remedy::patience, start, 0.0).at == start));
    retry_planner high(many(), deadline::never());
    auto const at = high.failed(transient(), remedy::patience, start, 0.999).at;
    BOOST_TEST((at - start == 999ms));
}

BOOST_AUTO_TEST_CASE(attempts_are_counted)
{
    retry_planner planner(retry_options().attempts(3), deadline::never());
    BOOST_TEST(planner.failed(transient(), remedy::patience, start, 0).retry);
    BOOST_TEST(planner.failed(transient(), remedy::patience, start, 0).retry);
    BOOST_TEST(!planner.failed(transient(), remedy::patience, start, 0).retry);
    retry_planner once(retry_options().attempts(1), deadline::never());
    BOOST_TEST(!once.failed(transient(), remedy::patience, start, 0).retry);
}

BOOST_AUTO_TEST_CASE(no_remedy_no_retry)
{
    retry_planner planner(many(), deadline::never());
    BOOST_TEST(!planner.failed(transient(), remedy::none, start, 0).retry);
}

BOOST_AUTO_TEST_CASE(the_services_wish_is_the_least)
{
    retry_planner planner(many(), deadline::never());
    auto const longer = planner.failed(asks_for(30s), remedy::patience, start, 0.5);
    BOOST_TEST((longer.at - start == 30s));
    auto const shorter = planner.failed(asks_for(1ms), remedy::patience, start, 0.5);
    BOOST_TEST((shorter.at - start == 1s));
}

BOOST_AUTO_TEST_CASE(the_deadline_ends_it)
{
    retry_planner planner(many(), deadline(start + 5s));
    BOOST_TEST(planner.failed(asks_for(4s), remedy::patience, start, 0).retry);
    BOOST_TEST(!planner.failed(asks_for(5s), remedy::patience, start, 0).retry);
    BOOST_TEST(!planner.failed(transient(), remedy::patience, start + 6s, 0).retry);
}

BOOST_AUTO_TEST_CASE(absurd_wishes_are_cut)
{
    retry_planner planner(many(), deadline::never());
    auto const next = planner.failed(asks_for(24h), remedy::patience, start, 0.5);
    BOOST_TEST((next.at - start == 5min));
    auto const negative = planner.failed(asks_for(-10s), remedy::patience, start, 0.5);
    BOOST_TEST((negative.at - start == 1s));
}

BOOST_AUTO_TEST_CASE(a_token_is_refreshed_even_if_there_is_one_attempt_only)
{
    retry_planner planner(retry_options().attempts(1), deadline::never());
    BOOST_TEST(planner.failed(transient(), remedy::fresh_token, start, 0.5).refresh_token);
    BOOST_TEST(!planner.failed(transient(), remedy::patience, start, 0.5).retry);
}

BOOST_AUTO_TEST_CASE(a_token_is_refreshed_once)
{
    retry_planner planner(many(), deadline::never());
    auto const first = planner.failed(transient(), remedy::fresh_token, start, 0.5);
    BOOST_TEST(first.refresh_token);
    BOOST_TEST((first.at == start));
    BOOST_TEST(!planner.failed(transient(), remedy::fresh_token, start, 0.5).retry);
}

BOOST_AUTO_TEST_SUITE_END()

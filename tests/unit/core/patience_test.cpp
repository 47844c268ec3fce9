#include <core/patience.hpp>

#include <boost/test/unit_test.hpp>

using namespace kusto;
using namespace std::chrono_literals;
using core::patience;

BOOST_AUTO_TEST_SUITE(patience_suite)

namespace
{

auto const now = deadline::time_point() + 1000s;

retry_options options()
{
    retry_options out;
    out.attempts(3).base(1s).cap(10s);
    return out;
}

failure trouble()
{
    return failure(errc::service_unavailable, stage::upload, "down").retryable(true);
}

patience at_least_once()
{
    return patience(options(), delivery_guarantee::at_least_once);
}

} // namespace

BOOST_AUTO_TEST_CASE(trouble_that_may_pass_is_waited_out_for_ever)
{
    auto one = at_least_once();
    for (int i = 0; i < 1000; ++i)
        BOOST_TEST(one.after(trouble(), deadline::never(), now, 0.5).has_value());
}

BOOST_AUTO_TEST_CASE(the_pause_is_between_half_the_cap_and_all_of_it)
{
    auto one = at_least_once();
    BOOST_TEST((*one.after(trouble(), deadline::never(), now, 0.0) == now + 5s));
    BOOST_TEST((*one.after(trouble(), deadline::never(), now, 0.5) == now + 7500ms));
    BOOST_TEST((*one.after(trouble(), deadline::never(), now, 0.9999) <= now + 10s));
}

BOOST_AUTO_TEST_CASE(the_service_may_ask_for_a_longer_pause_within_reason)
{
    auto one = at_least_once();
    auto why = trouble().retry_after(30s);
    BOOST_TEST((*one.after(why, deadline::never(), now, 0.5) == now + 30s));
    why.retry_after(2s);
    BOOST_TEST((*one.after(why, deadline::never(), now, 0.5) == now + 7500ms));
    why.retry_after(std::chrono::hours(100));
    BOOST_TEST((*one.after(why, deadline::never(), now, 0.5) == now + 5min));
}

BOOST_AUTO_TEST_CASE(a_cap_of_zero_is_no_loop_without_a_pause)
{
    retry_options none;
    none.base(0ms).cap(0ms);
    patience one(none, delivery_guarantee::at_least_once);
    BOOST_TEST((*one.after(trouble(), deadline::never(), now, 0.0) > now));
}

BOOST_AUTO_TEST_CASE(what_was_refused_for_good_has_failed)
{
    auto one = at_least_once();
    failure const refused(errc::request_rejected, stage::upload, "bad");
    BOOST_TEST(!one.after(refused, deadline::never(), now, 0.5).has_value());
}

BOOST_AUTO_TEST_CASE(without_a_guarantee_nothing_waits)
{
    patience one(options(), delivery_guarantee::none);
    BOOST_TEST(!one.after(trouble(), deadline::never(), now, 0.5).has_value());
}

BOOST_AUTO_TEST_CASE(nothing_waits_beyond_the_end_of_the_delivery)
{
    auto one = at_least_once();
    BOOST_TEST(!one.after(trouble(), deadline(now + 7s), now, 0.5).has_value());
    BOOST_TEST(one.after(trouble(), deadline(now + 8s), now, 0.5).has_value());
}

BOOST_AUTO_TEST_CASE(an_ingestion_has_as_many_attempts_as_a_request)
{
    auto one = at_least_once();
    auto const exhausted = failure(errc::ingestion_failed, stage::ingest, "busy").retryable(true);
    BOOST_TEST(one.after(exhausted, deadline::never(), now, 0.5).has_value());
    // Trouble in between is something else.
    BOOST_TEST(one.after(trouble(), deadline::never(), now, 0.5).has_value());
    BOOST_TEST(one.after(exhausted, deadline::never(), now, 0.5).has_value());
    BOOST_TEST(!one.after(exhausted, deadline::never(), now, 0.5).has_value());
}

BOOST_AUTO_TEST_SUITE_END()

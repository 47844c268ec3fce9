#include "log_fixture.hpp"

using namespace kusto;
using namespace kusto::test;
using namespace std::chrono_literals;

namespace
{

constexpr char const* refusal = R"({"error":"invalid_client","error_codes":[7000215]})";

/// One attempt for each acquisition.
class failures_fixture : public log_fixture
{
public:
    void make_single(credential who = application())
    {
        make(logged(std::move(who)).retry(retry_options().attempts(1)));
        expect_metadata().reply(404);
    }
    /// Whether the failure of the request before is the answer for `pause` and no longer: then
    /// `next` is what comes.
    void check_pause(std::chrono::seconds pause, int status, char const* body)
    {
        auto const before = calls();
        time.advance(pause - 1ms);
        BOOST_TEST(!get());
        BOOST_TEST(calls() == before, pause.count());
        time.advance(1ms);
        expect_token().reply(status, body);
        BOOST_TEST(!get());
        BOOST_TEST(calls() == before + 1, pause.count());
    }
};

} // namespace

BOOST_AUTO_TEST_SUITE(token_failures_test)

BOOST_FIXTURE_TEST_CASE(a_wrong_secret_is_tried_less_and_less_often, failures_fixture)
{
    make_single();
    expect_token().reply(401, refusal);
    BOOST_TEST(!get());
    for (auto const pause : {3s, 6s, 12s, 24s, 48s, 60s, 60s})
        check_pause(pause, 401, refusal);
    time.advance(60s);
    expect_token().reply(200, token_json("one"));
    BOOST_TEST(text() == "one");
    // From the beginning.
    provider->invalidate(1);
    expect_token().reply(401, refusal);
    BOOST_TEST(!get());
    check_pause(3s, 401, refusal);
    BOOST_TEST(transport->problems().empty(), transport->problems());
}

BOOST_FIXTURE_TEST_CASE(what_may_pass_is_tried_again_soon, failures_fixture)
{
    make_single();
    expect_token().reply(503);
    BOOST_TEST(!get());
    for (int i = 0; i < 5; ++i)
        check_pause(3s, 503, "");
    BOOST_TEST(transport->problems().empty(), transport->problems());
}

BOOST_FIXTURE_TEST_CASE(the_service_s_wish_to_be_left_alone_is_kept_to, failures_fixture)
{
    make_single();
    expect_token().reply(429, "", {{"Retry-After", "40"}});
    BOOST_TEST(!get());
    check_pause(40s, 503, "");
    check_pause(3s, 503, "");
    BOOST_TEST(transport->problems().empty(), transport->problems());
}

BOOST_FIXTURE_TEST_CASE(a_client_that_is_told_to_loop_waits_a_minute, failures_fixture)
{
    make_single();
    expect_token().reply(400, R"({"error":"invalid_grant","error_codes":[50196]})");
    auto const got = get();
    BOOST_REQUIRE(!got);
    BOOST_TEST((got.error().retry_after() == std::optional<std::chrono::milliseconds>(60s)));
    check_pause(60s, 503, "");
    BOOST_TEST(transport->problems().empty(), transport->problems());
}

BOOST_FIXTURE_TEST_CASE(who_is_throttled_for_an_hour_does_not_ask_before, failures_fixture)
{
    make_single();
    expect_token().reply(429, "", {{"Retry-After", "3600"}});
    BOOST_TEST(!get());
    check_pause(3600s, 503, "");
    BOOST_TEST(transport->problems().empty(), transport->problems());
}

BOOST_FIXTURE_TEST_CASE(a_client_that_is_told_to_loop_repeats_nothing_before, failures_fixture)
{
    make_with(application());
    expect_token().reply(429, R"({"error":"invalid_grant","error_codes":[50196]})");
    auto const before = time.now();
    expect_token()
        .when([this, before](seen_request const&) { return time.now() - before >= 60s; })
        .reply(200, token_json("one"));
    BOOST_TEST(said(get(100s)) == "one");
    BOOST_TEST(transport->problems().empty(), transport->problems());
}

BOOST_FIXTURE_TEST_CASE(a_background_renewal_keeps_to_the_wish_too, failures_fixture)
{
    make_single();
    expect_token().reply(200, token_json("one"));
    BOOST_TEST(text() == "one");
    time.advance(3301s);
    expect_token().reply(429, "", {{"Retry-After", "150"}});
    BOOST_TEST(text() == "one");
    settle(context);
    BOOST_TEST(calls() == 3u);
    time.advance(149s);
    BOOST_TEST(text() == "one");
    settle(context);
    BOOST_TEST(calls() == 3u);
    time.advance(1s);
    expect_token().reply(200, token_json("two"));
    BOOST_TEST(text() == "one");
    settle(context);
    BOOST_TEST(text() == "two");
    BOOST_TEST(transport->problems().empty(), transport->problems());
}

BOOST_FIXTURE_TEST_CASE(the_search_for_the_place_takes_nothing_from_the_acquisition, auth_fixture)
{
    expect_metadata().times(9).hang(); // 10 s each
    expect_metadata().reply(404);
    expect_token()
        .when([this](seen_request const& r) { return r.until.left(time.now()) > 20s; })
        .reply(200, token_json("one"));
    make(connection_options(cluster, application())
             .retry(retry_options().attempts(12).base(0ms).cap(0ms)));
    auto const got = get(1000s);
    BOOST_TEST(got.has_value());
    BOOST_TEST((time.passed() == 90s));
    BOOST_TEST(transport->problems().empty(), transport->problems());
}

BOOST_FIXTURE_TEST_CASE(a_static_token_is_used_until_it_is_refused, failures_fixture)
{
    for (bool const linked : {false, true})
    {
        auto const token = credential::static_token("one");
        make_single(linked ? credential::chain({token}) : token);
        BOOST_TEST(text() == "one");
        for (auto const pause : {24h * 200, 24h * 200, 24h})
        {
            time.advance(pause);
            time.jump_wall_clock(24h);
            for (int i = 0; i < 2; ++i)
            {
                BOOST_TEST(text() == "one");
                settle(context);
            }
        }
        BOOST_TEST(!has(everything, "no token could be obtained"));
        BOOST_TEST(!has(everything, "was refused by the service"));
        provider->invalidate(1);
        BOOST_TEST(has(text(), "the static token was refused by the service or has expired"));
        BOOST_TEST((failed.code() == errc::authentication_failed));
        everything.clear();
        BOOST_TEST(transport->problems().empty(), transport->problems());
    }
}

BOOST_AUTO_TEST_SUITE_END()

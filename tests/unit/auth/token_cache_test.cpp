#include "fixture.hpp"

#include <vector>

using namespace kusto;
using namespace kusto::test;
using namespace std::chrono_literals;

namespace
{

/// The token `one` is due, and the request for `two` under way until the transport is released.
class renewing_fixture : public auth_fixture
{
public:
    renewing_fixture()
    {
        expect_sign_in("one");
        expect_token().hold().reply(200, token_json("two"));
        make();
        BOOST_TEST(text() == "one");
        time.advance(3400s);
        BOOST_TEST(text() == "one");
        BOOST_TEST(text() == "one");
        settle(context);
        BOOST_TEST(transport->waiting() == 1u);
    }
};

} // namespace

BOOST_AUTO_TEST_SUITE(token_cache_test)

BOOST_FIXTURE_TEST_CASE(a_token_is_obtained_once_and_kept, auth_fixture)
{
    expect_sign_in("one");
    make();
    BOOST_TEST(calls() == 0u);
    BOOST_TEST(text() == "one");
    time.advance(3000s);
    auto const again = get();
    BOOST_REQUIRE(again);
    BOOST_TEST(again->value.reveal() == "one");
    BOOST_TEST(again->generation == 1u);
    settle(context);
    BOOST_TEST(transport->problems().empty(), transport->problems());
}

BOOST_FIXTURE_TEST_CASE(many_waiters_share_one_acquisition, auth_fixture)
{
    expect_metadata().hold().reply(404);
    expect_token().hold().reply(200, token_json("one"));
    make();
    using got = result<auth::bearer_token>;
    std::vector<started<std::optional<got>>> waiters;
    for (int i = 0; i < 50; ++i)
        waiters.push_back(start(context.get_executor(), provider->get(deadline(time.now() + 60s))));
    settle(context);
    BOOST_TEST(calls() == 1u);
    transport->release();
    settle(context);
    for (auto& waiter : waiters)
    {
        BOOST_REQUIRE(waiter.done());
        auto const token = waiter.get();
        BOOST_REQUIRE(token->has_value());
        BOOST_TEST((*token)->value.reveal() == "one");
    }
    BOOST_TEST(transport->problems().empty(), transport->problems());
}

BOOST_FIXTURE_TEST_CASE(a_due_token_is_renewed_in_the_background, renewing_fixture)
{
    BOOST_TEST(calls() == 3u);
    // Nobody waits for it.
    BOOST_TEST(provider->awaited().empty());
    BOOST_TEST(text() == "one");
    transport->release();
    settle(context);
    auto const renewed = get();
    BOOST_REQUIRE(renewed);
    BOOST_TEST(renewed->value.reveal() == "two");
    BOOST_TEST(renewed->generation == 2u);
    BOOST_TEST(transport->problems().empty(), transport->problems());
}

BOOST_FIXTURE_TEST_CASE(a_stale_token_is_used_while_refresh_fails, auth_fixture)
{
    expect_sign_in("one");
    expect_token().times(3).reply(503);
    make(connection_options(cluster, application()).retry(retry_options().base(0ms).cap(0ms)));
    BOOST_TEST(text() == "one");
    time.advance(3400s);
    for (int i = 0; i < 10; ++i)
    {
        BOOST_TEST(text() == "one");
        settle(context);
    }
    BOOST_TEST(calls() == 5u); // three attempts, then calm
    BOOST_TEST(transport->problems().empty(), transport->problems());

    expect_token().reply(200, token_json("two"));
    time.advance(40s);
    BOOST_TEST(text() == "one");
    settle(context);
    BOOST_TEST(text() == "two");
    BOOST_TEST(transport->problems().empty(), transport->problems());
}

BOOST_FIXTURE_TEST_CASE(an_expired_token_is_waited_for, auth_fixture)
{
    expect_sign_in("one");
    expect_token().reply(200, token_json("two"));
    make();
    BOOST_TEST(text() == "one");
    time.advance(3580s); // less than half a minute is left
    BOOST_TEST(text() == "two");
    BOOST_TEST(transport->problems().empty(), transport->problems());
}

BOOST_FIXTURE_TEST_CASE(garbage_passes_only_where_a_token_was_had_before, auth_fixture)
{
    expect_metadata().reply(404);
    expect_token().reply(200, "<html>");
    make();
    auto const first = get();
    BOOST_REQUIRE(!first);
    BOOST_TEST((first.error().code() == errc::malformed_reply));
    BOOST_TEST(!first.error().retryable());
    time.advance(std::chrono::seconds(4));
    expect_token().reply(200, token_json("one"));
    BOOST_TEST(text() == "one");
    time.advance(std::chrono::seconds(3600));
    expect_token().reply(200, "<html>");
    auto const later = get();
    BOOST_REQUIRE(!later);
    BOOST_TEST((later.error().code() == errc::malformed_reply));
    BOOST_TEST(later.error().retryable());
    BOOST_TEST(transport->problems() == "");
}

BOOST_FIXTURE_TEST_CASE(a_jump_of_the_wall_clock_does_no_harm, auth_fixture)
{
    using std::chrono::hours;
    for (auto const jump : {hours(24), hours(-24)})
    {
        auth_fixture f;
        f.expect_sign_in("one");
        f.make();
        BOOST_TEST(f.text() == "one");
        f.time.jump_wall_clock(jump);
        f.time.advance(std::chrono::minutes(10));
        // Forward, as after the machine was suspended: the token serves on, and is renewed.
        if (jump > hours(0))
            f.expect_token().reply(200, token_json("renewed"));
        BOOST_TEST(f.text() == "one");
        settle(f.context);
        BOOST_TEST(f.transport->problems() == "");
        BOOST_TEST(f.text() == (jump > hours(0) ? "renewed" : "one"));
        // Its time is over when an hour has passed, whatever the wall clock says.
        f.expect_token().reply(200, token_json("two"));
        f.time.advance(std::chrono::minutes(65));
        BOOST_TEST(f.text() == "two");
        BOOST_TEST(f.transport->problems() == "");
    }
}

BOOST_FIXTURE_TEST_CASE(failures_are_remembered_for_a_moment, auth_fixture)
{
    std::string const refusal = R"({"error":"invalid_client","error_codes":[7000215]})";
    expect_metadata().reply(404);
    expect_token().reply(401, refusal);
    make();
    for (int i = 0; i < 20; ++i)
    {
        auto const got = get();
        BOOST_REQUIRE(!got);
        BOOST_TEST((got.error().code() == errc::authentication_failed));
        BOOST_TEST(got.error().service_code() == "AADSTS7000215");
    }
    BOOST_TEST(calls() == 2u);
    BOOST_TEST(transport->problems().empty(), transport->problems());

    expect_token().reply(200, token_json("one"));
    time.advance(4s);
    BOOST_TEST(text() == "one");
    BOOST_TEST(transport->problems().empty(), transport->problems());
}

BOOST_FIXTURE_TEST_CASE(renewals_retries_and_failures_are_logged_without_secrets, auth_fixture)
{
    std::vector<std::string> lines;
    auto const note = [&lines](log_event const& event)
    {
        std::string line(event.message);
        for (auto const& field : event.fields)
        {
            if (auto const* const text = std::get_if<std::string_view>(&field.value))
                line.append(" ").append(field.name).append("=").append(*text);
        }
        lines.push_back(std::move(line));
    };
    expect_metadata().reply(404);
    expect_token().reply(503, canary);
    expect_token().reply(200, token_json("one"));
    make(connection_options(cluster, application())
             .retry(retry_options().base(0ms).cap(0ms))
             .log(log_level::debug, note));
    BOOST_TEST(text() == "one");
    BOOST_REQUIRE(lines.size() == 2u);
    BOOST_TEST(has(lines[0], "trying again"));
    BOOST_TEST(has(lines[1], "token received"));
    expect_token().reply(401, R"({"error":"invalid_client","error_description":")" +
                                  std::string(canary) + R"("})");
    time.advance(3580s);
    BOOST_TEST(has(text(), "invalid_client"));
    BOOST_REQUIRE(lines.size() == 3u);
    BOOST_TEST(has(lines[2], "no token could be obtained"));
    for (auto const& line : lines)
        BOOST_TEST(!has(line, canary));
}

BOOST_FIXTURE_TEST_CASE(a_refused_token_is_replaced_once, auth_fixture)
{
    expect_sign_in("one");
    expect_token().reply(200, token_json("two"));
    make();
    BOOST_TEST(get()->generation == 1u);
    provider->invalidate(1);
    provider->invalidate(1);
    auto const second = get();
    BOOST_REQUIRE(second);
    BOOST_TEST(second->value.reveal() == "two");
    BOOST_TEST(second->generation == 2u);
    provider->invalidate(1); // a late complaint about the first one
    provider->invalidate(7);
    BOOST_TEST(text() == "two");
    BOOST_TEST(transport->problems().empty(), transport->problems());
}

BOOST_FIXTURE_TEST_CASE(a_deadline_ends_the_wait_and_not_the_acquisition, auth_fixture)
{
    expect_metadata().reply(404);
    expect_token().hold().reply(200, token_json("one"));
    make();
    auto waiter = start(context.get_executor(), provider->get(deadline(time.now() + 5s)));
    settle(context);
    time.advance(5s);
    settle(context);
    BOOST_REQUIRE(waiter.done());
    auto const late = waiter.get();
    BOOST_REQUIRE(!late->has_value());
    BOOST_TEST((late->error().code() == errc::timed_out));
    BOOST_TEST((late->error().where() == stage::token));
    BOOST_TEST(late->error().message() ==
               "no token could be obtained in time (waiting for a token from the client secret of "
               "application " +
                   std::string(client_id) + " (asked last: " + login_host + "))");
    transport->release();
    settle(context);
    BOOST_TEST(text() == "one");
    BOOST_TEST(calls() == 2u);
}

BOOST_FIXTURE_TEST_CASE(what_is_waited_for_is_known_meanwhile, auth_fixture)
{
    make();
    BOOST_TEST(provider->awaited().empty());
    expect_metadata().hold().reply(404);
    expect_token().reply(200, token_json("one"));
    auto waiter = start(context.get_executor(), provider->get(deadline::never()));
    settle(context);
    BOOST_TEST(has(provider->awaited(), "(asked last: " + std::string(cluster_host) + ")"));
    transport->release();
    settle(context);
    BOOST_REQUIRE(waiter.done());
    BOOST_TEST(provider->awaited().empty());
}

BOOST_FIXTURE_TEST_CASE(a_renewal_is_waited_for_when_the_old_token_is_refused, renewing_fixture)
{
    provider->invalidate(1);
    BOOST_TEST(has(provider->awaited(), "(asked last: " + std::string(login_host) + ")"));
    transport->release();
    settle(context);
    BOOST_TEST(provider->awaited().empty());
}

BOOST_FIXTURE_TEST_CASE(stop_ends_waits_and_later_calls, auth_fixture)
{
    expect_metadata().hold().reply(404);
    make();
    auto waiter = start(context.get_executor(), provider->get(deadline::never()));
    settle(context);
    BOOST_TEST(transport->waiting() == 1u);
    provider->stop();
    provider->stop();
    settle(context);
    BOOST_REQUIRE(waiter.done());
    BOOST_TEST((waiter.get()->error().code() == errc::closed));
    BOOST_TEST((get().error().code() == errc::closed));
    BOOST_TEST(transport->waiting() == 0u);
    BOOST_TEST(time.waits() == 0u);
}

BOOST_FIXTURE_TEST_CASE(a_provider_may_go_away_while_it_works, auth_fixture)
{
    expect_metadata().hold().reply(404);
    make();
    auto waiter = start(context.get_executor(), provider->get(deadline::never()));
    settle(context);
    std::weak_ptr<auth::token_provider> const watch = provider;
    provider->stop();
    provider.reset();
    settle(context);
    BOOST_TEST(waiter.done());
    BOOST_TEST(watch.expired());
}

BOOST_FIXTURE_TEST_CASE(no_credential_means_no_token_and_no_request, auth_fixture)
{
    make(connection_options("http://localhost:1"));
    BOOST_TEST(get()->value.empty());
    BOOST_TEST(calls() == 0u);
}

BOOST_AUTO_TEST_SUITE_END()

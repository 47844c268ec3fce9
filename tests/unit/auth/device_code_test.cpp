#include "log_fixture.hpp"

#include <stdexcept>

using namespace kusto;
using namespace kusto::test;
using namespace std::chrono_literals;

namespace
{

constexpr char const* code_json = R"({"user_code":"ABCD1234","device_code":"CANARY-device",
    "verification_uri":"https://microsoft.com/devicelogin","expires_in":900,"interval":5,
    "message":"To sign in, do this"})";

std::string signed_in(std::string const& token, std::string const& refresh, int lifetime = 3600)
{
    return R"({"token_type":"Bearer","expires_in":)" + std::to_string(lifetime) +
           R"(,"access_token":")" + token + R"(","refresh_token":")" + refresh + R"("})";
}

class device_fixture : public log_fixture
{
public:
    device_fixture() { make_device({}, {}); }

    void make_device(std::string tenant, std::string client)
    {
        transport = std::make_shared<scripted_transport>(time);
        make_with(credential::device_code([this](device_prompt const& prompt) { show(prompt); },
                                          std::move(tenant), std::move(client)));
    }
    void show(device_prompt const& prompt)
    {
        prompts.push_back(prompt.message + '|' + prompt.user_code + '|' + prompt.verification_url);
        on_prompt();
    }
    step& expect_code(char const* tenant = "organizations")
    {
        return transport->expect(async::http_method::post, login_host)
            .path('/' + std::string(tenant) + "/oauth2/v2.0/devicecode")
            .reply(200, code_json);
    }
    step& expect_poll()
    {
        return transport->expect(async::http_method::post, login_host)
            .path("/organizations/oauth2/v2.0/token")
            .body_contains("device_code=CANARY-device");
    }
    step& expect_renewal(std::string const& refresh_token)
    {
        return transport->expect(async::http_method::post, login_host)
            .path("/organizations/oauth2/v2.0/token")
            .body_contains("grant_type=refresh_token")
            .body_contains("&refresh_token=" + refresh_token + "&");
    }
    void expect_pending(std::size_t times = 1)
    {
        expect_poll().times(times).reply(400, R"({"error":"authorization_pending"})");
    }
    /// Patient enough for a person.
    std::string wait() { return said(get(1000s)); }

    std::vector<std::string> prompts;
    std::function<void()> on_prompt = [] {};
};

} // namespace

BOOST_AUTO_TEST_SUITE(device_code_source_test)

BOOST_FIXTURE_TEST_CASE(a_person_signs_in, device_fixture)
{
    expect_code().body_is(
        "client_id=db662dc1-0cfe-4e1c-a843-19a68e65be58"
        "&scope=https%3A%2F%2Fkusto.kusto.windows.net%2F.default%20offline_access");
    expect_pending(3);
    expect_poll()
        .body_is("grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Adevice_code"
                 "&client_id=db662dc1-0cfe-4e1c-a843-19a68e65be58&device_code=CANARY-device")
        .reply(200, signed_in("one", "CANARY-refresh"));
    BOOST_TEST(wait() == "one");
    BOOST_TEST((time.passed() == 20s));
    BOOST_REQUIRE(prompts.size() == 1u);
    BOOST_TEST(prompts.front() == "To sign in, do this|ABCD1234|https://microsoft.com/devicelogin");
    BOOST_TEST(transport->problems().empty(), transport->problems());
}

BOOST_FIXTURE_TEST_CASE(a_token_s_time_begins_when_the_person_is_done, device_fixture)
{
    expect_code();
    expect_pending(160);
    expect_poll().reply(200, signed_in("one", "CANARY-refresh", 600));
    BOOST_TEST(wait() == "one");
    BOOST_TEST((time.passed() == 805s));
    time.advance(200s);
    BOOST_TEST(wait() == "one");
    BOOST_TEST(transport->problems().empty(), transport->problems());
}

BOOST_FIXTURE_TEST_CASE(tenant_and_application_can_be_chosen, device_fixture)
{
    make_device("contoso.com", client_id);
    expect_code("contoso.com").body_contains("client_id=" + std::string(client_id));
    expect_token().reply(200, signed_in("one", "r"));
    BOOST_TEST(wait() == "one");
    BOOST_TEST(transport->problems().empty(), transport->problems());
}

BOOST_FIXTURE_TEST_CASE(it_asks_less_often_when_it_is_told_to, device_fixture)
{
    failure lost(errc::connection_lost, stage::receive, "gone");
    lost.retryable(true);
    expect_code();
    expect_poll().reply(400, R"({"error":"slow_down"})"); // at 5 s
    expect_pending();                                     // 15 s
    expect_poll().reply(503);                             // 25 s
    expect_poll().fail(lost);                             // 40 s
    expect_poll().reply(200, signed_in("one", "r"));      // 60 s
    BOOST_TEST(wait() == "one");
    BOOST_TEST((time.passed() == 60s));
    BOOST_TEST(prompts.size() == 1u);
    BOOST_TEST(transport->problems().empty(), transport->problems());
}

BOOST_FIXTURE_TEST_CASE(it_waits_as_long_as_it_is_told_to, device_fixture)
{
    expect_code();
    expect_poll().reply(429, "", {{"Retry-After", "40"}}); // at 5 s
    expect_poll().reply(200, signed_in("one", "r"));       // 45 s
    BOOST_TEST(wait() == "one");
    BOOST_TEST((time.passed() == 45s));
    BOOST_TEST(transport->problems().empty(), transport->problems());
}

BOOST_FIXTURE_TEST_CASE(the_request_for_a_code_is_repeated, device_fixture)
{
    expect_code().reply(503);
    expect_code();
    expect_poll().reply(200, signed_in("one", "r"));
    BOOST_TEST(wait() == "one");
    BOOST_TEST(prompts.size() == 1u);
    BOOST_TEST(transport->problems().empty(), transport->problems());
}

BOOST_FIXTURE_TEST_CASE(a_service_that_fails_until_the_end_is_the_reason, device_fixture)
{
    expect_code();
    expect_poll().times(1000).reply(503);
    (void)wait();
    BOOST_TEST((failed.code() == errc::service_unavailable));
    BOOST_TEST(failed.retryable());
    BOOST_TEST(failed.host() == login_host);
}

BOOST_FIXTURE_TEST_CASE(a_success_may_repeat_the_device_code_in_its_headers, device_fixture)
{
    expect_code();
    expect_poll().reply(200, "{}", {{"x-ms-request-id", std::string(122, '.') + "CANARY-device"}});
    (void)wait();
    BOOST_TEST(failed.activity_id() == std::string(122, '.') + "REDACT");
    BOOST_TEST(!has(everything, "CANARY"));
}

BOOST_FIXTURE_TEST_CASE(half_a_device_code_is_not_repeated_either, device_fixture)
{
    expect_code();
    expect_poll().reply(400, R"({"error":"invalid_client","error_description":")" +
                                 std::string(505, '.') + R"(CANARY-device"})");
    BOOST_TEST(!has(wait(), "CANARY"));
}

BOOST_FIXTURE_TEST_CASE(the_refresh_token_renews_and_is_replaced, device_fixture)
{
    expect_code();
    expect_poll().reply(200, signed_in("one", "CANARY-1"));
    BOOST_TEST(wait() == "one");
    expect_renewal("CANARY-1")
        .body_contains("scope=https%3A%2F%2Fkusto.kusto.windows.net%2F.default%20offline_access")
        .reply(200, signed_in("two", "CANARY-2"));
    provider->invalidate(1);
    BOOST_TEST(wait() == "two");
    expect_renewal("CANARY-2").reply(200, token_json("three")); // without another one
    provider->invalidate(2);
    BOOST_TEST(wait() == "three");
    expect_renewal("CANARY-2")
        .body_contains("&claims=%7B%22a%22%3A1%7D")
        .reply(200, signed_in("four", "CANARY-3"));
    provider->invalidate(3, R"({"a":1})");
    BOOST_TEST(wait() == "four");
    BOOST_TEST(prompts.size() == 1u);
    BOOST_TEST(transport->problems().empty(), transport->problems());
}

BOOST_FIXTURE_TEST_CASE(a_refused_refresh_token_means_another_prompt, device_fixture)
{
    expect_code();
    expect_poll().reply(200, signed_in("one", "CANARY-1"));
    BOOST_TEST(wait() == "one");
    expect_renewal("CANARY-1").reply(400, R"({"error":"invalid_grant",
        "error_description":"the token CANARY-1 was revoked"})");
    expect_code();
    expect_poll().body_contains("&claims=%7B%7D").reply(200, signed_in("two", "CANARY-2"));
    provider->invalidate(1, "{}");
    BOOST_TEST(wait() == "two");
    BOOST_TEST(prompts.size() == 2u);
    BOOST_TEST(has(everything, "the refresh token was refused"));
    BOOST_TEST(transport->problems().empty(), transport->problems());
}

BOOST_FIXTURE_TEST_CASE(what_is_too_long_for_a_refresh_token_means_another_prompt, device_fixture)
{
    expect_code();
    expect_poll().reply(200, signed_in("one", std::string(16385, 'r')));
    BOOST_TEST(wait() == "one");
    expect_code();
    expect_poll().reply(200, signed_in("two", "CANARY-2"));
    provider->invalidate(1);
    BOOST_TEST(wait() == "two");
    BOOST_TEST(prompts.size() == 2u);
    // A good one stays.
    expect_renewal("CANARY-2").reply(200, signed_in("three", std::string(16385, 'r')));
    provider->invalidate(2);
    BOOST_TEST(wait() == "three");
    expect_renewal("CANARY-2").reply(200, signed_in("four", "CANARY-4"));
    provider->invalidate(3);
    BOOST_TEST(wait() == "four");
    BOOST_TEST(prompts.size() == 2u);
    BOOST_TEST(transport->problems().empty(), transport->problems());
}

BOOST_FIXTURE_TEST_CASE(a_network_that_is_away_means_no_prompt, device_fixture)
{
    expect_code();
    expect_poll().reply(200, signed_in("one", "CANARY-1"));
    BOOST_TEST(wait() == "one");
    expect_renewal("CANARY-1").times(100).reply(503);
    provider->invalidate(1);
    (void)wait();
    BOOST_TEST((failed.code() == errc::service_unavailable));
    BOOST_TEST(prompts.size() == 1u);
}

BOOST_FIXTURE_TEST_CASE(endings_without_a_token, device_fixture)
{
    struct row
    {
        int status;
        char const* body;
        char const* said;
    };
    for (auto const& r : {
             row{400, R"({"error":"authorization_declined"})",
                 "the person declined to sign in (signing in with the device code)"},
             row{400, R"({"error":"expired_token"})",
                 "nobody signed in before the device code expired (signing in with the device "
                 "code)"},
             row{400, R"({"error":"bad_verification_code"})",
                 "the login service does not know the device code that it gave (signing in with "
                 "the device code)"},
             row{400, R"({"error":"invalid_client","error_description":"no CANARY-device"})",
                 "no token: invalid_client (signing in with the device code) (no REDACTED)"},
             row{200, "{}",
                 "the token endpoint's reply holds no usable access_token; is the login endpoint "
                 "right? (signing in with the device code)"},
         })
    {
        make_device({}, {});
        expect_code();
        expect_poll().reply(r.status, r.body);
        BOOST_TEST(wait() == r.said);
        BOOST_TEST(!failed.retryable());
        BOOST_TEST(transport->problems().empty(), transport->problems());
    }
}

BOOST_FIXTURE_TEST_CASE(endings_name_what_the_service_said, device_fixture)
{
    for (char const* name : {"authorization_declined", "expired_token", "bad_verification_code"})
    {
        make_device({}, {});
        expect_code();
        expect_poll().reply(400,
                            R"({"error":")" + std::string(name) +
                                R"(","error_codes":[70018],"error_description":"AADSTS70018: x",
                                   "correlation_id":"c-1"})",
                            {{"x-ms-request-id", "r-1"}});
        BOOST_TEST(has(wait(), "(AADSTS70018: x)"));
        BOOST_TEST((failed.code() == errc::authentication_failed));
        BOOST_TEST(failed.service_code() == "AADSTS70018");
        BOOST_TEST(failed.activity_id() == "c-1");
        BOOST_TEST(failed.status() == 400);
        BOOST_TEST(!failed.request_id().empty());
        BOOST_TEST(failed.host() == login_host);
    }
}

BOOST_FIXTURE_TEST_CASE(a_code_that_nobody_uses_ends_by_itself, device_fixture)
{
    expect_code();
    expect_pending(1000);
    BOOST_TEST(wait() ==
               "nobody signed in before the device code expired (signing in with the device code)");
    BOOST_TEST((failed.code() == errc::authentication_failed));
    BOOST_TEST((time.passed() <= 15min));
    BOOST_TEST((time.passed() >= 14min));
    BOOST_TEST(prompts.size() == 1u);
}

BOOST_FIXTURE_TEST_CASE(a_network_that_is_away_is_not_blamed_on_the_person, device_fixture)
{
    failure lost(errc::connection_lost, stage::receive, "gone");
    lost.retryable(true);
    expect_code();
    expect_pending();
    expect_poll().times(1000).fail(lost);
    BOOST_TEST(wait() == "gone (until the device code expired) (signing in with the device code)");
    BOOST_TEST((failed.code() == errc::connection_lost));
    BOOST_TEST(failed.retryable());
    BOOST_TEST(prompts.size() == 1u);
    // Also when the service is back, just to say that it is too late.
    make_device({}, {});
    expect_code();
    expect_poll().fail(lost);
    expect_poll().reply(400, R"({"error":"expired_token"})");
    BOOST_TEST(has(wait(), "gone"));
    BOOST_TEST(failed.retryable());
    // What passed in time had no part in it.
    make_device({}, {});
    expect_code();
    expect_poll().fail(lost);
    expect_pending();
    expect_poll().reply(400, R"({"error":"expired_token"})");
    BOOST_TEST(has(wait(), "nobody signed in before the device code expired"));
    BOOST_TEST(transport->problems().empty(), transport->problems());
}

BOOST_FIXTURE_TEST_CASE(it_is_asked_no_sooner_than_the_service_wishes, device_fixture)
{
    expect_code();
    expect_poll().reply(429, "", {{"Retry-After", "30"}}); // at 5 s
    expect_poll().reply(200, signed_in("one", "r"));       // 35 s
    BOOST_TEST(wait() == "one");
    BOOST_TEST((time.passed() == 35s));
    BOOST_TEST(transport->problems().empty(), transport->problems());
}

BOOST_FIXTURE_TEST_CASE(the_code_is_asked_for_again, device_fixture)
{
    transport->expect(async::http_method::post, login_host)
        .path("/organizations/oauth2/v2.0/devicecode")
        .reply(503);
    expect_code();
    expect_poll().reply(200, signed_in("one", "r"));
    BOOST_TEST(wait() == "one");
    BOOST_TEST(prompts.size() == 1u);
    BOOST_TEST(has(everything, "trying again"));
    BOOST_TEST(transport->problems().empty(), transport->problems());
}

BOOST_FIXTURE_TEST_CASE(a_waiter_gives_up_and_the_next_one_joins, device_fixture)
{
    expect_code();
    expect_pending(30);
    expect_poll().reply(200, signed_in("one", "r"));
    auto const impatient = get(20s);
    BOOST_REQUIRE(!impatient);
    BOOST_TEST((impatient.error().code() == errc::timed_out));
    BOOST_TEST(wait() == "one");
    BOOST_TEST(prompts.size() == 1u);
    BOOST_TEST(transport->problems().empty(), transport->problems());
}

BOOST_FIXTURE_TEST_CASE(what_the_prompt_throws_ends_the_sign_in, device_fixture)
{
    expect_code();
    on_prompt = [] { throw std::runtime_error("no terminal"); };
    BOOST_TEST(wait() == "the function that shows the device code threw an exception "
                         "(signing in with the device code) (no terminal)");
    BOOST_TEST((failed.code() == errc::authentication_failed));
    make_device({}, {});
    expect_code();
    on_prompt = [] { throw 5; };
    BOOST_TEST(has(wait(), "not derived from std::exception"));
    BOOST_TEST(transport->problems().empty(), transport->problems());
}

BOOST_FIXTURE_TEST_CASE(stop_ends_the_wait_for_the_person, device_fixture)
{
    expect_code();
    auto running = start(context.get_executor(), provider->get(deadline::never()));
    settle(context);
    BOOST_TEST(prompts.size() == 1u);
    provider->stop();
    settle(context);
    BOOST_REQUIRE(running.done());
    BOOST_TEST((running.get()->error().code() == errc::closed));
    BOOST_TEST(time.waits() == 0u);
}

BOOST_AUTO_TEST_SUITE_END()

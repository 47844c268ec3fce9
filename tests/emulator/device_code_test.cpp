#include <emulator/login_fixture.hpp>

using namespace login_test;
using namespace std::chrono_literals;

namespace
{

struct device_fixture : login_fixture
{
    explicit device_fixture(sign_in_options with = sign_in_options())
        : login_fixture(std::move(with))
    {
    }

    json::object begin(char const* tenant = "tenant-1", char const* more = " offline_access")
    {
        auto const answer = post(
            "/" + std::string(tenant) + "/oauth2/v2.0/devicecode",
            {{"client_id", client}, {"scope", std::string(kusto_resource) + "/.default" + more}});
        BOOST_REQUIRE_MESSAGE(answer.status == 200, answer.body);
        return body_of(answer);
    }

    response poll(json::object const& code)
    {
        return token({{"grant_type", device_grant},
                      {"device_code", std::string(code.at("device_code").as_string())}});
    }

    response refresh(json::value const& with)
    {
        return token(
            {{"grant_type", "refresh_token"}, {"refresh_token", std::string(with.as_string())}});
    }

    std::string error_of(response const& answer)
    {
        auto const body = body_of(answer);
        return answer.status == 200 ? "" : std::string(body.at("error").as_string());
    }
};

std::string user_code(json::object const& code)
{
    return std::string(code.at("user_code").as_string());
}

} // namespace

BOOST_AUTO_TEST_SUITE(device_codes)

BOOST_AUTO_TEST_CASE(a_code_knows_its_scope)
{
    device_fixture it(sign_in_options().approve_device_codes(true));
    auto const code = it.begin();
    auto const answer = it.post("/tenant-1/oauth2/v2.0/token",
                                {{"grant_type", device_grant},
                                 {"client_id", client},
                                 {"device_code", std::string(code.at("device_code").as_string())}});
    BOOST_REQUIRE_MESSAGE(answer.status == 200, answer.body);
    BOOST_TEST(claims_of(std::string(body_of(answer).at("access_token").as_string()))
                   .at("aud")
                   .as_string() == kusto_resource);
}

BOOST_AUTO_TEST_CASE(the_grant_has_two_names)
{
    device_fixture it(sign_in_options().approve_device_codes(true));
    for (char const* name : {device_grant, "device_code"})
    {
        auto const code = it.begin();
        auto const answer =
            it.token({{"grant_type", name},
                      {"device_code", std::string(code.at("device_code").as_string())}});
        BOOST_TEST(answer.status == 200, name);
    }
}

BOOST_AUTO_TEST_CASE(somebody_approves)
{
    device_fixture it;
    auto const code = it.begin();
    BOOST_TEST(code.at("interval").as_int64() == 5);
    BOOST_TEST(code.at("expires_in").as_int64() == 900);
    BOOST_TEST(code.at("message").as_string().find(user_code(code)) != std::string::npos);
    BOOST_TEST(it.error_of(it.poll(code)) == "authorization_pending");
    it.now += 4s;
    BOOST_TEST(it.error_of(it.poll(code)) == "slow_down");
    it.now += 10s;
    BOOST_TEST(it.error_of(it.poll(code)) == "authorization_pending");
    BOOST_TEST(!it.login.decide_device_code("wrong", true));
    BOOST_TEST(it.login.decide_device_code(user_code(code), true));
    BOOST_TEST(!it.login.decide_device_code(user_code(code), false));
    it.now += 10s;
    auto const answer = it.poll(code);
    BOOST_REQUIRE_MESSAGE(answer.status == 200, answer.body);
    auto const claims = claims_of(std::string(body_of(answer).at("access_token").as_string()));
    BOOST_TEST(claims.at("idtyp").as_string() == "user");
    BOOST_TEST(it.error_of(it.poll(code)) == "bad_verification_code");
}

BOOST_AUTO_TEST_CASE(slowing_down_is_for_good)
{
    device_fixture it;
    auto const code = it.begin();
    auto const after = [&](std::chrono::seconds pause)
    {
        it.now += pause;
        return it.error_of(it.poll(code));
    };
    BOOST_TEST(after(0s) == "authorization_pending");
    BOOST_TEST(after(4s) == "slow_down");
    BOOST_TEST(after(9s) == "slow_down");
    BOOST_TEST(after(14s) == "slow_down");
    BOOST_TEST(after(20s) == "authorization_pending");
    BOOST_TEST(after(20s) == "authorization_pending");
}

BOOST_AUTO_TEST_CASE(who_does_not_ask_for_it_gets_no_refresh_token)
{
    device_fixture it(sign_in_options().approve_device_codes(true));
    for (char const* more : {"", " openid profile"})
    {
        auto const answer = it.poll(it.begin("tenant-1", more));
        BOOST_REQUIRE_MESSAGE(answer.status == 200, answer.body);
        BOOST_TEST(!body_of(answer).contains("refresh_token"), more);
    }
    BOOST_TEST(body_of(it.poll(it.begin())).contains("refresh_token"));
}

BOOST_AUTO_TEST_CASE(a_bad_request_does_not_use_a_code_up)
{
    device_fixture it(sign_in_options().approve_device_codes(true).device_code(60s, 0s));
    auto const code = it.begin();
    auto const bad = it.token({{"grant_type", device_grant},
                               {"device_code", std::string(code.at("device_code").as_string())},
                               {"claims", "nonsense"}});
    BOOST_TEST(code_of(bad) == 9002313);
    BOOST_TEST(it.login.requested_claims().empty());
    BOOST_TEST(it.poll(code).status == 200);
}

BOOST_AUTO_TEST_CASE(expired_codes_are_forgotten_at_last)
{
    device_fixture it(sign_in_options().device_code(60s, 0s));
    auto const code = it.begin();
    it.now += 60s + 59min;
    static_cast<void>(it.begin());
    BOOST_TEST(it.error_of(it.poll(code)) == "expired_token");
    it.now += 1min;
    static_cast<void>(it.begin());
    BOOST_TEST(it.error_of(it.poll(code)) == "bad_verification_code");
}

BOOST_AUTO_TEST_CASE(refresh_tokens_rotate)
{
    device_fixture it(sign_in_options().approve_device_codes(true));
    auto const first = body_of(it.poll(it.begin("organizations"))).at("refresh_token");
    auto const answer = it.refresh(first);
    BOOST_REQUIRE_MESSAGE(answer.status == 200, answer.body);
    auto const second = body_of(answer).at("refresh_token");
    BOOST_TEST(first.as_string() != second.as_string());
    BOOST_TEST(it.error_of(it.refresh(first)) == "invalid_grant");
    BOOST_TEST(it.refresh(second).status == 200);
}

BOOST_AUTO_TEST_CASE(declined_expired_unknown)
{
    device_fixture it(sign_in_options().device_code(60s, 0s));
    auto const declined = it.begin();
    BOOST_TEST(it.login.decide_device_code(user_code(declined), false));
    BOOST_TEST(it.error_of(it.poll(declined)) == "authorization_declined");
    auto code = it.begin();
    BOOST_TEST(it.error_of(it.poll(code)) == "authorization_pending");
    BOOST_TEST(it.error_of(it.poll(code)) == "authorization_pending");
    it.now += 60s;
    BOOST_TEST(it.error_of(it.poll(code)) == "expired_token");
    BOOST_TEST(!it.login.decide_device_code(user_code(code), true));
    code["device_code"] = "x";
    BOOST_TEST(it.error_of(it.poll(code)) == "bad_verification_code");
}

BOOST_AUTO_TEST_CASE(what_may_be_asked_for)
{
    device_fixture it;
    auto const sent = [&](char const* tenant, char const* who, std::string const& scope)
    {
        return it
            .post("/" + std::string(tenant) + "/oauth2/v2.0/devicecode",
                  {{"client_id", who}, {"scope", scope}})
            .status;
    };
    auto const scope = std::string(kusto_resource) + "/.default";
    BOOST_TEST(sent("tenant-1", "db662dc1-0cfe-4e1c-a843-19a68e65be58", scope) == 200);
    BOOST_TEST(sent("tenant-2", client, scope) == 400);
    BOOST_TEST(sent("tenant-1", "somebody", scope) == 400);
    BOOST_TEST(sent("tenant-1", client, "offline_access") == 400);
    BOOST_TEST(sent("tenant-1", client, scope + " https://graph.local/.default") == 400);
    BOOST_TEST(sent("tenant-1", client, "") == 400);
}

BOOST_AUTO_TEST_CASE(tokens_are_readable)
{
    login_fixture it(sign_in_options().refresh_in(1800s));
    auto const answer = it.token({{"grant_type", "client_credentials"},
                                  {"client_secret", "secret"},
                                  {"claims", R"({"access_token":{"xms_cc":{"values":["cp1"]}}})"}});
    BOOST_REQUIRE_MESSAGE(answer.status == 200, answer.body);
    auto const body = body_of(answer);
    BOOST_TEST(body.at("refresh_in").as_int64() == 1800);
    auto const claims = claims_of(std::string(body.at("access_token").as_string()));
    BOOST_TEST(claims.at("aud").as_string() == kusto_resource);
    BOOST_TEST(claims.at("iss").as_string() == "https://sts.windows.net/tenant-1/");
    BOOST_TEST(claims.at("tid").as_string() == "tenant-1");
    BOOST_TEST(claims.at("appid").as_string() == client);
    BOOST_TEST(claims.at("idtyp").as_string() == "app");
    BOOST_TEST(claims.at("exp").as_int64() - claims.at("iat").as_int64() == 3600);
    BOOST_TEST(claims.at("xms_cc").at(0).as_string() == "cp1");
    BOOST_TEST(it.login.requested_claims().size() == 1U);
    BOOST_TEST(code_of(it.token({{"grant_type", "client_credentials"},
                                 {"client_secret", "secret"},
                                 {"claims", "nonsense"}})) == 9002313);
}

BOOST_AUTO_TEST_SUITE_END()

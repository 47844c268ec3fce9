#include <service/management_client.hpp>

#include "service_fixture.hpp"
#include <boost/test/unit_test.hpp>

namespace
{

using namespace std::chrono_literals;
using namespace kusto::test;
using kusto::errc;
using kusto::failure;
using kusto::outcome;
using kusto::stage;
using kusto::service::repetition;

failure lost(outcome what)
{
    return failure(errc::connection_lost, stage::receive, "lost").retryable(true).outcome(what);
}

failure not_connected()
{
    return failure(errc::connect_failed, stage::connect, "refused").retryable(true);
}

std::string const one_row = identity_reply("x");

} // namespace

BOOST_FIXTURE_TEST_SUITE(management_client_tests, service_fixture)

BOOST_AUTO_TEST_CASE(a_command_as_the_protocol_wants_it)
{
    expect_command(R"("csl":".show version")")
        .header("Authorization", "Bearer token-1")
        .header("Accept", "application/json")
        .header("Content-Type", "application/json; charset=utf-8")
        .header("x-ms-version", "2024-12-12")
        .body_contains(R"("db":"db1")")
        .reply(200, one_row);
    auto const got = run(ingestion->execute("db1", ".show version", in(1min)));
    BOOST_REQUIRE_MESSAGE(got, got.error().describe());
    BOOST_TEST(got->size() == 1u);
    BOOST_TEST(problems() == "");
    auto const& call = http->calls().at(0);
    BOOST_TEST(call.header("x-ms-client-request-id").rfind("KCPC.execute;", 0) == 0u);
    BOOST_TEST(call.has_header("x-ms-app"));
    BOOST_TEST(call.header("x-ms-user") == "tester");
    BOOST_TEST(call.has_header("x-ms-client-version"));
    BOOST_TEST(!call.replayable);
}

BOOST_AUTO_TEST_CASE(the_server_stops_when_the_client_would)
{
    expect_command(R"(servertimeout)").body_contains("00:00:20").reply(200, one_row);
    BOOST_TEST(run(ingestion->execute("db", ".show x", in(20s))).has_value());
    BOOST_TEST(problems() == "");
}

BOOST_AUTO_TEST_CASE(unauthorized_once)
{
    expect_command(".x").header("Authorization", "Bearer token-1").reply(401);
    expect_command(".x").header("Authorization", "Bearer token-2").reply(200, one_row);
    BOOST_TEST(run(ingestion->execute("db", ".x", in(1min))).has_value());
    BOOST_TEST(problems() == "");
}

BOOST_AUTO_TEST_CASE(what_a_challenge_demands_reaches_the_credential)
{
    expect_command(".x").reply(
        401, "",
        {{"WWW-Authenticate", "Basic realm=x"},
         {"WWW-Authenticate", R"(Bearer error="insufficient_claims", claims="eyJhIjoxfQ==")"}});
    expect_command(".x").header("Authorization", "Bearer token-2").reply(200, one_row);
    BOOST_TEST(run(ingestion->execute("db", ".x", in(1min))).has_value());
    BOOST_TEST(tokens->claims == R"({"a":1})");
    expect_command(".y").reply(401, "", {{"WWW-Authenticate", "Bearer error=\"invalid_token\""}});
    expect_command(".y").reply(200, one_row);
    BOOST_TEST(run(ingestion->execute("db", ".y", in(1min))).has_value());
    BOOST_TEST(tokens->claims == "");
    BOOST_TEST(problems() == "");
}

BOOST_AUTO_TEST_CASE(a_second_challenge_is_the_answer)
{
    expect_command(".x").times(2).reply(
        401, "",
        {{"WWW-Authenticate", R"(Bearer error="insufficient_claims", claims="eyJhIjoxfQ==")"}});
    auto const got = run(ingestion->execute("db", ".x", in(1min)));
    BOOST_REQUIRE(got.has_error());
    BOOST_TEST(got.error().status() == 401);
    BOOST_TEST(!got.error().retryable());
    BOOST_TEST(tokens->asked == 2);
    BOOST_TEST(problems() == "");
}

BOOST_AUTO_TEST_CASE(unauthorized_twice_is_the_answer)
{
    expect_command(".x").times(2).reply(401);
    auto const got = run(ingestion->execute("db", ".x", in(1min)));
    BOOST_REQUIRE(got.has_error());
    BOOST_TEST(got.error().status() == 401);
    BOOST_TEST(tokens->generation == 2u); // the second token was not thrown away
    BOOST_TEST(tokens->asked == 2);
    BOOST_TEST(got.error().host() == dm_host);
    BOOST_TEST(!got.error().request_id().empty());
    BOOST_TEST(problems() == "");
}

BOOST_AUTO_TEST_CASE(a_service_that_repeats_the_token_does_not_show_it)
{
    // The fake's tokens look like nothing that is known to be secret.
    auto const frames = [](std::string const& text)
    {
        return R"([{"FrameType":"DataSetCompletion","HasErrors":true,"OneApiErrors":[{"error":{)"
               R"("code":"E","@message":")" +
               text + R"("}}]}])";
    };
    std::string const long_text(2044, '.');
    for (auto const& [status, body] :
         {std::pair(400, std::string("<html>token-1</html>")),
          std::pair(403, one_api_error("token-1", "token-1", true)),
          std::pair(400, long_text + "token-1"), std::pair(200, frames("it was token-1")),
          std::pair(200, frames(long_text + "token-1")), std::pair(200, std::string("token-1"))})
    {
        http->expect(kusto::async::http_method::post, dm_host)
            .reply(status, body, {{"x-ms-activity-id", "of token-1"}});
        auto const got = run(ingestion->query("db", "T", in(1min)));
        BOOST_REQUIRE(got.has_error());
        auto const& why = got.error();
        auto const shown = why.describe() + kusto::error(why).what() + why.server_text();
        for (char const* const part : {"token-1", ".t"})
            BOOST_TEST(shown.find(part) == std::string::npos, shown);
        BOOST_TEST(why.status() == status);
    }
    BOOST_TEST(problems() == "");
}

BOOST_AUTO_TEST_CASE(a_reply_that_is_not_read_may_repeat_the_token_too)
{
    failure refused(errc::redirect_refused, stage::receive, "redirects to host token-1.example");
    refused.activity_id("token-1").status(302);
    http->expect(kusto::async::http_method::post, dm_host).fail(refused);
    auto const got = run(ingestion->query("db", "T", in(1min)));
    BOOST_REQUIRE(got.has_error());
    BOOST_TEST(got.error().message() == "redirects to host REDACTED.example");
    BOOST_TEST(got.error().activity_id() == "REDACTED");
    BOOST_TEST(got.error().status() == 302);
    BOOST_TEST(problems() == "");
}

BOOST_AUTO_TEST_CASE(wrong_endpoint_is_not_repeated)
{
    expect_command(".get").reply(
        400,
        one_api_error("BadRequest",
                      "Kusto.Common.Svc.Exceptions.AdminCommandWrongEndpointException", false));
    auto const got =
        run(ingestion->execute("db", ".get", in(1min), stage::resources, repetition::idempotent));
    BOOST_REQUIRE(got.has_error());
    BOOST_TEST((got.error().code() == errc::wrong_endpoint));
    BOOST_TEST((got.error().where() == stage::resources));
    BOOST_TEST(problems() == "");
}

BOOST_AUTO_TEST_CASE(a_command_that_may_have_run_is_not_repeated)
{
    expect_command(".drop").fail(lost(outcome::unknown));
    auto const got = run(ingestion->execute("db", ".drop", in(1min)));
    BOOST_TEST((got.error().outcome() == outcome::unknown));
    BOOST_TEST(got.error().attempts() == 1);
    BOOST_TEST(problems() == "");
}

BOOST_AUTO_TEST_CASE(what_is_known_of_a_command_that_failed)
{
    auto const outcome_after = [&](int status, std::string body)
    {
        expect_command(".drop").reply(status, std::move(body));
        auto const got = run(ingestion->execute("db", ".drop", in(1min)));
        BOOST_TEST(problems() == "");
        return got.error().outcome();
    };
    BOOST_TEST((outcome_after(500, "") == outcome::unknown));
    BOOST_TEST((outcome_after(504, "") == outcome::unknown));
    BOOST_TEST((outcome_after(200, "{") == outcome::unknown));
    BOOST_TEST((outcome_after(503, "") == outcome::unknown));
    BOOST_TEST((outcome_after(503, one_api_error("Busy", "X", false)) == outcome::failed));
    BOOST_TEST((outcome_after(522, "") == outcome::unknown));
    BOOST_TEST((outcome_after(599, "") == outcome::unknown));
    BOOST_TEST((outcome_after(403, "") == outcome::failed));
    BOOST_TEST((outcome_after(500, one_api_error("General_X", "X", true)) == outcome::failed));
}

BOOST_AUTO_TEST_CASE(a_command_that_was_never_sent_is_repeated)
{
    expect_command(".drop").fail(not_connected());
    expect_command(".drop").reply(429, "", {{"Retry-After", "7"}});
    expect_command(".drop").reply(200, one_row);
    auto const got = run(ingestion->execute("db", ".drop", in(1min)));
    BOOST_REQUIRE_MESSAGE(got, got.error().describe());
    BOOST_TEST((time.passed() >= 7s));
    BOOST_TEST((time.passed() < 9s));
    BOOST_TEST(problems() == "");
}

BOOST_AUTO_TEST_CASE(an_idempotent_command_is_repeated_up_to_the_limit)
{
    expect_command(".get").fail(lost(outcome::unknown));
    expect_command(".get").reply(500);
    expect_command(".get").reply(503);
    auto const got =
        run(ingestion->execute("db", ".get", in(1min), stage::resources, repetition::idempotent));
    BOOST_REQUIRE(got.has_error());
    BOOST_TEST(got.error().status() == 503);
    BOOST_TEST(got.error().attempts() == 3);
    BOOST_TEST(problems() == "");
}

BOOST_AUTO_TEST_CASE(a_503_is_retried_and_a_400_is_not_not_even_once)
{
    auto const ask = [this] {
        return ingestion->execute("db", ".get", in(1min), stage::resources, repetition::idempotent);
    };
    expect_command(".get").reply(503);
    expect_command(".get").reply(200, one_row);
    BOOST_TEST(run(ask()).has_value());
    BOOST_TEST(problems() == "");
    for (char const* const body : {"", "nonsense", "{}"})
    {
        expect_command(".get").reply(400, body);
        auto const got = run(ask());
        BOOST_REQUIRE(got.has_error());
        BOOST_TEST(!got.error().retryable());
        BOOST_TEST(got.error().attempts() == 1);
        BOOST_TEST(problems() == "");
    }
    expect_command(".get").reply(500, one_api_error("Internal", "T", true));
    BOOST_TEST(!run(ask()).error().retryable());
    BOOST_TEST(problems() == "");
}

BOOST_AUTO_TEST_CASE(retry_after_is_kept_up_to_five_minutes_and_never_beyond_the_deadline)
{
    auto const ask = [this](std::chrono::milliseconds limit) {
        return ingestion->execute("db", ".get", in(limit), stage::resources,
                                  repetition::idempotent);
    };
    expect_command(".get").reply(429, "", {{"Retry-After", "86400"}});
    expect_command(".get").reply(200, one_row);
    BOOST_TEST(run(ask(1h)).has_value());
    BOOST_TEST((time.passed() == 5min));
    expect_command(".get").reply(429, "", {{"x-ms-retry-after-ms", "90000"}});
    auto const got = run(ask(1min));
    BOOST_REQUIRE(got.has_error());
    BOOST_TEST(got.error().retryable());
    BOOST_TEST((time.passed() == 5min));
    BOOST_TEST(problems() == "");
}

BOOST_AUTO_TEST_CASE(a_token_failure_is_the_answer)
{
    tokens->failing =
        failure(errc::authentication_failed, stage::token, "secret expired").retryable(true);
    auto const got = run(ingestion->execute("db", ".x", in(1min)));
    BOOST_TEST((got.error().where() == stage::token));
    BOOST_TEST(tokens->asked == 1);
    BOOST_TEST(problems() == "");
}

BOOST_AUTO_TEST_CASE(a_query_goes_to_version_two)
{
    http->expect(kusto::async::http_method::post, dm_host)
        .path("/v2/rest/query")
        .body_contains("T | count")
        .reply(200, R"([{"FrameType":"DataSetHeader","IsProgressive":false,"Version":"v2.0"},)"
                    R"({"FrameType":"DataTable","TableId":1,"TableKind":"PrimaryResult",)"
                    R"("TableName":"PrimaryResult","Columns":[{"ColumnName":"Count",)"
                    R"("ColumnType":"long"}],"Rows":[[42]]},)"
                    R"({"FrameType":"DataSetCompletion","HasErrors":false,"Cancelled":false}])");
    auto const got = run(ingestion->query("db", "T | count", in(1min)));
    BOOST_REQUIRE_MESSAGE(got, got.error().describe());
    BOOST_TEST(got->at(0, "Count").get<std::int64_t>() == 42);
    BOOST_TEST(problems() == "");
}

BOOST_AUTO_TEST_CASE(a_silent_service_ends_at_the_request_timeout)
{
    expect_command(".x").hang();
    auto const got = run(ingestion->execute("db", ".x", in(1h)));
    BOOST_TEST((got.error().code() == errc::timed_out));
    BOOST_TEST((time.passed() == 60s));
    BOOST_TEST(problems() == "");
}

BOOST_AUTO_TEST_SUITE_END()

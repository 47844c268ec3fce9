#include "fixture.hpp"

#include <base/percent.hpp>
#include <support/scoped_environment.hpp>

using namespace kusto;
using namespace kusto::test;
using namespace std::chrono_literals;

namespace
{

std::string metadata(std::string const& login, std::string const& resource = "https://r")
{
    return R"({"AzureAD":{"LoginEndpoint":")" + login + R"(","KustoServiceResourceId":")" +
           resource + R"("}})";
}

} // namespace

BOOST_AUTO_TEST_SUITE(sign_in_test)

BOOST_FIXTURE_TEST_CASE(the_requests_are_what_the_protocol_wants, auth_fixture)
{
    expect_metadata().no_header("Authorization").header("Accept", "application/json").reply(404);
    expect_token()
        .header("Content-Type", "application/x-www-form-urlencoded")
        .no_header("Authorization")
        .body_is("grant_type=client_credentials&client_id=" + std::string(client_id) +
                 "&scope=https%3A%2F%2Fkusto.kusto.windows.net%2F.default"
                 "&client_secret=CANARY~secret%2F%2B%3D")
        .reply(200, token_json("one"));
    make();
    BOOST_TEST(text() == "one");
    BOOST_TEST(transport->problems().empty(), transport->problems());
    auto const& post = transport->calls().back();
    BOOST_TEST(post.header("client-request-id").size() == 36u);
    BOOST_TEST(post.target.without_query() ==
               "https://login.microsoftonline.com/contoso.com/oauth2/v2.0/token");
}

BOOST_FIXTURE_TEST_CASE(metadata_decides_scope_and_login_endpoint_and_is_asked_once, auth_fixture)
{
    transport->expect(async::http_method::get, "c.kusto.usgovcloudapi.net")
        .path("/v1/rest/auth/metadata")
        .reply(200, metadata("https://login.microsoftonline.us", "https://kusto.kusto.us"));
    for (char const* value : {"one", "two"})
        expect_token("login.microsoftonline.us")
            .body_contains("scope=https%3A%2F%2Fkusto.kusto.us%2F.default")
            .reply(200, token_json(value));
    make(connection_options("https://c.kusto.usgovcloudapi.net", application()));
    BOOST_TEST(text() == "one");
    provider->invalidate(1);
    BOOST_TEST(text() == "two");
    BOOST_TEST(transport->problems().empty(), transport->problems());
}

BOOST_FIXTURE_TEST_CASE(an_untrusted_host_is_not_contacted, auth_fixture)
{
    for (auto const& options :
         {connection_options("https://kusto.evil.com", application()),
          connection_options(cluster, application()).ingestion_url("https://ingest.evil.com")})
    {
        make(options);
        auto const got = get();
        BOOST_REQUIRE(!got);
        BOOST_TEST((got.error().code() == errc::untrusted_endpoint));
        BOOST_TEST(has(got.error().host(), "evil.com"));
        BOOST_TEST(has(got.error().message(), "trust_host"));
    }
    BOOST_TEST(calls() == 0u);
}

BOOST_FIXTURE_TEST_CASE(a_login_endpoint_of_another_cloud_gets_no_secret, auth_fixture)
{
    for (char const* login : {"https://login.evil.com", "https://login.microsoftonline.us",
                              "http://login.microsoftonline.com", "http://localhost:5"})
    {
        expect_metadata().reply(200, metadata(login));
        make();
        auto const got = get();
        BOOST_TEST_CONTEXT(login)
        {
            BOOST_REQUIRE(!got);
            BOOST_TEST((got.error().code() == errc::untrusted_endpoint));
        }
    }
    BOOST_TEST(transport->problems().empty(), transport->problems());
}

BOOST_FIXTURE_TEST_CASE(who_names_the_wrong_login_endpoint_is_told_the_right_one, auth_fixture)
{
    struct row
    {
        char const* metadata; ///< empty: the cluster has none, as old ones do
        char const* option;
        char const* variable; ///< AZURE_AUTHORITY_HOST
        char const* blamed;
    };
    std::string const right = "https://login.partner.microsoftonline.cn";
    for (auto const& r :
         {row{"", "", "", "https://login.microsoftonline.com"},
          row{"https://login.microsoftonline.us", "", "", "https://login.microsoftonline.us"},
          row{"https://login.microsoftonline.us", "https://login.windows.net", "",
              "https://login.windows.net"},
          row{"", "", "https://login.microsoftonline.us", "https://login.microsoftonline.us"}})
    {
        scoped_environment variables;
        variables.unset("AadAuthorityUri");
        variables.set("AZURE_AUTHORITY_HOST", r.variable);
        char const* const host = "c.kusto.chinacloudapi.cn";
        auto const reply = [&](step& asked)
        { *r.metadata == '\0' ? asked.reply(404) : asked.reply(200, metadata(r.metadata)); };
        connection_options options(std::string("https://") + host, application());
        options.authority_host(r.option);
        reply(expect_metadata(host));
        make(options);
        auto const got = get();
        BOOST_TEST_CONTEXT(r.blamed)
        {
            BOOST_REQUIRE(!got);
            auto const why = got.error();
            BOOST_TEST((why.code() == errc::untrusted_endpoint));
            BOOST_TEST(has(why.message(), "login endpoint " + std::string(r.blamed)),
                       why.message());
            BOOST_TEST(has(why.message(), "AadAuthorityUri to " + right), why.message());
            BOOST_TEST(!has(why.message(), "trust_host"), why.message());
        }
        reply(expect_metadata(host));
        expect_token("login.partner.microsoftonline.cn").reply(200, token_json("one"));
        make(options.authority_host(right));
        BOOST_TEST(text() == "one");
    }
    BOOST_TEST(transport->problems().empty(), transport->problems());
}

BOOST_FIXTURE_TEST_CASE(a_trusted_private_host_needs_a_known_authority, auth_fixture)
{
    auto const options = connection_options("https://adx.example.org", application())
                             .trust_host("adx.example.org")
                             .trust_host("ingest-adx.example.org");
    expect_metadata("adx.example.org").reply(200, metadata("https://login.example.org"));
    make(options);
    auto const got = get();
    BOOST_REQUIRE(!got);
    BOOST_TEST((got.error().code() == errc::untrusted_endpoint));
    for (char const* part : {"the cluster adx.example.org", "endpoint https://login.example.org,",
                             "connection_options::authority_host", "AadAuthorityUri"})
        BOOST_TEST(has(got.error().message(), part), got.error().message());

    expect_metadata("adx.example.org").reply(200, metadata("https://login.example.org"));
    expect_token("login.example.org").reply(200, token_json("one"));
    make(connection_options(options).authority_host("https://login.example.org/"));
    BOOST_TEST(text() == "one");
    BOOST_TEST(transport->problems().empty(), transport->problems());
}

BOOST_FIXTURE_TEST_CASE(an_authority_of_the_user_overrides_the_metadata, auth_fixture)
{
    expect_metadata().reply(404);
    expect_token("login.windows.net").reply(200, token_json("one"));
    make(connection_options(cluster, application()).authority_host("https://login.windows.net"));
    BOOST_TEST(text() == "one");
    BOOST_TEST(transport->problems().empty(), transport->problems());
}

BOOST_FIXTURE_TEST_CASE(loopback_clusters_sign_in_on_loopback, auth_fixture)
{
    expect_metadata("127.0.0.1").reply(200, metadata("http://127.0.0.1:7"));
    expect_token("127.0.0.1").reply(200, token_json("one"));
    make(connection_options("http://127.0.0.1:1", application())
             .ingestion_url("http://127.0.0.1:2"));
    BOOST_TEST(text() == "one");
    BOOST_TEST(transport->problems().empty(), transport->problems());
}

BOOST_FIXTURE_TEST_CASE(what_may_succeed_is_tried_again, auth_fixture)
{
    failure lost(errc::connect_failed, stage::connect, "refused");
    lost.retryable(true);
    expect_metadata().fail(lost);
    expect_metadata().reply(503);
    expect_metadata().reply(404);
    expect_token().reply(429, "", {{"Retry-After", "7"}});
    expect_token().reply(400, R"({"error":"temporarily_unavailable"})");
    expect_token().reply(200, token_json("one"));
    make();
    BOOST_TEST(text() == "one");
    BOOST_TEST((time.passed() >= 7s));
    BOOST_TEST(transport->problems().empty(), transport->problems());
}

BOOST_FIXTURE_TEST_CASE(attempts_are_bounded_and_counted, auth_fixture)
{
    expect_metadata().reply(404);
    expect_token().times(4).reply(503);
    make(connection_options(cluster, application()).retry(retry_options().attempts(4)));
    auto const got = get();
    BOOST_REQUIRE(!got);
    BOOST_TEST(got.error().attempts() == 4);
    BOOST_TEST((got.error().code() == errc::service_unavailable));
    BOOST_TEST(transport->problems().empty(), transport->problems());
}

BOOST_FIXTURE_TEST_CASE(failures_name_everything_but_the_secret, auth_fixture)
{
    std::string const secret = canary;
    std::string const echo = secret + " or " + base::percent_encode(secret);
    expect_metadata().reply(404);
    expect_token().reply(401, R"({"error":"invalid_client","error_codes":[7000215],
      "correlation_id":"corr","error_description":"AADSTS7000215: you sent )" +
                                  echo + "\"}");
    make();
    auto const got = get();
    BOOST_REQUIRE(!got);
    auto const why = got.error();
    BOOST_TEST((why.where() == stage::token));
    BOOST_TEST(why.host() == login_host);
    BOOST_TEST(why.status() == 401);
    BOOST_TEST(why.service_code() == "AADSTS7000215");
    BOOST_TEST(why.activity_id() == "corr");
    BOOST_TEST(why.request_id() == transport->calls().back().header("client-request-id"));
    BOOST_TEST(has(why.message(), client_id));
    BOOST_TEST(has(why.message(), "not its id"));
    BOOST_TEST(!has(why.describe(), "CANARY"), why.describe());
}

BOOST_FIXTURE_TEST_CASE(every_refusal_keeps_the_secret, auth_fixture)
{
    std::string const echo = std::string("body ") + canary + " client_secret=" + canary;
    for (int status : {200, 302, 400, 401, 403, 404, 500})
    {
        for (std::string const& body :
             {echo, "{\"error\":\"" + echo + "\"}", "{\"error_description\":\"" + echo + "\"}"})
        {
            expect_metadata().reply(404);
            expect_token().times(2).reply(status, body, {{"x-ms-request-id", echo}});
            make(connection_options(cluster, application())
                     .retry(retry_options().attempts(2).base(0ms)));
            auto const got = get();
            BOOST_REQUIRE(!got);
            BOOST_TEST(!has(got.error().describe(), "CANARY"), got.error().describe());
            transport = std::make_shared<scripted_transport>(time);
        }
    }
}

BOOST_FIXTURE_TEST_CASE(a_bad_url_is_a_failure_and_no_crash, auth_fixture)
{
    make(connection_options("ftp://nowhere", application()));
    BOOST_TEST((get().error().code() == errc::invalid_url));
}

BOOST_FIXTURE_TEST_CASE(an_authority_that_is_no_url_is_its_author_s_mistake, auth_fixture)
{
    struct row
    {
        char const* variable;
        char const* value;
    };
    for (auto const& r :
         {row{"connection_options::authority_host", "ftp://login"},
          row{"AadAuthorityUri", "http://login.microsoftonline.com"},
          row{"AadAuthorityUri", "https://"}, row{"AZURE_AUTHORITY_HOST", "login microsoft"}})
    {
        scoped_environment variables;
        variables.unset("AadAuthorityUri");
        variables.unset("AZURE_AUTHORITY_HOST");
        connection_options options(cluster, application());
        if (std::string_view(r.variable).starts_with("connection_options"))
            options.authority_host(r.value);
        else
            variables.set(r.variable, r.value);
        expect_metadata().reply(404);
        make(options);
        auto const got = get();
        BOOST_REQUIRE(!got);
        BOOST_TEST((got.error().code() == errc::invalid_option), got.error().describe());
        BOOST_TEST(has(got.error().message(), r.variable), got.error().message());
        BOOST_TEST(has(got.error().message(), "https://login.microsoftonline.com"));
    }
    BOOST_TEST(transport->problems().empty(), transport->problems());
}

BOOST_AUTO_TEST_SUITE_END()

#include "identity_fixture.hpp"

using namespace kusto;
using namespace kusto::test;
using namespace std::chrono_literals;

namespace
{

constexpr char const* thumbprint = "0123456789abcdef0123456789abcdef01234567";
constexpr char const* resource = "&resource=https%3A%2F%2Fkusto.kusto.windows.net";

} // namespace

BOOST_AUTO_TEST_SUITE(managed_identity_test)

BOOST_FIXTURE_TEST_CASE(imds_gives_a_token, identity_fixture)
{
    expect(imds_host)
        .target_contains(std::string("?api-version=2018-02-01") + resource)
        .header("Metadata", "true")
        .when([](seen_request const& r) { return !r.target.is_https(); })
        .reply(200, text_token("one", R"(,"refresh_in":"1800")"));
    make();
    auto const got = get();
    BOOST_REQUIRE(got);
    BOOST_TEST(got->value.reveal() == "one");
    BOOST_TEST((got->lifetime == 3600s));
    BOOST_TEST((got->refresh_in == std::optional<std::chrono::steady_clock::duration>(1800s)));
    check_requests();
    auto const& seen = transport->calls().front();
    BOOST_TEST(seen.header("x-ms-client-request-id").size() == 36u);
    BOOST_TEST(!seen.peer);
    BOOST_TEST((seen.until.left(time.now()) == 30s));
}

BOOST_FIXTURE_TEST_CASE(imds_is_told_which_identity_is_meant, identity_fixture)
{
    expect(imds_host)
        .target_contains("&client_id=0f1e2d3c-0000-1111-2222-333344445555")
        .reply(200, text_token("one"));
    make(identity_id::client(client_id));
    BOOST_TEST(text() == "one");
    expect(imds_host)
        .target_contains("&object_id=0f1e2d3c-0000-1111-2222-333344445555")
        .reply(200, text_token("two"));
    make(identity_id::object(client_id));
    BOOST_TEST(text() == "two");
    expect(imds_host)
        .target_contains("&msi_res_id=%2Fsubscriptions%2Fs%2Fn")
        .reply(200, text_token("three"));
    make(identity_id::resource("/subscriptions/s/n"));
    BOOST_TEST(text() == "three");
    check_requests();
}

BOOST_FIXTURE_TEST_CASE(pod_identity_replaces_the_address_of_imds, identity_fixture)
{
    environment.set("AZURE_POD_IDENTITY_AUTHORITY_HOST", "http://127.0.0.1:2579");
    expect("127.0.0.1")
        .when([](seen_request const& r) { return r.target.port() == 2579; })
        .header("Metadata", "true")
        .reply(200, text_token("one"));
    make(identity_id::system(), true); // it is named, and so not probed
    BOOST_TEST(text() == "one");
    check_requests();
}

BOOST_FIXTURE_TEST_CASE(app_service_gives_a_token, identity_fixture)
{
    environment.set("IDENTITY_ENDPOINT", "http://localhost:42356/msi/token?site=a");
    environment.set("IDENTITY_HEADER", canary);
    expect("localhost", "/msi/token")
        .target_contains(std::string("?site=a&api-version=2019-08-01") + resource + "&principal_id")
        .header("X-IDENTITY-HEADER", canary)
        .no_header("Metadata")
        .reply(200, R"({"access_token":"one","client_id":"5E29463D-71DA-4FE0-8E69-999B57DB23B0",)"
                    R"("expires_on":"1767232800","token_type":"Bearer"})");
    make(identity_id::object(client_id), true);
    auto const got = get();
    BOOST_REQUIRE(got);
    BOOST_TEST((got->lifetime == 7200s));
    check_requests();
}

BOOST_FIXTURE_TEST_CASE(the_server_s_clock_decides_about_absolute_times, identity_fixture)
{
    environment.set("IDENTITY_ENDPOINT", "http://localhost:1/msi");
    environment.set("IDENTITY_HEADER", canary);
    expect("localhost", "/msi")
        .reply(200, R"({"access_token":"one","expires_on":"1767229200"})",
               {{"Date", "Thu, 01 Jan 2026 00:30:00 GMT"}});
    make();
    auto const got = get();
    BOOST_REQUIRE(got);
    BOOST_TEST((got->lifetime == 1800s));
}

BOOST_FIXTURE_TEST_CASE(the_header_s_secret_is_read_for_each_request, identity_fixture)
{
    environment.set("IDENTITY_ENDPOINT", "http://localhost:42356/msi/token");
    environment.set("IDENTITY_HEADER", "first");
    make();
    expect("localhost", "/msi/token").header("X-IDENTITY-HEADER", "first").reply(503);
    expect("localhost", "/msi/token")
        .header("X-IDENTITY-HEADER", "second")
        .reply(200, text_token("one"));
    expect("localhost", "/msi/token")
        .header("X-IDENTITY-HEADER", "third")
        .reply(200, text_token("two"));
    auth::token_wish const wish("https://kusto.kusto.windows.net/.default", "", "");
    auto waiter = start(context.get_executor(), source->acquire(wish, deadline(time.now() + 100s)));
    settle(context);
    environment.set("IDENTITY_HEADER", "second");
    BOOST_TEST(time.advance_to_next());
    settle(context);
    BOOST_REQUIRE(waiter.done());
    BOOST_TEST(waiter.get()->value().value.reveal() == "one");
    environment.set("IDENTITY_HEADER", "third");
    BOOST_TEST(text() == "two");
    check_requests();
    for (char const* bad : {"", "CANARY\r\nX: y"})
    {
        environment.set("IDENTITY_HEADER", bad);
        auto const why = refusal();
        BOOST_TEST((why.code() == errc::invalid_option));
        BOOST_TEST(has(why.message(), "IDENTITY_HEADER"));
        BOOST_TEST(!has(why.describe(), "CANARY"));
    }
}

BOOST_FIXTURE_TEST_CASE(azure_ml_gives_a_token, identity_fixture)
{
    environment.set("MSI_ENDPOINT", "http://127.0.0.1:4000/msi/token");
    environment.set("MSI_SECRET", canary);
    environment.set("DEFAULT_IDENTITY_CLIENT_ID", client_id);
    expect("127.0.0.1", "/msi/token")
        .target_contains(std::string("?api-version=2017-09-01") + resource +
                         "&clientid=0f1e2d3c-0000-1111-2222-333344445555")
        .header("secret", canary)
        .header("Metadata", "true")
        .reply(200, R"({"access_token":"one","expires_on":"1767229200"})");
    make();
    BOOST_TEST(text() == "one");
    check_requests();
}

BOOST_FIXTURE_TEST_CASE(service_fabric_is_known_by_its_thumbprint, identity_fixture)
{
    environment.set("IDENTITY_ENDPOINT", "https://localhost:2377/metadata/identity/oauth2/token");
    environment.set("IDENTITY_HEADER", canary);
    environment.set("IDENTITY_SERVER_THUMBPRINT",
                    "01:23:45:67:89:AB:CD:EF:01:23:45:67:89:AB:CD:EF 01 23 45 67");
    expect("localhost")
        .target_contains(std::string("?api-version=2019-07-01-preview") + resource)
        .header("Secret", canary)
        .header("Accept", "application/json")
        .times(2)
        .reply(200, R"({"token_type":"Bearer","access_token":"one","expires_on":1767229200})");
    make();
    BOOST_TEST(text() == "one");
    BOOST_TEST(text() == "one");
    check_requests();
    auto const& calls = transport->calls();
    BOOST_REQUIRE(calls[0].peer);
    BOOST_TEST(calls[0].peer->thumbprint == thumbprint);
    BOOST_TEST(calls[0].peer->server_name == "");
    BOOST_TEST(calls[0].peer == calls[1].peer);
}

BOOST_FIXTURE_TEST_CASE(a_certificate_that_is_another_s_ends_it, identity_fixture)
{
    environment.set("IDENTITY_ENDPOINT", "https://localhost:2377/x");
    environment.set("IDENTITY_HEADER", canary);
    environment.set("IDENTITY_SERVER_THUMBPRINT", thumbprint);
    expect("localhost", "/x")
        .fail(failure(errc::certificate_rejected, stage::handshake, "another certificate"));
    make();
    auto const why = refusal();
    BOOST_TEST((why.code() == errc::certificate_rejected));
    BOOST_TEST(has(why.message(), "managed identity of the system, from Service Fabric"));
    check_discretion(why);
}

BOOST_FIXTURE_TEST_CASE(cloud_shell_gives_a_token, identity_fixture)
{
    environment.set("MSI_ENDPOINT", "http://localhost:50342/oauth2/token");
    transport->expect(async::http_method::post, "localhost")
        .path("/oauth2/token")
        .header("Metadata", "true")
        .header("Content-Type", "application/x-www-form-urlencoded")
        .body_is("resource=https%3A%2F%2Fkusto.kusto.windows.net")
        .when([](seen_request const& r) { return r.target.query().empty(); })
        .reply(200, text_token("one"));
    make();
    BOOST_TEST(text() == "one");
    check_requests();
}

BOOST_FIXTURE_TEST_CASE(bad_variables_are_reported_and_nothing_is_sent, identity_fixture)
{
    environment.set("IDENTITY_ENDPOINT", "http://example.com/CANARY");
    environment.set("IDENTITY_HEADER", canary);
    make();
    auto const remote = refusal();
    BOOST_TEST((remote.code() == errc::invalid_option));
    BOOST_TEST(has(remote.message(), "IDENTITY_ENDPOINT must begin with https://"));
    BOOST_TEST(has(remote.message(), "managed identity of the system"));
    environment.set("IDENTITY_ENDPOINT", "https://localhost/");
    environment.set("IDENTITY_SERVER_THUMBPRINT", "CANARY");
    make();
    auto const odd = refusal();
    BOOST_TEST(has(odd.message(), "IDENTITY_SERVER_THUMBPRINT must be"));
    environment.set("IDENTITY_SERVER_THUMBPRINT", thumbprint);
    make(identity_id::client(client_id));
    auto const unsupported = refusal();
    BOOST_TEST((unsupported.code() == errc::invalid_option));
    BOOST_TEST(has(unsupported.message(), "on Service Fabric"));
    BOOST_TEST(has(unsupported.message(), client_id));
    for (auto const& why : {remote, odd, unsupported})
        check_discretion(why);
}

BOOST_FIXTURE_TEST_CASE(servers_that_repeat_the_secret_do_not_spread_it, identity_fixture)
{
    environment.set("IDENTITY_ENDPOINT", "http://localhost:1/msi");
    environment.set("IDENTITY_HEADER", canary);
    std::string const said = R"({"statusCode":500,"message":"bad header CANARY~secret/+=",)"
                             R"("correlationId":"CANARY~secret/+="})";
    expect("localhost", "/msi").times(4).reply(500, said);
    make();
    auto const why = refusal();
    BOOST_TEST(why.server_text() == "bad header REDACTED");
    BOOST_TEST(why.attempts() == 4);
    BOOST_TEST(has(log, "trying again"));
    check_discretion(why);
}

BOOST_FIXTURE_TEST_CASE(a_chain_goes_on_when_nothing_answers, identity_fixture)
{
    environment.set("IDENTITY_ENDPOINT", "http://localhost:1/msi");
    environment.set("IDENTITY_HEADER", canary);
    for (auto const& [code, where] : {std::pair(errc::connect_failed, stage::connect),
                                      std::pair(errc::host_not_found, stage::resolve),
                                      std::pair(errc::timed_out, stage::resolve)})
    {
        failure gone(code, where, "not there");
        gone.retryable(true).request_id("the request");
        expect("localhost", "/msi").fail(gone);
        make(identity_id::system(), true);
        auto const why = refusal();
        BOOST_TEST((why.code() == errc::credential_unavailable));
        BOOST_TEST(has(why.message(), "not there"));
        BOOST_TEST(has(why.message(), "from App Service"));
        BOOST_TEST(why.retryable());
        BOOST_TEST(why.request_id() == "the request");
        BOOST_TEST(why.attempts() == 1);
        check_discretion(why);
        // Who names it wants to know.
        expect("localhost", "/msi").times(4).fail(gone);
        make();
        BOOST_TEST((refusal().code() == code));
    }
    check_requests();
}

BOOST_FIXTURE_TEST_CASE(a_chain_waits_a_second_for_the_connection, identity_fixture)
{
    environment.set("IDENTITY_ENDPOINT", "http://localhost:1/msi");
    environment.set("IDENTITY_HEADER", canary);
    expect("localhost", "/msi").hang_connecting();
    make(identity_id::system(), true);
    auto const why = refusal();
    BOOST_TEST((why.code() == errc::credential_unavailable));
    BOOST_TEST((time.passed() == 1s));
    // One that connects and takes its time is there.
    expect("localhost", "/msi").hang();
    expect("localhost", "/msi")
        .when([this](seen_request const& r) { return r.until.left(time.now()) == 30s; })
        .reply(200, text_token("one"));
    BOOST_TEST(text() == "one");
    // And so its troubles are no reason to go on.
    failure gone(errc::connect_failed, stage::connect, "refused");
    expect("localhost", "/msi").fail(gone);
    BOOST_TEST((refusal().code() == errc::connect_failed));
    check_requests();
}

/// A client's provider, as it is made of options.
BOOST_FIXTURE_TEST_CASE(a_client_signs_in_with_it, auth_fixture)
{
    identity_fixture const without_variables;
    expect_metadata().reply(404);
    transport->expect(async::http_method::get, imds_host)
        .target_contains(resource)
        .reply(200, text_token("one"));
    make(connection_options(cluster, credential::managed_identity()));
    BOOST_TEST(text() == "one");
    BOOST_TEST(text() == "one");
    BOOST_TEST(transport->problems() == "");
}

BOOST_AUTO_TEST_SUITE_END()

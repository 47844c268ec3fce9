#include "sign_in_fixture.hpp"

#include <base/time_text.hpp>
#include <support/scoped_environment.hpp>
#include <support/test_certificates.hpp>

using namespace kusto;
using namespace kusto::test;
using namespace std::chrono_literals;

namespace
{

constexpr char const* platform_token = "CANARY.federated.token-1";

class workload_fixture : public sign_in_fixture
{
public:
    workload_fixture()
    {
        for (char const* variable :
             {"AZURE_CLIENT_ID", "AZURE_TENANT_ID", "AZURE_FEDERATED_TOKEN_FILE",
              "AZURE_KUBERNETES_TOKEN_PROXY", "AZURE_KUBERNETES_SNI_NAME",
              "AZURE_KUBERNETES_CA_FILE", "AZURE_KUBERNETES_CA_DATA"})
            environment.unset(variable);
        expect_metadata().reply(404);
    }

    void set_all(std::string const& token)
    {
        environment.set("AZURE_CLIENT_ID", client_id);
        environment.set("AZURE_TENANT_ID", "contoso.com");
        environment.set("AZURE_FEDERATED_TOKEN_FILE", files.write("token", token));
    }

    failure refusal()
    {
        auto const got = get();
        BOOST_REQUIRE(!got);
        return got.error();
    }

    scoped_environment environment;
};

} // namespace

BOOST_AUTO_TEST_SUITE(workload_identity_test)

BOOST_FIXTURE_TEST_CASE(the_platforms_token_is_exchanged, workload_fixture)
{
    set_all(std::string(platform_token) + "\r\n \n");
    make_with(credential::workload_identity());
    expect_granted("one");
    BOOST_TEST(text() == "one");
    BOOST_TEST(field("grant_type") == "client_credentials");
    BOOST_TEST(field("client_id") == client_id);
    BOOST_TEST(field("scope") == "https://kusto.kusto.windows.net/.default");
    BOOST_TEST(field("client_assertion_type") ==
               "urn:ietf:params:oauth:client-assertion-type:jwt-bearer");
    BOOST_TEST(field("client_assertion") == platform_token);
    BOOST_TEST((transport->calls().back().peer == nullptr));
    BOOST_TEST(transport->problems().empty(), transport->problems());
}

BOOST_FIXTURE_TEST_CASE(what_is_given_goes_before_the_environment, workload_fixture)
{
    set_all("other");
    environment.set("AZURE_CLIENT_ID", "00000000-0000-0000-0000-000000000000");
    environment.set("AZURE_TENANT_ID", "elsewhere.com");
    make_with(credential::workload_identity(client_id, "contoso.com",
                                            files.write("mine", platform_token)));
    // Read when the client is made.
    environment.unset("AZURE_CLIENT_ID");
    expect_granted("one");
    BOOST_TEST(text() == "one");
    BOOST_TEST(field("client_id") == client_id);
    BOOST_TEST(field("client_assertion") == platform_token);
}

BOOST_FIXTURE_TEST_CASE(the_file_is_read_for_each_attempt, workload_fixture)
{
    set_all("first");
    make_with(credential::workload_identity());
    expect_token().reply(503).when(
        [&](seen_request const&)
        {
            files.write("token", "second");
            return true;
        });
    expect_granted("one");
    expect_granted("two");
    BOOST_TEST(text() == "one");
    BOOST_TEST(field("client_assertion", 1) == "first");
    BOOST_TEST(field("client_assertion", 0) == "second");
    files.write("token", "third");
    BOOST_TEST(text_anew() == "two");
    BOOST_TEST(field("client_assertion") == "third");
}

BOOST_FIXTURE_TEST_CASE(an_outdated_token_is_read_again_once, workload_fixture)
{
    set_all("first");
    make_with(credential::workload_identity());
    for (int const code : {700024, 50013, 500133})
    {
        files.write("token", "old");
        auto const body =
            R"({"error":"invalid_client","error_codes":[)" + std::to_string(code) + "]}";
        expect_token().reply(401, body).when(
            [&](seen_request const&)
            {
                files.write("token", "new");
                return true;
            });
        expect_token().body_contains("client_assertion=new").reply(401, body);
        auto const why = refusal();
        BOOST_TEST(why.service_code() == "AADSTS" + std::to_string(code));
        time.advance(10min);
    }
    BOOST_TEST(transport->problems().empty(), transport->problems());
}

BOOST_FIXTURE_TEST_CASE(missing_variables_are_listed, workload_fixture)
{
    struct row
    {
        std::vector<char const*> set;
        char const* message;
    };
    for (auto const& r :
         {row{{}, "not set: AZURE_CLIENT_ID, AZURE_TENANT_ID, AZURE_FEDERATED_TOKEN_FILE;"},
          row{{"AZURE_TENANT_ID"}, "not set: AZURE_CLIENT_ID, AZURE_FEDERATED_TOKEN_FILE;"},
          row{{"AZURE_CLIENT_ID", "AZURE_TENANT_ID"}, "not set: AZURE_FEDERATED_TOKEN_FILE;"},
          row{{"AZURE_CLIENT_ID", "AZURE_FEDERATED_TOKEN_FILE"}, "not set: AZURE_TENANT_ID;"}})
    {
        scoped_environment some;
        for (char const* variable : r.set)
            some.set(variable, "x");
        make_with(credential::workload_identity());
        transport->expect(async::http_method::get, cluster_host).any_order().reply(404);
        auto const why = refusal();
        BOOST_TEST((why.code() == errc::credential_unavailable));
        BOOST_TEST(has(why.message(), r.message), why.message());
        BOOST_TEST(has(why.message(), "workload identity"));
    }
}

BOOST_FIXTURE_TEST_CASE(bad_values_of_the_environment_are_named, workload_fixture)
{
    set_all("token");
    struct row
    {
        char const* variable;
        char const* value;
        char const* message;
    };
    for (auto const& r :
         {row{"AZURE_CLIENT_ID", "no-guid", "client id must be a GUID"},
          row{"AZURE_TENANT_ID", "a/b", "tenant id must be"},
          row{"AZURE_TENANT_ID", "common", "tenant must be named"},
          row{"AZURE_KUBERNETES_SNI_NAME", "x", "but not AZURE_KUBERNETES_TOKEN_PROXY"}})
    {
        scoped_environment one;
        one.set(r.variable, r.value);
        make_with(credential::workload_identity());
        transport->expect(async::http_method::get, cluster_host).any_order().reply(404);
        auto const why = refusal();
        BOOST_TEST((why.code() == errc::invalid_option));
        BOOST_TEST(has(why.message(), r.message), why.message());
    }
}

BOOST_FIXTURE_TEST_CASE(a_file_without_a_token_is_named_not_shown, workload_fixture)
{
    set_all("x");
    make_with(credential::workload_identity());
    struct row
    {
        std::string content;
        char const* message;
    };
    for (auto const& r : {row{"", "is empty"}, row{" \r\n\t", "holds blanks only"},
                          row{"CANARY one two", "does not hold a token"},
                          row{std::string("CANARY\0x", 8), "does not hold a token"},
                          row{std::string(65537, 'x'), "is longer than 65536 bytes"}})
    {
        files.write("token", r.content);
        auto const why = refusal();
        BOOST_TEST((why.code() == errc::invalid_option));
        BOOST_TEST(has(why.message(), r.message), why.message());
        BOOST_TEST(has(why.message(), files.path("token")));
        BOOST_TEST(has(why.message(), "AZURE_FEDERATED_TOKEN_FILE"));
        BOOST_TEST(!has(why.describe(), "CANARY"));
        time.advance(10min);
    }
    std::filesystem::remove(files.path("token"));
    BOOST_TEST(has(refusal().message(), files.path("token")));
    time.advance(10min);
    std::string const longest(65536, 'x');
    files.write("token", longest);
    expect_granted("one");
    BOOST_TEST(text() == "one");
    BOOST_TEST((field("client_assertion") == longest));
    BOOST_TEST(transport->problems().empty(), transport->problems());
}

BOOST_FIXTURE_TEST_CASE(a_proxy_stands_for_the_endpoint, workload_fixture)
{
    set_all(platform_token);
    auto const ca = pem(make_certificate());
    environment.set("AZURE_KUBERNETES_TOKEN_PROXY", "https://10.0.0.1:8443/prefix/");
    environment.set("AZURE_KUBERNETES_SNI_NAME", "proxy.example");
    environment.set("AZURE_KUBERNETES_CA_FILE", files.write("ca.pem", ""));
    make_with(credential::workload_identity());
    auto const why = refusal();
    BOOST_TEST(has(why.message(), files.path("ca.pem")));
    BOOST_TEST(why.retryable());
    BOOST_TEST(calls() == 1u);
    time.advance(10min);
    files.write("ca.pem", ca);
    transport->expect(async::http_method::post, "10.0.0.1")
        .path("/prefix/contoso.com/oauth2/v2.0/token")
        .reply(200, token_json("one"));
    BOOST_TEST(text() == "one");
    auto const& seen = transport->calls().back();
    BOOST_TEST(seen.target.port() == 8443);
    BOOST_REQUIRE(seen.peer);
    BOOST_TEST(seen.peer->server_name == "proxy.example");
    BOOST_TEST(seen.peer->ca_pem == ca);
    BOOST_TEST(field("client_assertion") == platform_token);
    BOOST_TEST(transport->problems().empty(), transport->problems());
}

BOOST_FIXTURE_TEST_CASE(no_secret_is_shown, workload_fixture)
{
    set_all(platform_token);
    BOOST_TEST(leaks_of(credential::workload_identity(), {platform_token}) == "");
}

BOOST_AUTO_TEST_SUITE_END()

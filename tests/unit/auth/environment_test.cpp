#include "log_fixture.hpp"
#include "sign_in_fixture.hpp"

#include <support/test_certificates.hpp>

using namespace kusto;
using namespace kusto::test;
using namespace std::chrono_literals;

BOOST_AUTO_TEST_SUITE(environment_source_test)

BOOST_FIXTURE_TEST_CASE(a_client_secret, log_fixture)
{
    variables.set("AZURE_TENANT_ID", "contoso.com");
    variables.set("AZURE_CLIENT_ID", client_id);
    variables.set("AZURE_CLIENT_SECRET", canary);
    make_with(credential::environment());
    // Read when the client was made.
    variables.set("AZURE_CLIENT_SECRET", "another");
    expect_token()
        .body_contains("client_id=" + std::string(client_id))
        .body_contains("&client_secret=CANARY~secret%2F%2B%3D")
        .reply(200, token_json("one"));
    BOOST_TEST(text() == "one");
    BOOST_TEST(transport->problems().empty(), transport->problems());
}

BOOST_FIXTURE_TEST_CASE(an_incomplete_set_is_told_by_names, log_fixture)
{
    struct row
    {
        char const* tenant;
        char const* client;
        char const* secret;
        char const* certificate;
        char const* user;
        char const* said;
    };
    for (auto const& r : {
             row{"", "", "", "", "",
                 "the environment sets none of AZURE_TENANT_ID, AZURE_CLIENT_ID, "
                 "AZURE_CLIENT_SECRET or AZURE_CLIENT_CERTIFICATE_PATH"},
             row{"CANARY", "", "", "", "",
                 "the environment sets AZURE_TENANT_ID but not AZURE_CLIENT_ID, "
                 "AZURE_CLIENT_SECRET or AZURE_CLIENT_CERTIFICATE_PATH"},
             row{"CANARY", "CANARY", "", "", "",
                 "the environment sets AZURE_TENANT_ID, AZURE_CLIENT_ID but not "
                 "AZURE_CLIENT_SECRET or AZURE_CLIENT_CERTIFICATE_PATH"},
             row{"", "CANARY", "CANARY", "", "",
                 "the environment sets AZURE_CLIENT_ID, AZURE_CLIENT_SECRET but not "
                 "AZURE_TENANT_ID"},
             row{"CANARY", "", "", "CANARY", "",
                 "the environment sets AZURE_TENANT_ID, AZURE_CLIENT_CERTIFICATE_PATH but not "
                 "AZURE_CLIENT_ID"},
             row{"CANARY", "CANARY", "", "", "CANARY",
                 "the environment sets AZURE_TENANT_ID, AZURE_CLIENT_ID but not "
                 "AZURE_CLIENT_SECRET or AZURE_CLIENT_CERTIFICATE_PATH; signing in with "
                 "AZURE_USERNAME and AZURE_PASSWORD is not supported"},
         })
    {
        variables.set("AZURE_TENANT_ID", r.tenant);
        variables.set("AZURE_CLIENT_ID", r.client);
        variables.set("AZURE_CLIENT_SECRET", r.secret);
        variables.set("AZURE_CLIENT_CERTIFICATE_PATH", r.certificate);
        variables.set("AZURE_USERNAME", r.user);
        make_with(credential::environment());
        BOOST_TEST(text() == r.said);
        BOOST_TEST((failed.code() == errc::credential_unavailable));
    }
}

BOOST_FIXTURE_TEST_CASE(bad_values_are_no_reason_to_go_on, log_fixture)
{
    variables.set("AZURE_TENANT_ID", "contoso.com");
    variables.set("AZURE_CLIENT_ID", "CANARY");
    variables.set("AZURE_CLIENT_SECRET", canary);
    make_with(credential::environment());
    BOOST_TEST(text() ==
               "the environment's AZURE_* variables: the client id must be a GUID such as "
               "0f1e2d3c-0000-1111-2222-333344445555");
    BOOST_TEST((failed.code() == errc::invalid_option));
}

BOOST_FIXTURE_TEST_CASE(a_certificate_that_comes_late_is_used, sign_in_fixture)
{
    scoped_environment variables;
    variables.set("AZURE_TENANT_ID", "contoso.com");
    variables.set("AZURE_CLIENT_ID", client_id);
    variables.unset("AZURE_CLIENT_SECRET");
    variables.unset("AZURE_CLIENT_CERTIFICATE_PASSWORD");
    variables.unset("AZURE_TOKEN_CREDENTIALS");
    variables.set("AZURE_CLIENT_CERTIFICATE_PATH", files.path("late.pem"));
    for (bool const chain : {false, true})
    {
        std::filesystem::remove(files.path("late.pem"));
        make_with(chain ? credential::default_chain() : credential::environment());
        expect_metadata().reply(404);
        auto const early = get();
        BOOST_REQUIRE(!early);
        BOOST_TEST((early.error().code() == errc::invalid_option));
        BOOST_TEST(has(early.error().message(), files.path("late.pem")));
        files.write("late.pem", pem_identity());
        expect_granted("one");
        BOOST_TEST(text_anew() == "one");
        BOOST_TEST(transport->problems().empty(), transport->problems());
    }
}

BOOST_FIXTURE_TEST_CASE(a_certificate_s_ids_are_looked_at_first, log_fixture)
{
    variables.set("AZURE_CLIENT_CERTIFICATE_PATH", "/nonexistent/late.pem");
    variables.set("AZURE_TENANT_ID", "common");
    variables.set("AZURE_CLIENT_ID", client_id);
    make_with(credential::environment());
    BOOST_TEST(text() == "the environment's AZURE_* variables: the tenant must be named: `common` "
                         "does not work with a client certificate");
    variables.set("AZURE_TENANT_ID", "contoso.com");
    variables.set("AZURE_CLIENT_ID", "CANARY");
    make_with(credential::environment());
    BOOST_TEST(text() ==
               "the environment's AZURE_* variables: the client id must be a GUID such as "
               "0f1e2d3c-0000-1111-2222-333344445555");
    BOOST_TEST((failed.code() == errc::invalid_option));
}

BOOST_AUTO_TEST_SUITE_END()

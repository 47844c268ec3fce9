#include "log_fixture.hpp"
#include "sign_in_fixture.hpp"

#include <boost/asio/this_coro.hpp>
#include <support/test_certificates.hpp>

using namespace kusto;
using namespace kusto::test;
using namespace std::chrono_literals;
namespace asio = boost::asio;

namespace
{

/// A link whose answer the test chooses.
struct scripted_link
{
    std::string token; // or else
    failure why = failure(errc::credential_unavailable, stage::token, "it is not there");
    int calls = 0;
    std::string claims;
};

asio::awaitable<access_token> answer(scripted_link* link, manual_clock* time, token_request request)
{
    ++link->calls;
    link->claims = request.claims;
    if (link->token.empty())
        throw error(link->why);
    auto const now = time->utc_now();
    co_return access_token(link->token, now + 1h);
}

class chain_fixture : public log_fixture
{
public:
    void make_chain(bool remember = true)
    {
        std::vector<credential> links;
        for (auto* link : {&first, &second, &third})
        {
            auto* const clock = &time;
            links.push_back(credential::callback([link, clock](token_request request)
                                                 { return answer(link, clock, request); }));
        }
        make_with(credential::chain(std::move(links), remember));
    }
    /// Who has been asked, and the answer.
    std::string round()
    {
        for (auto* link : {&first, &second, &third})
            link->calls = 0;
        auto const got = text();
        return std::to_string(first.calls) + std::to_string(second.calls) +
               std::to_string(third.calls) + ' ' + got;
    }
    void refuse() { provider->invalidate(++generation); }

    scripted_link first;
    scripted_link second;
    scripted_link third;
    std::uint64_t generation = 0;
};

failure refusal(errc code)
{
    return failure(code, stage::token, "no");
}

/// Positions of `parts` in `text` must ascend.
bool in_order(std::string const& text, std::vector<std::string> const& parts)
{
    std::size_t at = 0;
    for (auto const& part : parts)
    {
        at = text.find(part, at);
        if (at == std::string::npos)
            return false;
        at += part.size();
    }
    return true;
}

} // namespace

BOOST_AUTO_TEST_SUITE(chain_test)

BOOST_FIXTURE_TEST_CASE(links_are_tried_in_turn_and_the_winner_is_kept, chain_fixture)
{
    second.token = "two";
    third.token = "three";
    make_chain();
    BOOST_TEST(round() == "110 two");
    BOOST_TEST(has(everything, "the chain of credentials keeps to one of them"));
    refuse();
    BOOST_TEST(round() == "010 two");
    // Also when it fails, and when others would work.
    first.token = "one";
    second.token.clear();
    refuse();
    BOOST_TEST(round() == "010 it is not there");
}

BOOST_FIXTURE_TEST_CASE(a_chain_that_does_not_remember_starts_anew, chain_fixture)
{
    second.token = "two";
    make_chain(false);
    BOOST_TEST(round() == "110 two");
    refuse();
    BOOST_TEST(round() == "110 two");
    first.token = "one";
    refuse();
    BOOST_TEST(round() == "100 one");
}

BOOST_FIXTURE_TEST_CASE(what_is_there_and_fails_ends_it, chain_fixture)
{
    for (auto const code : {errc::authentication_failed, errc::timed_out, errc::host_not_found})
    {
        second.why = refusal(code);
        third.token = "three";
        make_chain();
        auto const got = round();
        BOOST_TEST(got.starts_with("110 "), got);
        BOOST_TEST((failed.code() == errc::authentication_failed)); // all that callbacks report
    }
}

BOOST_FIXTURE_TEST_CASE(a_failed_round_is_not_remembered, chain_fixture)
{
    make_chain();
    BOOST_TEST(round().starts_with("111 none of these"));
    time.advance(10min);
    first.token = "one";
    BOOST_TEST(round() == "100 one");
}

BOOST_FIXTURE_TEST_CASE(claims_reach_the_link_once, chain_fixture)
{
    first.token = "one";
    make_chain();
    BOOST_TEST(text() == "one");
    BOOST_TEST(first.claims == "");
    provider->invalidate(1, R"({"a":1})");
    BOOST_TEST(text() == "one");
    BOOST_TEST(first.claims == R"({"a":1})");
    provider->invalidate(2);
    BOOST_TEST(text() == "one");
    BOOST_TEST(first.claims == "");
}

BOOST_FIXTURE_TEST_CASE(a_wrong_secret_is_not_hidden_by_the_next_link, log_fixture)
{
    fake_az const az("echo used > ${0%/*}/used");
    make_with(credential::chain({application(), credential::azure_cli()}));
    expect_token().reply(401, R"({"error":"invalid_client","error_codes":[7000215],
        "error_description":"bad secret CANARY~secret/+= and CANARY~secret%2F%2B%3D"})");
    BOOST_TEST(text_outside() ==
               "no token: invalid_client; the client secret is wrong; give the secret's value, not "
               "its id (signing in with the client secret of application "
               "0f1e2d3c-0000-1111-2222-333344445555) (bad secret REDACTED and REDACTED)");
    BOOST_TEST((failed.code() == errc::authentication_failed));
    BOOST_TEST(az.folder.read("used") == "");
    BOOST_TEST(transport->problems().empty(), transport->problems());
}

BOOST_FIXTURE_TEST_CASE(when_nothing_is_there_each_link_has_its_line, log_fixture)
{
    variables.set("AZURE_CLIENT_ID", client_id);
    variables.set("AZURE_CLIENT_SECRET", canary);
    fake_az const az(
        "echo CANARY; echo 'ERROR: Please run az login to setup account.' >&2; exit 1");
    make_with(credential::chain({credential::environment(), credential::azure_cli(),
                                 credential::callback(
                                     [](token_request) -> asio::awaitable<access_token>
                                     {
                                         throw error(failure(errc::credential_unavailable,
                                                             stage::token, "no vault here"));
                                         co_return access_token();
                                     })}));
    BOOST_TEST(text_outside() ==
               "none of these credentials is available:\n"
               "credential of the environment variables: the environment sets AZURE_CLIENT_ID, "
               "AZURE_CLIENT_SECRET but not AZURE_TENANT_ID\n"
               "Azure CLI: nobody is signed in to the Azure CLI; run `az login` "
               "(ERROR: Please run az login to setup account.)\n"
               "token callback: no vault here");
    BOOST_TEST((failed.code() == errc::credential_unavailable));
    BOOST_TEST(!failed.retryable());
    BOOST_TEST(transport->problems().empty(), transport->problems());
}

BOOST_FIXTURE_TEST_CASE(the_default_chain_has_its_order, log_fixture)
{
    fake_az const az("echo 'az login' >&2; exit 1");
    make_with(credential::default_chain());
    transport->expect(async::http_method::get, "169.254.169.254")
        .fail(failure(errc::connect_failed, stage::connect, "no route"));
    auto const all = text_outside();
    BOOST_TEST(
        in_order(all, {"none of these credentials is available:",
                       "\ncredential of the environment variables: the environment sets none "
                       "of AZURE_TENANT_ID, AZURE_CLIENT_ID, AZURE_CLIENT_SECRET "
                       "or AZURE_CLIENT_CERTIFICATE_PATH",
                       "\nworkload identity: ", "\nmanaged identity of the system: ",
                       "\nAzure CLI: nobody is signed in"}),
        all);
}

BOOST_FIXTURE_TEST_CASE(the_environment_comes_first, log_fixture)
{
    fake_az const az("echo used > ${0%/*}/used");
    for (char const* chosen : {"", "prod", " PROD\n", "environmentCREDENTIAL"})
    {
        variables.set("AZURE_TOKEN_CREDENTIALS", chosen);
        variables.set("AZURE_TENANT_ID", "contoso.com");
        variables.set("AZURE_CLIENT_ID", client_id);
        variables.set("AZURE_CLIENT_SECRET", canary);
        make_with(credential::default_chain());
        expect_token().reply(200, token_json("one"));
        BOOST_TEST(text_outside() == "one");
    }
    BOOST_TEST(az.folder.read("used") == "");
    BOOST_TEST(transport->problems().empty(), transport->problems());
}

BOOST_FIXTURE_TEST_CASE(a_variable_narrows_the_default_chain, log_fixture)
{
    fake_az const az("echo '{\"accessToken\":\"cli\",\"expires_on\":1767229200}'");
    variables.set("AZURE_TENANT_ID", "contoso.com");
    variables.set("AZURE_CLIENT_ID", client_id);
    variables.set("AZURE_CLIENT_SECRET", canary);
    for (char const* chosen : {"dev", "AzureCliCredential"})
    {
        variables.set("AZURE_TOKEN_CREDENTIALS", chosen);
        make_with(credential::default_chain());
        BOOST_TEST(text_outside() == "cli");
    }
    variables.unset("AZURE_TENANT_ID");
    variables.set("AZURE_TOKEN_CREDENTIALS", "EnvironmentCredential");
    make_with(credential::default_chain());
    BOOST_TEST(text_outside() ==
               "none of these credentials is available:\n"
               "credential of the environment variables: the environment sets AZURE_CLIENT_ID, "
               "AZURE_CLIENT_SECRET but not AZURE_TENANT_ID");
    BOOST_TEST(transport->problems().empty(), transport->problems());
}

BOOST_FIXTURE_TEST_CASE(names_that_nobody_knows_are_an_error, log_fixture)
{
    variables.set("AZURE_TOKEN_CREDENTIALS", "VisualStudioCodeCredential");
    make_with(credential::default_chain());
    BOOST_TEST(text() ==
               "AZURE_TOKEN_CREDENTIALS must be prod, dev, EnvironmentCredential, "
               "WorkloadIdentityCredential, ManagedIdentityCredential or AzureCliCredential");
    BOOST_TEST((failed.code() == errc::invalid_option));
}

BOOST_FIXTURE_TEST_CASE(the_client_id_chooses_the_managed_identity, log_fixture)
{
    variables.set("AZURE_TOKEN_CREDENTIALS", "prod");
    variables.set("AZURE_CLIENT_ID", client_id);
    make_with(credential::default_chain());
    transport->expect(async::http_method::get, "169.254.169.254")
        .fail(failure(errc::connect_failed, stage::connect, "no route"));
    auto const all = text();
    BOOST_TEST(has(all, "\nmanaged identity with client id 0f1e2d3c-0000-1111-2222-333344445555: "),
               all);
    BOOST_TEST(!has(all, "Azure CLI"));
}

BOOST_FIXTURE_TEST_CASE(a_client_id_that_is_none_is_an_error, log_fixture)
{
    variables.set("AZURE_TOKEN_CREDENTIALS", "ManagedIdentityCredential");
    variables.set("AZURE_CLIENT_ID", "CANARY");
    make_with(credential::default_chain());
    BOOST_TEST(text() ==
               "managed identity with client id that is not a GUID: the id of a managed "
               "identity must be a GUID such as 0f1e2d3c-0000-1111-2222-333344445555; use "
               "identity_id::resource for a resource id (the environment's AZURE_* "
               "variables)");
    BOOST_TEST((failed.code() == errc::invalid_option));
}

BOOST_FIXTURE_TEST_CASE(each_link_keeps_its_own_limit, log_fixture)
{
    auto* const clock = &time;
    make_with(credential::chain({credential::callback(
                                     [clock](token_request) -> asio::awaitable<access_token>
                                     {
                                         co_await clock->wait_until(
                                             async::clock::time_point::max());
                                         co_return access_token();
                                     }),
                                 credential::device_code([](device_prompt const&) {})}));
    BOOST_TEST(said(get(1000s)) == "the token callback took too long");
    BOOST_TEST((time.passed() == 100s));
}

BOOST_FIXTURE_TEST_CASE(a_link_s_certificate_that_comes_late_is_used, sign_in_fixture)
{
    auto const source = certificate_source::file(files.path("late.pem"));
    make_with(
        credential::chain({credential::client_certificate(client_id, source, "contoso.com")}));
    expect_metadata().reply(404);
    auto const early = get();
    BOOST_REQUIRE(!early);
    BOOST_TEST((early.error().code() == errc::invalid_option));
    files.write("late.pem", pem_identity());
    expect_granted("one");
    BOOST_TEST(text_anew() == "one");
    BOOST_TEST(transport->problems().empty(), transport->problems());
}

BOOST_FIXTURE_TEST_CASE(a_slow_link_takes_nothing_from_the_next, log_fixture)
{
    auto* const clock = &time;
    auto const slow = [clock](bool is_there)
    {
        return credential::callback(
            [clock, is_there](token_request) -> asio::awaitable<access_token>
            {
                co_await clock->wait_until(clock->now() + 90s);
                if (!is_there)
                    throw error(refusal(errc::credential_unavailable));
                auto const end = clock->utc_now() + 1h;
                co_return access_token("one", end);
            });
    };
    make_with(credential::chain({slow(false), slow(true)}));
    BOOST_TEST(said(get(1000s)) == "one");
    BOOST_TEST((time.passed() == 180s));
}

BOOST_FIXTURE_TEST_CASE(a_stale_variable_does_not_hide_the_azure_cli, log_fixture)
{
    fake_az const az("echo '{\"accessToken\":\"cli\",\"expires_on\":1767229200}'");
    variables.set("MSI_ENDPOINT", "http://localhost:50342/oauth2/token");
    failure gone(errc::connect_failed, stage::connect, "refused");
    gone.retryable(true);
    make_with(credential::default_chain());
    transport->expect(async::http_method::post, "localhost").fail(gone);
    BOOST_TEST(text_outside() == "cli");
    BOOST_TEST(transport->problems().empty(), transport->problems());
}

BOOST_AUTO_TEST_SUITE_END()

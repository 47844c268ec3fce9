#include "replies.hpp"

#include <boost/test/unit_test.hpp>
#include <wire/metadata.hpp>

using namespace kusto;
using namespace kusto::test;

namespace
{

result<wire::cloud_metadata> read(int status, std::string body)
{
    canned_reply const from(status, std::move(body), {}, stage::metadata);
    return wire::parse_metadata(from);
}

} // namespace

BOOST_AUTO_TEST_SUITE(metadata_test)

BOOST_AUTO_TEST_CASE(reads_all_fields)
{
    auto const cloud = read(200, R"({"AzureAD":{"LoginEndpoint":"https://login.microsoftonline.us",
        "LoginMfaRequired":true,"KustoClientAppId":"id","KustoClientRedirectUri":"uri",
        "KustoServiceResourceId":"https://kusto.kusto.usgovcloudapi.net",
        "FirstPartyAuthorityUrl":"fp","New":[1]},"dSTS":{}})");
    BOOST_REQUIRE(cloud);
    BOOST_TEST(cloud->login_endpoint == "https://login.microsoftonline.us");
    BOOST_TEST(cloud->mfa_required);
    BOOST_TEST(cloud->client_app_id == "id");
    BOOST_TEST(cloud->client_redirect_uri == "uri");
    BOOST_TEST(cloud->first_party_authority == "fp");
    BOOST_TEST(cloud->scope() == "https://kusto.kustomfa.usgovcloudapi.net/.default");
}

BOOST_AUTO_TEST_CASE(falls_back_field_by_field)
{
    wire::cloud_metadata const defaults;
    BOOST_TEST(defaults.scope() == "https://kusto.kusto.windows.net/.default");
    for (
        char const* body :
        {R"({"AzureAD":null})", R"({"dSTS":{}})", R"({"AzureAD":{}})",
         R"({"AzureAD":{"LoginEndpoint":"","KustoServiceResourceId":null,"LoginMfaRequired":"false"}})"})
    {
        auto const cloud = read(200, body);
        BOOST_TEST_CONTEXT(body)
        {
            BOOST_REQUIRE(cloud);
            BOOST_TEST(cloud->login_endpoint == defaults.login_endpoint);
            BOOST_TEST(cloud->resource_id == defaults.resource_id);
            BOOST_TEST(!cloud->mfa_required);
        }
    }
    BOOST_TEST(read(404, "<html>not here</html>").has_value());
    auto const slash = read(200, R"({"AzureAD":{"KustoServiceResourceId":"https://x/"}})");
    BOOST_TEST(slash->scope() == "https://x/.default");
}

BOOST_AUTO_TEST_CASE(a_resource_that_a_shell_could_act_on_is_refused)
{
    for (char const* bad : {"https://x;reboot", "https://x$(a)", "https://x`a`", "https://x/a b",
                            "https://x|a", "https://x&a", "https://x?a", "https://caf\xc3\xa9"})
    {
        auto const cloud =
            read(200, R"({"AzureAD":{"KustoServiceResourceId":")" + std::string(bad) + R"("}})");
        BOOST_REQUIRE_MESSAGE(!cloud, bad);
        BOOST_TEST((cloud.error().code() == errc::malformed_reply));
        BOOST_TEST(has(cloud.error().message(), "KustoServiceResourceId"));
        BOOST_TEST(!has(cloud.error().describe(), bad));
    }
    BOOST_TEST(bool(read(200, R"({"AzureAD":{"KustoServiceResourceId":"api://A-1.b_c:80/"}})")));
}

BOOST_AUTO_TEST_CASE(refusals)
{
    struct row
    {
        int status;
        char const* body;
        errc code;
        bool retryable;
    };
    for (auto const& r :
         {row{200, "", errc::malformed_reply, false}, row{200, "{}", errc::malformed_reply, false},
          row{200, "[]", errc::malformed_reply, false},
          row{200, "<html>", errc::malformed_reply, false}, row{429, "", errc::throttled, true},
          row{503, "busy", errc::service_unavailable, true},
          row{400, "no", errc::request_rejected, false},
          row{302, "", errc::request_rejected, false}, row{401, "", errc::request_rejected, false}})
    {
        auto const cloud = read(r.status, r.body);
        BOOST_TEST_CONTEXT(r.status << ' ' << r.body)
        {
            BOOST_REQUIRE(!cloud);
            BOOST_TEST((cloud.error().code() == r.code));
            BOOST_TEST(cloud.error().retryable() == r.retryable);
            BOOST_TEST(cloud.error().status() == r.status);
        }
    }
}

BOOST_AUTO_TEST_SUITE_END()

#include "replies.hpp"

#include <array>
#include <boost/test/unit_test.hpp>
#include <wire/identity_replies.hpp>

using namespace kusto;
using namespace kusto::test;
using namespace std::chrono_literals;
using wire::identity_host;

namespace
{

base::utc_time_point const now(std::chrono::seconds(1795345186)); // 2026-11-22T10:59:46Z
constexpr char const* guid = "00001111-aaaa-2222-bbbb-3333cccc4444";

wire::identity_service service(identity_host host, identity_id const& id = identity_id::system())
{
    return wire::identity_service(host, base::url(), id);
}

result<wire::token_reply> read(wire::identity_service const& from, int status, std::string body)
{
    canned_reply const canned(status, std::move(body), {}, stage::token);
    return wire::parse_identity_reply(from, canned, now);
}

failure refusal(wire::identity_service const& from, int status, std::string body)
{
    auto const got = read(from, status, std::move(body));
    BOOST_REQUIRE(!got);
    return got.error();
}

} // namespace

BOOST_AUTO_TEST_SUITE(identity_replies_test)

BOOST_AUTO_TEST_CASE(each_host_has_its_own_transient_statuses)
{
    struct row
    {
        int status;
        bool fabric;
        bool app_service; // and Azure ML, Cloud Shell, Azure Arc
        bool imds;
    };
    for (auto const& r : {
             row{400, false, false, false},
             row{401, false, false, false},
             row{403, false, false, false},
             row{404, false, true, true},
             row{408, true, true, false},
             row{410, false, false, true},
             row{429, true, true, true},
             row{500, true, true, true},
             row{501, false, false, true},
             row{502, true, true, true},
             row{503, true, true, true},
             row{504, true, true, true},
             row{505, false, false, true},
             row{511, true, true, true},
             row{200, false, false, false},
             row{600, false, false, false},
         })
    {
        using enum identity_host;
        BOOST_TEST_CONTEXT(r.status)
        {
            BOOST_TEST(wire::is_transient_for(service_fabric, r.status) == r.fabric);
            for (auto const host : {app_service, machine_learning, cloud_shell, azure_arc})
                BOOST_TEST(wire::is_transient_for(host, r.status) == r.app_service);
            BOOST_TEST(wire::is_transient_for(imds, r.status) == r.imds);
        }
    }
}

BOOST_AUTO_TEST_CASE(tokens_of_every_host_are_read)
{
    struct row
    {
        identity_host host;
        char const* body;
    };
    for (auto const& r : {
             row{identity_host::imds,
                 R"({"access_token":"t","client_id":"00001111-aaaa-2222-bbbb-3333cccc4444",
                    "expires_in":"3600","expires_on":"1795348786","ext_expires_in":"3600",
                    "not_before":"1795345186","resource":"https://kusto.kusto.windows.net",
                    "token_type":"Bearer","refresh_token":""})"},
             row{identity_host::app_service,
                 R"({"access_token":"t","client_id":"5E29463D-71DA-4FE0-8E69-999B57DB23B0",
                    "expires_on":"1795348786","token_type":"Bearer"})"},
             row{identity_host::service_fabric,
                 R"({"token_type":"Bearer","access_token":"t","expires_on":1795348786})"},
             row{identity_host::cloud_shell,
                 R"({"access_token":"t","expires_in":"3600","expires_on":"1795348786",
                    "not_before":"1","refresh_token":"","token_type":"Bearer"})"},
             row{identity_host::azure_arc,
                 R"({"access_token":"t","expires_in":"3600","expires_on":"1795348786"})"},
         })
    {
        auto const token = read(service(r.host), 200, r.body);
        BOOST_TEST_CONTEXT(to_string(r.host))
        {
            BOOST_REQUIRE(token);
            BOOST_TEST(token->access_token == "t");
            BOOST_TEST((token->expires_in == 3600s));
        }
    }
}

BOOST_AUTO_TEST_CASE(errors_are_read_in_all_their_shapes)
{
    struct row
    {
        identity_host host;
        int status;
        char const* body;
        char const* code;
        char const* text;
        char const* correlation;
        char const* remedy;
    };
    for (auto const& r : {
             row{identity_host::imds, 400,
                 R"({"error":"invalid_request","error_description":"Identity not found"})",
                 "invalid_request", "Identity not found", "", "select one of them"},
             row{identity_host::imds, 400,
                 R"({"error":"invalid_resource","error_description":"x"})", "invalid_resource", "x",
                 "", "cluster's cloud"},
             row{identity_host::imds, 401, R"({"error":"unknown_source"})", "unknown_source", "",
                 "", "between this process and"},
             row{identity_host::azure_arc, 401, "", "", "", "", "restart the agent"},
             row{identity_host::app_service, 401, "{}", "", "", "", "IDENTITY_HEADER"},
             row{identity_host::machine_learning, 401, R"({"error":"x"})", "x", "", "",
                 "MSI_SECRET"},
             row{identity_host::imds, 403, "<html>no</html>", "", "<html>no</html>", "",
                 "use workload identity"},
             row{identity_host::app_service, 400,
                 R"({"statusCode":400,"message":"No identity","correlationId":"c-1"})", "",
                 "No identity", "c-1", "an identity of its own"},
             row{identity_host::app_service, 500,
                 R"({"StatusCode":500,"Message":"Oops","CorrelationId":"c-2"})", "", "Oops", "c-2",
                 ""},
             row{identity_host::app_service, 403, R"({"error":{"code":"Denied","message":"No"}})",
                 "Denied", "No", "", "network policies"},
             row{identity_host::service_fabric, 404,
                 R"({"error":{"correlationId":"c-3","code":"ManagedIdentityNotFound",
                    "message":"No such"}})",
                 "ManagedIdentityNotFound", "No such", "c-3", "assign a managed identity"},
             row{identity_host::service_fabric, 400,
                 R"({"error":{"code":"SecretHeaderNotFound","message":"m"}})",
                 "SecretHeaderNotFound", "m", "", "IDENTITY_HEADER"},
             row{identity_host::cloud_shell, 400, R"({"error":{"code":"C","message":"m"}})", "C",
                 "m", "", ""},
             row{identity_host::azure_arc, 429, R"({"error":"slow"})", "slow", "", "",
                 "too many requests"},
             row{identity_host::imds, 400, "<html>no</html>", "", "<html>no</html>", "",
                 "gives no reason"},
             row{identity_host::imds, 400, R"({"error":5,"message":null})", "", "", "", ""},
         })
    {
        auto const why = refusal(service(r.host), r.status, r.body);
        BOOST_TEST_CONTEXT(to_string(r.host) << ' ' << r.status << ' ' << why.describe())
        {
            BOOST_TEST(why.service_code() == r.code);
            BOOST_TEST(why.server_text() == r.text);
            BOOST_TEST(why.activity_id() == r.correlation);
            BOOST_TEST(has(why.message(), r.remedy));
            BOOST_TEST(has(why.message(), to_string(r.host)));
            BOOST_TEST(why.status() == r.status);
            BOOST_TEST(why.retryable() == wire::is_transient_for(r.host, r.status));
        }
    }
    auto const code = [](int status)
    { return refusal(service(identity_host::imds), status, "").code(); };
    BOOST_TEST((code(400) == errc::authentication_failed));
    BOOST_TEST((code(404) == errc::service_unavailable));
    BOOST_TEST((code(429) == errc::throttled));
    BOOST_TEST(has(refusal(service(identity_host::imds, identity_id::client(guid)), 400,
                           R"({"error":"invalid_request"})")
                       .message(),
                   "is the selected identity assigned"));
}

BOOST_AUTO_TEST_CASE(what_is_no_token_is_malformed)
{
    for (char const* body : {"", "<html>", "[]", "{}", R"({"access_token":"","expires_in":"1"})",
                             R"({"access_token":"t"})"})
    {
        auto const why = refusal(service(identity_host::imds), 200, body);
        BOOST_TEST((why.code() == errc::malformed_reply));
        BOOST_TEST(!has(why.message(), "login endpoint"));
    }
    auto const old = refusal(service(identity_host::app_service), 200,
                             R"({"access_token":"t","expires_on":"1795345000"})");
    BOOST_TEST(has(old.message(), "clock"));
}

BOOST_AUTO_TEST_CASE(arc_must_confirm_the_selected_identity)
{
    struct row
    {
        identity_id id;
        char const* echo;
        bool good;
    };
    std::array const rows{
        row{identity_id::system(), R"("client_id":"other")", true},
        row{identity_id::client(guid), R"("client_id":"00001111-AAAA-2222-BBBB-3333CCCC4444")",
            true},
        row{identity_id::client(guid), R"("client_id":"99991111-aaaa-2222-bbbb-3333cccc4444")",
            false},
        row{identity_id::client(guid), R"("object_id":"00001111-aaaa-2222-bbbb-3333cccc4444")",
            false},
        row{identity_id::client(guid), R"("client_id":"")", false},
        row{identity_id::client(guid), R"("x":1)", false},
        row{identity_id::object(guid), R"("object_id":"00001111-aaaa-2222-bbbb-3333cccc4444")",
            true},
        row{identity_id::object(guid), R"("client_id":"00001111-aaaa-2222-bbbb-3333cccc4444")",
            false},
        row{identity_id::resource("/subscriptions/a"), R"("msi_res_id":"/Subscriptions/A")", true},
        row{identity_id::resource("/subscriptions/a"), R"("mi_res_id":"/subscriptions/a")", true},
        row{identity_id::resource("/subscriptions/a"), R"("msi_res_id":"/subscriptions/b")", false},
    };
    for (auto const& r : rows)
    {
        std::string const body =
            R"({"access_token":"CANARY","expires_in":"9",)" + std::string(r.echo) + '}';
        auto const got = read(service(identity_host::azure_arc, r.id), 200, body);
        BOOST_TEST_CONTEXT(r.id.value() << ' ' << r.echo)
        {
            BOOST_TEST(got.has_value() == r.good);
            if (!got)
            {
                BOOST_TEST((got.error().code() == errc::authentication_failed));
                BOOST_TEST(has(got.error().message(), "update the agent"));
                BOOST_TEST(!has(got.error().describe(), "CANARY"));
            }
        }
        BOOST_TEST(read(service(identity_host::imds, r.id), 200, body).has_value());
    }
}

BOOST_AUTO_TEST_CASE(answers_to_the_probe)
{
    struct row
    {
        int status;
        char const* body;
        bool there;
    };
    for (auto const& r : {
             row{400, R"({"error":"invalid_request"})", true},
             row{400, "", true},
             row{404, "<html>", true},
             row{500, "", true},
             row{403, R"({"error":"x"})", true},
             row{403, "connecting to 169.254.169.254:80: network is unreachable", false},
             row{403, "Unreachable.", false},
             row{200, "{}", true},
             row{200, "<html>welcome</html>", false},
             row{200, "", false},
         })
    {
        canned_reply const from(r.status, r.body, {}, stage::token);
        BOOST_TEST_CONTEXT(r.status << ' ' << r.body)
        BOOST_TEST(wire::shows_imds(from) == r.there);
    }
}

BOOST_AUTO_TEST_SUITE_END()

#include <boost/json.hpp>
#include <boost/test/unit_test.hpp>
#include <emulator/server/kusto_service.hpp>
#include <emulator/server/login_service.hpp>

using namespace kusto::emulator;
namespace json = boost::json;

namespace
{

struct service_fixture
{
    system_time now = parse_iso_time("2026-11-22T11:00:00Z").value();
    std::function<system_time()> clock = [this] { return now; };
    token_registry access{std::chrono::hours(1), clock};
    token_registry identities{std::chrono::hours(1), clock};
    engine target{"", {"NetDefaultDB"}};
    login_service login{login_settings{"https://localhost:1",
                                       "tenant-1",
                                       "app-1",
                                       "s3cret+/=&%~",
                                       {"https://kusto.kusto.windows.net"}},
                        access};
    kusto_service kusto{settings(), target, access, identities};

    static kusto_settings settings()
    {
        kusto_settings out;
        out.engine_url = "https://localhost:1";
        out.ingestion_url = "https://localhost:2";
        out.authority_url = "https://localhost:1";
        out.tenant = "tenant-1";
        out.resources = [] {
            return std::vector<ingestion_resource>(1, {"TempStorage", "https://127.0.0.1:3/a/c?x"});
        };
        return out;
    }

    response sign_in(std::string const& body, std::string const& tenant = "tenant-1")
    {
        request http;
        http.method = "POST";
        http.path = "/" + tenant + "/oauth2/v2.0/token";
        http.headers.add("Content-Type", "application/x-www-form-urlencoded");
        http.headers.add("Content-Length", std::to_string(body.size()));
        http.body = body;
        return login.handle(http);
    }

    static std::string form(std::string const& secret, std::string const& scope)
    {
        return "grant_type=client_credentials&client_id=app-1&client_secret=" +
               percent_encode(secret) + "&scope=" + percent_encode(scope);
    }

    request command(std::string const& text, std::string const& path = "/v1/rest/mgmt")
    {
        json::object body;
        body["db"] = "NetDefaultDB";
        body["csl"] = text;
        request http;
        http.method = "POST";
        http.path = path;
        http.headers.add("Content-Type", "application/json; charset=utf-8");
        http.headers.add("Accept", "application/json");
        http.headers.add("Authorization", "Bearer " + access.issue());
        http.headers.add("x-ms-client-request-id", "KCPC.execute;1");
        http.body = json::serialize(body);
        return http;
    }
};

constexpr char const* scope = "https://kusto.kusto.windows.net/.default";
constexpr char const* secret = "s3cret+/=&%~";

void check_login_error(response const& answer, int status, char const* error, int code)
{
    BOOST_TEST(answer.status == status);
    auto const body = json::parse(answer.body).as_object();
    BOOST_TEST(body.at("error").as_string() == error);
    BOOST_TEST(body.at("error_codes").at(0).as_int64() == code);
    auto const prefix = "AADSTS" + std::to_string(code) + ": ";
    BOOST_TEST(std::string(body.at("error_description").as_string()).rfind(prefix, 0) == 0U);
}

json::object error_of(response const& answer)
{
    return json::parse(answer.body).at("error").as_object();
}

json::array rows_of(response const& answer)
{
    BOOST_REQUIRE_MESSAGE(answer.status == 200, answer.body);
    return json::parse(answer.body).at("Tables").at(0).at("Rows").as_array();
}

} // namespace

BOOST_FIXTURE_TEST_SUITE(services, service_fixture)

BOOST_AUTO_TEST_CASE(a_right_secret_gets_a_token_that_expires)
{
    auto const answer = sign_in(form(secret, scope));
    BOOST_TEST(answer.status == 200);
    auto const body = json::parse(answer.body).as_object();
    BOOST_TEST(body.at("token_type").as_string() == "Bearer");
    BOOST_TEST(body.at("expires_in").as_int64() == 3600);
    std::string const token(body.at("access_token").as_string());
    BOOST_TEST(access.valid(token));
    BOOST_TEST(!access.valid(token + "x"));
    now += std::chrono::seconds(3599);
    BOOST_TEST(access.valid(token));
    now += std::chrono::seconds(1);
    BOOST_TEST(!access.valid(token));
}

BOOST_AUTO_TEST_CASE(sign_in_errors)
{
    check_login_error(sign_in(form("wrong", scope)), 401, "invalid_client", 7000215);
    check_login_error(sign_in(form("", scope)), 401, "invalid_client", 7000218);
    check_login_error(sign_in(form(secret, scope), "tenant-2"), 400, "invalid_request", 90002);
    check_login_error(sign_in(form(secret, scope), "common"), 400, "invalid_request", 9001023);
    check_login_error(sign_in(form(secret, "https://kusto.kusto.windows.net")), 400,
                      "invalid_scope", 70011);
    check_login_error(sign_in(form(secret, "https://storage.azure.com/.default")), 400,
                      "invalid_resource", 500011);
    check_login_error(sign_in("client_id=app-1&client_secret=x&scope=y"), 400, "invalid_request",
                      900144);
    check_login_error(sign_in("grant_type=password&client_id=app-1&scope=y"), 400,
                      "unsupported_grant_type", 70003);
    check_login_error(
        sign_in("grant_type=client_credentials&client_id=app-2&client_secret=x&scope=y"), 400,
        "unauthorized_client", 700016);
}

BOOST_AUTO_TEST_CASE(discovery)
{
    request http;
    http.method = "GET";
    http.path = "/tenant-1/v2.0/.well-known/openid-configuration";
    auto const openid = json::parse(login.handle(http).body).as_object();
    BOOST_TEST(openid.at("token_endpoint").as_string() ==
               "https://localhost:1/tenant-1/oauth2/v2.0/token");
    http.path = "/common/discovery/instance";
    http.query = "api-version=1.1&authorization_endpoint=" +
                 percent_encode("https://localhost:1/tenant-1/oauth2/v2.0/authorize");
    BOOST_TEST(login.handle(http).status == 200);
    http.query = "authorization_endpoint=https%3A%2F%2Fevil%2Ft";
    BOOST_TEST(login.handle(http).status == 400);
}

BOOST_AUTO_TEST_CASE(metadata_needs_no_token_and_names_this_authority)
{
    request http;
    http.method = "GET";
    http.path = "/v1/rest/auth/metadata";
    auto const answer = kusto.handle(kusto_role::ingestion, http);
    auto const azure = json::parse(answer.body).at("AzureAD").as_object();
    BOOST_TEST(azure.at("LoginEndpoint").as_string() == "https://localhost:1");
    BOOST_TEST(azure.at("KustoServiceResourceId").as_string() == "https://kusto.kusto.windows.net");
    http.headers.add("Authorization", "Bearer x");
    BOOST_TEST(kusto.handle(kusto_role::ingestion, http).status == 400);
    BOOST_TEST(kusto.handle(kusto_role::engine, http).status == 400);
}

BOOST_AUTO_TEST_CASE(a_token_is_required_known_and_fresh)
{
    auto good = command(".show version");
    BOOST_TEST(kusto.handle(kusto_role::engine, good).status == 200);
    auto bad = command(".show version");
    bad.headers.set("Authorization", "Bearer nonsense");
    auto const answer = kusto.handle(kusto_role::engine, bad);
    BOOST_TEST(answer.status == 401);
    BOOST_TEST(std::string(answer.headers.get("WWW-Authenticate"))
                   .rfind("Bearer authorization_uri=https://localhost:1/", 0) == 0U);
    now += std::chrono::hours(1);
    BOOST_TEST(kusto.handle(kusto_role::engine, good).status == 401);
}

BOOST_AUTO_TEST_CASE(ids_are_echoed_and_given)
{
    auto const answer = kusto.handle(kusto_role::ingestion, command(".show version"));
    BOOST_TEST(answer.headers.get("x-ms-client-request-id") == "KCPC.execute;1");
    BOOST_TEST(answer.headers.get("x-ms-activity-id").size() == 36U);
}

BOOST_AUTO_TEST_CASE(each_endpoint_says_who_it_is)
{
    auto const service = [&](kusto_role role)
    {
        return std::string(
            rows_of(kusto.handle(role, command(".show version"))).at(0).at(2).as_string());
    };
    BOOST_TEST(service(kusto_role::engine) == "Engine");
    BOOST_TEST(service(kusto_role::ingestion) == "DataManagement");
}

BOOST_AUTO_TEST_CASE(ingestion_commands)
{
    for (auto const* text : {".get ingestion resources", ".show ingestion resources",
                             "\n // comment\n .GET  ingestion\tresources ;",
                             ".get ingestion resources with (EnableBlobCors='true')"})
    {
        auto const rows = rows_of(kusto.handle(kusto_role::ingestion, command(text)));
        BOOST_REQUIRE(rows.size() == 1U);
        BOOST_TEST(rows.at(0).at(0).as_string() == "TempStorage");
    }
    BOOST_TEST(kusto.resource_calls() == 4U);
    auto const token =
        rows_of(kusto.handle(kusto_role::ingestion, command(".get kusto identity token")));
    std::string const text(token.at(0).at(0).as_string());
    BOOST_TEST(identities.valid(text));
    BOOST_TEST(!access.valid(text));
}

BOOST_AUTO_TEST_CASE(the_wrong_endpoint_is_named_as_such)
{
    auto const check = [&](kusto_role role, char const* text, char const* path, char const* url)
    {
        auto const answer = kusto.handle(role, command(text, path));
        BOOST_TEST(answer.status == 400);
        auto const error = error_of(answer);
        BOOST_TEST(error.at("@type").as_string() ==
                   "Kusto.Common.Svc.Exceptions.AdminCommandWrongEndpointException");
        BOOST_TEST(error.at("@permanent").as_bool() == false);
        BOOST_TEST(std::string(error.at("@message").as_string()).find(url) != std::string::npos);
    };
    auto const* engine_url = "https://localhost:1";
    auto const* ingestion_url = "https://localhost:2";
    check(kusto_role::engine, ".get ingestion resources", "/v1/rest/mgmt", ingestion_url);
    check(kusto_role::engine, ".get kusto identity token", "/v1/rest/mgmt", ingestion_url);
    check(kusto_role::ingestion, ".show tables", "/v1/rest/mgmt", engine_url);
    check(kusto_role::ingestion, "T | count", "/v2/rest/query", engine_url);
}

BOOST_AUTO_TEST_CASE(malformed_requests_are_refused)
{
    auto const status = [&](char const* body, char const* path = "/v1/rest/mgmt")
    {
        auto http = command("", path);
        http.body = body;
        return kusto.handle(kusto_role::engine, http).status;
    };
    BOOST_TEST(status("{") == 400);
    BOOST_TEST(status("[]") == 400);
    BOOST_TEST(status(R"({"db":"NetDefaultDB"})") == 400);
    BOOST_TEST(status(R"({"csl":5})") == 400);
    BOOST_TEST(status(R"({"csl":".show version","properties":5})") == 400);
    BOOST_TEST(status(R"({"csl":".show version","properties":"{"})") == 400);
    BOOST_TEST(status(R"({"csl":".show version","properties":"{}"})") == 200);
    BOOST_TEST(status(R"({"csl":".show version","properties":{"Options":{}}})") == 200);
    BOOST_TEST(status(R"({"csl":"T | count"})") == 400);
    BOOST_TEST(status(R"({"csl":".show version"})", "/v2/rest/query") == 400);
    BOOST_TEST(status(R"({"db":"nowhere","csl":".show tables"})") == 400);
    BOOST_TEST(status("{}", "/v1/rest/nothing") == 404);
    auto text = command(".show version");
    text.headers.set("Content-Type", "text/plain");
    BOOST_TEST(kusto.handle(kusto_role::engine, text).status == 415);
}

BOOST_AUTO_TEST_CASE(without_accept_an_error_is_plain_text)
{
    auto http = command("nonsense");
    http.headers.set("Accept", "text/html");
    auto const answer = kusto.handle(kusto_role::engine, http);
    BOOST_TEST(answer.status == 400);
    BOOST_TEST(answer.headers.get("Content-Type") == "text/plain; charset=utf-8");
    BOOST_TEST(answer.body.find('{') == std::string::npos);
}

BOOST_AUTO_TEST_CASE(commands_and_queries_reach_the_engine)
{
    kusto.handle(kusto_role::engine, command(".create table T (x:long)"));
    auto const v1 =
        rows_of(kusto.handle(kusto_role::engine, command("T | count", "/v1/rest/query")));
    BOOST_TEST(v1.at(0).at(0).as_int64() == 0);
    auto const v2 = kusto.handle(kusto_role::engine, command("T | count", "/v2/rest/query"));
    BOOST_TEST(json::parse(v2.body).at(0).at("FrameType").as_string() == "DataSetHeader");
    auto get = command("", "/v1/rest/query");
    get.method = "GET";
    get.query = "db=NetDefaultDB&csl=T%20%7C%20count";
    BOOST_TEST(kusto.handle(kusto_role::engine, get).status == 200);
    auto const wrong = kusto.handle(kusto_role::engine, command("Nope | count", "/v2/rest/query"));
    BOOST_TEST(wrong.status == 400);
    BOOST_TEST(error_of(wrong).at("@permanent").as_bool() == true);
}

BOOST_AUTO_TEST_SUITE_END()

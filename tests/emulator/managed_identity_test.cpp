#include <emulator/cluster_session.hpp>

#include <emulator/server/encoding.hpp>
#include <emulator/server/http_message.hpp>
#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>

using namespace kusto::emulator;
using namespace cluster_test;
namespace json = boost::json;
using namespace std::chrono_literals;

namespace
{

constexpr char const* query = "resource=https%3A%2F%2Fkusto.kusto.windows.net";
managed_identity const user("aaaa-client", "aaaa-object",
                            "/subscriptions/s/resourceGroups/g/providers/"
                            "Microsoft.ManagedIdentity/userAssignedIdentities/u");

/// A directory that goes away with the test.
struct scratch_directory
{
    scratch_directory()
        : path(std::filesystem::temp_directory_path() / ("kusto-arc-" + random_guid()))
    {
        std::filesystem::create_directory(path);
    }
    ~scratch_directory() { std::filesystem::remove_all(path); }

    std::filesystem::path path;
};

struct machine_fixture
{
    using fields = https_client::fields;

    explicit machine_fixture(managed_identity_options with = managed_identity_options())
        : local(quick().managed_identities(
              std::move(with).user_assigned(user).arc_directory(directory.path.string()))),
          plain(local.identity_url(), "")
    {
    }

    std::string variable(identity_host host, std::string const& name) const
    {
        for (auto const& [each, value] : local.identity_environment(host))
        {
            if (each == name)
                return value;
        }
        return {};
    }

    /// The path of an endpoint that is given as a variable.
    std::string path(identity_host host, char const* name) const
    {
        return target_of(variable(host, name));
    }

    https_client::reply get(std::string const& target, fields const& headers)
    {
        return plain.send("GET", target, headers);
    }

    https_client engine() const { return https_client(local.engine_url(), local.ca_pem()); }

    /// Whether the token opens the engine and the ingestion service.
    void check_token(json::object const& body)
    {
        session client(local);
        client.token = std::string(body.at("access_token").as_string());
        client.command(client.engine, ".show version");
        client.find_resources();
        BOOST_TEST(!client.identity.empty());
    }

    scratch_directory directory;
    cluster local;
    https_client plain;
};

json::object body_of(https_client::reply const& answer)
{
    BOOST_REQUIRE_MESSAGE(answer.status == 200, answer.body);
    return json::parse(answer.body).as_object();
}

struct row
{
    char const* what;
    std::string target;
    https_client::fields headers;
    int status;
    std::string client; ///< of the answer
};

void check(machine_fixture& it, std::vector<row> const& rows)
{
    for (auto const& [what, target, headers, status, client] : rows)
    {
        auto const answer = it.get(target, headers);
        BOOST_TEST(answer.status == status, what << ": " << answer.body);
        if (status != 200 || client.empty())
            continue;
        BOOST_TEST(json::parse(answer.body).at("client_id").as_string() == client, what);
    }
}

std::string const machine = "33333333-3333-3333-3333-333333333333";

} // namespace

BOOST_AUTO_TEST_SUITE(managed_identities)

BOOST_AUTO_TEST_CASE(virtual_machine)
{
    machine_fixture it;
    BOOST_TEST(it.variable(identity_host::virtual_machine, "AZURE_POD_IDENTITY_AUTHORITY_HOST") ==
               it.local.identity_url());
    std::string const path = "/metadata/identity/oauth2/token?";
    auto const at = path + "api-version=2018-02-01&" + query;
    https_client::fields const right{{"Metadata", "true"}};
    auto const resource_id = percent_encode(user.resource_id());
    check(it,
          {{"system-assigned", at, right, 200, machine},
           {"a slash behind the path",
            "/metadata/identity/oauth2/token/?api-version=2018-02-01&" + std::string(query), right,
            200, machine},
           {"client id", at + "&client_id=AAAA-CLIENT", right, 200, "aaaa-client"},
           {"object id", at + "&object_id=aaaa-object", right, 200, "aaaa-client"},
           {"resource id", at + "&msi_res_id=" + resource_id, right, 200, "aaaa-client"},
           {"App Service's spelling", at + "&mi_res_id=" + resource_id, right, 400, ""},
           {"two selectors", at + "&client_id=aaaa-client&object_id=aaaa-object", right, 400, ""},
           {"not assigned", at + "&client_id=other", right, 400, ""},
           {"an object id as client id", at + "&client_id=aaaa-object", right, 400, ""},
           {"no header", at, {}, 400, ""},
           {"another value", at, {{"Metadata", "1"}}, 400, ""},
           {"forwarded", at, {{"Metadata", "true"}, {"X-Forwarded-For", "x"}}, 400, ""},
           {"the same selector twice", at + "&client_id=aaaa-client&client_id=aaaa-client", right,
            400, ""},
           {"another case", at + "&Client_Id=aaaa-client", right, 400, ""},
           {"App Service's 2017 spelling", at + "&clientid=aaaa-client", right, 400, ""},
           {"a parameter that it does not know", at + "&scope=x", right, 400, ""},
           {"what App Service knows", at + "&xms_cc=cp1", right, 400, ""},
           {"two resources", at + "&" + query, right, 400, ""},
           {"what a query need not encode, as Azure's library for Python has it",
            path + "api-version=2018-02-01&resource=https://kusto.kusto.windows.net&msi_res_id=" +
                user.resource_id(),
            right, 200, "aaaa-client"},
           {"another resource that is not encoded",
            path + "api-version=2018-02-01&resource=https://kusto.kusto.windows.net/", right, 400,
            ""},
           {"no version", path + query, right, 400, ""},
           {"a version that is none", path + "api-version=1&" + query, right, 400, ""},
           {"no resource", path + "api-version=2018-02-01", right, 400, ""},
           {"a scope", at + "%2F.default", right, 400, ""},
           {"another path", "/metadata/identity", right, 404, ""}});
    auto const body = body_of(it.get(at, right));
    BOOST_TEST(body.at("expires_in").as_string() == "3600");
    BOOST_TEST(body.at("expires_on").is_string());
    BOOST_TEST(body.at("resource").as_string() == "https://kusto.kusto.windows.net");
    it.check_token(body);
    BOOST_TEST(it.plain.send("POST", at, right).status == 405);
    auto const twice = it.get(at + "&" + query, right);
    BOOST_TEST(json::parse(twice.body).at("error").as_string() == "invalid_request");
    auto const refused = it.get(at + "&client_id=other", right);
    BOOST_TEST(json::parse(refused.body).at("error_description").as_string() ==
               "Identity not found");
}

BOOST_AUTO_TEST_CASE(without_a_system_assigned_identity)
{
    auto const at = "/metadata/identity/oauth2/token?api-version=2018-02-01&" + std::string(query);
    https_client::fields const right{{"Metadata", "true"}};
    machine_fixture one(managed_identity_options().no_system_assigned());
    check(one, {{"the only one", at, right, 200, "aaaa-client"}});
    machine_fixture two(managed_identity_options().no_system_assigned().user_assigned(
        managed_identity("b", "b", "b")));
    check(two, {{"which", at, right, 400, ""}, {"this", at + "&client_id=b", right, 200, "b"}});
    BOOST_TEST(two.variable(identity_host::machine_learning, "DEFAULT_IDENTITY_CLIENT_ID") == "b");
}

BOOST_AUTO_TEST_CASE(hosts_may_keep_tokens)
{
    auto const at = "/metadata/identity/oauth2/token?api-version=2018-02-01&" + std::string(query);
    https_client::fields const right{{"Metadata", "true"}};
    auto const token = [&](machine_fixture& it, std::string const& more = "")
    { return std::string(body_of(it.get(at + more, right)).at("access_token").as_string()); };
    machine_fixture fresh;
    BOOST_TEST(token(fresh) != token(fresh));
    machine_fixture it(managed_identity_options().kept_tokens(true));
    auto const first = token(it);
    BOOST_TEST(token(it) == first);
    BOOST_TEST(token(it, "&client_id=aaaa-client") != first);
    it.local.set_faults(
        fault_script().add(fault::revoke_tokens().on(fault_route::managed_identity).times(1)));
    BOOST_TEST(token(it) == first);
    auto const answer =
        it.engine().send("POST", "/v1/rest/mgmt", {{"Authorization", "Bearer " + first}}, "{}");
    BOOST_TEST(answer.status == 401);
}

BOOST_AUTO_TEST_CASE(a_kept_token_that_was_revoked_is_not_given_out_again)
{
    machine_fixture it(managed_identity_options().kept_tokens(true));
    auto const at = it.path(identity_host::app_service, "IDENTITY_ENDPOINT") +
                    "?api-version=2019-08-01&xms_cc=cp1&" + query;
    https_client::fields const right{
        {"X-IDENTITY-HEADER", it.variable(identity_host::app_service, "IDENTITY_HEADER")}};
    auto const token = [&](std::string const& more = "")
    { return std::string(body_of(it.get(at + more, right)).at("access_token").as_string()); };
    auto const revoked = [](std::string const& which)
    { return "&token_sha256_to_refresh=" + lower_case(hexadecimal(sha256(which))); };
    auto const first = token();
    BOOST_TEST(token(revoked("another")) == first);
    auto const second = token(revoked(first));
    BOOST_TEST(second != first);
    BOOST_TEST(token(revoked(first)) == second);
    BOOST_TEST(token() == second);
}

BOOST_AUTO_TEST_CASE(faults_reach_the_machine)
{
    machine_fixture it;
    it.local.set_faults(
        fault_script()
            .add(fault::status(410).on(fault_route::managed_identity).times(1))
            .add(fault::status(404).on(fault_route::managed_identity).from(2).times(1)));
    auto const at = "/metadata/identity/oauth2/token?api-version=2018-02-01&" + std::string(query);
    https_client::fields const right{{"Metadata", "true"}};
    check(it, {{"gone", at, right, 410, ""},
               {"not there", at, right, 404, ""},
               {"back", at, right, 200, machine}});
}

BOOST_AUTO_TEST_CASE(faults_are_written_as_the_host_writes_errors)
{
    machine_fixture it;
    it.local.set_faults(
        fault_script().add(fault::status(429, "TooMany").on(fault_route::managed_identity)));
    auto const error = [&](identity_host host, char const* variable)
    {
        auto const answer = it.get(it.path(host, variable), {});
        BOOST_TEST(answer.status == 429);
        return json::parse(answer.body).as_object();
    };
    auto const machine_error = json::parse(it.get("/metadata/identity/oauth2/token", {}).body);
    BOOST_TEST(machine_error.at("error").as_string() == "TooMany");
    BOOST_TEST(error(identity_host::azure_arc, "IDENTITY_ENDPOINT").at("error").is_string());
    BOOST_TEST(error(identity_host::app_service, "IDENTITY_ENDPOINT").at("statusCode") == 429);
    BOOST_TEST(error(identity_host::machine_learning, "MSI_ENDPOINT").at("statusCode") == 429);
    auto const shell = error(identity_host::cloud_shell, "MSI_ENDPOINT").at("error").as_object();
    BOOST_TEST(shell.at("code").as_string() == "TooMany");
    BOOST_TEST(shell.size() == 2U);
    auto const endpoint = it.variable(identity_host::service_fabric, "IDENTITY_ENDPOINT");
    auto client = https_client::pinned(
        endpoint.substr(0, endpoint.find('/', 8)),
        it.variable(identity_host::service_fabric, "IDENTITY_SERVER_THUMBPRINT"));
    auto const fabric = json::parse(client.send("GET", target_of(endpoint)).body).at("error");
    BOOST_TEST(fabric.at("code").as_string() == "TooMany");
    BOOST_TEST(fabric.as_object().contains("correlationId"));
}

BOOST_AUTO_TEST_CASE(app_service)
{
    machine_fixture it;
    auto const path = it.path(identity_host::app_service, "IDENTITY_ENDPOINT");
    auto const at = path + "?api-version=2019-08-01&" + query;
    auto const secret = it.variable(identity_host::app_service, "IDENTITY_HEADER");
    https_client::fields const right{{"X-IDENTITY-HEADER", secret}};
    auto const resource_id = percent_encode(user.resource_id());
    check(it, {{"system-assigned", at, right, 200, machine},
               {"client id", at + "&client_id=aaaa-client", right, 200, "aaaa-client"},
               {"principal id", at + "&principal_id=aaaa-object", right, 200, "aaaa-client"},
               {"object id", at + "&object_id=aaaa-object", right, 200, "aaaa-client"},
               {"resource id", at + "&mi_res_id=" + resource_id, right, 200, "aaaa-client"},
               {"what a client can do", at + "&xms_cc=cp1", right, 200, machine},
               {"a revoked token, and a selector",
                at + "&client_id=aaaa-client&xms_cc=cp1,cp2&token_sha256_to_refresh=0a", right, 200,
                "aaaa-client"},
               {"one thing twice", at + "&xms_cc=cp1&xms_cc=cp1", right, 400, ""},
               {"IMDS' spelling", at + "&msi_res_id=" + resource_id, right, 400, ""},
               {"no secret", at, {{"Metadata", "true"}}, 401, ""},
               {"wrong secret", at, {{"X-IDENTITY-HEADER", "x"}}, 401, ""},
               {"the old version", path + "?api-version=2017-09-01&" + query, right, 400, ""},
               {"not assigned", at + "&client_id=x", right, 400, ""}});
    auto const body = body_of(it.get(at, right));
    BOOST_TEST(!body.contains("expires_in"));
    BOOST_TEST(body.at("expires_on").is_string());
    it.check_token(body);
    BOOST_TEST(json::parse(it.get(at, {}).body).at("statusCode").as_int64() == 401);
}

BOOST_AUTO_TEST_CASE(machine_learning)
{
    machine_fixture it;
    auto const path = it.path(identity_host::machine_learning, "MSI_ENDPOINT");
    auto const at = path + "?api-version=2017-09-01&" + query;
    https_client::fields const right{
        {"secret", it.variable(identity_host::machine_learning, "MSI_SECRET")}};
    check(it, {{"system-assigned", at, right, 200, ""},
               {"client id", at + "&clientid=aaaa-client", right, 200, ""},
               {"the new spelling", at + "&client_id=aaaa-client", right, 400, ""},
               {"no secret", at, {}, 401, ""},
               {"the new version", path + "?api-version=2019-08-01&" + query, right, 400, ""}});
    auto const body = body_of(it.get(at, right));
    std::string const expiry(body.at("expires_on").as_string());
    BOOST_TEST(expiry.find('/') != std::string::npos);
    BOOST_TEST(expiry.substr(expiry.size() - 10, 1) == " ");
    BOOST_TEST(expiry.substr(expiry.size() - 7) == " +00:00");
    it.check_token(body);
}

BOOST_AUTO_TEST_CASE(cloud_shell)
{
    machine_fixture it;
    auto const path = it.path(identity_host::cloud_shell, "MSI_ENDPOINT");
    https_client::fields const right{{"Metadata", "true"},
                                     {"Content-Type", "application/x-www-form-urlencoded"}};
    auto const status = [&](https_client::fields const& headers, std::string const& body)
    { return it.plain.send("POST", path, headers, body).status; };
    auto const body = body_of(it.plain.send("POST", path, right, query));
    BOOST_TEST(body.at("expires_in").as_string() == "3600");
    BOOST_TEST(body.at("refresh_token").as_string().empty());
    BOOST_TEST(!body.contains("client_id"));
    it.check_token(body);
    BOOST_TEST(status({right[1]}, query) == 400);
    BOOST_TEST(status({right[0]}, query) == 400);
    BOOST_TEST(status(right, "") == 400);
    BOOST_TEST(status(right, std::string(query) + "&client_id=aaaa-client") == 400);
    BOOST_TEST(status(right, std::string(query) + "&" + query) == 400);
    BOOST_TEST(status(right, std::string(query) + "&api-version=2018-02-01") == 400);
    BOOST_TEST(status(right, "resource=https://kusto.kusto.windows.net") == 400);
    BOOST_TEST(status({right[0], {"Content-Type", "application/x-www-form-urlencoded2"}}, query) ==
               400);
    BOOST_TEST(it.get(path + "?" + query, right).status == 405);
    auto const refused = json::parse(it.plain.send("POST", path, right, "").body).at("error");
    BOOST_TEST(refused.as_object().size() == 2U);
    for (std::string const& wrong :
         {std::string("resource=https://kusto.kusto.windows.net"), std::string("x"), std::string(),
          std::string(query) + "&client_id=aaaa-client", std::string(query) + "&xms_cc=cp1"})
    {
        auto const answer = it.plain.send("POST", path, right, wrong);
        BOOST_TEST(answer.status == 400, wrong);
        BOOST_TEST(json::parse(answer.body).at("error").at("code").as_string() == "BadRequest",
                   wrong);
    }
}

BOOST_AUTO_TEST_CASE(azure_arc)
{
    machine_fixture it;
    auto const at =
        it.path(identity_host::azure_arc, "IDENTITY_ENDPOINT") + "?api-version=2020-06-01&" + query;
    BOOST_TEST(!it.variable(identity_host::azure_arc, "IMDS_ENDPOINT").empty());
    https_client::fields const right{{"Metadata", "true"}};
    BOOST_TEST(it.get(at, {}).status == 400);
    auto const key_of = [&](https_client::reply const& answer)
    {
        BOOST_REQUIRE(answer.status == 401);
        std::string const header = answer.header("WWW-Authenticate");
        std::string const before = "Basic realm=" + it.directory.path.string() + "/";
        BOOST_REQUIRE(header.rfind(before, 0) == 0U);
        BOOST_TEST(header.substr(header.size() - 4) == ".key");
        std::ifstream file(header.substr(12));
        std::ostringstream text;
        text << file.rdbuf();
        return text.str();
    };
    auto const answered = [&](std::string const& target)
    {
        auto const key = key_of(it.get(target, right));
        return it.get(target, {{"Metadata", "true"}, {"Authorization", "Basic " + key}});
    };
    auto const key = key_of(it.get(at, right));
    https_client::fields const with_key{{"Metadata", "true"}, {"Authorization", "Basic " + key}};
    it.check_token(body_of(it.get(at, with_key)));
    BOOST_TEST(it.get(at, with_key).status == 401); // used up
    auto const wrong = it.get(at, {{"Metadata", "true"}, {"Authorization", "Basic x"}});
    BOOST_TEST(wrong.status == 401);
    auto const body = body_of(answered(at + "&object_id=aaaa-object"));
    BOOST_TEST(body.at("client_id").as_string() == "aaaa-client");
    BOOST_TEST(body.at("object_id").as_string() == "aaaa-object");
    BOOST_TEST(answered(at + "&mi_res_id=x").status == 400);
    BOOST_TEST(answered(at + "&client_id=x").status == 400);
    it.local.stop();
}

BOOST_AUTO_TEST_CASE(an_old_arc_agent_does_not_say_who)
{
    machine_fixture it(managed_identity_options().old_arc_agent(true));
    auto const at = it.path(identity_host::azure_arc, "IDENTITY_ENDPOINT") +
                    "?api-version=2020-06-01&client_id=aaaa-client&" + query;
    auto const header = it.get(at, {{"Metadata", "true"}}).header("WWW-Authenticate");
    std::ifstream file(header.substr(12));
    std::string key;
    file >> key;
    auto const body =
        body_of(it.get(at, {{"Metadata", "true"}, {"Authorization", "Basic " + key}}));
    BOOST_TEST(!body.contains("client_id"));
}

BOOST_AUTO_TEST_CASE(arc_keys_do_not_stay)
{
    scratch_directory directory;
    {
        cluster local(
            quick().managed_identities(managed_identity_options().arc_directory(directory.path)));
        https_client plain(local.identity_url(), "");
        auto const at = target_of(local.identity_environment(identity_host::azure_arc)[0].second) +
                        "?api-version=2020-06-01&" + query;
        BOOST_TEST(plain.send("GET", at, {{"Metadata", "true"}}).status == 401);
        BOOST_TEST(!std::filesystem::is_empty(directory.path));
    }
    BOOST_TEST(std::filesystem::is_empty(directory.path));
}

BOOST_AUTO_TEST_CASE(arc_keys_that_nobody_fetches_do_not_pile_up)
{
    machine_fixture it;
    auto const at =
        it.path(identity_host::azure_arc, "IDENTITY_ENDPOINT") + "?api-version=2020-06-01&" + query;
    for (int i = 0; i != 70; ++i)
        BOOST_TEST(it.get(at, {{"Metadata", "true"}}).status == 401);
    std::filesystem::directory_iterator const files(it.directory.path);
    BOOST_TEST(std::distance(begin(files), end(files)) == 64);
}

BOOST_AUTO_TEST_CASE(service_fabric)
{
    machine_fixture it;
    auto const host = identity_host::service_fabric;
    auto const endpoint = it.variable(host, "IDENTITY_ENDPOINT");
    auto const thumbprint = it.variable(host, "IDENTITY_SERVER_THUMBPRINT");
    BOOST_TEST(thumbprint.size() == 40U);
    auto client = https_client::pinned(endpoint.substr(0, endpoint.find('/', 8)), thumbprint);
    auto const at = target_of(endpoint) + "?api-version=2019-07-01-preview&" + query;
    auto const ask = [&](std::string const& target, https_client::fields const& headers)
    { return client.send("GET", target, headers); };
    https_client::fields const right{{"Secret", it.variable(host, "IDENTITY_HEADER")}};
    auto const body = body_of(ask(at, right));
    BOOST_TEST(body.at("expires_on").is_int64());
    it.check_token(body);
    auto const code_of = [](https_client::reply const& answer)
    { return std::string(json::parse(answer.body).at("error").at("code").as_string()); };
    BOOST_TEST(code_of(ask(at, {})) == "SecretHeaderNotFound");
    BOOST_TEST(code_of(ask(at, {{"Secret", "x"}})) == "ManagedIdentityNotFound");
    BOOST_TEST(code_of(ask(target_of(endpoint) + "?api-version=1&" + query, right)) ==
               "InvalidApiVersion");
    BOOST_TEST(code_of(ask(at + "&client_id=aaaa-client", right)) == "BadRequest");
    BOOST_TEST(code_of(ask(at + "&" + query, right)) == "BadRequest");
    BOOST_TEST(ask(at + "&xms_cc=cp1&token_sha256_to_refresh=0a", right).status == 200);
    BOOST_TEST(code_of(ask(target_of(endpoint) + "?api-version=2019-07-01-preview", right)) ==
               "ArgumentNullOrEmpty");
}

BOOST_AUTO_TEST_CASE(nothing_unless_asked_for)
{
    cluster local;
    BOOST_TEST(local.identity_url().empty());
    BOOST_TEST(local.identity_environment(identity_host::app_service).empty());
}

BOOST_AUTO_TEST_CASE(the_identity_is_the_principal)
{
    cluster local(quick().role(principal_role::ingestor).managed_identities({}));
    https_client plain(local.identity_url(), "");
    auto const body = body_of(plain.send(
        "GET", "/metadata/identity/oauth2/token?api-version=2018-02-01&" + std::string(query),
        {{"Metadata", "true"}}));
    session client(local);
    std::string const token(body.at("access_token").as_string());
    auto const refused = client.engine.send("POST", "/v1/rest/mgmt",
                                            {{"Content-Type", "application/json"},
                                             {"Accept", "application/json"},
                                             {"Authorization", "Bearer " + token}},
                                            R"({"csl":".drop table T"})");
    BOOST_TEST(refused.status == 403);
    BOOST_TEST(refused.body.find("aadapp=" + machine) != std::string::npos);
}

BOOST_AUTO_TEST_SUITE_END()

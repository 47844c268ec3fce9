#include <emulator/cluster_session.hpp>

using namespace kusto::emulator;
using namespace cluster_test;
namespace json = boost::json;

namespace
{

std::string const self = "aadapp=22222222-2222-2222-2222-222222222222";
std::string const tenant = ";11111111-1111-1111-1111-111111111111";
std::string const person = "aaduser=55555555-5555-5555-5555-555555555555";
std::string const person_object = person.substr(person.find('=') + 1);

struct role_fixture
{
    explicit role_fixture(principal_role role)
        : local(quick().role(role).sign_in(sign_in_options().approve_device_codes(true))),
          client(local)
    {
        local.execute("NetDefaultDB", ".create table T (id:long)");
        client.sign_in();
    }

    json::value post(char const* endpoint, std::string const& form)
    {
        auto const answer = client.engine.send(
            "POST", "/" + local.options().tenant() + "/oauth2/v2.0/" + endpoint,
            {{"Content-Type", "application/x-www-form-urlencoded"}},
            "client_id=" + local.options().client_id() +
                "&scope=https%3A%2F%2Fkusto.kusto.windows.net%2F.default" + form);
        BOOST_REQUIRE_MESSAGE(answer.status == 200, answer.body);
        return json::parse(answer.body);
    }

    void sign_in_as_person()
    {
        std::string const code(post("devicecode", "").at("device_code").as_string());
        auto const answer =
            post("token", "&grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Adevice_code"
                          "&device_code=" +
                              code);
        client.token = std::string(answer.at("access_token").as_string());
    }

    https_client::reply ask(std::string const& text)
    {
        json::object body;
        body["db"] = "NetDefaultDB";
        body["csl"] = text;
        return client.engine.send("POST", "/v1/rest/mgmt",
                                  {{"Content-Type", "application/json"},
                                   {"Accept", "application/json"},
                                   {"Authorization", "Bearer " + client.token}},
                                  json::serialize(body));
    }

    https_client::reply access(std::string const& whom, std::string const& type,
                               std::string const& table = "T")
    {
        return ask(".show principal access with (principal='" + whom + "', accesstype='" + type +
                   "', database='NetDefaultDB', table='" + table + "')");
    }

    cluster local;
    session client;
};

json::value cell_of(https_client::reply const& answer, std::size_t column)
{
    BOOST_REQUIRE_MESSAGE(answer.status == 200, answer.body);
    return json::parse(answer.body).at("Tables").at(0).at("Rows").at(0).at(column);
}

} // namespace

BOOST_AUTO_TEST_SUITE(principals)

BOOST_AUTO_TEST_CASE(what_each_role_may)
{
    struct row
    {
        principal_role role;
        char const* name;
        bool ingest;
        bool view;
    };
    for (auto const& [role, name, ingest, view] :
         {row{principal_role::admin, "Admin", true, true},
          row{principal_role::ingestor, "Ingestor", true, false},
          row{principal_role::viewer, "Viewer", false, true}})
    {
        role_fixture it(role);
        auto const ingests = it.access(self + tenant, "ingest");
        BOOST_REQUIRE_MESSAGE(ingests.status == 200, ingests.body);
        BOOST_TEST(cell_of(ingests, 3).is_bool());
        BOOST_TEST(cell_of(ingests, 3) == json::value(ingest), name);
        BOOST_TEST(cell_of(it.access(self, "view"), 3) == json::value(view), name);
        auto const roles = it.ask(".show principal roles");
        BOOST_TEST(cell_of(roles, 3).as_string() == name);
        BOOST_TEST(cell_of(it.ask(".show database NetDefaultDB principal roles"), 0).as_string() ==
                   "Database NetDefaultDB");
        auto const all = it.ask(".show database ['NetDefaultDB'] principals");
        BOOST_TEST(all.status == (role == principal_role::ingestor ? 403 : 200));
        if (all.status == 200)
            BOOST_TEST(cell_of(all, 4).as_string() == self + tenant);
        auto const other = it.access("aadapp=somebody", "ingest");
        BOOST_TEST(other.status == (role == principal_role::admin ? 200 : 403));
        if (other.status == 200)
            BOOST_TEST(!cell_of(other, 3).as_bool());
    }
}

BOOST_AUTO_TEST_CASE(people_are_no_applications)
{
    role_fixture it(principal_role::ingestor);
    BOOST_TEST(it.access(person, "ingest").status == 403);
    it.sign_in_as_person();
    BOOST_TEST(cell_of(it.access(person, "ingest"), 3).as_bool());
    BOOST_TEST(cell_of(it.access(person + tenant, "ingest"), 3).as_bool());
    BOOST_TEST(!cell_of(it.access(person + tenant, "view"), 3).as_bool());
    auto const other = it.access(self + tenant, "ingest");
    BOOST_TEST(other.status == 403);
    BOOST_TEST(other.body.find("Principal '" + person + tenant + "'") != std::string::npos,
               other.body);
    BOOST_TEST(cell_of(it.ask(".show principal roles"), 2).as_string() == person_object);
}

BOOST_AUTO_TEST_CASE(people_in_the_list_of_principals)
{
    role_fixture it(principal_role::admin);
    it.sign_in_as_person();
    auto const all = it.ask(".show database NetDefaultDB principals");
    BOOST_TEST(cell_of(all, 1).as_string() == "Microsoft Entra User");
    BOOST_TEST(cell_of(all, 3).as_string() == person_object);
    BOOST_TEST(cell_of(all, 4).as_string() == person + tenant);
    BOOST_TEST(!cell_of(it.access(self + tenant, "ingest"), 3).as_bool());
}

BOOST_AUTO_TEST_CASE(what_is_not_there)
{
    role_fixture it(principal_role::admin);
    BOOST_TEST(it.access(self, "ingest", "Nope").status == 400);
    BOOST_TEST(it.access(self, "fly").status == 400);
    BOOST_TEST(it.ask(".show database Nope principals").status == 400);
    BOOST_TEST(it.ask(".show principal access with (accesstype='ingest')").status == 400);
    BOOST_TEST(it.ask(".show principal nonsense").status == 400);
    BOOST_TEST(it.ask(".show principal roles nonsense").status == 400);
}

BOOST_AUTO_TEST_CASE(policies_and_mappings_that_a_client_looks_at)
{
    role_fixture it(principal_role::viewer);
    BOOST_TEST(cell_of(it.ask(".show database policy ingestionbatching"), 0).as_string() ==
               "IngestionBatchingPolicy");
    BOOST_TEST(
        cell_of(it.ask(".show database NetDefaultDB policy ingestionbatching"), 1).as_string() ==
        "[NetDefaultDB]");
    BOOST_TEST(cell_of(it.ask(".show table T policy streamingingestion"), 2).as_string() == "null");
    BOOST_TEST(it.ask(".show table T ingestion mappings").status == 200);
}

BOOST_AUTO_TEST_SUITE_END()

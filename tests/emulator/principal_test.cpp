#include <emulator/cluster_session.hpp>

using namespace kusto::emulator;
using namespace cluster_test;
namespace json = boost::json;

namespace
{

std::string const self = "aadapp=22222222-2222-2222-2222-222222222222";
std::string const tenant = ";11111111-1111-1111-1111-111111111111";

struct role_fixture
{
    explicit role_fixture(principal_role role) : local(quick().role(role)), client(local)
    {
        local.execute("NetDefaultDB", ".create table T (id:long)");
        client.sign_in();
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

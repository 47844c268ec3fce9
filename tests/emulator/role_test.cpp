#include <emulator/fault_session.hpp>
#include <emulator/permissions.hpp>

using namespace kusto::emulator;
using namespace cluster_test;
namespace json = boost::json;

namespace
{

struct permission
{
    char const* text;
    bool ingestor;
    bool viewer;
};

} // namespace

BOOST_AUTO_TEST_SUITE(roles)

BOOST_AUTO_TEST_CASE(what_each_role_may_do)
{
    for (auto const& [text, ingestor, viewer] :
         {permission{".get ingestion resources", true, false},
          permission{".Get kusto identity token", true, false},
          permission{".show ingestion resources", true, false},
          permission{"// comment\n .show table ['a b'] cslschema", true, true},
          permission{".show table ['db'].['T'] schema as json", true, true},
          permission{".ingest inline into table T <| 1", true, false},
          permission{".append T <| print 1", true, false},
          permission{".create table T ingestion csv mapping 'm' '[]'", true, false},
          permission{".create-or-alter table T ingestion csv mapping 'm' '[]'", true, false},
          permission{".show tables", false, true},
          permission{".show table T", false, true},
          permission{".show table T extents", false, true},
          permission{".show table T policy update", false, true},
          permission{".show ingestion failures", false, true},
          permission{"T | count", false, true},
          permission{"print 1", false, true},
          permission{".create table T (a:string)", false, false},
          permission{".create table ingestion (a:string)", false, false},
          permission{".create-merge table T (a:string)", false, false},
          permission{".set T <| print 1", false, false},
          permission{".set-or-append T <| print 1", false, false},
          permission{".move extents all from table S to table T", false, false},
          permission{".drop table T ifexists", false, false},
          permission{".drop table T extent tags ('x')", false, false},
          permission{".drop extents <| .show table T extents", false, false},
          permission{".clear table T data", false, false},
          permission{".alter table T policy merge '{}'", false, false},
          permission{".alter-merge table T policy retention softdelete = 7d", false, false},
          permission{".alter database D policy ingestionbatching '{}'", false, false}})
    {
        BOOST_TEST(is_allowed(principal_role::admin, text), text);
        BOOST_TEST(is_allowed(principal_role::ingestor, text) == ingestor, text);
        BOOST_TEST(is_allowed(principal_role::viewer, text) == viewer, text);
    }
}

BOOST_AUTO_TEST_CASE(an_ingestor_ingests)
{
    fault_session it(quick().role(principal_role::ingestor));
    BOOST_TEST(it.send(fault_route::put_message).status == 201);
    BOOST_TEST(it.local.wait_until_idle(30s));
    BOOST_TEST(it.local.scalar("NetDefaultDB", "T | count") == "1");
    BOOST_TEST(it.send(fault_route::version).status == 200);
    BOOST_TEST(it.management(it.client.engine, ".show table ['T'] cslschema").status == 200);
    BOOST_TEST(it.send(fault_route::query).status == 403);
    auto const refused = it.management(it.client.engine, ".drop table T");
    BOOST_TEST(refused.status == 403);
    BOOST_TEST(!refused.header("x-ms-activity-id").empty());
    auto const error = json::parse(refused.body).at("error");
    BOOST_TEST(error.at("code").as_string() == "Forbidden");
    BOOST_TEST(error.at("message").as_string() ==
               "Caller is not authorized to perform this action");
    BOOST_TEST(error.at("@type").as_string() ==
               "Kusto.DataNode.Exceptions.UnauthorizedDatabaseAccessException");
    BOOST_TEST(error.at("@message").as_string() ==
               "Principal 'aadapp=22222222-2222-2222-2222-222222222222;11111111-1111-1111-1111-"
               "111111111111' is not authorized to perform operation '.drop'.");
    BOOST_TEST(error.at("@permanent").as_bool());
    BOOST_TEST(it.local.scalar("NetDefaultDB", ".show tables | count") == "1");
}

BOOST_AUTO_TEST_CASE(a_viewer_looks)
{
    cluster local(quick().role(principal_role::viewer));
    local.execute("NetDefaultDB", ".create table T (id:long)");
    session client(local);
    client.sign_in();
    BOOST_TEST(client.command(client.engine, ".show tables").size() == 1U);
    auto const status = [&](https_client& to, char const* text, char const* path)
    {
        json::object body;
        body["csl"] = text;
        return to
            .send(
                "POST", path,
                {{"Content-Type", "application/json"}, {"Authorization", "Bearer " + client.token}},
                json::serialize(body))
            .status;
    };
    BOOST_TEST(status(client.engine, "T", "/v2/rest/query") == 200);
    BOOST_TEST(status(client.engine, ".append T <| print 1", "/v1/rest/mgmt") == 403);
    BOOST_TEST(status(client.ingestion, ".get ingestion resources", "/v1/rest/mgmt") == 403);
    BOOST_TEST(status(client.ingestion, ".get kusto identity token", "/v1/rest/mgmt") == 403);
}

BOOST_AUTO_TEST_SUITE_END()

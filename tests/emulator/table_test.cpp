#include <boost/json.hpp>
#include <boost/test/unit_test.hpp>
#include <emulator/storage_fixture.hpp>

using namespace kusto::emulator;

namespace
{

struct table_fixture : storage_fixture
{
    std::vector<std::pair<std::string, std::string>> accept = {
        {"Accept", "application/json;odata=nometadata"}};
    std::string collection = "/ingestionstatus0?" + table_sas();

    static std::string key(std::string const& partition, std::string const& row)
    {
        return "(PartitionKey='" + partition + "',RowKey='" + row + "')";
    }

    std::string entity(std::string const& partition, std::string const& row) const
    {
        return "/ingestionstatus0" + key(partition, row) + "?" + table_sas();
    }

    response insert(std::string const& body) { return send("POST", collection, body, accept); }

    response get(std::string const& partition, std::string const& row)
    {
        return send("GET", entity(partition, row), {}, accept);
    }
};

std::string code(response const& answer)
{
    return code_of(answer);
}

} // namespace

BOOST_FIXTURE_TEST_SUITE(tables, table_fixture)

BOOST_AUTO_TEST_CASE(an_inserted_entity_is_read_back_with_types)
{
    auto headers = accept;
    headers.emplace_back("Prefer", "return-no-content");
    auto const inserted = send(
        "POST", collection,
        R"({"PartitionKey":"p","RowKey":"r","Status":"Pending","Size":"123","Size@odata.type":"Edm.Int64",)"
        R"("UpdatedOn":"2030-01-01T00:00:00.0000000Z","UpdatedOn@odata.type":"Edm.DateTime","Gone":null})",
        headers);
    BOOST_TEST(inserted.status == 204);
    BOOST_TEST(inserted.headers.get("Preference-Applied") == "return-no-content");
    auto const answer = get("p", "r");
    BOOST_TEST(answer.status == 200);
    auto const read = boost::json::parse(answer.body).as_object();
    BOOST_TEST(read.at("Status").as_string() == "Pending");
    BOOST_TEST(read.at("Size").as_string() == "123");
    BOOST_TEST(read.at("Timestamp").as_string() == "2026-11-22T11:00:00.0000000Z");
    BOOST_TEST(!read.contains("Gone"));
    BOOST_TEST(!read.contains("Size@odata.type"));
    auto const full = send("GET", entity("p", "r"), {}, {{"Accept", "application/json"}});
    BOOST_TEST(boost::json::parse(full.body).at("Size@odata.type").as_string() == "Edm.Int64");
    BOOST_TEST(code(insert(R"({"PartitionKey":"p","RowKey":"r"})")) == "EntityAlreadyExists");
}

BOOST_AUTO_TEST_CASE(errors_are_json_with_the_services_codes)
{
    auto const missing = get("p", "none");
    BOOST_TEST(missing.status == 404);
    auto const error = boost::json::parse(missing.body).at("odata.error").as_object();
    BOOST_TEST(error.at("code").as_string() == "ResourceNotFound");
    BOOST_TEST(code(insert(R"({"PartitionKey":"p"})")) == "PropertiesNeedValue");
    BOOST_TEST(code(insert("{")) == "InvalidInput");
    BOOST_TEST(
        code(insert(R"({"PartitionKey":"p","RowKey":"r","N":1,"N@odata.type":"Edm.Int64"})")) ==
        "InvalidInput");
    BOOST_TEST(code(insert(R"({"PartitionKey":"p/q","RowKey":"r"})")) == "KeyValueTooLarge");
    BOOST_TEST(code(insert(R"({"PartitionKey":"p","RowKey":"r","T":")" + std::string(65537, 'x') +
                           "\"}")) == "PropertyValueTooLarge");
    BOOST_TEST(
        code(send("POST", "/unknowntable?" + sas(storage_service::table, "unknowntable", "raud"),
                  R"({"PartitionKey":"p","RowKey":"r"})", accept)) == "TableNotFound");
    BOOST_TEST(send("GET", entity("p", "r")).status == 415);
    BOOST_TEST(code(send("DELETE", entity("p", "r"), {}, accept)) == "MissingRequiredHeader");
}

BOOST_AUTO_TEST_CASE(merge_keeps_and_replace_drops)
{
    insert(R"({"PartitionKey":"a'b","RowKey":"r","One":1,"Two":2})");
    auto const url = entity("a''b", "r");
    auto const star = std::vector<std::pair<std::string, std::string>>{{"If-Match", "*"}};
    BOOST_TEST(send("MERGE", url, R"({"Two":3})", star).status == 204);
    auto read = boost::json::parse(get("a''b", "r").body).as_object();
    BOOST_TEST(read.at("One").as_int64() == 1);
    BOOST_TEST(read.at("Two").as_int64() == 3);
    BOOST_TEST(send("PUT", url, R"({"Two":4})", star).status == 204);
    read = boost::json::parse(get("a''b", "r").body).as_object();
    BOOST_TEST(!read.contains("One"));
    BOOST_TEST(code(send("PATCH", entity("no", "r"), "{}", star)) == "ResourceNotFound");
    BOOST_TEST(send("PATCH", entity("new", "r"), "{}").status == 204);
    BOOST_TEST(code(send("PATCH", url, "{}", {{"If-Match", "W/\"other\""}})) ==
               "UpdateConditionNotSatisfied");
}

BOOST_AUTO_TEST_CASE(upserts_need_add_and_update)
{
    auto const status = [&](std::string const& permissions)
    {
        auto const url = "/ingestionstatus0" + key("p", "r") + "?" + table_sas(permissions);
        return send("PUT", url, "{}").status;
    };
    BOOST_TEST(status("u") == 403);
    BOOST_TEST(status("a") == 403);
    BOOST_TEST(status("au") == 204);
}

BOOST_AUTO_TEST_CASE(queries_filter_select_and_page)
{
    for (int i = 0; i < 5; ++i)
        insert(R"({"PartitionKey":"p","RowKey":")" + std::to_string(i) + R"(","N":)" +
               std::to_string(i) + "}");
    auto const rows = [&](std::string const& query)
    {
        auto const answer =
            send("GET", "/ingestionstatus0()?" + query + "&" + table_sas(), {}, accept);
        BOOST_TEST(answer.status == 200);
        return boost::json::parse(answer.body).at("value").as_array();
    };
    BOOST_TEST(rows("$filter=N%20ge%203").size() == 2U);
    BOOST_TEST(rows("$filter=PartitionKey%20eq%20'p'%20and%20RowKey%20eq%20'1'").size() == 1U);
    BOOST_TEST(rows("$select=N&$top=2").size() == 2U);
    auto const page = send("GET", "/ingestionstatus0()?$top=2&" + table_sas(), {}, accept);
    BOOST_TEST(page.headers.get("x-ms-continuation-NextRowKey") == "2");
    BOOST_TEST(rows("NextPartitionKey=p&NextRowKey=2").size() == 3U);
    auto const bad =
        send("GET", "/ingestionstatus0()?$filter=N%20eq%201%20or%20N%20eq%202&" + table_sas(), {},
             accept);
    BOOST_TEST(code(bad) == "InvalidInput");
}

BOOST_AUTO_TEST_CASE(the_ingestion_service_writes_statuses)
{
    insert(R"({"PartitionKey":"p","RowKey":"r","Status":"Pending","Database":"d"})");
    sas_target const target{storage_service::table, account, "ingestionstatus0", {}};
    std::map<std::string, std::string> const properties = {{"Status", "Failed"},
                                                           {"OriginatesFromUpdatePolicy", "false"}};
    store.tables().merge(target, "p", "r", properties, now);
    auto const read = boost::json::parse(get("p", "r").body).as_object();
    BOOST_TEST(read.at("Status").as_string() == "Failed");
    BOOST_TEST(read.at("Database").as_string() == "d");
    BOOST_TEST(read.at("OriginatesFromUpdatePolicy").as_bool() == false);
}

BOOST_AUTO_TEST_SUITE_END()

#include "replies.hpp"

#include <base/base64.hpp>
#include <base/percent.hpp>
#include <boost/json.hpp>
#include <boost/test/unit_test.hpp>
#include <set>
#include <wire/storage.hpp>
#include <wire/xml.hpp>

using namespace kusto;
using namespace kusto::test;

namespace
{

base::url url(char const* text)
{
    return *base::url::parse(text);
}

base::utc_time_point const now(std::chrono::seconds(1795345186));
base::guid const id = *base::guid::parse("74be27de-1e4e-49d9-b579-fe0b331d3642");
base::url const container = url("https://a.blob.core.windows.net/c/?sv=1&sig=a%2Bb%2F%3D");

} // namespace

BOOST_AUTO_TEST_SUITE(storage_test)

BOOST_AUTO_TEST_CASE(blob_names)
{
    BOOST_TEST(wire::blob_name("My db", "T/\xc3\xa4?", id, data_format::csv) ==
               "My_db__T______74be27de-1e4e-49d9-b579-fe0b331d3642.csv.gz");
    BOOST_TEST(wire::blob_name("d", "t", id, data_format::json) ==
               "d__t__74be27de-1e4e-49d9-b579-fe0b331d3642.json.gz");
    auto const long_one =
        wire::blob_name(std::string(3000, 'd'), std::string(3000, 't'), id, data_format::json);
    BOOST_TEST(long_one.size() <= 1024u);
    BOOST_TEST(long_one.ends_with("74be27de-1e4e-49d9-b579-fe0b331d3642.json.gz"));
}

BOOST_AUTO_TEST_CASE(blob_urls_keep_the_signature)
{
    BOOST_TEST(wire::blob_url(container, "x/a b+c%.gz").with_secrets() ==
               "https://a.blob.core.windows.net/c/x/a%20b%2Bc%25.gz?sv=1&sig=a%2Bb%2F%3D");
    BOOST_TEST(wire::blob_url(url("http://127.0.0.1:1/acct/c?sig=x"), "b").with_secrets() ==
               "http://127.0.0.1:1/acct/c/b?sig=x");
}

BOOST_AUTO_TEST_CASE(put_blob_request)
{
    auto const blob = wire::blob_url(container, "b.csv.gz");
    auto const request = wire::put_blob(blob, "rid", now);
    BOOST_TEST(request.target.with_secrets() == blob.with_secrets());
    BOOST_TEST(wire::find_header(request.headers, "x-ms-version") == "2021-12-02");
    BOOST_TEST(wire::find_header(request.headers, "x-ms-date") == "Sun, 22 Nov 2026 10:59:46 GMT");
    BOOST_TEST(wire::find_header(request.headers, "x-ms-client-request-id") == "rid");
    BOOST_TEST(wire::find_header(request.headers, "x-ms-blob-type") == "BlockBlob");
    BOOST_TEST(wire::find_header(request.headers, "Content-Encoding").empty());
    BOOST_TEST(wire::find_header(request.headers, "Authorization").empty());
    BOOST_TEST(request.body.empty());
}

BOOST_AUTO_TEST_CASE(block_ids_are_of_one_length_and_differ)
{
    std::set<std::string> seen;
    for (std::size_t i : {0u, 1u, 9u, 10u, 49999u})
    {
        auto const block = wire::block_id(id, i);
        BOOST_TEST(block.size() == wire::block_id(id, 0).size());
        BOOST_TEST(base::base64_decode(block).value().size() <= 64u);
        BOOST_TEST(seen.insert(block).second);
    }
    BOOST_TEST(wire::block_id(base::guid::random(), 0) != wire::block_id(id, 0));
}

BOOST_AUTO_TEST_CASE(block_requests)
{
    auto const blob = wire::blob_url(container, "b");
    auto const block = wire::block_id(id, 7);
    auto const put = wire::put_block(blob, block, "rid", now);
    BOOST_TEST(put.target.query().starts_with("comp=block&blockid="));
    BOOST_TEST(put.target.query().ends_with("&sv=1&sig=a%2Bb%2F%3D"));
    BOOST_TEST(base::query_parameter(put.target.query(), "blockid").value() == block);
    BOOST_TEST(wire::find_header(put.headers, "x-ms-blob-type").empty());

    auto const list = wire::put_block_list(blob, {"YQ==", "Yg=="}, "rid", now);
    BOOST_TEST(list.target.query() == "comp=blocklist&sv=1&sig=a%2Bb%2F%3D");
    BOOST_TEST(list.body ==
               "<?xml version=\"1.0\" encoding=\"utf-8\"?><BlockList><Latest>YQ==</Latest>"
               "<Latest>Yg==</Latest></BlockList>");
    BOOST_TEST(wire::find_header(list.headers, "Content-Type") == "application/xml");
}

BOOST_AUTO_TEST_CASE(messages)
{
    auto const queue = url("https://a.queue.core.windows.net/q?sig=SECRET");
    auto const sent = wire::put_message(queue, R"({"Id":"x<>&"})", "rid", now);
    BOOST_REQUIRE(sent);
    BOOST_TEST(sent->target.with_secrets() ==
               "https://a.queue.core.windows.net/q/messages?sig=SECRET");
    auto const text = wire::xml_text(sent->body, "MessageText");
    BOOST_TEST(base::base64_decode(text).value() == R"({"Id":"x<>&"})");

    BOOST_TEST(wire::put_message(queue, std::string(49152, 'x'), "rid", now).has_value());
    auto const too_long = wire::put_message(queue, std::string(49153, 'x'), "rid", now);
    BOOST_REQUIRE(!too_long);
    BOOST_TEST((too_long.error().code() == errc::request_rejected));
    BOOST_TEST((too_long.error().where() == stage::post));
    BOOST_TEST(has(too_long.error().message(), "49153"));
    BOOST_TEST(!has(too_long.error().describe(), "SECRET"));
}

BOOST_AUTO_TEST_CASE(status_entities)
{
    wire::status_entity const entity(id, "d\"b", "t", wire::blob_url(container, "b"));
    auto const request =
        wire::insert_status(url("https://a.table.core.windows.net/s?sig=x"), entity, "rid", now);
    BOOST_TEST(request.target.with_secrets() == "https://a.table.core.windows.net/s?sig=x");
    BOOST_TEST(wire::find_header(request.headers, "Accept") == "application/json;odata=nometadata");
    auto const body = boost::json::parse(request.body).as_object();
    BOOST_TEST(body.at("PartitionKey").as_string() == id.to_string());
    BOOST_TEST(body.at("RowKey").as_string() == id.to_string());
    BOOST_TEST(body.at("Status").as_string() == "Pending");
    BOOST_TEST(body.at("Database").as_string() == "d\"b");
    BOOST_TEST(body.at("IngestionSourceId@odata.type").as_string() == "Edm.Guid");
    BOOST_TEST(body.at("IngestionSourcePath").as_string() == "https://a.blob.core.windows.net/c/b");
    BOOST_TEST(body.at("UpdatedOn").as_string() == "2026-11-22T10:59:46.0000000Z");
}

BOOST_AUTO_TEST_CASE(reset_status_is_the_same_entity_under_its_own_address)
{
    wire::status_entity const entity(id, "d", "t", wire::blob_url(container, "b"));
    auto const table = url("https://a.table.core.windows.net/s?sig=x");
    auto const request = wire::reset_status(table, entity, "rid", now);
    auto const key = id.to_string();
    BOOST_TEST(request.target.with_secrets() ==
               "https://a.table.core.windows.net/s(PartitionKey='" + key + "',RowKey='" + key +
                   "')?sig=x");
    BOOST_TEST(request.body == wire::insert_status(table, entity, "rid", now).body);
}

BOOST_AUTO_TEST_CASE(read_status)
{
    auto const request =
        wire::read_status(url("https://a.table.core.windows.net/s?sig=x"), id, "rid", now);
    auto const key = id.to_string();
    BOOST_TEST(request.target.target() ==
               "/s(PartitionKey='" + key + "',RowKey='" + key + "')?sig=x");
    BOOST_TEST(wire::find_header(request.headers, "Accept") == "application/json;odata=nometadata");
    BOOST_TEST(wire::find_header(request.headers, "x-ms-version") == "2021-12-02");
    BOOST_TEST(request.body.empty());
}

BOOST_AUTO_TEST_SUITE_END()

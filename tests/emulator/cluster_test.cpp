#include <atomic>
#include <boost/json.hpp>
#include <boost/test/unit_test.hpp>
#include <emulator/cluster_session.hpp>
#include <emulator/https_client.hpp>
#include <emulator/server/encoding.hpp>
#include <kusto/emulator/cluster.hpp>
#include <thread>

using namespace kusto::emulator;
using namespace cluster_test;
namespace json = boost::json;

BOOST_AUTO_TEST_SUITE(clusters)

BOOST_AUTO_TEST_CASE(records_go_over_tls_from_a_blob_to_a_query)
{
    cluster local(quick());
    local.execute("NetDefaultDB", ".create table T (id:long, name:string)");
    session client(local);
    client.sign_in();
    client.find_resources();
    std::string const content = "1,one\n2,two\n3,three\n";
    BOOST_TEST(client.put("a.csv", content).status == 201);
    BOOST_TEST(client.post(client.message("a.csv", content.size())).status == 201);
    BOOST_TEST(local.wait_until_idle(std::chrono::seconds(30)));
    BOOST_TEST(local.scalar("NetDefaultDB", "T | count") == "3");
    BOOST_TEST(local.scalar("NetDefaultDB", "T | where id == 2 | project name") == "two");
    auto const counts = local.counts();
    BOOST_TEST(counts.blobs_put == 1U);
    BOOST_TEST(counts.messages == 1U);
    BOOST_TEST(counts.ingested == 1U);
    BOOST_TEST(counts.failed == 0U);
    BOOST_TEST(counts.tokens == 1U);
    BOOST_TEST(counts.resource_calls == 1U);
    BOOST_TEST(counts.requests >= 5U);
}

BOOST_AUTO_TEST_CASE(the_same_blob_posted_twice_later_is_ingested_twice)
{
    cluster local(quick());
    local.execute("NetDefaultDB", ".create table T (id:long, name:string)");
    session client(local);
    client.sign_in();
    client.find_resources();
    client.put("a.csv", "1,one\n");
    for (int i = 0; i < 2; ++i)
    {
        client.post(client.message("a.csv", 6));
        BOOST_TEST(local.wait_until_idle(std::chrono::seconds(30)));
    }
    BOOST_TEST(local.scalar("NetDefaultDB", "T | count") == "2");
}

BOOST_AUTO_TEST_CASE(failures_reach_the_status_table_and_the_failure_queue)
{
    cluster local(quick());
    session client(local);
    client.sign_in();
    client.find_resources();
    client.put("a.csv", "1,one\n");
    auto const mark = client.status_table.find('?');
    auto const table = target_of(client.status_table.substr(0, mark));
    auto const sas = client.status_table.substr(mark);
    https_client::fields const headers = {{"x-ms-version", "2019-02-02"},
                                          {"Accept", "application/json;odata=nometadata"}};
    auto const inserted = client.store.send(
        "POST", table + sas, headers, R"({"PartitionKey":"p","RowKey":"r","Status":"Pending"})");
    BOOST_TEST(inserted.status == 201);
    auto message = client.message("a.csv", 6);
    message["TableName"] = "Missing";
    message["ReportLevel"] = 2;
    message["ReportMethod"] = 2;
    json::object status;
    status["TableConnectionString"] = client.status_table;
    status["PartitionKey"] = "p";
    status["RowKey"] = "r";
    message["IngestionStatusInTable"] = std::move(status);
    client.post(std::move(message));
    BOOST_TEST(local.wait_until_idle(std::chrono::seconds(30)));
    auto const read =
        client.store.send("GET", table + "(PartitionKey='p',RowKey='r')" + sas, headers);
    BOOST_REQUIRE_MESSAGE(read.status == 200, read.body);
    auto const entity = json::parse(read.body).as_object();
    BOOST_TEST(entity.at("Status").as_string() == "Failed");
    BOOST_TEST(entity.at("ErrorCode").as_string() == "BadRequest_TableNotExist");
    BOOST_TEST(local.counts().failed == 1U);
}

BOOST_AUTO_TEST_CASE(framing)
{
    cluster local(quick());
    session client(local);
    client.sign_in();
    client.find_resources();
    https_client::fields const headers = {{"x-ms-version", "2021-12-02"},
                                          {"x-ms-blob-type", "BlockBlob"}};
    auto const target = target_of(client.blob_url("b"));
    auto const expected = client.store.send_expecting("PUT", target, headers, "hello");
    BOOST_TEST(expected.got_continue);
    BOOST_TEST(expected.status == 201);
    auto const chunked = client.store.send_chunked("PUT", target, headers, "hello");
    BOOST_TEST(chunked.status == 411);
    BOOST_TEST(chunked.header("x-ms-error-code") == "MissingContentLengthHeader");
    auto const head = client.store.send("HEAD", target, headers);
    BOOST_TEST(head.status == 200);
    BOOST_TEST(head.header("Content-Length") == "5");
    auto const again = client.store.send("GET", target, headers);
    BOOST_TEST(again.body == "hello");
    auto const gone = client.store.send("DELETE", target, headers);
    BOOST_TEST(gone.status == 202);
    // Chunked bodies are fine where the service takes them.
    auto const command = client.engine.send_chunked("POST", "/v1/rest/mgmt",
                                                    {{"Content-Type", "application/json"},
                                                     {"Accept", "application/json"},
                                                     {"Authorization", "Bearer " + client.token}},
                                                    R"({"csl":".show version"})");
    BOOST_TEST(command.status == 200);
}

BOOST_AUTO_TEST_CASE(oversized_and_malformed_requests_are_answered_and_closed)
{
    cluster local(quick());
    https_client big(local.engine_url(), local.ca_pem());
    auto const answer = big.send_raw("POST /v1/rest/mgmt HTTP/1.1\r\nHost: x\r\n"
                                     "Content-Length: 99999999999\r\n\r\n");
    BOOST_TEST(answer.status == 413);
    BOOST_TEST(answer.header("Connection") == "close");
    https_client odd(local.engine_url(), local.ca_pem());
    BOOST_TEST(odd.send_raw("NONSENSE\r\n\r\n").status == 400);
}

BOOST_AUTO_TEST_CASE(a_client_without_the_authority_refuses_the_certificate)
{
    cluster one(quick());
    cluster other(quick());
    BOOST_CHECK_THROW(https_client(one.engine_url(), other.ca_pem()), std::exception);
    BOOST_CHECK_NO_THROW(https_client(one.engine_url(), one.ca_pem()));
    BOOST_CHECK_NO_THROW(https_client(one.storage_url(), one.ca_pem()));
}

BOOST_AUTO_TEST_CASE(plain_http_and_no_authentication)
{
    cluster local(quick().tls(false).authentication(false));
    BOOST_TEST(local.engine_url().rfind("http://localhost:", 0) == 0U);
    BOOST_TEST(local.ca_pem().empty());
    session client(local);
    auto const rows = client.command(client.engine, ".show version");
    BOOST_TEST(rows.at(0).at(2).as_string() == "Engine");
}

BOOST_AUTO_TEST_CASE(external_storage_is_handed_out_instead)
{
    cluster local(
        quick().external_storage({"http://127.0.0.1:1/a/c?sas"}, {"http://127.0.0.1:2/a/q?sas"}));
    session client(local);
    client.sign_in();
    client.find_resources();
    BOOST_TEST(client.container == "http://127.0.0.1:1/a/c?sas");
    BOOST_TEST(client.queue == "http://127.0.0.1:2/a/q?sas");
    BOOST_TEST(client.status_table.rfind(local.storage_url(), 0) == 0U);
}

BOOST_AUTO_TEST_CASE(a_port_in_use_is_named)
{
    cluster first(quick().tls(false));
    auto const url = first.engine_url();
    auto const port = std::stoi(url.substr(url.rfind(':') + 1));
    auto const is_named = [&](std::runtime_error const& error)
    { return std::string(error.what()).find(std::to_string(port)) != std::string::npos; };
    BOOST_CHECK_EXCEPTION(cluster(quick().tls(false).port(static_cast<std::uint16_t>(port))),
                          std::runtime_error, is_named);
}

BOOST_AUTO_TEST_CASE(stop_drops_open_connections)
{
    cluster local(quick());
    https_client client(local.engine_url(), local.ca_pem());
    BOOST_TEST(client.send("GET", "/v1/rest/auth/metadata").status == 200);
    local.stop();
    BOOST_CHECK_THROW(client.send("GET", "/v1/rest/auth/metadata"), std::exception);
    BOOST_CHECK_THROW(https_client(local.engine_url(), local.ca_pem()), std::exception);
    local.stop();
}

BOOST_AUTO_TEST_CASE(many_connections_at_once)
{
    cluster local(quick());
    local.execute("NetDefaultDB", ".create table T (id:long, name:string)");
    constexpr int clients = 6;
    constexpr int blobs = 5;
    std::vector<std::thread> threads;
    std::atomic<int> accepted{0};
    for (int c = 0; c < clients; ++c)
    {
        threads.emplace_back(
            [&, c]
            {
                session client(local);
                client.sign_in();
                client.find_resources();
                for (int b = 0; b < blobs; ++b)
                {
                    auto const name = std::to_string(c) + "-" + std::to_string(b) + ".csv";
                    bool const put = client.put(name, "1,x\n2,y\n").status == 201;
                    accepted += put && client.post(client.message(name, 8)).status == 201 ? 1 : 0;
                }
            });
    }
    for (auto& thread : threads)
        thread.join();
    BOOST_TEST(accepted == clients * blobs);
    BOOST_TEST(local.wait_until_idle(std::chrono::seconds(30)));
    BOOST_TEST(local.scalar("NetDefaultDB", "T | count") == std::to_string(2 * clients * blobs));
}

BOOST_AUTO_TEST_SUITE_END()

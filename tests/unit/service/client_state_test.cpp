#include <service/client_state.hpp>

#include <boost/asio/io_context.hpp>
#include <boost/test/unit_test.hpp>
#include <service/ingest_channel.hpp>
#include <support/run.hpp>
#include <support/scripted_transport.hpp>

namespace
{

using namespace std::chrono_literals;
using namespace kusto::test;
using kusto::connection_options;
using kusto::errc;
using kusto::async::http_method;
using kusto::detail::client_state;

std::string const reply = R"({"Tables":[{"TableName":"T","Columns":[{"ColumnName":"x",)"
                          R"("DataType":"Int64","ColumnType":"long"}],"Rows":[[1]]}]})";

struct fixture
{
    boost::asio::io_context context;
    manual_clock time;
    std::shared_ptr<scripted_transport> http = std::make_shared<scripted_transport>(time);

    std::shared_ptr<client_state> make(connection_options options)
    {
        auto made = client_state::make(context.get_executor(), std::move(options), http, time);
        BOOST_REQUIRE_MESSAGE(made, made.error().describe());
        return *made;
    }

    static connection_options local()
    {
        connection_options options("http://127.0.0.1:8080");
        options.ingestion_url("http://127.0.0.1:8081");
        return options;
    }

    kusto::deadline soon() { return kusto::deadline(time.now() + 1min); }
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(client_state_tests, fixture)

BOOST_AUTO_TEST_CASE(commands_go_to_the_engine_without_a_token_if_there_is_no_credential)
{
    auto const client = make(local());
    http->expect(http_method::post, "127.0.0.1")
        .path("/v1/rest/mgmt")
        .no_header("Authorization")
        .when([](auto const& call) { return call.target.port() == 8080; })
        .reply(200, reply);
    auto const got = run(context, time, client->engine().execute("db", ".show x", soon()));
    BOOST_REQUIRE_MESSAGE(got, got.error().describe());
    BOOST_TEST(http->problems() == "");
}

BOOST_AUTO_TEST_CASE(resources_come_from_the_ingestion_service)
{
    auto const client = make(local());
    http->expect(http_method::post, "127.0.0.1")
        .when([](auto const& call) { return call.target.port() == 8081; })
        .body_contains(".get ingestion resources")
        .reply(403);
    auto const got = run(context, time, client->resources()->get(soon()));
    BOOST_TEST((got.error().where() == kusto::stage::resources));
    BOOST_TEST(got.error().status() == 403);
    BOOST_TEST(http->problems() == "");
}

BOOST_AUTO_TEST_CASE(the_ingestion_service_is_derived)
{
    auto const client = make(connection_options("https://c.westeurope.kusto.windows.net"));
    http->expect(http_method::post, "ingest-c.westeurope.kusto.windows.net").reply(400);
    BOOST_TEST(run(context, time, client->resources()->get(soon())).has_error());
    BOOST_TEST(client->engine().endpoint().host() == "c.westeurope.kusto.windows.net");
    BOOST_TEST(http->problems() == "");
}

BOOST_AUTO_TEST_CASE(a_channel_keeps_its_client)
{
    auto client = make(local());
    auto const resources = client->resources();
    auto channel = kusto::service::make_queued_channel(client, kusto::write_options("db", "tbl"));
    client.reset();
    BOOST_TEST(!http->was_shut_down());
    channel.reset();
    BOOST_TEST(http->was_shut_down());
    settle(context);
    BOOST_TEST((run(context, time, resources->get(soon())).error().code() == errc::closed));
}

namespace
{

std::string policy_reply(std::string const& policy)
{
    return R"({"Tables":[{"TableName":"T","Columns":[{"ColumnName":"PolicyName","ColumnType":)"
           R"("string"},{"ColumnName":"Policy","ColumnType":"string"}],"Rows":[["P",)" +
           policy + "]]}]}";
}

} // namespace

BOOST_AUTO_TEST_CASE(the_status_timeout_follows_the_batching_policy_of_table_or_database)
{
    using kusto::service::batch_identity;
    auto const policy = R"("{\"MaximumBatchingTimeSpan\":\"00:01:00\"}")";
    auto const client = make(local());
    auto const options = kusto::write_options("db", "tbl").poll_for_ingestion_status(true);
    auto const channel = kusto::service::make_queued_channel(client, options);
    auto const expect = [this](char const* command) -> step&
    {
        return http->expect(http_method::post, "127.0.0.1")
            .when([](auto const& call) { return call.target.port() == 8080; })
            .body_contains(command);
    };
    expect(".show table ['tbl'] policy ingestionbatching").reply(200, policy_reply("null"));
    expect(".show database ['db'] policy ingestionbatching").reply(200, policy_reply(policy));
    // Resources cannot be had; the table is asked all the same.
    http->expect(http_method::post, "127.0.0.1").times(100).any_order().reply(403);
    http->expect(http_method::get, "127.0.0.1").times(100).any_order().reply(500);
    kusto::service::posted_message message(1);
    message.statuses = kusto::base::url::parse("http://127.0.0.1:8082/a/status").value();
    batch_identity const batch(kusto::base::guid::random(), kusto::data_format::csv);
    auto const got =
        run(context, time, channel->confirm(batch, message, kusto::deadline(time.now() + 1h)));
    BOOST_REQUIRE(got.has_error());
    BOOST_TEST((got.error().code() == errc::outcome_unknown));
    BOOST_TEST((time.passed() == 6min));
    client->stop();
    settle(context);
}

BOOST_AUTO_TEST_SUITE_END()

#include "local_cluster.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/describe.hpp>
#include <boost/test/unit_test.hpp>
#include <future>
#include <kusto/row.hpp>
#include <kusto/schema.hpp>
#include <kusto/sink.hpp>
#include <random>
#include <thread>
#include <tuple>

namespace asio = boost::asio;
using kusto::test::local_cluster;

namespace
{

struct reading
{
    std::int64_t id = 0;
    std::string text;
    double number = 0;
    std::optional<kusto::datetime> time;
};
BOOST_DESCRIBE_STRUCT(reading, (), (id, text, number, time))

kusto::write_options options(std::string table)
{
    kusto::write_options write("NetDefaultDB", std::move(table));
    write.retry(kusto::retry_options().base(std::chrono::milliseconds(5)).cap(std::chrono::milliseconds(50)));
    return write;
}

asio::awaitable<void> create(kusto::client service)
{
    auto const command = kusto::create_merge_table_command("Readings", kusto::schema_of<reading>());
    co_await service.execute("", command);
}

asio::awaitable<void> write_readings(kusto::batching_sink& sink, std::int64_t first, std::int64_t last)
{
    for (auto id = first; id < last; ++id)
    {
        reading record;
        record.id = id;
        record.text = "line \"" + std::to_string(id) + "\",\nwith everything";
        record.number = static_cast<double>(id) / 8;
        co_await sink.write(record);
    }
}

void check_readings(local_cluster& local, std::int64_t count)
{
    BOOST_TEST(local.cluster.wait_until_idle());
    BOOST_TEST(local.ask("Readings | count") == std::to_string(count));
    BOOST_TEST(local.ask("Readings | summarize dcount(id)") == std::to_string(count));
    BOOST_TEST(local.ask("Readings | summarize sum(id)") == std::to_string(count * (count - 1) / 2));
    BOOST_TEST(local.ask("Readings | where text contains 'everything' | count") == std::to_string(count));
}

} // namespace

BOOST_AUTO_TEST_SUITE(end_to_end)

BOOST_AUTO_TEST_CASE(structs_through_four_writers_over_tls_are_rows)
{
    local_cluster local;
    local.run(create(local.service));
    auto write = options("Readings");
    write.parallelism(4).batch_size(1000);
    kusto::batching_sink sink(local.service, write);
    std::vector<std::future<void>> done;
    for (int i = 0; i < 4; ++i)
        done.push_back(asio::co_spawn(
            local.threads, write_readings(sink, i * 5000, (i + 1) * 5000), asio::use_future));
    for (auto& producer : done)
        producer.get();
    auto const report = local.run(sink.close());
    BOOST_TEST(report.complete());
    BOOST_TEST(report.accepted.records == 20000u);
    BOOST_TEST(report.delivered.blobs >= 20u);
    check_readings(local, 20000);
}

BOOST_AUTO_TEST_CASE(the_same_over_plain_http_in_one_thread)
{
    local_cluster local(kusto::emulator::cluster_options().tls(false));
    local.run(create(local.service));
    asio::io_context io;
    kusto::batching_sink sink(io.get_executor(), local.connection(), options("Readings"));
    auto done = asio::co_spawn(io, write_readings(sink, 0, 3000), asio::use_future);
    io.run();
    done.get();
    io.restart();
    auto closed = asio::co_spawn(io, sink.close(), asio::use_future);
    io.run();
    BOOST_TEST(closed.get().complete());
    check_readings(local, 3000);
}

BOOST_AUTO_TEST_CASE(an_idle_tail_leaves_after_the_interval)
{
    local_cluster local;
    local.run(create(local.service));
    auto write = options("Readings");
    write.batch_interval(std::chrono::milliseconds(100));
    kusto::batching_sink sink(local.service, write);
    local.run(write_readings(sink, 0, 10));
    // Nobody calls flush or close: the timer alone delivers.
    auto const limit = std::chrono::steady_clock::now() + std::chrono::seconds(20);
    while (sink.statistics().report.delivered.records < 10 && std::chrono::steady_clock::now() < limit)
        std::this_thread::yield();
    BOOST_TEST(sink.statistics().report.delivered.records == 10u);
    BOOST_TEST(sink.statistics().sealed_by_interval == 1u);
    check_readings(local, 10);
    (void)local.run(sink.close());
}

BOOST_AUTO_TEST_CASE(a_large_batch_goes_up_in_blocks)
{
    local_cluster local;
    local.command(".create table Blobs (Id: long, Text: string)");
    auto write = options("Blobs");
    write.batch_size(1'000'000).block_size(64 << 10);
    kusto::batching_sink sink(local.service, write);
    local.run(
        [](kusto::batching_sink& out) -> asio::awaitable<void>
        {
            std::mt19937_64 random(7);
            for (std::int64_t id = 0; id < 20'000; ++id)
            {
                auto const record = std::make_tuple(id, std::to_string(random()) + std::to_string(random()));
                co_await out.write(record);
            }
        }(sink));
    auto const report = local.run(sink.close());
    BOOST_TEST(report.complete());
    BOOST_TEST(report.delivered.blobs == 1u);
    BOOST_TEST(local.cluster.counts().blocks_put > 2u);
    BOOST_TEST(local.cluster.wait_until_idle());
    BOOST_TEST(local.ask("Blobs | summarize dcount(Id)") == "20000");
}

BOOST_AUTO_TEST_CASE(json_lines_with_a_mapping_reference)
{
    local_cluster local;
    local.command(".create table Events (Name: string, Size: long)");
    local.command(".create table Events ingestion json mapping 'm' "
                  "'[{\"Column\":\"Name\",\"Properties\":{\"Path\":\"$.n\"}},"
                  "{\"Column\":\"Size\",\"Properties\":{\"Path\":\"$.size.bytes\"}}]'");
    auto write = options("Events");
    write.ingestion_mapping("m", kusto::data_format::json);
    kusto::batching_sink sink(local.service, write);
    local.run(sink.write(kusto::json_line(R"({"n":"a \"quoted\" name","size":{"bytes":17}})")));
    // A record of another format than the mapping's is refused, and only that one.
    BOOST_CHECK_THROW(local.run(sink.write(kusto::csv_line("x,1"))), kusto::error);
    BOOST_TEST(local.run(sink.close()).complete());
    BOOST_TEST(local.cluster.wait_until_idle());
    BOOST_TEST(local.ask("Events | where Size == 17 | project Name") == "a \"quoted\" name");
    BOOST_TEST(local.ask("Events | count") == "1");
}

BOOST_AUTO_TEST_CASE(tags_reach_the_extents)
{
    local_cluster local;
    local.command(".create table Tagged (Id: long)");
    auto write = options("Tagged");
    write.ingest_by_tag("run-7").drop_by_tag("2026-11").additional_tag("free").ingest_if_not_exists("run-7");
    for (int i = 0; i < 2; ++i) // the second one is suppressed by the tag
    {
        kusto::batching_sink sink(local.service, write);
        auto const record = std::make_tuple(i);
        local.run(sink.write(record));
        BOOST_TEST(local.run(sink.close()).complete());
        BOOST_TEST(local.cluster.wait_until_idle());
    }
    BOOST_TEST(local.ask("Tagged | count") == "1");
    BOOST_TEST(local.ask(".show table Tagged extents where tags has 'drop-by:2026-11' | count") == "1");
    BOOST_TEST(local.cluster.counts().skipped == 1u);
}

BOOST_AUTO_TEST_CASE(a_client_refreshes_tokens_and_signatures_that_expire)
{
    // Lifetimes of two seconds: everything expires several times while records flow.
    auto cluster = kusto::emulator::cluster_options();
    cluster.token_lifetime(std::chrono::seconds(2)).sas_lifetime(std::chrono::seconds(4));
    local_cluster local(cluster);
    local.run(create(local.service));
    auto write = options("Readings");
    write.batch_size(10);
    kusto::batching_sink sink(local.service, write);
    auto const end = std::chrono::steady_clock::now() + std::chrono::seconds(7);
    std::int64_t id = 0;
    while (std::chrono::steady_clock::now() < end)
    {
        local.run(write_readings(sink, id, id + 10));
        (void)local.run(sink.flush());
        id += 10;
    }
    auto const report = local.run(sink.close());
    BOOST_TEST(report.complete());
    BOOST_TEST(local.cluster.counts().resource_calls >= 2u);
    check_readings(local, id);
}

BOOST_AUTO_TEST_SUITE_END()

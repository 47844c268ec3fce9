// Many producers on a thread pool, faster than the wire: `write` waits for the byte budget, so that
// memory stays bounded, and every record is in the table in the end.
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/asio/use_future.hpp>
#include <future>
#include <iostream>
#include <kusto/emulator/cluster.hpp>
#include <kusto/sink.hpp>
#include <tuple>
#include <vector>

namespace asio = boost::asio;

constexpr int producers = 8;
constexpr std::int64_t records_each = 25'000;

asio::awaitable<void> produce(kusto::batching_sink& sink, int producer)
{
    // Each producer keeps to one writer: no two threads ever contend for it.
    auto writer = sink.writer(static_cast<std::size_t>(producer) % sink.parallelism());
    for (std::int64_t i = 0; i < records_each; ++i)
    {
        auto const record = std::make_tuple(producer * records_each + i, producer,
                                            "some text that takes up room in the batch");
        co_await writer.write(record);
    }
}

int main()
{
    kusto::emulator::cluster cluster;
    (void)cluster.execute("NetDefaultDB", ".create table Events (Id: long, Producer: int, Text: string)");
    auto where = kusto::connection_options::from_connection_string(cluster.connection_string());
    where.ingestion_url(cluster.ingestion_url()).ca_pem(cluster.ca_pem());

    asio::thread_pool threads(4);
    auto options = kusto::write_options("NetDefaultDB", "Events");
    options.parallelism(4).batch_size(10'000).byte_budget(4 << 20);
    kusto::batching_sink sink(threads.get_executor(), where, options);

    std::vector<std::future<void>> done;
    for (int i = 0; i < producers; ++i)
        done.push_back(asio::co_spawn(threads, produce(sink, i), asio::use_future));
    for (auto& producer : done)
        producer.get();
    auto const report = asio::co_spawn(threads, sink.close(), asio::use_future).get();
    auto const all = sink.statistics();
    threads.join();

    cluster.wait_until_idle();
    auto const found = cluster.scalar("NetDefaultDB", "Events | summarize dcount(Id)");
    std::cout << "accepted " << report.accepted.records << ", delivered "
              << report.delivered.records << ", distinct ids in the table " << found << '\n'
              << all.writes_that_waited << " writes waited; at most " << all.budget_peak_bytes
              << " bytes were buffered or in flight (budget " << options.byte_budget() << ")\n";
    return found == std::to_string(producers * records_each) ? 0 : 1;
}

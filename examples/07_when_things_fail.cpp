// What a sink does about trouble: a cluster that throttles, loses answers, is away for a while, and
// refuses a batch; a log, a dead-letter directory, and a report in which everything adds up.
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/asio/use_future.hpp>
#include <filesystem>
#include <iostream>
#include <kusto/emulator/cluster.hpp>
#include <kusto/sink.hpp>
#include <mutex>
#include <tuple>

namespace asio = boost::asio;
namespace fs = std::filesystem;
using namespace std::chrono_literals;
using kusto::emulator::fault;
using kusto::emulator::fault_route;
using kusto::emulator::ingestion_failure_kind;

constexpr std::int64_t records = 20'000;

kusto::emulator::fault_script trouble()
{
    kusto::emulator::fault_script script;
    script.add(fault::status(503, "ServerBusy").on(fault_route::put_blob).times(5))
        .add(fault::drop_answer().on(fault_route::put_message).from(3).times(1))
        .add(fault::status(500).on(fault_route::any).between(200ms, 600ms))
        .add(fault::ingestion_fails(ingestion_failure_kind::permanent).from(2).times(1));
    return script;
}

/// Events come from several threads.
void print(kusto::log_event const& event)
{
    static std::mutex mutex;
    std::lock_guard const lock(mutex);
    std::cerr << kusto::to_text(event) << '\n';
}

asio::awaitable<void> produce(kusto::batching_sink& sink)
{
    for (std::int64_t i = 0; i < records; ++i)
    {
        auto const record = std::make_tuple(i, "something worth keeping");
        co_await sink.write(record);
    }
}

int main(int argc, char** argv)
{
    auto const letters = fs::path(argc > 1 ? argv[1] : "dead-letters");
    kusto::emulator::cluster cluster(kusto::emulator::cluster_options().faults(trouble()));
    (void)cluster.execute("NetDefaultDB", ".create table Events (Id: long, Text: string)");
    auto where = kusto::connection_options::from_connection_string(cluster.connection_string());
    where.ingestion_url(cluster.ingestion_url())
        .ca_pem(cluster.ca_pem())
        .log(kusto::log_level::warning, print);

    // Short pauses, for a demonstration.
    auto const hasty = kusto::retry_options().base(20ms).cap(200ms);
    where.retry(hasty);
    auto options = kusto::write_options("NetDefaultDB", "Events");
    options.retry(hasty)
        .poll_for_ingestion_status(true)
        .on_permanent_failure(kusto::failure_policy::dead_letter(letters.string()));

    asio::thread_pool threads(2);
    kusto::batching_sink sink(threads.get_executor(), where, options);
    asio::co_spawn(threads, produce(sink), asio::use_future).get();
    auto const report = asio::co_spawn(threads, sink.close(), asio::use_future).get();
    auto const all = sink.statistics();
    threads.join();

    auto const found = cluster.scalar("NetDefaultDB", "Events | summarize dcount(Id)");
    std::cout << "accepted      " << report.accepted.records << "\ndelivered     "
              << report.delivered.records << " (possibly twice: " << report.possibly_twice.records
              << ")\ndead-lettered " << report.dead_lettered.records << "\nfailed        "
              << report.failed.records << "\nunknown       " << report.unknown.records
              << "\nin the table  " << found << "\nretries       " << all.retries
              << "\nend to end    p50 " << all.latency.end_to_end.quantile(0.5).count() / 1000
              << " ms, p99 " << all.latency.end_to_end.quantile(0.99).count() / 1000 << " ms\n";
    for (auto const& file : fs::directory_iterator(letters))
        std::cout << file.path().string() << '\n';

    bool const sums_up = report.delivered.records + report.dead_lettered.records == records;
    return sums_up && found == std::to_string(report.delivered.records) ? 0 : 1;
}

// A local cluster over TLS, and this machine's telemetry from /proc through 4 writers into it.
#include "proc_telemetry.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/use_future.hpp>
#include <cstdlib>
#include <iomanip>
#include <iostream>
#include <kusto/emulator/cluster.hpp>
#include <kusto/schema.hpp>
#include <kusto/sink.hpp>

namespace asio = boost::asio;
using namespace std::chrono_literals;

template <class Record>
asio::awaitable<void> create_table(kusto::client service, std::string table)
{
    auto const command = kusto::create_merge_table_command(table, kusto::schema_of<Record>());
    co_await service.execute("NetDefaultDB", command);
}

/// Writes a sample of everything, `rounds` times.
asio::awaitable<void> sample(kusto::batching_sink& processes, kusto::batching_sink& counters,
                             int rounds)
{
    asio::steady_timer timer(co_await asio::this_coro::executor);
    for (int round = 0; round < rounds; ++round)
    {
        auto const now = kusto::datetime::now();
        for (auto const& record : read_processes(now))
            co_await processes.write(record);
        for (auto const& record : read_counters(now))
            co_await counters.write(record);
        timer.expires_after(20ms);
        co_await timer.async_wait(asio::use_awaitable);
    }
}

void print(std::string const& table, kusto::sink_statistics const& all)
{
    auto const& report = all.report;
    std::cout << std::left << std::setw(12) << table << std::right //
              << std::setw(9) << report.accepted.records << " accepted"
              << std::setw(9) << report.delivered.records << " delivered"
              << std::setw(6) << report.delivered.blobs << " batches"
              << std::setw(10) << report.delivered.bytes << " B ->"
              << std::setw(9) << all.compressed_bytes << " B compressed\n";
    if (report.first_failure)
        std::cout << "  first failure: " << report.first_failure->describe() << '\n';
}

asio::awaitable<bool> run(kusto::client service, kusto::emulator::cluster& cluster, int rounds)
{
    co_await create_table<process_sample>(service, "Processes");
    co_await create_table<counter_sample>(service, "Counters");

    auto const options = [](char const* table)
    { return kusto::write_options("NetDefaultDB", table).parallelism(4).batch_interval(1s); };
    kusto::batching_sink processes(service, options("Processes"));
    kusto::batching_sink counters(service, options("Counters"));

    std::cout << "Sampling /proc " << rounds << " times ...\n";
    co_await sample(processes, counters, rounds);
    auto const sent_processes = co_await processes.close();
    auto const sent_counters = co_await counters.close();
    print("Processes", processes.statistics());
    print("Counters", counters.statistics());

    // A real service ingests within minutes; the local one within milliseconds.
    cluster.wait_until_idle();
    auto const rows = co_await service.query("NetDefaultDB", "Processes | count");
    auto const more = co_await service.query("NetDefaultDB", "Counters | count");
    auto const found = rows.at(0, "Count").get<std::int64_t>() + more.at(0, "Count").get<std::int64_t>();
    auto const accepted = sent_processes.accepted.records + sent_counters.accepted.records;
    std::cout << "\naccepted " << accepted << ", rows found " << found << "\n\n"
              << "Top processes by memory:\n";

    auto const top = co_await service.query(
        "NetDefaultDB", "Processes | summarize memory = max(resident_bytes), cpu = max(cpu_seconds) "
                        "by pid, name | top 5 by memory");
    for (std::size_t i = 0; i < top.size(); ++i)
        std::cout << std::setw(8) << top.at(i, "pid").to_text() << "  " << std::left
                  << std::setw(20) << top.at(i, "name").to_text() << std::right << std::setw(10)
                  << top.at(i, "memory").get<std::int64_t>() / 1024 << " KiB  " << std::setw(8)
                  << top.at(i, "cpu").to_text() << " s\n";
    co_return accepted > 0 && accepted == static_cast<std::uint64_t>(found);
}

int main(int argc, char** argv)
{
    int const rounds = argc > 1 ? std::atoi(argv[1]) : 100;
    kusto::emulator::cluster cluster; // HTTPS with a certificate authority of its own
    std::cout << "Local cluster: " << cluster.engine_url() << "\n";

    auto where = kusto::connection_options::from_connection_string(cluster.connection_string());
    where.ingestion_url(cluster.ingestion_url()).ca_pem(cluster.ca_pem());

    asio::thread_pool threads(2);
    auto done = asio::co_spawn(
        threads, run(kusto::client(threads.get_executor(), where), cluster, rounds), asio::use_future);
    bool const equal = done.get();
    threads.join();
    return equal ? 0 : 1;
}

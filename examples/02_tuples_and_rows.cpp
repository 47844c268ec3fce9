// Records without a struct: tuples, when the columns are known to the compiler, and rows, when they
// are known at run time only.
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_future.hpp>
#include <iostream>
#include <kusto/emulator/cluster.hpp>
#include <kusto/row.hpp>
#include <kusto/sink.hpp>
#include <tuple>

namespace asio = boost::asio;

asio::awaitable<void> run(kusto::client service)
{
    co_await service.execute("", ".create table Trades (Time: datetime, Symbol: string, "
                                 "Price: decimal, Size: long, Extra: dynamic)");
    kusto::batching_sink sink(service, kusto::write_options("NetDefaultDB", "Trades"));

    // A tuple: one element for each column, in order. nullopt is null.
    auto const trade =
        std::make_tuple(kusto::datetime::now(), "MSFT", kusto::decimal::parse("412.50"), 100,
                        std::optional<kusto::dynamic>());
    co_await sink.write(trade);

    // A row: values of any Kusto type, chosen at run time.
    kusto::row row;
    row.add(kusto::datetime::now());
    row.add("ACME, \"Inc.\""); // quoting is the library's business
    row.add(kusto::null);
    row.add(std::int64_t(7));
    row.add(kusto::dynamic::parse(R"({"venue":"X","tags":["a","b"]})"));
    co_await sink.write(row);

    auto const report = co_await sink.close();
    std::cout << report.delivered.records << " of " << report.accepted.records << " delivered\n";
}

int main()
{
    kusto::emulator::cluster cluster;
    auto where = kusto::connection_options::from_connection_string(cluster.connection_string());
    where.ingestion_url(cluster.ingestion_url()).ca_pem(cluster.ca_pem());

    asio::io_context io;
    auto done = asio::co_spawn(io, run(kusto::client(io.get_executor(), where)), asio::use_future);
    io.run();
    done.get();
    cluster.wait_until_idle();
    std::cout << cluster.execute("NetDefaultDB", "Trades") << '\n';
    return cluster.scalar("NetDefaultDB", "Trades | where isnull(Price) | project Symbol") ==
                   "ACME, \"Inc.\""
               ? 0
               : 1;
}

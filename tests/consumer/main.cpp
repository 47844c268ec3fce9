// A program outside of the project: a local cluster, one sink, three records, one query.
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_future.hpp>
#include <iostream>
#include <kusto/emulator/cluster.hpp>
#include <kusto/sink.hpp>
#include <string>
#include <tuple>

namespace asio = boost::asio;

asio::awaitable<void> produce(kusto::client service)
{
    co_await service.execute("", ".create table Numbers (Id: long, Name: string)");
    kusto::batching_sink sink(service, kusto::write_options("NetDefaultDB", "Numbers"));
    for (int i = 1; i <= 3; ++i)
    {
        auto const record = std::make_tuple(i, std::to_string(i * i));
        co_await sink.write(record);
    }
    auto const report = co_await sink.close();
    std::cout << report.delivered.records << " delivered\n";
}

int main()
{
    kusto::emulator::cluster cluster;
    auto where = kusto::connection_options::from_connection_string(cluster.connection_string());
    where.ingestion_url(cluster.ingestion_url()).ca_pem(cluster.ca_pem());

    asio::io_context io;
    auto done = asio::co_spawn(io, produce(kusto::client(io.get_executor(), where)), asio::use_future);
    io.run();
    done.get();
    cluster.wait_until_idle();
    auto const found = cluster.scalar("NetDefaultDB", "Numbers | summarize sum(Id)");
    std::cout << "sum " << found << '\n';
    return found == "6" ? 0 : 1;
}

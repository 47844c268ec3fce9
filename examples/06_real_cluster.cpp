// Against a real cluster (or a local one in another process), configured from outside:
//
//   KUSTO_CONNECTION_STRING="Data Source=https://...;Application Client Id=...;Application Key=...;
//   Authority Id=..." 06_real_cluster DATABASE TABLE
//
// or KUSTO_CLUSTER_URL and whatever signs in here: AZURE_CLIENT_ID, AZURE_CLIENT_SECRET and
// AZURE_TENANT_ID, a workload identity, a managed identity, `az login`. The table needs the columns
// (Time: datetime, Host: string, Message: string). Reads messages from standard input.
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/asio/use_future.hpp>
#include <iostream>
#include <kusto/sink.hpp>
#include <tuple>
#include <unistd.h>

namespace asio = boost::asio;

asio::awaitable<bool> run(kusto::client service, std::string database, std::string table)
{
    // Finds a wrong URL, an unknown secret or a missing role now, not with the first batch.
    co_await service.connect();

    char host[256] = "";
    ::gethostname(host, sizeof(host) - 1);
    kusto::batching_sink sink(service, kusto::write_options(database, table));
    std::string line;
    while (std::getline(std::cin, line))
    {
        auto const record = std::make_tuple(kusto::datetime::now(), std::string_view(host), line);
        co_await sink.write(record);
    }
    auto const report = co_await sink.close();
    std::cout << report.delivered.records << " delivered, " << report.failed.records << " failed, "
              << report.unknown.records << " unknown\n";
    if (report.first_failure)
        std::cerr << report.first_failure->describe() << '\n';
    co_return report.complete();
}

int main(int argc, char** argv)
{
    if (argc != 3)
    {
        std::cerr << "usage: 06_real_cluster DATABASE TABLE < messages\n";
        return 2;
    }
    try
    {
        // Two threads: reading standard input blocks one of them, and uploads go on beside it.
        asio::thread_pool threads(2);
        kusto::client service(threads.get_executor(), kusto::connection_options::from_environment());
        auto done = asio::co_spawn(threads, run(service, argv[1], argv[2]), asio::use_future);
        return done.get() ? 0 : 1;
    }
    catch (kusto::error const& e)
    {
        std::cerr << e.what() << '\n';
        return 1;
    }
}

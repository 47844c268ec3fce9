#pragma once

// A local cluster and a client of it, for tests of the whole path.

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/asio/use_future.hpp>
#include <cstdint>
#include <kusto/client.hpp>
#include <kusto/emulator/cluster.hpp>
#include <string>

namespace kusto::test
{

class local_cluster
{
public:
    explicit local_cluster(emulator::cluster_options options = {}, std::size_t threads = 2)
        : cluster(options), threads(threads), service(this->threads.get_executor(), connection())
    {
    }

    [[nodiscard]] connection_options connection() const
    {
        auto where = connection_options::from_connection_string(cluster.connection_string());
        where.ingestion_url(cluster.ingestion_url()).ca_pem(cluster.ca_pem());
        where.retry(retry_options().base(std::chrono::milliseconds(5)).cap(std::chrono::milliseconds(50)));
        return where;
    }

    /// Runs a coroutine on the thread pool to its end.
    template <class T>
    T run(boost::asio::awaitable<T> operation)
    {
        return boost::asio::co_spawn(threads, std::move(operation), boost::asio::use_future).get();
    }

    /// A command or query, answered by the cluster itself.
    std::string ask(std::string const& text) { return cluster.scalar("NetDefaultDB", text); }
    void command(std::string const& text) { (void)cluster.execute("NetDefaultDB", text); }

    emulator::cluster cluster;
    boost::asio::thread_pool threads;
    client service;
};

} // namespace kusto::test

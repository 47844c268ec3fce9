#pragma once

// A local cluster with a table, and a connection that a test spoils.

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/asio/use_future.hpp>
#include <kusto/doctor.hpp>
#include <kusto/emulator/cluster.hpp>
#include <string>
#include <string_view>
#include <vector>

namespace kusto::test
{

/// Runs a diagnosis on a pool, since any executor will do.
inline diagnosis examine(connection_options where, doctor_options what,
                         deadline until = deadline::after(std::chrono::seconds(20)))
{
    boost::asio::thread_pool threads(2);
    auto op = diagnose(threads.get_executor(), std::move(where), std::move(what), until);
    return boost::asio::co_spawn(threads, std::move(op), boost::asio::use_future).get();
}

class patient
{
public:
    explicit patient(emulator::cluster_options options = {}) : cluster(options)
    {
        (void)cluster.execute("NetDefaultDB", ".create table T (Id:long, Text:string)");
        (void)cluster.execute("NetDefaultDB",
                              ".create table T ingestion csv mapping 'M' "
                              "'[{\"Column\":\"Id\",\"Properties\":{\"Ordinal\":\"0\"}}]'");
    }

    [[nodiscard]] credential application(std::string id, std::string secret,
                                         std::string tenant) const
    {
        return credential::client_secret(std::move(id), std::move(secret), std::move(tenant));
    }
    [[nodiscard]] credential application() const
    {
        auto const& o = cluster.options();
        return application(o.client_id(), o.client_secret(), o.tenant());
    }

    /// Without anything wrong.
    [[nodiscard]] connection_options connection() const
    {
        return connection_to(cluster.engine_url());
    }
    [[nodiscard]] connection_options connection_to(std::string engine) const
    {
        connection_options where(std::move(engine), application());
        where.ingestion_url(cluster.ingestion_url()).ca_pem(cluster.ca_pem());
        where.proxy(proxy::none()); // whatever the environment of the tests says
        return where;
    }

    [[nodiscard]] static doctor_options everything()
    {
        return doctor_options()
            .database("NetDefaultDB")
            .table("T")
            .mapping("M")
            .check_timeout(std::chrono::seconds(5));
    }

    emulator::cluster cluster;
};

/// The names of the checks in that state, in order, each once.
inline std::vector<std::string> names(diagnosis const& what, check_state state)
{
    std::vector<std::string> found;
    for (auto const& one : what.checks)
    {
        if (one.state == state && (found.empty() || found.back() != one.name))
            found.push_back(one.name);
    }
    return found;
}

inline std::string joined(std::vector<std::string> const& words)
{
    std::string text;
    for (auto const& word : words)
        text += (text.empty() ? "" : " ") + word;
    return text;
}

inline std::string joined(diagnosis const& what, check_state state)
{
    return joined(names(what, state));
}

} // namespace kusto::test

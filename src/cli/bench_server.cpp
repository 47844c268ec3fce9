#include <cli/bench_server.hpp>
#include <cli/process_measures.hpp>

#include <boost/json.hpp>
#include <cstdio>
#include <fstream>
#include <kusto/emulator/cluster.hpp>
#include <unistd.h>

namespace kusto::cli
{

namespace
{

emulator::fault_script faults_of(bench_options const& options)
{
    using emulator::fault;
    using emulator::fault_route;
    emulator::fault_script script;
    auto const ms = [](double seconds) { return std::chrono::milliseconds(std::int64_t(seconds * 1000)); };
    if (options.latency_ms != 0)
        script.add(fault::latency(std::chrono::milliseconds(options.latency_ms)));
    if (options.bandwidth != 0)
        script.add(fault::bandwidth(options.bandwidth));
    if (options.outage != 0)
        for (auto const route : {fault_route::put_blob, fault_route::put_block})
            script.add(fault::status(503, "ServerBusy")
                           .on(route)
                           .between(ms(options.outage_at), ms(options.outage_at + options.outage)));
    return script;
}

/// The same script for another process.
std::string faults_json(bench_options const& options)
{
    boost::json::array rules;
    if (options.latency_ms != 0)
        rules.push_back({{"action", "latency"}, {"time_ms", options.latency_ms}});
    if (options.bandwidth != 0)
        rules.push_back({{"action", "bandwidth"}, {"bytes_per_second", options.bandwidth}});
    if (options.outage != 0)
        for (auto const* route : {"put_blob", "put_block"})
            rules.push_back({{"action", "status"},
                             {"code", 503},
                             {"service_code", "ServerBusy"},
                             {"route", route},
                             {"begin_ms", std::int64_t(options.outage_at * 1000)},
                             {"end_ms", std::int64_t((options.outage_at + options.outage) * 1000)}});
    boost::json::object out;
    out["rules"] = std::move(rules);
    return boost::json::serialize(out);
}

class other_process final : public bench_server
{
public:
    explicit other_process(bench_options const& options)
        : discards_(options.discards()),
          process_(std::filesystem::read_symlink("/proc/self/exe").string(), arguments(options),
                   options.tls)
    {
        std::remove(fault_file().c_str());
    }

    connection_options where() const override { return process_.where(); }
    std::optional<emulator::discarded_counts> discarded() override
    {
        if (!discards_)
            return std::nullopt;
        return process_.discarded();
    }
    double cpu_seconds() const override { return process_cpu_seconds(process_.id()); }

private:
    static std::string fault_file()
    {
        return (std::filesystem::temp_directory_path() /
                ("kusto-bench-faults-" + std::to_string(getpid())))
            .string();
    }

    static std::vector<std::string> arguments(bench_options const& options)
    {
        std::vector<std::string> out{"--database",      options.database,
                                     "--threads",       std::to_string(options.server_threads),
                                     "--batching-span", "100"};
        if (options.discards())
            out.push_back("--discard=" + options.discard);
        if (options.latency_ms + options.bandwidth == 0 && options.outage == 0)
            return out;
        std::ofstream(fault_file()) << faults_json(options);
        out.insert(out.end(), {"--faults", fault_file()});
        return out;
    }

    bool const discards_;
    emulator_process process_;
};

class inside final : public bench_server
{
public:
    explicit inside(bench_options const& options) : cluster_(settings(options)) {}

    connection_options where() const override
    {
        auto out = connection_options::from_connection_string(cluster_.connection_string());
        out.ingestion_url(cluster_.ingestion_url()).ca_pem(cluster_.ca_pem());
        return out;
    }
    std::optional<emulator::discarded_counts> discarded() override
    {
        if (cluster_.options().discard() == emulator::discard_mode::off)
            return std::nullopt;
        return cluster_.discarded();
    }
    double cpu_seconds() const override { return cpu_seconds_here(); }
    double cpu_seconds_here() const override { return thread_cpu_seconds("kusto-emulator"); }

private:
    static emulator::cluster_options settings(bench_options const& options)
    {
        using emulator::discard_mode;
        auto const mode =
            options.discard == "inflate" ? discard_mode::inflate : discard_mode::checksum;
        emulator::cluster_options out;
        out.tls(options.tls)
            .database(options.database)
            .threads(options.server_threads)
            .discard(options.discards() ? mode : discard_mode::off)
            .faults(faults_of(options));
        return out;
    }

    emulator::cluster cluster_;
};

class given_connection final : public bench_server
{
public:
    connection_options where() const override { return connection_options::from_environment(); }
    std::optional<emulator::discarded_counts> discarded() override { return std::nullopt; }
    double cpu_seconds() const override { return 0; }
};

} // namespace

std::unique_ptr<bench_server> bench_server::open(bench_options const& options)
{
    if (options.server == "inside")
        return std::make_unique<inside>(options);
    if (options.server == "connection")
        return std::make_unique<given_connection>();
    return std::make_unique<other_process>(options);
}

} // namespace kusto::cli

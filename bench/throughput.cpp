// Throughput of both sinks against the in-process local cluster, for parallelism 1, 2 and 4.
//
// What is measured: of the batching sink from the first write to the end of close(), that is until
// everything is in the service's hands; of the write-ahead sink until the last checkpoint is
// committed, that is until everything is in the table. CPU is the time of the client's threads alone; the cluster's threads are told
// apart by their name and printed separately. What is not measured: a network, a real service.
#include <CLI/CLI.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/asio/use_future.hpp>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <future>
#include <iterator>
#include <kusto/emulator/cluster.hpp>
#include <kusto/record.hpp>
#include <kusto/sink.hpp>
#include <kusto/version.hpp>
#include <kusto/write_ahead_sink.hpp>
#include <random>
#include <sstream>
#include <unistd.h>

namespace asio = boost::asio;
namespace fs = std::filesystem;

namespace
{

struct settings
{
    std::uint64_t records = 1'000'000;
    std::uint64_t batch = 100'000;
    int producers = 4;
    int level = 6;
    std::uint64_t seed = 1;
    bool tls = true;
    int checkpoints = 10;
    std::vector<std::string> sinks = {"batching", "write-ahead"};
    fs::path directory;
    std::vector<std::size_t> parallelism = {1, 2, 4};
};

/// Log-like CSV lines of about 240 bytes: what services really send compresses well, but not
/// absurdly well.
std::vector<std::string> make_lines(std::uint64_t seed)
{
    static char const* const levels[] = {"info", "info", "info", "warning", "error"};
    static char const* const words[] = {"request", "completed", "cache", "miss", "user", "session",
                                        "timeout", "retry", "upstream", "payload", "decoded", "shard"};
    std::mt19937_64 random(seed);
    std::vector<std::string> lines;
    for (int i = 0; i < 10'000; ++i)
    {
        char head[160];
        std::snprintf(head, sizeof(head), "2026-11-22T%02d:%02d:%02d.%07dZ,%s,host-%02d,%llu,",
                      int(random() % 24), int(random() % 60), int(random() % 60),
                      int(random() % 10'000'000), levels[random() % 5], int(random() % 40),
                      static_cast<unsigned long long>(random() % 100'000));
        std::string line = head;
        char trace[40];
        std::snprintf(trace, sizeof(trace), "%016llx%016llx,",
                      static_cast<unsigned long long>(random()), static_cast<unsigned long long>(random()));
        line += trace;
        while (line.size() < 235)
            line.append(words[random() % 12]).push_back(' ');
        line.back() = 'x';
        lines.push_back(std::move(line));
    }
    return lines;
}

struct cpu_seconds
{
    double client = 0;
    double cluster = 0;
};

/// CPU time of this process's live threads, split by who owns them.
cpu_seconds read_cpu()
{
    cpu_seconds all;
    auto const ticks = static_cast<double>(sysconf(_SC_CLK_TCK));
    for (auto const& task : fs::directory_iterator("/proc/self/task"))
    {
        std::ifstream file(task.path() / "stat");
        std::string const text{std::istreambuf_iterator<char>(file), {}};
        auto const close = text.rfind(')');
        if (close == std::string::npos)
            continue;
        std::istringstream rest(text.substr(close + 2));
        std::vector<std::string> const fields{std::istream_iterator<std::string>(rest), {}};
        double const seconds = (std::stod(fields[11]) + std::stod(fields[12])) / ticks;
        (text.find("(kusto-emulator") != std::string::npos ? all.cluster : all.client) += seconds;
    }
    return all;
}

template <class Sink>
asio::awaitable<void> produce(Sink& sink, std::size_t writer,
                              std::vector<std::string> const& lines, std::uint64_t count)
{
    auto out = sink.writer(writer);
    for (std::uint64_t i = 0; i < count; ++i)
        co_await out.write(kusto::csv_line(lines[i % lines.size()]));
}

/// A cluster, a client of it, and what a run is measured by.
class run
{
public:
    run(settings const& use, std::size_t parallelism)
        : use(use),
          cluster(kusto::emulator::cluster_options().tls(use.tls)),
          service(threads.get_executor(), connection()),
          options("NetDefaultDB", "Bench")
    {
        (void)cluster.execute("NetDefaultDB",
                              ".create table Bench (Time: datetime, Level: string, Host: string, "
                              "Micros: long, Trace: string, Text: string)");
        options.parallelism(parallelism).batch_size(use.batch).compression(kusto::compression::zlib(use.level));
        wait(service.connect());
    }

    template <class T>
    T wait(asio::awaitable<T> operation)
    {
        return asio::co_spawn(threads, std::move(operation), asio::use_future).get();
    }

    /// Every producer writes its share of `records`.
    template <class Sink>
    void write(Sink& sink, std::vector<std::string> const& lines, std::uint64_t records)
    {
        std::vector<std::future<void>> done;
        for (int i = 0; i < use.producers; ++i)
            done.push_back(asio::co_spawn(
                threads,
                produce(sink, static_cast<std::size_t>(i) % options.parallelism(), lines,
                        records / static_cast<std::uint64_t>(use.producers)),
                asio::use_future));
        for (auto& producer : done)
            producer.get();
    }

    void begin()
    {
        cpu_before = read_cpu();
        start = std::chrono::steady_clock::now();
    }

    void print(std::string const& name, kusto::sink_statistics const& all, double per_checkpoint)
    {
        std::chrono::duration<double> const seconds = std::chrono::steady_clock::now() - start;
        auto const cpu_after = read_cpu();
        auto const raw = static_cast<double>(all.report.delivered.bytes);
        std::printf("%-12s %11zu %12.0f %9.1f %12.1f %15.2f %17.2f %7.2f %11.1f %13.2f\n",
                    name.c_str(), options.parallelism(),
                    static_cast<double>(all.report.delivered.records) / seconds.count(),
                    raw / 1e6 / seconds.count(), static_cast<double>(all.compressed_bytes) / 1e6,
                    (cpu_after.client - cpu_before.client) / (raw / 1e9),
                    (cpu_after.cluster - cpu_before.cluster) / (raw / 1e9),
                    raw / static_cast<double>(all.compressed_bytes),
                    static_cast<double>(all.budget_peak_bytes) / (1 << 20), per_checkpoint);
    }

    settings const& use;
    kusto::emulator::cluster cluster;
    asio::thread_pool threads{2};
    kusto::client service;
    kusto::write_options options;

private:
    kusto::connection_options connection() const
    {
        auto where = kusto::connection_options::from_connection_string(cluster.connection_string());
        where.ingestion_url(cluster.ingestion_url()).ca_pem(cluster.ca_pem());
        return where;
    }

    cpu_seconds cpu_before;
    std::chrono::steady_clock::time_point start;
};

bool measure_batching(settings const& use, std::size_t parallelism,
                      std::vector<std::string> const& lines)
{
    run here(use, parallelism);
    kusto::batching_sink sink(here.service, here.options);
    here.begin();
    here.write(sink, lines, use.records);
    auto const report = here.wait(sink.close());
    here.print("batching", sink.statistics(), 0);
    return report.complete();
}

bool measure_write_ahead(settings const& use, std::size_t parallelism,
                         std::vector<std::string> const& lines)
{
    run here(use, parallelism);
    auto const directory = use.directory / ("sink-" + std::to_string(parallelism));
    kusto::write_ahead_options const ahead(directory, "bench");
    auto sink = here.wait(kusto::write_ahead_sink::open(here.service, here.options, ahead));
    here.begin();
    std::future<void> committed;
    kusto::checkpoint_id last = 0;
    for (int i = 1; i <= use.checkpoints; ++i)
    {
        here.write(sink, lines, use.records / static_cast<std::uint64_t>(use.checkpoints));
        last = here.wait(sink.checkpoint(std::to_string(i)));
        // Writing goes on while it is committed.
        committed = asio::co_spawn(here.threads, sink.commit(last), asio::use_future);
    }
    committed.get();
    auto const all = sink.statistics();
    auto const each = std::chrono::duration<double>(all.commit.sum).count() / use.checkpoints;
    here.print("write-ahead", all.local, each);
    (void)here.wait(sink.close());
    auto const rows = here.cluster.scalar("NetDefaultDB", "Bench | count");
    std::error_code ignored;
    fs::remove_all(directory, ignored);
    return rows == std::to_string(all.committed.records) && all.pending.records == 0;
}

} // namespace

int main(int argc, char** argv)
{
    settings use;
    CLI::App app("Throughput of both sinks against the in-process local cluster");
    app.add_option("--records", use.records, "records written in each run")->capture_default_str();
    app.add_option("--batch", use.batch, "records in a batch")->capture_default_str();
    app.add_option("--producers", use.producers, "producing coroutines")->capture_default_str();
    app.add_option("--level", use.level, "zlib level")->capture_default_str();
    app.add_option("--parallelism", use.parallelism, "writers, one run for each")->capture_default_str();
    app.add_option("--seed", use.seed, "seed of the record texts")->capture_default_str();
    app.add_option("--sink", use.sinks, "batching, write-ahead")->capture_default_str();
    app.add_option("--checkpoints", use.checkpoints, "of the write-ahead sink in each run")
        ->check(CLI::Range(1, 1000))
        ->capture_default_str();
    app.add_option("--directory", use.directory, "of the write-ahead sink (default: temporary)");
    app.add_flag("--tls,!--no-tls", use.tls, "HTTPS")->capture_default_str();
    CLI11_PARSE(app, argc, argv);

    if (use.directory.empty())
        use.directory = fs::temp_directory_path() / ("kusto-bench-" + std::to_string(::getpid()));
    auto const lines = make_lines(use.seed);
#ifdef NDEBUG
    char const* const build = "optimised";
#else
    char const* const build = "DEBUG BUILD: figures mean nothing";
#endif
    std::printf("kusto-cpp %s, %s, %s, %ld processors; %llu records of about 236 bytes, zlib level %d, "
                "%s, seed %llu\n\n",
                KUSTO_VERSION_STRING, __VERSION__, build, sysconf(_SC_NPROCESSORS_ONLN),
                static_cast<unsigned long long>(use.records), use.level, use.tls ? "HTTPS" : "HTTP",
                static_cast<unsigned long long>(use.seed));
    std::printf("sink         parallelism    records/s  MB/s raw  MB uploaded  client CPU s/GB  "
                "cluster CPU s/GB   ratio  budget MiB  s/checkpoint\n");
    bool complete = true;
    for (auto const parallelism : use.parallelism)
        for (auto const& sink : use.sinks)
            complete = (sink == "batching" ? measure_batching(use, parallelism, lines)
                                           : measure_write_ahead(use, parallelism, lines)) &&
                       complete;
    std::error_code ignored;
    fs::remove(use.directory, ignored);
    std::printf("\nThe cluster runs on the same processors and takes its share of them.\n");
    return complete ? 0 : 1;
}

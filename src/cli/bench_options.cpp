#include <cli/bench_options.hpp>

#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>

namespace kusto::cli
{

namespace
{

void add_source(CLI::App& command, bench_options& o)
{
    command.add_option("--source", o.source, "telemetry: structs of 10 fields, encoded; lines: "
                                             "log-like CSV lines, checked; file: lines of --file")
        ->capture_default_str()
        ->check(CLI::IsMember({"telemetry", "lines", "file"}));
    command.add_option("--file", o.file, "File of CSV lines, repeated as often as necessary");
    command.add_option("--records", o.records, "Records in a run (default: 2,000,000 without other "
                                               "limits)");
    command.add_option("--bytes", o.bytes, "Bytes in a run, before compression")
        ->transform(CLI::AsSizeValue(false));
    command.add_option("--seconds", o.seconds, "Time of a run")->check(CLI::NonNegativeNumber);
    command.add_option("--warm-up", o.warm_up, "Records written and flushed before measuring")
        ->capture_default_str();
    command.add_option("--seed", o.seed, "Seed of the records")->capture_default_str();
}

void add_sink(CLI::App& command, bench_options& o)
{
    auto const size = CLI::AsSizeValue(false);
    auto const some = CLI::Range(std::size_t(1), std::size_t(1024));
    command.add_option("--sink", o.sink)
        ->capture_default_str()
        ->check(CLI::IsMember({"batching", "write-ahead"}));
    command.add_option("--parallelism", o.parallelism, "Writers; a list makes a run for each")
        ->delimiter(',')
        ->capture_default_str()
        ->check(some);
    command.add_option("--producers", o.producers, "Coroutines that write")
        ->capture_default_str()
        ->check(some);
    command.add_option("--group", o.group, "Records given to one write; more than 1: as a span")
        ->capture_default_str()
        ->check(some);
    command.add_option("--threads", o.threads, "Threads of the executor")
        ->capture_default_str()
        ->check(some);
    command.add_option("--uploads-in-flight", o.uploads_in_flight)->capture_default_str();
    command.add_option("--batch-size", o.batch_size, "Records in a batch")->capture_default_str();
    command.add_option("--batch-bytes", o.batch_bytes, "Bytes in a batch")->transform(size);
    command.add_option("--budget", o.budget, "Byte budget")->transform(size);
    command.add_option("--block-bytes", o.block_bytes, "Block size of uploads")->transform(size);
    command
        .add_option("--compression", o.compression,
                    "zlib:1 to zlib:9, igzip:0 to igzip:3, automatic, standard")
        ->capture_default_str();
    command.add_option("--compression-threads", o.compression_threads, "0: the library's default");
    command.add_option("--checkpoints", o.checkpoints, "Of the write-ahead sink in a run")
        ->capture_default_str()
        ->check(CLI::Range(1, 10'000));
    command.add_option("--directory", o.directory, "Of the write-ahead sink (default: temporary)");
}

void add_server(CLI::App& command, bench_options& o)
{
    command
        .add_option("--server", o.server,
                    "process: `kusto emulator` in a process of its own; inside: in this process; "
                    "connection: what the environment says (KUSTO_CONNECTION_STRING, ...)")
        ->capture_default_str()
        ->check(CLI::IsMember({"process", "inside", "connection"}));
    command.add_flag_callback(
        "--connection", [&o] { o.server = "connection"; }, "The same as --server connection");
    command.add_option("--discard", o.discard, "What the local cluster does with blobs")
        ->capture_default_str()
        ->check(CLI::IsMember({"checksum", "inflate"}));
    command.add_option("--database", o.database)->capture_default_str();
    command.add_option("--table", o.table)->capture_default_str();
    command.add_flag("--create-table", o.create_table,
                     "With --connection: create the table first (a local one always is)");
    command.add_flag("--tls,!--no-tls", o.tls, "HTTPS (default), or HTTP");
    command.add_option("--server-threads", o.server_threads, "Of the local cluster")
        ->capture_default_str();
    command.add_option("--latency", o.latency_ms, "Added to each request, ms");
    command.add_option("--bandwidth", o.bandwidth, "Of all requests together, bytes per second")
        ->transform(CLI::AsSizeValue(false));
    command.add_option("--outage-at", o.outage_at, "Seconds from the server's start")
        ->capture_default_str();
    command.add_option("--outage", o.outage, "Seconds in which uploads are answered by 503");
}

} // namespace

kusto::compression parse_compression(std::string const& text)
{
    auto const colon = text.find(':');
    auto const name = text.substr(0, colon);
    auto const number = colon == std::string::npos ? std::string() : text.substr(colon + 1);
    bool const digit = number.size() == 1 && number[0] >= '0' && number[0] <= '9';
    if (text == "automatic")
        return kusto::compression::automatic();
    if (text == "standard")
        return kusto::compression::standard();
    if (name == "zlib" && digit && number[0] >= '1')
        return kusto::compression::zlib(number[0] - '0');
    if (name == "igzip" && digit && number[0] <= '3')
        return kusto::compression::igzip(number[0] - '0');
    throw CLI::ValidationError("--compression",
                               "'" + text + "' is not zlib:1 to zlib:9, igzip:0 to igzip:3, "
                                            "automatic or standard");
}

kusto::compression bench_options::how() const
{
    return parse_compression(compression);
}

void bench_options::validate()
{
    (void)how();
    if ((source == "file") != !file.empty())
        throw CLI::ValidationError("--file", "goes with --source file");
    bool const shaped = latency_ms != 0 || bandwidth != 0 || outage != 0;
    if (shaped && server == "connection")
        throw CLI::ValidationError("--latency, --bandwidth, --outage", "need a local cluster");
    if (write_ahead() && seconds != 0)
        throw CLI::ValidationError("--seconds", "the write-ahead sink needs --records or --bytes");
    if (records == 0 && bytes == 0 && seconds == 0)
        records = 2'000'000;
}

void add_options(CLI::App& command, bench_options& into)
{
    add_source(command, into);
    add_sink(command, into);
    add_server(command, into);
    command.add_option("--repetitions", into.repetitions, "Runs of each kind; medians are reported")
        ->capture_default_str()
        ->check(CLI::Range(1, 1000));
    command.add_option("--json", into.json, "Write everything measured here");
    command.add_option("--timeline", into.timeline,
                       "Write seconds, memory, budget and bytes delivered here (CSV), every 200 ms");
}

} // namespace kusto::cli

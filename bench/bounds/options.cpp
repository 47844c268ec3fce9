#include <bounds/options.hpp>

#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <algorithm>
#include <cli/bench_options.hpp>

namespace kusto::bounds
{

bool options::wants(std::string const& name) const
{
    return std::find(what.begin(), what.end(), name) != what.end();
}

kusto::compression options::how() const
{
    return cli::parse_compression(compression);
}

void options::validate()
{
    if (how().codec() == compression_codec::automatic)
        throw CLI::ValidationError("--compression", "a bound needs one codec and level");
    if (records != 0 && bytes != 0)
        throw CLI::ValidationError("--bytes", "excludes --records");
    if (records == 0 && bytes == 0)
        records = 1'000'000;
}

void add_options(CLI::App& command, options& into)
{
    auto const some = CLI::Range(std::size_t(1), std::size_t(1024));
    command.add_option("--records", into.records, "Records of a measurement (default: 1,000,000)");
    command.add_option("--bytes", into.bytes, "Bytes of a measurement, before compression")
        ->transform(CLI::AsSizeValue(false));
    command
        .add_option("--batch-size", into.batch_size, "Records in a batch, a gzip member, a blob")
        ->capture_default_str()
        ->check(CLI::Range(1, 10'000'000));
    command.add_option("--seed", into.seed, "Seed of the records, as of `kusto bench`")
        ->capture_default_str();
    command
        .add_option("--compression", into.compression,
                    "zlib:1 to zlib:9, igzip:0 to igzip:3, standard")
        ->capture_default_str();
    command.add_option("--threads", into.threads, "A list measures with each")
        ->delimiter(',')
        ->capture_default_str()
        ->check(some);
    command
        .add_option("--what", into.what,
                    "memcpy: of the raw bytes; lines: each copied into a batch; compressor: alone; "
                    "put: compressed batches, over a connection kept alive; straight: lines into "
                    "a batch, compress it, put it, one after the other on each thread")
        ->delimiter(',')
        ->capture_default_str()
        ->check(CLI::IsMember({"memcpy", "lines", "compressor", "put", "straight"}));
    command.add_option("--repetitions", into.repetitions, "Medians are reported")
        ->capture_default_str()
        ->check(CLI::Range(1, 1000));
    command.add_flag("--tls,!--no-tls", into.tls, "HTTPS (default), or HTTP");
    command.add_option("--server-threads", into.server_threads, "Of the local cluster")
        ->capture_default_str()
        ->check(some);
    command.add_option("--kusto", into.kusto, "The program whose `emulator` is put to")
        ->capture_default_str();
    command.add_option("--json", into.json, "Write everything measured here");
    command.add_option("--export", into.export_file,
                       "Write the records here as CSV lines and measure nothing");
}

} // namespace kusto::bounds

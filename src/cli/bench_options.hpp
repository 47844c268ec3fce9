#pragma once

#include <CLI/App.hpp>
#include <cstdint>
#include <filesystem>
#include <kusto/compression.hpp>
#include <string>
#include <vector>

namespace kusto::cli
{

/// What `kusto bench` is asked to measure.
struct bench_options
{
    // What is written. Zero: no such limit; the first limit that is reached ends a run.
    std::string source = "telemetry"; ///< telemetry, lines, or file
    std::string file;
    std::uint64_t records = 0;
    std::uint64_t bytes = 0;
    double seconds = 0;
    std::uint64_t warm_up = 100'000; ///< records written and flushed before a run is measured
    std::uint64_t seed = 1;

    // How it is written.
    std::string sink = "batching"; ///< batching, or write-ahead
    std::vector<std::size_t> parallelism = {1};
    std::size_t producers = 2;
    std::size_t group = 1; ///< records given to one write
    std::size_t threads = 2; ///< of the executor
    std::size_t uploads_in_flight = 4;
    std::uint64_t batch_size = 100'000;
    std::uint64_t batch_bytes = std::uint64_t(300) << 20;
    std::uint64_t budget = std::uint64_t(256) << 20;
    std::uint64_t block_bytes = std::uint64_t(4) << 20;
    std::string compression = "standard";
    std::size_t compression_threads = 0; ///< 0: the library's default
    int checkpoints = 10;                ///< of the write-ahead sink in each run
    std::filesystem::path directory;     ///< of the write-ahead sink; empty: temporary

    // Where to.
    std::string server = "process"; ///< process, inside, or connection
    std::string discard = "checksum";
    std::string database = "NetDefaultDB";
    std::string table = "Bench";
    bool create_table = false;
    bool tls = true;
    std::size_t server_threads = 2;
    std::uint64_t latency_ms = 0;
    std::uint64_t bandwidth = 0; ///< bytes per second; 0: as fast as it goes
    double outage_at = 5;        ///< seconds after the server's start
    double outage = 0;           ///< seconds

    // What is reported.
    int repetitions = 1;
    std::string json;
    std::string timeline; ///< CSV file: memory over time

    [[nodiscard]] bool write_ahead() const { return sink == "write-ahead"; }
    /// A cluster that stores nothing, of ours.
    [[nodiscard]] bool discards() const { return server != "connection" && !write_ahead(); }
    [[nodiscard]] kusto::compression how() const;
    /// \throws CLI::ValidationError for what does not fit together
    void validate();
};

/// \throws CLI::ValidationError
[[nodiscard]] kusto::compression parse_compression(std::string const& text);

void add_options(CLI::App& command, bench_options& into);

} // namespace kusto::cli

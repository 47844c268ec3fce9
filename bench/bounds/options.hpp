#pragma once

#include <CLI/App.hpp>
#include <cstdint>
#include <kusto/compression.hpp>
#include <string>
#include <vector>

namespace kusto::bounds
{

/// What `bench_bounds` is asked to measure.
struct options
{
    std::uint64_t records = 0;
    std::uint64_t bytes = 0; ///< before compression; 0: `records` says
    std::uint64_t batch_size = 100'000;
    std::uint64_t seed = 1;
    std::string compression = "standard";
    std::vector<std::size_t> threads = {1};
    std::vector<std::string> what = {"memcpy", "lines", "compressor", "put", "straight"};
    int repetitions = 3;

    bool tls = true;
    std::size_t server_threads = 2;
    std::string kusto = KUSTO_PROGRAM; ///< path of the `kusto` program

    std::string json;
    std::string export_file;

    [[nodiscard]] bool wants(std::string const& name) const;
    [[nodiscard]] bool needs_server() const { return wants("put") || wants("straight"); }
    [[nodiscard]] kusto::compression how() const;
    /// \throws CLI::ValidationError for what does not fit together
    void validate();
};

void add_options(CLI::App& command, options& into);

} // namespace kusto::bounds

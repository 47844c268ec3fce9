#pragma once

#include <CLI/App.hpp>
#include <cli/bench_options.hpp>

namespace kusto::cli
{

/// Adds `kusto bench`: measures a sink from the first write to the last delivery.
class bench_command
{
public:
    explicit bench_command(CLI::App& program);

    /// Whether the command line asked for it.
    [[nodiscard]] bool chosen() const;
    /// \returns the exit status of the program: 1 when something was not delivered or the server
    /// counted otherwise
    int run();

private:
    bench_options options_;
    CLI::App* command_;
};

} // namespace kusto::cli

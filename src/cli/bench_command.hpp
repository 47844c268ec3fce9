#pragma once

#include <CLI/App.hpp>
#include <cli/command.hpp>
#include <cli/bench_options.hpp>

namespace kusto::cli
{

/// Adds `kusto bench`: measures a sink from the first write to the last delivery.
class bench_command final : public command
{
public:
    explicit bench_command(CLI::App& program);

    [[nodiscard]] bool chosen() const override;
    /// \returns the exit status of the program: 1 when something was not delivered or the server
    /// counted otherwise
    int run() override;

private:
    bench_options options_;
    CLI::App* command_;
};

} // namespace kusto::cli

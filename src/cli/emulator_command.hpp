#pragma once

#include <CLI/App.hpp>
#include <cli/command.hpp>
#include <memory>

namespace kusto::cli
{

/// Adds `kusto emulator`: serves a local cluster until SIGINT or SIGTERM.
class emulator_command final : public command
{
public:
    explicit emulator_command(CLI::App& program);
    ~emulator_command();
    emulator_command(emulator_command const&) = delete;
    emulator_command& operator=(emulator_command const&) = delete;

    [[nodiscard]] bool chosen() const override;
    /// \returns the exit status of the program
    int run() override;

private:
    struct settings;
    void add_place_options();
    void add_behaviour_options();

    std::unique_ptr<settings> settings_;
    CLI::App* command_;
};

} // namespace kusto::cli

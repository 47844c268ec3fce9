#pragma once

namespace kusto::cli
{

/// A command of the program.
class command
{
public:
    command() = default;
    command(command const&) = delete;
    command& operator=(command const&) = delete;
    virtual ~command() = default;

    /// Whether the command line asked for it.
    [[nodiscard]] virtual bool chosen() const = 0;
    /// \returns the exit status of the program
    virtual int run() = 0;
    /// The exit status when `run` throws.
    [[nodiscard]] virtual int status_of_failure() const noexcept { return 1; }
};

} // namespace kusto::cli

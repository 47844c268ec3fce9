#pragma once

#include <bounds/connection.hpp>
#include <bounds/options.hpp>
#include <cli/bench_server.hpp>
#include <kusto/emulator/discard.hpp>

namespace kusto::bounds
{

/// A `kusto emulator --discard` process, and a container of its storage that may be written to.
class server
{
public:
    /// \throws std::runtime_error, boost::system::system_error
    explicit server(options const& use);

    [[nodiscard]] container const& storage() const noexcept { return storage_; }
    /// CPU time of the process, to 10 ms.
    [[nodiscard]] double cpu_seconds() const;
    [[nodiscard]] emulator::discarded_counts discarded() const { return process_.discarded(); }

private:
    cli::emulator_process process_;
    container storage_;
};

} // namespace kusto::bounds

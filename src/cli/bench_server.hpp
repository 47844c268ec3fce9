#pragma once

#include <cli/bench_options.hpp>
#include <kusto/emulator/discard.hpp>
#include <kusto/options.hpp>
#include <memory>
#include <optional>

namespace kusto::cli
{

/// What a run writes to: a local cluster in another process or in this one, or one that is there.
class bench_server
{
public:
    /// Starts a local cluster where that is asked for.
    [[nodiscard]] static std::unique_ptr<bench_server> open(bench_options const& options);

    virtual ~bench_server() = default;

    [[nodiscard]] virtual connection_options where() const = 0;
    /// What a cluster that discards has seen.
    [[nodiscard]] virtual std::optional<emulator::discarded_counts> discarded() = 0;
    /// CPU time of the server, as far as it is known.
    [[nodiscard]] virtual double cpu_seconds() const = 0;
    /// The part of `cpu_seconds` that this process spent.
    [[nodiscard]] virtual double cpu_seconds_here() const { return 0; }
};

/// A `kusto emulator` process that stops with this one.
class emulator_process
{
public:
    /// \param program  path of `kusto`
    /// \param arguments  behind `emulator`
    /// \throws std::runtime_error when it does not serve within 30 s
    emulator_process(std::string const& program, std::vector<std::string> const& arguments,
                     bool tls);
    ~emulator_process();
    emulator_process(emulator_process const&) = delete;
    emulator_process& operator=(emulator_process const&) = delete;

    [[nodiscard]] int id() const noexcept { return process_; }
    [[nodiscard]] std::string const& engine_url() const noexcept { return engine_url_; }
    [[nodiscard]] std::string const& ca_pem() const noexcept { return ca_pem_; }
    [[nodiscard]] connection_options where() const;
    /// Asks by HTTP.
    [[nodiscard]] emulator::discarded_counts discarded() const;

private:
    void read_addresses(int from);

    int process_ = -1;
    int output_ = -1;
    std::string engine_url_;
    std::string ingestion_url_;
    std::string connection_string_;
    std::string ca_pem_;
};

} // namespace kusto::cli

#pragma once

#include <CLI/App.hpp>
#include <cstdint>
#include <kusto/emulator/cluster.hpp>
#include <kusto/emulator/connect_proxy.hpp>
#include <optional>
#include <string>
#include <tuple>
#include <vector>

namespace kusto::cli
{

/// The options of `kusto emulator` about signing in, managed identities and a proxy.
class emulator_identity
{
public:
    void add_options(CLI::App& command);
    /// \throws std::runtime_error when a file cannot be read
    void apply(emulator::cluster_options& to) const;
    /// Starts the proxy if one is wanted, and prints what clients need.
    void start(emulator::cluster const& of);

private:
    using triple = std::tuple<std::string, std::string, std::string>;

    void print_environments(emulator::cluster const& of) const;

    std::vector<std::string> certificates_;
    std::vector<triple> federated_;
    std::int64_t clock_offset_ = 0;
    bool approve_device_codes_ = false;
    bool managed_identities_ = false;
    std::vector<triple> user_assigned_;
    std::string arc_directory_;
    std::uint16_t identity_port_ = 0;
    std::string proxy_host_;
    std::string proxy_authority_ = "login.microsoftonline.com";
    std::uint16_t proxy_port_ = 0;
    std::optional<emulator::connect_proxy> proxy_;
};

} // namespace kusto::cli

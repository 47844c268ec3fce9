#pragma once

#include <atomic>
#include <emulator/data_manager.hpp>
#include <emulator/engine.hpp>
#include <emulator/server/fault_control.hpp>
#include <emulator/server/http_server.hpp>
#include <emulator/server/ingestion_loop.hpp>
#include <emulator/server/kusto_service.hpp>
#include <emulator/server/login_service.hpp>
#include <emulator/server/managed_identity_service.hpp>
#include <emulator/server/storage.hpp>
#include <emulator/server/storage_bridge.hpp>
#include <emulator/server/token_registry.hpp>
#include <kusto/emulator/cluster.hpp>
#include <optional>
#include <string>
#include <vector>

namespace kusto::emulator
{

/// The parts of a cluster, and how its ports are served.
struct cluster::impl
{
    explicit impl(cluster_options given);

    response handle_engine_port(request& http);
    response handle_ingestion_port(request& http);
    response handle_storage_port(request& http);
    void serve_kusto();
    void serve_machines();
    [[nodiscard]] std::vector<std::string> audiences() const;
    [[nodiscard]] std::vector<ingestion_resource> resources() const;
    [[nodiscard]] std::string url(char const* host, std::uint16_t port) const;
    [[nodiscard]] storage_settings storage_options();
    [[nodiscard]] fault_control::effects fault_effects();
    [[nodiscard]] discarded_counts discarded() const;
    [[nodiscard]] response show_discarded() const;
    [[nodiscard]] result_table run(std::string const& database, std::string const& text);

    cluster_options options;
    std::optional<tls_identity> identity;
    token_registry access_tokens;
    token_registry identity_tokens;
    engine target;
    storage store;
    storage_bridge bridge;
    fault_control faults;
    port_faults engine_faults{faults, port_role::engine};
    port_faults ingestion_port_faults{faults, port_role::ingestion};
    port_faults storage_faults{faults, port_role::storage};
    data_manager manager;
    ingestion_loop loop;
    std::atomic<std::uint64_t> requests{0};
    std::string engine_url;
    std::string ingestion_url;
    std::string storage_url;
    std::optional<kusto_service> kusto;
    std::optional<login_service> login;
    std::optional<managed_identity_service> machines;
    port_faults machine_faults{faults, port_role::managed_identity};
    std::string identity_url;
    http_server server;
    std::optional<http_server> machine_server; ///< plain HTTP, whatever the cluster speaks
    std::optional<http_server> fabric_server;  ///< with a certificate that vouches for itself
};

} // namespace kusto::emulator

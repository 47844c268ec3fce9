#pragma once

#include <atomic>
#include <cstdint>
#include <emulator/engine.hpp>
#include <emulator/principals.hpp>
#include <emulator/server/http_message.hpp>
#include <emulator/server/storage.hpp>
#include <emulator/server/token_registry.hpp>
#include <functional>
#include <kusto/emulator/cluster.hpp>
#include <optional>
#include <string>
#include <vector>

namespace kusto::emulator
{

/// The two Kusto services of a cluster.
enum class kusto_role
{
    engine,
    ingestion
};

struct kusto_settings
{
    std::string engine_url;
    std::string ingestion_url;
    std::string authority_url;
    std::string tenant;
    std::string resource_id = "https://kusto.kusto.windows.net";
    bool authentication = true;
    std::string client_id; ///< of the one application
    principal_role role = principal_role::admin;
    /// What `.get ingestion resources` hands out.
    std::function<std::vector<ingestion_resource>()> resources;
};

/// The answer for `error`: OneApi JSON, or plain text for clients that do not accept JSON.
[[nodiscard]] response render(engine_error const& error, request const& http,
                              std::string const& activity);

/// Cloud metadata, management commands and queries of both Kusto endpoints.
///
/// \par Thread safety
/// All member functions may be called from any thread.
class kusto_service
{
public:
    kusto_service(kusto_settings settings, engine& target, token_registry const& access_tokens,
                  token_registry& identity_tokens);

    response handle(kusto_role role, request const& http);

    /// Calls of `.get ingestion resources` that were answered.
    [[nodiscard]] std::uint64_t resource_calls() const noexcept { return resource_calls_; }

private:
    struct statement
    {
        std::string database;
        std::string text;
    };

    /// 401 as the service words it: a challenge and a body that is not JSON.
    response metadata(request const& http) const;
    response unauthorized(std::string const& reason) const;
    response challenge() const;
    /// The token of the request; nothing when there is none of that scheme.
    [[nodiscard]] static std::optional<std::string> bearer(request const& http);
    [[nodiscard]] token_state authorized(request const& http) const;
    [[nodiscard]] principal caller(request const& http) const;
    [[nodiscard]] static statement parse_body(std::string const& body);
    [[nodiscard]] statement parse(request const& http) const;
    [[nodiscard]] result_table run(kusto_role role, bool management, statement const& what,
                                   principal const& who);
    /// \throws engine_error when the application's role does not allow it
    void check_permission(std::string const& text, principal const& who) const;
    /// The answer to a question about principals; nothing for other commands.
    [[nodiscard]] std::optional<result_table> run_principal_command(statement const& what,
                                                                    principal const& who);
    [[nodiscard]] result_table run_ingestion_command(bool identity);
    [[nodiscard]] result_table version(kusto_role role) const;
    response execute(kusto_role role, request const& http);

    kusto_settings settings_;
    engine& engine_;
    token_registry const& access_tokens_;
    token_registry& identity_tokens_;
    std::atomic<std::uint64_t> resource_calls_{0};
};

} // namespace kusto::emulator

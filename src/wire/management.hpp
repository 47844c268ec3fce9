#pragma once

#include <chrono>
#include <kusto/error.hpp>
#include <kusto/table.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <wire/client_identity.hpp>
#include <wire/http.hpp>

namespace kusto::wire
{

/// Headers of a request to an engine or ingestion service. `token` empty: no `Authorization`.
[[nodiscard]] header_list kusto_headers(client_identity const& who, std::string const& request_id,
                                        std::string_view token);

/// `{"db":...,"csl":...,"properties":...}` for management commands and queries.
/// \param server_timeout  the service gives up after it; 1 s to 1 h
[[nodiscard]] std::string
command_body(std::string_view database, std::string_view text, std::string_view request_id,
             std::optional<std::chrono::milliseconds> server_timeout = std::nullopt);

/// Reads the reply of `/v1/rest/mgmt` or `/v1/rest/query`: its primary table. Errors inside of a
/// reply of status 200 are failures like any other.
[[nodiscard]] result<table> parse_v1(reply const& from);

/// Reads the reply of `/v2/rest/query`: its primary result, put together from its fragments.
[[nodiscard]] result<table> parse_v2(reply const& from);

/// The failure that a reply with an error status describes: OneApi JSON, any other JSON, HTML,
/// plain text or nothing.
[[nodiscard]] failure parse_service_error(reply const& from);

} // namespace kusto::wire

#pragma once

#include <emulator/server/encoding.hpp>
#include <emulator/server/http_message.hpp>
#include <emulator/server/storage_error.hpp>
#include <string>
#include <string_view>

namespace kusto::emulator
{

enum class storage_service
{
    blob,
    queue,
    table
};

/// What a request addresses, as far as signatures are concerned.
struct sas_target
{
    storage_service service = storage_service::blob;
    std::string account;
    std::string resource; ///< container, queue or table
    std::string object;   ///< blob name, decoded; empty for the container, queue or table itself
};

/// What an operation needs. Letters of `any_of`: one suffices. Letters of `all_of`: each is needed.
struct sas_need
{
    std::string_view any_of;
    std::string_view all_of = {};
    /// Resource type in an account SAS: `s`ervice, `c`ontainer, `o`bject.
    char resource_type = 'o';
};

/// The text that a signature signs (storage-protocol 10.2), from decoded query values. Empty when
/// `sv` is older than 2015-04-05, which is not supported.
[[nodiscard]] std::string string_to_sign(sas_target const& target, query_parameters const& query);

/// Checks a SAS in the service's order: presence, signature, time, protocol, address, scope,
/// permission. `key` is the decoded account key.
/// \returns the granted permission letters
/// \throws storage_error
std::string check_sas(sas_target const& target, sas_need const& need, query_parameters const& query,
                      std::string const& key, system_time now, bool over_tls,
                      std::string_view client_address);

/// Whether the signature was made with this key.
[[nodiscard]] bool signed_with(sas_target const& target, query_parameters const& query,
                               std::string const& key);

/// The refusal of a signature whose time is over, or has not begun.
[[nodiscard]] storage_error expired_signature(query_parameters const& query, system_time expiry,
                                              system_time now);

/// Makes a service SAS: `sv=...&...&sig=...` with percent-encoded values.
[[nodiscard]] std::string make_sas(sas_target const& target, std::string const& key,
                                   std::string const& permissions, system_time start,
                                   system_time expiry);

} // namespace kusto::emulator

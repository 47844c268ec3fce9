#pragma once

#include <string>
#include <string_view>

namespace kusto::options
{

/// The keywords of connection strings: Kusto's, and some of ours.
enum class keyword
{
    data_source,
    initial_catalog,
    federated_security,
    authority_id,
    application_client_id,
    application_key,
    certificate_blob,
    certificate_private_key,
    certificate_path,
    certificate_password,
    certificate_send_chain,
    application_token,
    user_token,
    credential,
    managed_identity,
    application_name,
    application_version,
    user_name,
    client_version,
    unsupported, ///< known, but there is nothing here that it could mean
};

struct known_keyword
{
    keyword meaning;
    std::string_view name;   ///< as it is documented
    std::string_view advice; ///< of an unsupported one: why, and what to use instead
};

/// Lower case, without blanks: how keywords are compared.
[[nodiscard]] std::string normalised_keyword(std::string_view text);

/// Null if there is no such keyword.
[[nodiscard]] known_keyword const* find_keyword(std::string_view text);

/// The documented name of a supported keyword.
[[nodiscard]] std::string_view name_of(keyword meaning) noexcept;

/// Whether the value of this keyword must never be shown.
[[nodiscard]] bool is_secret(known_keyword const& which) noexcept;

/// Documented name of the keyword that is most like `text`; empty if none is near.
[[nodiscard]] std::string_view nearest_keyword(std::string_view text);

} // namespace kusto::options

#pragma once

#include <string>
#include <string_view>

namespace kusto::options
{

/// The keywords of connection strings that Kusto knows.
enum class keyword
{
    data_source,
    initial_catalog,
    federated_security,
    application_client_id,
    application_key,
    authority_id,
    application_name,
    unsupported, ///< known, but there is nothing here that it could mean
};

struct known_keyword
{
    keyword meaning;
    std::string_view name; ///< as it is documented
};

/// Lower case, without blanks: how keywords are compared.
[[nodiscard]] std::string normalised_keyword(std::string_view text);

/// Null if there is no such keyword.
[[nodiscard]] known_keyword const* find_keyword(std::string_view text);

/// Documented name of the keyword that is most like `text`; empty if none is near.
[[nodiscard]] std::string_view nearest_keyword(std::string_view text);

} // namespace kusto::options

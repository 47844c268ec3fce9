#pragma once

#include <base/time_text.hpp>
#include <kusto/error.hpp>
#include <string>
#include <string_view>
#include <vector>
#include <wire/token.hpp>

namespace kusto::wire
{

/// Arguments of `az`, without the program itself.
/// \param tenant, subscription  may be empty
/// Errors: `errc::credential_unavailable` when a value holds what a command line must not.
[[nodiscard]] result<std::vector<std::string>>
azure_cli_arguments(std::string_view scope, std::string_view tenant, std::string_view subscription);

/// What `az account get-access-token` printed, warnings before the JSON included. Times without a
/// zone are local; one that the end of summer time makes ambiguous is read as the earlier one.
/// Errors: `errc::credential_unavailable`; the output is never quoted.
[[nodiscard]] result<token_reply> parse_azure_cli(std::string_view output,
                                                  base::utc_time_point now);

/// Why `az` failed: not installed, nobody signed in, or what it said.
/// \param exit_code  not 0
/// \param said  its standard error; at most 250 bytes of it are quoted, without secrets
[[nodiscard]] failure azure_cli_failed(int exit_code, std::string_view said);

/// `az` is nowhere to be found.
[[nodiscard]] failure azure_cli_missing();

/// The service demands what only a person can give.
/// \param claims  JSON
[[nodiscard]] failure azure_cli_challenged(std::string_view claims, std::string_view scope);

} // namespace kusto::wire

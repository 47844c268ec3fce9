#pragma once

#include <kusto/error.hpp>
#include <string>
#include <string_view>
#include <wire/http.hpp>
#include <wire/managed_identity.hpp>

namespace kusto::wire
{

/// Where the agent of Azure Arc keeps the files that prove who reads them.
inline constexpr std::string_view arc_key_directory = "/var/opt/azcmagent/tokens";

/// The path of the key file from the agent's first answer, 401 with
/// `WWW-Authenticate: Basic realm=/var/opt/azcmagent/tokens/<random>.key`. It is safe to open:
/// whatever answers in the agent's place cannot have another file read and sent to it.
/// \param directory  the only one in which the file may be, without slash at its end
/// Errors: those of `identity_refused` for another status; `errc::malformed_reply` when the header
/// is missing or not of this shape; `errc::authentication_failed` when the path is not allowed.
[[nodiscard]] result<std::string> find_arc_key(identity_service const& service, reply const& from,
                                               std::string_view directory);

} // namespace kusto::wire

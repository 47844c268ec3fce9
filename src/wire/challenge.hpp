#pragma once

#include <optional>
#include <string>
#include <wire/http.hpp>

namespace kusto::wire
{

/// What a resource demands of the next token, from the `WWW-Authenticate` headers of its 401: the
/// JSON object in `claims` of a `Bearer` challenge with `error="insufficient_claims"`, decoded.
/// Nothing if there is none, or none that can be understood. Headers may be several, hold several
/// schemes, and quote values or not.
[[nodiscard]] std::optional<std::string> demanded_claims(header_list const& headers);

} // namespace kusto::wire

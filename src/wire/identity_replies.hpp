#pragma once

#include <base/time_text.hpp>
#include <kusto/error.hpp>
#include <string_view>
#include <wire/http.hpp>
#include <wire/managed_identity.hpp>
#include <wire/token.hpp>

namespace kusto::wire
{

/// Whether this kind of host answers the same request otherwise later. IMDS says 404 and 410 while
/// it is renewed; Service Fabric says 404 when there is no identity.
[[nodiscard]] bool is_transient_for(identity_host host, int status) noexcept;

/// Reads the reply to a token request.
/// Errors: those of `identity_refused`; `errc::malformed_reply`; of Azure Arc
/// `errc::authentication_failed` when the token is not, or not demonstrably, the selected
/// identity's: older agents ignore the selection.
/// \param now  for replies that only hold an absolute time
[[nodiscard]] result<token_reply> parse_identity_reply(identity_service const& service,
                                                       reply const& from, base::utc_time_point now);

/// What a reply that is no token means, with the host's own code and text, in whichever of their
/// shapes: `errc::authentication_failed`, or `errc::throttled` and `errc::service_unavailable` when
/// it may pass.
[[nodiscard]] failure identity_refused(identity_service const& service, reply const& from);

/// Whether the answer to `make_imds_probe`, or to a request for a token, came from IMDS: from
/// anything, but for those that are known to answer in its place.
[[nodiscard]] bool shows_imds(reply const& from);

/// Whether a success came from something else than a token service.
[[nodiscard]] bool is_foreign(reply const& from);

} // namespace kusto::wire

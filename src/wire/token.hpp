#pragma once

#include <base/time_text.hpp>
#include <base/url.hpp>
#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <wire/http.hpp>

namespace kusto::wire
{

/// `{login_endpoint}/{tenant}/oauth2/v2.0/token`.
/// Errors: `errc::invalid_url`; plain http is allowed for loopback only.
[[nodiscard]] result<base::url> token_url(std::string_view login_endpoint, std::string_view tenant);

/// Whether `tenant` is a directory id or a domain name, and fit for the client credentials grant.
[[nodiscard]] bool is_valid_tenant(std::string_view tenant) noexcept;

/// Body of the client credentials grant. Secret.
[[nodiscard]] std::string client_credentials_form(std::string_view client_id,
                                                  std::string_view client_secret,
                                                  std::string_view scope);

class token_reply
{
public:
    token_reply() = default;

    std::string access_token; ///< secret
    std::chrono::seconds expires_in{0};
    std::optional<std::chrono::seconds> refresh_in;
};

/// Reads a token endpoint's reply; numbers may be numbers or text, times relative or absolute.
/// Errors: `errc::authentication_failed` with the AADSTS code as service code and the correlation
/// id as activity id; `errc::throttled`, `errc::service_unavailable`; `errc::malformed_reply`.
/// \param now  for replies that only hold an absolute time
[[nodiscard]] result<token_reply> parse_token(reply const& from, base::utc_time_point now);

} // namespace kusto::wire

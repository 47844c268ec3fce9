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

/// `{login_endpoint}/{tenant}/oauth2/v2.0/token`; for the tenant `adfs` `/adfs/oauth2/token`.
/// Errors: `errc::invalid_url`; plain http is allowed for loopback only.
[[nodiscard]] result<base::url> token_url(std::string_view login_endpoint, std::string_view tenant);

/// Whether the tenant stands for an AD FS server.
[[nodiscard]] bool is_adfs(std::string_view tenant) noexcept;

/// What all requests of the client credentials grant have.
class token_grant
{
public:
    token_grant(std::string client_id, std::string tenant, std::string scope, std::string claims)
        : client_id(std::move(client_id)),
          tenant(std::move(tenant)),
          scope(std::move(scope)),
          claims(std::move(claims))
    {
    }

    std::string client_id;
    std::string tenant;
    std::string scope;
    std::string claims; ///< JSON, or empty
};

/// Body of the client credentials grant with a secret. Secret.
[[nodiscard]] std::string client_secret_form(token_grant const& grant,
                                             std::string_view client_secret);

/// Body of the client credentials grant with an assertion (a JWT). Secret.
[[nodiscard]] std::string client_assertion_form(token_grant const& grant,
                                                std::string_view assertion);

class token_reply
{
public:
    token_reply() = default;
    token_reply(token_reply const&) = default;
    token_reply(token_reply&&) = default;
    token_reply& operator=(token_reply const&) = delete;
    token_reply& operator=(token_reply&&) = delete;
    /// Wipes the tokens.
    ~token_reply();

    std::string access_token; ///< secret
    std::chrono::seconds expires_in{0};
    std::optional<std::chrono::seconds> refresh_in;
    /// Secret; empty except for people who sign in. One that is not 1 to 16384 visible ASCII
    /// characters is left out: then a person signs in again instead.
    std::string refresh_token;
};

/// Whether it can stand in a header: 1 to 65536 visible ASCII characters.
[[nodiscard]] bool is_token_text(std::string_view text) noexcept;

/// Reads a token endpoint's reply; numbers may be numbers or text, times relative or absolute.
/// Errors: `errc::authentication_failed` with the AADSTS code as service code and the correlation
/// id as activity id; `errc::throttled`, `errc::service_unavailable`; `errc::malformed_reply`.
/// \param now  for replies that only hold an absolute time
[[nodiscard]] result<token_reply> parse_token(reply const& from, base::utc_time_point now);

} // namespace kusto::wire

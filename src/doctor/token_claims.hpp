#pragma once

#include <base/time_text.hpp>
#include <doctor/verdict.hpp>
#include <optional>
#include <string>
#include <string_view>

namespace kusto::doctor
{

/// What an access token says about itself, for people to read. Nothing is verified, and nothing
/// depends on it: only the service may judge a token. The texts are clean.
class token_claims
{
public:
    token_claims() = default;

    std::string audience;                        ///< `aud`: what the token is for
    std::string issuer;                          ///< `iss`
    std::string tenant;                          ///< `tid`
    std::string application;                     ///< `appid`, else `azp`
    std::string object;                          ///< `oid`
    std::string kind;                            ///< `idtyp`: `app` or `user`
    std::optional<base::utc_time_point> expires; ///< `exp`
};

/// The claims of a JSON Web Token; nothing if it is none: tokens may be opaque.
[[nodiscard]] std::optional<token_claims> read_claims(std::string_view token);

/// Whom the token names, as `aadapp=APPLICATION;TENANT` or `aaduser=OBJECT;TENANT`; empty if it
/// does not say.
[[nodiscard]] std::string principal_of(token_claims const& claims);

/// What is to be said about a token that was issued.
/// \param scope  what it was asked for; empty: not known
[[nodiscard]] verdict judge_token(std::optional<token_claims> const& claims, std::string_view scope,
                                  base::utc_time_point now);

} // namespace kusto::doctor

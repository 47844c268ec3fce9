#pragma once

#include <base/time_text.hpp>
#include <base/url.hpp>
#include <doctor/verdict.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>
#include <wire/endpoints.hpp>

namespace kusto::doctor
{

/// What kind of principal a token is about.
enum class token_subject
{
    unclear,
    application,
    person, ///< signed in by the application that the token names
};

/// What an access token says about itself, for people to read. Nothing is verified, and nothing
/// depends on it: only the service may judge a token. The texts are clean.
class token_claims
{
public:
    token_claims() = default;

    std::string audience;    ///< `aud`: what the token is for
    std::string issuer;      ///< `iss`
    std::string tenant;      ///< `tid`
    std::string application; ///< `appid`, else `azp`
    std::string object;      ///< `oid`
    std::string kind;        ///< `idtyp`: `app` or `user`; optional
    token_subject subject = token_subject::unclear;
    std::optional<base::utc_time_point> expires; ///< `exp`
};

/// The claims of a JSON Web Token; nothing if it is none: tokens may be opaque.
[[nodiscard]] std::optional<token_claims> read_claims(std::string_view token);

/// The resources that a token for a cluster may be meant for: that of its cloud, and, since the
/// service accepts them too, the cluster's own URLs and those of any Kusto host.
class token_audiences
{
public:
    /// \param resource_  of the cloud's metadata
    /// \param hosts_  engine and ingestion service
    token_audiences(std::string resource_, std::vector<base::url> hosts_, wire::trust_rules rules_)
        : resource(std::move(resource_)),
          hosts(std::move(hosts_)),
          rules(std::move(rules_))
    {
    }

    /// Whether the audience is clearly that of something else. Tokens may also name the id of the
    /// application that the resource is registered as, which tells nothing.
    [[nodiscard]] bool is_foreign(std::string_view audience) const;

    std::string resource;
    std::vector<base::url> hosts;
    wire::trust_rules rules;
};

/// Whom the token names, as `aadapp=APPLICATION;TENANT` or `aaduser=OBJECT;TENANT`; empty if it
/// does not say, or not clearly: a person's token names an application too.
[[nodiscard]] std::string principal_of(token_claims const& claims);

/// What is to be said about a token that was issued.
[[nodiscard]] verdict judge_token(std::optional<token_claims> const& claims,
                                  token_audiences const& accepted, base::utc_time_point now);

} // namespace kusto::doctor

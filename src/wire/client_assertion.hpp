#pragma once

#include <base/time_text.hpp>
#include <string>
#include <string_view>
#include <vector>

namespace kusto::wire
{

/// What an assertion says of the certificate whose key signs it.
class assertion_certificate
{
public:
    assertion_certificate() = default;

    std::string sha1_thumbprint;    ///< 20 bytes
    std::string sha256_thumbprint;  ///< 32 bytes
    std::vector<std::string> chain; ///< DER, leaf first; sent along (`x5c`) unless empty
};

/// What an assertion (RFC 7523) claims.
class assertion_claims
{
public:
    /// \param endpoint  the URL that the assertion is posted to, exactly
    /// \param id  fresh for each assertion
    assertion_claims(std::string endpoint, std::string client_id, std::string id,
                     base::utc_time_point now)
        : endpoint(std::move(endpoint)),
          client_id(std::move(client_id)),
          id(std::move(id)),
          now(now)
    {
    }

    std::string endpoint;
    std::string client_id;
    std::string id;
    base::utc_time_point now;
};

/// Header and claims of an assertion, joined: what is to be signed. Valid from 5 minutes before
/// `now`, so that small differences between clocks do not matter, to 10 minutes after it.
/// \param adfs  to be signed with RS256 and recognised by its SHA-1 thumbprint, as AD FS wants it;
///        else PS256 and SHA-256
[[nodiscard]] std::string assertion_to_sign(bool adfs, assertion_certificate const& by,
                                            assertion_claims const& claims);

/// The assertion itself. Secret.
/// \param signature  its bytes
[[nodiscard]] std::string signed_assertion(std::string_view to_sign, std::string_view signature);

} // namespace kusto::wire

#include <wire/client_assertion.hpp>

#include <base/base64.hpp>
#include <chrono>
#include <wire/json.hpp>

namespace kusto::wire
{

namespace
{

std::string header_of(bool adfs, assertion_certificate const& by)
{
    json::object header;
    header["alg"] = adfs ? "RS256" : "PS256";
    header["typ"] = "JWT";
    if (adfs)
        header["x5t"] = base::base64url_encode(by.sha1_thumbprint);
    else
        header["x5t#S256"] = base::base64url_encode(by.sha256_thumbprint);
    if (!by.chain.empty())
    {
        json::array chain;
        for (auto const& der : by.chain)
            chain.emplace_back(base::base64_encode(der));
        header["x5c"] = std::move(chain);
    }
    return json::serialize(header);
}

std::string payload_of(assertion_claims const& claims)
{
    constexpr std::chrono::minutes into_the_past(5);
    constexpr std::chrono::minutes lifetime(10);
    auto const now = std::chrono::floor<std::chrono::seconds>(claims.now);
    auto const number = [](std::chrono::sys_seconds when)
    { return std::int64_t(when.time_since_epoch().count()); };
    json::object payload;
    payload["aud"] = claims.endpoint;
    payload["iss"] = claims.client_id;
    payload["sub"] = claims.client_id;
    payload["jti"] = claims.id;
    payload["nbf"] = number(now - into_the_past);
    payload["iat"] = number(now);
    payload["exp"] = number(now + lifetime);
    return json::serialize(payload);
}

} // namespace

std::string assertion_to_sign(bool adfs, assertion_certificate const& by,
                              assertion_claims const& claims)
{
    return base::base64url_encode(header_of(adfs, by)) + '.' +
           base::base64url_encode(payload_of(claims));
}

std::string signed_assertion(std::string_view to_sign, std::string_view signature)
{
    return std::string(to_sign) + '.' + base::base64url_encode(signature);
}

} // namespace kusto::wire

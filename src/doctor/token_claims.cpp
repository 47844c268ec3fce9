#include <doctor/token_claims.hpp>

#include <algorithm>
#include <base/ascii.hpp>
#include <base/base64.hpp>
#include <base/endpoint_url.hpp>
#include <boost/json.hpp>
#include <chrono>
#include <cstdint>
#include <doctor/clean_text.hpp>

namespace kusto::doctor
{

namespace
{

namespace json = boost::json;

constexpr std::size_t longest_token = std::size_t(64) << 10;
constexpr std::size_t longest_claim = 128;

/// The alphabet for URLs, without padding.
std::optional<std::string> decode(std::string_view part)
{
    std::string text(part);
    for (auto& c : text)
        c = c == '-' ? '+' : c == '_' ? '/' : c;
    while (text.size() % 4 != 0)
        text += '=';
    return base::base64_decode(text);
}

std::string text_of(json::object const& claims, std::string_view name)
{
    auto const* const found = claims.if_contains(name);
    if (found == nullptr || !found->is_string())
        return {};
    return clean_text(std::string_view(found->get_string()), longest_claim);
}

std::optional<base::utc_time_point> time_of(json::object const& claims, std::string_view name)
{
    // Beyond this the system clock overflows.
    constexpr std::int64_t last = 9'000'000'000;
    auto const* const found = claims.if_contains(name);
    if (found == nullptr || !found->is_number())
        return std::nullopt;
    boost::system::error_code error;
    auto const seconds = found->to_number<std::int64_t>(error);
    if (error || seconds < 0 || seconds > last)
        return std::nullopt;
    return base::utc_time_point(std::chrono::seconds(seconds));
}

void add(std::string& to, std::string_view name, std::string_view value)
{
    if (value.empty())
        return;
    to += to.empty() ? "" : ", ";
    to += name;
    to += ' ';
    to += value;
}

std::string seconds_text(base::utc_time_point when)
{
    return base::iso_text(when).substr(0, 19) + 'Z';
}

std::string describe(token_claims const& claims)
{
    std::string text;
    add(text, "aud", claims.audience);
    add(text, "iss", claims.issuer);
    add(text, "tid", claims.tenant);
    add(text, "appid", claims.application);
    add(text, "oid", claims.object);
    add(text, "idtyp", claims.kind);
    if (claims.expires)
        add(text, "exp", seconds_text(*claims.expires));
    return text;
}

std::string_view without_slash(std::string_view text)
{
    while (text.ends_with('/'))
        text.remove_suffix(1);
    return text;
}

/// `idtyp` is an optional claim. Without it, people have names and delegated rights, and only an
/// application is the object that it calls its subject.
token_subject subject_of(json::object const& claims, std::string_view kind)
{
    if (base::equal_ignoring_case(kind, "app"))
        return token_subject::application;
    if (base::equal_ignoring_case(kind, "user"))
        return token_subject::person;
    for (auto const* const name : {"scp", "upn", "unique_name", "preferred_username"})
    {
        if (claims.if_contains(name) != nullptr)
            return token_subject::person;
    }
    auto const object = text_of(claims, "oid");
    bool const itself = !object.empty() && object == text_of(claims, "sub");
    return itself ? token_subject::application : token_subject::unclear;
}

} // namespace

std::optional<token_claims> read_claims(std::string_view token)
{
    auto const first = token.find('.');
    auto const second = first == token.npos ? token.npos : token.find('.', first + 1);
    if (second == token.npos || token.size() > longest_token)
        return std::nullopt;
    auto const payload = decode(token.substr(first + 1, second - first - 1));
    if (!payload)
        return std::nullopt;
    boost::system::error_code error;
    auto const document = json::parse(*payload, error);
    if (error || !document.is_object())
        return std::nullopt;
    auto const& object = document.get_object();
    token_claims claims;
    claims.audience = text_of(object, "aud");
    claims.issuer = text_of(object, "iss");
    claims.tenant = text_of(object, "tid");
    claims.application = text_of(object, "appid");
    if (claims.application.empty())
        claims.application = text_of(object, "azp");
    claims.object = text_of(object, "oid");
    claims.kind = text_of(object, "idtyp");
    claims.subject = subject_of(object, claims.kind);
    claims.expires = time_of(object, "exp");
    return claims;
}

std::string principal_of(token_claims const& claims)
{
    if (claims.tenant.empty())
        return {};
    if (claims.subject == token_subject::application && !claims.application.empty())
        return "aadapp=" + claims.application + ';' + claims.tenant;
    if (claims.subject == token_subject::person && !claims.object.empty())
        return "aaduser=" + claims.object + ';' + claims.tenant;
    return {};
}

bool token_audiences::is_foreign(std::string_view audience) const
{
    if (!base::to_lower(audience.substr(0, 4)).starts_with("http"))
        return false;
    if (base::equal_ignoring_case(without_slash(audience), without_slash(resource)))
        return false;
    auto const named = base::parse_endpoint(audience);
    if (!named)
        return true;
    bool const own =
        std::any_of(hosts.begin(), hosts.end(),
                    [&](base::url const& host) { return host.authority() == named->authority(); });
    return !own && (!named->is_https() || !rules.check_before_contact(*named));
}

verdict judge_token(std::optional<token_claims> const& claims, token_audiences const& accepted,
                    base::utc_time_point now)
{
    using namespace std::chrono_literals;
    if (!claims)
        return verdict::ok("obtained; it is opaque and tells nothing about itself");
    auto const text = describe(*claims);
    if (accepted.is_foreign(claims->audience))
        return verdict::warning(text, "the token is meant for another service: it should be for " +
                                          clean_text(accepted.resource) +
                                          "; a static token or a callback must ask for that");
    if (claims->expires && *claims->expires <= now)
        return verdict::warning(text,
                                "the token has expired by this machine's clock: get a new one, "
                                "or set the clock");
    if (claims->expires && *claims->expires <= now + 5min)
        return verdict::warning(text, "the token expires within 5 minutes: a static token needs a "
                                      "successor");
    return verdict::ok(text);
}

} // namespace kusto::doctor

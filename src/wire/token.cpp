#include <wire/token.hpp>

#include <algorithm>
#include <array>
#include <base/ascii.hpp>
#include <base/endpoint_url.hpp>
#include <base/percent.hpp>
#include <base/secret.hpp>
#include <wire/form.hpp>
#include <wire/json.hpp>
#include <wire/token_lifetime.hpp>

namespace kusto::wire
{

namespace
{

using std::chrono::seconds;

constexpr std::size_t most_of_a_reply = 1024 * 1024;
constexpr std::size_t longest_refresh_token = 16 * 1024;

struct advice
{
    std::int64_t code;
    std::string_view text;
};

/// What to do about the codes that users meet.
constexpr std::array<advice, 30> known_codes{{
    {90002, "the tenant does not exist; check the tenant id"},
    {900023, "the tenant id is not valid"},
    {700016, "the application does not exist in this tenant; check client id and tenant id"},
    {7000215, "the client secret is wrong; give the secret's value, not its id"},
    {7000222, "the client secret has expired; create a new one"},
    {7000112, "the application is disabled"},
    {7000229, "the application has no service principal in this tenant"},
    {70011, "the scope is not valid"},
    {500011, "the resource is not known in this tenant; was the cluster's cloud detected rightly?"},
    {50001, "the resource is not valid"},
    {90130, "this tenant alias cannot be used here; give the tenant's id"},
    {90124, "this tenant alias cannot be used here; give the tenant's id"},
    {9001023, "this tenant alias cannot be used here; give the tenant's id"},
    {53003, "a conditional access policy forbids it"},
    {530003, "a conditional access policy forbids it: it demands a managed device"},
    {50105, "who signs in is not assigned to the application; have an administrator assign it"},
    {65001, "nobody has consented to the application's access; have an administrator consent"},
    {50196, "too many identical requests; wait a few minutes"},
    {700027, "the certificate is not registered with the application, or has expired; upload it "
             "there, or send the chain if it is registered by subject and issuer"},
    {50012, "the application does not accept this certificate; compare its thumbprint, or subject "
            "and issuer, with what is registered"},
    {700024, "the assertion is outside of its validity; check this machine's clock"},
    {700021, "the assertion is not about this application; check the client id"},
    {700023, "the assertion is meant for somebody else; check tenant id and login endpoint"},
    {50027, "the assertion or the federated token is not a valid JWT"},
    {50013, "the assertion or the federated token is not valid (any more)"},
    {500133,
     "the assertion or the federated token is outside of its validity; check this machine's "
     "clock, and whether the file with the federated token is still renewed"},
    {70021,
     "no federated credential of the application fits the token; compare issuer, subject and "
     "audience. A new one works after some minutes"},
    {700211, "no federated credential of the application has the token's issuer; compare them "
             "letter by letter. A new one works after some minutes"},
    {700212, "the token's audience is not the federated credential's; it is mostly "
             "api://AzureADTokenExchange"},
    {700213, "no federated credential of the application has the token's subject "
             "(system:serviceaccount:namespace:name); compare them letter by letter. A new one "
             "works after some minutes"},
}};

constexpr std::array<std::int64_t, 6> transient_codes{90006, 90012, 90024, 90033, 90055, 90090};

std::string_view advice_for(std::int64_t code)
{
    for (auto const& known : known_codes)
    {
        if (known.code == code)
            return known.text;
    }
    return {};
}

/// The code from `error_codes`, or from the description's `AADSTS7000215: ...`.
std::int64_t code_of(json::value const& document)
{
    auto const* const codes = member(document, "error_codes");
    if (codes != nullptr && codes->is_array() && !codes->get_array().empty())
    {
        auto const code = whole_number(codes->get_array().front());
        if (code && *code > 0)
            return *code;
    }
    auto const text = text_member(document, "error_description");
    auto const at = text.find("AADSTS");
    if (at == std::string_view::npos)
        return 0;
    std::int64_t code = 0;
    for (char const c : text.substr(at + 6, 9))
    {
        if (!base::is_digit(c))
            break;
        code = code * 10 + (c - '0');
    }
    return code;
}

errc code_for(reply const& from, bool transient)
{
    if (!transient)
        return errc::authentication_failed;
    return from.status == 429 ? errc::throttled : errc::service_unavailable;
}

/// A proxy's or a portal's word; there is nothing in it that could be branched on.
failure refused_without_reason(reply const& from)
{
    bool const transient = is_transient_status(from.status);
    bool const page = base::trim(from.body).starts_with('<');
    auto why = from.fail(code_for(from, transient),
                         page ? "a web page came instead of a token endpoint's reply; does a proxy "
                                "stand in between?"
                              : "the token endpoint refused the request without a reason");
    why.retryable(transient).server_text(printable(from.body, 512));
    return why;
}

/// The error's name: of OAuth (`"error":"x"`), or of Azure's services (`"error":{"code":"x"}`).
std::string name_of(json::value const& document)
{
    auto const* const error = member(document, "error");
    if (error != nullptr && error->is_object())
        return printable(text_member(*error, "code"), 64);
    return printable(text_member(document, "error"), 64);
}

std::string description_of(json::value const& document)
{
    std::string_view text = text_member(document, "error_description");
    auto const* const error = member(document, "error");
    if (text.empty() && error != nullptr)
        text = text_member(*error, "message");
    for (std::string_view const name : {"message", "Message"})
        text = text.empty() ? text_member(document, name) : text;
    std::string said = printable(text, 512);
    // What a person's sign-in would have to prove. Not secret.
    auto const claims = text_member(document, "claims");
    if (!claims.empty())
        said.append(said.empty() ? "" : " ").append("claims: ").append(printable(claims, 512));
    return said;
}

failure token_refused(reply const& from)
{
    auto const document = from.body.size() > most_of_a_reply ? std::nullopt : parse_json(from.body);
    if (!document || !document->is_object() || document->get_object().empty())
        return refused_without_reason(from);
    auto const name = name_of(*document);
    auto const code = code_of(*document);
    bool const transient =
        is_transient_status(from.status) || name == "temporarily_unavailable" ||
        std::find(transient_codes.begin(), transient_codes.end(), code) != transient_codes.end();
    std::string message = "no token: " + (name.empty() ? std::string("no reason given") : name);
    auto const remedy = advice_for(code);
    if (!remedy.empty())
        message.append("; ").append(remedy);
    else if (name == "interaction_required")
        message.append("; a person would have to sign in (a conditional access policy)");
    auto why = from.fail(code_for(from, transient), std::move(message));
    why.retryable(transient);
    why.service_code(code != 0 ? "AADSTS" + std::to_string(code) : name);
    why.server_text(description_of(*document));
    auto const correlation = text_member(*document, "correlation_id");
    if (!correlation.empty())
        why.activity_id(printable(correlation, 64));
    // Clients that repeat the same request are locked out, and for longer if they go on.
    constexpr std::int64_t request_loop = 50196;
    constexpr std::chrono::milliseconds calm = seconds(60);
    if (code == request_loop)
        why.retry_after((std::max)(why.retry_after().value_or(calm), calm));
    return why;
}

/// AD FS knows resources only.
form begin_form(token_grant const& grant)
{
    form begun;
    begun.add("grant_type", "client_credentials").add("client_id", grant.client_id);
    auto const resource = resource_of(grant.scope);
    if (is_adfs(grant.tenant) && resource != grant.scope)
        begun.add("resource", resource);
    else
        begun.add("scope", grant.scope);
    if (!grant.claims.empty())
        begun.add("claims", grant.claims);
    return begun;
}

failure malformed(reply const& from, std::string_view why)
{
    return from.fail(errc::malformed_reply, "the token endpoint's reply " + std::string(why) +
                                                "; is the login endpoint right?");
}

} // namespace

token_reply::~token_reply()
{
    base::wipe(access_token);
    base::wipe(refresh_token);
}

result<base::url> token_url(std::string_view login_endpoint, std::string_view tenant)
{
    auto const authority = base::parse_endpoint(login_endpoint);
    if (!authority)
    {
        failure why(errc::invalid_url, stage::token,
                    "login endpoint: " + authority.error().message());
        return why;
    }
    auto path = authority->path() == "/" ? std::string() : authority->path();
    if (is_adfs(tenant))
        path += "/adfs/oauth2/token";
    else
        path.append("/").append(base::percent_encode(tenant)).append("/oauth2/v2.0/token");
    return authority->with_target(std::move(path));
}

bool is_adfs(std::string_view tenant) noexcept
{
    return base::equal_ignoring_case(tenant, "adfs");
}

std::string client_secret_form(token_grant const& grant, std::string_view client_secret)
{
    return begin_form(grant).add("client_secret", client_secret).text();
}

std::string client_assertion_form(token_grant const& grant, std::string_view assertion)
{
    auto made = begin_form(grant);
    made.add("client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer");
    return made.add("client_assertion", assertion).text();
}

// A token goes into a header: it must not be able to break out of it.
bool is_token_text(std::string_view text) noexcept
{
    constexpr std::size_t most = 64 * 1024;
    return !text.empty() && text.size() <= most && base::is_visible(text);
}

result<token_reply> parse_token(reply const& from, base::utc_time_point now)
{
    if (!from.ok())
        return token_refused(from);
    if (from.body.size() > most_of_a_reply)
        return malformed(from, "is longer than 1 MiB");
    auto const document = parse_strict_json(from.body);
    if (!document || !document->is_object())
        return malformed(from, "is not a JSON object of distinct members");
    auto const type = text_member(*document, "token_type");
    if (!type.empty() && !base::equal_ignoring_case(type, "Bearer"))
        return malformed(from, "holds a token that is no bearer token");
    token_reply reply;
    reply.access_token = std::string(text_member(*document, "access_token"));
    if (!is_token_text(reply.access_token))
        return malformed(from, "holds no usable access_token");
    auto const lifetime = lifetime_of(*document, now);
    if (!lifetime)
        return malformed(from, "holds neither expires_in nor expires_on");
    if (*lifetime <= seconds(0))
        return from.fail(errc::authentication_failed,
                         "the token received has expired already; check this machine's clock");
    reply.expires_in = *lifetime;
    reply.refresh_in = refresh_of(*document, now, reply.expires_in);
    auto const renewal = text_member(*document, "refresh_token");
    if (renewal.size() <= longest_refresh_token && is_token_text(renewal))
        reply.refresh_token = std::string(renewal);
    return reply;
}

} // namespace kusto::wire

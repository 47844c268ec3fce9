#include <emulator/server/client_authentication.hpp>

#include <algorithm>
#include <boost/json.hpp>
#include <charconv>
#include <emulator/server/login_answer.hpp>

namespace kusto::emulator
{

namespace json = boost::json;

namespace
{

constexpr std::string_view assertion_type =
    "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
/// Ten minutes, and five for a begin that lies in the past because clocks differ.
constexpr std::int64_t longest_assertion = 600 + 300;

login_refusal malformed(std::string const& what)
{
    return bad_client(50027, "JWT token is invalid or malformed: " + what + ".");
}

login_refusal unknown_key(std::string const& what)
{
    return bad_client(700027, "The certificate with identifier used to sign the client assertion "
                              "is not registered on application, or the signature is wrong: " +
                                  what + ".");
}

/// One text, or a list of one, as Kubernetes writes it.
std::string audience_of(json_web_token const& token)
{
    auto const* value = token.claims.if_contains("aud");
    if (value != nullptr && value->is_array() && value->get_array().size() == 1 &&
        value->get_array()[0].is_string())
        return std::string(value->get_array()[0].get_string());
    return json_web_token::text(token.claims, "aud");
}

/// A thumbprint that the header gives must be that of the certificate.
bool contradicts(json::object const& header, char const* name, std::string const& thumbprint)
{
    auto const given = json_web_token::text(header, name);
    return header.contains(name) && given != base64url_encode(thumbprint) &&
           given != base64_encode(thumbprint);
}

bool fits(json::object const& header, client_certificate const& certificate)
{
    bool const same_key = !header.contains("kid") ||
                          json_web_token::text(header, "kid") == hexadecimal(certificate.sha1());
    return same_key && !contradicts(header, "x5t", certificate.sha1()) &&
           !contradicts(header, "x5t#S256", certificate.sha256());
}

/// \throws login_refusal
client_certificate certificate_of(json::value const& from)
{
    auto const der =
        from.is_string() ? base64_decode(std::string_view(from.get_string())) : std::nullopt;
    auto const found = der ? client_certificate::from_der(*der) : std::nullopt;
    if (!found)
        throw malformed("a member of 'x5c' is not a certificate in base64");
    return *found;
}

/// Leaf first. A text is the leaf alone, as MSAL.NET writes it. \throws login_refusal
std::vector<client_certificate> chain_of(json::value const& from)
{
    if (from.is_string())
        return {certificate_of(from)};
    if (!from.is_array() || from.get_array().empty())
        throw malformed("'x5c' is not a list of certificates");
    std::vector<client_certificate> all;
    for (auto const& each : from.get_array())
        all.push_back(certificate_of(each));
    return all;
}

/// An integer, or its digits in a text, as MSAL.NET writes the times of an assertion.
std::optional<std::int64_t> time_of(json_web_token const& token, char const* name)
{
    auto const digits = json_web_token::text(token.claims, name);
    if (digits.empty() || digits.find_first_not_of("0123456789") != std::string::npos)
        return json_web_token::number(token.claims, name);
    std::int64_t value = 0;
    auto const error = std::from_chars(digits.data(), digits.data() + digits.size(), value).ec;
    return error == std::errc() ? std::optional(value) : std::nullopt;
}

signature_scheme scheme_of(json_web_token const& token, bool adfs)
{
    auto const name = json_web_token::text(token.header, "alg");
    if (name == "RS256")
        return signature_scheme::rs256;
    if (name == "PS256" && !adfs)
        return signature_scheme::ps256;
    throw malformed("the algorithm '" + name + "' is not supported");
}

} // namespace

client_authentication::client_authentication(std::string client_id, std::string secret,
                                             sign_in_options with, std::function<system_time()> now)
    : client_id_(std::move(client_id)),
      secret_(std::move(secret)),
      with_(std::move(with)),
      now_(std::move(now))
{
    for (auto const& pem : with_.certificates())
    {
        auto const found = client_certificate::from_pem(pem);
        certificates_.insert(certificates_.end(), found.begin(), found.end());
    }
    for (auto const& each : with_.subjects())
        subjects_.push_back(
            {each.common_name(), client_certificate::from_pem(each.authority_pem()).front()});
    for (auto const& each : with_.federated())
        federations_.push_back({each, public_key::from_pem(each.public_key_pem())});
}

void client_authentication::check(exact_parameters const& form, std::string const& token_url,
                                  bool adfs)
{
    auto const secret = form.get("client_secret");
    auto const assertion = form.get("client_assertion");
    if (!secret.empty() && !assertion.empty())
        throw malformed_request(400, "there are both 'client_secret' and 'client_assertion'");
    if (!secret.empty())
        return check_secret(secret);
    if (assertion.empty())
        throw bad_client(7000218, "The request body must contain the following parameter: "
                                  "'client_assertion' or 'client_secret'.");
    if (form.get("client_assertion_type") != assertion_type)
        throw bad_login(900144, "The request body must contain the following parameter: "
                                "'client_assertion_type'.");
    auto const token = json_web_token::parse(assertion);
    if (!token)
        throw malformed("it has not three parts, or not JSON in two of them");
    // Not by the header: other identity providers name certificates there as well.
    bool const own = json_web_token::text(token->claims, "iss") == client_id_ ||
                     json_web_token::text(token->claims, "sub") == client_id_;
    if (own)
        check_assertion(*token, token_url, adfs);
    else
        check_federated(*token);
}

void client_authentication::check_secret(std::string const& given) const
{
    if (given != secret_)
        throw bad_client(7000215, "Invalid client secret provided. Ensure the secret being sent in "
                                  "the request is the client secret value, not the client secret "
                                  "ID.");
    if (with_.secret_expired())
        throw bad_client(7000222, "The provided client secret keys for app '" + client_id_ +
                                      "' are expired.");
}

void client_authentication::check_assertion(json_web_token const& token,
                                            std::string const& token_url, bool adfs)
{
    auto const scheme = scheme_of(token, adfs);
    if (!signer(token).key().verifies(scheme, token.signed_text, token.signature))
        throw unknown_key("the signature does not fit the certificate");
    if (json_web_token::text(token.claims, "iss") != client_id_ ||
        json_web_token::text(token.claims, "sub") != client_id_)
        throw bad_client(700021, "Client assertion application identifier doesn't match "
                                 "'client_id' parameter.");
    if (json_web_token::text(token.claims, "aud") != token_url)
        throw bad_client(700023, "Client assertion audience claim does not match Realm issuer.");
    check_times(token, true);
    check_unused(token);
}

client_certificate client_authentication::signer(json_web_token const& token) const
{
    if (token.header.contains("typ") && json_web_token::text(token.header, "typ") != "JWT")
        throw malformed("'typ' is not 'JWT'");
    auto const* given = token.header.if_contains("x5c");
    auto const chain = given != nullptr ? chain_of(*given) : std::vector<client_certificate>();
    if (!token.header.contains("x5t") && !token.header.contains("x5t#S256"))
        throw unknown_key("there is neither 'x5t' nor 'x5t#S256'");
    if (!chain.empty() && !fits(token.header, chain.front()))
        throw unknown_key("the thumbprints do not fit the first certificate of 'x5c'");
    auto const known = std::find_if(certificates_.begin(), certificates_.end(),
                                    [&](auto const& each) { return fits(token.header, each); });
    if (known != certificates_.end())
    {
        if (!known->valid_at(now_()))
            throw unknown_key("the certificate is expired or not valid yet");
        return *known;
    }
    if (chain.empty() || subjects_.empty())
        throw unknown_key("the thumbprint is unknown");
    return chained(chain);
}

client_certificate
client_authentication::chained(std::vector<client_certificate> const& chain) const
{
    auto const& leaf = chain.front();
    std::vector<client_certificate> const rest(chain.begin() + 1, chain.end());
    for (auto const& each : subjects_)
    {
        if (leaf.common_name() == each.common_name && leaf.issued_by(each.authority, rest, now_()))
            return leaf;
    }
    throw bad_client(50012, "Authentication failed: the subject or the chain of the certificate is "
                            "not authorized.");
}

void client_authentication::check_times(json_web_token const& token, bool own) const
{
    auto const begin = own ? time_of(token, "nbf") : json_web_token::number(token.claims, "nbf");
    auto const end = own ? time_of(token, "exp") : json_web_token::number(token.claims, "exp");
    if (!end || (own && !begin) || (begin && *end <= *begin))
        throw malformed("'nbf' and 'exp' are not integers in this order");
    if (own && token.claims.contains("iat") && !json_web_token::number(token.claims, "iat"))
        throw malformed("'iat' is not an integer");
    if (own && *end - *begin > longest_assertion)
        throw malformed("it is valid for more than ten minutes");
    auto const now = now_();
    auto const seconds =
        std::chrono::duration_cast<std::chrono::seconds>(now.time_since_epoch()).count();
    if (seconds >= *end || (begin && seconds < *begin))
        throw bad_client(700024, "Client assertion is not within its valid time range. Current "
                                 "time: " +
                                     iso_time(now) + ".");
}

void client_authentication::check_unused(json_web_token const& token)
{
    auto const id = json_web_token::text(token.claims, "jti");
    if (id.empty())
        throw malformed("there is no 'jti'");
    auto const now = std::chrono::system_clock::to_time_t(now_());
    std::lock_guard const lock(mutex_);
    std::erase_if(used_, [&](auto const& each) { return each.second <= now; });
    if (!used_.emplace(id, *time_of(token, "exp")).second)
        throw malformed("its 'jti' was used before");
}

void client_authentication::check_federated(json_web_token const& token) const
{
    auto const issuer = json_web_token::text(token.claims, "iss");
    auto const subject = json_web_token::text(token.claims, "sub");
    auto const audience = audience_of(token);
    bool issuer_known = false;
    bool subject_known = false;
    for (auto const& [who, key] : federations_)
    {
        bool const same_issuer = who.issuer() == issuer;
        bool const same_subject = same_issuer && who.subject() == subject;
        issuer_known = issuer_known || same_issuer;
        subject_known = subject_known || same_subject;
        if (!same_subject || who.audience() != audience)
            continue;
        if (scheme_of(token, true) != signature_scheme::rs256 ||
            !key.verifies(signature_scheme::rs256, token.signed_text, token.signature))
            throw bad_client(50013, "Assertion failed signature validation.");
        return check_times(token, false);
    }
    auto const no_match = std::string("No matching federated identity record found for presented "
                                      "assertion ");
    if (!issuer_known)
        throw bad_client(700211, no_match + "issuer '" + issuer + "'.");
    if (!subject_known)
        throw bad_client(700213, no_match + "subject '" + subject + "'.");
    throw bad_client(700212, no_match + "audience '" + audience + "'.");
}

} // namespace kusto::emulator

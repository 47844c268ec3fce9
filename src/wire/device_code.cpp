#include <wire/device_code.hpp>

#include <algorithm>
#include <wire/form.hpp>
#include <wire/json.hpp>

namespace kusto::wire
{

namespace
{

using std::chrono::seconds;

/// With it the reply holds a refresh token, so that the person is asked once.
std::string lasting(std::string_view scope)
{
    return std::string(scope) + " offline_access";
}

seconds seconds_member(json::value const& from, std::string_view name, seconds usual, seconds most)
{
    auto const* const found = member(from, name);
    auto const number = found == nullptr ? std::nullopt : whole_number(*found);
    if (!number || *number <= 0)
        return usual;
    return seconds((std::min)(*number, std::int64_t(most.count())));
}

std::string sentence_for(device_code_reply const& code)
{
    return "To sign in, open " + code.verification_url + " in a browser and enter the code " +
           code.user_code;
}

} // namespace

result<base::url> device_code_url(std::string_view login_endpoint, std::string_view tenant)
{
    constexpr std::string_view last = "token";
    auto const token = token_url(login_endpoint, tenant);
    if (!token)
        return token;
    auto const path = token->path();
    return token->with_target(path.substr(0, path.size() - last.size()) + "devicecode");
}

std::string device_code_form(std::string_view client_id, std::string_view scope)
{
    return form().add("client_id", client_id).add("scope", lasting(scope)).text();
}

std::string device_poll_form(std::string_view client_id, std::string_view device_code,
                             std::string_view claims)
{
    form made;
    made.add("grant_type", "urn:ietf:params:oauth:grant-type:device_code");
    made.add("client_id", client_id).add("device_code", device_code);
    if (!claims.empty())
        made.add("claims", claims);
    return made.text();
}

std::string refresh_token_form(std::string_view client_id, std::string_view refresh_token,
                               std::string_view scope, std::string_view claims)
{
    auto const wanted = lasting(scope);
    form made;
    made.add("grant_type", "refresh_token").add("client_id", client_id);
    made.add("refresh_token", refresh_token).add("scope", wanted);
    if (!claims.empty())
        made.add("claims", claims);
    return made.text();
}

result<device_code_reply> parse_device_code(reply const& from)
{
    constexpr std::size_t most = 1024 * 1024;
    constexpr std::size_t longest_code = 4096;
    if (!from.ok())
        return parse_token(from, {}).error();
    auto const document = from.body.size() > most ? std::nullopt : parse_strict_json(from.body);
    device_code_reply code;
    if (document)
    {
        code.device_code = base::secret(text_member(*document, "device_code"));
        code.user_code = printable(text_member(*document, "user_code"), 64);
        code.verification_url = printable(text_member(*document, "verification_uri"), 512);
        if (code.verification_url.empty())
            code.verification_url = printable(text_member(*document, "verification_url"), 512);
    }
    if (code.device_code.empty() || code.user_code.empty() || code.verification_url.empty())
        return from.fail(errc::malformed_reply,
                         "the reply to a request for a device code lacks device_code, user_code or "
                         "verification_uri; is the login endpoint right?");
    // It is sent, and looked for in what comes back, every few seconds.
    if (code.device_code.size() > longest_code || !is_token_text(code.device_code.reveal()))
        return from.fail(errc::malformed_reply,
                         "the device_code in the reply to a request for a device code is longer "
                         "than 4096 characters, or not all of it is visible ASCII; is the login "
                         "endpoint right?");
    code.message = printable(text_member(*document, "message"));
    if (code.message.empty())
        code.message = sentence_for(code);
    code.expires_in = seconds_member(*document, "expires_in", seconds(900), seconds(3600));
    code.interval = seconds_member(*document, "interval", seconds(5), seconds(60));
    return code;
}

device_wait device_wait_of(reply const& from)
{
    if (from.ok())
        return device_wait::none;
    auto const document = parse_json(from.body);
    auto const name = document ? text_member(*document, "error") : std::string_view();
    if (name == "authorization_pending")
        return device_wait::go_on;
    if (name == "slow_down")
        return device_wait::slow_down;
    if (name == "authorization_declined" || name == "access_denied")
        return device_wait::declined;
    if (name == "bad_verification_code")
        return device_wait::unknown;
    if (name == "expired_token" || name == "code_expired")
        return device_wait::expired;
    return device_wait::none;
}

} // namespace kusto::wire

#include <support/happy_identity.hpp>

#include <algorithm>
#include <base/percent.hpp>
#include <fstream>
#include <support/happy_replies.hpp>
#include <utility>
#include <wire/http.hpp>

namespace kusto::test
{

using async::http_method;
using async::http_request;
using async::http_response;
using namespace std::chrono_literals;

namespace
{

constexpr std::string_view scope = "https://kusto.kusto.windows.net/.default";
constexpr std::string_view lasting = "https://kusto.kusto.windows.net/.default offline_access";
constexpr std::string_view device_grant = "urn:ietf:params:oauth:grant-type:device_code";
constexpr std::string_view imds = "169.254.169.254";
constexpr std::string_view arc = "127.0.0.1";
constexpr std::string_view host_path = "/metadata/identity/oauth2/token";
constexpr std::string_view app_service_path = "/msi/token";

std::string field(std::string const& form, std::string_view name)
{
    return base::query_parameter(form, name).value_or(std::string());
}

std::string_view header(http_request const& request, std::string_view name)
{
    return wire::find_header(request.headers, name);
}

} // namespace

std::optional<request_kind> happy_identity::kind_of(http_request const& request)
{
    auto const& path = request.target.path();
    if (path.ends_with("/oauth2/v2.0/devicecode"))
        return request_kind::device_code;
    if (path.ends_with("/oauth2/v2.0/token"))
        return field(request.body, "grant_type") == device_grant ? request_kind::device_poll
                                                                 : request_kind::token;
    if (path == app_service_path)
        return request_kind::managed_identity;
    if (path != host_path)
        return std::nullopt;
    if (request.target.host() == arc && header(request, "Authorization").empty())
        return request_kind::arc_challenge;
    return request.target.query().empty() ? request_kind::imds_probe
                                          : request_kind::managed_identity;
}

http_response happy_identity::execute(request_kind what, http_request const& request,
                                      std::string const& body)
{
    switch (what)
    {
    case request_kind::device_code:
        return issue_code(request, body);
    case request_kind::device_poll:
        return poll(request, body);
    case request_kind::imds_probe:
        return probe(request);
    case request_kind::arc_challenge:
        return challenge(request);
    case request_kind::managed_identity:
        return issue_to_host(request);
    default:
        return grant(request, body);
    }
}

http_response happy_identity::refuse(std::string_view why, http_request const& request)
{
    judge_.complain(why, request);
    return replies::oauth_error(400, "invalid_request");
}

std::string happy_identity::new_token()
{
    auto token = std::string(canary) + "token" + std::to_string(++issued_);
    valid_tokens_.insert(token);
    return token;
}

http_response happy_identity::grant(http_request const& request, std::string const& form)
{
    bool const is_form =
        request.method == http_method::post && request.target.host() == "login.microsoftonline.com";
    if (!is_form)
        return refuse("no form for the login service", request);
    if (field(form, "grant_type") == "refresh_token")
    {
        bool const right = field(form, "client_id") == device_client_id &&
                           refresh_tokens_.contains(field(form, "refresh_token")) &&
                           field(form, "scope") == lasting;
        return right ? person_token() : refuse("another refresh token", request);
    }
    auto const wrong = judge_application(form);
    return wrong.empty() ? replies::token(new_token()) : refuse(wrong, request);
}

std::string happy_identity::judge_application(std::string const& form)
{
    if (field(form, "grant_type") != "client_credentials" || field(form, "scope") != scope)
        return "a sign-in of another kind";
    if (!assertions_)
        return field(form, "client_secret") == client_secret ? "" : "another client secret";
    auto const assertion = field(form, "client_assertion");
    seen_assertions_.insert(assertion);
    if (field(form, "client_id") != client_id || form.find("client_secret") != form.npos)
        return "another application";
    if (field(form, "client_assertion_type") !=
        "urn:ietf:params:oauth:client-assertion-type:jwt-bearer")
        return "an assertion of another type";
    return assertions_(assertion);
}

http_response happy_identity::issue_code(http_request const& request, std::string const& form)
{
    if (field(form, "client_id") != device_client_id || field(form, "scope") != lasting)
        return refuse("a device code for somebody else", request);
    device_code_ = std::string(canary) + "~code/" + std::to_string(++issued_);
    polls_ = 0;
    next_poll_ = time_.now() + 5s;
    return replies::json(R"({"user_code":"ABCD1234","device_code":")" + device_code_ +
                         R"(","verification_uri":"https://microsoft.com/devicelogin",)"
                         R"("expires_in":900,"interval":5,"message":"To sign in, do this"})");
}

/// The person signs in after the first question. Each code is good for one token.
http_response happy_identity::poll(http_request const& request, std::string const& form)
{
    constexpr std::size_t last = 2;
    if (field(form, "client_id") != device_client_id || field(form, "device_code") != device_code_)
        return refuse("another device code", request);
    if (time_.now() < next_poll_)
        return refuse("asked too early whether somebody has signed in", request);
    next_poll_ = time_.now() + 5s;
    if (++polls_ < last)
        return replies::oauth_error(400, "authorization_pending");
    return polls_ == last ? person_token() : replies::oauth_error(400, "invalid_grant");
}

http_response happy_identity::person_token()
{
    auto const refresh = std::string(canary) + "~refresh/" + std::to_string(++issued_);
    refresh_tokens_.insert(refresh);
    return replies::json(R"({"token_type":"Bearer","expires_in":3600,"access_token":")" +
                         new_token() + R"(","refresh_token":")" + refresh + "\"}");
}

void happy_identity::throttled(request_kind what)
{
    if (what == request_kind::device_poll)
        next_poll_ = time_.now() + 7s;
}

http_response happy_identity::probe(http_request const& request) const
{
    if (request.target.host() != imds || !header(request, "Metadata").empty())
        judge_.complain("a probe that a token service would take for a request", request);
    if (!has_imds_)
        return replies::oauth_error(403, "forbidden", "the address is unreachable");
    return replies::oauth_error(400, "invalid_request", "Required metadata header not specified");
}

http_response happy_identity::challenge(http_request const& request)
{
    auto const wrong = judge_host_request(request);
    if (!wrong.empty())
        return refuse(wrong, request);
    auto const name = keys_ + '/' + std::to_string(++issued_) + ".key";
    auto const content = std::string(canary) + "~key/+=" + std::to_string(issued_);
    std::ofstream(name) << content;
    key_contents_.insert(content);
    auto out = replies::oauth_error(401, "unauthorized");
    out.headers.emplace_back("WWW-Authenticate", "Basic realm=" + name);
    return out;
}

/// What is wrong with a request to a host's token service, but for its secret.
std::string happy_identity::judge_host_request(http_request const& request) const
{
    auto const& query = request.target.query();
    bool const app_service = request.target.path() == app_service_path;
    std::string_view version = "2018-02-01";
    if (request.target.host() == arc)
        version = "2020-06-01";
    else if (app_service)
        version = "2019-08-01";
    if (request.method != http_method::get || !header(request, "X-Forwarded-For").empty())
        return "no direct GET";
    if (!app_service && header(request, "Metadata") != "true")
        return "without Metadata: true";
    if (field(query, "api-version") != version)
        return "another api-version";
    if (field(query, "resource") != "https://kusto.kusto.windows.net")
        return "another resource";
    for (std::string const name :
         {"client_id", "object_id", "principal_id", "msi_res_id", "mi_res_id", "clientid"})
    {
        if (field(query, name) != (name == selector_ ? client_id : ""))
            return "another selection of the identity";
    }
    return {};
}

http_response happy_identity::issue_to_host(http_request const& request)
{
    auto const wrong = judge_host_request(request);
    if (!wrong.empty())
        return refuse(wrong, request);
    constexpr std::string_view basic = "Basic ";
    auto const authorization = std::string(header(request, "Authorization"));
    bool const app_service = request.target.path() == app_service_path;
    if (app_service && header(request, "X-IDENTITY-HEADER") != identity_header)
        return refuse("without the secret of App Service", request);
    if (request.target.host() == arc && !key_contents_.contains(authorization.substr(basic.size())))
        return refuse("without the content of a key file", request);
    if (request.target.host() == imds && !has_imds_)
        return replies::oauth_error(403, "forbidden", "the address is unreachable");
    auto const end =
        std::chrono::duration_cast<std::chrono::seconds>((time_.utc_now() + 1h).time_since_epoch());
    std::string more;
    if (!app_service)
        more = R"("expires_in":"3600","refresh_token":"",)";
    return replies::json("{" + more + R"("expires_on":")" + std::to_string(end.count()) +
                         R"(","token_type":"Bearer","client_id":")" + client_id +
                         R"(","access_token":")" + new_token() + "\"}");
}

bool happy_identity::is_told_in(std::string_view text) const
{
    return text.find(canary) != text.npos ||
           std::any_of(seen_assertions_.begin(), seen_assertions_.end(),
                       [text](std::string const& one)
                       { return !one.empty() && text.find(one) != text.npos; });
}

} // namespace kusto::test

#include <emulator/server/login_service.hpp>

#include <algorithm>
#include <boost/json.hpp>

namespace kusto::emulator
{

namespace json = boost::json;

namespace
{

constexpr std::string_view token_path = "/oauth2/v2.0/token";
constexpr std::string_view device_path = "/oauth2/v2.0/devicecode";
constexpr std::string_view adfs_path = "/adfs/oauth2/token";
constexpr std::string_view openid_path = "/v2.0/.well-known/openid-configuration";
constexpr std::string_view adfs_openid_path = "/adfs/.well-known/openid-configuration";
constexpr std::string_view scope_end = "/.default";
constexpr std::string_view device_grant = "urn:ietf:params:oauth:grant-type:device_code";
/// Its name in Microsoft's library for Node.js.
constexpr std::string_view short_device_grant = "device_code";
/// The application that Kusto's clients use for people.
constexpr std::string_view public_client = "db662dc1-0cfe-4e1c-a843-19a68e65be58";
/// Of a token request; those with a chain of certificates take some ten thousand bytes.
constexpr std::size_t longest_form = std::size_t(256) * 1024;
constexpr char const* person = "55555555-5555-5555-5555-555555555555";
constexpr char const* application_object = "66666666-6666-6666-6666-666666666666";

bool ends_with(std::string_view text, std::string_view end)
{
    return text.size() > end.size() && text.substr(text.size() - end.size()) == end;
}

login_refusal missing(std::string const& name)
{
    return bad_login(900144,
                     "The request body must contain the following parameter: '" + name + "'.");
}

login_refusal bad_scope(std::string const& scope)
{
    return login_refusal(400, "invalid_scope", 70011,
                         "The provided request must include a 'scope' input parameter. The "
                         "provided value for the input parameter 'scope' is not valid. Scope " +
                             scope);
}

/// \throws login_refusal
void check_head(request const& http)
{
    if (http.method != "POST")
        throw bad_login(900561, "The endpoint only accepts POST requests. Received a " +
                                    http.method + " request.");
    auto const given = http.headers.get("Content-Type");
    auto const kind = given.substr(0, given.find_first_of("; \t"));
    if (!equal_no_case(kind, "application/x-www-form-urlencoded"))
        throw missing("grant_type");
    if (!http.headers.has("Content-Length"))
        throw malformed_request(411, "there is no Content-Length");
    if (http.body.size() > longest_form)
        throw malformed_request(413, "the body is too long");
    if (http.headers.has("Authorization") || http.headers.has("Proxy-Authorization"))
        throw malformed_request(400, "there is a header with credentials");
}

/// \throws login_refusal
exact_parameters form_of(request const& http, std::initializer_list<char const*> required)
{
    check_head(http);
    try
    {
        exact_parameters form(http.body);
        for (char const* name : required)
        {
            if (form.get(name).empty())
                throw missing(name);
        }
        return form;
    }
    catch (malformed_parameters const& why)
    {
        throw malformed_request(400, why.what());
    }
}

/// Of version 1, and of AD FS. \throws login_refusal
void refuse_resource(exact_parameters const& form)
{
    if (form.has("resource"))
        throw bad_login(901002, "The 'resource' request parameter is not supported.");
}

/// An object, or null. \throws login_refusal
json::value claims_of(exact_parameters const& form)
{
    auto const text = form.get("claims");
    if (text.empty())
        return nullptr;
    json::error_code error;
    auto claims = json::parse(text, error);
    if (error || !claims.is_object())
        throw malformed_request(400, "'claims' is not a JSON object");
    return claims;
}

bool has_scope(std::string const& all, std::string const& one)
{
    return (" " + all + " ").find(" " + one + " ") != std::string::npos;
}

bool is_alias(std::string const& tenant)
{
    return tenant == "common" || tenant == "organizations" || tenant == "consumers";
}

} // namespace

login_service::login_service(login_settings settings, token_registry& tokens,
                             std::function<system_time()> now)
    : settings_(std::move(settings)),
      tokens_(tokens),
      now_([offset = settings_.with.clock_offset(), now = std::move(now)]
           { return now() + offset; }),
      clients_(settings_.client_id, settings_.client_secret, settings_.with, now_),
      devices_(settings_.with, now_)
{
}

response login_service::handle(request const& http)
{
    response answer;
    try
    {
        answer = route(http);
    }
    catch (login_refusal const& refusal)
    {
        answer = login_error(refusal, http, now_());
    }
    auto const* const id = http.headers.find("client-request-id");
    bool const wanted = equal_no_case(http.headers.get("return-client-request-id"), "true");
    if (id != nullptr && wanted)
        answer.headers.set("client-request-id", *id);
    answer.headers.set("x-ms-request-id", random_guid());
    answer.headers.set("Date", http_date(now_()));
    return answer;
}

response login_service::route(request const& http)
{
    auto const path = std::string_view(http.path);
    auto const tenant_of = [&](std::string_view suffix)
    { return percent_decode(path.substr(1, path.size() - suffix.size() - 1)); };
    if (path == adfs_path)
        return adfs_token(http);
    if (ends_with(path, token_path))
        return token(http, tenant_of(token_path));
    if (ends_with(path, device_path))
        return device_code(http, tenant_of(device_path));
    if (path == adfs_openid_path && http.method == "GET")
        return adfs_configuration();
    if (ends_with(path, openid_path) && http.method == "GET")
        return openid_configuration(tenant_of(openid_path));
    if (path == "/common/discovery/instance" && http.method == "GET")
        return instance_discovery(http);
    response answer;
    answer.status = 404;
    answer.headers.add("Content-Type", "text/plain");
    answer.body = "Not found";
    return answer;
}

bool login_service::decide_device_code(std::string const& user_code, bool approved)
{
    return devices_.decide(user_code, approved);
}

std::vector<std::string> login_service::requested_claims() const
{
    std::lock_guard const lock(mutex_);
    return requested_claims_;
}

void login_service::check_tenant(std::string const& tenant, bool people) const
{
    if (is_alias(tenant) && people)
        return;
    if (is_alias(tenant))
        throw bad_login(9001023,
                        "The grant type is not supported over the /common or /consumers "
                        "endpoints. Please use the /organizations or tenant-specific endpoint.");
    if (!equal_no_case(tenant, settings_.tenant))
        throw bad_login(90002, "Tenant '" + tenant +
                                   "' not found. Check to make sure you have the "
                                   "correct tenant ID.");
}

void login_service::check_client(std::string const& client_id, std::string const& tenant,
                                 bool people) const
{
    bool const known = equal_no_case(client_id, settings_.client_id) ||
                       (people && equal_no_case(client_id, public_client));
    if (!known)
        throw login_refusal(400, "unauthorized_client", 700016,
                            "Application with identifier '" + client_id +
                                "' was not found in the directory '" + tenant + "'.");
}

void login_service::check_resource(std::string const& resource) const
{
    auto const& known = settings_.resources;
    if (std::find(known.begin(), known.end(), resource) == known.end())
        throw login_refusal(400, "invalid_resource", 500011,
                            "The resource principal named " + resource +
                                " was not found in the tenant.");
}

std::string login_service::resource_of(std::string const& scope) const
{
    std::string resource;
    for (std::string_view rest = scope; !rest.empty();)
    {
        auto const end = rest.find(' ');
        auto const one = rest.substr(0, end);
        rest = end == std::string_view::npos ? std::string_view() : rest.substr(end + 1);
        // They are people's; Microsoft's library for Go asks for them in the name of applications
        // as well, and gets nothing for them.
        if (one == "offline_access" || one == "openid" || one == "profile")
            continue;
        if (!ends_with(one, scope_end) || !resource.empty())
            throw bad_scope(scope);
        resource = one.substr(0, one.size() - scope_end.size());
    }
    if (resource.empty())
        throw bad_scope(scope);
    check_resource(resource);
    return resource;
}

json::object login_service::grant(exact_parameters const& form, std::string const& resource,
                                  bool people, json::value claims)
{
    if (!claims.is_null())
    {
        std::lock_guard const lock(mutex_);
        requested_claims_.push_back(form.get("claims"));
    }
    token_subject subject;
    subject.audience = resource;
    subject.issuer = "https://sts.windows.net/" + settings_.tenant + "/";
    subject.tenant = settings_.tenant;
    subject.client_id = form.get("client_id");
    subject.object_id = people ? person : application_object;
    subject.user = people;
    subject.claims = std::move(claims);
    json::object body;
    body["token_type"] = "Bearer";
    body["expires_in"] = tokens_.lifetime().count();
    body["ext_expires_in"] = tokens_.lifetime().count();
    if (auto const refresh = settings_.with.refresh_in(); refresh.count() > 0)
        body["refresh_in"] = refresh.count();
    body["access_token"] = tokens_.issue(subject);
    return body;
}

response login_service::token(request const& http, std::string const& tenant)
{
    auto const form = form_of(http, {"grant_type", "client_id"});
    refuse_resource(form);
    auto const kind = form.get("grant_type");
    bool const device = kind == device_grant || kind == short_device_grant;
    bool const people = device || kind == "refresh_token";
    if (!people && kind != "client_credentials")
        throw login_refusal(400, "unsupported_grant_type", 70003,
                            "The app requested an unsupported grant type '" + kind + "'.");
    // A device code knows what it was asked for.
    auto scope = form.get("scope");
    if (scope.empty() && !device)
        throw missing("scope");
    auto const client_id = form.get("client_id");
    check_tenant(tenant, people);
    check_client(client_id, tenant, people);
    auto const url = settings_.authority_url + http.path;
    if (!people)
        clients_.check(form, url, false);
    if (!scope.empty())
        static_cast<void>(resource_of(scope));
    // Before a device code or a refresh token is used up.
    auto claims = claims_of(form);
    bool lasting = kind == "refresh_token";
    if (lasting)
        devices_.redeem_refresh_token(client_id, form.get("refresh_token"));
    else if (people)
    {
        auto const asked = devices_.redeem_code(client_id, form.get("device_code"));
        scope = scope.empty() ? asked : scope;
        lasting = has_scope(asked, "offline_access");
    }
    auto const resource = resource_of(scope);
    auto body = grant(form, resource, people, std::move(claims));
    if (lasting)
        body["refresh_token"] = devices_.new_refresh_token(client_id);
    return login_json(200, body);
}

response login_service::adfs_token(request const& http)
{
    auto const form = form_of(http, {"grant_type", "client_id", "resource"});
    if (form.get("grant_type") != "client_credentials")
        throw login_refusal(400, "unsupported_grant_type", 70003, "Unsupported grant type.");
    check_client(form.get("client_id"), "adfs", false);
    clients_.check(form, settings_.authority_url + std::string(adfs_path), true);
    check_resource(form.get("resource"));
    auto const granted = grant(form, form.get("resource"), false, claims_of(form));
    json::object body;
    body["access_token"] = granted.at("access_token");
    body["token_type"] = "bearer";
    body["expires_in"] = std::to_string(tokens_.lifetime().count());
    body["resource"] = form.get("resource");
    return login_json(200, body);
}

response login_service::device_code(request const& http, std::string const& tenant)
{
    auto const form = form_of(http, {"client_id", "scope"});
    refuse_resource(form);
    check_tenant(tenant, true);
    check_client(form.get("client_id"), tenant, true);
    auto const scope = form.get("scope");
    static_cast<void>(resource_of(scope));
    return login_json(200, devices_.begin(form.get("client_id"), scope));
}

response login_service::openid_configuration(std::string const& tenant) const
{
    check_tenant(tenant, true);
    auto const base = settings_.authority_url + "/" + tenant;
    json::object body;
    body["token_endpoint"] = base + std::string(token_path);
    body["authorization_endpoint"] = base + "/oauth2/v2.0/authorize";
    body["device_authorization_endpoint"] = base + "/oauth2/v2.0/devicecode";
    body["issuer"] = base + "/v2.0";
    body["jwks_uri"] = base + "/discovery/v2.0/keys";
    return login_json(200, body);
}

response login_service::adfs_configuration() const
{
    auto const base = settings_.authority_url + "/adfs";
    json::object body;
    body["token_endpoint"] = settings_.authority_url + std::string(adfs_path);
    body["authorization_endpoint"] = base + "/oauth2/authorize/";
    body["issuer"] = base;
    body["jwks_uri"] = base + "/discovery/keys";
    return login_json(200, body);
}

response login_service::instance_discovery(request const& http) const
{
    auto const endpoint = query_parameters(http.query).get("authorization_endpoint");
    if (endpoint.rfind(settings_.authority_url + "/", 0) != 0)
        throw login_refusal(400, "invalid_instance", 50049, "Unknown or invalid instance.");
    auto const start = settings_.authority_url.size() + 1;
    auto const tenant = endpoint.substr(start, endpoint.find('/', start) - start);
    auto const host = settings_.authority_url.substr(settings_.authority_url.find("://") + 3);
    json::array aliases;
    aliases.push_back(json::value(host));
    json::object entry;
    entry["preferred_network"] = host;
    entry["preferred_cache"] = host;
    entry["aliases"] = std::move(aliases);
    json::array entries;
    entries.push_back(std::move(entry));
    json::object body;
    body["tenant_discovery_endpoint"] =
        settings_.authority_url + "/" + tenant + std::string(openid_path);
    body["api-version"] = "1.1";
    body["metadata"] = std::move(entries);
    return login_json(200, body);
}

} // namespace kusto::emulator

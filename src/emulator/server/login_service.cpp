#include <emulator/server/login_service.hpp>

#include <boost/json.hpp>

namespace kusto::emulator
{

namespace json = boost::json;

namespace
{

constexpr std::string_view token_path = "/oauth2/v2.0/token";
constexpr std::string_view openid_path = "/v2.0/.well-known/openid-configuration";

response json_answer(int status, json::object const& body)
{
    response answer;
    answer.status = status;
    answer.headers.add("Content-Type", "application/json; charset=utf-8");
    answer.headers.add("Cache-Control", "no-store, no-cache");
    answer.headers.add("Pragma", "no-cache");
    answer.body = json::serialize(body);
    return answer;
}

bool ends_with(std::string_view text, std::string_view end)
{
    return text.size() > end.size() && text.substr(text.size() - end.size()) == end;
}

} // namespace

response login_error(int status, std::string const& error, int code, std::string const& text)
{
    auto const trace = random_guid();
    auto const correlation = random_guid();
    auto time = iso_time(std::chrono::system_clock::now());
    time[10] = ' ';
    json::array codes;
    codes.push_back(code);
    json::object body;
    body["error"] = error;
    body["error_description"] = "AADSTS" + std::to_string(code) + ": " + text +
                                " Trace ID: " + trace + " Correlation ID: " + correlation +
                                " Timestamp: " + time;
    body["error_codes"] = std::move(codes);
    body["timestamp"] = time;
    body["trace_id"] = trace;
    body["correlation_id"] = correlation;
    body["error_uri"] = "https://login.microsoftonline.com/error?code=" + std::to_string(code);
    return json_answer(status, body);
}

login_service::login_service(login_settings settings, token_registry& tokens)
    : settings_(std::move(settings)),
      tokens_(tokens)
{
}

response login_service::handle(request const& http)
{
    auto const path = std::string_view(http.path);
    auto const tenant_of = [&](std::string_view suffix)
    { return percent_decode(path.substr(1, path.size() - suffix.size() - 1)); };
    response answer;
    if (ends_with(path, token_path))
    {
        answer = token(http, tenant_of(token_path));
    }
    else if (ends_with(path, openid_path) && http.method == "GET")
    {
        answer = openid_configuration(tenant_of(openid_path));
    }
    else if (path == "/common/discovery/instance" && http.method == "GET")
    {
        answer = instance_discovery(http);
    }
    else
    {
        answer.status = 404;
        answer.headers.add("Content-Type", "text/plain");
        answer.body = "Not found";
    }
    if (auto const* id = http.headers.find("client-request-id"); id != nullptr)
        answer.headers.set("client-request-id", *id);
    answer.headers.set("x-ms-request-id", random_guid());
    return answer;
}

response login_service::token(request const& http, std::string const& tenant)
{
    if (http.method != "POST")
        return login_error(400, "invalid_request", 900561,
                           "The endpoint only accepts POST requests. Received a " + http.method +
                               " request.");
    auto const content_type = lower_case(http.headers.get("Content-Type"));
    if (content_type.rfind("application/x-www-form-urlencoded", 0) != 0)
        return login_error(400, "invalid_request", 900144,
                           "The request body must contain the following parameter: 'grant_type'.");
    query_parameters const form(http.body);
    for (char const* name : {"grant_type", "client_id", "scope"})
    {
        if (form.get(name).empty())
            return login_error(400, "invalid_request", 900144,
                               "The request body must contain the following parameter: '" +
                                   std::string(name) + "'.");
    }
    if (form.get("grant_type") != "client_credentials")
        return login_error(400, "unsupported_grant_type", 70003,
                           "The app requested an unsupported grant type '" +
                               form.get("grant_type") + "'.");
    if (tenant == "common" || tenant == "organizations" || tenant == "consumers")
        return login_error(400, "invalid_request", 9001023,
                           "The grant type is not supported over the /common or /consumers "
                           "endpoints. Please use the /organizations or tenant-specific endpoint.");
    if (!equal_no_case(tenant, settings_.tenant))
        return login_error(400, "invalid_request", 90002,
                           "Tenant '" + tenant +
                               "' not found. Check to make sure you have the "
                               "correct tenant ID.");
    if (!equal_no_case(form.get("client_id"), settings_.client_id))
        return login_error(400, "unauthorized_client", 700016,
                           "Application with identifier '" + form.get("client_id") +
                               "' was not found in the directory '" + tenant + "'.");
    if (form.get("client_secret").empty())
        return login_error(401, "invalid_client", 7000218,
                           "The request body must contain the following parameter: "
                           "'client_assertion' or 'client_secret'.");
    if (form.get("client_secret") != settings_.client_secret)
        return login_error(401, "invalid_client", 7000215, "Invalid client secret provided.");
    auto const scope = form.get("scope");
    constexpr std::string_view suffix = "/.default";
    if (!ends_with(scope, suffix) || scope.find(' ') != std::string::npos)
        return login_error(400, "invalid_scope", 70011,
                           "The provided request must include a 'scope' input parameter. The "
                           "provided value for the input parameter 'scope' is not valid. Scope " +
                               scope);
    auto const resource = scope.substr(0, scope.size() - suffix.size());
    bool known = false;
    for (auto const& item : settings_.resources)
        known = known || item == resource;
    if (!known)
        return login_error(400, "invalid_resource", 500011,
                           "The resource principal named " + resource +
                               " was not found in the tenant.");
    json::object body;
    body["token_type"] = "Bearer";
    body["expires_in"] = tokens_.lifetime().count();
    body["ext_expires_in"] = tokens_.lifetime().count();
    body["access_token"] = tokens_.issue();
    return json_answer(200, body);
}

response login_service::openid_configuration(std::string const& tenant) const
{
    auto const base = settings_.authority_url + "/" + tenant;
    json::object body;
    body["token_endpoint"] = base + std::string(token_path);
    body["authorization_endpoint"] = base + "/oauth2/v2.0/authorize";
    body["device_authorization_endpoint"] = base + "/oauth2/v2.0/devicecode";
    body["issuer"] = base + "/v2.0";
    body["jwks_uri"] = base + "/discovery/v2.0/keys";
    return json_answer(200, body);
}

response login_service::instance_discovery(request const& http) const
{
    auto const endpoint = query_parameters(http.query).get("authorization_endpoint");
    if (endpoint.rfind(settings_.authority_url + "/", 0) != 0)
        return login_error(400, "invalid_instance", 50049, "Unknown or invalid instance.");
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
    return json_answer(200, body);
}

} // namespace kusto::emulator

#include <emulator/server/managed_identity_service.hpp>

#include <algorithm>
#include <boost/json.hpp>
#include <cstdio>
#include <ctime>
#include <emulator/server/encoding.hpp>
#include <emulator/server/identity_answer.hpp>
#include <fstream>
#include <sys/stat.h>

namespace kusto::emulator
{

namespace json = boost::json;

namespace
{

/// Who asks and does not come back leaves a file; the oldest of too many are void.
constexpr std::size_t most_arc_keys = 64;

/// A kept token is given out until this part of its lifetime is left.
constexpr int renewed_at = 12;

/// What Microsoft's libraries name a token by that was revoked.
constexpr char const* rejected_name = "token_sha256_to_refresh";

std::string unix_time(system_time when)
{
    return std::to_string(std::chrono::system_clock::to_time_t(when));
}

/// `1/5/2030 10:11:12 PM +00:00`.
std::string date_text(system_time when)
{
    auto const time = std::chrono::system_clock::to_time_t(when);
    std::tm parts{};
    gmtime_r(&time, &parts);
    int const hour = parts.tm_hour % 12 == 0 ? 12 : parts.tm_hour % 12;
    char text[64];
    std::snprintf(text, sizeof text, "%d/%d/%d %d:%02d:%02d %s +00:00", parts.tm_mon + 1,
                  parts.tm_mday, parts.tm_year + 1900, hour, parts.tm_min, parts.tm_sec,
                  parts.tm_hour < 12 ? "AM" : "PM");
    return text;
}

} // namespace

managed_identity_service::managed_identity_service(managed_identity_options options,
                                                   std::string tenant,
                                                   std::vector<std::string> resources,
                                                   token_registry& tokens,
                                                   std::function<system_time()> now)
    : options_(std::move(options)),
      tenant_(std::move(tenant)),
      resources_(std::move(resources)),
      tokens_(tokens),
      now_(std::move(now)),
      header_secret_(random_guid())
{
}

managed_identity_service::~managed_identity_service()
{
    for (auto const& key : arc_keys_)
        std::remove(key.second.c_str());
}

std::vector<std::pair<std::string, std::string>>
managed_identity_service::environment(identity_host host) const
{
    auto const at = [&](std::string_view path) { return where_.plain_url + std::string(path); };
    std::vector<std::pair<std::string, std::string>> out;
    switch (host)
    {
    case identity_host::virtual_machine:
        out = {{"AZURE_POD_IDENTITY_AUTHORITY_HOST", where_.plain_url}};
        break;
    case identity_host::app_service:
        out = {{"IDENTITY_ENDPOINT", at(app_service_path)}, {"IDENTITY_HEADER", header_secret_}};
        break;
    case identity_host::machine_learning:
        out = {{"MSI_ENDPOINT", at(learning_path)}, {"MSI_SECRET", header_secret_}};
        if (!options_.system_assigned() && !options_.user_assigned().empty())
            out.emplace_back("DEFAULT_IDENTITY_CLIENT_ID",
                             options_.user_assigned().front().client_id());
        break;
    case identity_host::cloud_shell:
        out = {{"MSI_ENDPOINT", at(shell_path)}};
        break;
    case identity_host::azure_arc:
        out = {{"IDENTITY_ENDPOINT", at(arc_path)}, {"IMDS_ENDPOINT", where_.plain_url}};
        break;
    case identity_host::service_fabric:
        out = {{"IDENTITY_ENDPOINT", where_.fabric_url + std::string(machine_path)},
               {"IDENTITY_HEADER", header_secret_},
               {"IDENTITY_SERVER_THUMBPRINT", where_.thumbprint}};
        break;
    }
    return out;
}

response managed_identity_service::handle(request const& http)
{
    return refusable(http, &managed_identity_service::plain_host);
}

response managed_identity_service::handle_service_fabric(request const& http)
{
    return refusable(http, &managed_identity_service::service_fabric);
}

response
managed_identity_service::refusable(request const& http,
                                    response (managed_identity_service::*serve)(request const&))
{
    try
    {
        return (this->*serve)(http);
    }
    catch (malformed_parameters const& why)
    {
        return identity_error(identity_refusal(400, "", why.what()), error_form_of(http));
    }
    catch (identity_refusal const& refusal)
    {
        return identity_error(refusal, error_form_of(http));
    }
}

response managed_identity_service::plain_host(request const& http)
{
    // Microsoft's library for Node.js puts a slash behind the URLs that the environment gives.
    if (http.path == machine_path || http.path == std::string(machine_path) + "/")
        return virtual_machine(http);
    if (http.path == app_service_path)
        return app_service(http);
    if (http.path == learning_path)
        return machine_learning(http);
    if (http.path == shell_path)
        return cloud_shell(http);
    if (http.path == arc_path)
        return azure_arc(http);
    throw identity_refusal(404, "not_found", "There is nothing at " + http.path);
}

response managed_identity_service::service_fabric(request const& http)
{
    if (http.path != machine_path || http.method != "GET")
        throw identity_refusal(404, "NotFound", "There is nothing at " + http.path);
    if (!http.headers.has("Secret"))
        throw identity_refusal(400, "SecretHeaderNotFound",
                               "Secret is not found in the request headers.");
    if (http.headers.get("Secret") != header_secret_)
        throw identity_refusal(404, "ManagedIdentityNotFound",
                               "No managed identity belongs to the secret.");
    exact_parameters const query(http.query, parameter_place::query);
    require_version(query, {"2019-07-01-preview"}, "InvalidApiVersion");
    auto const resource = resource_of(query, "ArgumentNullOrEmpty");
    auto const& identity = select(query, {{"xms_cc", nullptr}, {rejected_name, nullptr}}, false);
    auto const issued = issue(identity, resource, query.get(rejected_name));
    json::object body;
    body["token_type"] = "Bearer";
    body["access_token"] = issued.token;
    body["expires_on"] = std::stoll(unix_time(issued.expiry));
    body["resource"] = resource;
    return identity_json(200, body);
}

response managed_identity_service::virtual_machine(request const& http)
{
    if (http.headers.has("X-Forwarded-For"))
        throw identity_refusal(400, "invalid_request", "Requests must not be forwarded");
    require_metadata_header(http);
    require_method(http, "GET");
    exact_parameters const query(http.query, parameter_place::query);
    require_version(query, {"2018-02-01", "2019-08-15", "2019-11-01", "2020-06-01", "2021-02-01"},
                    "invalid_request");
    auto const resource = resource_of(query);
    auto const& identity = select(query,
                                  {{"client_id", &managed_identity::client_id},
                                   {"object_id", &managed_identity::object_id},
                                   {"msi_res_id", &managed_identity::resource_id}},
                                  true);
    return identity_json(200, grant(identity, resource));
}

response managed_identity_service::app_service(request const& http)
{
    require_method(http, "GET");
    require_secret(http, "X-IDENTITY-HEADER", header_secret_);
    exact_parameters const query(http.query, parameter_place::query);
    require_version(query, {"2019-08-01"}, "BadRequest");
    auto const resource = resource_of(query);
    auto const& identity = select(query,
                                  {{"client_id", &managed_identity::client_id},
                                   {"principal_id", &managed_identity::object_id},
                                   {"object_id", &managed_identity::object_id},
                                   {"mi_res_id", &managed_identity::resource_id},
                                   {"xms_cc", nullptr},
                                   {rejected_name, nullptr}},
                                  false);
    auto body = grant(identity, resource, query.get(rejected_name));
    for (char const* name : {"expires_in", "ext_expires_in", "not_before"})
        body.erase(name);
    return identity_json(200, body);
}

response managed_identity_service::machine_learning(request const& http)
{
    require_method(http, "GET");
    require_secret(http, "secret", header_secret_);
    exact_parameters const query(http.query, parameter_place::query);
    require_version(query, {"2017-09-01"}, "BadRequest");
    auto const resource = resource_of(query);
    auto const& identity = select(query, {{"clientid", &managed_identity::client_id}}, false);
    auto const issued = issue(identity, resource);
    json::object body;
    body["access_token"] = issued.token;
    body["expires_on"] = date_text(issued.expiry);
    body["resource"] = resource;
    body["token_type"] = "Bearer";
    return identity_json(200, body);
}

response managed_identity_service::cloud_shell(request const& http)
{
    require_method(http, "POST");
    require_metadata_header(http);
    require_form(http);
    exact_parameters const form(http.body);
    auto const resource = resource_of(form);
    if (form.has("api-version"))
        throw identity_refusal(400, "BadRequest", "This host has no 'api-version'");
    auto body = grant(select(form, {}, false), resource);
    for (char const* name : {"client_id", "ext_expires_in"})
        body.erase(name);
    body["refresh_token"] = "";
    return identity_json(200, body);
}

response managed_identity_service::azure_arc(request const& http)
{
    require_method(http, "GET");
    require_metadata_header(http);
    exact_parameters const query(http.query, parameter_place::query);
    require_version(query, {"2019-11-01", "2020-06-01"}, "invalid_request");
    auto const resource = resource_of(query);
    if (!redeem_arc_key(http.headers.get("Authorization")))
        return arc_challenge();
    if (options_.old_arc_agent())
    {
        auto body = grant(default_identity(false), resource);
        body.erase("client_id");
        return identity_json(200, body);
    }
    auto const& identity = select(query,
                                  {{"client_id", &managed_identity::client_id},
                                   {"object_id", &managed_identity::object_id},
                                   {"msi_res_id", &managed_identity::resource_id}},
                                  false);
    auto body = grant(identity, resource);
    if (query.has("object_id"))
        body["object_id"] = identity.object_id();
    if (query.has("msi_res_id"))
        body["msi_res_id"] = identity.resource_id();
    return identity_json(200, body);
}

response managed_identity_service::arc_challenge()
{
    auto const path = options_.arc_directory() + "/" + random_guid() + ".key";
    auto const content = base64_encode(random_bytes(48));
    std::ofstream file;
    if (!options_.arc_directory().empty())
        file.open(path, std::ios::binary);
    chmod(path.c_str(), S_IRUSR | S_IWUSR);
    file << content;
    file.close();
    if (!file)
        throw identity_refusal(500, "server_error", "The key file cannot be written");
    {
        std::lock_guard const lock(mutex_);
        arc_keys_.emplace_back(content, path);
        if (arc_keys_.size() > most_arc_keys)
        {
            std::remove(arc_keys_.front().second.c_str());
            arc_keys_.pop_front();
        }
    }
    auto answer = identity_error(identity_refusal(401, "unauthorized", "A key is required"),
                                 identity_error_form::oauth);
    answer.headers.add("WWW-Authenticate", "Basic realm=" + path);
    return answer;
}

/// Each key opens once.
bool managed_identity_service::redeem_arc_key(std::string_view authorization)
{
    constexpr std::string_view scheme = "Basic ";
    if (authorization.substr(0, scheme.size()) != scheme)
        return false;
    auto const content = authorization.substr(scheme.size());
    std::lock_guard const lock(mutex_);
    auto const found = std::find_if(arc_keys_.begin(), arc_keys_.end(),
                                    [&](auto const& key) { return key.first == content; });
    if (found == arc_keys_.end())
        return false;
    std::remove(found->second.c_str());
    arc_keys_.erase(found);
    return true;
}

std::string managed_identity_service::resource_of(exact_parameters const& query,
                                                  char const* code) const
{
    auto resource = query.get("resource");
    if (resource.empty())
        throw identity_refusal(400, code, "'resource' is missing");
    if (std::find(resources_.begin(), resources_.end(), resource) == resources_.end())
        throw identity_refusal(400, "invalid_resource",
                               "AADSTS500011: The resource principal named " + resource +
                                   " was not found in the tenant.");
    return resource;
}

managed_identity const& managed_identity_service::select(exact_parameters const& query,
                                                         std::initializer_list<selector> known,
                                                         bool only_user) const
{
    selector const* chosen = nullptr;
    for (auto const& [name, value] : query.all())
    {
        if (name == "api-version" || name == "resource")
            continue;
        auto const* const found =
            std::find_if(known.begin(), known.end(),
                         [&, &name = name](selector const& each) { return name == each.name; });
        if (found == known.end())
            throw identity_refusal(400, "", "This host does not know '" + name + "'");
        if (found->id == nullptr)
            continue;
        if (chosen != nullptr)
            throw identity_refusal(400, "", "More than one identity is selected");
        chosen = found;
    }
    if (chosen == nullptr)
        return default_identity(only_user);
    auto const wanted = query.get(chosen->name);
    auto const same = [&](managed_identity const& each)
    { return equal_no_case((each.*chosen->id)(), wanted); };
    auto const& users = options_.user_assigned();
    auto const user = std::find_if(users.begin(), users.end(), same);
    if (user != users.end())
        return *user;
    if (options_.system_assigned() && same(*options_.system_assigned()))
        return *options_.system_assigned();
    throw identity_refusal(400, "", "Identity not found");
}

managed_identity const& managed_identity_service::default_identity(bool only_user) const
{
    if (options_.system_assigned())
        return *options_.system_assigned();
    auto const& users = options_.user_assigned();
    if (only_user && users.size() == 1)
        return users.front();
    throw identity_refusal(400, "",
                           only_user && !users.empty()
                               ? "Multiple user assigned identities exist, please specify the "
                                 "clientId / resourceId of the identity in the token request"
                               : "Identity not found");
}

managed_identity_service::issued_token managed_identity_service::issue(managed_identity const& to,
                                                                       std::string const& resource,
                                                                       std::string const& rejected)
{
    auto const now = now_();
    auto const lifetime = tokens_.lifetime();
    std::lock_guard const lock(mutex_);
    auto& kept = kept_[{to.client_id(), resource}];
    if (options_.kept_tokens() &&
        kept.expiry - now > std::chrono::milliseconds(lifetime) / renewed_at &&
        !equal_no_case(hexadecimal(sha256(kept.token)), rejected))
    {
        kept.left = std::chrono::floor<std::chrono::seconds>(kept.expiry - now);
        return kept;
    }
    token_subject subject;
    subject.audience = resource;
    subject.issuer = "https://sts.windows.net/" + tenant_ + "/";
    subject.tenant = tenant_;
    subject.client_id = to.client_id();
    subject.object_id = to.object_id();
    kept = {tokens_.issue(subject), now + lifetime, lifetime};
    return kept;
}

json::object managed_identity_service::grant(managed_identity const& to,
                                             std::string const& resource,
                                             std::string const& rejected)
{
    auto const issued = issue(to, resource, rejected);
    auto const lifetime = std::to_string(issued.left.count());
    json::object body;
    body["access_token"] = issued.token;
    body["client_id"] = to.client_id();
    body["expires_in"] = lifetime;
    body["expires_on"] = unix_time(issued.expiry);
    body["ext_expires_in"] = lifetime;
    body["not_before"] = unix_time(now_());
    body["resource"] = resource;
    body["token_type"] = "Bearer";
    return body;
}

} // namespace kusto::emulator

#include <wire/managed_identity.hpp>

#include <algorithm>
#include <base/ascii.hpp>
#include <base/guid.hpp>
#include <base/percent.hpp>
#include <base/secret.hpp>
#include <wire/form.hpp>
#include <wire/identity_dialect.hpp>

namespace kusto::wire
{

namespace
{

using id_kind = identity_id::kind;

constexpr std::string_view token_path = "/metadata/identity/oauth2/token";

std::string_view name_of(id_kind kind) noexcept
{
    switch (kind)
    {
    case id_kind::client:
        return "client id";
    case id_kind::object:
        return "object id";
    case id_kind::resource:
        return "resource id";
    case id_kind::system:
        break;
    }
    return "nothing";
}

failure misconfigured(std::string why)
{
    return failure(errc::invalid_option, stage::token, std::move(why));
}

/// 169.254.0.0/16 and fe80::/10.
bool is_link_local(base::url const& where) noexcept
{
    auto const& host = where.host();
    if (!where.is_ip_literal())
        return false;
    bool const v6 = host.size() > 4 && host[4] == ':' && host.starts_with("fe") &&
                    (host[2] == '8' || host[2] == '9' || host[2] == 'a' || host[2] == 'b');
    return v6 || host.starts_with("169.254.");
}

result<base::url> parse_variable(std::string_view name, std::string_view value)
{
    std::string const what = "the environment variable " + std::string(name);
    auto const parsed = base::url::parse(value);
    if (!parsed)
        return misconfigured(what + " holds no usable URL: " + parsed.error().message());
    if (!parsed->is_https() && !parsed->is_loopback() && !is_link_local(*parsed))
        return misconfigured(what + " must begin with https://, since plain http is allowed for "
                                    "loopback and link-local addresses only");
    return *parsed;
}

/// Lower case, without the colons and blanks that tools put between the bytes.
result<std::string> parse_thumbprint(std::string_view text)
{
    constexpr std::size_t digits = 40;
    std::string clean;
    for (char const c : text)
    {
        if (c != ':' && !base::is_blank(c))
            clean += base::to_lower(c);
    }
    bool const is_hexadecimal =
        std::all_of(clean.begin(), clean.end(),
                    [](char c) { return base::is_digit(c) || (c >= 'a' && c <= 'f'); });
    if (clean.size() != digits || !is_hexadecimal)
        return misconfigured("the environment variable IDENTITY_SERVER_THUMBPRINT must be the "
                             "SHA-1 of Service Fabric's certificate, 40 hexadecimal digits");
    return clean;
}

/// The agent listens on IPv4 only, and `localhost` may mean `::1` first.
base::url without_localhost(base::url const& from)
{
    if (from.is_https() || from.host() != "localhost")
        return from;
    auto const moved = base::url::parse("http://127.0.0.1:" + std::to_string(from.port()));
    return moved->with_target(from.path(), from.query());
}

result<base::url> arc_endpoint(identity_environment const& from)
{
    if (from.identity_endpoint.empty())
        return base::url::parse("http://127.0.0.1:40342" + std::string(token_path));
    auto const given = parse_variable("IDENTITY_ENDPOINT", from.identity_endpoint);
    if (!given)
        return given.error();
    return without_localhost(*given);
}

result<base::url> imds_endpoint(identity_environment const& from)
{
    if (from.pod_authority.empty())
        return base::url::parse("http://169.254.169.254" + std::string(token_path));
    auto const given = parse_variable("AZURE_POD_IDENTITY_AUTHORITY_HOST", from.pod_authority);
    if (!given)
        return given.error();
    return given->with_target(std::string(token_path));
}

result<base::url> endpoint_of(identity_host host, identity_environment const& from)
{
    switch (host)
    {
    case identity_host::service_fabric:
    case identity_host::app_service:
        return parse_variable("IDENTITY_ENDPOINT", from.identity_endpoint);
    case identity_host::machine_learning:
    case identity_host::cloud_shell:
        return parse_variable("MSI_ENDPOINT", from.msi_endpoint);
    case identity_host::azure_arc:
        return arc_endpoint(from);
    case identity_host::imds:
        break;
    }
    return imds_endpoint(from);
}

/// GUIDs in the one form that every host understands.
identity_id normalised(identity_id const& id)
{
    auto const guid = base::guid::parse(id.value());
    if (guid && id.what() == id_kind::client)
        return identity_id::client(guid->to_string());
    if (guid && id.what() == id_kind::object)
        return identity_id::object(guid->to_string());
    return id;
}

result<identity_id> selectable(identity_host host, identity_environment const& from,
                               identity_id const& id)
{
    auto const& speech = dialect_of(host);
    bool const has_default =
        host == identity_host::machine_learning && !from.default_client_id.empty();
    if (id.what() == id_kind::system)
        return has_default ? identity_id::client(from.default_client_id) : id;
    if (!selector_of(speech, id.what()).empty())
        return normalised(id);
    return misconfigured("a managed identity cannot be selected by " +
                         std::string(name_of(id.what())) + " on " + std::string(speech.name) +
                         "; " + std::string(speech.remedy));
}

void add_parameter(std::string& query, std::string_view name, std::string_view value)
{
    query += query.empty() ? "" : "&";
    query.append(name).append("=").append(base::percent_encode(value));
}

void add_headers(header_list& headers, identity_host host, std::string_view secret)
{
    switch (host)
    {
    case identity_host::service_fabric:
        headers.emplace_back("Secret", secret);
        headers.emplace_back("Accept", "application/json");
        return;
    case identity_host::app_service:
        headers.emplace_back("X-IDENTITY-HEADER", secret);
        return;
    case identity_host::machine_learning:
        headers.emplace_back("secret", secret);
        break;
    case identity_host::cloud_shell:
        headers.emplace_back("Content-Type", "application/x-www-form-urlencoded");
        break;
    case identity_host::azure_arc:
        if (!secret.empty())
            headers.emplace_back("Authorization", base::in_one_piece("Basic ", secret));
        break;
    case identity_host::imds:
        break;
    }
    headers.emplace_back("Metadata", "true");
}

} // namespace

identity_request::~identity_request()
{
    for (auto& [name, value] : headers)
        base::wipe(value);
}

identity_host host_of(identity_environment const& from, bool arc_agent) noexcept
{
    bool const has_endpoint = !from.identity_endpoint.empty();
    if (has_endpoint && from.has_identity_header)
        return from.identity_thumbprint.empty() ? identity_host::app_service
                                                : identity_host::service_fabric;
    if (!from.msi_endpoint.empty())
        return from.has_msi_secret ? identity_host::machine_learning : identity_host::cloud_shell;
    if ((has_endpoint && !from.imds_endpoint.empty()) || arc_agent)
        return identity_host::azure_arc;
    return identity_host::imds;
}

char const* secret_variable(identity_host host) noexcept
{
    if (host == identity_host::service_fabric || host == identity_host::app_service)
        return "IDENTITY_HEADER";
    return host == identity_host::machine_learning ? "MSI_SECRET" : nullptr;
}

result<identity_service> find_identity_service(identity_environment const& from, bool arc_agent,
                                               identity_id const& id)
{
    auto const host = host_of(from, arc_agent);
    auto const chosen = selectable(host, from, id);
    if (!chosen)
        return chosen.error();
    auto const endpoint = endpoint_of(host, from);
    if (!endpoint)
        return endpoint.error();
    identity_service service(host, *endpoint, *chosen);
    service.is_guess = host == identity_host::imds && from.pod_authority.empty();
    if (host != identity_host::service_fabric)
        return service;
    if (!endpoint->is_https())
        return misconfigured("the environment variable IDENTITY_ENDPOINT must begin with https:// "
                             "on Service Fabric");
    auto const thumbprint = parse_thumbprint(from.identity_thumbprint);
    if (!thumbprint)
        return thumbprint.error();
    service.thumbprint = *thumbprint;
    return service;
}

identity_request make_identity_request(identity_service const& service, std::string_view scope,
                                       std::string_view secret)
{
    auto const& speech = dialect_of(service.host);
    identity_request request(service.endpoint);
    add_headers(request.headers, service.host, secret);
    if (service.host == identity_host::cloud_shell)
    {
        request.is_post = true;
        add_parameter(request.body, "resource", resource_of(scope));
        return request;
    }
    auto query = service.endpoint.query();
    add_parameter(query, "api-version", speech.version);
    add_parameter(query, "resource", resource_of(scope));
    auto const selector = selector_of(speech, service.id.what());
    if (!selector.empty())
        add_parameter(query, selector, service.id.value());
    request.target = service.endpoint.with_target(service.endpoint.path(), std::move(query));
    return request;
}

identity_request make_imds_probe(identity_service const& service)
{
    return identity_request(service.endpoint.with_target(service.endpoint.path()));
}

bool fits_header(std::string_view text) noexcept
{
    return !text.empty() && base::is_visible(text);
}

} // namespace kusto::wire

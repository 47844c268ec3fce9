#include <wire/endpoints.hpp>

#include <algorithm>
#include <base/ascii.hpp>
#include <base/endpoint_url.hpp>
#include <span>
#include <wire/http.hpp>

namespace kusto::wire
{

namespace
{

/// The hosts of one cloud: suffixes begin with a dot, the others are exact.
struct cloud
{
    std::span<std::string_view const> logins;
    std::span<std::string_view const> hosts;
};

constexpr std::string_view public_hosts[]{".dxp.aad.azure.com",
                                          ".dxp-dev.aad.azure.com",
                                          ".kusto.azuresynapse.net",
                                          ".kusto.windows.net",
                                          ".kustodev.azuresynapse-dogfood.net",
                                          ".kustodev.windows.net",
                                          ".kustomfa.windows.net",
                                          ".playfabapi.com",
                                          ".playfab.com",
                                          ".azureplayfab.com",
                                          ".kusto.data.microsoft.com",
                                          ".kusto.fabric.microsoft.com",
                                          ".api.securityplatform.microsoft.com",
                                          ".securitycenter.windows.com",
                                          ".arg-int.core.windows.net",
                                          ".arg-df.core.windows.net",
                                          ".arg.core.windows.net",
                                          "ade.applicationinsights.io",
                                          "ade.loganalytics.io",
                                          "adx.aimon.applicationinsights.azure.com",
                                          "adx.applicationinsights.azure.com",
                                          "adx.int.applicationinsights.azure.com",
                                          "adx.int.loganalytics.azure.com",
                                          "adx.int.monitor.azure.com",
                                          "adx.loganalytics.azure.com",
                                          "adx.monitor.azure.com",
                                          "kusto.aria.microsoft.com",
                                          "eu.kusto.aria.microsoft.com",
                                          "api.securityplatform.microsoft.com"};

constexpr std::string_view us_government_hosts[]{
    ".kusto.usgovcloudapi.net",    ".kustomfa.usgovcloudapi.net",
    ".arg.core.usgovcloudapi.net", "adx.applicationinsights.azure.us",
    "adx.loganalytics.azure.us",   "adx.monitor.azure.us"};

constexpr std::string_view china_hosts[]{
    ".kusto.azuresynapse.azure.cn", ".kusto.chinacloudapi.cn",
    ".kustomfa.chinacloudapi.cn",   ".playfab.cn",
    ".arg.core.chinacloudapi.cn",   "adx.applicationinsights.azure.cn",
    "adx.loganalytics.azure.cn",    "adx.monitor.azure.cn"};

constexpr std::string_view eaglex_hosts[]{".kusto.core.eaglex.ic.gov",
                                          ".kustomfa.core.eaglex.ic.gov",
                                          ".arg.core.eaglex.ic.gov",
                                          "adx.applicationinsights.azure.eaglex.ic.gov",
                                          "adx.loganalytics.azure.eaglex.ic.gov",
                                          "adx.monitor.azure.eaglex.ic.gov"};

constexpr std::string_view scloud_hosts[]{".kusto.core.microsoft.scloud",
                                          ".kustomfa.core.microsoft.scloud",
                                          ".arg.core.microsoft.scloud",
                                          "adx.applicationinsights.azure.microsoft.scloud",
                                          "adx.loganalytics.azure.microsoft.scloud",
                                          "adx.monitor.azure.microsoft.scloud"};

constexpr std::string_view france_hosts[]{".kusto.sovcloud-api.fr", ".kustomfa.sovcloud-api.fr",
                                          "adx.applicationinsights.azure.fr",
                                          "adx.loganalytics.azure.fr", "adx.monitor.azure.fr"};

constexpr std::string_view germany_hosts[]{".kusto.sovcloud-api.de", ".kustomfa.sovcloud-api.de",
                                           "adx.applicationinsights.azure.de",
                                           "adx.loganalytics.azure.de", "adx.monitor.azure.de"};

constexpr std::string_view singapore_hosts[]{".kusto.sovcloud-api.sg", ".kustomfa.sovcloud-api.sg",
                                             "adx.applicationinsights.azure.sg",
                                             "adx.loganalytics.azure.sg", "adx.monitor.azure.sg"};

/// The names that a cloud's login endpoint has had; the first is the current one.
constexpr std::string_view public_logins[]{"login.microsoftonline.com", "login.microsoft.com",
                                           "login.windows.net", "sts.windows.net"};
constexpr std::string_view us_government_logins[]{
    "login.microsoftonline.us", "login-us.microsoftonline.com", "login.usgovcloudapi.net"};
constexpr std::string_view china_logins[]{"login.partner.microsoftonline.cn",
                                          "login.chinacloudapi.cn"};
constexpr std::string_view old_germany_logins[]{"login.microsoftonline.de"};
constexpr std::string_view eaglex_logins[]{"login.microsoftonline.eaglex.ic.gov"};
constexpr std::string_view scloud_logins[]{"login.microsoftonline.microsoft.scloud"};
constexpr std::string_view france_logins[]{"login.sovcloud-identity.fr"};
constexpr std::string_view germany_logins[]{"login.sovcloud-identity.de"};
constexpr std::string_view singapore_logins[]{"login.sovcloud-identity.sg"};

constexpr cloud clouds[]{
    {public_logins, public_hosts},
    {us_government_logins, us_government_hosts},
    {china_logins, china_hosts},
    {old_germany_logins, {}}, // closed; its clusters are gone, its accounts may not be
    {eaglex_logins, eaglex_hosts},
    {scloud_logins, scloud_hosts},
    {france_logins, france_hosts},
    {germany_logins, germany_hosts},
    {singapore_logins, singapore_hosts},
};

bool matches(std::string_view rule, std::string_view host) noexcept
{
    if (!rule.starts_with('.'))
        return base::equal_ignoring_case(rule, host);
    return host.size() > rule.size() &&
           base::equal_ignoring_case(host.substr(host.size() - rule.size()), rule);
}

bool has_host(cloud const& row, std::string_view host) noexcept
{
    return std::any_of(row.hosts.begin(), row.hosts.end(),
                       [host](std::string_view rule) { return matches(rule, host); });
}

bool has_login(cloud const& row, std::string_view host) noexcept
{
    return std::any_of(row.logins.begin(), row.logins.end(),
                       [host](std::string_view login)
                       { return base::equal_ignoring_case(login, host); });
}

cloud const* find_cloud(base::url const& login_endpoint) noexcept
{
    constexpr std::uint16_t usual_port = 443;
    if (!login_endpoint.is_https() || login_endpoint.port() != usual_port)
        return nullptr;
    for (auto const& row : clouds)
    {
        if (has_login(row, login_endpoint.host()))
            return &row;
    }
    return nullptr;
}

cloud const* cloud_of(std::string_view host) noexcept
{
    auto const* const found =
        std::find_if(std::begin(clouds), std::end(clouds),
                     [host](cloud const& row) { return has_host(row, host); });
    return found == std::end(clouds) ? nullptr : found;
}

cloud const* find_cloud(std::string_view login_endpoint)
{
    auto const parsed = base::parse_endpoint(login_endpoint);
    bool const plain = parsed && parsed->path() == "/";
    return plain ? find_cloud(*parsed) : nullptr;
}

failure untrusted(base::url const& endpoint, std::string_view why)
{
    failure refused(errc::untrusted_endpoint, stage::options,
                    "the host must not receive our tokens: " + std::string(why) +
                        ". If you trust it, name it with connection_options::trust_host; see "
                        "https://aka.ms/kustotrustedendpoints");
    refused.host(endpoint.authority());
    return refused;
}

/// To trust the host would not help: it is trusted, and its secrets would go to another cloud.
failure other_cloud(base::url const& endpoint, cloud const& own, std::string_view login_endpoint)
{
    auto const login = "https://" + std::string(own.logins.front());
    failure refused(errc::untrusted_endpoint, stage::metadata,
                    "the cluster " + endpoint.authority() +
                        " does not belong to the cloud of the "
                        "login endpoint " +
                        printable(login_endpoint, 128) + ", but to that of " + login +
                        ". If the cluster's URL is right, set "
                        "connection_options::authority_host or the variable AadAuthorityUri to " +
                        login);
    refused.host(endpoint.authority());
    return refused;
}

} // namespace

trust_rules::trust_rules(std::vector<std::string> additional) : additional_(std::move(additional))
{
}

bool trust_rules::is_additional(std::string_view host) const noexcept
{
    return std::any_of(additional_.begin(), additional_.end(),
                       [host](std::string const& rule) { return matches(rule, host); });
}

result<void> trust_rules::check_before_contact(base::url const& endpoint) const
{
    if (endpoint.is_loopback() || is_additional(endpoint.host()))
        return {};
    if (cloud_of(endpoint.host()) != nullptr)
        return {};
    return untrusted(endpoint, "it belongs to no known Kusto cloud");
}

result<void> trust_rules::check_login(base::url const& endpoint,
                                      std::string_view login_endpoint) const
{
    if (endpoint.is_loopback() || is_additional(endpoint.host()))
        return {};
    auto const* const own = cloud_of(endpoint.host());
    if (own == nullptr)
        return untrusted(endpoint, "it belongs to no known Kusto cloud");
    if (find_cloud(login_endpoint) == own)
        return {};
    return other_cloud(endpoint, *own, login_endpoint);
}

bool is_known_login_endpoint(base::url const& login_endpoint, base::url const& cluster)
{
    if (login_endpoint.is_loopback())
        return cluster.is_loopback();
    return find_cloud(login_endpoint) != nullptr;
}

bool is_proxy_host(std::string_view host) noexcept
{
    return std::any_of(std::begin(clouds), std::end(clouds),
                       [host](cloud const& row)
                       {
                           return std::any_of(row.hosts.begin(), row.hosts.end(),
                                              [host](std::string_view rule) {
                                                  return !rule.starts_with('.') &&
                                                         matches(rule, host);
                                              });
                       });
}

} // namespace kusto::wire

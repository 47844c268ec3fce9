#include <wire/endpoints.hpp>

#include <algorithm>
#include <array>
#include <base/ascii.hpp>
#include <span>
#include <wire/http.hpp>

namespace kusto::wire
{

namespace
{

/// The hosts of one cloud: suffixes begin with a dot, the others are exact.
struct cloud
{
    std::string_view login_endpoint;
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

constexpr std::array<cloud, 8> clouds{{
    {"https://login.microsoftonline.com", public_hosts},
    {"https://login.microsoftonline.us", us_government_hosts},
    {"https://login.partner.microsoftonline.cn", china_hosts},
    {"https://login.microsoftonline.eaglex.ic.gov", eaglex_hosts},
    {"https://login.microsoftonline.microsoft.scloud", scloud_hosts},
    {"https://login.sovcloud-identity.fr", france_hosts},
    {"https://login.sovcloud-identity.de", germany_hosts},
    {"https://login.sovcloud-identity.sg", singapore_hosts},
}};

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

std::string_view without_slash(std::string_view text) noexcept
{
    while (text.ends_with('/'))
        text.remove_suffix(1);
    return text;
}

cloud const* find_cloud(std::string_view login_endpoint) noexcept
{
    for (auto const& row : clouds)
    {
        if (base::equal_ignoring_case(row.login_endpoint, without_slash(login_endpoint)))
            return &row;
    }
    return nullptr;
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
    bool const known =
        std::any_of(clouds.begin(), clouds.end(),
                    [&](cloud const& row) { return has_host(row, endpoint.host()); });
    if (known)
        return {};
    return untrusted(endpoint, "it belongs to no known Kusto cloud");
}

result<void> trust_rules::check_login(base::url const& endpoint,
                                      std::string_view login_endpoint) const
{
    if (endpoint.is_loopback() || is_additional(endpoint.host()))
        return {};
    auto const* const row = find_cloud(login_endpoint);
    if (row != nullptr && has_host(*row, endpoint.host()))
        return {};
    return untrusted(endpoint, "it does not belong to the cloud of the login endpoint " +
                                   printable(login_endpoint, 128));
}

bool is_known_login_endpoint(base::url const& login_endpoint, base::url const& cluster)
{
    if (login_endpoint.is_loopback())
        return cluster.is_loopback();
    return login_endpoint.is_https() &&
           find_cloud("https://" + login_endpoint.authority()) != nullptr;
}

} // namespace kusto::wire

#include <wire/endpoints.hpp>

#include <base/ascii.hpp>
#include <base/endpoint_url.hpp>

namespace kusto::wire
{

namespace
{

constexpr std::string_view ingest_prefix = "ingest-";
constexpr std::string_view private_ingest_prefix = "private-ingest-";
constexpr std::string_view private_prefix = "private-";

/// Same scheme, port, path; the host is replaced.
base::url with_host(base::url const& endpoint, std::string const& host)
{
    auto text = endpoint.without_query();
    auto const at = text.find("://") + 3;
    text.replace(at, endpoint.host().size(), host);
    auto parsed = base::url::parse(text);
    return parsed ? *parsed : endpoint;
}

result<base::url> parse_option(std::string_view text, std::string_view option)
{
    auto parsed = base::parse_endpoint(text);
    if (parsed)
        return parsed;
    auto const why = parsed.error();
    failure named(why.code(), stage::options, std::string(option) + ": " + why.message());
    named.host(why.host());
    return named;
}

base::url below(base::url const& endpoint, std::string_view path)
{
    auto prefix = endpoint.path();
    while (!prefix.empty() && prefix.back() == '/')
        prefix.pop_back();
    return endpoint.with_target(prefix.append(path));
}

} // namespace

bool is_reserved_host(std::string_view host)
{
    auto const lowered = base::to_lower(host);
    constexpr std::string_view development_box = "onebox.dev.kusto.windows.net";
    if (base::is_localhost_name(lowered) || lowered == development_box || is_proxy_host(lowered))
        return true;
    bool const v6 = lowered.find(':') != std::string::npos;
    auto const parsed = base::url::parse("https://" + (v6 ? '[' + lowered + ']' : lowered));
    return parsed && parsed->is_ip_literal();
}

std::string ingestion_advice(base::url const& endpoint)
{
    auto const& host = endpoint.host();
    auto const place = endpoint.authority();
    if (is_proxy_host(host))
        return place + " answers queries only, it has no ingestion service: give the URL of a "
                       "cluster";
    if (is_reserved_host(host))
        return "the ingestion service cannot be derived from " + place +
               ": set connection_options::ingestion_url";
    return {};
}

base::url to_ingestion(base::url const& endpoint)
{
    auto const& host = endpoint.host();
    if (is_reserved_host(host) || host.starts_with(ingest_prefix) ||
        host.starts_with(private_ingest_prefix))
        return endpoint;
    return with_host(endpoint, std::string(ingest_prefix) + host);
}

base::url to_engine(base::url const& endpoint)
{
    auto const& host = endpoint.host();
    if (is_reserved_host(host))
        return endpoint;
    if (host.starts_with(ingest_prefix))
        return with_host(endpoint, host.substr(ingest_prefix.size()));
    if (host.starts_with(private_ingest_prefix))
        return with_host(endpoint,
                         std::string(private_prefix) + host.substr(private_ingest_prefix.size()));
    return endpoint;
}

result<cluster_endpoints> cluster_endpoints::parse(std::string_view cluster_url,
                                                   std::string_view ingestion_url)
{
    auto const cluster = parse_option(cluster_url, "cluster_url");
    if (!cluster)
        return cluster.error();
    if (ingestion_url.empty())
        return cluster_endpoints(to_engine(*cluster), to_ingestion(*cluster));
    auto const ingestion = parse_option(ingestion_url, "ingestion_url");
    if (!ingestion)
        return ingestion.error();
    return cluster_endpoints(*cluster, *ingestion);
}

base::url management_url(base::url const& endpoint)
{
    return below(endpoint, "/v1/rest/mgmt");
}

base::url query_url(base::url const& endpoint)
{
    return below(endpoint, "/v2/rest/query");
}

base::url metadata_url(base::url const& endpoint)
{
    return endpoint.with_target("/v1/rest/auth/metadata");
}

} // namespace kusto::wire

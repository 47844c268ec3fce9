#pragma once

#include <base/url.hpp>
#include <kusto/error.hpp>
#include <string>
#include <string_view>
#include <vector>

namespace kusto::wire
{

/// Fronts of other services that answer queries: the exact hosts of the trusted list. They have no
/// ingestion service.
[[nodiscard]] bool is_proxy_host(std::string_view host) noexcept;

/// Hosts without the `ingest-` naming rule: IP literals, localhost, the development box, proxies.
[[nodiscard]] bool is_reserved_host(std::string_view host);

/// What to do when a host that was taken for an ingestion service is none, and the name cannot tell
/// where there is one; empty for hosts with the naming rule.
[[nodiscard]] std::string ingestion_advice(base::url const& endpoint);

/// The ingestion service that belongs to an engine's URL, by the first label of the host. Unchanged
/// for reserved hosts and for URLs that are an ingestion service's already.
[[nodiscard]] base::url to_ingestion(base::url const& endpoint);

/// The engine that belongs to an ingestion service's URL.
[[nodiscard]] base::url to_engine(base::url const& endpoint);

/// Both services of one cluster.
class cluster_endpoints
{
public:
    cluster_endpoints(base::url engine, base::url ingestion)
        : engine(std::move(engine)),
          ingestion(std::move(ingestion))
    {
    }

    /// \param cluster_url  engine or ingestion service, as people write it
    /// \param ingestion_url  empty: derived from `cluster_url`. If it is given, `cluster_url` is
    ///        used for the engine as it is.
    /// Errors: `errc::invalid_url`, naming the option
    [[nodiscard]] static result<cluster_endpoints> parse(std::string_view cluster_url,
                                                         std::string_view ingestion_url = {});

    base::url engine;
    base::url ingestion;
};

/// `/v1/rest/mgmt` below the endpoint's own path.
[[nodiscard]] base::url management_url(base::url const& endpoint);
/// `/v2/rest/query` below the endpoint's own path.
[[nodiscard]] base::url query_url(base::url const& endpoint);
/// `/v1/rest/auth/metadata` at the root of the host.
[[nodiscard]] base::url metadata_url(base::url const& endpoint);

/// Which hosts may receive our tokens: the hosts of the Kusto clouds, keyed by their login
/// endpoint, plus the caller's own. Loopback hosts always may.
class trust_rules
{
public:
    trust_rules() = default;
    /// \param additional  exact hosts, or suffixes that begin with a dot
    explicit trust_rules(std::vector<std::string> additional);

    /// Before any contact: the host must belong to some cloud. Error: `errc::untrusted_endpoint`.
    [[nodiscard]] result<void> check_before_contact(base::url const& endpoint) const;

    /// With the login endpoint in hand: the host must belong to that cloud.
    /// Error: `errc::untrusted_endpoint`; of a host of some cloud, of stage metadata and with the
    /// login endpoint that fits.
    [[nodiscard]] result<void> check_login(base::url const& endpoint,
                                           std::string_view login_endpoint) const;

    [[nodiscard]] bool is_additional(std::string_view host) const noexcept;

private:
    std::vector<std::string> additional_;
};

/// Whether a login endpoint that only a cluster's metadata named may receive a secret: that of a
/// known cloud, by its current name or an older one, over https and the usual port; or loopback when
/// the cluster itself is on loopback.
[[nodiscard]] bool is_known_login_endpoint(base::url const& login_endpoint,
                                           base::url const& cluster);

} // namespace kusto::wire

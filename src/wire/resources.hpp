#pragma once

#include <base/time_text.hpp>
#include <base/url.hpp>
#include <kusto/error.hpp>
#include <kusto/table.hpp>
#include <optional>
#include <string>
#include <vector>

namespace kusto::wire
{

/// A container, queue or table of a storage account, with its signature.
class storage_resource
{
public:
    storage_resource(base::url location, std::string account,
                     std::optional<base::utc_time_point> expires_on)
        : location(std::move(location)),
          account(std::move(account)),
          expires_on(expires_on)
    {
    }

    base::url location; ///< its query is the SAS: a secret
    /// Key for ranking: the full host, or host and first path segment where hosts are shared
    /// (loopback, IP addresses).
    std::string account;
    /// The signature's end (`se`).
    std::optional<base::utc_time_point> expires_on;
};

/// What the ingestion service offers.
class ingestion_resources
{
public:
    ingestion_resources() = default;

    std::vector<storage_resource> containers;    ///< `TempStorage`
    std::vector<storage_resource> queues;        ///< `SecuredReadyForAggregationQueue`
    std::vector<storage_resource> status_tables; ///< `IngestionsStatusTable`

    /// Earliest end of any signature; nothing when no signature says.
    [[nodiscard]] std::optional<base::utc_time_point> earliest_expiry() const noexcept;
};

/// Key of a storage account for ranking; see `storage_resource::account`.
[[nodiscard]] std::string account_of(base::url const& location);

/// Reads the table of `.get ingestion resources`. Unknown types are ignored.
/// Errors: `errc::no_resources` when there is no container or no queue; `errc::malformed_reply` for
/// an address that is not https (or loopback) or has no signature.
/// \param host  of the ingestion service, for failures
[[nodiscard]] result<ingestion_resources> parse_resources(table const& rows,
                                                          std::string const& host);

/// Reads the table of `.get kusto identity token`. The value is a secret.
[[nodiscard]] result<std::string> parse_identity_token(table const& rows, std::string const& host);

} // namespace kusto::wire

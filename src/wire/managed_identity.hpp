#pragma once

#include <base/url.hpp>
#include <kusto/credential.hpp>
#include <kusto/error.hpp>
#include <string>
#include <string_view>
#include <utility>
#include <wire/http.hpp>

/// \file
/// Where the tokens of managed identities come from, and how they are asked for there. The answers
/// are read by identity_replies.hpp and, for the key files of Azure Arc, by arc_key.hpp.

namespace kusto::wire
{

/// Kinds of machines that hand out tokens, each in its own dialect.
enum class identity_host
{
    service_fabric,
    app_service,      ///< API 2019-08-01; also Functions, Container Apps, Logic Apps, Automation
    machine_learning, ///< Azure ML and App Service of API 2017-09-01, which look the same
    cloud_shell,
    azure_arc,
    imds, ///< virtual machines, and everything that is made of them
};

/// For messages: `Service Fabric`.
[[nodiscard]] std::string_view to_string(identity_host host) noexcept;

/// The environment variables that describe the host. One that is empty counts as not set.
class identity_environment
{
public:
    identity_environment() = default;

    std::string identity_endpoint;    ///< `IDENTITY_ENDPOINT`
    std::string identity_thumbprint;  ///< `IDENTITY_SERVER_THUMBPRINT`
    std::string imds_endpoint;        ///< `IMDS_ENDPOINT`
    std::string msi_endpoint;         ///< `MSI_ENDPOINT`
    std::string default_client_id;    ///< `DEFAULT_IDENTITY_CLIENT_ID`
    std::string pod_authority;        ///< `AZURE_POD_IDENTITY_AUTHORITY_HOST`
    bool has_identity_header = false; ///< `IDENTITY_HEADER`, whose value is secret and changes
    bool has_msi_secret = false;      ///< `MSI_SECRET`, likewise
};

/// The kind of host, in the order in which the kinds exclude each other.
/// \param arc_agent  whether the agent of Azure Arc is installed
[[nodiscard]] identity_host host_of(identity_environment const& from, bool arc_agent) noexcept;

/// The variable that holds the host's secret, which changes: to be read for each request. Null for
/// hosts that have none.
[[nodiscard]] char const* secret_variable(identity_host host) noexcept;

/// Whom to ask, and for which identity.
class identity_service
{
public:
    identity_service(identity_host host, base::url endpoint, identity_id id)
        : host(host),
          endpoint(std::move(endpoint)),
          id(std::move(id))
    {
    }

    identity_host host;
    base::url endpoint; ///< possibly with a query
    identity_id id;     ///< one that the host can select; GUIDs in lower case
    /// SHA-1 of the certificate that Service Fabric shows, 40 lower-case hexadecimal digits; empty
    /// for the other hosts.
    std::string thumbprint;
    /// Nothing says that this host exists: it is what is left when no variable is set.
    bool is_guess = false;
};

/// \param id  validated
/// Errors: `errc::invalid_option` that names the variable that is malformed, or the kind of host
/// that cannot select an identity in this way and what to do. Plain http is allowed for loopback
/// and link-local addresses only, and for Service Fabric not at all.
[[nodiscard]] result<identity_service> find_identity_service(identity_environment const& from,
                                                             bool arc_agent, identity_id const& id);

/// A request that the transport sends directly, without proxy and redirects.
class identity_request
{
public:
    explicit identity_request(base::url target) : target(std::move(target)) {}
    identity_request(identity_request const&) = default;
    identity_request(identity_request&&) = default;
    /// None: what it had before would not be wiped.
    identity_request& operator=(identity_request const&) = delete;
    identity_request& operator=(identity_request&&) = delete;
    /// Wipes the headers' values.
    ~identity_request();

    bool is_post = false;
    base::url target;
    header_list headers; ///< possibly secret
    std::string body;
};

/// \param scope  `https://kusto.kusto.windows.net/.default`; its resource is asked for
/// \param secret  value of `secret_variable`; for Azure Arc content of the key file, or empty in
///        the first of its two requests; see `fits_header`
[[nodiscard]] identity_request make_identity_request(identity_service const& service,
                                                     std::string_view scope,
                                                     std::string_view secret);

/// The request that shows whether IMDS is there: every IMDS refuses it at once.
[[nodiscard]] identity_request make_imds_probe(identity_service const& service);

/// Whether `text` can be sent as a header's value: not empty, printable ASCII.
[[nodiscard]] bool fits_header(std::string_view text) noexcept;

} // namespace kusto::wire

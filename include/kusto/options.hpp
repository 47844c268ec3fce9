#pragma once

#include <chrono>
#include <cstddef>
#include <kusto/credential.hpp>
#include <kusto/log.hpp>
#include <kusto/options_error.hpp>
#include <kusto/proxy.hpp>
#include <kusto/retry_options.hpp>
#include <kusto/write_options.hpp>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace kusto
{

enum class tls_version
{
    v1_2,
    v1_3,
};

namespace detail
{
struct tls_certificate_data;
} // namespace detail

/// Where the cluster is and how to talk to it. Shared by every sink and client of one cluster.
///
/// Endpoints: either the engine's URL (`https://mycluster.westeurope.kusto.windows.net`) or the
/// ingestion service's (`https://ingest-...`) is enough; the other one is derived from it by its
/// first label. Hosts without that naming rule (loopback, IP addresses) need both URLs, or else the
/// one is taken for both services: enough for queries, commands, and a server that is both; from
/// others the first delivery gets `errc::wrong_endpoint`, or what else such a server answers, and
/// the advice to set `ingestion_url`. The fronts of other services (`ade.loganalytics.io` and its
/// like) answer queries only.
///
/// \par Thread safety
/// A value type.
class connection_options
{
public:
    /// \param cluster_url  engine or ingestion URL; without a scheme, `https://` is assumed
    explicit connection_options(std::string cluster_url, credential who = credential::none());

    /// From a Kusto connection string:
    /// `Data Source=https://...;Application Client Id=...;Application Key=...;Authority Id=...`.
    /// Keywords and aliases are those of Microsoft's libraries, compared without blanks and case; a
    /// value with `;` is quoted, quotes inside are doubled; an empty value counts as not given. With
    /// `Application Client Id` and `Authority Id` go: `Application Key`; `Application Certificate
    /// Blob` (PEM text or the base64 of a PFX file), `Application Certificate PrivateKey` (PEM with
    /// certificate and key) or, ours, `Application Certificate Path`, each with `Application
    /// Certificate SendX5c` and, ours, `Application Certificate Password`. Else `Application Token`
    /// or `User Token`; ours: `Credential` (`default`, `environment`, `workload identity`,
    /// `azure cli`) or `Managed Identity` (`system`, a client id, `object:` and an object id, or
    /// `/subscriptions/...`). `AAD Federated Security=true` alone is `credential::default_chain`.
    /// `Application Name`, `Application Version`, `User Name` and `Client Version for Tracing` are
    /// the options of these names.
    /// \throws error with `errc::invalid_connection_string`, naming the keyword; never its value
    [[nodiscard]] static connection_options from_connection_string(std::string_view text);

    /// From environment variables: `KUSTO_CONNECTION_STRING`, or else `KUSTO_CLUSTER_URL` with
    /// `credential::default_chain` (a loopback URL without any variable that stands for a
    /// credential: `credential::none`). Both with `KUSTO_INGESTION_URL`, `KUSTO_CA_FILE` and
    /// `KUSTO_APPLICATION_NAME`, if they are set. See `authority_host` for the login endpoint.
    /// \throws error with `errc::invalid_option`, naming the missing variable: also when
    ///         `AZURE_CLIENT_SECRET` or `AZURE_CLIENT_CERTIFICATE_PATH` lacks its companions and no
    ///         other credential is in sight; with `errc::invalid_connection_string`
    [[nodiscard]] static connection_options from_environment();

    connection_options& who(credential value) { who_ = std::move(value); return *this; }
    /// The ingestion service, when it cannot be derived from the cluster URL.
    connection_options& ingestion_url(std::string value)
    {
        ingestion_url_ = std::move(value);
        return *this;
    }
    /// Database that queries and commands use when they name none. Default: `NetDefaultDB`.
    connection_options& default_database(std::string value)
    {
        default_database_ = std::move(value);
        return *this;
    }
    /// Overrides the login endpoint of the cluster's metadata, for example
    /// `https://login.microsoftonline.com`. Default: the variable `AadAuthorityUri`, else what the
    /// cluster says, else `AZURE_AUTHORITY_HOST`, else the public cloud's.
    connection_options& authority_host(std::string value)
    {
        authority_host_ = std::move(value);
        return *this;
    }
    /// A PEM file with the certificate authorities to trust *instead of* the system's, of at most
    /// 4 MiB.
    connection_options& ca_file(std::string value) { ca_file_ = std::move(value); return *this; }
    /// The same as PEM text.
    connection_options& ca_pem(std::string value) { ca_pem_ = std::move(value); return *this; }
    /// The same as a directory whose files are named by the hashes of their certificates, as
    /// `openssl rehash` does. At most one of `ca_file`, `ca_pem` and `ca_directory`.
    connection_options& ca_directory(std::string value)
    {
        ca_directory_ = std::move(value);
        return *this;
    }
    /// Servers that speak older versions only are refused. Default TLS 1.2.
    connection_options& minimum_tls(tls_version value) { minimum_tls_ = value; return *this; }
    /// Shown to servers that demand a certificate of their clients (mutual TLS), as gateways in front
    /// of a cluster may; read once, when a client is made. This is not how a client proves to a
    /// cluster who it is: that is `credential::client_certificate`. Keys of any kind that TLS knows.
    /// Default: none.
    connection_options& tls_certificate(certificate_source value);
    /// Default: `proxy::from_environment()`.
    connection_options& proxy(kusto::proxy value) { proxy_ = std::move(value); return *this; }
    /// A host (`kusto.example.org`) or suffix (`.example.org`) that may receive our tokens, in
    /// addition to the built-in list of Kusto clouds and loopback hosts. A token works against every
    /// cluster that the identity can reach: name hosts that you run only. Compared without case and
    /// port. May be given repeatedly. Not in connection strings, which may come from others.
    connection_options& trust_host(std::string value)
    {
        trusted_hosts_.push_back(std::move(value));
        return *this;
    }
    /// Shown in the cluster's journals: goes into `x-ms-app` and `ApplicationForTracing`. At most 256
    /// bytes; what is not ASCII becomes `?`. Default: name of the process.
    connection_options& application_name(std::string value)
    {
        application_name_ = std::move(value);
        return *this;
    }
    /// With a version the name is sent as `Kusto.Cpp.Sink:{0.1.0}|App.{name}:{version}`, the form of
    /// Microsoft's connectors, and without one as it is. At most 256 bytes. Default: none.
    connection_options& application_version(std::string value)
    {
        application_version_ = std::move(value);
        return *this;
    }
    /// Goes into `x-ms-user`; not who signs in. At most 256 bytes. Default: `USER` or `LOGNAME` of
    /// the environment, else `[none]`; with an `application_version` it is `[none]`.
    connection_options& user_name(std::string value)
    {
        user_name_ = std::move(value);
        return *this;
    }
    /// Follows the library's own version in `x-ms-client-version` and `ClientVersionForTracing`,
    /// after a bar; `Name:{1.2}` is the usual form. At most 256 bytes. Default: none.
    connection_options& client_version(std::string value)
    {
        client_version_ = std::move(value);
        return *this;
    }
    /// Time for resolving, connecting and the TLS handshake of one connection. 100 ms to 5 min.
    /// Default 15 s.
    connection_options& connect_timeout(std::chrono::milliseconds value)
    {
        connect_timeout_ = value;
        return *this;
    }
    /// Time for one request and its reply; uploads get more, in proportion to their size.
    /// 100 ms to 1 h. Default 60 s. A queue message gets at least 30 s, since a lost answer to it may
    /// mean a duplicate.
    connection_options& request_timeout(std::chrono::milliseconds value)
    {
        request_timeout_ = value;
        return *this;
    }
    /// Connections kept open and idle for one host. 0 to 1024. Default 16.
    connection_options& idle_connections(std::size_t value)
    {
        idle_connections_ = value;
        return *this;
    }
    /// An idle connection older than this is not used again. 1 s to 10 min. Default 30 s.
    connection_options& idle_timeout(std::chrono::milliseconds value)
    {
        idle_timeout_ = value;
        return *this;
    }
    /// Retries of commands, tokens and resources; those of uploads, posts and statuses are in
    /// `write_options`.
    connection_options& retry(retry_options value) { retry_ = value; return *this; }
    /// Sends events of `least` level and above to a function of yours; see `log_function` for the
    /// threads it is called on. Default: none.
    connection_options& log(log_level least, log_function to)
    {
        least_log_level_ = least;
        log_ = std::move(to);
        return *this;
    }

    [[nodiscard]] std::string const& cluster_url() const noexcept { return cluster_url_; }
    [[nodiscard]] credential const& who() const noexcept { return who_; }
    [[nodiscard]] std::string const& ingestion_url() const noexcept { return ingestion_url_; }
    [[nodiscard]] std::string const& default_database() const noexcept { return default_database_; }
    [[nodiscard]] std::string const& authority_host() const noexcept { return authority_host_; }
    [[nodiscard]] std::string const& ca_file() const noexcept { return ca_file_; }
    [[nodiscard]] std::string const& ca_pem() const noexcept { return ca_pem_; }
    [[nodiscard]] std::string const& ca_directory() const noexcept { return ca_directory_; }
    [[nodiscard]] tls_version minimum_tls() const noexcept { return minimum_tls_; }
    /// Null if there is none.
    [[nodiscard]] detail::tls_certificate_data const* tls_certificate() const noexcept
    {
        return tls_certificate_.get();
    }
    [[nodiscard]] kusto::proxy const& proxy() const noexcept { return proxy_; }
    [[nodiscard]] std::vector<std::string> const& trusted_hosts() const noexcept
    {
        return trusted_hosts_;
    }
    [[nodiscard]] std::string const& application_name() const noexcept { return application_name_; }
    [[nodiscard]] std::string const& application_version() const noexcept
    {
        return application_version_;
    }
    [[nodiscard]] std::string const& user_name() const noexcept { return user_name_; }
    [[nodiscard]] std::string const& client_version() const noexcept { return client_version_; }
    [[nodiscard]] std::chrono::milliseconds connect_timeout() const noexcept
    {
        return connect_timeout_;
    }
    [[nodiscard]] std::chrono::milliseconds request_timeout() const noexcept
    {
        return request_timeout_;
    }
    [[nodiscard]] std::size_t idle_connections() const noexcept { return idle_connections_; }
    [[nodiscard]] std::chrono::milliseconds idle_timeout() const noexcept { return idle_timeout_; }
    [[nodiscard]] retry_options const& retry() const noexcept { return retry_; }
    [[nodiscard]] log_level least_log_level() const noexcept { return least_log_level_; }
    [[nodiscard]] log_function const& log_to() const noexcept { return log_; }

    /// One line for logs and tools, without secrets: cluster, database, credential, application.
    [[nodiscard]] std::string describe() const;

    /// Everything that is wrong; empty if nothing is.
    [[nodiscard]] std::vector<option_problem> problems() const;

private:
    std::string cluster_url_;
    credential who_;
    std::string ingestion_url_;
    std::string default_database_ = "NetDefaultDB";
    std::string authority_host_;
    std::string ca_file_;
    std::string ca_pem_;
    std::string ca_directory_;
    tls_version minimum_tls_ = tls_version::v1_2;
    std::shared_ptr<detail::tls_certificate_data const> tls_certificate_;
    kusto::proxy proxy_ = kusto::proxy::from_environment();
    std::vector<std::string> trusted_hosts_;
    std::string application_name_;
    std::string application_version_;
    std::string user_name_;
    std::string client_version_;
    std::chrono::milliseconds connect_timeout_ = std::chrono::seconds(15);
    std::chrono::milliseconds request_timeout_ = std::chrono::seconds(60);
    std::size_t idle_connections_ = 16;
    std::chrono::milliseconds idle_timeout_ = std::chrono::seconds(30);
    retry_options retry_;
    log_level least_log_level_ = log_level::off;
    log_function log_;
};

} // namespace kusto

#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <kusto/emulator/discard.hpp>
#include <kusto/emulator/faults.hpp>
#include <kusto/emulator/managed_identity.hpp>
#include <kusto/emulator/sign_in.hpp>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace kusto::emulator
{

/// What the one application may do, as the service's roles of a database.
enum class principal_role : std::uint8_t
{
    admin,    ///< everything
    ingestor, ///< ingest and read the schema of a table; neither query nor change anything else
    viewer    ///< query and show
};

/// How the local cluster is set up. All defaults are good for tests.
class cluster_options
{
public:
    cluster_options() = default;

    /// HTTPS with a certificate authority generated at start (default), or plain HTTP.
    cluster_options& tls(bool value)
    {
        tls_ = value;
        return *this;
    }
    /// Loopback port of the engine and the login endpoint; 0 = any free one.
    cluster_options& port(std::uint16_t value)
    {
        port_ = value;
        return *this;
    }
    /// Loopback port of the ingestion service; 0 = any free one.
    cluster_options& ingestion_port(std::uint16_t value)
    {
        ingestion_port_ = value;
        return *this;
    }
    /// Loopback port of blob, queue and table storage; 0 = any free one.
    cluster_options& storage_port(std::uint16_t value)
    {
        storage_port_ = value;
        return *this;
    }
    /// Databases that exist. Default: `NetDefaultDB`. May be given repeatedly.
    cluster_options& database(std::string name)
    {
        databases_.push_back(std::move(name));
        return *this;
    }
    /// SQLite file for tables and rows; empty = memory.
    cluster_options& file(std::string path)
    {
        file_ = std::move(path);
        return *this;
    }
    /// Storage accounts; each has `containers` containers, one queue and one status table.
    /// Default 2.
    cluster_options& storage_accounts(std::size_t value)
    {
        accounts_ = value;
        return *this;
    }
    cluster_options& containers_per_account(std::size_t value)
    {
        containers_ = value;
        return *this;
    }
    /// The ingestion service's batching policy: longest wait, blobs, raw bytes.
    cluster_options& batching(std::chrono::milliseconds span, std::uint64_t items,
                              std::uint64_t raw_bytes)
    {
        batching_span_ = span;
        batching_items_ = items;
        batching_bytes_ = raw_bytes;
        return *this;
    }
    /// Lifetime of SAS and of the identity tokens that are handed out with them. Default 4 h.
    cluster_options& sas_lifetime(std::chrono::seconds value)
    {
        sas_lifetime_ = value;
        return *this;
    }
    /// Lifetime of access tokens. Default 1 h.
    cluster_options& token_lifetime(std::chrono::seconds value)
    {
        token_lifetime_ = value;
        return *this;
    }
    /// The one application that may sign in. Defaults are fixed, public test values.
    cluster_options& application(std::string tenant, std::string client_id, std::string secret)
    {
        tenant_ = std::move(tenant);
        client_id_ = std::move(client_id);
        client_secret_ = std::move(secret);
        return *this;
    }
    /// Further ways for the application to sign in, and what the identity provider does.
    cluster_options& sign_in(sign_in_options value)
    {
        sign_in_ = std::move(value);
        return *this;
    }
    /// Serves the token endpoints of machines with these managed identities; see
    /// `cluster::identity_environment`. Default: there are none.
    cluster_options& managed_identities(managed_identity_options value)
    {
        managed_identities_ = std::move(value);
        return *this;
    }
    /// A DNS name that the server's certificate is also for. May be given repeatedly.
    cluster_options& also_named(std::string host)
    {
        names_.push_back(std::move(host));
        return *this;
    }
    /// What clients call the cluster that reach it through a proxy, for example
    /// `https://c.westeurope.kusto.windows.net` and `https://login.microsoftonline.com`: cloud
    /// metadata, challenges and messages name these, tokens are issued for them, and assertions
    /// must have the authority as audience. `cluster::engine_url` and its like stay the addresses
    /// on loopback. Empty ones stay as they are.
    cluster_options& metadata_endpoints(std::string engine, std::string ingestion,
                                        std::string authority)
    {
        public_engine_ = std::move(engine);
        public_ingestion_ = std::move(ingestion);
        public_authority_ = std::move(authority);
        return *this;
    }
    /// Whether requests to the engine and ingestion service need a bearer token. Default true.
    cluster_options& authentication(bool value)
    {
        authentication_ = value;
        return *this;
    }
    /// Hand out these storage URLs (with SAS) instead of the cluster's own, for tests against
    /// another storage emulator. Messages posted there are not ingested.
    cluster_options& external_storage(std::vector<std::string> containers,
                                      std::vector<std::string> queues)
    {
        external_containers_ = std::move(containers);
        external_queues_ = std::move(queues);
        return *this;
    }
    /// Whether `ingestIfNotExists` is checked and its extent committed in one step (default), or in
    /// two: then ingestions of one tag that run at the same time all pass.
    cluster_options& atomic_ingest_if_not_exists(bool value)
    {
        atomic_tags_ = value;
        return *this;
    }
    /// Time from a queued ingestion, whose status may say `Succeeded` at once, until commands and
    /// queries see its extent. Extents that were moved are seen at once. Default 0.
    cluster_options& extent_visibility_delay(std::chrono::milliseconds value)
    {
        visibility_delay_ = value;
        return *this;
    }
    /// What the application may do over HTTP; `cluster::execute` may do everything. Default
    /// `admin`.
    cluster_options& role(principal_role value)
    {
        role_ = value;
        return *this;
    }
    /// Threads that serve requests. Default 2.
    cluster_options& threads(std::size_t value)
    {
        threads_ = value;
        return *this;
    }

    /// What goes wrong, and when. Default: nothing.
    cluster_options& faults(fault_script value)
    {
        faults_ = std::move(value);
        return *this;
    }
    /// Everything but the data itself is checked as always, and nothing is stored: for measuring
    /// clients beside a server that costs little, whose memory does not grow. Ingestion statuses
    /// are reported; the tables stay empty. Write-ahead sinks need a cluster that stores. Default
    /// `off`.
    cluster_options& discard(discard_mode value)
    {
        discard_ = value;
        return *this;
    }

    [[nodiscard]] bool tls() const noexcept { return tls_; }
    [[nodiscard]] std::uint16_t port() const noexcept { return port_; }
    [[nodiscard]] std::uint16_t ingestion_port() const noexcept { return ingestion_port_; }
    [[nodiscard]] std::uint16_t storage_port() const noexcept { return storage_port_; }
    [[nodiscard]] std::vector<std::string> const& databases() const noexcept { return databases_; }
    [[nodiscard]] std::string const& file() const noexcept { return file_; }
    [[nodiscard]] std::size_t storage_accounts() const noexcept { return accounts_; }
    [[nodiscard]] std::size_t containers_per_account() const noexcept { return containers_; }
    [[nodiscard]] std::chrono::milliseconds batching_span() const noexcept
    {
        return batching_span_;
    }
    [[nodiscard]] std::uint64_t batching_items() const noexcept { return batching_items_; }
    [[nodiscard]] std::uint64_t batching_bytes() const noexcept { return batching_bytes_; }
    [[nodiscard]] std::chrono::seconds sas_lifetime() const noexcept { return sas_lifetime_; }
    [[nodiscard]] std::chrono::seconds token_lifetime() const noexcept { return token_lifetime_; }
    [[nodiscard]] std::string const& tenant() const noexcept { return tenant_; }
    [[nodiscard]] std::string const& client_id() const noexcept { return client_id_; }
    [[nodiscard]] std::string const& client_secret() const noexcept { return client_secret_; }
    [[nodiscard]] sign_in_options const& sign_in() const noexcept { return sign_in_; }
    [[nodiscard]] std::optional<managed_identity_options> const& managed_identities() const noexcept
    {
        return managed_identities_;
    }
    [[nodiscard]] std::vector<std::string> const& names() const noexcept { return names_; }
    [[nodiscard]] std::string const& public_engine() const noexcept { return public_engine_; }
    [[nodiscard]] std::string const& public_ingestion() const noexcept { return public_ingestion_; }
    [[nodiscard]] std::string const& public_authority() const noexcept { return public_authority_; }
    [[nodiscard]] bool authentication() const noexcept { return authentication_; }
    [[nodiscard]] std::vector<std::string> const& external_containers() const noexcept
    {
        return external_containers_;
    }
    [[nodiscard]] std::vector<std::string> const& external_queues() const noexcept
    {
        return external_queues_;
    }
    [[nodiscard]] bool atomic_ingest_if_not_exists() const noexcept { return atomic_tags_; }
    [[nodiscard]] std::chrono::milliseconds extent_visibility_delay() const noexcept
    {
        return visibility_delay_;
    }
    [[nodiscard]] principal_role role() const noexcept { return role_; }
    [[nodiscard]] std::size_t threads() const noexcept { return threads_; }
    [[nodiscard]] fault_script const& faults() const noexcept { return faults_; }
    [[nodiscard]] discard_mode discard() const noexcept { return discard_; }

private:
    bool tls_ = true;
    std::uint16_t port_ = 0;
    std::uint16_t ingestion_port_ = 0;
    std::uint16_t storage_port_ = 0;
    std::vector<std::string> databases_;
    std::string file_;
    std::size_t accounts_ = 2;
    std::size_t containers_ = 2;
    std::chrono::milliseconds batching_span_ = std::chrono::milliseconds(50);
    std::uint64_t batching_items_ = 500;
    std::uint64_t batching_bytes_ = std::uint64_t(1) << 30;
    std::chrono::seconds sas_lifetime_ = std::chrono::hours(4);
    std::chrono::seconds token_lifetime_ = std::chrono::hours(1);
    std::string tenant_ = "11111111-1111-1111-1111-111111111111";
    std::string client_id_ = "22222222-2222-2222-2222-222222222222";
    std::string client_secret_ = "local-cluster-secret";
    sign_in_options sign_in_;
    std::optional<managed_identity_options> managed_identities_;
    std::vector<std::string> names_;
    std::string public_engine_;
    std::string public_ingestion_;
    std::string public_authority_;
    bool authentication_ = true;
    std::vector<std::string> external_containers_;
    std::vector<std::string> external_queues_;
    bool atomic_tags_ = true;
    std::chrono::milliseconds visibility_delay_ = std::chrono::milliseconds(0);
    principal_role role_ = principal_role::admin;
    std::size_t threads_ = 2;
    fault_script faults_;
    discard_mode discard_ = discard_mode::off;
};

/// Counters of the local cluster, for tests.
struct cluster_counts
{
    std::uint64_t requests = 0;                          ///< executed; not what a fault kept away
    std::uint64_t blobs_put = 0;                         ///< Put Blob and Put Block List
    std::uint64_t blocks_put = 0;                        ///< Put Block
    std::uint64_t messages = 0;                          ///< queue messages taken
    std::uint64_t tokens = 0;                            ///< tokens issued
    std::uint64_t resource_calls = 0;                    ///< `.get ingestion resources`
    std::uint64_t ingested = 0, failed = 0, skipped = 0; ///< blobs
};

/// A Kusto cluster on loopback with everything that queued ingestion needs: login endpoint, engine,
/// ingestion service, blob, queue and table storage with checked signatures, and an ingestion loop.
/// Independent of the client library; any Kusto SDK can use it.
///
/// Starts at construction, on threads of its own; stops at destruction.
///
/// \par Thread safety
/// All member functions may be called from any thread.
class cluster
{
public:
    /// \throws std::runtime_error when a port cannot be bound or the file cannot be opened
    /// \throws fault_script_error
    explicit cluster(cluster_options options = cluster_options());
    ~cluster();
    cluster(cluster const&) = delete;
    cluster& operator=(cluster const&) = delete;

    /// `https://localhost:PORT`: queries, commands, cloud metadata.
    [[nodiscard]] std::string engine_url() const;
    /// `https://localhost:PORT` of the ingestion service. It cannot be derived from the engine's
    /// URL (loopback has no `ingest-` hosts), so clients need both.
    [[nodiscard]] std::string ingestion_url() const;
    /// Login endpoint: tokens at `{authority}/{tenant}/oauth2/v2.0/token`.
    [[nodiscard]] std::string authority_url() const;
    /// `http(s)://127.0.0.1:PORT/{account}/...`
    [[nodiscard]] std::string storage_url() const;
    /// PEM of the generated certificate authority; empty without TLS.
    [[nodiscard]] std::string ca_pem() const;
    /// `Data Source=...;Application Client Id=...;Application Key=...;Authority Id=...`
    [[nodiscard]] std::string connection_string() const;

    /// `http://127.0.0.1:PORT` of the managed identity endpoints; empty without them.
    [[nodiscard]] std::string identity_url() const;
    /// What a program on such a machine finds in its environment: names and values, some of them
    /// secret. Empty without managed identities.
    [[nodiscard]] std::vector<std::pair<std::string, std::string>>
    identity_environment(identity_host host) const;

    /// \returns false when no device code waits under that user code
    bool approve_device_code(std::string const& user_code);
    bool decline_device_code(std::string const& user_code);
    /// The engine and the ingestion service challenge every token that was not requested with these
    /// claims: 401 with `insufficient_claims`.
    /// \param claims  JSON object, as of the parameter `claims`; empty: nothing is demanded any
    /// more \throws std::invalid_argument when it is neither
    void demand_claims(std::string const& claims);
    /// The `claims` parameters of the token requests that had one, in their order.
    [[nodiscard]] std::vector<std::string> requested_claims() const;

    /// Runs a management command or a query directly and returns the v1 JSON answer.
    /// \throws std::runtime_error with the service's error
    std::string execute(std::string const& database, std::string const& text);
    /// The first cell of the first row of a query, as text; empty if there is no row or it is null.
    [[nodiscard]] std::string scalar(std::string const& database, std::string const& text);

    /// Waits until no message is queued, held back or being ingested; not for delayed statuses, and
    /// not until extents are seen.
    /// \returns false at the time limit
    bool wait_until_idle(std::chrono::milliseconds limit = std::chrono::seconds(60));

    [[nodiscard]] cluster_counts counts() const;
    /// What was thrown away. Other processes get the same as JSON by `GET
    /// {engine}/admin/discarded`, without signing in.
    [[nodiscard]] discarded_counts discarded() const;
    [[nodiscard]] cluster_options const& options() const noexcept;

    /// Replaces the fault script: counts and times begin anew. What was already held back by the
    /// old one (silent connections, delayed messages) keeps its fate. \throws fault_script_error,
    /// and then nothing changes
    void set_faults(fault_script script);
    /// What became of the rules of the present script, in their order.
    [[nodiscard]] std::vector<fault_count> fault_counts() const;

    /// Stops serving, without waiting for connections that are held; called by the destructor.
    void stop();

private:
    struct impl;
    std::unique_ptr<impl> impl_;
};

} // namespace kusto::emulator

#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <kusto/compression.hpp>
#include <kusto/credential.hpp>
#include <kusto/data_format.hpp>
#include <kusto/error.hpp>
#include <kusto/log.hpp>
#include <kusto/proxy.hpp>
#include <kusto/undelivered.hpp>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace kusto
{

/// One thing that is wrong with a set of options.
struct option_problem
{
    std::string name;    ///< the option, as it is spelled in this header
    std::string value;   ///< the value given, secrets left out
    std::string allowed; ///< what is allowed, with units
};

/// Thrown by constructors that take options: all problems at once, never only the first.
/// `code()` is `errc::invalid_option`.
class options_error : public error
{
public:
    explicit options_error(std::vector<option_problem> problems);
    [[nodiscard]] std::vector<option_problem> const& problems() const noexcept { return problems_; }

private:
    std::vector<option_problem> problems_;
};

/// How often and how patiently something is tried that can succeed when repeated.
class retry_options
{
public:
    retry_options() = default;

    /// Attempts in all, the first one included. 1 to 100. Default 3.
    retry_options& attempts(int value) { attempts_ = value; return *this; }
    /// Backoff before the second attempt; doubles with each further one. 0 to `cap`. Default 1 s.
    retry_options& base(std::chrono::milliseconds value) { base_ = value; return *this; }
    /// Upper limit of the backoff. Up to 10 min. Default 10 s.
    retry_options& cap(std::chrono::milliseconds value) { cap_ = value; return *this; }
    /// Age at which cached ingestion resources (containers, queues, signatures) are no longer used
    /// while newer ones can be had; they are renewed in the background at half of it, or earlier if
    /// a signature ends earlier. Of `connection_options::retry` only. 1 s to 24 h. Default 2 h.
    retry_options& cache_expiration(std::chrono::milliseconds value)
    {
        cache_expiration_ = value;
        return *this;
    }

    [[nodiscard]] int attempts() const noexcept { return attempts_; }
    [[nodiscard]] std::chrono::milliseconds base() const noexcept { return base_; }
    [[nodiscard]] std::chrono::milliseconds cap() const noexcept { return cap_; }
    [[nodiscard]] std::chrono::milliseconds cache_expiration() const noexcept
    {
        return cache_expiration_;
    }

private:
    int attempts_ = 3;
    std::chrono::milliseconds base_ = std::chrono::seconds(1);
    std::chrono::milliseconds cap_ = std::chrono::seconds(10);
    std::chrono::milliseconds cache_expiration_ = std::chrono::hours(2);
};

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
/// first label. Hosts without that naming rule (loopback, IP addresses) need both.
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
    /// \throws error with `errc::invalid_connection_string`, naming the keyword; never its value
    [[nodiscard]] static connection_options from_connection_string(std::string_view text);

    /// From environment variables: `KUSTO_CONNECTION_STRING`, or else `KUSTO_CLUSTER_URL` with
    /// `AZURE_CLIENT_ID`, `AZURE_CLIENT_SECRET`, `AZURE_TENANT_ID`; optional `KUSTO_INGESTION_URL`,
    /// `KUSTO_CA_FILE`, `AZURE_AUTHORITY_HOST` (the login endpoint, see `authority_host`).
    /// \throws error with `errc::invalid_option`, naming the missing variable
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
    /// `https://login.microsoftonline.com`.
    connection_options& authority_host(std::string value)
    {
        authority_host_ = std::move(value);
        return *this;
    }
    /// A PEM file with the certificate authorities to trust *instead of* the system's.
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
    /// addition to the built-in list of Kusto clouds. May be given repeatedly.
    connection_options& trust_host(std::string value)
    {
        trusted_hosts_.push_back(std::move(value));
        return *this;
    }
    /// Goes into `x-ms-app` and `ApplicationForTracing`. Default: name of the process.
    connection_options& application_name(std::string value)
    {
        application_name_ = std::move(value);
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
    std::chrono::milliseconds connect_timeout_ = std::chrono::seconds(15);
    std::chrono::milliseconds request_timeout_ = std::chrono::seconds(60);
    std::size_t idle_connections_ = 16;
    std::chrono::milliseconds idle_timeout_ = std::chrono::seconds(30);
    retry_options retry_;
    log_level least_log_level_ = log_level::off;
    log_function log_;
};

/// What the batching sink promises.
enum class delivery_guarantee
{
    none,          ///< failures are counted and dropped
    at_least_once, ///< `flush` and `close` report everything that is not in the service's hands
    exactly_once,  ///< not offered by the batching sink: an option error that names the alternative
};

/// Where records go and how they are batched.
///
/// Names, meaning and defaults are those of the Flink Kusto connector where it has them.
///
/// \par Thread safety
/// A value type.
class write_options
{
public:
    write_options(std::string database, std::string table);

    /// Name of an ingestion mapping that exists in the table; the format it is for. Records of
    /// another format are refused with `errc::invalid_record`. Default: none (CSV by position).
    write_options& ingestion_mapping(std::string name, data_format format = data_format::csv)
    {
        mapping_name_ = std::move(name);
        mapping_format_ = format;
        return *this;
    }
    /// Asks the service to seal its own batch at once. Costs throughput. Default false.
    write_options& flush_immediately(bool value) { flush_immediately_ = value; return *this; }
    /// Longest time from the first record of a batch to its upload. 1 ms to 24 h. Default 30 s.
    write_options& batch_interval(std::chrono::milliseconds value)
    {
        batch_interval_ = value;
        return *this;
    }
    /// Records in a batch at most. 1 to 2^32. Default 1000.
    write_options& batch_size(std::uint64_t value) { batch_size_ = value; return *this; }
    /// Bytes in a batch at most, before compression; batches end between records only, so a larger
    /// record is an error (so is one of more than 64 MB, the service's limit, or half the byte
    /// budget). 1 B to 4 GiB. Default 300 MiB.
    write_options& client_batch_size_limit(std::uint64_t bytes)
    {
        client_batch_size_limit_ = bytes;
        return *this;
    }
    /// Default `at_least_once`.
    write_options& guarantee(delivery_guarantee value) { guarantee_ = value; return *this; }
    /// Number of writers, each with its own strand, batch and compressor. 1 to 1024. Default 1.
    write_options& parallelism(std::size_t value) { parallelism_ = value; return *this; }
    /// Batches that one writer uploads at a time. 1 to 256. Default 4.
    write_options& uploads_in_flight(std::size_t value)
    {
        uploads_in_flight_ = value;
        return *this;
    }
    /// Everything buffered or in flight: raw text, compressed blocks. 1 MiB to 1 TiB, and at least
    /// 64 KiB for each writer. Default 256 MiB. `write` waits and `try_write` refuses beyond it.
    /// Beside it a sink keeps, until it is closed, idle memory for the next batches: 16 MiB of raw
    /// text and 16 MiB of blocks at most (of either an eighth of the budget at most), and a codec of
    /// about 300 KiB for each writer and each thread that compresses (32 at most).
    write_options& byte_budget(std::uint64_t bytes) { byte_budget_ = bytes; return *this; }
    /// Threads that compress. 1 to 1024. Default: number of processors.
    write_options& compression_threads(std::size_t value)
    {
        compression_threads_ = value;
        return *this;
    }
    /// Codec and level. Default `compression::standard()`. With `igzip(0)` raw text takes 3/8 more of
    /// the byte budget than its size.
    write_options& compression(kusto::compression value) { compression_ = value; return *this; }
    /// Size of the blocks of a large upload, compressed. 64 KiB to 100 MiB. Default 4 MiB.
    write_options& block_size(std::uint64_t bytes) { block_size_ = bytes; return *this; }
    /// Extent tag `ingest-by:VALUE` with `ingestIfNotExists` VALUE is not implied; see
    /// `ingest_if_not_exists`. Every distinct tag makes the service batch separately.
    write_options& ingest_by_tag(std::string value)
    {
        ingest_by_tags_.push_back(std::move(value));
        return *this;
    }
    /// Extent tag `drop-by:VALUE`.
    write_options& drop_by_tag(std::string value)
    {
        drop_by_tags_.push_back(std::move(value));
        return *this;
    }
    /// Any other extent tag, as it is.
    write_options& additional_tag(std::string value)
    {
        additional_tags_.push_back(std::move(value));
        return *this;
    }
    /// The service skips a blob when the table has an extent tagged `ingest-by:VALUE`.
    write_options& ingest_if_not_exists(std::string value)
    {
        ingest_if_not_exists_.push_back(std::move(value));
        return *this;
    }
    /// Retries of an upload or a queue post. When they are used up and the trouble may pass, a
    /// batch with guarantee `at_least_once` waits for up to `cap` and is tried again, and so on;
    /// with guarantee `none` it has failed.
    write_options& retry(retry_options value) { retry_ = value; return *this; }
    /// Longest time for delivering one batch, from its sealing, after which it counts as
    /// undeliverable; waiting for the status of its ingestion is not part of it. 1 s to 7 days; 0: no
    /// limit. Default 0: an outage of any length loses nothing, `write` waits when the byte budget is
    /// full.
    write_options& delivery_timeout(std::chrono::milliseconds value)
    {
        delivery_timeout_ = value;
        return *this;
    }
    /// What becomes of a batch that cannot be delivered: refused for good, or `delivery_timeout`
    /// passed. Default `failure_policy::stop()`. With guarantee `none`: counted and dropped.
    write_options& on_permanent_failure(failure_policy value)
    {
        failure_policy_ = std::move(value);
        return *this;
    }
    /// Have the service report on every blob, and count a batch as delivered when it is in the
    /// table. Costs a table entity and polling for each batch: not for many small batches. With
    /// another failure policy than `stop` a batch is kept in memory until its status is known.
    /// Default false.
    write_options& poll_for_ingestion_status(bool value)
    {
        poll_for_ingestion_status_ = value;
        return *this;
    }
    /// Longest wait for the status of a batch, from the queue message on; then its outcome is
    /// unknown, and the sink goes on. 1 s to 24 h; 0: the table's batching time (asked from the service, or else 5 min)
    /// and 5 min more. Default 0.
    write_options& ingestion_status_timeout(std::chrono::milliseconds value)
    {
        ingestion_status_timeout_ = value;
        return *this;
    }

    /// Before the first upload, ask the engine whether the table exists: queued ingestion would
    /// take the data and report a missing table only later. An answer other than "no such table" (no
    /// permission to ask, engine not reachable) is no reason to stop. Switch it off for principals
    /// that may ingest and not see the table. Default true.
    write_options& verify_table(bool value) { verify_table_ = value; return *this; }

    [[nodiscard]] std::string const& database() const noexcept { return database_; }
    [[nodiscard]] std::string const& table() const noexcept { return table_; }
    [[nodiscard]] std::string const& mapping_name() const noexcept { return mapping_name_; }
    [[nodiscard]] data_format mapping_format() const noexcept { return mapping_format_; }
    [[nodiscard]] bool flush_immediately() const noexcept { return flush_immediately_; }
    [[nodiscard]] std::chrono::milliseconds batch_interval() const noexcept
    {
        return batch_interval_;
    }
    [[nodiscard]] std::uint64_t batch_size() const noexcept { return batch_size_; }
    [[nodiscard]] std::uint64_t client_batch_size_limit() const noexcept
    {
        return client_batch_size_limit_;
    }
    [[nodiscard]] delivery_guarantee guarantee() const noexcept { return guarantee_; }
    [[nodiscard]] std::size_t parallelism() const noexcept { return parallelism_; }
    [[nodiscard]] std::size_t uploads_in_flight() const noexcept { return uploads_in_flight_; }
    [[nodiscard]] std::uint64_t byte_budget() const noexcept { return byte_budget_; }
    [[nodiscard]] std::size_t compression_threads() const noexcept { return compression_threads_; }
    [[nodiscard]] kusto::compression compression() const noexcept { return compression_; }
    [[nodiscard]] std::uint64_t block_size() const noexcept { return block_size_; }
    [[nodiscard]] std::vector<std::string> const& ingest_by_tags() const noexcept
    {
        return ingest_by_tags_;
    }
    [[nodiscard]] std::vector<std::string> const& drop_by_tags() const noexcept
    {
        return drop_by_tags_;
    }
    [[nodiscard]] std::vector<std::string> const& additional_tags() const noexcept
    {
        return additional_tags_;
    }
    [[nodiscard]] std::vector<std::string> const& ingest_if_not_exists() const noexcept
    {
        return ingest_if_not_exists_;
    }
    [[nodiscard]] retry_options const& retry() const noexcept { return retry_; }
    [[nodiscard]] std::chrono::milliseconds delivery_timeout() const noexcept
    {
        return delivery_timeout_;
    }
    [[nodiscard]] failure_policy const& on_permanent_failure() const noexcept
    {
        return failure_policy_;
    }
    [[nodiscard]] bool poll_for_ingestion_status() const noexcept
    {
        return poll_for_ingestion_status_;
    }
    [[nodiscard]] std::chrono::milliseconds ingestion_status_timeout() const noexcept
    {
        return ingestion_status_timeout_;
    }
    [[nodiscard]] bool verify_table() const noexcept { return verify_table_; }

    /// Everything that is wrong; empty if nothing is.
    [[nodiscard]] std::vector<option_problem> problems() const;

private:
    std::string database_;
    std::string table_;
    std::string mapping_name_;
    data_format mapping_format_ = data_format::csv;
    bool flush_immediately_ = false;
    std::chrono::milliseconds batch_interval_ = std::chrono::seconds(30);
    std::uint64_t batch_size_ = 1000;
    std::uint64_t client_batch_size_limit_ = 300ull << 20;
    delivery_guarantee guarantee_ = delivery_guarantee::at_least_once;
    std::size_t parallelism_ = 1;
    std::size_t uploads_in_flight_ = 4;
    std::uint64_t byte_budget_ = 256ull << 20;
    std::size_t compression_threads_;
    kusto::compression compression_ = kusto::compression::standard();
    std::uint64_t block_size_ = 4ull << 20;
    std::vector<std::string> ingest_by_tags_;
    std::vector<std::string> drop_by_tags_;
    std::vector<std::string> additional_tags_;
    std::vector<std::string> ingest_if_not_exists_;
    retry_options retry_;
    std::chrono::milliseconds delivery_timeout_{};
    failure_policy failure_policy_ = failure_policy::stop();
    bool poll_for_ingestion_status_ = false;
    std::chrono::milliseconds ingestion_status_timeout_{};
    bool verify_table_ = true;
};

} // namespace kusto

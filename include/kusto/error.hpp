#pragma once

#include <boost/system/error_code.hpp>
#include <boost/system/result.hpp>
#include <boost/system/system_error.hpp>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>

namespace kusto
{

/// What went wrong. A closed set: every error that the library reports has one of these codes.
enum class errc
{
    // The caller's input.
    invalid_option = 1,        ///< an option is missing or outside of its range
    invalid_connection_string, ///< a connection string does not parse
    invalid_url,               ///< a URL does not parse, or its scheme is not allowed
    untrusted_endpoint,        ///< the host is not one that may receive our credentials
    invalid_record,            ///< a record cannot be encoded (bad CSV or JSON line, wrong format)
    invalid_utf8,              ///< text that is not UTF-8
    record_too_large,          ///< one record exceeds the batch size limit
    // The network.
    host_not_found,       ///< name resolution failed
    connect_failed,       ///< no TCP connection
    proxy_refused,        ///< the proxy does not let us through
    certificate_rejected, ///< the server's certificate is not valid for the host
    tls_failed,           ///< any other TLS failure
    connection_lost,      ///< the connection broke in the middle of an exchange
    timed_out,            ///< a deadline passed
    malformed_reply,      ///< the reply is not HTTP, or not what the protocol promises
    reply_too_large,      ///< headers or body exceed their limit
    redirect_refused,     ///< a 3xx answer; redirects are never followed
    // The service.
    authentication_failed, ///< credentials were refused, or no token could be obtained
    credential_unavailable, ///< a credential is not configured, or not there on this machine
    access_denied,         ///< authenticated, but not allowed (401, 403)
    not_found,             ///< table, database, container or queue does not exist
    wrong_endpoint,        ///< an ingestion command sent to an engine, or the reverse
    no_resources,          ///< the service listed no storage or no queue
    throttled,             ///< 429 or 503: try again later
    service_unavailable,   ///< 5xx: transient
    request_rejected,      ///< a permanent 4xx: repeating it cannot succeed
    query_failed,          ///< a query or management command failed
    ingestion_failed,      ///< a queued batch was refused by the service's ingestion
    partially_ingested,    ///< only a part of a batch is in the table; repeating would duplicate it
    // The write-ahead sink's directory and table.
    ledger_in_use,   ///< another process has the directory open
    ledger_damaged,  ///< the ledger or a batch file is not what was written; nothing is guessed
    ledger_outdated, ///< the commit table knows checkpoints that the ledger does not
    disk_failed,     ///< the local file system refused: full, read-only, no permission
    backlog_full,    ///< too much waits on the local disk: checkpoint or commit
    schema_mismatch, ///< the table's columns are not those of the records
    table_unsuited,  ///< a policy of the table contradicts exactly-once delivery
    // The library's own state.
    closed,          ///< the sink or client was closed
    sink_stopped,    ///< an earlier batch could not be delivered; the failure is about that
    cancelled,       ///< the operation was cancelled
    outcome_unknown, ///< sent, but the answer was lost: the data may or may not be there
};

/// Where in the pipeline a failure happened.
enum class stage
{
    options,  ///< validation of options, connection strings, URLs
    encode,   ///< record to text
    buffer,   ///< byte budget, batches
    compress, ///< gzip
    resolve,  ///< DNS
    connect,  ///< TCP
    handshake, ///< TLS
    send,     ///< writing a request
    receive,  ///< reading a reply
    metadata, ///< cloud metadata of the cluster
    token,    ///< obtaining an access token
    resources, ///< `.get ingestion resources` and `.get kusto identity token`
    upload,   ///< blob upload
    post,     ///< queue message
    ingest,   ///< the service's own ingestion, after the queue
    command,  ///< management command
    query,    ///< query
    ledger,   ///< the write-ahead sink's local directory
    commit,   ///< bringing a checkpoint into the table
    sink,     ///< the sink's own state
};

/// What is known of the data that a failed operation carried.
enum class outcome
{
    failed,  ///< certainly not in the service's hands
    unknown, ///< possibly in the service's hands: an answer was lost
};

[[nodiscard]] std::string_view to_string(errc code) noexcept;
[[nodiscard]] std::string_view to_string(stage where) noexcept;

/// The category of `errc`; its name is "kusto".
[[nodiscard]] boost::system::error_category const& kusto_category() noexcept;
[[nodiscard]] boost::system::error_code make_error_code(errc code) noexcept;

/// A failure as a value: the code plus everything that helps to diagnose it.
///
/// `message` is for people: it names the field, the limit and the remedy. `server_text` is what the
/// service said and may contain user data, so it is kept apart. Neither holds a secret: URLs are
/// stored without query, tokens and signatures never get here.
///
/// \par Thread safety
/// A value type.
class failure
{
public:
    /// Exists because `result::error()` of Boost 1.81 default-constructs; describes nothing.
    failure() : failure(errc::cancelled, stage::options, {}) {}
    failure(errc code, kusto::stage where, std::string message);

    failure& host(std::string value);
    failure& status(int value);
    failure& service_code(std::string value);
    failure& server_text(std::string value);
    failure& request_id(std::string value);
    failure& activity_id(std::string value);
    failure& source_id(std::string value);
    failure& attempts(int value);
    failure& retryable(bool value);
    failure& outcome(kusto::outcome value);
    failure& retry_after(std::chrono::milliseconds value);
    failure& where(kusto::stage value);

    [[nodiscard]] errc code() const noexcept { return code_; }
    [[nodiscard]] kusto::stage where() const noexcept { return stage_; }
    [[nodiscard]] std::string const& message() const noexcept { return message_; }
    /// Host and port of the peer, without path and query; empty if no peer was involved.
    [[nodiscard]] std::string const& host() const noexcept { return host_; }
    /// HTTP status, or 0 when there was no reply.
    [[nodiscard]] int status() const noexcept { return status_; }
    /// The service's own code, for example `AuthenticationFailed` or `AADSTS7000215`.
    [[nodiscard]] std::string const& service_code() const noexcept { return service_code_; }
    /// What the service said; may contain user data.
    [[nodiscard]] std::string const& server_text() const noexcept { return server_text_; }
    /// Our `x-ms-client-request-id`.
    [[nodiscard]] std::string const& request_id() const noexcept { return request_id_; }
    /// The service's activity or request id.
    [[nodiscard]] std::string const& activity_id() const noexcept { return activity_id_; }
    /// The batch that it is about, as the service's statuses call it (`IngestionSourceId`); empty if
    /// it is not about a batch.
    [[nodiscard]] std::string const& source_id() const noexcept { return source_id_; }
    /// How often the operation was tried; at least 1 once it was tried at all.
    [[nodiscard]] int attempts() const noexcept { return attempts_; }
    /// Whether repeating the same operation can succeed.
    [[nodiscard]] bool retryable() const noexcept { return retryable_; }
    [[nodiscard]] kusto::outcome outcome() const noexcept { return outcome_; }
    /// The server's wish to wait, from `Retry-After` in any of its spellings.
    [[nodiscard]] std::optional<std::chrono::milliseconds> retry_after() const noexcept
    {
        return retry_after_;
    }

    /// One line with everything above: what, where, host, status, codes, ids, attempts.
    [[nodiscard]] std::string describe() const;

private:
    errc code_;
    kusto::stage stage_;
    std::string message_;
    std::string host_;
    std::string service_code_;
    std::string server_text_;
    std::string request_id_;
    std::string activity_id_;
    std::string source_id_;
    std::optional<std::chrono::milliseconds> retry_after_;
    int status_ = 0;
    int attempts_ = 0;
    bool retryable_ = false;
    kusto::outcome outcome_ = kusto::outcome::failed;
};

/// The exception that public operations throw: a `system_error` that carries a `failure`.
class error : public boost::system::system_error
{
public:
    explicit error(failure what);
    [[nodiscard]] failure const& why() const noexcept { return failure_; }

private:
    failure failure_;
};

/// Found by `boost::system::result` when `.value()` is called on an error.
[[noreturn]] void throw_exception_from_error(failure const& what, boost::source_location const&);

/// What operations inside the library return: a value or a `failure`.
template <class T>
using result = boost::system::result<T, failure>;

} // namespace kusto

template <>
struct boost::system::is_error_code_enum<kusto::errc> : std::true_type
{
};

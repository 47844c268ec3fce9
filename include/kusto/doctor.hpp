#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <chrono>
#include <cstddef>
#include <kusto/data_format.hpp>
#include <kusto/deadline.hpp>
#include <kusto/error.hpp>
#include <kusto/options.hpp>
#include <kusto/schema.hpp>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace kusto
{

/// How a check ended.
enum class check_state
{
    ok,
    warning, ///< works now, and may not always: see the remedy
    failed,  ///< ingestion cannot work like this: see the remedy
    skipped, ///< says nothing: an earlier check failed, or the service does not tell
};

/// Who can remedy what a failed check found.
enum class check_trouble
{
    none,          ///< nothing failed
    configuration, ///< options, URLs, credential, this machine's clock
    network,       ///< names, connections, proxies, TLS, time limits
    rights,        ///< roles, and databases, tables and mappings that do not exist
    service,       ///< the service refused or failed for reasons of its own
};

[[nodiscard]] std::string_view to_string(check_state state) noexcept;
[[nodiscard]] std::string_view to_string(check_trouble what) noexcept;

/// One thing that was looked at. No text of it holds a token, secret or signature.
///
/// \par Thread safety
/// A value type.
class check
{
public:
    check(std::string name_, std::string subject_)
        : name(std::move(name_)),
          subject(std::move(subject_))
    {
    }

    /// Stable, for programs: see `diagnose`.
    std::string name;
    /// What was looked at: a host, `database.table`, the credential.
    std::string subject;
    check_state state = check_state::skipped;
    /// What was found.
    std::string detail;
    /// What to do about it; empty if there is nothing to do.
    std::string remedy;
    std::chrono::milliseconds duration{};
    /// Of a failed check only.
    check_trouble trouble = check_trouble::none;
};

/// Everything that was looked at, in the order in which it was.
///
/// \par Thread safety
/// A value type.
class diagnosis
{
public:
    diagnosis() = default;
    /// Of a connection that cannot even be described, as when a connection string does not parse:
    /// one failed check `options`.
    [[nodiscard]] static diagnosis of(failure const& why);

    /// The first check of that name; null if there is none.
    /// \param subject  empty: any
    [[nodiscard]] check const* find(std::string_view name,
                                    std::string_view subject = {}) const noexcept;

    /// For the exit status of a program: 0 all is well, 1 warnings, and by the trouble of the first
    /// failed check: 2 configuration, 3 network, 4 rights, 5 service.
    [[nodiscard]] int exit_status() const noexcept;

    std::vector<check> checks;
};

/// A line for each check, with its remedy below it, and a last line that sums up. Lines hold no
/// control characters.
[[nodiscard]] std::string to_text(diagnosis const& what);

/// The same as a JSON object: `exit_status`, and `checks` with `name`, `subject`, `state`,
/// `detail`, `remedy`, `trouble` and `duration_ms`.
[[nodiscard]] std::string to_json(diagnosis const& what);

/// What to look at beyond the connection.
class doctor_options
{
public:
    doctor_options() = default;

    /// Database to look at. Default: that of the connection options, if it was set there.
    doctor_options& database(std::string value)
    {
        database_ = std::move(value);
        return *this;
    }
    /// Table to look at. Default: none.
    doctor_options& table(std::string value)
    {
        table_ = std::move(value);
        return *this;
    }
    /// An ingestion mapping of the table. Default: none.
    doctor_options& mapping(std::string name, data_format format = data_format::csv)
    {
        mapping_ = std::move(name);
        format_ = format;
        return *this;
    }
    /// The columns that the table should have, in order; `schema_of` makes them of a record.
    /// Default: any.
    doctor_options& expected_schema(table_schema value)
    {
        expected_schema_ = std::move(value);
        return *this;
    }
    /// Time for one check. 100 ms to 5 min; what is outside of that is set to the nearer limit.
    /// Default 15 s.
    doctor_options& check_timeout(std::chrono::milliseconds value);

    [[nodiscard]] std::string const& database() const noexcept { return database_; }
    [[nodiscard]] std::string const& table() const noexcept { return table_; }
    [[nodiscard]] std::string const& mapping() const noexcept { return mapping_; }
    [[nodiscard]] data_format mapping_format() const noexcept { return format_; }
    [[nodiscard]] table_schema const& expected_schema() const noexcept { return expected_schema_; }
    [[nodiscard]] std::chrono::milliseconds check_timeout() const noexcept { return timeout_; }

private:
    std::string database_;
    std::string table_;
    std::string mapping_;
    data_format format_ = data_format::csv;
    table_schema expected_schema_;
    std::chrono::milliseconds timeout_ = std::chrono::seconds(15);
};

/// Looks at everything that queued ingestion needs, one thing after the other, and says what is
/// wrong with it and what to do. What depends on something that failed is skipped; the rest goes
/// on. No request is repeated, so that trouble that comes and goes is seen, but for two: one whose
/// token was refused is sent once more with a new token, and the endpoints of managed identities
/// are asked again as their hosts demand.
///
/// The checks, by name: `options`; `trust`; `engine_dns`, `engine_tcp`, `engine_tls` and the same
/// for `ingestion_`; `metadata` (of the cloud); `token`; `engine_service`, `ingestion_service` (who
/// answers there); `resources`; `storage` for each account (a small blob named
/// `kusto-doctor-{guid}` is written to it, which nobody reads: no message names it); `queue` for
/// each queue's host (it is reached, no message is posted); `database`, `table`, `schema`, `roles`,
/// `mapping`, `policies` if they were asked for; `clock`.
///
/// \param executor  of connections and timers; its context outlives the operation. A look-up of a
///        name that the system's resolver does not end in time goes on unseen, and keeps the end of
///        the context waiting.
/// \param until  the diagnosis is complete shortly after, whatever the servers do: a check that is
///        under way gets a quarter of a second to say where it stands, the others are skipped. Not
///        limited are files: those of the authorities to trust and of certificates are read at
///        once, on the threads of `executor` and of the caller, which wait meanwhile.
///
/// \par Errors
/// All of them are checks of the diagnosis; only a lack of memory and the like are thrown.
/// \par Cancellation
/// Terminal; ends the wait. The diagnosis goes on unseen, until its deadline at the latest.
[[nodiscard]] boost::asio::awaitable<diagnosis>
diagnose(boost::asio::any_io_executor executor, connection_options where, doctor_options what,
         deadline until = deadline::after(std::chrono::minutes(2)));

} // namespace kusto

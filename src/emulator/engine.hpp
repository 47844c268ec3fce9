#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace kusto::emulator
{

/// A refusal, as the service words it: becomes an HTTP status with a OneApi error body.
class engine_error : public std::runtime_error
{
public:
    engine_error(int status, std::string code, std::string type, std::string text,
                 bool permanent = true)
        : std::runtime_error(text),
          status(status),
          code(std::move(code)),
          type(std::move(type)),
          permanent(permanent)
    {
    }

    int status;       ///< HTTP status: 400, 404, ...
    std::string code; ///< for example `BadRequest_EntityNotFound`, `General_BadRequest`, `SEM0100`
    std::string type; ///< for example `Kusto.Data.Exceptions.KustoBadRequestException`
    bool permanent;
};

/// A value as the engine holds it. `std::monostate` is null. Datetime and timespan are ticks of
/// 100 ns (datetime since 0001-01-01); guid and decimal are their canonical text; dynamic is
/// compact JSON text. The column's type tells them apart.
using cell = std::variant<std::monostate, bool, std::int64_t, double, std::string>;

struct column_schema
{
    std::string name;
    std::string
        type; ///< canonical: bool int long real decimal datetime timespan guid string dynamic
};

struct result_table
{
    std::string name = "Table_0";
    std::vector<column_schema> columns;
    std::vector<std::vector<cell>> rows;
};

/// v1: `{"Tables":[...]}` (kusto-protocol 12.2). v2: array of frames (12.3).
[[nodiscard]] std::string render_v1(result_table const& table);
[[nodiscard]] std::string render_v2(result_table const& table);

/// What is known about the tags of `ingest_if_not_exists` before an ingestion.
enum class tag_check : std::uint8_t
{
    at_commit, ///< nothing: to be looked at in one step with the ingestion
    passed,    ///< none of them was there
    found
};

/// One blob, downloaded and decompressed, to be ingested as one extent.
struct ingest_request
{
    std::string database;
    std::string table;
    std::string format = "csv"; ///< csv, tsv, psv, scsv, json, multijson, singlejson
    std::string data;
    std::string source_path; ///< without query, for `SourceLocation` and failures
    std::string mapping_reference;
    std::string inline_mapping; ///< JSON array, or empty
    std::string mapping_kind;   ///< `Csv` or `Json`, or empty
    std::vector<std::string> tags;
    std::vector<std::string> ingest_if_not_exists;
    std::string creation_time;
    tag_check tags_checked = tag_check::at_commit;
    bool ignore_first_record = false;
    bool validate_columns = true; ///< strict: a row with another number of fields fails the blob
    bool discarded = false; ///< check everything but the data, which is not there; store nothing
    bool first_half_only = false; ///< drop the second half of the rows, as a partial failure does
};

/// How an ingestion ended (kusto-protocol 9.1, 9.5).
struct ingest_result
{
    std::string status; ///< `Succeeded`, `Failed`, `Skipped`, `PartiallySucceeded`
    std::string error_code;
    std::string details;
    bool permanent = true;
    bool exhausted = false; ///< the service has given up repeating
    std::uint64_t rows = 0;
    std::string extent_id;
    std::string operation_id;
    std::string activity_id;
};

/// A row of `.show ingestion failures`.
struct ingestion_failure
{
    std::string operation_id, database, table, failed_on, source_path, details, error_code,
        failure_kind, activity_id;
    bool should_retry = false;
};

struct engine_settings
{
    /// From a queued ingestion to the time when queries and commands see its extent.
    std::chrono::milliseconds extent_visibility_delay{0};
    std::function<std::chrono::system_clock::time_point()> now; ///< empty: the system's clock
};

/// The engine half of the local cluster: databases, tables, mappings, extents; management commands
/// and queries over SQLite. Knows nothing of HTTP, queues or storage accounts.
///
/// \par Thread safety
/// All member functions may be called from any thread.
class engine
{
public:
    /// \param file  SQLite file, or empty for memory
    /// \param databases  names; others do not exist
    engine(std::string const& file, std::vector<std::string> const& databases,
           engine_settings settings = {});
    ~engine();
    engine(engine const&) = delete;
    engine& operator=(engine const&) = delete;

    /// \throws engine_error
    [[nodiscard]] result_table command(std::string const& database, std::string_view text);
    /// \throws engine_error; never answers what it does not implement
    [[nodiscard]] result_table query(std::string const& database, std::string_view text);

    /// A queued ingestion: parses and stores one blob, atomically: all rows of it or none. Does not
    /// throw for bad data; a failure is recorded for `.show ingestion failures`.
    ingest_result ingest(ingest_request const& request);

    /// Looks for the tags of `ingest_if_not_exists`, as a step of its own.
    [[nodiscard]] tag_check check_tags(ingest_request const& request);

    /// Records a failure that happened before `ingest` (download, gzip).
    void record_failure(ingestion_failure failure);

    [[nodiscard]] bool has_database(std::string_view name) const;

private:
    struct impl;
    std::unique_ptr<impl> impl_;
};

} // namespace kusto::emulator

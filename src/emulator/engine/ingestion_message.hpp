#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace kusto::emulator::kql
{

enum class report_level : std::uint8_t
{
    failures_only,
    none,
    failures_and_successes
};

enum class report_method : std::uint8_t
{
    queue,
    table,
    queue_and_table,
    azure_monitoring
};

/// A queue message, as the ingestion service reads it.
struct ingestion_message
{
    std::string id;
    std::string blob_url; ///< with SAS
    std::optional<std::uint64_t> raw_size;
    std::string database;
    std::string table;
    bool retain_blob = false;
    bool flush_immediately = false;
    report_level level = report_level::failures_only;
    report_method method = report_method::queue;
    std::string status_table_url; ///< with SAS; empty: no status entity
    std::string partition_key;
    std::string row_key;
    std::map<std::string, std::string> properties; ///< names in lower case

    /// The blob's URL without its query.
    [[nodiscard]] std::string blob_path() const { return blob_url.substr(0, blob_url.find('?')); }
    [[nodiscard]] std::string property(std::string const& name) const;
    /// Whether the service gives the blob a batch of its own.
    [[nodiscard]] bool alone() const;
    /// Messages with equal keys may share a batch.
    [[nodiscard]] std::string batch_key() const;
};

/// Parses base64 of JSON; member names in any case.
/// \throws ingest_failure `BadRequest_CorruptedMessage` naming the member
[[nodiscard]] ingestion_message parse_message(std::string_view text);

} // namespace kusto::emulator::kql

#pragma once

#include <base/guid.hpp>
#include <base/time_text.hpp>
#include <base/url.hpp>
#include <cstdint>
#include <kusto/options.hpp>
#include <optional>
#include <string>
#include <utility>
#include <vector>
#include <wire/client_identity.hpp>

namespace kusto::wire
{

enum class report_level
{
    failures_only = 0,
    none = 1,
    failures_and_successes = 2,
};

enum class report_method
{
    queue = 0,
    table = 1,
    queue_and_table = 2,
};

/// The message that asks the service to ingest one blob. What does not change from batch to batch
/// is set once; copies are cheap enough to make one for each message.
class ingestion_message
{
public:
    /// Database, table, mapping, tags, flush flag from `options`.
    ingestion_message(write_options const& options, client_identity const& who);

    /// One batch. `raw_size` is the exact size before compression.
    ingestion_message& batch(base::guid source_id, base::url blob, std::uint64_t raw_size,
                             data_format format);
    /// The identity token. A secret.
    ingestion_message& authorization_context(std::string token);
    ingestion_message& created(base::utc_time_point when);
    /// Makes the service report into `table`, whose entity must exist already.
    ingestion_message& status_in(base::url table,
                                 report_level level = report_level::failures_and_successes,
                                 report_method method = report_method::table);
    /// Another ingestion property. The message's own properties win.
    ingestion_message& property(std::string name, std::string value);

    /// The JSON text. A secret: it holds the blob's SAS and the identity token.
    [[nodiscard]] std::string to_json() const;

private:
    base::guid source_id_;
    base::url blob_;
    std::uint64_t raw_size_ = 0;
    data_format format_ = data_format::csv;
    std::string database_;
    std::string table_;
    std::string mapping_name_;
    data_format mapping_format_ = data_format::csv;
    std::string tags_;
    std::string if_not_exists_;
    std::string application_;
    std::string version_;
    std::string authorization_context_;
    std::optional<base::url> status_table_;
    base::utc_time_point created_;
    std::vector<std::pair<std::string, std::string>> properties_;
    report_level level_ = report_level::failures_only;
    report_method method_ = report_method::queue;
    bool flush_immediately_ = false;
};

} // namespace kusto::wire

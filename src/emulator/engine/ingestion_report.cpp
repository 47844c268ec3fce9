#include "ingestion_report.hpp"

#include "calendar.hpp"
#include "json_reader.hpp"

namespace kusto::emulator::kql
{

namespace
{

void append(std::string& json, char const* name, std::string const& value)
{
    json += json.size() > 1 ? "," : "";
    json += json_string(name) + ":" + json_string(value);
}

/// Whether the same source may succeed when it is submitted again.
bool should_retry(ingest_result const& result)
{
    return !result.permanent || result.exhausted;
}

} // namespace

bool is_failure(ingest_result const& result)
{
    return result.status == "Failed" || result.status == "PartiallySucceeded";
}

bool is_wanted(ingestion_message const& message, ingest_result const& result)
{
    return message.level == report_level::failures_and_successes ||
           (message.level == report_level::failures_only && is_failure(result));
}

bool goes_to_table(ingestion_message const& message)
{
    return !message.status_table_url.empty() && (message.method == report_method::table ||
                                                 message.method == report_method::queue_and_table);
}

bool goes_to_queue(ingestion_message const& message)
{
    return message.method == report_method::queue ||
           message.method == report_method::queue_and_table;
}

std::string failure_status(ingest_result const& result)
{
    if (result.exhausted)
        return "Exhausted";
    return result.permanent ? "Permanent" : "Transient";
}

std::map<std::string, std::string> status_properties(ingest_result const& result)
{
    std::map<std::string, std::string> properties{{"Status", result.status},
                                                  {"UpdatedOn", format_datetime(now_ticks())},
                                                  {"OperationId", result.operation_id},
                                                  {"ActivityId", result.activity_id}};
    if (is_failure(result))
    {
        properties["ErrorCode"] = result.error_code;
        properties["FailureStatus"] = failure_status(result);
        properties["OriginatesFromUpdatePolicy"] = "false";
    }
    if (!result.details.empty())
        properties["Details"] = result.details;
    return properties;
}

std::string notification(ingestion_message const& message, ingest_result const& result)
{
    bool const failure = is_failure(result);
    std::string json = "{";
    append(json, "OperationId", result.operation_id);
    append(json, "Database", message.database);
    append(json, "Table", message.table);
    append(json, failure ? "FailedOn" : "SucceededOn", format_datetime(now_ticks()));
    append(json, "IngestionSourceId", message.id);
    append(json, "IngestionSourcePath", message.blob_path());
    append(json, "RootActivityId", result.activity_id);
    if (failure)
    {
        append(json, "Details", result.details);
        append(json, "ErrorCode", result.error_code);
        append(json, "FailureStatus", failure_status(result));
        json += ",\"OriginatesFromUpdatePolicy\":false,\"ShouldRetry\":";
        json += should_retry(result) ? "true" : "false";
    }
    return json + "}";
}

ingestion_failure failure_row(ingestion_message const& message, ingest_result const& result)
{
    ingestion_failure failure;
    failure.operation_id = result.operation_id;
    failure.database = message.database;
    failure.table = message.table;
    failure.failed_on = format_datetime(now_ticks());
    failure.source_path = message.blob_path();
    failure.details = result.details;
    failure.error_code = result.error_code;
    failure.failure_kind = result.permanent ? "Permanent" : "Transient";
    failure.activity_id = result.activity_id;
    failure.should_retry = should_retry(result);
    return failure;
}

} // namespace kusto::emulator::kql

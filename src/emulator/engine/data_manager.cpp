#include <emulator/data_manager.hpp>

#include "calendar.hpp"
#include "gunzip.hpp"
#include "ingestion_message.hpp"
#include "ingestion_properties.hpp"
#include "json_reader.hpp"
#include "mapping.hpp"

#include <algorithm>
#include <base/guid.hpp>
#include <mutex>
#include <set>

namespace kusto::emulator
{

namespace
{

using kql::ingest_failure;
using kql::ingestion_message;
using kql::report_level;
using kql::report_method;
using clock_type = data_manager::clock;

struct batch
{
    std::string key;
    clock_type::time_point due;
    std::uint64_t raw_bytes = 0;
    bool sealed = false;
    std::vector<ingestion_message> messages;
};

ingest_result failed(ingest_failure const& from)
{
    ingest_result result;
    result.status = "Failed";
    result.error_code = from.code;
    result.details = from.details;
    result.permanent = from.permanent;
    result.operation_id = base::guid::random().to_string();
    result.activity_id = base::guid::random().to_string();
    return result;
}

bool ends_with_gz(std::string const& path)
{
    return path.size() > 3 && kql::same_text(std::string_view(path).substr(path.size() - 3), ".gz");
}

bool to_table(ingestion_message const& message)
{
    return !message.status_table_url.empty() && (message.method == report_method::table ||
                                                 message.method == report_method::queue_and_table);
}

bool to_queue(ingestion_message const& message)
{
    return message.method == report_method::queue ||
           message.method == report_method::queue_and_table;
}

void append(std::string& json, char const* name, std::string const& value)
{
    json += json.size() > 1 ? "," : "";
    json += kql::json_string(name) + ":" + kql::json_string(value);
}

/// Text for the success or failure queue.
std::string notification(ingestion_message const& message, ingest_result const& result,
                         bool success)
{
    std::string json = "{";
    append(json, "OperationId", result.operation_id);
    append(json, "Database", message.database);
    append(json, "Table", message.table);
    append(json, success ? "SucceededOn" : "FailedOn", kql::format_datetime(kql::now_ticks()));
    append(json, "IngestionSourceId", message.id);
    append(json, "IngestionSourcePath", message.blob_path());
    append(json, "RootActivityId", result.activity_id);
    if (!success)
    {
        append(json, "Details", result.details);
        append(json, "ErrorCode", result.error_code);
        append(json, "FailureStatus", result.permanent ? "Permanent" : "Transient");
        json += ",\"OriginatesFromUpdatePolicy\":false,\"ShouldRetry\":";
        json += result.permanent ? "false" : "true";
    }
    return json + "}";
}

} // namespace

struct data_manager::impl
{
    impl(engine& target, storage_access& storage, batching_policy policy)
        : target(target),
          storage(storage),
          policy(policy)
    {
    }

    void place(ingestion_message message, clock::time_point now);
    std::vector<batch> take_due(clock::time_point now);
    void process(batch& work);
    ingest_result ingest(ingestion_message const& message, bool repeated);
    std::string download(ingestion_message const& message);
    void record(ingestion_message const& message, ingest_result const& result);
    void report(ingestion_message const& message, ingest_result const& result);
    void count(ingest_result const& result);

    engine& target;
    storage_access& storage;
    batching_policy const policy;

    mutable std::mutex mutex; ///< guards what follows
    std::vector<ingestion_message> inbox;
    std::vector<batch> batches;
    std::size_t in_progress = 0;
    totals counted;
};

void data_manager::impl::place(ingestion_message message, clock::time_point now)
{
    std::string key = message.batch_key();
    bool const alone = message.alone();
    auto found =
        std::find_if(batches.begin(), batches.end(),
                     [&](batch const& open) { return !alone && !open.sealed && open.key == key; });
    if (found == batches.end())
    {
        batch opened;
        opened.key = std::move(key);
        opened.due = now + policy.time_span;
        batches.push_back(std::move(opened));
        found = batches.end() - 1;
    }
    found->raw_bytes += message.raw_size.value_or(0);
    bool const flush = message.flush_immediately;
    found->messages.push_back(std::move(message));
    found->sealed = alone || flush || found->messages.size() >= policy.items ||
                    found->raw_bytes >= policy.raw_bytes;
}

std::vector<batch> data_manager::impl::take_due(clock::time_point now)
{
    std::lock_guard const lock(mutex);
    for (auto& message : inbox)
        place(std::move(message), now);
    inbox.clear();
    auto const first_due =
        std::stable_partition(batches.begin(), batches.end(),
                              [&](batch const& open) { return !open.sealed && open.due > now; });
    std::vector<batch> due(std::make_move_iterator(first_due),
                           std::make_move_iterator(batches.end()));
    batches.erase(first_due, batches.end());
    for (auto const& work : due)
        in_progress += work.messages.size();
    return due;
}

std::string data_manager::impl::download(ingestion_message const& message)
{
    std::string const path = message.blob_path();
    if (path.empty())
        throw ingest_failure{"BadRequest_EmptyBlobUri", "BlobPath is empty", true};
    auto fetched = storage.fetch(message.blob_url);
    if (!fetched.ok)
        throw ingest_failure{fetched.error_code, fetched.details, true};
    bool const plain = kql::same_text(message.property("treatgzasuncompressed"), "true");
    if (ends_with_gz(path) && !plain)
    {
        auto expanded = kql::gunzip(fetched.bytes);
        if (!expanded)
            throw ingest_failure{"BadRequest_InvalidBlob",
                                 "the blob's name ends with .gz but its content is not valid gzip",
                                 true};
        fetched.bytes = std::move(*expanded);
    }
    if (message.raw_size && *message.raw_size != fetched.bytes.size())
    {
        std::lock_guard const lock(mutex);
        ++counted.raw_size_mismatches;
    }
    return std::move(fetched.bytes);
}

ingest_result data_manager::impl::ingest(ingestion_message const& message, bool repeated)
{
    try
    {
        if (!storage.accepts_identity(message.property("authorizationcontext")))
            throw ingest_failure{"BadRequest_InvalidKustoIdentityToken",
                                 "authorizationContext is missing, unknown or expired", true};
        if (repeated)
            throw ingest_failure{"BlobAlreadyReceived_BlobAlreadyFoundInBatch",
                                 "the blob is already in this batch and was ingested once", true};
        ingest_request request;
        request.database = message.database;
        request.table = message.table;
        request.source_path = message.blob_path();
        kql::apply_ingestion_properties(request, message.properties);
        request.data = download(message);
        return target.ingest(request);
    }
    catch (ingest_failure const& failure)
    {
        auto const result = failed(failure);
        record(message, result);
        return result;
    }
}

void data_manager::impl::record(ingestion_message const& message, ingest_result const& result)
{
    ingestion_failure failure;
    failure.operation_id = result.operation_id;
    failure.database = message.database;
    failure.table = message.table;
    failure.failed_on = kql::format_datetime(kql::now_ticks());
    failure.source_path = message.blob_path();
    failure.details = result.details;
    failure.error_code = result.error_code;
    failure.failure_kind = result.permanent ? "Permanent" : "Transient";
    failure.activity_id = result.activity_id;
    failure.should_retry = !result.permanent;
    target.record_failure(std::move(failure));
}

void data_manager::impl::report(ingestion_message const& message, ingest_result const& result)
{
    bool const success = result.status != "Failed";
    bool const wanted = message.level == report_level::failures_and_successes ||
                        (message.level == report_level::failures_only && !success);
    if (wanted && to_table(message))
    {
        std::map<std::string, std::string> properties{
            {"Status", result.status},
            {"UpdatedOn", kql::format_datetime(kql::now_ticks())},
            {"OperationId", result.operation_id},
            {"ActivityId", result.activity_id}};
        if (!success)
        {
            properties["ErrorCode"] = result.error_code;
            properties["FailureStatus"] = result.permanent ? "Permanent" : "Transient";
            properties["OriginatesFromUpdatePolicy"] = "false";
        }
        if (!result.details.empty())
            properties["Details"] = result.details;
        storage.merge_status(message.status_table_url, message.partition_key, message.row_key,
                             properties);
    }
    if (wanted && to_queue(message))
        storage.notify(success, notification(message, result, success));
    if (result.status == "Succeeded" && !message.retain_blob)
        storage.remove(message.blob_url);
}

void data_manager::impl::count(ingest_result const& result)
{
    if (result.status == "Succeeded")
        ++counted.succeeded;
    else if (result.status == "Skipped")
        ++counted.skipped;
    else
        ++counted.failed;
}

void data_manager::impl::process(batch& work)
{
    std::set<std::string> seen;
    for (auto const& message : work.messages)
    {
        bool const repeated = !seen.insert(message.blob_path()).second;
        ingest_result const result = ingest(message, repeated);
        try
        {
            report(message, result);
        }
        catch (std::exception const& problem)
        {
            // The data is in the table or not; a lost report changes nothing about that.
            ingest_result lost = result;
            lost.details = std::string("the outcome could not be reported: ") + problem.what();
            lost.error_code = "General_InternalServerError";
            record(message, lost);
        }
        std::lock_guard const lock(mutex);
        count(result);
        --in_progress;
    }
}

data_manager::data_manager(engine& target, storage_access& storage, batching_policy policy)
    : impl_(std::make_unique<impl>(target, storage, policy))
{
}

data_manager::~data_manager() = default;

void data_manager::submit(std::string const& message_text)
{
    try
    {
        auto message = kql::parse_message(message_text);
        std::lock_guard const lock(impl_->mutex);
        impl_->inbox.push_back(std::move(message));
    }
    catch (ingest_failure const& failure)
    {
        impl_->record(ingestion_message(), failed(failure));
        std::lock_guard const lock(impl_->mutex);
        ++impl_->counted.failed;
    }
}

data_manager::clock::time_point data_manager::run_once(clock::time_point now)
{
    for (auto& work : impl_->take_due(now))
        impl_->process(work);
    std::lock_guard const lock(impl_->mutex);
    if (!impl_->inbox.empty())
        return now;
    auto next = clock::time_point::max();
    for (auto const& open : impl_->batches)
        next = std::min(next, open.due);
    return next;
}

std::size_t data_manager::pending() const
{
    std::lock_guard const lock(impl_->mutex);
    std::size_t total = impl_->inbox.size() + impl_->in_progress;
    for (auto const& open : impl_->batches)
        total += open.messages.size();
    return total;
}

data_manager::totals data_manager::counts() const
{
    std::lock_guard const lock(impl_->mutex);
    return impl_->counted;
}

} // namespace kusto::emulator

#include <kusto/statistics.hpp>

#include <boost/json.hpp>
#include <kusto/write_ahead_statistics.hpp>
#include <telemetry/valid_text.hpp>

namespace kusto
{

namespace
{

namespace json = boost::json;
using telemetry::valid_text;

double seconds(std::chrono::microseconds duration)
{
    return std::chrono::duration<double>(duration).count();
}

json::object to_object(delivery_counts const& counts)
{
    return {{"records", counts.records}, {"bytes", counts.bytes}, {"blobs", counts.blobs}};
}

/// Without what the service said: it may hold data of the user.
json::value to_value(std::optional<failure> const& why)
{
    if (!why)
        return nullptr;
    json::object out;
    out["code"] = to_string(why->code());
    out["stage"] = to_string(why->where());
    out["message"] = valid_text(why->message());
    out["host"] = valid_text(why->host());
    out["status"] = why->status();
    out["service_code"] = valid_text(why->service_code());
    out["request_id"] = valid_text(why->request_id());
    out["activity_id"] = valid_text(why->activity_id());
    out["source_id"] = valid_text(why->source_id());
    out["attempts"] = why->attempts();
    out["retryable"] = why->retryable();
    out["outcome"] = why->outcome() == outcome::unknown ? "unknown" : "failed";
    return out;
}

json::object to_object(delivery_report const& report)
{
    json::object out;
    out["accepted"] = to_object(report.accepted);
    out["delivered"] = to_object(report.delivered);
    out["failed"] = to_object(report.failed);
    out["dead_lettered"] = to_object(report.dead_lettered);
    out["unknown"] = to_object(report.unknown);
    out["pending"] = to_object(report.pending);
    out["queued"] = to_object(report.queued);
    out["possibly_twice"] = to_object(report.possibly_twice);
    out["first_failure"] = to_value(report.first_failure);
    return out;
}

/// JSON has no infinity: null says that a duration is beyond all bounds.
json::value to_value(std::chrono::microseconds duration)
{
    if (duration == (std::chrono::microseconds::max)())
        return nullptr;
    return seconds(duration);
}

json::array filled_buckets(latency_histogram const& from)
{
    json::array out;
    for (std::size_t i = 0; i < from.buckets.size(); ++i)
    {
        if (from.buckets[i] == 0)
            continue;
        json::object bucket;
        if (i < latency_histogram::bounded_buckets)
            bucket["up_to"] = seconds(latency_histogram::bound(i));
        else
            bucket["up_to"] = nullptr;
        bucket["count"] = from.buckets[i];
        out.push_back(std::move(bucket));
    }
    return out;
}

json::object to_object(latency_histogram const& from)
{
    json::object out;
    out["count"] = from.count();
    out["sum"] = seconds(from.sum);
    out["p50"] = to_value(from.quantile(0.5));
    out["p90"] = to_value(from.quantile(0.9));
    out["p99"] = to_value(from.quantile(0.99));
    out["buckets"] = filled_buckets(from);
    return out;
}

json::object to_object(stage_latencies const& latency)
{
    json::object out;
    out["encode"] = to_object(latency.encode);
    out["linger"] = to_object(latency.linger);
    out["compress"] = to_object(latency.compress);
    out["upload"] = to_object(latency.upload);
    out["post"] = to_object(latency.post);
    out["ingest"] = to_object(latency.ingest);
    out["end_to_end"] = to_object(latency.end_to_end);
    return out;
}

json::array to_array(std::vector<codec_statistics> const& used)
{
    json::array out;
    for (auto const& one : used)
    {
        json::object codec;
        codec["codec"] = one.codec.to_string();
        codec["batches"] = one.batches;
        codec["bytes"] = one.bytes;
        codec["compressed_bytes"] = one.compressed_bytes;
        out.push_back(std::move(codec));
    }
    return out;
}

json::object to_object(sink_statistics const& values)
{
    json::object out;
    out["report"] = to_object(values.report);
    out["compressed_bytes"] = values.compressed_bytes;
    out["sealed_by_records"] = values.sealed_by_records;
    out["sealed_by_bytes"] = values.sealed_by_bytes;
    out["sealed_by_interval"] = values.sealed_by_interval;
    out["sealed_by_flush"] = values.sealed_by_flush;
    out["sealed_by_format"] = values.sealed_by_format;
    out["sealed_by_pressure"] = values.sealed_by_pressure;
    out["retries"] = values.retries;
    out["repeated_posts"] = values.repeated_posts;
    out["waiting_batches"] = values.waiting_batches;
    out["writes_that_waited"] = values.writes_that_waited;
    out["budget_bytes"] = values.budget_bytes;
    out["budget_peak_bytes"] = values.budget_peak_bytes;
    out["budget_limit_bytes"] = values.budget_limit_bytes;
    out["codec"] = values.codec.to_string();
    out["codec_switches"] = values.codec_switches;
    out["codecs"] = to_array(values.codecs);
    out["oldest_unacknowledged"] = seconds(values.oldest_unacknowledged);
    out["trouble"] = to_value(values.trouble);
    out["latency"] = to_object(values.latency);
    return out;
}

json::object to_object(write_ahead_statistics const& values)
{
    json::object out;
    out["local"] = to_object(values.local);
    out["sealed"] = to_object(values.sealed);
    out["committed"] = to_object(values.committed);
    out["pending"] = to_object(values.pending);
    out["checkpoints_sealed"] = values.checkpoints_sealed;
    out["checkpoints_committed"] = values.checkpoints_committed;
    out["backlog_bytes"] = values.backlog_bytes;
    out["stages_abandoned"] = values.stages_abandoned;
    out["repeated_posts"] = values.repeated_posts;
    out["duplicates"] = values.duplicates;
    out["oldest_uncommitted"] = seconds(values.oldest_uncommitted);
    out["trouble"] = to_value(values.trouble);
    out["seal"] = to_object(values.seal);
    out["commit"] = to_object(values.commit);
    return out;
}

} // namespace

std::string to_json(sink_statistics const& values)
{
    return json::serialize(to_object(values));
}

std::string to_json(write_ahead_statistics const& values)
{
    return json::serialize(to_object(values));
}

} // namespace kusto

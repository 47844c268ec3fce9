#include "sample_statistics.hpp"

namespace kusto::test
{

namespace
{

delivery_counts counts(std::uint64_t first)
{
    delivery_counts out;
    out.records = first;
    out.bytes = first + 1;
    out.blobs = first + 2;
    return out;
}

latency_histogram histogram(std::uint64_t first)
{
    latency_histogram out;
    for (auto& bucket : out.buckets)
        bucket = first++;
    out.sum = std::chrono::microseconds(first * 1'000'001);
    return out;
}

} // namespace

sink_statistics sample_statistics()
{
    sink_statistics out;
    out.report.accepted = counts(10);
    out.report.delivered = counts(20);
    out.report.failed = counts(30);
    out.report.dead_lettered = counts(40);
    out.report.unknown = counts(50);
    out.report.pending = counts(60);
    out.report.queued = counts(70);
    out.report.possibly_twice = counts(80);
    out.report.first_failure =
        failure(errc::request_rejected, stage::upload, "refused").server_text("CANARY");
    out.compressed_bytes = 101;
    out.sealed_by_records = 102;
    out.sealed_by_bytes = 103;
    out.sealed_by_interval = 104;
    out.sealed_by_flush = 105;
    out.sealed_by_format = 106;
    out.sealed_by_pressure = 107;
    out.retries = 108;
    out.repeated_posts = 109;
    out.waiting_batches = 110;
    out.writes_that_waited = 111;
    out.budget_bytes = 112;
    out.budget_peak_bytes = 113;
    out.budget_limit_bytes = 114;
    out.codec = compression::zlib(5);
    out.codec_switches = 116;
    codec_statistics fast;
    fast.codec = compression::igzip(1);
    fast.batches = 117;
    fast.bytes = 118;
    fast.compressed_bytes = 119;
    out.codecs.push_back(fast);
    out.oldest_unacknowledged = std::chrono::milliseconds(115'250);
    out.trouble = failure(errc::throttled, stage::post, "busy \"now\"")
                      .host("q.example:443")
                      .status(503)
                      .service_code("ServerBusy")
                      .request_id("r-1")
                      .activity_id("a-1")
                      .attempts(3)
                      .retryable(true)
                      .outcome(outcome::unknown)
                      .server_text("CANARY");
    out.latency.encode = histogram(1'000);
    out.latency.linger = histogram(2'000);
    out.latency.compress = histogram(3'000);
    out.latency.upload = histogram(4'000);
    out.latency.post = histogram(5'000);
    out.latency.ingest = histogram(6'000);
    out.latency.end_to_end = histogram(7'000);
    return out;
}

write_ahead_statistics sample_write_ahead_statistics()
{
    write_ahead_statistics out;
    out.local = sample_statistics();
    out.sealed = counts(210);
    out.committed = counts(220);
    out.pending = counts(230);
    out.checkpoints_sealed = 301;
    out.checkpoints_committed = 302;
    out.backlog_bytes = 303;
    out.stages_abandoned = 304;
    out.repeated_posts = 305;
    out.duplicates = 306;
    out.oldest_uncommitted = std::chrono::milliseconds(307'250);
    out.trouble = failure(errc::access_denied, stage::commit, "no permission")
                      .host("e.example:443")
                      .attempts(5)
                      .server_text("CANARY");
    out.seal = histogram(8'000);
    out.commit = histogram(9'000);
    return out;
}

std::vector<named_statistics> sample_sinks()
{
    return {{"db", "trades", sample_statistics()},
            {"db", "empty", {}},
            {"db \"1\"", "a\\b\nc\xc3\xa4\xff", sample_statistics()},
            {"db", "trades", {}}};
}

std::vector<named_write_ahead_statistics> sample_write_ahead_sinks()
{
    return {{"db", "trades", sample_write_ahead_statistics()}, {"db", "quiet", {}}};
}

} // namespace kusto::test

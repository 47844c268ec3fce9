#include <telemetry/sink_metrics.hpp>

#include <algorithm>
#include <telemetry/metric_page.hpp>
#include <utility>

namespace kusto::telemetry
{

namespace
{

constexpr number_family<sink_statistics> number_families[] = {
    {"kusto_sink_compressed_bytes_total", counter,
     "Bytes of the blobs delivered, after compression.", &sink_statistics::compressed_bytes},
    {"kusto_sink_retries_total", counter, "Attempts of uploads and queue messages after the first.",
     &sink_statistics::retries},
    {"kusto_sink_repeated_posts_total", counter,
     "Queue messages sent again that may have become a second message.",
     &sink_statistics::repeated_posts},
    {"kusto_sink_waited_writes_total", counter, "Writes that had to wait for the byte budget.",
     &sink_statistics::writes_that_waited},
    {"kusto_sink_waiting_batches", gauge, "Batches that wait, now, for trouble to pass.",
     &sink_statistics::waiting_batches},
    {"kusto_sink_codec_switches_total", counter,
     "Changes of the codec, with automatic compression.", &sink_statistics::codec_switches},
    {"kusto_sink_budget_bytes", gauge, "Byte budget in use.", &sink_statistics::budget_bytes},
    {"kusto_sink_budget_peak_bytes", gauge, "Most of the byte budget ever in use.",
     &sink_statistics::budget_peak_bytes},
    {"kusto_sink_budget_limit_bytes", gauge, "The whole byte budget.",
     &sink_statistics::budget_limit_bytes},
};

constexpr count_family<delivery_report> count_families[] = {
    {"kusto_sink_accepted_records_total", counter, "Records accepted.", &delivery_report::accepted,
     &delivery_counts::records},
    {"kusto_sink_accepted_bytes_total", counter, "Bytes accepted, before compression.",
     &delivery_report::accepted, &delivery_counts::bytes},
    {"kusto_sink_accepted_batches_total", counter, "Batches begun.", &delivery_report::accepted,
     &delivery_counts::blobs},
    {"kusto_sink_pending_records", gauge, "Records accepted and not yet resolved.",
     &delivery_report::pending, &delivery_counts::records},
    {"kusto_sink_pending_bytes", gauge, "Bytes accepted and not yet resolved.",
     &delivery_report::pending, &delivery_counts::bytes},
    {"kusto_sink_pending_batches", gauge, "Batches begun and not yet resolved.",
     &delivery_report::pending, &delivery_counts::blobs},
    {"kusto_sink_queued_records", gauge,
     "Records, of the pending ones, that wait for the status of their ingestion.",
     &delivery_report::queued, &delivery_counts::records},
    {"kusto_sink_queued_bytes", gauge,
     "Bytes, of the pending ones, that wait for the status of their ingestion.",
     &delivery_report::queued, &delivery_counts::bytes},
    {"kusto_sink_queued_batches", gauge,
     "Batches, of the pending ones, that wait for the status of their ingestion.",
     &delivery_report::queued, &delivery_counts::blobs},
    {"kusto_sink_possibly_twice_records_total", counter,
     "Records whose queue message was sent again after an answer was lost.",
     &delivery_report::possibly_twice, &delivery_counts::records},
    {"kusto_sink_possibly_twice_bytes_total", counter,
     "Bytes whose queue message was sent again after an answer was lost.",
     &delivery_report::possibly_twice, &delivery_counts::bytes},
    {"kusto_sink_possibly_twice_batches_total", counter,
     "Batches whose queue message was sent again after an answer was lost.",
     &delivery_report::possibly_twice, &delivery_counts::blobs},
};

/// A count of what is resolved, one series for each outcome.
struct outcome_family
{
    std::string_view name;
    std::string_view help;
    std::uint64_t delivery_counts::*value;
};

constexpr outcome_family outcome_families[] = {
    {"kusto_sink_records_total", "Records resolved, by outcome.", &delivery_counts::records},
    {"kusto_sink_bytes_total", "Bytes resolved, before compression, by outcome.",
     &delivery_counts::bytes},
    {"kusto_sink_batches_total", "Batches resolved, by outcome.", &delivery_counts::blobs},
};

constexpr std::pair<std::string_view, delivery_counts delivery_report::*> outcomes[] = {
    {"delivered", &delivery_report::delivered},
    {"failed", &delivery_report::failed},
    {"dead_lettered", &delivery_report::dead_lettered},
    {"unknown", &delivery_report::unknown},
};

constexpr std::pair<std::string_view, std::uint64_t sink_statistics::*> seal_reasons[] = {
    {"records", &sink_statistics::sealed_by_records},
    {"bytes", &sink_statistics::sealed_by_bytes},
    {"interval", &sink_statistics::sealed_by_interval},
    {"flush", &sink_statistics::sealed_by_flush},
    {"format", &sink_statistics::sealed_by_format},
    {"pressure", &sink_statistics::sealed_by_pressure},
};

constexpr histogram_family<stage_latencies> histogram_families[] = {
    {"kusto_sink_encode_seconds", "Time to encode a record; one in 64 is measured.",
     &stage_latencies::encode, microsecond, tens_of_ms},
    {"kusto_sink_linger_seconds", "Time from a batch's first record to its sealing.",
     &stage_latencies::linger, millisecond, hour},
    {"kusto_sink_compress_seconds", "Processor time to compress a batch.",
     &stage_latencies::compress, tens_of_us, minute},
    {"kusto_sink_upload_seconds", "Time of one try of an upload, with its attempts and pauses.",
     &stage_latencies::upload, millisecond, hour},
    {"kusto_sink_post_seconds", "Time of one try of a queue message, with its attempts and pauses.",
     &stage_latencies::post, millisecond, hour},
    {"kusto_sink_ingest_seconds", "Time from the queue message to the final status of a batch.",
     &stage_latencies::ingest, millisecond, hour},
    {"kusto_sink_end_to_end_seconds", "Time from a batch's first record to its delivery.",
     &stage_latencies::end_to_end, millisecond, hour},
};

void add_outcomes(metric_page& page, outcome_family const& family,
                  labelled_list<delivery_report> const& reports)
{
    page.begin(family.name, counter, family.help);
    for (auto const& one : reports)
    {
        for (auto const& [name, group] : outcomes)
            page.sample(family.name, with_label(one.labels, "outcome", name),
                        number_text(one.values->*group.*family.value));
    }
}

void add_seal_reasons(metric_page& page, labelled_list<sink_statistics> const& sinks)
{
    constexpr std::string_view name = "kusto_sink_sealed_batches_total";
    page.begin(name, counter, "Batches sealed, by reason.");
    for (auto const& one : sinks)
    {
        for (auto const& [reason, value] : seal_reasons)
            page.sample(name, with_label(one.labels, "reason", reason),
                        number_text(one.values->*value));
    }
}

/// A count of what was compressed, one series for each codec that was used.
struct codec_family
{
    std::string_view name;
    std::string_view help;
    std::uint64_t codec_statistics::*value;
};

constexpr codec_family codec_families[] = {
    {"kusto_sink_codec_batches_total", "Batches compressed, by codec.", &codec_statistics::batches},
    {"kusto_sink_codec_bytes_total", "Bytes compressed, before compression, by codec.",
     &codec_statistics::bytes},
    {"kusto_sink_codec_compressed_bytes_total", "Bytes that came out of compression, by codec.",
     &codec_statistics::compressed_bytes},
};

void add_codecs(metric_page& page, labelled_list<sink_statistics> const& sinks)
{
    constexpr std::string_view name = "kusto_sink_codec";
    page.begin(name, gauge, "1 for the codec that the batches get that begin now.");
    for (auto const& one : sinks)
        page.sample(name, with_label(one.labels, "codec", one.values->codec.to_string()), "1");
    // A heading without samples is none.
    auto const unused = [](auto const& one) { return one.values->codecs.empty(); };
    if (std::all_of(sinks.begin(), sinks.end(), unused))
        return;
    for (auto const& family : codec_families)
    {
        page.begin(family.name, counter, family.help);
        for (auto const& one : sinks)
            for (auto const& used : one.values->codecs)
                page.sample(family.name, with_label(one.labels, "codec", used.codec.to_string()),
                            number_text(used.*family.value));
    }
}

} // namespace

void add_sink_metrics(metric_page& page, labelled_list<sink_statistics> const& sinks)
{
    auto const reports = parts_of(sinks, &sink_statistics::report);
    for (auto const& family : count_families)
        page.add(family, reports);
    for (auto const& family : outcome_families)
        add_outcomes(page, family, reports);
    add_seal_reasons(page, sinks);
    add_codecs(page, sinks);
    for (auto const& family : number_families)
        page.add(family, sinks);
    page.add_age("kusto_sink_oldest_unacknowledged_seconds",
                 "Age of the oldest record neither delivered nor given up; 0 if none.",
                 &sink_statistics::oldest_unacknowledged, sinks);
    page.add_trouble("kusto_sink_trouble", "1 while batches wait for trouble of this kind to pass.",
                     sinks);
    auto const latencies = parts_of(sinks, &sink_statistics::latency);
    for (auto const& family : histogram_families)
        page.add(family, latencies);
}

} // namespace kusto::telemetry

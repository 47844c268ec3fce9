#include <kusto/statistics.hpp>

#include <array>
#include <charconv>
#include <map>
#include <telemetry/valid_text.hpp>
#include <utility>
#include <vector>

namespace kusto
{

namespace
{

/// A number of the whole sink.
struct plain_family
{
    std::string_view name;
    std::string_view help;
    std::uint64_t sink_statistics::*value;
};

constexpr plain_family plain_counters[] = {
    {"kusto_sink_compressed_bytes_total", "Bytes of the blobs delivered, after compression.",
     &sink_statistics::compressed_bytes},
    {"kusto_sink_retries_total", "Attempts of uploads and queue messages after the first.",
     &sink_statistics::retries},
    {"kusto_sink_repeated_posts_total",
     "Queue messages sent again that may have become a second message.",
     &sink_statistics::repeated_posts},
    {"kusto_sink_waited_writes_total", "Writes that had to wait for the byte budget.",
     &sink_statistics::writes_that_waited},
};

constexpr plain_family plain_gauges[] = {
    {"kusto_sink_waiting_batches", "Batches that wait, now, for trouble to pass.",
     &sink_statistics::waiting_batches},
    {"kusto_sink_budget_bytes", "Byte budget in use.", &sink_statistics::budget_bytes},
    {"kusto_sink_budget_peak_bytes", "Most of the byte budget ever in use.",
     &sink_statistics::budget_peak_bytes},
    {"kusto_sink_budget_limit_bytes", "The whole byte budget.",
     &sink_statistics::budget_limit_bytes},
};

/// One of the counts of a delivery report.
struct count_family
{
    std::string_view name;
    std::string_view type;
    std::string_view help;
    delivery_counts delivery_report::*group;
    std::uint64_t delivery_counts::*value;
};

constexpr std::string_view counter = "counter";
constexpr std::string_view gauge = "gauge";

constexpr count_family count_families[] = {
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

/// A histogram shows the buckets that can matter; what is below is in the first of them, what is
/// above in `+Inf`. The range must not depend on the values: every series has the same bounds,
/// always.
struct histogram_family
{
    std::string_view name;
    std::string_view help;
    latency_histogram stage_latencies::*values;
    std::size_t first;
    std::size_t last;
};

constexpr std::size_t microsecond = 0;  // 2^0 us
constexpr std::size_t millisecond = 10; // 2^10 us: 1.02 ms
constexpr std::size_t tens_of_ms = 16;  // 2^16 us: 66 ms
constexpr std::size_t minute = 26;      // 2^26 us: 67 s
constexpr std::size_t hour = 32;        // 2^32 us: 72 min

constexpr histogram_family histogram_families[] = {
    {"kusto_sink_encode_seconds", "Time to encode a record; one in 64 is measured.",
     &stage_latencies::encode, microsecond, tens_of_ms},
    {"kusto_sink_linger_seconds", "Time from a batch's first record to its sealing.",
     &stage_latencies::linger, millisecond, hour},
    {"kusto_sink_compress_seconds", "Processor time to compress a batch.",
     &stage_latencies::compress, tens_of_ms - 10, minute},
    {"kusto_sink_upload_seconds", "Time of one try of an upload, with its attempts and pauses.",
     &stage_latencies::upload, millisecond, hour},
    {"kusto_sink_post_seconds", "Time of one try of a queue message, with its attempts and pauses.",
     &stage_latencies::post, millisecond, hour},
    {"kusto_sink_ingest_seconds", "Time from the queue message to the final status of a batch.",
     &stage_latencies::ingest, millisecond, hour},
    {"kusto_sink_end_to_end_seconds", "Time from a batch's first record to its delivery.",
     &stage_latencies::end_to_end, millisecond, hour},
};

template <class Number>
std::string number_text(Number number)
{
    std::array<char, 32> buffer;
    auto const done = std::to_chars(buffer.data(), buffer.data() + buffer.size(), number);
    return {buffer.data(), done.ptr};
}

std::string seconds_text(std::chrono::microseconds duration)
{
    return number_text(std::chrono::duration<double>(duration).count());
}

std::string label(std::string_view name, std::string_view value)
{
    std::string out(name);
    out += "=\"";
    for (char const c : telemetry::valid_text(value))
    {
        if (c == '\\' || c == '"')
            out += '\\';
        if (c == '\n')
            out += "\\n";
        else
            out += c;
    }
    return out += '"';
}

/// One sink with the labels that all of its series have.
struct series
{
    std::string labels;
    sink_statistics const* values;
};

std::vector<series> labelled(std::span<named_statistics const> sinks)
{
    std::vector<series> out;
    std::map<std::string, std::uint64_t> seen;
    for (auto const& one : sinks)
    {
        auto labels = label("database", one.database) + ',' + label("table", one.table);
        auto const ordinal = ++seen[labels];
        if (ordinal > 1)
            labels += ',' + label("sink", number_text(ordinal));
        out.push_back({std::move(labels), &one.values});
    }
    return out;
}

class page
{
public:
    explicit page(std::vector<series> sinks) : sinks_(std::move(sinks)) {}

    [[nodiscard]] std::string take() { return std::move(text_); }

    void add(plain_family const& family, std::string_view type)
    {
        begin(family.name, type, family.help);
        for (auto const& one : sinks_)
            sample(family.name, one.labels, number_text(one.values->*family.value));
    }

    void add(count_family const& family)
    {
        begin(family.name, family.type, family.help);
        for (auto const& one : sinks_)
        {
            auto const& counts = one.values->report.*family.group;
            sample(family.name, one.labels, number_text(counts.*family.value));
        }
    }

    void add(outcome_family const& family)
    {
        begin(family.name, counter, family.help);
        for (auto const& one : sinks_)
        {
            for (auto const& [name, group] : outcomes)
                sample(family.name, one.labels + ',' + label("outcome", name),
                       number_text(one.values->report.*group.*family.value));
        }
    }

    void add(histogram_family const& family)
    {
        begin(family.name, "histogram", family.help);
        for (auto const& one : sinks_)
            add_histogram(family, one.labels, one.values->latency.*family.values);
    }

    void add_seal_reasons()
    {
        constexpr std::string_view name = "kusto_sink_sealed_batches_total";
        begin(name, counter, "Batches sealed, by reason.");
        for (auto const& one : sinks_)
        {
            for (auto const& [reason, value] : seal_reasons)
                sample(name, one.labels + ',' + label("reason", reason),
                       number_text(one.values->*value));
        }
    }

    void add_oldest_unacknowledged()
    {
        constexpr std::string_view name = "kusto_sink_oldest_unacknowledged_seconds";
        begin(name, gauge, "Age of the oldest record neither delivered nor given up; 0 if none.");
        for (auto const& one : sinks_)
            sample(name, one.labels, seconds_text(one.values->oldest_unacknowledged));
    }

    void add_trouble()
    {
        constexpr std::string_view name = "kusto_sink_trouble";
        bool begun = false;
        for (auto const& one : sinks_)
        {
            auto const& trouble = one.values->trouble;
            if (!trouble)
                continue;
            if (!begun)
                begin(name, gauge, "1 while batches wait for trouble of this kind to pass.");
            begun = true;
            sample(name,
                   one.labels + ',' + label("code", to_string(trouble->code())) + ',' +
                       label("stage", to_string(trouble->where())),
                   "1");
        }
    }

private:
    void begin(std::string_view name, std::string_view type, std::string_view help)
    {
        text_.append("# HELP ").append(name).append(" ").append(help).append("\n");
        text_.append("# TYPE ").append(name).append(" ").append(type).append("\n");
    }

    void sample(std::string_view name, std::string_view labels, std::string_view value)
    {
        text_.append(name).append("{").append(labels).append("} ").append(value).append("\n");
    }

    void add_histogram(histogram_family const& family, std::string const& labels,
                       latency_histogram const& values)
    {
        std::string const name(family.name);
        std::uint64_t seen = 0;
        for (std::size_t i = 0; i <= family.last; ++i)
        {
            seen += values.buckets[i];
            if (i >= family.first)
                sample(name + "_bucket",
                       labels + ',' + label("le", seconds_text(latency_histogram::bound(i))),
                       number_text(seen));
        }
        auto const all = number_text(values.count());
        sample(name + "_bucket", labels + ',' + label("le", "+Inf"), all);
        sample(name + "_sum", labels, seconds_text(values.sum));
        sample(name + "_count", labels, all);
    }

    std::vector<series> sinks_;
    std::string text_;
};

} // namespace

std::string to_prometheus(std::span<named_statistics const> sinks)
{
    if (sinks.empty())
        return {};
    page out(labelled(sinks));
    for (auto const& family : count_families)
        out.add(family);
    for (auto const& family : outcome_families)
        out.add(family);
    out.add_seal_reasons();
    for (auto const& family : plain_counters)
        out.add(family, counter);
    for (auto const& family : plain_gauges)
        out.add(family, gauge);
    out.add_oldest_unacknowledged();
    out.add_trouble();
    for (auto const& family : histogram_families)
        out.add(family);
    return out.take();
}

} // namespace kusto

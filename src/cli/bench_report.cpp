#include <cli/bench_report.hpp>
#include <cli/process_measures.hpp>

#include <algorithm>
#include <boost/json.hpp>
#include <cstdio>
#include <kusto/version.hpp>
#include <unistd.h>

namespace kusto::cli
{

namespace json = boost::json;

namespace
{

struct figure
{
    char const* name;
    double (*of)(bench_result const&);
};

constexpr figure figures[] = {
    {"records_per_second", [](bench_result const& r) { return r.records_per_second(); }},
    {"raw_mb_per_second", [](bench_result const& r) { return r.raw_mb_per_second(); }},
    {"wire_mb_per_second", [](bench_result const& r) { return r.wire_mb_per_second(); }},
    {"ratio", [](bench_result const& r) { return double(r.raw_bytes) / double(r.wire_bytes); }},
    {"seconds", [](bench_result const& r) { return r.seconds; }},
    {"client_cpu_seconds_per_gb", [](bench_result const& r) { return r.cpu_per_gb(); }},
    {"compress_cpu_seconds_per_gb",
     [](bench_result const& r) { return r.compress_cpu * 1e9 / double(r.raw_bytes); }},
    {"encode_cpu_seconds_per_gb",
     [](bench_result const& r) { return r.encode_cpu * 1e9 / double(r.raw_bytes); }},
    {"other_cpu_seconds_per_gb",
     [](bench_result const& r)
     { return (r.client_cpu - r.compress_cpu - r.encode_cpu) * 1e9 / double(r.raw_bytes); }},
    {"server_cpu_seconds_per_gb",
     [](bench_result const& r) { return r.server_cpu * 1e9 / double(r.raw_bytes); }},
    {"write_p50_seconds", [](bench_result const& r) { return r.write.quantile(0.5); }},
    {"write_p99_seconds", [](bench_result const& r) { return r.write.quantile(0.99); }},
    {"write_max_seconds", [](bench_result const& r) { return r.write.most(); }},
    {"delivered_p50_seconds", [](bench_result const& r) { return r.delivered_p50; }},
    {"delivered_p99_seconds", [](bench_result const& r) { return r.delivered_p99; }},
    {"peak_rss_bytes", [](bench_result const& r) { return double(r.peak_rss); }},
    {"budget_peak_bytes", [](bench_result const& r) { return double(r.budget_peak); }},
    {"allocations_per_record",
     [](bench_result const& r) { return double(r.allocations) / double(r.records); }},
    {"records", [](bench_result const& r) { return double(r.records); }},
    {"raw_bytes", [](bench_result const& r) { return double(r.raw_bytes); }},
    {"batches", [](bench_result const& r) { return double(r.batches); }},
    {"writes_that_waited", [](bench_result const& r) { return double(r.writes_that_waited); }},
    {"retries", [](bench_result const& r) { return double(r.retries); }},
    {"seconds_per_checkpoint", [](bench_result const& r) { return r.per_checkpoint; }},
};

struct spread
{
    double least = 0, median = 0, most = 0;
};

spread spread_of(std::vector<bench_result> const& results, std::size_t parallelism,
                 double (*of)(bench_result const&))
{
    std::vector<double> values;
    for (auto const& result : results)
        if (result.parallelism == parallelism)
            values.push_back(of(result));
    if (values.empty())
        return {};
    std::sort(values.begin(), values.end());
    auto const middle = values.size() / 2;
    double const median =
        values.size() % 2 == 1 ? values[middle] : (values[middle - 1] + values[middle]) / 2;
    return {values.front(), median, values.back()};
}

json::object environment()
{
    return {{"version", KUSTO_VERSION_STRING},
            {"compiler", __VERSION__},
#ifdef NDEBUG
            {"optimised", true},
#else
            {"optimised", false},
#endif
            {"processor", processor_name()},
            {"processors", sysconf(_SC_NPROCESSORS_ONLN)}};
}

json::object describe(bench_options const& o, bench_source const& source)
{
    return {{"source", o.source},
            {"bytes_per_record", source.bytes_per_record()},
            {"seed", o.seed},
            {"sink", o.sink},
            {"server", o.server},
            {"discard", o.discard},
            {"tls", o.tls},
            {"latency_ms", o.latency_ms},
            {"bandwidth", o.bandwidth},
            {"outage_seconds", o.outage},
            {"producers", o.producers},
            {"group", o.group},
            {"threads", o.threads},
            {"uploads_in_flight", o.uploads_in_flight},
            {"batch_size", o.batch_size},
            {"batch_bytes", o.batch_bytes},
            {"budget_bytes", o.budget},
            {"block_bytes", o.block_bytes},
            {"compression", o.how().to_string()},
            {"compression_threads", o.compression_threads},
            {"warm_up_records", o.warm_up},
            {"repetitions", o.repetitions}};
}

json::object one_run(bench_result const& result)
{
    json::object out{{"parallelism", result.parallelism}, {"repetition", result.repetition}};
    for (auto const& figure : figures)
        out[figure.name] = figure.of(result);
    out["write_samples"] = result.write.count();
    json::array complaints;
    for (auto const& text : result.complaints)
        complaints.emplace_back(text);
    out["complaints"] = std::move(complaints);
    return out;
}

} // namespace

std::string to_json(bench_options const& options, bench_source const& source,
                    std::vector<bench_result> const& results)
{
    json::array runs;
    for (auto const& result : results)
        runs.push_back(one_run(result));
    json::array medians;
    for (auto const parallelism : options.parallelism)
    {
        json::object all{{"parallelism", parallelism}};
        for (auto const& figure : figures)
        {
            auto const s = spread_of(results, parallelism, figure.of);
            all[figure.name] = {{"median", s.median}, {"least", s.least}, {"most", s.most}};
        }
        medians.push_back(std::move(all));
    }
    json::object const out{{"kind", "kusto bench"},
                           {"environment", environment()},
                           {"options", describe(options, source)},
                           {"runs", std::move(runs)},
                           {"medians", std::move(medians)}};
    return json::serialize(out) + "\n";
}

void print_table(bench_options const& options, bench_source const& source,
                 std::vector<bench_result> const& results)
{
#ifndef NDEBUG
    std::printf("DEBUG BUILD: the figures mean nothing\n");
#endif
    std::printf("%s, %.0f bytes per record, %s sink, batches of %llu, %s, %s\n",
                options.source.c_str(), source.bytes_per_record(), options.sink.c_str(),
                static_cast<unsigned long long>(options.batch_size),
                options.how().to_string().c_str(), options.tls ? "HTTPS" : "HTTP");
    for (auto const parallelism : options.parallelism)
    {
        std::printf("parallelism %zu\n", parallelism);
        for (auto const& figure : figures)
        {
            auto const s = spread_of(results, parallelism, figure.of);
            std::printf("  %-28s %14.6g", figure.name, s.median);
            if (options.repetitions > 1)
                std::printf("   (%.6g to %.6g)", s.least, s.most);
            std::printf("\n");
        }
    }
}

} // namespace kusto::cli

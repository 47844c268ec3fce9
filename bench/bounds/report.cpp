#include <bounds/report.hpp>

#include <algorithm>
#include <boost/json.hpp>
#include <cli/process_measures.hpp>
#include <cstdio>
#include <kusto/version.hpp>
#include <unistd.h>

namespace kusto::bounds
{

namespace json = boost::json;

namespace
{

struct name
{
    char const* option;
    char const* report;
};

constexpr name names[] = {{"memcpy", "memcpy"},
                          {"lines", "line copy"},
                          {"compressor", "compressor alone"},
                          {"put", "raw put"},
                          {"straight", "straight loop"}};

char const* name_of(std::string const& what)
{
    for (auto const& one : names)
        if (what == one.option)
            return one.report;
    return "";
}

struct figure
{
    char const* name;
    double (*of)(sample const&);
};

double gigabytes(sample const& s)
{
    return static_cast<double>(s.raw_bytes) / 1e9;
}

constexpr figure figures[] = {
    {"raw_mb_per_second", [](sample const& s) { return gigabytes(s) * 1e3 / s.seconds; }},
    {"wire_mb_per_second", [](sample const& s) { return double(s.wire_bytes) / 1e6 / s.seconds; }},
    {"ratio", [](sample const& s)
     { return s.wire_bytes == 0 ? 0 : double(s.raw_bytes) / double(s.wire_bytes); }},
    {"seconds", [](sample const& s) { return s.seconds; }},
    {"client_cpu_seconds_per_gb", [](sample const& s) { return s.client_cpu / gigabytes(s); }},
    {"client_cpu_seconds_per_wire_gb", [](sample const& s)
     { return s.wire_bytes == 0 ? 0 : s.client_cpu * 1e9 / double(s.wire_bytes); }},
    {"server_cpu_seconds_per_gb", [](sample const& s) { return s.server_cpu / gigabytes(s); }},
    {"records_per_second", [](sample const& s) { return double(s.records) / s.seconds; }},
    {"records", [](sample const& s) { return double(s.records); }},
    {"raw_bytes", [](sample const& s) { return double(s.raw_bytes); }},
    {"wire_bytes", [](sample const& s) { return double(s.wire_bytes); }},
    {"batches", [](sample const& s) { return double(s.batches); }},
    {"allocations", [](sample const& s) { return double(s.allocations); }},
};

struct spread
{
    double least = 0, median = 0, most = 0;
};

spread spread_of(std::vector<sample> const& samples, std::string const& what, std::size_t threads,
                 double (*of)(sample const&))
{
    std::vector<double> values;
    for (auto const& one : samples)
        if (one.what == what && one.threads == threads)
            values.push_back(of(one));
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
            {"processor", cli::processor_name()},
            {"processors", sysconf(_SC_NPROCESSORS_ONLN)}};
}

json::object describe(options const& use, data const& from)
{
    return {{"source", "lines"},
            {"bytes_per_record", from.bytes_per_record()},
            {"seed", use.seed},
            {"tls", use.tls},
            {"server_threads", use.server_threads},
            {"batch_size", use.batch_size},
            {"piece_bytes", piece_size},
            {"compression", use.how().to_string()},
            {"repetitions", use.repetitions}};
}

} // namespace

std::string to_json(options const& use, data const& from, std::vector<sample> const& samples)
{
    json::array runs;
    for (auto const& one : samples)
    {
        json::object all{
            {"what", name_of(one.what)}, {"threads", one.threads}, {"repetition", one.repetition}};
        for (auto const& figure : figures)
            all[figure.name] = figure.of(one);
        runs.push_back(std::move(all));
    }
    json::array medians;
    for (auto const& what : use.what)
        for (auto const threads : use.threads)
        {
            json::object all{{"what", name_of(what)}, {"threads", threads}};
            for (auto const& figure : figures)
            {
                auto const s = spread_of(samples, what, threads, figure.of);
                all[figure.name] = {{"median", s.median}, {"least", s.least}, {"most", s.most}};
            }
            medians.push_back(std::move(all));
        }
    json::object const out{{"kind", "bench_bounds"},
                           {"environment", environment()},
                           {"options", describe(use, from)},
                           {"runs", std::move(runs)},
                           {"medians", std::move(medians)}};
    return json::serialize(out) + "\n";
}

void print_table(options const& use, data const& from, std::vector<sample> const& samples)
{
#ifndef NDEBUG
    std::printf("DEBUG BUILD: the figures mean nothing\n");
#endif
    std::printf("%.0f bytes per record, batches of %llu, %s, %s\n", from.bytes_per_record(),
                static_cast<unsigned long long>(use.batch_size), use.how().to_string().c_str(),
                use.tls ? "HTTPS" : "HTTP");
    for (auto const& what : use.what)
        for (auto const threads : use.threads)
        {
            std::printf("%s, threads %zu\n", name_of(what), threads);
            for (auto const& figure : figures)
            {
                auto const s = spread_of(samples, what, threads, figure.of);
                std::printf("  %-32s %14.6g", figure.name, s.median);
                if (use.repetitions > 1)
                    std::printf("   (%.6g to %.6g)", s.least, s.most);
                std::printf("\n");
            }
        }
}

} // namespace kusto::bounds

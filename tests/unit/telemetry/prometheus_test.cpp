#include "exposition.hpp"
#include "sample_statistics.hpp"

#include <boost/test/unit_test.hpp>
#include <fstream>
#include <iterator>
#include <limits>
#include <numeric>
#include <stdexcept>

using namespace kusto;
using namespace kusto::test;

namespace
{

/// The lines that begin with `part`.
std::vector<std::string> lines_of(std::string const& text, std::string_view part)
{
    std::vector<std::string> out;
    for (std::size_t at = 0; at < text.size();)
    {
        auto const end = text.find('\n', at);
        auto line = text.substr(at, end - at);
        if (line.starts_with(part))
            out.push_back(std::move(line));
        at = end + 1;
    }
    return out;
}

std::string metrics_of(sink_statistics const& values)
{
    named_statistics const one{"db", "t", values};
    return to_prometheus({&one, 1});
}

/// The value of the only series that is named so, without its database and table.
std::string value_of(std::string const& text, std::string const& name, std::string const& labels)
{
    auto const begin = name + R"({database="db",table="t")" + labels + "} ";
    auto const found = lines_of(text, begin);
    return found.size() == 1 ? found[0].substr(begin.size()) : "";
}

metric_family const& family_of(std::vector<metric_family> const& all, std::string_view name)
{
    for (auto const& one : all)
    {
        if (one.name == name)
            return one;
    }
    throw std::runtime_error("no family " + std::string(name));
}

} // namespace

BOOST_AUTO_TEST_SUITE(prometheus_test)

BOOST_AUTO_TEST_CASE(all_of_it_is_well_formed)
{
    auto const families = read_exposition(to_prometheus(sample_sinks()));
    std::size_t histograms = 0;
    for (auto const& family : families)
    {
        BOOST_TEST(family.name.starts_with("kusto_sink_"), family.name);
        BOOST_TEST(family.help.ends_with("."), family.name);
        BOOST_TEST((family.type == "counter") == family.name.ends_with("_total"), family.name);
        if (family.type != "histogram")
            continue;
        ++histograms;
        BOOST_TEST(family.name.ends_with("_seconds"), family.name);
        check_histogram(family);
    }
    BOOST_TEST(histograms == 7u);
}

BOOST_AUTO_TEST_CASE(every_number_is_where_it_belongs)
{
    auto const text = metrics_of(sample_statistics());
    struct row
    {
        char const* name;
        char const* labels;
        char const* value;
    };
    for (auto const& r : std::vector<row>{
             {"kusto_sink_accepted_records_total", "", "10"},
             {"kusto_sink_accepted_bytes_total", "", "11"},
             {"kusto_sink_accepted_batches_total", "", "12"},
             {"kusto_sink_records_total", R"(,outcome="delivered")", "20"},
             {"kusto_sink_bytes_total", R"(,outcome="delivered")", "21"},
             {"kusto_sink_batches_total", R"(,outcome="delivered")", "22"},
             {"kusto_sink_records_total", R"(,outcome="failed")", "30"},
             {"kusto_sink_bytes_total", R"(,outcome="failed")", "31"},
             {"kusto_sink_batches_total", R"(,outcome="failed")", "32"},
             {"kusto_sink_records_total", R"(,outcome="dead_lettered")", "40"},
             {"kusto_sink_bytes_total", R"(,outcome="dead_lettered")", "41"},
             {"kusto_sink_batches_total", R"(,outcome="dead_lettered")", "42"},
             {"kusto_sink_records_total", R"(,outcome="unknown")", "50"},
             {"kusto_sink_bytes_total", R"(,outcome="unknown")", "51"},
             {"kusto_sink_batches_total", R"(,outcome="unknown")", "52"},
             {"kusto_sink_pending_records", "", "60"},
             {"kusto_sink_pending_bytes", "", "61"},
             {"kusto_sink_pending_batches", "", "62"},
             {"kusto_sink_queued_records", "", "70"},
             {"kusto_sink_queued_bytes", "", "71"},
             {"kusto_sink_queued_batches", "", "72"},
             {"kusto_sink_possibly_twice_records_total", "", "80"},
             {"kusto_sink_possibly_twice_bytes_total", "", "81"},
             {"kusto_sink_possibly_twice_batches_total", "", "82"},
             {"kusto_sink_compressed_bytes_total", "", "101"},
             {"kusto_sink_sealed_batches_total", R"(,reason="records")", "102"},
             {"kusto_sink_sealed_batches_total", R"(,reason="bytes")", "103"},
             {"kusto_sink_sealed_batches_total", R"(,reason="interval")", "104"},
             {"kusto_sink_sealed_batches_total", R"(,reason="flush")", "105"},
             {"kusto_sink_sealed_batches_total", R"(,reason="format")", "106"},
             {"kusto_sink_sealed_batches_total", R"(,reason="pressure")", "107"},
             {"kusto_sink_retries_total", "", "108"},
             {"kusto_sink_repeated_posts_total", "", "109"},
             {"kusto_sink_waiting_batches", "", "110"},
             {"kusto_sink_waited_writes_total", "", "111"},
             {"kusto_sink_budget_bytes", "", "112"},
             {"kusto_sink_budget_peak_bytes", "", "113"},
             {"kusto_sink_budget_limit_bytes", "", "114"},
             {"kusto_sink_oldest_unacknowledged_seconds", "", "115.25"},
             {"kusto_sink_codec", R"(,codec="zlib 5")", "1"},
             {"kusto_sink_codec_switches_total", "", "116"},
             {"kusto_sink_codec_batches_total", R"(,codec="igzip 1")", "117"},
             {"kusto_sink_codec_bytes_total", R"(,codec="igzip 1")", "118"},
             {"kusto_sink_codec_compressed_bytes_total", R"(,codec="igzip 1")", "119"},
             {"kusto_sink_trouble", R"(,code="throttled",stage="post")", "1"},
         })
        BOOST_TEST(value_of(text, r.name, r.labels) == r.value, r.name << r.labels);
}

BOOST_AUTO_TEST_CASE(histograms_show_all_values_of_their_stage)
{
    auto const families = read_exposition(metrics_of(sample_statistics()));
    auto const values = sample_statistics().latency;
    struct row
    {
        char const* name;
        latency_histogram const* values;
        std::size_t first;
        std::size_t last;
    };
    for (auto const& r : std::vector<row>{
             {"kusto_sink_encode_seconds", &values.encode, 0, 16},
             {"kusto_sink_linger_seconds", &values.linger, 10, 32},
             {"kusto_sink_compress_seconds", &values.compress, 6, 26},
             {"kusto_sink_upload_seconds", &values.upload, 10, 32},
             {"kusto_sink_post_seconds", &values.post, 10, 32},
             {"kusto_sink_ingest_seconds", &values.ingest, 10, 32},
             {"kusto_sink_end_to_end_seconds", &values.end_to_end, 10, 32},
         })
    {
        auto const& samples = family_of(families, r.name).samples;
        BOOST_REQUIRE(samples.size() == r.last - r.first + 1 + 3);
        auto const begin = r.values->buckets.begin();
        for (std::size_t i = r.first; i <= r.last; ++i)
        {
            auto const& bucket = samples[i - r.first];
            auto const below = std::accumulate(begin, begin + static_cast<std::ptrdiff_t>(i) + 1,
                                               std::uint64_t(0));
            BOOST_TEST(bucket.value == static_cast<double>(below));
            BOOST_TEST(std::stod(bucket.labels.at("le")) ==
                       static_cast<double>(latency_histogram::bound(i).count()) / 1e6);
        }
        BOOST_TEST(samples.back().value == static_cast<double>(r.values->count()), r.name);
        BOOST_TEST(samples[samples.size() - 2].value ==
                       static_cast<double>(r.values->sum.count()) / 1e6,
                   r.name);
    }
}

BOOST_AUTO_TEST_CASE(labels_survive)
{
    auto const families = read_exposition(to_prometheus(sample_sinks()));
    auto const& samples = family_of(families, "kusto_sink_waiting_batches").samples;
    BOOST_REQUIRE(samples.size() == 4u);
    BOOST_TEST(samples[2].labels.at("database") == "db \"1\"");
    BOOST_TEST(samples[2].labels.at("table") == "a\\b\nc???"); // was not UTF-8
    BOOST_TEST(samples[0].labels.count("sink") == 0u);
    BOOST_TEST(samples[3].labels.at("sink") == "2"); // the same table again
}

BOOST_AUTO_TEST_CASE(without_sinks_and_without_trouble)
{
    BOOST_TEST(to_prometheus(std::vector<named_statistics>()).empty());
    auto const text = metrics_of({});
    BOOST_TEST(text.find("kusto_sink_trouble") == std::string::npos);
    for (auto const& family : read_exposition(text))
    {
        for (auto const& sample : family.samples)
            BOOST_TEST(sample.value == (family.name == "kusto_sink_codec" ? 1 : 0), sample.name);
    }
}

BOOST_AUTO_TEST_CASE(the_documentation_names_every_metric)
{
    std::ifstream file(KUSTO_METRICS_TABLE);
    std::string const table(std::istreambuf_iterator<char>(file), {});
    BOOST_REQUIRE(!table.empty());
    constexpr std::string_view prefix = "kusto_sink_";
    for (auto const& family : read_exposition(metrics_of(sample_statistics())))
    {
        auto const name = '`' + family.name.substr(prefix.size()) + '`';
        BOOST_TEST(table.find(name) != std::string::npos, family.name);
    }
}

BOOST_AUTO_TEST_CASE(large_numbers_are_exact)
{
    sink_statistics values;
    values.compressed_bytes = (std::numeric_limits<std::uint64_t>::max)();
    BOOST_TEST(value_of(metrics_of(values), "kusto_sink_compressed_bytes_total", "") ==
               "18446744073709551615");
}

BOOST_AUTO_TEST_CASE(the_reader_of_these_tests_refuses_what_is_wrong)
{
    std::string const head = "# HELP x y\n# TYPE x counter\n";
    BOOST_TEST(read_exposition(head + "x{a=\"b\"} 1\n").size() == 1u);
    for (std::string const& bad :
         {head, head + "x{a=\"b\"} 1", head + "x{a=\"b\"} 1 \n", head + "x{a=\"b\"} one\n",
          head + "x{a=\"b\",} 1\n", head + "x{a=\"\\t\"} 1\n", head + "x{a=\"b} 1\n",
          head + "x{a=\"b\",a=\"c\"} 1\n", head + "y{a=\"b\"} 1\n", head + "\n",
          head + "x{a=\"b\"} 1\nx{a=\"b\"} 2\n", head + "x{a=\"b\"} 1\n" + head,
          std::string("# TYPE x counter\nx{a=\"b\"} 1\n"), std::string("x{a=\"b\"} 1\n"),
          std::string("# HELP x y\n# TYPE x number\nx{a=\"b\"} 1\n"),
          std::string("# HELP x y\nx{a=\"b\"} 1\n")})
        BOOST_CHECK_THROW((void)read_exposition(bad), std::runtime_error);
}

BOOST_AUTO_TEST_CASE(the_check_of_histograms_refuses_what_is_wrong)
{
    std::string const head = "# HELP x y\n# TYPE x histogram\n";
    auto const bucket = [](char const* series, char const* bound, int count)
    {
        return std::string("x_bucket{a=\"") + series + "\",le=\"" + bound + "\"} " +
               std::to_string(count) + "\n";
    };
    auto const end = [](char const* series, int count)
    {
        auto const labels = std::string("{a=\"") + series + "\"} ";
        return "x_sum" + labels + "1\nx_count" + labels + std::to_string(count) + "\n";
    };
    auto const check = [&](std::string const& samples)
    { check_histogram(read_exposition(head + samples).at(0)); };
    auto const good = bucket("b", "1", 1) + bucket("b", "+Inf", 2) + end("b", 2);
    check(good);
    check(good + bucket("c", "1", 0) + bucket("c", "+Inf", 0) + end("c", 0));
    for (std::string const& bad :
         {bucket("b", "1", 1) + end("b", 1),
          bucket("b", "1", 3) + bucket("b", "+Inf", 2) + end("b", 2),
          bucket("b", "1", 1) + bucket("b", "+Inf", 2) + end("b", 3),
          bucket("b", "2", 1) + bucket("b", "1", 1) + bucket("b", "+Inf", 2) + end("b", 2),
          bucket("b", "1", 1) + bucket("b", "+Inf", 2) + "x_count{a=\"b\"} 2\n",
          std::string("x_bucket{a=\"b\"} 2\n") + end("b", 2),
          good + bucket("c", "2", 0) + bucket("c", "+Inf", 0) + end("c", 0)})
        BOOST_CHECK_THROW(check(bad), std::runtime_error);
}

BOOST_AUTO_TEST_SUITE_END()

#include "exposition.hpp"
#include "sample_statistics.hpp"

#include <boost/json.hpp>
#include <boost/test/unit_test.hpp>
#include <fstream>
#include <iterator>
#include <numeric>
#include <stdexcept>
#include <utility>

using namespace kusto;
using namespace kusto::test;
namespace json = boost::json;

namespace
{

constexpr std::string_view prefix = "kusto_sink_";

std::string metrics_of(write_ahead_statistics const& values)
{
    named_write_ahead_statistics const one{"db", "t", values};
    return to_prometheus({&one, 1});
}

std::vector<metric_family> sample_families()
{
    return read_exposition(metrics_of(sample_write_ahead_statistics()));
}

bool about_checkpoints(metric_family const& family)
{
    return family.name.starts_with("kusto_sink_checkpoint");
}

metric_family const& family_of(std::vector<metric_family> const& all, std::string_view name)
{
    for (auto const& one : all)
    {
        if (one.name == std::string(prefix) + std::string(name))
            return one;
    }
    throw std::runtime_error("no family " + std::string(name));
}

/// The text without the families about checkpoints.
std::string without_checkpoints(std::string const& text)
{
    std::string out;
    for (std::size_t at = 0; at < text.size();)
    {
        auto const end = text.find('\n', at) + 1;
        auto const line = text.substr(at, end - at);
        if (line.find("kusto_sink_checkpoint") == std::string::npos)
            out += line;
        at = end;
    }
    return out;
}

} // namespace

BOOST_AUTO_TEST_SUITE(write_ahead_metrics_test)

BOOST_AUTO_TEST_CASE(all_of_it_is_well_formed)
{
    std::size_t histograms = 0;
    for (auto const& family :
         read_exposition(to_prometheus(sample_write_ahead_sinks(), sample_sinks())))
    {
        BOOST_TEST(family.name.starts_with(prefix), family.name);
        BOOST_TEST(family.help.ends_with("."), family.name);
        BOOST_TEST((family.type == "counter") == family.name.ends_with("_total"), family.name);
        if (family.type != "histogram")
            continue;
        ++histograms;
        BOOST_TEST(family.name.ends_with("_seconds"), family.name);
        check_histogram(family);
    }
    BOOST_TEST(histograms == 9u);
}

BOOST_AUTO_TEST_CASE(every_number_is_where_it_belongs)
{
    auto const families = sample_families();
    struct row
    {
        char const* name;
        char const* type;
        double value;
    };
    std::size_t seen = 0;
    for (auto const& r : std::vector<row>{
             {"checkpoint_sealed_records_total", "counter", 210},
             {"checkpoint_sealed_bytes_total", "counter", 211},
             {"checkpoint_sealed_batches_total", "counter", 212},
             {"checkpoint_committed_records_total", "counter", 220},
             {"checkpoint_committed_bytes_total", "counter", 221},
             {"checkpoint_committed_batches_total", "counter", 222},
             {"checkpoint_pending_records", "gauge", 230},
             {"checkpoint_pending_bytes", "gauge", 231},
             {"checkpoint_pending_batches", "gauge", 232},
             {"checkpoints_sealed_total", "counter", 301},
             {"checkpoints_committed_total", "counter", 302},
             {"checkpoint_backlog_bytes", "gauge", 303},
             {"checkpoint_stages_abandoned_total", "counter", 304},
             {"checkpoint_repeated_posts_total", "counter", 305},
             {"checkpoint_duplicates_total", "counter", 306},
             {"checkpoint_oldest_uncommitted_seconds", "gauge", 307.25},
             {"checkpoint_trouble", "gauge", 1},
         })
    {
        auto const& family = family_of(families, r.name);
        BOOST_TEST(family.type == r.type, r.name);
        BOOST_REQUIRE(family.samples.size() == 1u);
        BOOST_TEST(family.samples[0].value == r.value, r.name);
        ++seen;
    }
    for (auto const& family : families)
        seen -= about_checkpoints(family) && family.type != "histogram" ? 1 : 0;
    BOOST_TEST(seen == 0u); // none but these
}

BOOST_AUTO_TEST_CASE(histograms_show_all_values)
{
    auto const families = sample_families();
    auto const values = sample_write_ahead_statistics();
    for (auto const& [name, expected] : {std::pair("checkpoint_seal_seconds", &values.seal),
                                         std::pair("checkpoint_commit_seconds", &values.commit)})
    {
        constexpr std::size_t first = 10;
        constexpr std::size_t last = 32;
        auto const& samples = family_of(families, name).samples;
        BOOST_REQUIRE(samples.size() == last - first + 1 + 3);
        auto const begin = expected->buckets.begin();
        for (std::size_t i = first; i <= last; ++i)
        {
            auto const below = std::accumulate(begin, begin + static_cast<std::ptrdiff_t>(i) + 1,
                                               std::uint64_t(0));
            BOOST_TEST(samples[i - first].value == static_cast<double>(below), name);
        }
        BOOST_TEST(samples.back().value == static_cast<double>(expected->count()), name);
        BOOST_TEST(samples[samples.size() - 2].value ==
                       static_cast<double>(expected->sum.count()) / 1e6,
                   name);
    }
}

BOOST_AUTO_TEST_CASE(the_way_to_the_disk_has_the_metrics_of_a_batching_sink)
{
    named_statistics const local{"db", "t", sample_statistics()};
    auto const text = metrics_of(sample_write_ahead_statistics());
    BOOST_TEST(without_checkpoints(text) == to_prometheus({&local, 1}));
    BOOST_TEST(without_checkpoints(text) != text);
}

BOOST_AUTO_TEST_CASE(trouble_has_code_and_stage_and_nothing_else)
{
    auto const text = metrics_of(sample_write_ahead_statistics());
    auto const& samples = family_of(read_exposition(text), "checkpoint_trouble").samples;
    label_set const expected{
        {"database", "db"}, {"table", "t"}, {"code", "access denied"}, {"stage", "commit"}};
    BOOST_TEST((samples.at(0).labels == expected));
    BOOST_TEST(text.find("CANARY") == std::string::npos);
    BOOST_TEST(text.find("no permission") == std::string::npos);
}

BOOST_AUTO_TEST_CASE(sinks_of_both_kinds_are_told_apart)
{
    auto const families =
        read_exposition(to_prometheus(sample_write_ahead_sinks(), sample_sinks()));
    auto const& all = family_of(families, "waiting_batches").samples;
    BOOST_REQUIRE(all.size() == 6u);
    BOOST_TEST(all[0].labels.at("table") == "trades"); // write-ahead
    BOOST_TEST(all[0].labels.count("sink") == 0u);
    BOOST_TEST(all[1].labels.at("table") == "quiet");
    BOOST_TEST(all[2].labels.at("sink") == "2"); // trades again, a batching sink
    BOOST_TEST(all[5].labels.at("sink") == "3");
    auto const& checkpoints = family_of(families, "checkpoint_backlog_bytes").samples;
    BOOST_REQUIRE(checkpoints.size() == 2u);
    BOOST_TEST((checkpoints[0].labels == all[0].labels));
    BOOST_TEST((checkpoints[1].labels == all[1].labels));
}

BOOST_AUTO_TEST_CASE(without_sinks_and_without_trouble)
{
    std::vector<named_write_ahead_statistics> const none;
    BOOST_TEST(to_prometheus(none).empty());
    BOOST_TEST(to_prometheus(none, sample_sinks()) == to_prometheus(sample_sinks()));
    auto const text = metrics_of({});
    BOOST_TEST(text.find("trouble{") == std::string::npos);
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
    for (auto const& family : sample_families())
    {
        auto const name = '`' + family.name.substr(prefix.size()) + '`';
        BOOST_TEST(table.find(name) != std::string::npos, family.name);
    }
}

BOOST_AUTO_TEST_CASE(json_has_a_member_for_each_field)
{
    auto const all = json::parse(to_json(sample_write_ahead_statistics())).as_object();
    BOOST_TEST(all.size() == 14u);
    BOOST_TEST((all.at("local") == json::parse(to_json(sample_statistics()))));
    auto const text = [&](char const* name) { return json::serialize(all.at(name)); };
    BOOST_TEST(text("sealed") == R"({"records":210,"bytes":211,"blobs":212})");
    BOOST_TEST(text("committed") == R"({"records":220,"bytes":221,"blobs":222})");
    BOOST_TEST(text("pending") == R"({"records":230,"bytes":231,"blobs":232})");
    std::int64_t expected = 301;
    for (char const* const name : {"checkpoints_sealed", "checkpoints_committed", "backlog_bytes",
                                   "stages_abandoned", "repeated_posts", "duplicates"})
        BOOST_TEST(all.at(name).to_number<std::int64_t>() == expected++, name);
    BOOST_TEST(all.at("oldest_uncommitted").to_number<double>() == 307.25);
    BOOST_TEST(all.at("trouble").at("code").as_string() == "access denied");
    BOOST_TEST(all.at("trouble").at("stage").as_string() == "commit");
    auto const first = [&](char const* name)
    { return all.at(name).at("buckets").at(0).at("count").to_number<std::int64_t>(); };
    BOOST_TEST(first("seal") == 8'000);
    BOOST_TEST(first("commit") == 9'000);
    BOOST_TEST(json::serialize(all).find("CANARY") == std::string::npos);
    BOOST_TEST(json::parse(to_json(write_ahead_statistics())).at("trouble").is_null());
}

BOOST_AUTO_TEST_SUITE_END()

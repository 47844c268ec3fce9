#include "problems.hpp"

#include <boost/test/unit_test.hpp>
#include <functional>
#include <kusto/write_ahead_options.hpp>

using namespace kusto;
using namespace kusto::test;
using namespace std::chrono_literals;

namespace
{

struct both
{
    write_options records{"db", "t"};
    write_ahead_options ahead{"/var/lib/sink", "job_1"};

    [[nodiscard]] std::vector<option_problem> problems() const { return ahead.problems(records); }
};

struct row
{
    char const* names; ///< of the problems; empty: none
    std::function<void(both&)> apply;
};

void check(std::vector<row> const& rows)
{
    int number = 0;
    for (auto const& r : rows)
    {
        both options;
        r.apply(options);
        BOOST_TEST(names(options) == r.names, "row " << number << ": " << all(options));
        ++number;
    }
}

} // namespace

BOOST_AUTO_TEST_SUITE(write_ahead_options_test)

BOOST_AUTO_TEST_CASE(defaults_are_those_of_the_documentation)
{
    both const o;
    BOOST_TEST(names(o).empty(), all(o));
    BOOST_TEST(o.ahead.directory() == "/var/lib/sink");
    BOOST_TEST(o.ahead.job() == "job_1");
    BOOST_TEST((o.ahead.protocol() == commit_protocol::staged));
    BOOST_TEST(o.ahead.backlog_limit() == std::uint64_t(4) << 30);
    BOOST_TEST((o.ahead.checkpoint_interval() == 30s));
    BOOST_TEST(o.ahead.checkpoint_records() == 0u);
    BOOST_TEST(o.ahead.commit_table() == "kusto_checkpoints");
    BOOST_TEST(o.ahead.expected_schema().empty());
    BOOST_TEST((o.ahead.recovery_horizon() == 7 * 24h));
    BOOST_TEST(!o.ahead.resume_from_commit_table());
}

BOOST_AUTO_TEST_CASE(limits)
{
    std::uint64_t const mib = std::uint64_t(1) << 20;
    check({
        {"directory", [](auto& o) { o.ahead = write_ahead_options("", "j"); }},
        {"directory", [](auto& o) { o.ahead = write_ahead_options("a\nb", "j"); }},
        {"", [](auto& o) { o.ahead = write_ahead_options("x", "j"); }},
        {"job", [](auto& o) { o.ahead = write_ahead_options("x", ""); }},
        {"", [](auto& o) { o.ahead = write_ahead_options("x", std::string(64, 'Z')); }},
        {"job", [](auto& o) { o.ahead = write_ahead_options("x", std::string(65, 'Z')); }},
        {"job", [](auto& o) { o.ahead = write_ahead_options("x", "a-b"); }},
        {"job", [](auto& o) { o.ahead = write_ahead_options("x", "a/b"); }},
        {"job", [](auto& o) { o.ahead = write_ahead_options("x", "gr\xc3\xbc\xc3\x9f"); }},
        {"directory job", [](auto& o) { o.ahead = write_ahead_options("", ""); }},
        {"", [](auto& o) { o.ahead.protocol(commit_protocol::ingest_by); }},
        {"protocol", [](auto& o) { o.ahead.protocol(static_cast<commit_protocol>(5)); }},
        {"backlog_limit", [=](auto& o) { o.ahead.backlog_limit(mib - 1); }},
        {"", [=](auto& o) { o.ahead.backlog_limit(mib); }},
        {"", [=](auto& o) { o.ahead.backlog_limit(16 * mib * mib); }},
        {"backlog_limit", [=](auto& o) { o.ahead.backlog_limit(16 * mib * mib + 1); }},
        {"", [](auto& o) { o.ahead.checkpoint_interval(0ms); }},
        {"checkpoint_interval", [](auto& o) { o.ahead.checkpoint_interval(99ms); }},
        {"checkpoint_interval", [](auto& o) { o.ahead.checkpoint_interval(-1s); }},
        {"", [](auto& o) { o.ahead.checkpoint_interval(100ms); }},
        {"", [](auto& o) { o.ahead.checkpoint_interval(24h); }},
        {"checkpoint_interval", [](auto& o) { o.ahead.checkpoint_interval(24h + 1ms); }},
        {"recovery_horizon", [](auto& o) { o.ahead.recovery_horizon(0min); }},
        {"", [](auto& o) { o.ahead.recovery_horizon(1min); }},
        {"", [](auto& o) { o.ahead.recovery_horizon(365 * 24h); }},
        {"recovery_horizon", [](auto& o) { o.ahead.recovery_horizon(365 * 24h + 1min); }},
        {"recovery_horizon",
         [](auto& o) { o.ahead.recovery_horizon(std::chrono::minutes::max()); }},
        {"", [](auto& o) { o.ahead.checkpoint_records(~std::uint64_t(0)); }},
        {"commit_table", [](auto& o) { o.ahead.commit_table(""); }},
        {"commit_table", [](auto& o) { o.ahead.commit_table("a;b"); }},
        {"commit_table", [](auto& o) { o.ahead.commit_table("t"); }},
    });
}

BOOST_AUTO_TEST_CASE(the_name_of_a_staging_table_fits)
{
    // "__wal_" job "_" 20 digits "_" 10 digits
    std::size_t const longest = 1024 - 6 - 5 - 1 - 8 - 1 - 20 - 1 - 10;
    auto const table = [](std::size_t size)
    { return [=](both& o) { o.records = write_options("db", std::string(size, 't')); }; };
    check({
        {"", table(longest)},
        {"table", table(longest + 1)},
        {"table", table(1024)},
        {"table", table(1025)},
        {"",
         [=](auto& o)
         {
             table(1024)(o);
             o.ahead.protocol(commit_protocol::ingest_by);
         }},
    });
}

BOOST_AUTO_TEST_CASE(what_the_batching_sink_offers_and_this_one_does_not)
{
    auto const refuse = [](auto change) { return [=](both& o) { change(o.records); }; };
    check({
        {"", refuse([](auto& r) { r.guarantee(delivery_guarantee::at_least_once); })},
        {"", refuse([](auto& r) { r.guarantee(delivery_guarantee::exactly_once); })},
        {"guarantee", refuse([](auto& r) { r.guarantee(delivery_guarantee::none); })},
        {"guarantee", refuse([](auto& r) { r.guarantee(static_cast<delivery_guarantee>(7)); })},
        {"ingest_by_tag", refuse([](auto& r) { r.ingest_by_tag("x"); })},
        {"ingest_if_not_exists", refuse([](auto& r) { r.ingest_if_not_exists("x"); })},
        {"", refuse([](auto& r) { r.drop_by_tag("x").additional_tag("y"); })},
        {"", refuse([](auto& r) { r.delivery_timeout(0s); })},
        {"delivery_timeout", refuse([](auto& r) { r.delivery_timeout(5min); })},
        {"delivery_timeout", refuse([](auto& r) { r.delivery_timeout(-5min); })},
        {"", refuse([](auto& r) { r.on_permanent_failure(failure_policy::stop()); })},
        {"", refuse([](auto& r) { r.on_permanent_failure(failure_policy::dead_letter("d")); })},
        {"on_permanent_failure",
         refuse([](auto& r)
                { r.on_permanent_failure(failure_policy::hand_over([](auto const&) {})); })},
        {"", refuse([](auto& r) { r.ingestion_mapping("m"); })},
        {"",
         [](auto& o) {
             o.ahead.expected_schema({{"a", "long"}});
         }},
        {"expected_schema",
         [](auto& o)
         {
             o.records.ingestion_mapping("m");
             o.ahead.expected_schema({{"a", "long"}});
         }},
    });
}

BOOST_AUTO_TEST_CASE(the_options_of_the_records_are_checked_too)
{
    check({{"database batch_size parallelism job", [](auto& o)
            {
                o.records = write_options("", "t");
                o.records.batch_size(0).parallelism(0);
                o.ahead = write_ahead_options("x", "");
            }}});
}

BOOST_AUTO_TEST_CASE(texts_say_what_is_allowed)
{
    both o;
    o.records.guarantee(delivery_guarantee::none).delivery_timeout(5min);
    o.records.on_permanent_failure(failure_policy::hand_over([](auto const&) {}));
    auto const text = all(o);
    BOOST_TEST(has(text, "guarantee = none, allowed: exactly_once or at_least_once"));
    BOOST_TEST(has(text, "delivery_timeout = 5 min, allowed: 0"));
    BOOST_TEST(has(text, "stop or dead_letter"));
}

BOOST_AUTO_TEST_CASE(the_batching_sink_still_refuses_exactly_once)
{
    write_options records("db", "t");
    records.guarantee(delivery_guarantee::exactly_once);
    BOOST_TEST(names(records) == "guarantee");
    BOOST_TEST(has(all(records), "write-ahead sink"));
}

BOOST_AUTO_TEST_SUITE_END()

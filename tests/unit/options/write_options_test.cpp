#include "problems.hpp"

#include <boost/test/unit_test.hpp>
#include <functional>

using namespace kusto;
using namespace kusto::test;
using namespace std::chrono_literals;

namespace
{

using change = std::function<void(write_options&)>;

std::string names_after(change const& apply)
{
    write_options options("db", "t");
    apply(options);
    return names(options);
}

} // namespace

BOOST_AUTO_TEST_SUITE(write_options_test)

BOOST_AUTO_TEST_CASE(defaults_are_those_of_the_documentation)
{
    write_options const o("db", "t");
    BOOST_TEST(names(o).empty(), all(o));
    BOOST_TEST((o.batch_interval() == 30s));
    BOOST_TEST(o.batch_size() == 1000u);
    BOOST_TEST(o.client_batch_size_limit() == 300u << 20);
    BOOST_TEST((o.guarantee() == delivery_guarantee::at_least_once));
    BOOST_TEST(!o.flush_immediately());
    BOOST_TEST(o.parallelism() == 1u);
    BOOST_TEST(o.compression_threads() >= 1u);
    BOOST_TEST(o.retry().attempts() == 3);
    BOOST_TEST((o.retry().base() == 1s));
    BOOST_TEST((o.retry().cap() == 10s));
    BOOST_TEST((o.retry().cache_expiration() == 2h));
    BOOST_TEST((o.delivery_timeout() == 0s));
    BOOST_TEST((o.on_permanent_failure().what() == failure_policy::kind::stop));
    BOOST_TEST(!o.poll_for_ingestion_status());
    BOOST_TEST((o.ingestion_status_timeout() == 0s));
}

BOOST_AUTO_TEST_CASE(limits)
{
    struct row
    {
        char const* name; // of the problem; empty: none
        change apply;
    };
    std::uint64_t const kib = 1024;
    for (auto const& r :
         std::vector<row>{
             {"batch_interval", [](auto& o) { o.batch_interval(0ms); }},
             {"batch_interval", [](auto& o) { o.batch_interval(-5s); }},
             {"", [](auto& o) { o.batch_interval(1ms); }},
             {"", [](auto& o) { o.batch_interval(24h); }},
             {"batch_interval", [](auto& o) { o.batch_interval(24h + 1ms); }},
             {"batch_size", [](auto& o) { o.batch_size(0); }},
             {"", [](auto& o) { o.batch_size(1); }},
             {"", [](auto& o) { o.batch_size(std::uint64_t(1) << 32); }},
             {"batch_size", [](auto& o) { o.batch_size((std::uint64_t(1) << 32) + 1); }},
             {"client_batch_size_limit", [](auto& o) { o.client_batch_size_limit(0); }},
             {"", [](auto& o) { o.client_batch_size_limit(1); }},
             {"", [=](auto& o) { o.client_batch_size_limit(4 * kib * kib * kib); }},
             {"client_batch_size_limit",
              [=](auto& o) { o.client_batch_size_limit(4 * kib * kib * kib + 1); }},
             {"parallelism", [](auto& o) { o.parallelism(0); }},
             {"", [](auto& o) { o.parallelism(1024); }},
             {"parallelism", [](auto& o) { o.parallelism(1025); }},
             {"uploads_in_flight", [](auto& o) { o.uploads_in_flight(0); }},
             {"uploads_in_flight", [](auto& o) { o.uploads_in_flight(257); }},
             {"byte_budget", [=](auto& o) { o.byte_budget(kib * kib - 1); }},
             {"", [=](auto& o) { o.byte_budget(kib * kib).parallelism(16); }},
             {"byte_budget", [=](auto& o) { o.byte_budget(kib * kib).parallelism(17); }},
             {"byte_budget", [=](auto& o) { o.byte_budget(kib * kib * kib * kib + 1); }},
             {"compression_threads", [](auto& o) { o.compression_threads(0); }},
             {"compression_threads", [](auto& o) { o.compression_threads(1025); }},
             {"compression", [](auto& o) { o.compression(compression::zlib(0)); }},
             {"compression", [](auto& o) { o.compression(compression::zlib(10)); }},
             {"", [](auto& o) { o.compression(compression::zlib(9)); }},
             {"compression", [](auto& o) { o.compression(compression::igzip(4)); }},
             {"compression", [](auto& o) { o.compression(compression::igzip(-1)); }},
             {"", [](auto& o) { o.compression(compression::automatic()); }},
             {"", [](auto& o) { o.compression(compression::standard()); }},
             {"block_size", [=](auto& o) { o.block_size(64 * kib - 1); }},
             {"", [=](auto& o) { o.block_size(64 * kib); }},
             {"block_size", [=](auto& o) { o.block_size(100 * kib * kib + 1); }},
             {"block_size", [=](auto& o)
              { o.block_size(64 * kib).client_batch_size_limit(4 * kib * kib * kib); }},
             {"delivery_timeout", [](auto& o) { o.delivery_timeout(999ms); }},
             {"delivery_timeout", [](auto& o) { o.delivery_timeout(-1ms); }},
             {"delivery_timeout", [](auto& o) { o.delivery_timeout(168h + 1ms); }},
             {"", [](auto& o) { o.delivery_timeout(0ms); }},
             {"", [](auto& o) { o.delivery_timeout(1s); }},
             {"", [](auto& o) { o.delivery_timeout(168h); }},
             {"ingestion_status_timeout", [](auto& o) { o.ingestion_status_timeout(999ms); }},
             {"ingestion_status_timeout", [](auto& o) { o.ingestion_status_timeout(-1ms); }},
             {"ingestion_status_timeout", [](auto& o) { o.ingestion_status_timeout(24h + 1ms); }},
             {"", [](auto& o) { o.ingestion_status_timeout(0ms); }},
             {"", [](auto& o) { o.ingestion_status_timeout(1s); }},
             {"", [](auto& o) { o.ingestion_status_timeout(24h); }},
             {"", [](auto& o) { o.poll_for_ingestion_status(true); }},
             {"", [](auto& o) { o.on_permanent_failure(failure_policy::stop()); }},
             {"on_permanent_failure",
              [](auto& o) { o.on_permanent_failure(failure_policy::hand_over({})); }},
             {"",
              [](auto& o) {
                  o.on_permanent_failure(
                      failure_policy::hand_over([](undelivered_batch const&) {}));
              }},
             {"on_permanent_failure",
              [](auto& o) { o.on_permanent_failure(failure_policy::dead_letter("")); }},
             {"on_permanent_failure",
              [](auto& o) { o.on_permanent_failure(failure_policy::dead_letter("a\nb")); }},
             {"",
              [](auto& o) { o.on_permanent_failure(failure_policy::dead_letter("/var/dead")); }},
             {"retry.attempts", [](auto& o) { o.retry(retry_options().attempts(0)); }},
             {"retry.attempts", [](auto& o) { o.retry(retry_options().attempts(101)); }},
             {"retry.base", [](auto& o) { o.retry(retry_options().base(11s)); }},
             {"retry.base", [](auto& o) { o.retry(retry_options().base(-1ms)); }},
             {"retry.cap", [](auto& o) { o.retry(retry_options().cap(11min)); }},
             {"", [](auto& o) { o.retry(retry_options().base(0ms).cap(0ms)); }},
             {"retry.cache_expiration",
              [](auto& o) { o.retry(retry_options().cache_expiration(999ms)); }},
             {"retry.cache_expiration",
              [](auto& o) { o.retry(retry_options().cache_expiration(24h + 1ms)); }},
             {"", [](auto& o) { o.retry(retry_options().cache_expiration(1s)); }},
             {"", [](auto& o) { o.retry(retry_options().cache_expiration(24h)); }},
             {"", [](auto& o) { o.guarantee(delivery_guarantee::none); }},
             {"guarantee", [](auto& o) { o.guarantee(delivery_guarantee::exactly_once); }},
             {"guarantee", [](auto& o) { o.guarantee(static_cast<delivery_guarantee>(7)); }},
         })
    {
        BOOST_TEST(names_after(r.apply) == r.name);
    }
}

BOOST_AUTO_TEST_CASE(names_of_databases_and_tables)
{
    for (std::string const& good :
         {std::string("t"), std::string("My table-1.2_x"), std::string("Tabell\xc3\xa4"),
          std::string(1024, 'x'), std::string("_x_")})
        BOOST_TEST(names(write_options("db", good)).empty(), good);
    for (std::string const& bad :
         {std::string(), std::string(1025, 'x'), std::string("a;b"), std::string("a:b"),
          std::string("a'b"), std::string("a\"b"), std::string("a[b]"), std::string("a/b"),
          std::string("a$b"), std::string("a\nb"), std::string("\xff"), std::string("__x"),
          std::string("x__"), std::string("  ")})
    {
        BOOST_TEST(names(write_options("db", bad)) == "table", bad);
        BOOST_TEST(names(write_options(bad, "t")) == "database", bad);
    }
}

BOOST_AUTO_TEST_CASE(tags)
{
    BOOST_TEST(
        names_after([](auto& o)
                    { o.ingest_by_tag("run-7 \xc3\xa4").drop_by_tag("x").additional_tag("k:v"); })
            .empty());
    BOOST_TEST(names_after([](auto& o) { o.ingest_by_tag(""); }) == "ingest_by_tag");
    BOOST_TEST(names_after([](auto& o) { o.drop_by_tag("a\nb"); }) == "drop_by_tag");
    BOOST_TEST(names_after([](auto& o) { o.additional_tag("\xff"); }) == "additional_tag");
    BOOST_TEST(names_after([](auto& o) { o.additional_tag(std::string(1025, 'x')); }) ==
               "additional_tag");
    BOOST_TEST(names_after([](auto& o) { o.ingest_by_tag("Ingest-By:x"); }) == "ingest_by_tag");
    BOOST_TEST(names_after([](auto& o) { o.ingest_if_not_exists("ingest-by:x"); }) ==
               "ingest_if_not_exists");
    BOOST_TEST(names_after(
                   [](auto& o)
                   {
                       for (int i = 0; i < 17; ++i)
                           o.additional_tag(std::string(1000, 'x'));
                   }) == "tags");
}

BOOST_AUTO_TEST_CASE(mappings)
{
    BOOST_TEST(names_after([](auto& o) { o.ingestion_mapping("m 1", data_format::json); }).empty());
    BOOST_TEST(names_after([](auto& o) { o.ingestion_mapping("m\n"); }) == "ingestion_mapping");
}

BOOST_AUTO_TEST_CASE(all_problems_are_listed_with_value_and_range)
{
    write_options options("", "t;");
    options.parallelism(0).batch_size(0).compression(compression::zlib(11)).guarantee(
        delivery_guarantee::exactly_once);
    BOOST_TEST(names(options) ==
               "database table batch_size guarantee parallelism compression");
    auto const text = all(options);
    BOOST_TEST(has(text, "parallelism = 0, allowed: 1 to 1024"));
    BOOST_TEST(has(text, "compression = zlib 11, allowed: zlib 1 to 9"));
    BOOST_TEST(has(text, "exactly_once"));
    BOOST_TEST(has(text, "write-ahead sink"));
    options_error const thrown(options.problems());
    BOOST_TEST((thrown.code() == make_error_code(errc::invalid_option)));
    BOOST_TEST(thrown.problems().size() == 6u);
}

BOOST_AUTO_TEST_CASE(values_have_readable_units)
{
    write_options options("d", "t");
    options.batch_interval(25h).byte_budget(512 * 1024);
    auto const text = all(options);
    BOOST_TEST(has(text, "batch_interval = 25 h, allowed: 1 ms to 24 h"));
    BOOST_TEST(has(text, "byte_budget = 512 KiB, allowed: 1 MiB to 1 TiB"));
    options.delivery_timeout(500ms).on_permanent_failure(failure_policy::dead_letter("a\nb"));
    auto const more = all(options);
    BOOST_TEST(has(more, "delivery_timeout = 500 ms, allowed: 0, or 1 s to 168 h"));
    BOOST_TEST(has(more, "on_permanent_failure = dead_letter \"a?b\", allowed: dead_letter with"));
}

BOOST_AUTO_TEST_SUITE_END()

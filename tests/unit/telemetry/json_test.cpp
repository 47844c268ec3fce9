#include "sample_statistics.hpp"

#include <boost/json.hpp>
#include <boost/test/unit_test.hpp>
#include <limits>

using namespace kusto;
using namespace kusto::test;
namespace json = boost::json;

namespace
{

json::value parsed(sink_statistics const& values)
{
    return json::parse(to_json(values)); // refuses what is not UTF-8
}

std::string text(json::value const& value)
{
    return json::serialize(value);
}

} // namespace

BOOST_AUTO_TEST_SUITE(json_test)

BOOST_AUTO_TEST_CASE(a_member_for_each_field)
{
    auto const all = parsed(sample_statistics());
    BOOST_TEST(text(all.at("report").at("accepted")) == R"({"records":10,"bytes":11,"blobs":12})");
    BOOST_TEST(text(all.at("report").at("delivered")) == R"({"records":20,"bytes":21,"blobs":22})");
    BOOST_TEST(text(all.at("report").at("failed")) == R"({"records":30,"bytes":31,"blobs":32})");
    BOOST_TEST(text(all.at("report").at("dead_lettered")) ==
               R"({"records":40,"bytes":41,"blobs":42})");
    BOOST_TEST(text(all.at("report").at("unknown")) == R"({"records":50,"bytes":51,"blobs":52})");
    BOOST_TEST(text(all.at("report").at("pending")) == R"({"records":60,"bytes":61,"blobs":62})");
    BOOST_TEST(text(all.at("report").at("queued")) == R"({"records":70,"bytes":71,"blobs":72})");
    BOOST_TEST(text(all.at("report").at("possibly_twice")) ==
               R"({"records":80,"bytes":81,"blobs":82})");
    std::int64_t expected = 101;
    for (char const* const name :
         {"compressed_bytes", "sealed_by_records", "sealed_by_bytes", "sealed_by_interval",
          "sealed_by_flush", "sealed_by_format", "sealed_by_pressure", "retries", "repeated_posts",
          "waiting_batches", "writes_that_waited", "budget_bytes", "budget_peak_bytes",
          "budget_limit_bytes"})
        BOOST_TEST(all.at(name).to_number<std::int64_t>() == expected++, name);
    BOOST_TEST(all.at("oldest_unacknowledged").to_number<double>() == 115.25);
    BOOST_TEST(text(all.at("codec")) == R"("zlib 5")");
    BOOST_TEST(text(all.at("codec_switches")) == "116");
    BOOST_TEST(text(all.at("codecs")) ==
               R"([{"codec":"igzip 1","batches":117,"bytes":118,"compressed_bytes":119}])");
}

BOOST_AUTO_TEST_CASE(large_numbers_are_exact)
{
    sink_statistics values;
    values.compressed_bytes = (std::numeric_limits<std::uint64_t>::max)();
    BOOST_TEST(text(parsed(values).at("compressed_bytes")) == "18446744073709551615");
}

BOOST_AUTO_TEST_CASE(failures_are_objects_without_what_the_service_said)
{
    auto const all = parsed(sample_statistics());
    BOOST_TEST(text(all.at("trouble")) ==
               R"({"code":"throttled","stage":"post","message":"busy \"now\"",)"
               R"("host":"q.example:443","status":503,"service_code":"ServerBusy",)"
               R"("request_id":"r-1","activity_id":"a-1","source_id":"","attempts":3,"retryable":true,)"
               R"("outcome":"unknown"})");
    BOOST_TEST(text(all.at("report").at("first_failure")) ==
               R"({"code":"request rejected","stage":"upload","message":"refused","host":"",)"
               R"("status":0,"service_code":"","request_id":"","activity_id":"","source_id":"","attempts":0,)"
               R"("retryable":false,"outcome":"failed"})");
    BOOST_TEST(text(all).find("CANARY") == std::string::npos);
    auto const none = parsed({});
    BOOST_TEST(none.at("trouble").is_null());
    BOOST_TEST(none.at("report").at("first_failure").is_null());
}

BOOST_AUTO_TEST_CASE(texts_that_are_not_utf8_do_not_break_it)
{
    sink_statistics values;
    values.trouble = failure(errc::throttled, stage::post, "Z\xc3\xbcrich").service_code("a\xff\n");
    auto const trouble = parsed(values).at("trouble");
    BOOST_TEST(trouble.at("message").as_string().c_str() == "Z\xc3\xbcrich");
    BOOST_TEST(trouble.at("service_code").as_string().c_str() == "a?\n");
}

BOOST_AUTO_TEST_CASE(histograms)
{
    sink_statistics values;
    values.latency.upload.buckets[3] = 9; // up to 8 us
    values.latency.upload.buckets.back() = 1;
    values.latency.upload.sum = std::chrono::microseconds(2'500'000);
    auto const latency = parsed(values).at("latency");
    auto const& upload = latency.at("upload");
    BOOST_TEST(upload.at("count").to_number<int>() == 10);
    BOOST_TEST(upload.at("sum").to_number<double>() == 2.5);
    BOOST_TEST(upload.at("p50").to_number<double>() == 8e-6);
    BOOST_TEST(upload.at("p90").to_number<double>() == 8e-6);
    BOOST_TEST(upload.at("p99").is_null());
    auto const& buckets = upload.at("buckets").as_array();
    BOOST_REQUIRE(buckets.size() == 2u);
    BOOST_TEST(buckets[0].at("up_to").to_number<double>() == 8e-6);
    BOOST_TEST(buckets[0].at("count").to_number<int>() == 9);
    BOOST_TEST(buckets[1].at("up_to").is_null());
    BOOST_TEST(buckets[1].at("count").to_number<int>() == 1);
    BOOST_TEST(text(latency.at("post")) ==
               R"({"count":0,"sum":0E0,"p50":0E0,"p90":0E0,"p99":0E0,"buckets":[]})");
}

BOOST_AUTO_TEST_CASE(every_stage_has_its_own_histogram)
{
    auto const latency = parsed(sample_statistics()).at("latency").as_object();
    std::int64_t first = 1'000;
    for (char const* const name :
         {"encode", "linger", "compress", "upload", "post", "ingest", "end_to_end"})
    {
        auto const& buckets = latency.at(name).at("buckets").as_array();
        BOOST_TEST(buckets.size() == latency_histogram::bucket_count, name);
        BOOST_TEST(buckets[0].at("count").to_number<std::int64_t>() == first, name);
        first += 1'000;
    }
    BOOST_TEST(latency.size() == 7u);
}

BOOST_AUTO_TEST_SUITE_END()

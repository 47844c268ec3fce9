#include "replies.hpp"

#include <boost/json.hpp>
#include <boost/test/unit_test.hpp>
#include <kusto/version.hpp>
#include <wire/ingestion_message.hpp>

using namespace kusto;
namespace json = boost::json;

namespace
{

base::guid const id = *base::guid::parse("3f1c8a52-0c7e-4b1e-9a55-7d2f6c1b9e10");
std::string const blob = "https://a.blob.core.windows.net/c/d__t__1.csv.gz?sv=1&sig=a%2Bb";
base::utc_time_point const now(std::chrono::seconds(1795345186));

wire::ingestion_message message_for(write_options const& options)
{
    wire::client_identity const who("my app");
    wire::ingestion_message message(options, who);
    message.batch(id, *base::url::parse(blob), 1048576, data_format::csv)
        .authorization_context("ctx")
        .created(now + std::chrono::nanoseconds(123456789));
    return message;
}

json::object read(wire::ingestion_message const& message)
{
    return json::parse(message.to_json()).as_object();
}

} // namespace

BOOST_AUTO_TEST_SUITE(ingestion_message_test)

BOOST_AUTO_TEST_CASE(a_plain_message_has_exactly_these_fields)
{
    auto const m = read(message_for(write_options("mydb", "my table")));
    json::value const expected = {
        {"Id", "3f1c8a52-0c7e-4b1e-9a55-7d2f6c1b9e10"},
        {"BlobPath", blob},
        {"RawDataSize", 1048576},
        {"DatabaseName", "mydb"},
        {"TableName", "my table"},
        {"RetainBlobOnSuccess", true},
        {"FlushImmediately", false},
        {"IgnoreSizeLimit", false},
        {"ReportLevel", 0},
        {"ReportMethod", 0},
        {"SourceMessageCreationTime", "2026-11-22T10:59:46.1234567Z"},
        {"AdditionalProperties", {{"authorizationContext", "ctx"}, {"format", "csv"}}},
        {"ApplicationForTracing", "my app"},
        {"ClientVersionForTracing", m.at("ClientVersionForTracing")},
    };
    BOOST_TEST((json::value(m) == expected), json::serialize(m));
    BOOST_TEST(m.at("ClientVersionForTracing").as_string().starts_with("Kusto.Cpp.Client:{"));
}

BOOST_AUTO_TEST_CASE(the_message_says_who_sent_it)
{
    connection_options options("http://localhost:1");
    options.application_name("collector").application_version("7").client_version("Host:{1}");
    wire::client_identity const who(options);
    wire::ingestion_message message(write_options("d", "t"), who);
    message.batch(id, *base::url::parse(blob), 1, data_format::csv);
    auto const m = read(message);
    BOOST_TEST(m.at("ApplicationForTracing").as_string() ==
               "Kusto.Cpp.Sink:{" KUSTO_VERSION_STRING "}|App.{collector}:{7}");
    BOOST_TEST(std::string(m.at("ClientVersionForTracing").as_string()).ends_with("}|Host:{1}"));
}

BOOST_AUTO_TEST_CASE(options_become_properties_that_are_strings)
{
    write_options options("d", "t");
    options.ingestion_mapping("map \"1\"", data_format::json)
        .flush_immediately(true)
        .ingest_by_tag("run-7")
        .drop_by_tag("2026-01")
        .additional_tag("x\"y")
        .ingest_if_not_exists("run-7")
        .ingest_if_not_exists("run-8");
    auto message = message_for(options);
    message.batch(id, *base::url::parse(blob), 5, data_format::json);
    auto const m = read(message);
    BOOST_TEST(m.at("FlushImmediately").as_bool());
    auto const& p = m.at("AdditionalProperties").as_object();
    for (auto const& item : p)
        BOOST_TEST(item.value().is_string(), item.key());
    BOOST_TEST(p.at("format").as_string() == "json");
    BOOST_TEST(p.at("ingestionMappingReference").as_string() == "map \"1\"");
    BOOST_TEST(p.at("ingestionMappingType").as_string() == "Json");
    BOOST_TEST(p.at("tags").as_string() == R"(["ingest-by:run-7","drop-by:2026-01","x\"y"])");
    BOOST_TEST(p.at("ingestIfNotExists").as_string() == R"(["run-7","run-8"])");
}

BOOST_AUTO_TEST_CASE(status_reporting)
{
    auto message = message_for(write_options("d", "t"));
    message.status_in(*base::url::parse("https://a.table.core.windows.net/s?sig=x"));
    auto const m = read(message);
    BOOST_TEST(m.at("ReportLevel").as_int64() == 2);
    BOOST_TEST(m.at("ReportMethod").as_int64() == 1);
    json::value const expected = {
        {"TableConnectionString", "https://a.table.core.windows.net/s?sig=x"},
        {"PartitionKey", id.to_string()},
        {"RowKey", id.to_string()}};
    BOOST_TEST((m.at("IngestionStatusInTable") == expected));
}

BOOST_AUTO_TEST_CASE(own_properties_win_over_additional_ones)
{
    auto message = message_for(write_options("d", "t"));
    message.property("Format", "avro").property("creationTime", "2026-01-01T00:00:00Z");
    auto const m = read(message);
    auto const& p = m.at("AdditionalProperties").as_object();
    BOOST_TEST(!p.contains("Format"));
    BOOST_TEST(p.at("format").as_string() == "csv");
    BOOST_TEST(p.at("creationTime").as_string() == "2026-01-01T00:00:00Z");
}

BOOST_AUTO_TEST_CASE(the_size_is_exact_beyond_double_precision)
{
    auto message = message_for(write_options("d", "t"));
    message.batch(id, *base::url::parse(blob), 9007199254740993, data_format::csv);
    BOOST_TEST(test::has(message.to_json(), "\"RawDataSize\":9007199254740993"));
}

BOOST_AUTO_TEST_SUITE_END()

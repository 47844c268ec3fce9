#include "manager_fixture.hpp"

#include <boost/test/unit_test.hpp>
#include <zlib.h>

using namespace emulator_test;

namespace
{

using namespace kusto::emulator;
using namespace std::chrono_literals;

std::string gzip(std::string const& text)
{
    z_stream stream{};
    deflateInit2(&stream, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY);
    std::string out(text.size() + 200, '\0');
    stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
    stream.avail_in = static_cast<uInt>(text.size());
    stream.next_out = reinterpret_cast<Bytef*>(out.data());
    stream.avail_out = static_cast<uInt>(out.size());
    deflate(&stream, Z_FINISH);
    out.resize(stream.total_out);
    deflateEnd(&stream);
    return out;
}

} // namespace

BOOST_FIXTURE_TEST_SUITE(data_management, manager_fixture)

BOOST_AUTO_TEST_CASE(a_batch_waits_for_its_time)
{
    BOOST_TEST((manager.run_once(now) == data_manager::clock::time_point::max()));
    submit(message("one.csv"));
    BOOST_TEST(manager.pending() == 1u);
    BOOST_TEST((manager.run_once(now) == now + 10s));
    now += 4s;
    submit(message("two.csv"));
    BOOST_TEST((manager.run_once(now) == now + 6s));
    BOOST_TEST(rows("T | count") == "0");
    BOOST_TEST(manager.pending() == 2u);
    now += 6s;
    BOOST_TEST((manager.run_once(now) == data_manager::clock::time_point::max()));
    BOOST_TEST(rows("T") == "'x',1 'y',2");
    BOOST_TEST(manager.pending() == 0u);
    BOOST_TEST(totals() == "2 0 0 0");
    BOOST_TEST(storage.successes.empty());
}

BOOST_AUTO_TEST_CASE(a_batch_is_sealed_by_count_size_and_flush)
{
    for (char const* blob : {"one.csv", "two.csv", "three.csv"})
        submit(message(blob));
    static_cast<void>(manager.run_once(now));
    BOOST_TEST(manager.pending() == 0u);
    BOOST_TEST(last_failure() == "Download_SourceNotFound");
    submit(message("one.csv", "\"RawDataSize\":100"));
    static_cast<void>(manager.run_once(now));
    BOOST_TEST(totals() == "3 1 0 1");
    submit(message("one.csv"));
    submit(message("two.csv", "\"FlushImmediately\":true"));
    static_cast<void>(manager.run_once(now));
    BOOST_TEST(manager.pending() == 0u);
    BOOST_TEST(totals() == "5 1 0 1");
}

BOOST_AUTO_TEST_CASE(some_blobs_are_batches_of_their_own)
{
    submit(message("one.csv", "\"RawDataSize\":null"));
    submit(message("one.csv", "\"RawDataSize\":0"));
    submit(message("one.csv", "", "\"tags\":\"[\\\"ingest-by:1\\\"]\""));
    submit(message("one.csv", "", "\"ingestIfNotExists\":\"[\\\"1\\\"]\""));
    BOOST_TEST((manager.run_once(now) == data_manager::clock::time_point::max()));
    BOOST_TEST(totals() == "3 0 1 0");
    BOOST_TEST(rows("T | count") == "3");
}

BOOST_AUTO_TEST_CASE(different_properties_are_different_batches)
{
    submit(message("one.csv"));
    submit(message("two.csv", "", "\"tags\":\"[\\\"a\\\"]\""));
    submit(message("one.csv", "", "\"tags\":\"[\\\"b\\\"]\""));
    static_cast<void>(manager.run_once(now));
    BOOST_TEST(manager.pending() == 3u);
    now += 10s;
    static_cast<void>(manager.run_once(now));
    BOOST_TEST(totals() == "3 0 0 0");
}

BOOST_AUTO_TEST_CASE(the_same_blob_counts_once_in_a_batch_only)
{
    submit(message("one.csv"));
    submit(message("one.csv"));
    pass();
    BOOST_TEST(totals() == "1 0 1 0");
    BOOST_TEST(last_failure() == "BlobAlreadyReceived_BlobAlreadyFoundInBatch");
    submit(message("one.csv"));
    pass();
    BOOST_TEST(rows("T | count") == "2");
}

BOOST_AUTO_TEST_CASE(gzip_is_expanded_by_name)
{
    storage.blobs["https://s/c/a.csv.gz?sig=x"] = gzip("x,1\n");
    storage.blobs["https://s/c/b.csv.GZ?sig=x"] = gzip("x,1\n") + gzip("y,2\n");
    storage.blobs["https://s/c/cut.csv.gz?sig=x"] = gzip("x,1\n").substr(0, 15);
    storage.blobs["https://s/c/tail.csv.gz?sig=x"] = gzip("x,1\n") + "x";
    storage.blobs["https://s/c/plain.csv.gz?sig=x"] = "x,1\n";
    storage.blobs["https://s/c/packed.csv?sig=x"] = gzip("x,1\n");
    submit(message("a.csv.gz"));
    pass();
    BOOST_TEST(totals() == "1 0 0 0");
    submit(message("b.csv.GZ", "\"RawDataSize\":8"));
    pass();
    BOOST_TEST(totals() == "2 0 0 0");
    BOOST_TEST(rows("T | count") == "3");
    for (char const* bad : {"cut.csv.gz", "tail.csv.gz", "plain.csv.gz"})
    {
        submit(message(bad));
        pass();
        BOOST_TEST(last_failure() == "BadRequest_InvalidBlob", bad);
    }
    submit(message("packed.csv"));
    pass();
    BOOST_TEST(totals() == "2 4 0 1");
    BOOST_TEST(rows("T | count") == "3");
}

BOOST_AUTO_TEST_CASE(members_in_any_case_and_form)
{
    std::string const camel =
        std::string("{\"id\":\"") + id +
        "\",\"blobPath\":\"https://s/c/one.csv?sig=x\","
        "\"rawDataSize\":4,\"databaseName\":\"DB\",\"tableName\":\"T\",\"retainBlobOnSuccess\":"
        "true,"
        "\"reportLevel\":\"FailuresAndSuccesses\",\"reportMethod\":\"Queue\",\"flushImmediately\":"
        "true,\"ingestionStatusInTable\":null,\"validationPolicy\":null,\"unknownMember\":[1],"
        "\"additionalProperties\":{\"AUTHORIZATIONCONTEXT\":\"token\",\"ignoreFirstRecord\":false,"
        "\"Format\":\"CSV\",\"creationTime\":null}}";
    submit(camel + std::string(1, '\0'));
    static_cast<void>(manager.run_once(now));
    BOOST_TEST(totals() == "1 0 0 0");
    BOOST_TEST(storage.successes.size() == 1u);
    BOOST_TEST(storage.successes[0].find(id) != std::string::npos);
    BOOST_TEST(storage.successes[0].find("sig=") == std::string::npos);
}

BOOST_AUTO_TEST_CASE(corrupted_messages_are_recorded)
{
    manager.submit("not base64!");
    BOOST_TEST(last_failure() == "BadRequest_CorruptedMessage");
    for (char const* bad :
         {"", "[]", "{}", "{\"Id\":\"x\"}", "{\"Id\":5}",
          "{\"Id\":", "{\"Id\":\"3f1c8a52-0c7e-4b1e-9a55-7d2f6c1b9e10\",\"RawDataSize\":-1}",
          "{\"Id\":\"3f1c8a52-0c7e-4b1e-9a55-7d2f6c1b9e10\",\"RawDataSize\":\"5\"}",
          "{\"Id\":\"3f1c8a52-0c7e-4b1e-9a55-7d2f6c1b9e10\",\"ReportLevel\":3}",
          "{\"Id\":\"3f1c8a52-0c7e-4b1e-9a55-7d2f6c1b9e10\",\"ReportMethod\":\"Pigeon\"}",
          "{\"Id\":\"3f1c8a52-0c7e-4b1e-9a55-7d2f6c1b9e10\",\"FlushImmediately\":\"true\"}",
          "{\"Id\":\"3f1c8a52-0c7e-4b1e-9a55-7d2f6c1b9e10\",\"TableName\":5}",
          "{\"Id\":\"3f1c8a52-0c7e-4b1e-9a55-7d2f6c1b9e10\",\"IngestionStatusInTable\":{}}",
          "{\"Id\":\"3f1c8a52-0c7e-4b1e-9a55-7d2f6c1b9e10\",\"AdditionalProperties\":{\"a\":1}}",
          "{\"Id\":\"3f1c8a52-0c7e-4b1e-9a55-7d2f6c1b9e10\",\"AdditionalProperties\":\"{}\"}"})
    {
        auto const before = manager.counts().failed;
        submit(bad);
        BOOST_TEST(manager.counts().failed == before + 1, bad);
        BOOST_TEST(last_failure() == "BadRequest_CorruptedMessage", bad);
    }
    BOOST_TEST(manager.pending() == 0u);
}

BOOST_AUTO_TEST_CASE(requests_the_service_refuses)
{
    auto const outcome = [&](std::string json)
    {
        submit(json);
        pass();
        return last_failure();
    };
    auto const without = [](std::string json, std::string const& part, std::string const& other)
    { return json.replace(json.find(part), part.size(), other); };
    std::string const good = message("one.csv");
    BOOST_TEST(outcome(without(good, "\"token\"", "\"stolen\"")) ==
               "BadRequest_InvalidKustoIdentityToken");
    BOOST_TEST(outcome(without(good, "authorizationContext", "other")) ==
               "BadRequest_InvalidKustoIdentityToken");
    BOOST_TEST(outcome(without(good, "\"TableName\":\"T\"", "\"TableName\":\"Nope\"")) ==
               "BadRequest_TableNotExist");
    BOOST_TEST(outcome(without(good, "\"TableName\":\"T\",", "")) ==
               "BadRequest_InvalidOrEmptyTableName");
    BOOST_TEST(outcome(without(good, "\"DatabaseName\":\"db\"", "\"DatabaseName\":\"nope\"")) ==
               "BadRequest_DatabaseNotExist");
    BOOST_TEST(outcome(without(good, "https://s/c/one.csv", "")) == "BadRequest_EmptyBlobUri");
    BOOST_TEST(outcome(message("one.csv", "", "\"tags\":\"ingest-by:1\"")) ==
               "BadRequest_MalformedIngestionProperty");
    BOOST_TEST(outcome(message("one.csv", "", "\"ignoreFirstRecord\":\"perhaps\"")) ==
               "BadRequest_MalformedIngestionProperty");
    BOOST_TEST(outcome(message("one.csv", "", "\"colour\":\"red\"")) ==
               "BadRequest_IngestionPropertyNotSupportedInThisContext");
    BOOST_TEST(outcome(message("one.csv", "", "\"format\":\"avro\"")) ==
               "BadRequest_FormatNotSupported");
    BOOST_TEST(outcome(message("one.csv", "", "\"ingestionMappingReference\":\"m\"")) ==
               "BadRequest_MappingReferenceWasNotFound");
    BOOST_TEST(rows("T | count") == "0");
    BOOST_TEST(totals() == "0 11 0 0");
    BOOST_TEST(storage.failures.size() == 11u);
}

BOOST_AUTO_TEST_CASE(reports_go_where_they_were_asked_for)
{
    std::string const entity =
        "\"IngestionStatusInTable\":{\"TableConnectionString\":\"https://t\","
        "\"PartitionKey\":\"p\",\"RowKey\":\"r\"}";
    submit(message("one.csv", "\"ReportLevel\":2,\"ReportMethod\":1," + entity));
    pass();
    auto& written = storage.entities["https://t/p/r"];
    BOOST_TEST(written["Status"] == "Succeeded");
    BOOST_TEST(written["OperationId"].size() == 36u);
    BOOST_TEST(written["ActivityId"].size() == 36u);
    BOOST_TEST(written.count("ErrorCode") == 0u);
    BOOST_TEST(storage.successes.empty());

    submit(message("none.csv", "\"ReportLevel\":2,\"ReportMethod\":\"QueueAndTable\"," + entity));
    pass();
    BOOST_TEST(written["Status"] == "Failed");
    BOOST_TEST(written["ErrorCode"] == "Download_SourceNotFound");
    BOOST_TEST(written["FailureStatus"] == "Permanent");
    BOOST_TEST(written["OriginatesFromUpdatePolicy"] == "false");
    BOOST_TEST(storage.failures.size() == 1u);
    BOOST_TEST(storage.failures[0].find("\"ErrorCode\":\"Download_SourceNotFound\"") !=
               std::string::npos);

    storage.entities.clear();
    submit(message("one.csv", "\"ReportLevel\":0,\"ReportMethod\":1," + entity));
    submit(message("none.csv", "\"ReportLevel\":1,\"ReportMethod\":2," + entity));
    pass();
    BOOST_TEST(storage.entities.empty());
    BOOST_TEST(storage.failures.size() == 1u);
}

BOOST_AUTO_TEST_CASE(a_lost_report_does_not_lose_the_rest)
{
    storage.broken = true;
    submit(message("one.csv", "\"ReportLevel\":2,\"ReportMethod\":1,\"IngestionStatusInTable\":{"
                              "\"TableConnectionString\":\"https://t\",\"PartitionKey\":\"p\","
                              "\"RowKey\":\"r\"}"));
    submit(message("two.csv"));
    pass();
    BOOST_TEST(totals() == "2 0 0 0");
    BOOST_TEST(last_failure() == "General_InternalServerError");
}

BOOST_AUTO_TEST_CASE(a_blob_is_deleted_unless_it_is_to_be_retained)
{
    submit(message("one.csv", "\"RetainBlobOnSuccess\":false"));
    submit(message("two.csv"));
    pass();
    BOOST_TEST(storage.blobs.count("https://s/c/one.csv?sig=x") == 0u);
    BOOST_TEST(storage.blobs.count("https://s/c/two.csv?sig=x") == 1u);
    storage.blobs["https://s/c/bad.csv?sig=x"] = "x\n";
    submit(message("bad.csv", "\"RetainBlobOnSuccess\":false,\"RawDataSize\":2"));
    pass();
    BOOST_TEST(storage.blobs.count("https://s/c/bad.csv?sig=x") == 1u);
}

namespace
{

constexpr char const* once = "\"tags\":\"[\\\"ingest-by:1\\\"]\",\"ingestIfNotExists\":"
                             "\"[\\\"1\\\"]\"";

/// Extents with the tag after a message and its redelivery in the same run.
std::string tagged_extents(manager_fixture& with, bool atomic)
{
    message_faults twice;
    twice.again = 0ms;
    with.faults.fates = {twice};
    data_manager manager(with.db, with.storage, manager_fixture::policy(), &with.faults, atomic);
    manager.submit(kusto::base::base64_encode(manager_fixture::message("one.csv", "", once)));
    static_cast<void>(manager.run_once(with.now));
    return show(with.command(".show table T extents | where Tags has 'ingest-by:1' | count"));
}

} // namespace

BOOST_AUTO_TEST_CASE(a_tag_that_is_checked_with_the_commit_passes_once)
{
    BOOST_TEST(tagged_extents(*this, true) == "1");
    BOOST_TEST(rows("T | count") == "1");
}

BOOST_AUTO_TEST_CASE(a_tag_that_is_checked_before_can_pass_twice)
{
    BOOST_TEST(tagged_extents(*this, false) == "2");
    BOOST_TEST(rows("T | count") == "2");
}

BOOST_AUTO_TEST_CASE(a_tag_that_is_there_before_the_run_never_passes)
{
    data_manager own(db, storage, policy(), nullptr, false);
    for (int round = 0; round < 2; ++round)
    {
        own.submit(kusto::base::base64_encode(message("one.csv", "", once)));
        static_cast<void>(own.run_once(now));
    }
    BOOST_TEST(rows("T | count") == "1");
    BOOST_TEST(own.counts().skipped == 1u);
}

BOOST_AUTO_TEST_CASE(a_message_that_cannot_be_checked_fails_with_its_reason)
{
    data_manager own(db, storage, policy(), nullptr, false);
    own.submit(
        kusto::base::base64_encode(message("one.csv", "", "\"ingestIfNotExists\":\"nonsense\"")));
    static_cast<void>(own.run_once(now));
    BOOST_TEST(last_failure() == "BadRequest_MalformedIngestionProperty");
}

BOOST_AUTO_TEST_CASE(a_table_that_is_gone_fails_its_messages_for_good)
{
    submit(message("one.csv"));
    static_cast<void>(command(".drop table ['T'] ifexists"));
    pass();
    BOOST_TEST(last_failure() == "BadRequest_TableNotExist");
    BOOST_TEST(show(command(".show ingestion failures | project FailureKind, ShouldRetry")) ==
               "'Permanent',false");
}

BOOST_AUTO_TEST_SUITE_END()

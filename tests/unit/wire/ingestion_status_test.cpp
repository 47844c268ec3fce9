#include <wire/ingestion_status.hpp>

#include "replies.hpp"
#include <boost/test/unit_test.hpp>

using namespace kusto;
using namespace kusto::test;
using state = wire::ingestion_state;

namespace
{

wire::ingestion_status read(std::string body)
{
    canned_reply const from(200, std::move(body), {}, stage::ingest);
    auto const got = wire::parse_status(from);
    BOOST_REQUIRE_MESSAGE(got, got.error().describe());
    return *got;
}

} // namespace

BOOST_AUTO_TEST_SUITE(ingestion_status_test)

BOOST_AUTO_TEST_CASE(every_status)
{
    struct row
    {
        char const* body;
        state expected;
    };
    for (auto const& r : {
             row{R"({"Status":"Pending"})", state::pending},
             row{R"({"Status":0})", state::pending},
             row{R"({})", state::pending},
             row{R"({"Status":"Succeeded"})", state::succeeded},
             row{R"({"Status":"succeeded"})", state::succeeded},
             row{R"({"Status":1})", state::succeeded},
             row{R"({"Status":"1"})", state::succeeded},
             row{R"({"Status":"Skipped"})", state::skipped},
             row{R"({"Status":4})", state::skipped},
             row{R"({"Status":"Queued"})", state::unclear},
             row{R"({"Status":3})", state::unclear},
             row{R"({"Status":"Marvellous"})", state::unclear},
             row{R"({"Status":"PartiallySucceeded"})", state::partial},
             row{R"({"Status":5})", state::partial},
             row{R"({"Status":"Failed"})", state::failed},
             row{R"({"Status":2})", state::failed},
             row{R"({"Status":"Failed","FailureStatus":"Unknown"})", state::failed},
             row{R"({"Status":"Failed","FailureStatus":"Permanent"})", state::failed},
             row{R"({"Status":"Failed","FailureStatus":1})", state::failed},
             row{R"({"Status":"Failed","FailureStatus":"Transient"})", state::pending},
             row{R"({"Status":2,"FailureStatus":2})", state::pending},
             row{R"({"Status":"Failed","FailureStatus":"Exhausted"})", state::exhausted},
             row{R"({"Status":"Failed","FailureStatus":"3"})", state::exhausted},
             row{R"({"Status":"Failed","FailureStatus":"New"})", state::failed},
             row{R"({"Status":"Failed","FailureStatus":"Permanent",)"
                 R"("ErrorCode":"BlobAlreadyReceived_BlobAlreadyFoundInBatch"})",
                 state::succeeded},
         })
    {
        BOOST_TEST_CONTEXT(r.body)
        {
            BOOST_TEST((read(r.body).state == r.expected));
        }
    }
}

BOOST_AUTO_TEST_CASE(a_failure_with_everything_the_service_says)
{
    auto const got =
        read(R"({"PartitionKey":"s","RowKey":"s","Timestamp":"2026-01-01T10:05:20.1Z",)"
             R"("Status":"Failed","Database":"d","Table":"t",)"
             R"("IngestionSourceId":"s","IngestionSourcePath":"https://a/c/b.csv.gz?sig=CANARY",)"
             R"("OperationId":"op-1","OperationId@odata.type":"Edm.Guid","ActivityId":"act-1",)"
             R"("ErrorCode":"BadRequest_TableNotExist","FailureStatus":"Permanent",)"
             R"("Details":"no table\nhere sig=CANARY","OriginatesFromUpdatePolicy":false})");
    auto const why = got.why("batch-1");
    BOOST_TEST((why.code() == errc::ingestion_failed));
    BOOST_TEST((why.where() == stage::ingest));
    BOOST_TEST((why.outcome() == outcome::failed));
    BOOST_TEST(!why.retryable());
    BOOST_TEST(why.service_code() == "BadRequest_TableNotExist");
    BOOST_TEST(why.server_text() == "no table here sig=REDACTED");
    BOOST_TEST(why.activity_id() == "act-1");
    for (char const* const part : {"batch-1", "https://a/c/b.csv.gz", "op-1", "Failed (Permanent)"})
        BOOST_TEST(has(why.message(), part), part);
    BOOST_TEST(!has(why.describe(), "CANARY"));
}

BOOST_AUTO_TEST_CASE(what_the_bad_ends_are_reported_as)
{
    struct row
    {
        char const* body;
        errc code;
        outcome what;
        bool retryable;
    };
    for (auto const& r :
         {row{R"({"Status":"Failed","FailureStatus":"Exhausted"})", errc::ingestion_failed,
              outcome::failed, true},
          row{R"({"Status":"Failed"})", errc::ingestion_failed, outcome::failed, false},
          row{R"({"Status":"PartiallySucceeded"})", errc::partially_ingested, outcome::unknown,
              false},
          row{R"({"Status":"Queued"})", errc::outcome_unknown, outcome::unknown, false},
          row{R"({"Status":"Marvellous"})", errc::outcome_unknown, outcome::unknown, false}})
    {
        auto const why = read(r.body).why("b");
        BOOST_TEST((why.code() == r.code));
        BOOST_TEST((why.outcome() == r.what));
        BOOST_TEST(why.retryable() == r.retryable);
    }
    BOOST_TEST(has(read(R"({"Status":"Marvellous"})").why("b").message(), "Marvellous"));
}

BOOST_AUTO_TEST_CASE(typed_and_numeric_fields)
{
    auto const got = read(R"({"Status":{"value":"Failed","type":"String"},)"
                          R"("OperationId":{"_":"op","$":"Edm.Guid"},"ErrorCode":17,)"
                          R"("FailureStatus":3,"Details":null})");
    BOOST_TEST((got.state == state::exhausted));
    BOOST_TEST(got.operation_id == "op");
    BOOST_TEST(got.error_code == "17");
    BOOST_TEST(got.details == "");
    BOOST_TEST(got.why("b").activity_id() == "op");
}

BOOST_AUTO_TEST_CASE(not_an_entity)
{
    for (char const* const body : {"", "[]", "<html>", "\"x\"", "{"})
    {
        canned_reply const from(200, body, {}, stage::ingest);
        auto const got = wire::parse_status(from);
        BOOST_REQUIRE(!got);
        BOOST_TEST((got.error().code() == errc::malformed_reply));
    }
}

BOOST_AUTO_TEST_SUITE_END()

#include <emulator/fault_session.hpp>

using namespace kusto::emulator;
using namespace cluster_test;
namespace json = boost::json;

namespace
{

using kind = ingestion_failure_kind;

struct tracked_session : fault_session
{
    using fault_session::fault_session;

    /// Writes the entity as a client does and posts the message that points to it.
    void submit(std::string const& blob, std::size_t size)
    {
        auto const inserted =
            status_entity("POST", R"({"PartitionKey":"p","RowKey":"r","Status":"Pending"})");
        BOOST_TEST(inserted.status == 201);
        post(blob, size, 2);
    }

    /// \param level  0 failures only, 1 none, 2 failures and successes
    void post(std::string const& blob, std::size_t size, int level)
    {
        auto message = client.message(blob, size);
        message["ReportLevel"] = level;
        message["ReportMethod"] = 1;
        json::object status;
        status["TableConnectionString"] = client.status_table;
        status["PartitionKey"] = "p";
        status["RowKey"] = "r";
        message["IngestionStatusInTable"] = std::move(status);
        BOOST_TEST(client.post(std::move(message)).status == 201);
    }

    json::object entity() { return json::parse(send(fault_route::read_status).body).as_object(); }

    std::string outcome()
    {
        auto const read = entity();
        auto out = std::string(read.at("Status").as_string());
        for (char const* name : {"FailureStatus", "ErrorCode"})
            if (auto const* value = read.if_contains(name); value != nullptr)
                out += " " + std::string(value->as_string());
        return out;
    }

    /// Reads until the status is another one.
    std::string outcome_after(std::string const& status)
    {
        auto const limit = std::chrono::steady_clock::now() + 30s;
        auto seen = outcome();
        while (seen == status && std::chrono::steady_clock::now() < limit)
            seen = outcome();
        return seen;
    }

    std::string rows() { return local.scalar("NetDefaultDB", "T | count"); }
};

} // namespace

BOOST_AUTO_TEST_SUITE(ingestion_faults_of_a_cluster)

BOOST_AUTO_TEST_CASE(an_entity_with_typed_fields_is_put_and_then_completed)
{
    tracked_session it;
    std::string const typed =
        R"({"Status":"Pending","Database":"NetDefaultDB","Table":"T",)"
        R"("IngestionSourceId":"3f1c8a52-0c7e-4b1e-9a55-7d2f6c1b9e10",)"
        R"("IngestionSourceId@odata.type":"Edm.Guid",)"
        R"("UpdatedOn":"2026-01-01T10:00:01.1230000Z","UpdatedOn@odata.type":"Edm.DateTime"})";
    // Written again, as after a lost answer.
    BOOST_TEST(it.status_entity("PUT", typed).status == 204);
    BOOST_TEST(it.status_entity("PUT", typed).status == 204);
    it.post("there.csv", 6, 2);
    BOOST_TEST(it.local.wait_until_idle(30s));
    auto const read = it.entity();
    BOOST_TEST(read.at("Status").as_string() == "Succeeded");
    BOOST_TEST(read.at("Table").as_string() == "T");
    BOOST_TEST(read.at("IngestionSourceId").as_string() == "3f1c8a52-0c7e-4b1e-9a55-7d2f6c1b9e10");
    BOOST_TEST(read.at("UpdatedOn").as_string() != "2026-01-01T10:00:01.1230000Z");
    BOOST_TEST(read.at("OperationId").as_string().size() == 36U);
    BOOST_TEST(read.at("ActivityId").as_string().size() == 36U);
    BOOST_TEST(!read.contains("ErrorCode"));
}

BOOST_AUTO_TEST_CASE(the_report_level_decides_who_learns_of_a_success)
{
    for (int const level : {0, 1})
    {
        tracked_session it;
        it.status_entity("PUT", R"({"Status":"Pending"})");
        it.post("there.csv", 6, level);
        BOOST_TEST(it.local.wait_until_idle(30s));
        BOOST_TEST(it.outcome() == "Pending");
        it.post("nowhere.csv", 6, level);
        BOOST_TEST(it.local.wait_until_idle(30s));
        BOOST_TEST(it.outcome() ==
                   (level == 0 ? "Failed Permanent Download_SourceNotFound" : "Pending"));
    }
}

BOOST_AUTO_TEST_CASE(failures_of_every_kind_reach_the_status_entity)
{
    struct
    {
        fault rule;
        char const* outcome;
        char const* rows;
    } const table[] = {
        {fault::ingestion_fails(kind::permanent, "Stream_WrongNumberOfFields"),
         "Failed Permanent Stream_WrongNumberOfFields", "0"},
        {fault::ingestion_fails(kind::exhausted), "Failed Exhausted General_RetryAttemptsExceeded",
         "0"},
        {fault::ingestion_fails(kind::partial, "Timeout"), "PartiallySucceeded Permanent Timeout",
         "2"},
    };
    for (auto const& row : table)
    {
        tracked_session it;
        it.client.put("five.csv", "1,a\n2,b\n3,c\n4,d\n5,e\n");
        it.faults(row.rule);
        it.submit("five.csv", 20);
        BOOST_TEST(it.local.wait_until_idle(30s));
        BOOST_TEST(it.outcome() == row.outcome);
        BOOST_TEST(it.rows() == row.rows);
        BOOST_TEST(it.count().applied == 1U);
        BOOST_TEST(!it.entity().at("OriginatesFromUpdatePolicy").as_bool());
    }
}

BOOST_AUTO_TEST_CASE(a_transient_failure_heals)
{
    tracked_session it;
    it.faults(fault::ingestion_fails(kind::transient, "OutOfMemory", 1500ms));
    it.submit("there.csv", 6);
    BOOST_TEST(it.outcome_after("Pending") == "Failed Transient OutOfMemory");
    BOOST_TEST(it.rows() == "0");
    BOOST_TEST(it.local.wait_until_idle(30s));
    BOOST_TEST(it.rows() == "1");
    BOOST_TEST(it.entity().at("Status").as_string() == "Succeeded");
    BOOST_TEST(it.local.counts().failed == 0U);
}

BOOST_AUTO_TEST_CASE(a_status_can_be_late_or_lost)
{
    tracked_session late;
    late.faults(fault::status_delay(100ms));
    late.submit("there.csv", 6);
    BOOST_TEST(late.local.wait_until_idle(30s));
    BOOST_TEST(late.rows() == "1");
    BOOST_TEST(late.outcome_after("Pending") == "Succeeded");

    tracked_session lost;
    lost.faults(fault::status_lost());
    lost.submit("there.csv", 6);
    BOOST_TEST(lost.local.wait_until_idle(30s));
    BOOST_TEST(lost.rows() == "1");
    BOOST_TEST(lost.outcome() == "Pending");
}

BOOST_AUTO_TEST_CASE(messages_are_delivered_twice)
{
    tracked_session it;
    it.faults(fault::redeliver(0ms).times(1), fault::redeliver(1s).from(2));
    it.submit("there.csv", 6);
    BOOST_TEST(it.local.wait_until_idle(30s));
    BOOST_TEST(it.rows() == "1");
    BOOST_TEST(it.outcome() == "Succeeded");
    BOOST_TEST(it.local.counts().skipped == 1U);
    BOOST_TEST(it.send(fault_route::put_message).status == 201);
    BOOST_TEST(it.local.wait_until_idle(30s));
    BOOST_TEST(it.rows() == "3");
}

BOOST_AUTO_TEST_CASE(messages_are_overtaken_and_delayed)
{
    for (auto const& rule : {fault::reorder(1s).times(1), fault::ingestion_delay(1s).times(1)})
    {
        tracked_session it;
        it.client.put("second.csv", "2,two\n");
        it.faults(rule);
        auto const start = std::chrono::steady_clock::now();
        BOOST_TEST(it.client.post(it.client.message("there.csv", 6)).status == 201);
        BOOST_TEST(it.client.post(it.client.message("second.csv", 6)).status == 201);
        BOOST_TEST(it.local.wait_until_idle(30s));
        BOOST_TEST((std::chrono::steady_clock::now() - start >= 1s));
        auto const rows = it.local.execute("NetDefaultDB", "T | project id");
        BOOST_TEST(rows.find("[[2],[1]]") != std::string::npos, rows);
    }
}

BOOST_AUTO_TEST_CASE(stopping_does_not_wait_for_what_is_held)
{
    tracked_session it;
    it.faults(fault::ingestion_delay(std::chrono::hours(1)));
    BOOST_TEST(it.send(fault_route::put_message).status == 201);
    BOOST_TEST(!it.local.wait_until_idle(20ms));
    it.local.stop();
    BOOST_TEST(it.rows() == "0");
}

BOOST_AUTO_TEST_SUITE_END()

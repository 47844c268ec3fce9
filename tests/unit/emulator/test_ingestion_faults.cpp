#include "manager_fixture.hpp"

#include <boost/test/unit_test.hpp>

using namespace emulator_test;

namespace
{

using kind = ingestion_failure_kind;

struct fault_fixture : manager_fixture
{
    /// A message that asks for every report, to one entity.
    static std::string tracked(std::string const& blob)
    {
        return message(blob, "\"ReportLevel\":2,\"ReportMethod\":2,\"IngestionStatusInTable\":{"
                             "\"TableConnectionString\":\"https://t\",\"PartitionKey\":\"p\","
                             "\"RowKey\":\"r\"}");
    }
    static message_faults failing(kind how, std::string code = {})
    {
        message_faults made;
        made.fails = how;
        made.error_code = std::move(code);
        made.recovery = 30s;
        return made;
    }
    void run() { static_cast<void>(manager.run_once(now)); }
    void run_after(std::chrono::seconds time)
    {
        now += time;
        run();
    }
    std::string status(char const* name = "Status")
    {
        auto& entity = storage.entities["https://t/p/r"];
        return entity.count(name) == 0 ? "-" : entity[name];
    }
    std::string failure_of_entity()
    {
        return status() + " " + status("FailureStatus") + " " + status("ErrorCode");
    }
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(ingestion_faults_in_the_data_manager, fault_fixture)

BOOST_AUTO_TEST_CASE(final_failures_ingest_nothing_and_say_so_everywhere)
{
    faults.fates = {failing(kind::permanent, "Stream_WrongNumberOfFields")};
    submit(tracked("one.csv"));
    pass();
    BOOST_TEST(failure_of_entity() == "Failed Permanent Stream_WrongNumberOfFields");
    BOOST_TEST(last_failure() == "Stream_WrongNumberOfFields");
    BOOST_REQUIRE(storage.failures.size() == 1u);
    BOOST_TEST(storage.failures[0].find("\"ShouldRetry\":false") != std::string::npos);

    faults.fates.push_back(failing(kind::exhausted));
    submit(tracked("one.csv"));
    pass();
    BOOST_TEST(failure_of_entity() == "Failed Exhausted General_RetryAttemptsExceeded");
    BOOST_TEST(storage.failures.back().find("\"FailureStatus\":\"Exhausted\"") !=
               std::string::npos);
    BOOST_TEST(storage.failures.back().find("\"ShouldRetry\":true") != std::string::npos);
    BOOST_TEST(rows("T | count") == "0");
    BOOST_TEST(totals() == "0 2 0 0");
}

BOOST_AUTO_TEST_CASE(a_transient_failure_is_repeated_by_the_service)
{
    faults.fates = {failing(kind::transient)};
    submit(tracked("one.csv"));
    run();
    run_after(10s);
    BOOST_TEST(failure_of_entity() == "Failed Transient General_ThrottledIngestion");
    BOOST_TEST(manager.pending() == 1u);
    BOOST_TEST(totals() == "0 0 0 0");
    BOOST_TEST((manager.run_once(now) == now + 30s));
    run_after(30s);
    run_after(10s);
    BOOST_TEST(status() == "Succeeded");
    BOOST_TEST(rows("T") == "'x',1");
    BOOST_TEST(manager.pending() == 0u);
    BOOST_TEST(totals() == "1 0 0 0");
    BOOST_TEST(storage.successes.size() == 1u);
}

BOOST_AUTO_TEST_CASE(a_partial_failure_keeps_the_first_half)
{
    storage.blobs["https://s/c/five.csv?sig=x"] = "a,1\nb,2\nc,3\nd,4\ne,5\n";
    faults.fates = {failing(kind::partial, "Stream_ClosingQuoteMissing")};
    submit(tracked("five.csv"));
    pass();
    BOOST_TEST(failure_of_entity() == "PartiallySucceeded Permanent Stream_ClosingQuoteMissing");
    BOOST_TEST(rows("T") == "'a',1 'b',2");
    BOOST_TEST(storage.failures.size() == 1u);
    BOOST_TEST(storage.successes.empty());
    BOOST_TEST(storage.blobs.count("https://s/c/five.csv?sig=x") == 1u);
    BOOST_TEST(totals().substr(0, 3) == "0 1");
}

BOOST_AUTO_TEST_CASE(a_second_delivery_in_the_same_batch_is_used_once)
{
    message_faults twice;
    twice.again = 0ms;
    faults.fates = {twice};
    submit(tracked("one.csv"));
    run();
    BOOST_TEST(manager.pending() == 2u);
    run_after(10s);
    BOOST_TEST(rows("T | count") == "1");
    BOOST_TEST(status() == "Succeeded");
    BOOST_TEST(last_failure() == "BlobAlreadyReceived_BlobAlreadyFoundInBatch");
    BOOST_TEST(storage.failures.empty());
    BOOST_TEST(totals() == "1 0 1 0");
}

BOOST_AUTO_TEST_CASE(another_source_with_the_same_blob_learns_that_it_was_used)
{
    submit(message("one.csv"));
    auto other = tracked("one.csv");
    other.replace(other.find(id), std::string(id).size(), "4f1c8a52-0c7e-4b1e-9a55-7d2f6c1b9e10");
    submit(other);
    pass();
    BOOST_TEST(rows("T | count") == "1");
    BOOST_TEST(failure_of_entity() ==
               "Failed Permanent BlobAlreadyReceived_BlobAlreadyFoundInBatch");
}

BOOST_AUTO_TEST_CASE(a_second_delivery_in_a_later_batch_doubles_the_rows)
{
    message_faults twice;
    twice.again = 15s;
    faults.fates = {twice};
    submit(tracked("one.csv"));
    run();
    run_after(10s);
    BOOST_TEST(rows("T | count") == "1");
    BOOST_TEST(manager.pending() == 1u);
    run_after(5s);
    run_after(10s);
    BOOST_TEST(rows("T | count") == "2");
    BOOST_TEST(totals() == "2 0 0 0");
}

BOOST_AUTO_TEST_CASE(a_held_message_is_overtaken)
{
    message_faults late;
    late.hold = 12s;
    faults.fates = {late};
    submit(tracked("one.csv"));
    submit(message("two.csv"));
    run();
    BOOST_TEST(manager.pending() == 2u);
    run_after(10s);
    BOOST_TEST(rows("T") == "'y',2");
    BOOST_TEST((manager.run_once(now) == now + 2s));
    run_after(2s);
    run_after(10s);
    BOOST_TEST(rows("T") == "'y',2 'x',1");
}

BOOST_AUTO_TEST_CASE(a_status_comes_late_or_never)
{
    message_faults late;
    late.status_delay = 20s;
    message_faults lost;
    lost.status_lost = true;
    faults.fates = {late, lost};
    submit(tracked("one.csv"));
    run();
    run_after(10s);
    BOOST_TEST(rows("T | count") == "1");
    BOOST_TEST(status() == "-");
    BOOST_TEST(manager.pending() == 0u);
    BOOST_TEST((manager.run_once(now) == now + 20s));
    run_after(20s);
    BOOST_TEST(status() == "Succeeded");
    BOOST_TEST(storage.successes.size() == 1u);

    storage.entities.clear();
    submit(tracked("two.csv"));
    pass();
    run_after(1000s);
    BOOST_TEST(rows("T | count") == "2");
    BOOST_TEST(status() == "-");
    BOOST_TEST(storage.successes.size() == 1u);
}

BOOST_AUTO_TEST_SUITE_END()

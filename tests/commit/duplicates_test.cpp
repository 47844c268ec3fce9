// A service that checks `ingestIfNotExists` and commits in two steps, and takes messages twice at the same instant.
#include "crash_run.hpp"

#include <boost/test/unit_test.hpp>

using namespace kusto::crash;
using kusto::emulator::fault;
using std::chrono::milliseconds;

namespace
{

verdict with_simultaneous_messages(std::string sink)
{
    schedule what;
    what.plan.sink = std::move(sink);
    what.plan.records = 120;
    what.plan.batch_size = 10;
    what.atomic_tags = false;
    what.faults_end = false;
    what.script.add(fault::redeliver(milliseconds(0)).times(3));
    return run(what, KUSTO_WAL_CHILD, false);
}

} // namespace

BOOST_AUTO_TEST_SUITE(simultaneous_messages)

BOOST_AUTO_TEST_CASE(staged_counts_before_it_moves)
{
    auto const end = with_simultaneous_messages("staged");
    BOOST_TEST(end.violations.empty(), end.output);
    for (auto const& one : end.violations)
        BOOST_TEST_MESSAGE(one);
    BOOST_TEST(end.abandoned > 0u);
    BOOST_TEST(end.duplicates == 0u);
}

BOOST_AUTO_TEST_CASE(ingest_by_counts_what_it_cannot_prevent)
{
    auto const end = with_simultaneous_messages("ingest_by");
    BOOST_REQUIRE(end.violations.size() == 1u);
    BOOST_TEST(end.violations.front().starts_with("more than once"), end.violations.front());
    BOOST_TEST(end.duplicates > 0u, end.output);
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(late_messages)

namespace
{

/// Statuses are waited for 0.3 s, and messages are taken 1.5 s late.
verdict with_late_messages(std::string sink)
{
    schedule what;
    what.plan.sink = std::move(sink);
    what.plan.records = 120;
    what.plan.batch_size = 10;
    what.plan.status_timeout_ms = 300;
    what.faults_end = false;
    what.script.add(fault::ingestion_delay(milliseconds(1500)).times(2));
    return run(what, KUSTO_WAL_CHILD, false);
}

} // namespace

BOOST_AUTO_TEST_CASE(staged_asks_again_and_counts_once)
{
    auto const end = with_late_messages("staged");
    BOOST_TEST(end.violations.empty(), end.output);
    BOOST_TEST(end.repeated > 0u, end.output);
}

BOOST_AUTO_TEST_CASE(ingest_by_asks_again_and_the_tag_keeps_it_once)
{
    auto const end = with_late_messages("ingest_by");
    BOOST_TEST(end.violations.empty(), end.output);
    BOOST_TEST(end.repeated > 0u, end.output);
}

BOOST_AUTO_TEST_SUITE_END()

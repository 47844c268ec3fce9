#include <core/delivery_ledger.hpp>

#include <boost/test/unit_test.hpp>

using kusto::delivery_counts;
using kusto::errc;
using kusto::failure;
using kusto::stage;
using kusto::core::batch_key;
using kusto::core::batch_outcome;
using kusto::core::delivery_ledger;

BOOST_AUTO_TEST_SUITE(delivery_ledger_suite)

namespace
{

delivery_counts counts(std::uint64_t records)
{
    delivery_counts c;
    c.records = records;
    c.bytes = records * 10;
    c.blobs = 1;
    return c;
}

failure because(char const* message)
{
    return failure(errc::request_rejected, stage::upload, message);
}

bool deliver(delivery_ledger& ledger, std::size_t writer, std::uint64_t number)
{
    return ledger.resolve(batch_key(writer, number), counts(1), batch_outcome::delivered,
                          std::nullopt);
}

bool fail(delivery_ledger& ledger, std::size_t writer, std::uint64_t number, char const* why)
{
    return ledger.resolve(batch_key(writer, number), counts(1), batch_outcome::failed,
                          because(why));
}

using position = delivery_ledger::position;

} // namespace

BOOST_AUTO_TEST_CASE(a_position_is_covered_when_nothing_up_to_it_is_missing)
{
    delivery_ledger ledger(2);
    BOOST_TEST(ledger.covers(position{0, 0}));
    BOOST_TEST(!ledger.covers(position{1, 0}));
    deliver(ledger, 0, 2);
    deliver(ledger, 0, 3);
    BOOST_TEST(!ledger.covers(position{2, 0}));
    deliver(ledger, 0, 1);
    BOOST_TEST(ledger.covers(position{3, 0}));
    BOOST_TEST(!ledger.covers(position{3, 1}));
    BOOST_TEST(!ledger.covers(position{4, 0}));
    deliver(ledger, 1, 1);
    BOOST_TEST(ledger.covers(position{3, 1}));
}

BOOST_AUTO_TEST_CASE(a_batch_counts_once)
{
    delivery_ledger ledger(1);
    BOOST_TEST(deliver(ledger, 0, 2));
    BOOST_TEST(!fail(ledger, 0, 2, "again"));
    BOOST_TEST(deliver(ledger, 0, 1));
    BOOST_TEST(!deliver(ledger, 0, 1));
    auto const report = ledger.resolved();
    BOOST_TEST(report.delivered.records == 2u);
    BOOST_TEST(report.delivered.bytes == 20u);
    BOOST_TEST(report.delivered.blobs == 2u);
    BOOST_TEST(report.failed.blobs == 0u);
}

BOOST_AUTO_TEST_CASE(the_failure_within_a_position_is_the_one_recorded_first)
{
    delivery_ledger ledger(2);
    BOOST_TEST(!ledger.failure_within(position{9, 9}).has_value());
    fail(ledger, 0, 5, "a");
    fail(ledger, 1, 1, "b");
    fail(ledger, 0, 2, "c");
    fail(ledger, 0, 3, "d");
    BOOST_TEST(ledger.failure_within(position{5, 1})->message() == "a");
    BOOST_TEST(ledger.failure_within(position{4, 1})->message() == "b");
    BOOST_TEST(ledger.failure_within(position{4, 0})->message() == "c");
    BOOST_TEST(ledger.failure_within(position{2, 0})->message() == "c");
    BOOST_TEST(!ledger.failure_within(position{1, 0}).has_value());
    BOOST_TEST(ledger.resolved().first_failure->message() == "a");
}

BOOST_AUTO_TEST_CASE(close_out_tells_failed_from_unknown)
{
    delivery_ledger ledger(2);
    deliver(ledger, 0, 1);
    BOOST_TEST(ledger.begin_post(batch_key(0, 2), counts(7)));
    BOOST_TEST(ledger.begin_post(batch_key(1, 1), counts(3)));
    fail(ledger, 1, 1, "refused");
    delivery_counts accepted;
    accepted.records = 20;
    accepted.bytes = 200;
    accepted.blobs = 5;
    ledger.close_out(accepted, because("late"));
    auto const report = ledger.resolved();
    BOOST_TEST(report.delivered.records == 1u);
    BOOST_TEST(report.unknown.records == 7u);
    BOOST_TEST(report.unknown.blobs == 1u);
    BOOST_TEST(report.failed.records == 12u);
    BOOST_TEST(report.failed.bytes == 190u - 70u);
    BOOST_TEST(report.failed.blobs == 3u);
    BOOST_TEST(report.first_failure->message() == "refused");
}

BOOST_AUTO_TEST_CASE(nothing_changes_after_close_out)
{
    delivery_ledger ledger(1);
    ledger.close_out(counts(4), because("late"));
    BOOST_TEST(ledger.closed_out());
    BOOST_TEST(ledger.covers(position{100}));
    BOOST_TEST(!ledger.begin_post(batch_key(0, 1), counts(4)));
    BOOST_TEST(!deliver(ledger, 0, 1));
    ledger.close_out(counts(9), because("later"));
    auto const report = ledger.resolved();
    BOOST_TEST(report.failed.records == 4u);
    BOOST_TEST(report.delivered.records == 0u);
    BOOST_TEST(report.first_failure->message() == "late");
}

BOOST_AUTO_TEST_CASE(a_flush_that_covers_what_was_given_up_is_told_so)
{
    delivery_ledger ledger(2);
    deliver(ledger, 0, 1);
    ledger.close_out(counts(5), because("late"));
    BOOST_TEST(!ledger.failure_within(position{1, 0}).has_value());
    auto const why = ledger.failure_within(position{2, 0});
    BOOST_REQUIRE(why.has_value());
    BOOST_TEST(why->message() == "late");
    BOOST_TEST(ledger.failure_within(position{1, 1}).has_value());
}

BOOST_AUTO_TEST_CASE(closing_a_complete_book_reports_no_failure)
{
    delivery_ledger ledger(1);
    deliver(ledger, 0, 1);
    ledger.close_out(counts(1), because("late"));
    BOOST_TEST(!ledger.resolved().first_failure.has_value());
    BOOST_TEST(ledger.resolved().failed.records == 0u);
}

BOOST_AUTO_TEST_SUITE_END()

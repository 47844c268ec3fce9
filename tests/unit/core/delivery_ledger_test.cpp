#include <core/delivery_ledger.hpp>

#include <boost/test/unit_test.hpp>

using kusto::delivery_counts;
using kusto::errc;
using kusto::failure;
using kusto::stage;
using kusto::core::batch_end;
using kusto::core::batch_key;
using kusto::core::batch_level;
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
    return ledger.resolve(batch_key(writer, number), counts(1), batch_end(batch_outcome::delivered));
}

bool fail(delivery_ledger& ledger, std::size_t writer, std::uint64_t number, char const* why)
{
    return ledger.resolve(batch_key(writer, number), counts(1), batch_end(batch_outcome::failed, because(why)));
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

BOOST_AUTO_TEST_CASE(queued_comes_before_resolved)
{
    delivery_ledger ledger(2);
    batch_key const first(0, 1);
    batch_key const second(0, 2);
    BOOST_TEST(ledger.begin_post(second, counts(2)));
    ledger.queued(second);
    BOOST_TEST(!ledger.covers(position{2, 0}, batch_level::queued));
    BOOST_TEST(ledger.begin_post(first, counts(3)));
    ledger.queued(first);
    ledger.queued(first);
    BOOST_TEST(ledger.covers(position{2, 0}, batch_level::queued));
    BOOST_TEST(!ledger.covers(position{1, 0}));
    BOOST_TEST(ledger.resolved().queued.records == 5u);
    BOOST_TEST(ledger.resolved().delivered.records == 0u);
    ledger.resolve(first, counts(3), batch_end(batch_outcome::delivered));
    BOOST_TEST(ledger.covers(position{1, 0}));
    BOOST_TEST(ledger.resolved().queued.records == 2u);
    // Posted again: it is in no queue until that succeeds.
    BOOST_TEST(ledger.begin_post(second, counts(2)));
    BOOST_TEST(ledger.resolved().queued.records == 0u);
}

BOOST_AUTO_TEST_CASE(what_was_resolved_without_a_message_is_covered_on_both_levels)
{
    delivery_ledger ledger(1);
    fail(ledger, 0, 1, "refused");
    BOOST_TEST(ledger.covers(position{1}, batch_level::queued));
    BOOST_TEST(ledger.covers(position{1}, batch_level::resolved));
}

BOOST_AUTO_TEST_CASE(closing_out_counts_possible_messages_as_unknown)
{
    delivery_ledger ledger(1);
    // 1 was refused after all, 2 is in a queue, 3 is being posted, 4 never came that far.
    BOOST_TEST(ledger.begin_post(batch_key(0, 1), counts(1)));
    ledger.retract_post(batch_key(0, 1));
    BOOST_TEST(ledger.begin_post(batch_key(0, 2), counts(10)));
    ledger.queued(batch_key(0, 2));
    BOOST_TEST(ledger.begin_post(batch_key(0, 3), counts(100)));
    ledger.close_out(counts(1111), because("closed"));
    auto const report = ledger.resolved();
    BOOST_TEST(report.unknown.records == 110u);
    BOOST_TEST(report.failed.records == 1001u);
    BOOST_TEST(report.queued.records == 0u);
    BOOST_TEST(!ledger.begin_post(batch_key(0, 4), counts(1)));
}

BOOST_AUTO_TEST_CASE(each_outcome_has_its_total)
{
    delivery_ledger ledger(1);
    batch_end twice(batch_outcome::delivered);
    twice.possibly_twice = true;
    ledger.resolve(batch_key(0, 1), counts(1), twice);
    ledger.resolve(batch_key(0, 2), counts(2), batch_end(batch_outcome::failed, because("a")));
    ledger.resolve(batch_key(0, 3), counts(4), batch_end(batch_outcome::dead_lettered, because("b")));
    ledger.resolve(batch_key(0, 4), counts(8), batch_end(batch_outcome::unknown, because("c")));
    auto const report = ledger.resolved();
    BOOST_TEST(report.delivered.records == 1u);
    BOOST_TEST(report.possibly_twice.records == 1u);
    BOOST_TEST(report.failed.records == 2u);
    BOOST_TEST(report.dead_lettered.records == 4u);
    BOOST_TEST(report.unknown.records == 8u);
    BOOST_TEST(kusto::core::resolved_counts(report).records == 15u);
    BOOST_TEST(report.first_failure->message() == "a");
}

BOOST_AUTO_TEST_CASE(what_was_taken_over_is_no_failure_of_a_flush)
{
    delivery_ledger ledger(1);
    batch_end letter(batch_outcome::dead_lettered, because("refused"));
    letter.taken_over = true;
    ledger.resolve(batch_key(0, 1), counts(1), letter);
    deliver(ledger, 0, 2);
    BOOST_TEST(ledger.covers(position{2}));
    BOOST_TEST(!ledger.failure_within(position{2}).has_value());
    BOOST_TEST(ledger.resolved().first_failure->message() == "refused");
    fail(ledger, 0, 3, "worse");
    BOOST_TEST(ledger.failure_within(position{3})->message() == "worse");
}

BOOST_AUTO_TEST_SUITE_END()

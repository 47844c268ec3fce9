// The oracle finds what it is there to find, and a schedule is the same for the same seed.
#include "oracle.hpp"
#include "schedule.hpp"

#include <boost/test/unit_test.hpp>
#include <kusto/options.hpp>
#include <set>

using namespace kusto::faults;

namespace
{

constexpr std::uint64_t salt = 7;

void put(observation& seen, std::int64_t id, int times = 1)
{
    auto const [key, check, text] = record_of(salt, id, 20);
    for (int i = 0; i < times; ++i)
        seen.table.add(salt, key, check, text);
}

/// Ten records, all of them delivered.
observation all_well()
{
    observation seen;
    kusto::sink_statistics last;
    last.report.accepted = kusto::delivery_counts{10, 500, 1};
    last.report.delivered = last.report.accepted;
    for (std::int64_t id = 0; id < 10; ++id)
    {
        seen.accepted.insert(id);
        put(seen, id);
    }
    seen.last = last;
    seen.closed = true;
    seen.batch_records = 100;
    seen.must_complete = true;
    return seen;
}

/// Moves records from delivered to another outcome.
void move_to(observation& seen, kusto::delivery_counts kusto::delivery_report::*outcome,
             std::uint64_t records)
{
    auto& report = seen.last->report;
    report.delivered.records -= records;
    (report.*outcome).records += records;
    report.first_failure = kusto::failure(kusto::errc::timed_out, kusto::stage::sink, "x");
    seen.must_complete = false;
}

void expect_guilty(observation const& seen, std::string const& of)
{
    auto const found = judge(seen);
    BOOST_REQUIRE_MESSAGE(!found.empty(), "not found: " << of);
    bool named = false;
    for (auto const& one : found)
        named = named || one.find(of) != std::string::npos;
    BOOST_TEST(named, "found another thing: " << found.front());
}

} // namespace

BOOST_AUTO_TEST_SUITE(oracle)

BOOST_AUTO_TEST_CASE(a_clean_life_is_not_guilty)
{
    BOOST_TEST(judge(all_well()).size() == 0u);
}

BOOST_AUTO_TEST_CASE(a_lost_record_is_found)
{
    auto seen = all_well();
    seen.table.times.erase(3);
    expect_guilty(seen, "lost: not in the table");
}

BOOST_AUTO_TEST_CASE(a_record_twice_without_a_word_is_found)
{
    auto seen = all_well();
    put(seen, 3);
    expect_guilty(seen, "twice in the table");
    seen.last->report.possibly_twice.records = 1;
    BOOST_TEST(judge(seen).size() == 0u);
}

BOOST_AUTO_TEST_CASE(a_failed_record_in_the_table_is_found)
{
    auto seen = all_well();
    move_to(seen, &kusto::delivery_report::failed, 1);
    expect_guilty(seen, "reported failed and in the table");
    seen.table.times.erase(3);
    BOOST_TEST(judge(seen).size() == 0u);
    seen.named.failed = {4};
    seen.named.failed_records = 1;
    expect_guilty(seen, "reported failed and in the table");
}

BOOST_AUTO_TEST_CASE(an_unknown_record_may_be_anywhere)
{
    auto seen = all_well();
    move_to(seen, &kusto::delivery_report::unknown, 2);
    BOOST_TEST(judge(seen).size() == 0u);
    seen.table.times.erase(3);
    put(seen, 4);
    BOOST_TEST(judge(seen).size() == 0u);
    seen.table.times.erase(5);
    seen.table.times.erase(6);
    expect_guilty(seen, "lost: not in the table");
}

BOOST_AUTO_TEST_CASE(damaged_and_foreign_rows_are_found)
{
    auto seen = all_well();
    seen.table.add(salt, 3, 12345, "what is this");
    expect_guilty(seen, "damaged");
    seen = all_well();
    put(seen, 77);
    expect_guilty(seen, "never accepted");
}

BOOST_AUTO_TEST_CASE(wrong_sums_and_leftovers_are_found)
{
    auto seen = all_well();
    seen.accepted.insert(10);
    put(seen, 10);
    expect_guilty(seen, "accepted by the writes' account");
    seen = all_well();
    seen.last->budget_bytes = 1;
    expect_guilty(seen, "budget is not empty");
    seen = all_well();
    move_to(seen, &kusto::delivery_report::pending, 1);
    expect_guilty(seen, "pending after close");
    seen = all_well();
    move_to(seen, &kusto::delivery_report::unknown, 1);
    seen.must_complete = true;
    expect_guilty(seen, "the service came back");
    seen = all_well();
    seen.flushed.push_back({11});
    expect_guilty(seen, "a flush succeeded");
}

BOOST_AUTO_TEST_CASE(snapshots_that_do_not_add_up_are_found)
{
    kusto::sink_statistics now;
    now.report.accepted.records = 5;
    now.report.delivered.records = 6;
    now.report.pending.records = static_cast<std::uint64_t>(-1);
    std::vector<std::string> found;
    snapshot_rules rules;
    rules.check(now, found);
    BOOST_TEST(found.size() == 1u);
    now.report.pending.records = 1;
    rules.check(now, found);
    BOOST_TEST(found.size() == 2u);
    now = {};
    rules.check(now, found);
    BOOST_TEST(found.size() > 2u);
}

BOOST_AUTO_TEST_CASE(undelivered_batches_are_read_back)
{
    std::string lines;
    for (std::int64_t id = 0; id < 3; ++id)
    {
        auto const [key, check, text] = record_of(salt, id, 12);
        lines += std::to_string(key) + "," + std::to_string(check) + "," + text + "\n";
    }
    named_batches named;
    note_batch(named, salt, lines, 3, lines.size(), false);
    BOOST_TEST(named.complaints.size() == 0u);
    BOOST_TEST(named.failed.size() == 3u);
    lines[lines.size() - 2] ^= 1;
    named_batches damaged;
    note_batch(damaged, salt, lines, 3, lines.size(), true);
    BOOST_TEST(damaged.complaints.size() == 1u);
}

BOOST_AUTO_TEST_CASE(a_seed_is_a_schedule)
{
    std::set<std::string> all;
    for (std::uint64_t seed = 1; seed <= 2000; ++seed)
    {
        auto const what = make_schedule(seed);
        BOOST_TEST(to_json(what) == to_json(make_schedule(seed)));
        what.script.check();
        all.insert(to_json(what));
    }
    BOOST_TEST(all.size() == 2000u);
}

BOOST_AUTO_TEST_SUITE_END()

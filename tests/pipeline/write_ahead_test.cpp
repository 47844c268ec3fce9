#include "write_ahead_bench.hpp"

#include <thread>

namespace asio = boost::asio;
using kusto::test::bench;
using kusto::test::line;
using namespace std::chrono_literals;

BOOST_AUTO_TEST_SUITE(write_ahead)

BOOST_AUTO_TEST_CASE(records_appear_when_their_checkpoint_is_committed)
{
    bench here;
    auto sink = here.open();
    BOOST_TEST(!sink.restored_position().has_value());
    here.write(sink, 0, 100);
    auto const first = here.local.run(sink.checkpoint("100"));
    BOOST_TEST(first == 1U);
    BOOST_TEST(*sink.restored_position() == "100");
    here.write(sink, 100, 150);
    here.check(0);
    BOOST_TEST(sink.pending().size() == 1U);
    std::this_thread::sleep_for(2ms); // so that it has an age
    BOOST_TEST((sink.statistics().oldest_uncommitted > 0ms));
    here.local.run(sink.commit(first));
    BOOST_TEST((sink.statistics().oldest_uncommitted == 0ms));
    here.check(100);
    auto const second = here.local.run(sink.checkpoint_and_commit("150"));
    BOOST_TEST(second == 2U);
    here.check(150);
    auto const end = here.local.run(sink.close());
    BOOST_TEST(end.committed.records == 150U);
    BOOST_TEST(end.pending.records == 0U);
    BOOST_TEST(here.local.ask(".show tables | where TableName contains '__wal_' | count") == "0");
    BOOST_TEST(here.local.ask("kusto_checkpoints | count") == "2");
    BOOST_TEST(here.local.ask("kusto_checkpoints | summarize sum(rows)") == "150");
}

BOOST_AUTO_TEST_CASE(a_sealed_checkpoint_outlives_the_sink)
{
    bench here;
    {
        auto sink = here.open();
        here.write(sink, 0, 60);
        (void)here.local.run(sink.checkpoint("60"));
        here.write(sink, 60, 90); // lost with the sink: the source writes it again
        (void)here.local.run(sink.close(kusto::deadline::after(60s)));
    }
    here.check(0);
    auto sink = here.open();
    BOOST_REQUIRE(sink.restored_position().has_value());
    BOOST_TEST(*sink.restored_position() == "60");
    BOOST_REQUIRE(sink.pending().size() == 1U);
    BOOST_TEST(sink.pending().front().counts.records == 60U);
    here.write(sink, 60, 90);
    (void)here.local.run(sink.checkpoint_and_commit("90"));
    here.check(90);
    BOOST_TEST(sink.pending().empty());
}

BOOST_AUTO_TEST_CASE(the_other_protocol)
{
    bench here;
    auto ahead = here.options();
    ahead.protocol(kusto::commit_protocol::ingest_by);
    auto sink = here.open(here.records(), ahead);
    here.write(sink, 0, 100);
    (void)here.local.run(sink.checkpoint_and_commit("100"));
    here.check(100);
    BOOST_TEST(sink.statistics().duplicates == 0U);
    BOOST_TEST(here.local.ask("kusto_checkpoints | count") == "1");
}

BOOST_AUTO_TEST_CASE(an_empty_checkpoint_moves_the_position)
{
    bench here;
    auto sink = here.open();
    (void)here.local.run(sink.checkpoint_and_commit("nothing yet"));
    BOOST_TEST(*sink.restored_position() == "nothing yet");
    here.check(0);
    BOOST_TEST(here.local.ask("kusto_checkpoints | count") == "1");
}

BOOST_AUTO_TEST_CASE(a_directory_has_one_owner)
{
    bench here;
    auto sink = here.open();
    BOOST_TEST((here.refusal(here.records(), here.options()) == kusto::errc::ledger_in_use));
    (void)here.local.run(sink.close());
    auto again = here.open();
}

BOOST_AUTO_TEST_CASE(a_lost_directory_is_noticed)
{
    bench here;
    {
        auto sink = here.open();
        here.write(sink, 0, 30);
        (void)here.local.run(sink.checkpoint_and_commit("30"));
        (void)here.local.run(sink.close());
    }
    std::filesystem::remove_all(here.directory.path / "sink");
    BOOST_TEST((here.refusal(here.records(), here.options()) == kusto::errc::ledger_outdated));
    auto ahead = here.options();
    ahead.resume_from_commit_table(true);
    auto sink = here.open(here.records(), ahead);
    BOOST_TEST(sink.restored_position().value_or("") == "30");
    here.write(sink, 30, 50);
    BOOST_TEST(here.local.run(sink.checkpoint_and_commit("50")) == 2U);
    here.check(50);
}

BOOST_AUTO_TEST_CASE(the_table_must_suit)
{
    bench here;
    kusto::write_options nowhere("NetDefaultDB", "Nowhere");
    BOOST_TEST((here.refusal(nowhere, here.options()) == kusto::errc::not_found));
    auto other = here.options();
    other.expected_schema({{"id", "long"}, {"text", "dynamic"}});
    BOOST_TEST((here.refusal(here.records(), other) == kusto::errc::schema_mismatch));
    here.local.command(".alter table Lines policy extent_tags_retention "
                       "'[{\"TagPrefix\":\"drop-by:\",\"RetentionPeriod\":\"1.00:00:00\"}]'");
    BOOST_TEST((here.refusal(here.records(), here.options()) == kusto::errc::table_unsuited));
    auto hasty = here.options();
    hasty.recovery_horizon(60min).expected_schema(kusto::schema_of<line>());
    {
        auto sink = here.open(here.records(), hasty);
    }
    here.local.command(".create table Derived (id: long, text: string)");
    here.local.command(".alter table Derived policy update "
                       "'[{\"IsEnabled\":true,\"Source\":\"Lines\",\"Query\":\"Lines\"}]'");
    hasty = kusto::write_ahead_options(here.directory.path / "other", "job_2");
    hasty.recovery_horizon(60min);
    BOOST_TEST((here.refusal(here.records(), hasty) == kusto::errc::table_unsuited));
    hasty.protocol(kusto::commit_protocol::ingest_by);
    auto sink = here.open(here.records(), hasty);
}

BOOST_AUTO_TEST_CASE(advance_makes_checkpoints)
{
    bench here;
    auto ahead = here.options();
    ahead.checkpoint_interval(100ms).checkpoint_records(40);
    auto sink = here.open(here.records(), ahead);
    for (std::int64_t i = 0; i < 100; i += 10)
    {
        here.write(sink, i, i + 10);
        here.local.run(sink.advance(std::to_string(i + 10)));
    }
    // An idle tail leaves after the interval, without another call.
    for (int i = 0; i < 3000 && here.local.ask("Lines | count") != "100"; ++i)
        std::this_thread::sleep_for(20ms);
    here.check(100);
    here.write(sink, 100, 103);
    here.local.run(sink.advance("103"));
    auto const end = here.local.run(sink.close());
    BOOST_TEST(end.committed.records == 103U);
    here.check(103);
    BOOST_TEST(*sink.restored_position() == "103");
}

BOOST_AUTO_TEST_CASE(the_backlog_is_bounded)
{
    bench here;
    auto ahead = here.options();
    ahead.backlog_limit(std::uint64_t(1) << 20);
    auto write = here.records();
    write.byte_budget(std::uint64_t(1) << 20).batch_size(1000);
    auto sink = here.open(write, ahead);
    // Text that does not compress.
    auto const records = [&](std::int64_t from, int count) -> asio::awaitable<std::int64_t>
    {
        std::uint64_t state = 1;
        for (auto id = from; id < from + count; ++id)
        {
            line one;
            one.id = id;
            for (int i = 0; i < 2000; ++i)
            {
                state = state * 6364136223846793005u + 1442695040888963407u;
                one.text += static_cast<char>('!' + (state >> 40) % 90);
            }
            try
            {
                co_await sink.write(one);
            }
            catch (kusto::error const& e)
            {
                BOOST_TEST((e.why().code() == kusto::errc::backlog_full));
                co_return id;
            }
        }
        co_return from + count;
    };
    auto const stopped = here.local.run(records(0, 100000));
    BOOST_TEST(stopped < 5000);
    (void)here.local.run(sink.checkpoint_and_commit(std::to_string(stopped)));
    here.check(stopped);
    auto const next = here.local.run(records(stopped, 10));
    BOOST_TEST(next == stopped + 10);
    (void)here.local.run(sink.checkpoint_and_commit("end"));
    here.check(stopped + 10);
}

BOOST_AUTO_TEST_CASE(a_sink_may_be_left_at_any_time)
{
    bench here;
    for (int round = 0; round < 5; ++round)
    {
        auto sink = here.open();
        auto const from = sink.restored_position() ? std::stoll(*sink.restored_position()) : 0;
        here.write(sink, from, from + 50);
        auto const id = here.local.run(sink.checkpoint(std::to_string(from + 50)));
        // Begun and left alone.
        asio::co_spawn(here.local.threads, sink.commit(id), [](std::exception_ptr) {});
        std::this_thread::sleep_for(std::chrono::milliseconds(15 * round));
        (void)here.local.run(sink.close(kusto::deadline::after(1ms)));
    }
    auto sink = here.open();
    if (!sink.pending().empty())
        here.local.run(sink.commit(sink.pending().back().id));
    here.check(250);
}

BOOST_AUTO_TEST_SUITE_END()

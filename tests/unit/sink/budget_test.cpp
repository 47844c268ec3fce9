#include "sink_fixture.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/test/unit_test.hpp>

namespace asio = boost::asio;
using namespace kusto;
using namespace kusto::test;

BOOST_AUTO_TEST_SUITE(budget)

namespace
{

// A write finds no room when less than a chunk is left.
std::uint64_t const nearly_full =
    (1u << 20) - sink::chunk_cost(compression::zlib(1), 256u << 10);

write_options small_budget()
{
    auto options = calm_options();
    options.byte_budget(1u << 20);
    return options;
}

/// Writes until the budget is used up. \returns the number of records accepted
std::uint64_t fill(batching_sink& sink, std::uint64_t first, std::size_t size)
{
    std::uint64_t count = 0;
    while (sink.try_write(csv_line(make_record(first + count, size, false))))
        ++count;
    return count;
}

} // namespace

// Nothing limits the batches but the budget, and nothing can be compressed: without sealing under
// pressure this hangs.
BOOST_AUTO_TEST_CASE(open_batches_are_sealed_when_they_hold_the_whole_budget)
{
    for (auto const kind : all_runtimes)
        for (std::size_t const writers : {1u, 4u, 16u})
            BOOST_TEST_CONTEXT(to_string(kind) << ", " << writers << " writers")
            {
                runtime threads(kind);
                auto const channel = std::make_shared<fake_channel>();
                auto options = small_budget();
                options.parallelism(writers);
                auto sink = make_sink(threads.executor(), channel, options);
                std::vector<std::future<void>> running;
                for (std::uint64_t p = 0; p < 6; ++p)
                    running.push_back(threads.start(produce(sink, p * 1000, 1000, 1500, false)));
                for (auto& one : running)
                    runtime::finish(std::move(one));
                BOOST_TEST(threads.run(sink.close()).complete());
                auto const statistics = sink.statistics();
                BOOST_TEST(ids_in(channel->batches()).size() == 6000u);
                BOOST_TEST(statistics.sealed_by_pressure != 0u);
                BOOST_TEST(statistics.writes_that_waited != 0u);
                BOOST_TEST(statistics.budget_peak_bytes <= 1u << 20);
                BOOST_TEST(statistics.budget_bytes == 0u);
            }
}

BOOST_AUTO_TEST_CASE(large_records_pass_through_a_small_budget)
{
    runtime threads(runtime_kind::four_threads);
    auto const channel = std::make_shared<fake_channel>();
    auto options = small_budget();
    options.parallelism(4);
    auto sink = make_sink(threads.executor(), channel, options);
    std::vector<std::future<void>> running;
    for (std::uint64_t p = 0; p < 5; ++p)
        running.push_back(threads.start(produce(sink, p * 10, 10, (1u << 19) - p * 999, false)));
    for (auto& one : running)
        runtime::finish(std::move(one));
    BOOST_TEST(threads.run(sink.close()).complete());
    BOOST_TEST(ids_in(channel->batches()).size() == 50u);
    BOOST_TEST(sink.statistics().budget_peak_bytes <= 1u << 20);
}

BOOST_AUTO_TEST_CASE(try_write_says_no_when_the_budget_is_used_up)
{
    runtime threads(runtime_kind::one_thread);
    auto const channel = std::make_shared<fake_channel>();
    channel->on_upload = [](std::size_t) { return answer::hold; };
    auto sink = make_sink(threads.executor(), channel, small_budget());
    // Compression gives back what it saves; what is left is filled again, to the very end.
    std::uint64_t count = 0;
    for (std::uint64_t more = 1; more != 0 || sink.statistics().budget_bytes < nearly_full;
         count += more)
        more = fill(sink, count, 2000);
    BOOST_TEST(count > 300u);
    auto const report = sink.statistics().report;
    BOOST_TEST(report.accepted.records == count);
    BOOST_TEST(adds_up(report));
    channel->release.open();
    BOOST_TEST(threads.run(sink.flush()).complete());
    BOOST_TEST(sink.try_write(csv_line(make_record(count, 100))));
    BOOST_TEST(threads.run(sink.close()).delivered.records == count + 1);
    BOOST_TEST(ids_in(channel->batches()).size() == count + 1);
    BOOST_TEST(sink.statistics().budget_peak_bytes <= 1u << 20);
}

// try_write never waits, so its refusal must be enough to get full open batches going.
BOOST_AUTO_TEST_CASE(try_write_alone_does_not_get_stuck)
{
    runtime threads(runtime_kind::one_thread);
    auto const channel = std::make_shared<fake_channel>();
    auto sink = make_sink(threads.executor(), channel, small_budget());
    for (std::uint64_t id = 0; id < 3000; ++id)
    {
        auto const text = make_record(id, 1500, false);
        auto const limit = deadline::after(std::chrono::seconds(30));
        while (!sink.try_write(csv_line(text)))
        {
            BOOST_TEST_REQUIRE(!limit.passed());
            std::this_thread::yield();
        }
    }
    BOOST_TEST(threads.run(sink.close()).complete());
    BOOST_TEST(ids_in(channel->batches()).size() == 3000u);
}

namespace
{

/// Completes with whether the write was accepted.
asio::awaitable<bool> write_or_not(batching_sink& sink, std::uint64_t id)
{
    auto const text = make_record(id, 2000, false);
    csv_line const record(text);
    bool accepted = false;
    try
    {
        co_await sink.write(record);
        accepted = true;
    }
    catch (boost::system::system_error const& e)
    {
        if (e.code() != asio::error::operation_aborted)
            throw;
    }
    co_return accepted;
}

} // namespace

BOOST_AUTO_TEST_CASE(a_cancelled_write_was_not_accepted)
{
    asio::io_context context;
    auto const channel = std::make_shared<fake_channel>();
    channel->on_upload = [](std::size_t) { return answer::hold; };
    auto sink = make_sink(context.get_executor(), channel, small_budget());
    auto const settle = [&](auto done)
    {
        auto const limit = deadline::after(std::chrono::seconds(30));
        while (!done())
        {
            context.restart();
            context.poll();
            BOOST_TEST_REQUIRE(!limit.passed());
        }
    };
    std::uint64_t count = 0;
    // Until every batch is sealed and compressed, and a write does not find room.
    settle(
        [&]
        {
            auto const more = fill(sink, count, 2000);
            count += more;
            return more == 0 && channel->uploads() != 0 &&
                   sink.statistics().budget_bytes > nearly_full;
        });
    std::list<asio::cancellation_signal> signals;
    std::vector<std::optional<bool>> ends(4);
    for (std::size_t i = 0; i < ends.size(); ++i)
    {
        auto& signal = signals.emplace_back();
        auto handler = [&ends, i](std::exception_ptr e, bool accepted)
        {
            BOOST_TEST(!e);
            ends[i] = accepted;
        };
        asio::co_spawn(context, write_or_not(sink, count + i),
                       asio::bind_cancellation_slot(signal.slot(), handler));
    }
    settle([&] { return sink.statistics().writes_that_waited >= 1; });
    auto signal = signals.begin();
    signal->emit(asio::cancellation_type::terminal);
    std::next(signal, 2)->emit(asio::cancellation_type::terminal);
    settle([&] { return ends[0].has_value() && ends[2].has_value(); });
    std::uint64_t cancelled = 0;
    for (auto const& one : ends)
        cancelled += one && !*one;
    BOOST_TEST(cancelled >= 1u);
    channel->release.open();
    settle([&] { return ends[1].has_value() && ends[3].has_value(); });
    std::optional<delivery_report> report;
    asio::co_spawn(context, sink.close(),
                   [&](std::exception_ptr, delivery_report r) { report = std::move(r); });
    settle([&] { return report.has_value(); });
    auto const ids = ids_in(channel->batches());
    for (std::size_t i = 0; i < ends.size(); ++i)
        BOOST_TEST((ids.count(count + i) == 1) == *ends[i]);
    BOOST_TEST(report->accepted.records == count + ends.size() - cancelled);
    BOOST_TEST(report->complete());
}

BOOST_AUTO_TEST_CASE(a_write_that_finds_room_after_all_did_not_wait)
{
    asio::io_context context;
    auto const channel = std::make_shared<fake_channel>();
    channel->on_upload = [](std::size_t) { return answer::hold; };
    auto sink = make_sink(context.get_executor(), channel, small_budget());
    auto const settle = [&](auto done)
    {
        auto const limit = deadline::after(std::chrono::seconds(30));
        while (!done())
        {
            context.restart();
            context.poll();
            BOOST_TEST_REQUIRE(!limit.passed());
        }
    };
    std::uint64_t count = 0;
    settle(
        [&]
        {
            auto const more = fill(sink, count, 2000);
            count += more;
            return more == 0 && channel->uploads() != 0 &&
                   sink.statistics().budget_bytes > nearly_full;
        });
    auto const text = make_record(count, 2000, false);
    auto late = sink.write(csv_line(text));
    channel->release.open();
    settle([&] { return sink.statistics().budget_bytes <= nearly_full; });
    bool written = false;
    asio::co_spawn(context, std::move(late), [&](std::exception_ptr e) { written = !e; });
    settle([&] { return written; });
    BOOST_TEST(sink.statistics().report.accepted.records == count + 1);
    BOOST_TEST(sink.statistics().writes_that_waited == 0u);
    bool closed = false;
    asio::co_spawn(context, sink.close(),
                   [&](std::exception_ptr, delivery_report r) { closed = r.complete(); });
    settle([&] { return closed; });
}

BOOST_AUTO_TEST_CASE(idle_memory_goes_with_the_close)
{
    for (bool const given_up : {false, true})
    {
        runtime threads(runtime_kind::four_threads);
        auto const channel = std::make_shared<fake_channel>();
        auto const state =
            sink::make_sink_state(threads.executor(), channel, small_budget().byte_budget(64u << 20));
        auto const& supplies = state->compression().supplies();
        std::optional<batching_sink> sink(state);
        threads.run(produce(*sink, 0, 3000, 200));
        BOOST_TEST(threads.run(sink->flush()).complete());
        BOOST_TEST(state->chunks()->idle_bytes() != 0u);
        BOOST_TEST(supplies->idle_bytes() != 0u);
        BOOST_TEST(supplies->idle_codecs() != 0u);
        // An open batch, whose memory becomes free later.
        threads.run(produce(*sink, 3000, 3000, 200));
        if (given_up)
            sink.reset();
        else
            BOOST_TEST(threads.run(sink->close()).complete());
        auto const limit = deadline::after(std::chrono::seconds(30));
        while (state->budget()->used() != 0)
            BOOST_TEST_REQUIRE(!limit.passed());
        BOOST_TEST(state->chunks()->idle_bytes() == 0u);
        BOOST_TEST(supplies->idle_bytes() == 0u);
        BOOST_TEST(supplies->idle_codecs() == 0u);
    }
}

BOOST_AUTO_TEST_CASE(snapshots_add_up_at_any_moment)
{
    runtime threads(runtime_kind::four_threads);
    auto const channel = std::make_shared<fake_channel>();
    channel->on_post = [](std::size_t call) {
        return call % 5 == 1 ? answer::refuse : call % 5 == 3 ? answer::lose : answer::yes;
    };
    auto options = small_budget();
    options.parallelism(3).batch_size(50).guarantee(delivery_guarantee::none);
    auto sink = make_sink(threads.executor(), channel, options);
    std::vector<std::future<void>> running;
    for (std::uint64_t p = 0; p < 4; ++p)
        running.push_back(threads.start(produce(sink, p * 5000, 5000, 100)));
    std::uint64_t last = 0;
    for (int i = 0; i < 2000; ++i)
    {
        auto const report = sink.statistics().report;
        BOOST_TEST_REQUIRE(adds_up(report));
        BOOST_TEST_REQUIRE(report.pending.records <= report.accepted.records);
        BOOST_TEST_REQUIRE(report.accepted.records >= last);
        last = report.accepted.records;
    }
    for (auto& one : running)
        runtime::finish(std::move(one));
    auto const report = threads.run(sink.close());
    BOOST_TEST(adds_up(report));
    BOOST_TEST(report.pending.records == 0u);
    BOOST_TEST(report.accepted.records == 20000u);
    BOOST_TEST(report.failed.blobs != 0u);
    BOOST_TEST(report.unknown.blobs != 0u);
    BOOST_TEST(report.delivered.records == ids_in(channel->batches()).size());
}

BOOST_AUTO_TEST_SUITE_END()

#include "sink_fixture.hpp"

#include <boost/test/unit_test.hpp>
#include <cstring>

namespace asio = boost::asio;
using namespace kusto;
using namespace kusto::test;

// What these look for is found by sanitizers, or by hanging: after a destruction nothing may be
// touched, blocked or leaked.
BOOST_AUTO_TEST_SUITE(destruction)

namespace
{

write_options busy_options()
{
    auto options = calm_options();
    options.parallelism(2).batch_size(40).byte_budget(1u << 20).block_size(64u << 10);
    return options;
}

asio::awaitable<void> write_and_close(batching_sink& sink)
{
    co_await produce(sink, 0, 900, 1500, false);
    (void)co_await sink.close();
}

/// The sink lives in the frame of the coroutine.
asio::awaitable<void> own_and_write(asio::any_io_executor executor,
                                    std::shared_ptr<fake_channel> channel)
{
    auto sink = make_sink(executor, channel, busy_options());
    co_await write_and_close(sink);
}

/// Runs up to `steps` handlers, waiting for the compression pool where necessary.
/// \returns false when there were fewer, because it is done or everything left hangs
bool run_steps(asio::io_context& context, std::size_t steps, bool const& done)
{
    for (std::size_t i = 0; i < steps; ++i)
    {
        if (done)
            return false;
        context.restart();
        if (context.run_one_for(std::chrono::milliseconds(300)) == 0)
            return false;
    }
    return true;
}

template <class Body>
void sweep(Body body)
{
    // Every suspension point of the first rounds, then wider steps to the end.
    for (std::size_t steps = 0; body(steps); steps += 1 + steps / 12)
    {
    }
}

answer hang_now_and_then(std::size_t call)
{
    return call % 3 == 2 ? answer::hang : answer::yes;
}

} // namespace

BOOST_AUTO_TEST_CASE(the_sink_first_then_the_context)
{
    sweep(
        [](std::size_t steps)
        {
            asio::io_context context;
            auto const channel = std::make_shared<fake_channel>();
            bool done = false;
            bool const to_the_end = false;
            auto sink = std::make_unique<batching_sink>(
                make_sink(context.get_executor(), channel, busy_options()));
            asio::co_spawn(context, produce_on(sink->writer(0), 0, 900, 1500, false),
                           [&](std::exception_ptr) { done = true; });
            bool const more = run_steps(context, steps, to_the_end);
            sink.reset();
            return more;
        });
}

BOOST_AUTO_TEST_CASE(the_sink_first_and_the_context_goes_on)
{
    sweep(
        [](std::size_t steps)
        {
            asio::io_context context;
            auto const channel = std::make_shared<fake_channel>();
            channel->on_upload = hang_now_and_then;
            bool done = false;
            bool const to_the_end = false;
            auto sink = std::make_unique<batching_sink>(
                make_sink(context.get_executor(), channel, busy_options()));
            asio::co_spawn(context, produce_on(sink->writer(0), 0, 300, 1500, false),
                           [&](std::exception_ptr) { done = true; });
            bool const more = run_steps(context, steps, to_the_end);
            sink.reset();
            // Everything given up ends by itself: the context runs dry.
            context.restart();
            context.run_for(std::chrono::seconds(30));
            BOOST_TEST(context.stopped());
            BOOST_TEST(done);
            BOOST_TEST(ids_in(channel->batches()).size() <= 300u);
            return more;
        });
}

BOOST_AUTO_TEST_CASE(the_context_with_the_sink_inside)
{
    sweep(
        [](std::size_t steps)
        {
            asio::io_context context;
            auto const channel = std::make_shared<fake_channel>();
            bool done = false;
            asio::co_spawn(context, own_and_write(context.get_executor(), channel),
                           [&](std::exception_ptr) { done = true; });
            return run_steps(context, steps, done);
        });
}

BOOST_AUTO_TEST_CASE(during_a_close)
{
    sweep(
        [](std::size_t steps)
        {
            asio::io_context context;
            auto const channel = std::make_shared<fake_channel>();
            channel->on_upload = hang_now_and_then;
            bool written = false;
            bool closed = false;
            auto sink = std::make_unique<batching_sink>(
                make_sink(context.get_executor(), channel, busy_options()));
            // Small enough for the budget, so that nothing waits.
            asio::co_spawn(context, produce(*sink, 0, 200, 1500, false),
                           [&](std::exception_ptr) { written = true; });
            (void)run_steps(context, std::size_t(-1), written);
            std::optional<delivery_report> report;
            asio::co_spawn(context, sink->close(),
                           [&](std::exception_ptr, delivery_report r)
                           {
                               closed = true;
                               report = std::move(r);
                           });
            bool const more = steps < 400 && run_steps(context, steps, closed);
            sink.reset();
            context.restart();
            context.run_for(std::chrono::seconds(30));
            BOOST_TEST(context.stopped());
            BOOST_TEST_REQUIRE(report.has_value());
            BOOST_TEST(adds_up(*report));
            BOOST_TEST(report->pending.records == 0u);
            BOOST_TEST(report->delivered.records == ids_in(channel->batches()).size());
            return more;
        });
}

BOOST_AUTO_TEST_CASE(while_other_threads_run_the_context)
{
    for (int i = 0; i < 60; ++i)
    {
        runtime threads(i % 2 == 0 ? runtime_kind::four_threads : runtime_kind::pool);
        auto const channel = std::make_shared<fake_channel>();
        channel->on_upload = hang_now_and_then;
        auto sink =
            std::make_unique<batching_sink>(make_sink(threads.executor(), channel, busy_options()));
        std::vector<std::future<void>> running;
        for (std::uint64_t p = 0; p < 3; ++p)
            running.push_back(threads.start(produce_on(sink->writer(p % 2), p * 1000, 1000, 1500)));
        threads.run(channel->wait_for_uploads(1 + static_cast<std::size_t>(i) % 7));
        sink.reset();
        for (auto& one : running)
        {
            // Either it was through before, or it was told.
            try
            {
                runtime::finish(std::move(one));
            }
            catch (error const& e)
            {
                BOOST_TEST((e.why().code() == errc::closed));
            }
        }
    }
}

BOOST_AUTO_TEST_CASE(a_stopped_context_does_not_make_close_hang)
{
    asio::io_context stopped;
    runtime threads(runtime_kind::one_thread);
    auto const channel = std::make_shared<fake_channel>();
    auto sink = make_sink(stopped.get_executor(), channel, calm_options());
    BOOST_TEST(sink.try_write(csv_line(make_record(1, 50))));
    auto const report = threads.run(sink.close(deadline::after(std::chrono::milliseconds(50))));
    BOOST_TEST(report.failed.records == 1u);
    BOOST_TEST(adds_up(report));
}

BOOST_AUTO_TEST_SUITE_END()

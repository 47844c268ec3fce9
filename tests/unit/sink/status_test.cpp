// Acknowledgement levels, and batches whose ingestion is reported.
#include "sink_fixture.hpp"

#include <boost/test/unit_test.hpp>

using namespace kusto;
using namespace kusto::test;
using namespace std::chrono_literals;

BOOST_AUTO_TEST_SUITE(statuses)

namespace
{

auto is(errc code)
{
    return [code](error const& e) { return e.why().code() == code; };
}

write_options polling_options()
{
    auto options = calm_options();
    retry_options quick;
    quick.base(1ms).cap(2ms);
    options.poll_for_ingestion_status(true).retry(quick);
    return options;
}

} // namespace

BOOST_AUTO_TEST_CASE(queued_comes_before_ingested)
{
    for (auto const kind : all_runtimes)
    {
        runtime threads(kind);
        auto const channel = std::make_shared<fake_channel>();
        channel->on_confirm = [](std::size_t) { return answer::hold; };
        channel->on_post = [](std::size_t call)
        { return call == 0 ? answer::trouble : answer::yes; };
        auto sink = make_sink(threads.executor(), channel, polling_options());
        threads.run(produce(sink, 0, 10, 60));
        auto const queued = threads.run(sink.flush());
        BOOST_TEST(queued.delivered.records == 0u);
        BOOST_TEST(queued.pending.records == 10u);
        BOOST_TEST(queued.queued.records == 10u);
        // What was in its way before is over.
        BOOST_TEST(sink.statistics().waiting_batches == 0u);
        // With the default policy the bytes are not kept any longer.
        BOOST_TEST(sink.statistics().budget_bytes == 0u);
        auto ingested = threads.start(sink.flush(acknowledgement::ingested));
        BOOST_TEST((ingested.wait_for(0s) == std::future_status::timeout));
        channel->release.open();
        auto const report = runtime::finish(std::move(ingested));
        BOOST_TEST(report.delivered.records == 10u);
        BOOST_TEST(report.queued.records == 0u);
        BOOST_TEST(adds_up(report));
        auto const latency = sink.statistics().latency;
        BOOST_TEST(latency.ingest.count() == 1u);
        BOOST_TEST(latency.end_to_end.count() == 1u);
    }
}

BOOST_AUTO_TEST_CASE(ingested_needs_the_option)
{
    runtime threads(runtime_kind::one_thread);
    auto const channel = std::make_shared<fake_channel>();
    auto sink = make_sink(threads.executor(), channel, calm_options());
    BOOST_CHECK_EXCEPTION(threads.run(sink.flush(acknowledgement::ingested)), error,
                          is(errc::invalid_option));
}

BOOST_AUTO_TEST_CASE(acknowledged_waits_for_one_writer_and_does_not_seal)
{
    runtime threads(runtime_kind::four_threads);
    auto const channel = std::make_shared<fake_channel>();
    auto options = calm_options();
    options.parallelism(2);
    auto sink = make_sink(threads.executor(), channel, options);
    threads.run(produce_on(sink.writer(0), 0, 5, 60));
    threads.run(produce_on(sink.writer(1), 5, 5, 60));
    auto first = threads.start(sink.writer(0).acknowledged());
    BOOST_CHECK_EXCEPTION(threads.run(sink.writer(1).acknowledged(acknowledgement::queued,
                                                                  deadline::after(10ms))),
                          error, is(errc::timed_out));
    BOOST_TEST((first.wait_for(0s) == std::future_status::timeout));
    BOOST_TEST(channel->uploads() == 0u);
    threads.run(sink.flush());
    BOOST_TEST(runtime::finish(std::move(first)).delivered.records >= 5u);
    BOOST_TEST(threads.run(sink.close()).complete());
}

BOOST_AUTO_TEST_CASE(an_ingestion_that_is_refused_stops_the_sink_with_the_reason)
{
    runtime threads(runtime_kind::one_thread);
    auto const channel = std::make_shared<fake_channel>();
    channel->on_confirm = [](std::size_t) { return answer::refuse; };
    auto sink = make_sink(threads.executor(), channel, polling_options());
    threads.run(produce(sink, 0, 10, 60));
    try
    {
        threads.run(sink.flush(acknowledgement::ingested));
        BOOST_ERROR("no error");
    }
    catch (error const& e)
    {
        BOOST_TEST((e.why().code() == errc::ingestion_failed));
        BOOST_TEST(e.why().service_code() == "BadRequest_InvalidBlob");
    }
    auto const report = threads.run(sink.close());
    BOOST_TEST(report.failed.records == 10u);
    BOOST_TEST(adds_up(report));
    BOOST_TEST(channel->posts() == 1u);
}

BOOST_AUTO_TEST_CASE(partial_success_is_terminal_and_unknown)
{
    runtime threads(runtime_kind::one_thread);
    auto const channel = std::make_shared<fake_channel>();
    channel->on_confirm = [](std::size_t) { return answer::lose; };
    auto sink = make_sink(threads.executor(), channel, polling_options());
    threads.run(produce(sink, 0, 10, 60));
    auto const report = threads.run(sink.close());
    BOOST_TEST(report.unknown.records == 10u);
    BOOST_TEST_REQUIRE(report.first_failure.has_value());
    BOOST_TEST((report.first_failure->code() == errc::partially_ingested));
    BOOST_TEST(channel->posts() == 1u);
    BOOST_TEST(channel->uploads() == 1u);
}

BOOST_AUTO_TEST_CASE(an_exhausted_ingestion_is_posted_again_as_often_as_the_options_allow)
{
    for (std::size_t const bad : {2u, 3u})
    {
        runtime threads(runtime_kind::one_thread);
        auto const channel = std::make_shared<fake_channel>();
        channel->on_confirm = [bad](std::size_t call)
        { return call < bad ? answer::trouble : answer::yes; };
        auto sink = make_sink(threads.executor(), channel, polling_options());
        threads.run(produce(sink, 0, 10, 60));
        auto const report = threads.run(sink.close());
        // Three attempts in all.
        BOOST_TEST(channel->posts() == 3u);
        BOOST_TEST(channel->uploads() == 1u);
        BOOST_TEST(report.delivered.records == (bad == 2 ? 10u : 0u));
        BOOST_TEST(report.failed.records == (bad == 2 ? 0u : 10u));
        BOOST_TEST(report.possibly_twice.records == 0u);
        BOOST_TEST(adds_up(report));
    }
}

BOOST_AUTO_TEST_CASE(close_counts_what_was_queued_and_not_confirmed_as_unknown)
{
    runtime threads(runtime_kind::four_threads);
    auto const channel = std::make_shared<fake_channel>();
    channel->on_confirm = [](std::size_t) { return answer::hang; };
    auto sink = make_sink(threads.executor(), channel, polling_options());
    threads.run(produce(sink, 0, 10, 60));
    threads.run(sink.flush());
    auto const report = threads.run(sink.close(deadline::after(20ms)));
    BOOST_TEST(report.unknown.records == 10u);
    BOOST_TEST(report.queued.records == 0u);
    BOOST_TEST(adds_up(report));
}

BOOST_AUTO_TEST_CASE(a_status_that_does_not_come_does_not_stop_the_sink)
{
    runtime threads(runtime_kind::one_thread);
    auto const channel = std::make_shared<fake_channel>();
    channel->on_confirm = [](std::size_t call)
    { return call == 0 ? answer::silence : answer::yes; };
    auto sink = make_sink(threads.executor(), channel, polling_options());
    threads.run(produce(sink, 0, 10, 60));
    BOOST_CHECK_EXCEPTION(threads.run(sink.flush(acknowledgement::ingested)), error,
                          is(errc::outcome_unknown));
    threads.run(produce(sink, 10, 10, 60));
    auto const report = threads.run(sink.close());
    BOOST_TEST(report.unknown.records == 10u);
    BOOST_TEST(report.delivered.records == 10u);
}

BOOST_AUTO_TEST_CASE(waiting_for_statuses_holds_up_no_upload)
{
    runtime threads(runtime_kind::one_thread);
    auto const channel = std::make_shared<fake_channel>();
    channel->on_confirm = [](std::size_t) { return answer::hold; };
    auto options = polling_options();
    options.uploads_in_flight(1).batch_size(10);
    auto sink = make_sink(threads.executor(), channel, options);
    threads.run(produce(sink, 0, 100, 60));
    threads.run(channel->wait_for_confirmations(10));
    channel->release.open();
    BOOST_TEST(threads.run(sink.close()).complete());
}

BOOST_AUTO_TEST_SUITE_END()

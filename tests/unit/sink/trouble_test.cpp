// Trouble that may pass: batches wait and are delivered when the service is back.
#include "sink_fixture.hpp"

#include <boost/test/unit_test.hpp>
#include <mutex>

using namespace kusto;
using namespace kusto::test;
using namespace std::chrono_literals;

BOOST_AUTO_TEST_SUITE(trouble)

namespace
{

auto is(errc code)
{
    return [code](error const& e) { return e.why().code() == code; };
}

retry_options quick()
{
    retry_options out;
    out.base(1ms).cap(2ms);
    return out;
}

} // namespace

BOOST_AUTO_TEST_CASE(ten_minutes_of_outage_lose_nothing)
{
    for (auto const kind : all_runtimes)
    {
        runtime threads(kind);
        skipping_clock time;
        auto const channel = std::make_shared<fake_channel>();
        auto const out = [&](std::size_t)
        { return time.skipped() < 10min ? answer::trouble : answer::yes; };
        channel->on_upload = out;
        channel->on_post = out;
        auto options = calm_options();
        options.batch_size(100).parallelism(2);
        auto sink = make_sink(threads.executor(), channel, options,
                              sink::environment(base::logger(), time));
        threads.run(produce(sink, 0, 5000, 60));
        auto const report = threads.run(sink.close());
        BOOST_TEST(report.complete());
        BOOST_TEST(adds_up(report));
        BOOST_TEST(report.possibly_twice.records == 0u);
        BOOST_TEST((time.skipped() >= 10min));
        BOOST_TEST(ids_in(channel->batches()).size() == 5000u);
        auto const statistics = sink.statistics();
        BOOST_TEST(statistics.retries > 0u);
        BOOST_TEST(statistics.waiting_batches == 0u);
        BOOST_TEST(!statistics.trouble.has_value());
        BOOST_TEST(statistics.budget_bytes == 0u);
    }
}

BOOST_AUTO_TEST_CASE(while_it_lasts_the_budget_fills_and_writes_wait)
{
    runtime threads(runtime_kind::four_threads);
    auto const channel = std::make_shared<fake_channel>();
    std::atomic<bool> down = true;
    channel->on_upload = [&](std::size_t) { return down ? answer::trouble : answer::yes; };
    auto options = calm_options();
    options.batch_size(1000).byte_budget(1u << 20).retry(quick());
    auto sink = make_sink(threads.executor(), channel, options);
    auto producing = threads.start(produce(sink, 0, 20000, 200, false));
    threads.run(channel->wait_for_uploads(20));
    BOOST_TEST((producing.wait_for(0s) == std::future_status::timeout));
    auto const during = sink.statistics();
    BOOST_TEST(during.waiting_batches > 0u);
    BOOST_TEST_REQUIRE(during.trouble.has_value());
    BOOST_TEST(during.trouble->message() == "scripted trouble");
    BOOST_TEST((during.oldest_unacknowledged > 0ms));
    BOOST_TEST(during.budget_bytes <= during.budget_limit_bytes);
    BOOST_TEST(adds_up(during.report));
    down = false;
    runtime::finish(std::move(producing));
    BOOST_TEST(threads.run(sink.close()).complete());
    BOOST_TEST(ids_in(channel->batches()).size() == 20000u);
    auto const after = sink.statistics();
    BOOST_TEST((after.oldest_unacknowledged == 0ms));
    BOOST_TEST(after.budget_peak_bytes <= after.budget_limit_bytes);
}

BOOST_AUTO_TEST_CASE(a_flush_that_is_too_late_says_what_batches_wait_for)
{
    runtime threads(runtime_kind::one_thread);
    auto const channel = std::make_shared<fake_channel>();
    std::atomic<bool> down = true;
    channel->on_post = [&](std::size_t) { return down ? answer::trouble : answer::yes; };
    auto options = calm_options();
    options.retry(quick());
    auto sink = make_sink(threads.executor(), channel, options);
    threads.run(produce(sink, 0, 5, 60));
    try
    {
        threads.run(sink.flush(deadline::after(50ms)));
        BOOST_ERROR("no error");
    }
    catch (error const& e)
    {
        BOOST_TEST((e.why().code() == errc::timed_out));
        BOOST_TEST(e.why().message().find("scripted trouble") != std::string::npos);
    }
    down = false;
    BOOST_TEST(threads.run(sink.flush()).delivered.records == 5u);
    BOOST_TEST(channel->uploads() == 1u);
}

BOOST_AUTO_TEST_CASE(close_under_total_outage_returns_on_time_with_a_full_report)
{
    for (auto const kind : all_runtimes)
    {
        runtime threads(kind);
        auto const channel = std::make_shared<fake_channel>();
        channel->on_upload = [](std::size_t) { return answer::trouble; };
        auto options = calm_options();
        options.batch_size(10).parallelism(3).retry(quick());
        auto sink = make_sink(threads.executor(), channel, options);
        threads.run(produce(sink, 0, 500, 60));
        threads.run(channel->wait_for_uploads(30));
        auto const start = std::chrono::steady_clock::now();
        auto const report = threads.run(sink.close(deadline::after(50ms)));
        BOOST_TEST((std::chrono::steady_clock::now() - start < 5s));
        BOOST_TEST(report.failed.records == 500u);
        BOOST_TEST(report.pending.records == 0u);
        BOOST_TEST(adds_up(report));
        BOOST_TEST_REQUIRE(report.first_failure.has_value());
        BOOST_TEST(report.first_failure->message().find("scripted trouble") != std::string::npos);
        BOOST_TEST(sink.statistics().budget_bytes == 0u);
    }
}

BOOST_AUTO_TEST_CASE(without_a_guarantee_a_batch_does_not_wait)
{
    runtime threads(runtime_kind::one_thread);
    auto const channel = std::make_shared<fake_channel>();
    channel->on_upload = [](std::size_t call)
    { return call == 0 ? answer::trouble : answer::yes; };
    auto options = calm_options();
    options.guarantee(delivery_guarantee::none).batch_size(10);
    auto sink = make_sink(threads.executor(), channel, options);
    threads.run(produce(sink, 0, 20, 60));
    auto const report = threads.run(sink.close());
    BOOST_TEST(report.failed.records == 10u);
    BOOST_TEST(report.delivered.records == 10u);
    BOOST_TEST(channel->uploads() == 2u);
}

BOOST_AUTO_TEST_CASE(a_refused_batch_is_not_tried_again_not_even_once)
{
    runtime threads(runtime_kind::one_thread);
    auto const channel = std::make_shared<fake_channel>();
    channel->on_upload = [](std::size_t) { return answer::refuse; };
    auto options = calm_options();
    options.retry(quick());
    auto sink = make_sink(threads.executor(), channel, options);
    threads.run(produce(sink, 0, 5, 60));
    BOOST_CHECK_EXCEPTION(threads.run(sink.flush()), error, is(errc::request_rejected));
    BOOST_TEST(threads.run(sink.close()).failed.records == 5u);
    BOOST_TEST(channel->uploads() == 1u);
}

BOOST_AUTO_TEST_CASE(a_message_whose_answer_was_lost_is_posted_again_and_counted)
{
    runtime threads(runtime_kind::one_thread);
    auto const channel = std::make_shared<fake_channel>();
    channel->on_post = [](std::size_t call)
    { return call == 0 ? answer::lose_once : answer::yes; };
    auto options = calm_options();
    options.retry(quick());
    auto sink = make_sink(threads.executor(), channel, options);
    threads.run(produce(sink, 0, 5, 60));
    auto const report = threads.run(sink.close());
    BOOST_TEST(report.complete());
    BOOST_TEST(report.possibly_twice.records == 5u);
    BOOST_TEST(sink.statistics().repeated_posts == 1u);
    // One upload: the same blob both times.
    BOOST_TEST(channel->uploads() == 1u);
    auto const batches = channel->batches();
    BOOST_TEST_REQUIRE(batches.size() == 2u);
    BOOST_TEST(batches[0].source_id == batches[1].source_id);
}

BOOST_AUTO_TEST_CASE(a_lost_answer_and_then_a_refusal_is_unknown)
{
    runtime threads(runtime_kind::one_thread);
    auto const channel = std::make_shared<fake_channel>();
    channel->on_post = [](std::size_t call)
    { return call == 0 ? answer::lose_once : answer::refuse; };
    auto options = calm_options();
    options.retry(quick());
    auto sink = make_sink(threads.executor(), channel, options);
    threads.run(produce(sink, 0, 5, 60));
    auto const report = threads.run(sink.close());
    BOOST_TEST(report.unknown.records == 5u);
    BOOST_TEST(report.failed.records == 0u);
}

BOOST_AUTO_TEST_CASE(a_lost_answer_and_then_close_is_unknown)
{
    runtime threads(runtime_kind::one_thread);
    auto const channel = std::make_shared<fake_channel>();
    channel->on_post = [](std::size_t call)
    { return call == 0 ? answer::lose_once : answer::trouble; };
    auto options = calm_options();
    options.retry(quick());
    auto sink = make_sink(threads.executor(), channel, options);
    threads.run(produce(sink, 0, 5, 60));
    auto const report = threads.run(sink.close(deadline::after(50ms)));
    BOOST_TEST(report.unknown.records == 5u);
    BOOST_TEST(report.failed.records == 0u);
}

BOOST_AUTO_TEST_CASE(a_blob_whose_signature_has_ended_is_uploaded_again)
{
    runtime threads(runtime_kind::one_thread);
    skipping_clock time;
    auto const channel = std::make_shared<fake_channel>();
    channel->usable_for = 1min;
    channel->on_post = [&](std::size_t)
    { return time.skipped() < 2min ? answer::trouble : answer::yes; };
    auto sink = make_sink(threads.executor(), channel, calm_options(),
                          sink::environment(base::logger(), time));
    threads.run(produce(sink, 0, 5, 60));
    BOOST_TEST(threads.run(sink.close()).complete());
    BOOST_TEST(channel->uploads() > 1u);
    BOOST_TEST(channel->batches().size() == 1u);
}

BOOST_AUTO_TEST_CASE(after_a_lost_answer_only_the_same_blob_is_posted_again)
{
    runtime threads(runtime_kind::one_thread);
    skipping_clock time;
    auto const channel = std::make_shared<fake_channel>();
    channel->usable_for = 1min;
    channel->on_post = [&](std::size_t call)
    {
        return call == 0                 ? answer::lose_once
               : time.skipped() < 10min ? answer::trouble
                                         : answer::yes;
    };
    auto sink = make_sink(threads.executor(), channel, calm_options(),
                          sink::environment(base::logger(), time));
    threads.run(produce(sink, 0, 5, 60));
    auto const report = threads.run(sink.close());
    BOOST_TEST(report.possibly_twice.records == 5u);
    BOOST_TEST(channel->uploads() == 1u);
}

BOOST_AUTO_TEST_CASE(what_happens_is_logged)
{
    runtime threads(runtime_kind::one_thread);
    auto const channel = std::make_shared<fake_channel>();
    channel->on_upload = [](std::size_t call)
    { return call == 0 ? answer::trouble : call == 1 ? answer::yes : answer::refuse; };
    std::mutex mutex;
    std::vector<std::string> lines;
    auto const collect = [&](log_event const& event)
    {
        std::lock_guard const lock(mutex);
        lines.push_back(to_text(event));
    };
    auto options = calm_options();
    options.retry(quick());
    auto sink = make_sink(
        threads.executor(), channel, options,
        sink::environment(base::logger(log_level::debug, collect), async::system_clock()));
    threads.run(produce(sink, 0, 5, 60));
    threads.run(sink.flush());
    threads.run(produce(sink, 5, 5, 60));
    BOOST_CHECK_EXCEPTION(threads.run(sink.flush()), error, is(errc::request_rejected));
    threads.run(sink.close());
    auto const times = [&](std::string const& text)
    {
        return std::count_if(lines.begin(), lines.end(), [&](std::string const& line)
                             { return line.find(text) != std::string::npos; });
    };
    BOOST_TEST(times("a batch waits for trouble to pass") == 1);
    BOOST_TEST(times("a batch goes on: the trouble has passed") == 1);
    BOOST_TEST(times("a batch was delivered") == 1);
    BOOST_TEST(times("a batch was not delivered") == 1);
    BOOST_TEST(times("the sink stops") == 1);
}

BOOST_AUTO_TEST_SUITE_END()

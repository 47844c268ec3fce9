#include "sink_fixture.hpp"

#include <boost/test/unit_test.hpp>

namespace asio = boost::asio;
using namespace kusto;
using namespace kusto::test;
using namespace std::chrono_literals;

BOOST_AUTO_TEST_SUITE(closing)

namespace
{

bool has_code(error const& e, errc code)
{
    return e.why().code() == code;
}

auto is(errc code)
{
    return [code](error const& e) { return has_code(e, code); };
}

write_options small_batches()
{
    auto options = calm_options();
    options.batch_size(10);
    return options;
}

} // namespace

BOOST_AUTO_TEST_CASE(flush_returns_when_everything_before_it_is_delivered)
{
    for (auto const kind : all_runtimes)
    {
        runtime threads(kind);
        auto const channel = std::make_shared<fake_channel>();
        auto options = calm_options();
        options.parallelism(3);
        auto sink = make_sink(threads.executor(), channel, options);
        for (std::uint64_t i = 1; i <= 20; ++i)
        {
            threads.run(produce(sink, i * 100, 10, 60));
            auto const report = threads.run(sink.flush());
            BOOST_TEST(report.delivered.records == i * 10);
            BOOST_TEST(ids_in(channel->batches()).size() == i * 10);
        }
        BOOST_TEST(threads.run(sink.flush()).delivered.records == 200u);
        BOOST_TEST(threads.run(sink.close()).accepted.blobs >= 20u);
    }
}

BOOST_AUTO_TEST_CASE(a_flush_that_is_too_slow_times_out_and_delivery_goes_on)
{
    runtime threads(runtime_kind::one_thread);
    auto const channel = std::make_shared<fake_channel>();
    channel->on_upload = [](std::size_t) { return answer::hold; };
    auto sink = make_sink(threads.executor(), channel, calm_options());
    threads.run(produce(sink, 0, 10, 60));
    BOOST_CHECK_EXCEPTION(threads.run(sink.flush(deadline::after(20ms))), error,
                          is(errc::timed_out));
    channel->release.open();
    BOOST_TEST(threads.run(sink.flush()).complete());
    BOOST_TEST(threads.run(sink.close()).complete());
}

BOOST_AUTO_TEST_CASE(a_failure_stops_the_sink_and_is_reported)
{
    runtime threads(runtime_kind::one_thread);
    auto const channel = std::make_shared<fake_channel>();
    channel->on_upload = [](std::size_t call) { return call == 1 ? answer::refuse : answer::yes; };
    auto options = small_batches();
    options.uploads_in_flight(1);
    auto sink = make_sink(threads.executor(), channel, options);
    threads.run(produce(sink, 0, 45, 60));
    BOOST_CHECK_EXCEPTION(threads.run(sink.flush()), error, is(errc::request_rejected));
    auto const text = make_record(99, 60);
    BOOST_CHECK_EXCEPTION((void)sink.write(csv_line(text)), error,
                          [](error const& e)
                          {
                              std::string const what = e.what();
                              return has_code(e, errc::sink_stopped) &&
                                     what.find("upload: request rejected: scripted [host h]") !=
                                         what.npos;
                          });
    BOOST_CHECK_EXCEPTION((void)sink.try_write(csv_line(text)), error, is(errc::sink_stopped));
    auto const report = threads.run(sink.close());
    BOOST_TEST(report.accepted.records == 45u);
    BOOST_TEST(report.delivered.records == 35u);
    BOOST_TEST(report.failed.records == 10u);
    BOOST_TEST(report.failed.blobs == 1u);
    BOOST_TEST(!report.complete());
    BOOST_TEST(adds_up(report));
    BOOST_TEST_REQUIRE(report.first_failure.has_value());
    BOOST_TEST((report.first_failure->code() == errc::request_rejected));
    BOOST_TEST(sink.statistics().retries == 2u);
    BOOST_CHECK_EXCEPTION((void)sink.write(csv_line(text)), error, is(errc::closed));
}

BOOST_AUTO_TEST_CASE(without_guarantee_failures_are_only_counted)
{
    runtime threads(runtime_kind::pool);
    auto const channel = std::make_shared<fake_channel>();
    channel->on_post = [](std::size_t call)
    { return call % 2 == 0 ? answer::refuse : answer::lose; };
    auto options = small_batches();
    options.guarantee(delivery_guarantee::none);
    auto sink = make_sink(threads.executor(), channel, options);
    threads.run(produce(sink, 0, 40, 60));
    auto const flushed = threads.run(sink.flush());
    BOOST_TEST(flushed.failed.blobs == 2u);
    BOOST_TEST(flushed.unknown.blobs == 2u);
    threads.run(produce(sink, 40, 5, 60));
    auto const report = threads.run(sink.close());
    BOOST_TEST(report.delivered.records == 0u);
    BOOST_TEST(report.failed.records + report.unknown.records == 45u);
    BOOST_TEST(adds_up(report));
}

BOOST_AUTO_TEST_CASE(a_lost_answer_to_the_post_is_unknown)
{
    runtime threads(runtime_kind::one_thread);
    auto const channel = std::make_shared<fake_channel>();
    channel->on_post = [](std::size_t) { return answer::lose; };
    auto sink = make_sink(threads.executor(), channel, calm_options());
    threads.run(produce(sink, 0, 10, 60));
    auto const report = threads.run(sink.close());
    BOOST_TEST(report.unknown.records == 10u);
    BOOST_TEST(report.failed.records == 0u);
    BOOST_TEST(report.first_failure.has_value());
}

BOOST_AUTO_TEST_CASE(an_upload_that_fails_before_its_batch_is_complete_ends_the_batch)
{
    runtime threads(runtime_kind::one_thread);
    auto const channel = std::make_shared<fake_channel>();
    channel->on_upload = [](std::size_t call) { return call == 0 ? answer::refuse : answer::yes; };
    auto options = calm_options();
    options.block_size(64u << 10);
    auto sink = make_sink(threads.executor(), channel, options);
    std::uint64_t accepted = 0;
    BOOST_CHECK_EXCEPTION(
        for (; accepted < 1000000; ++accepted) {
            auto const text = make_record(accepted, 1000, false);
            while (!sink.try_write(csv_line(text)))
                std::this_thread::yield();
        },
        error, is(errc::sink_stopped));
    auto const report = threads.run(sink.close());
    BOOST_TEST(report.accepted.records == accepted);
    BOOST_TEST(report.failed.records + report.delivered.records == accepted);
    BOOST_TEST(report.failed.blobs == 1u);
    BOOST_TEST(sink.statistics().budget_bytes == 0u);
}

BOOST_AUTO_TEST_CASE(close_returns_at_its_deadline_although_the_service_hangs)
{
    for (auto const kind : all_runtimes)
        for (auto const how : {answer::hang, answer::hang_deafly})
            for (bool const in_post : {false, true})
                BOOST_TEST_CONTEXT(to_string(kind) << (in_post ? ", post" : ", upload")
                                                   << (how == answer::hang ? "" : ", deafly"))
                {
                    auto const channel = std::make_shared<fake_channel>();
                    (in_post ? channel->on_post : channel->on_upload) = [how](std::size_t call)
                    { return call == 0 ? how : answer::yes; };
                    runtime threads(kind);
                    auto options = small_batches();
                    auto sink = make_sink(threads.executor(), channel, options);
                    threads.run(produce(sink, 0, 35, 60));
                    threads.run(channel->wait_for_uploads(1));
                    auto const before = std::chrono::steady_clock::now();
                    auto const report = threads.run(sink.close(deadline::after(100ms)));
                    auto const took = std::chrono::steady_clock::now() - before;
                    BOOST_TEST((took < 10s));
                    BOOST_TEST(adds_up(report));
                    BOOST_TEST(report.pending.records == 0u);
                    BOOST_TEST(report.accepted.records == 35u);
                    auto const& stuck = in_post ? report.unknown : report.failed;
                    BOOST_TEST(stuck.blobs == 1u);
                    BOOST_TEST(report.delivered.blobs == 3u);
                    BOOST_TEST(report.first_failure.has_value());
                    // What comes too late changes nothing any more.
                    channel->deaf.open();
                    BOOST_TEST((threads.run(sink.close()).delivered == report.delivered));
                    BOOST_TEST((sink.statistics().report.failed == report.failed));
                }
}

BOOST_AUTO_TEST_CASE(every_close_gets_the_same_report)
{
    runtime threads(runtime_kind::four_threads);
    auto const channel = std::make_shared<fake_channel>();
    channel->on_upload = [](std::size_t) { return answer::hold; };
    auto options = small_batches();
    options.parallelism(2);
    auto sink = make_sink(threads.executor(), channel, options);
    threads.run(produce(sink, 0, 55, 60));
    std::vector<std::future<delivery_report>> closing;
    for (int i = 0; i < 5; ++i)
        closing.push_back(threads.start(sink.close()));
    auto flushing = threads.start(sink.flush());
    channel->release.open();
    for (auto& one : closing)
    {
        auto const report = runtime::finish(std::move(one));
        BOOST_TEST(report.delivered.records == 55u);
        BOOST_TEST(report.pending.records == 0u);
    }
    BOOST_TEST(runtime::finish(std::move(flushing)).complete());
    BOOST_TEST(threads.run(sink.close(deadline::after(0ms))).complete());
    BOOST_TEST(threads.run(sink.flush()).complete());
}

BOOST_AUTO_TEST_CASE(a_sooner_deadline_of_a_second_close_counts)
{
    runtime threads(runtime_kind::one_thread);
    auto const channel = std::make_shared<fake_channel>();
    channel->on_upload = [](std::size_t) { return answer::hang; };
    auto sink = make_sink(threads.executor(), channel, calm_options());
    threads.run(produce(sink, 0, 5, 60));
    auto patient = threads.start(sink.close(deadline::after(1h)));
    auto const before = std::chrono::steady_clock::now();
    auto const hasty = threads.run(sink.close(deadline::after(50ms)));
    BOOST_TEST((std::chrono::steady_clock::now() - before < 1s));
    BOOST_TEST(hasty.failed.records == 5u);
    BOOST_TEST(runtime::finish(std::move(patient)).failed.records == 5u);
}

BOOST_AUTO_TEST_CASE(writes_that_wait_are_refused_by_close)
{
    runtime threads(runtime_kind::four_threads);
    auto const channel = std::make_shared<fake_channel>();
    channel->on_upload = [](std::size_t) { return answer::hold; };
    auto options = calm_options();
    options.byte_budget(1u << 20);
    auto sink = make_sink(threads.executor(), channel, options);
    auto waiting = threads.start(produce(sink, 0, 100000, 2000, false));
    auto const limit = deadline::after(30s);
    while (sink.statistics().writes_that_waited == 0 || channel->uploads() == 0)
        BOOST_TEST_REQUIRE(!limit.passed());
    auto closing = threads.start(sink.close());
    BOOST_CHECK_EXCEPTION(runtime::finish(std::move(waiting)), error, is(errc::closed));
    channel->release.open();
    auto const report = runtime::finish(std::move(closing));
    BOOST_TEST(report.complete());
    auto const ids = ids_in(channel->batches());
    BOOST_TEST(ids.size() == report.accepted.records);
    BOOST_TEST(*ids.rbegin() == ids.size() - 1);
}

BOOST_AUTO_TEST_CASE(writes_that_wait_are_refused_when_the_sink_stops)
{
    runtime threads(runtime_kind::four_threads);
    auto const channel = std::make_shared<fake_channel>();
    channel->on_upload = [](std::size_t) { return answer::refuse; };
    auto options = calm_options();
    options.byte_budget(1u << 20);
    auto sink = make_sink(threads.executor(), channel, options);
    BOOST_CHECK_EXCEPTION(threads.run(produce(sink, 0, 100000, 2000, false)), error,
                          is(errc::sink_stopped));
    auto const report = threads.run(sink.close());
    BOOST_TEST(report.accepted.records == report.failed.records);
}

BOOST_AUTO_TEST_CASE(a_batch_is_given_up_after_its_delivery_timeout)
{
    runtime threads(runtime_kind::one_thread);
    auto const channel = std::make_shared<fake_channel>();
    channel->on_upload = [](std::size_t) { return answer::hang; };
    auto options = calm_options();
    options.delivery_timeout(1s);
    auto sink = make_sink(threads.executor(), channel, options);
    threads.run(produce(sink, 0, 5, 60));
    BOOST_CHECK_EXCEPTION(threads.run(sink.flush()), error,
                          [](error const& e) {
                              return has_code(e, errc::timed_out) &&
                                     e.why().message().find("1000 ms") != std::string::npos;
                          });
    BOOST_TEST(threads.run(sink.close()).failed.records == 5u);
}

BOOST_AUTO_TEST_CASE(an_empty_sink_flushes_and_closes_at_once)
{
    for (auto const kind : all_runtimes)
    {
        runtime threads(kind);
        auto const channel = std::make_shared<fake_channel>();
        auto sink = make_sink(threads.executor(), channel, calm_options());
        BOOST_TEST(threads.run(sink.flush()).accepted.records == 0u);
        BOOST_TEST(threads.run(sink.close()).complete());
        BOOST_TEST(channel->uploads() == 0u);
    }
}

BOOST_AUTO_TEST_CASE(bad_options_are_refused_with_all_problems)
{
    asio::io_context context;
    auto const channel = std::make_shared<fake_channel>();
    auto options = calm_options();
    options.parallelism(0).compression(compression::zlib(11));
    BOOST_CHECK_EXCEPTION(make_sink(context.get_executor(), channel, options), options_error,
                          [](options_error const& e) { return e.problems().size() == 2; });
}

BOOST_AUTO_TEST_SUITE_END()

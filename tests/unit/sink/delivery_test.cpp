#include "sink_fixture.hpp"

#include <boost/test/unit_test.hpp>

namespace asio = boost::asio;
using namespace kusto;
using namespace kusto::test;
using namespace std::chrono_literals;

BOOST_AUTO_TEST_SUITE(delivery)

namespace
{

void check_exactly_once(runtime_kind kind, std::size_t producers, std::size_t parallelism,
                        bool own_writers)
{
    BOOST_TEST_CONTEXT(to_string(kind) << ", " << producers << " producers, " << parallelism
                                       << " writers" << (own_writers ? ", by index" : ""))
    {
        constexpr std::uint64_t each = 3000;
        runtime threads(kind);
        auto const channel = std::make_shared<fake_channel>();
        auto options = calm_options();
        options.parallelism(parallelism).batch_size(777).byte_budget(4u << 20);
        auto sink = make_sink(threads.executor(), channel, options);
        std::vector<std::future<void>> running;
        for (std::size_t p = 0; p < producers; ++p)
        {
            if (own_writers)
                running.push_back(threads.start(
                    produce_on(sink.writer(p % parallelism), p * each, each, 40 + p)));
            else
                running.push_back(threads.start(produce(sink, p * each, each, 40 + p)));
        }
        for (auto& one : running)
            runtime::finish(std::move(one));
        auto const report = threads.run(sink.close());
        BOOST_TEST(report.complete());
        BOOST_TEST(report.accepted.records == producers * each);
        BOOST_TEST(adds_up(report));
        auto const batches = channel->batches();
        auto const ids = ids_in(batches);
        BOOST_TEST(ids.size() == producers * each);
        BOOST_TEST(*ids.rbegin() == producers * each - 1);
        BOOST_TEST(report.delivered.blobs == batches.size());
        std::uint64_t bytes = 0;
        for (auto const& one : batches)
        {
            bytes += one.text.size();
            BOOST_TEST(lines_in(one.text) <= 777u);
        }
        BOOST_TEST(report.delivered.bytes == bytes);
        BOOST_TEST(channel->complaints() == "");
        BOOST_TEST(sink.statistics().budget_bytes == 0u);
    }
}

} // namespace

BOOST_AUTO_TEST_CASE(every_record_arrives_exactly_once)
{
    for (auto const kind : all_runtimes)
        for (std::size_t const producers : {1u, 8u})
            for (std::size_t const writers : {1u, 4u})
            {
                check_exactly_once(kind, producers, writers, false);
                check_exactly_once(kind, producers, writers, true);
            }
}

BOOST_AUTO_TEST_CASE(batches_end_at_the_number_of_records)
{
    runtime threads(runtime_kind::one_thread);
    auto const channel = std::make_shared<fake_channel>();
    auto options = calm_options();
    options.batch_size(100);
    auto sink = make_sink(threads.executor(), channel, options);
    threads.run(produce(sink, 0, 1050, 50));
    auto const report = threads.run(sink.close());
    BOOST_TEST(report.complete());
    auto const batches = channel->batches();
    BOOST_TEST_REQUIRE(batches.size() == 11u);
    std::multiset<std::size_t> sizes;
    for (auto const& one : batches)
        sizes.insert(lines_in(one.text));
    BOOST_TEST(sizes.count(100) == 10u);
    BOOST_TEST(sizes.count(50) == 1u);
    auto const statistics = sink.statistics();
    BOOST_TEST(statistics.sealed_by_records == 10u);
    BOOST_TEST(statistics.sealed_by_flush == 1u);
    BOOST_TEST(statistics.compressed_bytes != 0u);
}

BOOST_AUTO_TEST_CASE(a_batch_is_sent_when_its_interval_has_passed)
{
    for (auto const kind : all_runtimes)
    {
        runtime threads(kind);
        auto const channel = std::make_shared<fake_channel>();
        auto options = calm_options();
        options.batch_interval(20ms);
        auto sink = make_sink(threads.executor(), channel, options);
        threads.run(produce(sink, 0, 3, 50));
        threads.run(channel->wait_for_batches(1));
        threads.run(produce(sink, 3, 2, 50));
        threads.run(channel->wait_for_batches(2));
        BOOST_TEST(lines_in(channel->batches().back().text) == 2u);
        BOOST_TEST(sink.statistics().sealed_by_interval == 2u);
        BOOST_TEST(threads.run(sink.close()).complete());
        BOOST_TEST(channel->batches().size() == 2u);
    }
}

BOOST_AUTO_TEST_CASE(the_upload_of_a_large_batch_starts_while_it_is_open)
{
    runtime threads(runtime_kind::one_thread);
    auto const channel = std::make_shared<fake_channel>();
    auto options = calm_options();
    options.block_size(64u << 10);
    auto sink = make_sink(threads.executor(), channel, options);
    threads.run(produce(sink, 0, 2000, 1000, false));
    threads.run(channel->wait_for_uploads(1));
    auto const open = sink.statistics();
    BOOST_TEST(open.report.pending.records == 2000u);
    BOOST_TEST(open.sealed_by_flush == 0u);
    threads.run(produce(sink, 2000, 500, 1000, false));
    BOOST_TEST(threads.run(sink.close()).complete());
    auto const batches = channel->batches();
    BOOST_TEST_REQUIRE(batches.size() == 1u);
    BOOST_TEST(batches[0].blocks > 10u);
    BOOST_TEST(ids_in(batches).size() == 2500u);
    BOOST_TEST(channel->complaints() == "");
}

BOOST_AUTO_TEST_CASE(one_producer_on_one_thread_uses_all_writers)
{
    runtime threads(runtime_kind::one_thread);
    auto const channel = std::make_shared<fake_channel>();
    auto options = calm_options();
    options.parallelism(4);
    auto sink = make_sink(threads.executor(), channel, options);
    threads.run(produce(sink, 0, 6000, 1000));
    BOOST_TEST(threads.run(sink.close()).complete());
    auto const batches = channel->batches();
    BOOST_TEST_REQUIRE(batches.size() == 4u);
    for (auto const& one : batches)
        BOOST_TEST(lines_in(one.text) >= 1000u);
}

BOOST_AUTO_TEST_CASE(few_records_of_one_producer_stay_in_one_batch)
{
    runtime threads(runtime_kind::one_thread);
    auto const channel = std::make_shared<fake_channel>();
    auto options = calm_options();
    options.parallelism(4);
    auto sink = make_sink(threads.executor(), channel, options);
    threads.run(produce(sink, 0, 100, 100));
    BOOST_TEST(threads.run(sink.close()).complete());
    BOOST_TEST(channel->batches().size() == 1u);
}

BOOST_AUTO_TEST_CASE(uploads_in_flight_are_bounded_for_each_writer)
{
    runtime threads(runtime_kind::four_threads);
    auto const channel = std::make_shared<fake_channel>();
    channel->on_upload = [](std::size_t) { return answer::hold; };
    auto options = calm_options();
    options.batch_size(10).uploads_in_flight(3).byte_budget(16u << 20);
    auto sink = make_sink(threads.executor(), channel, options);
    threads.run(produce(sink, 0, 300, 50));
    threads.run(channel->wait_for_uploads(3));
    auto flushed = threads.start(sink.flush());
    BOOST_TEST(channel->uploads() == 3u);
    channel->release.open();
    BOOST_TEST(runtime::finish(std::move(flushed)).complete());
    BOOST_TEST(channel->most_uploads_at_once() == 3u);
    BOOST_TEST(channel->most_posts_at_once() <= 3u);
    BOOST_TEST(threads.run(sink.close()).complete());
    BOOST_TEST(ids_in(channel->batches()).size() == 300u);
}

BOOST_AUTO_TEST_CASE(uploads_go_on_while_messages_are_under_way_and_stop_when_too_many_are)
{
    runtime threads(runtime_kind::four_threads);
    auto const channel = std::make_shared<fake_channel>();
    channel->on_post = [](std::size_t) { return answer::hold; };
    auto options = calm_options();
    options.batch_size(10).uploads_in_flight(2).byte_budget(16u << 20);
    auto sink = make_sink(threads.executor(), channel, options);
    threads.run(produce(sink, 0, 300, 50));
    // Two have posts under way, two are uploaded and wait for a post.
    threads.run(channel->wait_for_uploads(4));
    auto flushed = threads.start(sink.flush());
    BOOST_TEST(channel->uploads() == 4u);
    BOOST_TEST(channel->posts() == 2u);
    channel->release.open();
    BOOST_TEST(runtime::finish(std::move(flushed)).complete());
    BOOST_TEST(channel->most_uploads_at_once() <= 2u);
    BOOST_TEST(channel->most_posts_at_once() == 2u);
    BOOST_TEST(threads.run(sink.close()).complete());
    BOOST_TEST(ids_in(channel->batches()).size() == 300u);
}

BOOST_AUTO_TEST_CASE(batches_that_must_be_uploaded_again_do_not_wait_for_each_other)
{
    runtime threads(runtime_kind::pool);
    auto const channel = std::make_shared<fake_channel>();
    // The addresses have expired when the first posts have failed.
    channel->usable_for = std::chrono::seconds(0);
    channel->on_post = [](std::size_t call) { return call < 8 ? answer::trouble : answer::yes; };
    skipping_clock time;
    auto options = calm_options();
    options.batch_size(10).uploads_in_flight(1).byte_budget(16u << 20);
    auto sink =
        make_sink(threads.executor(), channel, options, sink::environment(base::logger(), time));
    threads.run(produce(sink, 0, 100, 50));
    BOOST_TEST(threads.run(sink.close()).complete());
    BOOST_TEST(channel->uploads() > 10u);
    BOOST_TEST(ids_in(channel->batches()).size() == 100u);
}

BOOST_AUTO_TEST_CASE(source_ids_are_distinct)
{
    runtime threads(runtime_kind::pool);
    auto const channel = std::make_shared<fake_channel>();
    auto options = calm_options();
    options.batch_size(1).parallelism(2);
    auto sink = make_sink(threads.executor(), channel, options);
    threads.run(produce(sink, 0, 50, 50));
    BOOST_TEST(threads.run(sink.close()).complete());
    std::set<std::string> ids;
    for (auto const& one : channel->batches())
        ids.insert(one.source_id);
    BOOST_TEST(ids.size() == 50u);
}

BOOST_AUTO_TEST_SUITE_END()

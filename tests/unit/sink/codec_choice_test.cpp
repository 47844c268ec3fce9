#include "sink_fixture.hpp"

#include <boost/test/unit_test.hpp>
#include <sink/block_queue.hpp>
#include <sink/codec_choice.hpp>

using namespace kusto;
using namespace kusto::test;
using namespace std::chrono_literals;
using time_point = sink::codec_choice::clock::time_point;

namespace
{

sink::compression_job job(std::chrono::milliseconds waited, std::uint64_t raw = 4'000'000)
{
    sink::compression_job out;
    out.waited = waited;
    out.raw_bytes = raw;
    out.compressed_bytes = raw / 4;
    return out;
}

sink::sent_blocks blocks(std::uint64_t count, std::chrono::milliseconds waited)
{
    sink::sent_blocks out;
    out.count = count;
    out.bytes = count * 1'000'000;
    out.waited = waited;
    return out;
}

sink_statistics statistics_of(sink::codec_choice const& choice)
{
    sink_statistics out;
    choice.add_to(out);
    return out;
}

/// Ten jobs in `how_long`, whose blocks waited for the network.
void window(sink::codec_choice& choice, time_point& now, std::chrono::milliseconds how_long,
            std::uint64_t sent = 10)
{
    auto const how = choice.how();
    choice.note_sent(blocks(sent, how_long * 3));
    for (int i = 0; i <= 10; ++i)
    {
        choice.note_job(how, job(0ms), now);
        now += how_long / 10;
    }
}

} // namespace

BOOST_AUTO_TEST_SUITE(codec_choice)

BOOST_AUTO_TEST_CASE(a_codec_of_the_options_stays)
{
    sink::codec_choice choice(compression::zlib(3));
    time_point now{};
    for (int i = 0; i < 10; ++i)
        window(choice, now, 3s);
    BOOST_TEST((choice.how() == compression::zlib(3)));
    BOOST_TEST((statistics_of(choice).codec == compression::zlib(3)));
    BOOST_TEST(statistics_of(choice).codec_switches == 0u);
}

BOOST_AUTO_TEST_CASE(automatic_begins_with_the_standard_and_follows_what_waits)
{
    sink::codec_choice choice(compression::automatic());
    BOOST_TEST((choice.how() == compression::standard()));
    if (!compression::igzip_available())
        return; // the standard is the smallest already
    time_point now{};
    window(choice, now, 3s);
    BOOST_TEST((choice.how() == compression::zlib(4)));
    BOOST_TEST(statistics_of(choice).codec_switches == 1u);
    BOOST_TEST((statistics_of(choice).codec == compression::zlib(4)));
}

BOOST_AUTO_TEST_CASE(nothing_is_decided_before_enough_has_happened)
{
    struct
    {
        std::chrono::seconds length;
        std::uint64_t sent;
    } const cases[] = {{1s, 10}, {10s, 3}, {3600s, 10}};
    for (auto const& [length, sent] : cases)
    {
        sink::codec_choice choice(compression::automatic());
        time_point now{};
        window(choice, now, length, sent);
        BOOST_TEST((choice.how() == compression::standard()));
    }
}

BOOST_AUTO_TEST_CASE(counts_what_each_codec_made)
{
    sink::codec_choice choice(compression::automatic());
    choice.note_batch(compression::zlib(6), 100, 30);
    choice.note_batch(compression::zlib(5), 10, 3);
    choice.note_batch(compression::zlib(6), 200, 60);
    auto const used = statistics_of(choice).codecs;
    BOOST_REQUIRE_EQUAL(used.size(), 2u);
    BOOST_TEST((used[0].codec == compression::zlib(6)));
    BOOST_TEST(used[0].batches == 2u);
    BOOST_TEST(used[0].bytes == 300u);
    BOOST_TEST(used[0].compressed_bytes == 90u);
    BOOST_TEST((used[1].codec == compression::zlib(5)));
}

BOOST_AUTO_TEST_CASE(a_block_counts_once_and_from_when_it_could_be_sent)
{
    auto const from = std::make_shared<gzip::supplies>(0, 0);
    auto const some = [&](std::size_t size)
    {
        std::vector<gzip::block> out;
        out.push_back(from->take_block(size));
        out.back().filled(size);
        return out;
    };
    sink::block_queue queue;
    queue.publish(some(10));
    BOOST_TEST(queue.take_sent().count == 0u);
    queue.publish(some(20));
    (void)queue.block(0);
    (void)queue.block(0);
    (void)queue.share(1);
    auto const sent = queue.take_sent();
    BOOST_TEST(sent.count == 2u);
    BOOST_TEST(sent.bytes == 30u);
    BOOST_TEST((sent.waited < 10s));
    (void)queue.block(0);
    (void)queue.block(1);
    BOOST_TEST(queue.take_sent().count == 0u);
}

BOOST_AUTO_TEST_CASE(a_job_keeps_its_block_when_all_are_taken)
{
    auto const from = std::make_shared<gzip::supplies>(0, 0);
    std::vector<gzip::block> one;
    one.push_back(from->take_block(10));
    one.back().filled(10);
    sink::block_queue queue;
    queue.publish(std::move(one));
    auto const shared = queue.share(0);
    auto const taken = queue.take();
    BOOST_TEST(queue.size() == 0u);
    BOOST_TEST(shared->size() == 10u);
    BOOST_REQUIRE_EQUAL(taken.size(), 1u);
    BOOST_TEST((taken.front() == shared));
}

BOOST_AUTO_TEST_CASE(a_sink_reports_its_codec)
{
    for (auto const how : {compression::zlib(2), compression::standard(), compression::automatic()})
    {
        runtime threads(runtime_kind::four_threads);
        auto const channel = std::make_shared<fake_channel>();
        auto options = calm_options();
        options.compression(how).batch_size(100);
        auto sink = make_sink(threads.executor(), channel, options);
        threads.run(produce(sink, 0, 1000, 200));
        BOOST_TEST(threads.run(sink.close()).complete());
        auto const statistics = sink.statistics();
        auto const expected =
            how.codec() == compression_codec::automatic ? compression::standard() : how;
        BOOST_TEST((statistics.codec == expected));
        BOOST_REQUIRE_EQUAL(statistics.codecs.size(), 1u);
        auto const& used = statistics.codecs.front();
        BOOST_TEST((used.codec == expected));
        BOOST_TEST(used.batches == 10u);
        BOOST_TEST(used.bytes == statistics.report.accepted.bytes);
        BOOST_TEST(used.compressed_bytes == statistics.compressed_bytes);
        BOOST_TEST(ids_in(channel->batches()).size() == 1000u);
    }
}

BOOST_AUTO_TEST_SUITE_END()

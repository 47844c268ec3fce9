#include "sink_fixture.hpp"

#include <boost/test/unit_test.hpp>
#include <random>

using namespace kusto;
using namespace kusto::test;

BOOST_AUTO_TEST_SUITE(sealing)

namespace
{

/// Writes records of random sizes from 0 to three times the limit and checks every batch.
void check_sizes(std::uint64_t limit, std::uint32_t seed)
{
    BOOST_TEST_CONTEXT("limit " << limit << ", seed " << seed)
    {
        std::minstd_rand random(seed);
        runtime threads(runtime_kind::four_threads);
        auto const channel = std::make_shared<fake_channel>();
        auto options = calm_options();
        options.client_batch_size_limit(limit).parallelism(1 + seed % 3);
        auto sink = make_sink(threads.executor(), channel, options);
        std::set<std::uint64_t> expected;
        std::uint64_t refused = 0;
        for (std::uint64_t id = 0; id < 300; ++id)
        {
            // Half of them around the limit itself, where mistakes are.
            auto const size = random() % 2 == 0 ? random() % (3 * limit) : limit - 3 + random() % 6;
            auto const text = make_record(id, size);
            if (text.size() + 1 <= limit)
            {
                BOOST_TEST_REQUIRE(sink.try_write(csv_line(text)));
                expected.insert(id);
                continue;
            }
            ++refused;
            BOOST_CHECK_EXCEPTION((void)sink.try_write(csv_line(text)), error,
                                  [](error const& e)
                                  { return e.why().code() == errc::record_too_large; });
        }
        auto const report = threads.run(sink.close());
        BOOST_TEST(refused != 0u);
        BOOST_TEST(report.complete());
        BOOST_TEST(report.accepted.records == expected.size());
        BOOST_TEST((ids_in(channel->batches()) == expected));
        for (auto const& one : channel->batches())
            BOOST_TEST(one.text.size() <= limit);
        BOOST_TEST(channel->complaints() == "");
    }
}

} // namespace

BOOST_AUTO_TEST_CASE(records_are_never_divided_and_the_tail_is_delivered)
{
    for (std::uint32_t seed = 1; seed <= 12; ++seed)
        for (std::uint64_t const limit : {64u, 1000u, 5000u, 20000u})
            check_sizes(limit, seed);
}

BOOST_AUTO_TEST_CASE(a_batch_may_be_filled_to_the_last_byte)
{
    runtime threads(runtime_kind::one_thread);
    auto const channel = std::make_shared<fake_channel>();
    auto options = calm_options();
    options.client_batch_size_limit(200);
    auto sink = make_sink(threads.executor(), channel, options);
    for (std::uint64_t id = 0; id < 4; ++id)
        BOOST_TEST(sink.try_write(csv_line(make_record(id, 50))));
    threads.run(channel->wait_for_batches(1));
    BOOST_TEST(channel->batches()[0].text.size() == 200u);
    BOOST_TEST(sink.statistics().sealed_by_bytes == 1u);
    BOOST_TEST(threads.run(sink.close()).accepted.blobs == 1u);
}

BOOST_AUTO_TEST_CASE(the_error_for_a_large_record_names_size_limit_and_remedy)
{
    runtime threads(runtime_kind::one_thread);
    auto const channel = std::make_shared<fake_channel>();
    auto options = calm_options();
    options.client_batch_size_limit(200);
    auto limited = make_sink(threads.executor(), channel, options);
    auto const text = make_record(1, 201);
    BOOST_CHECK_EXCEPTION((void)limited.write(csv_line(text)), error,
                          [](error const& e)
                          {
                              std::string const what = e.what();
                              return what.find("201 bytes") != what.npos &&
                                     what.find("limit is 200") != what.npos &&
                                     what.find("client_batch_size_limit") != what.npos;
                          });
    auto small = calm_options();
    small.byte_budget(1u << 20);
    auto budgeted = make_sink(threads.executor(), channel, small);
    auto const half = make_record(1, (1u << 19) + 1);
    BOOST_CHECK_EXCEPTION((void)budgeted.try_write(csv_line(half)), error,
                          [](error const& e)
                          { return e.why().message().find("byte_budget") != std::string::npos; });
    auto const fits = make_record(1, 1u << 19);
    BOOST_TEST(budgeted.try_write(csv_line(fits)));
    BOOST_TEST(threads.run(budgeted.close()).complete());
    BOOST_TEST(threads.run(limited.close()).accepted.records == 0u);
}

BOOST_AUTO_TEST_CASE(a_change_of_format_ends_the_batch)
{
    runtime threads(runtime_kind::one_thread);
    auto const channel = std::make_shared<fake_channel>();
    auto sink = make_sink(threads.executor(), channel, calm_options());
    BOOST_TEST(sink.try_write(csv_line("1,a")));
    BOOST_TEST(sink.try_write(csv_line("2,b")));
    BOOST_TEST(sink.try_write(json_line("{\"a\":1}")));
    BOOST_TEST(sink.try_write(csv_line("3,c")));
    BOOST_TEST(threads.run(sink.close()).complete());
    auto const batches = channel->batches();
    BOOST_TEST_REQUIRE(batches.size() == 3u);
    for (auto const& one : batches)
        BOOST_TEST((one.format == data_format::json) == (one.text.front() == '{'));
    BOOST_TEST(sink.statistics().sealed_by_format == 2u);
}

BOOST_AUTO_TEST_CASE(a_record_of_another_format_than_the_mapping_is_refused)
{
    runtime threads(runtime_kind::one_thread);
    auto const channel = std::make_shared<fake_channel>();
    auto options = calm_options();
    options.ingestion_mapping("m1", data_format::json);
    auto sink = make_sink(threads.executor(), channel, options);
    BOOST_CHECK_EXCEPTION((void)sink.try_write(csv_line("1,a")), error,
                          [](error const& e)
                          {
                              return e.why().code() == errc::invalid_record &&
                                     e.why().message().find("'m1'") != std::string::npos;
                          });
    BOOST_TEST(sink.try_write(json_line("{}")));
    BOOST_TEST(threads.run(sink.close()).accepted.records == 1u);
}

BOOST_AUTO_TEST_CASE(a_bad_record_leaves_the_sink_usable)
{
    runtime threads(runtime_kind::one_thread);
    auto const channel = std::make_shared<fake_channel>();
    auto sink = make_sink(threads.executor(), channel, calm_options());
    BOOST_CHECK_THROW((void)sink.try_write(csv_line("a\"b")), error);
    BOOST_CHECK_THROW((void)sink.try_write(csv_line("a\nb")), error);
    BOOST_TEST(sink.try_write(csv_line("a,b")));
    BOOST_TEST(threads.run(sink.close()).delivered.records == 1u);
    BOOST_TEST(channel->batches()[0].text == "a,b\n");
}

BOOST_AUTO_TEST_SUITE_END()

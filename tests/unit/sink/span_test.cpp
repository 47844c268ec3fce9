// Spans of records.
#include "sink_fixture.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/test/unit_test.hpp>

namespace asio = boost::asio;
using namespace kusto;
using namespace kusto::test;

BOOST_AUTO_TEST_SUITE(spans)

namespace
{

struct pair_of_fields
{
    std::int64_t id;
    std::string text;
};

std::vector<std::string> make_texts(std::uint64_t first, std::uint64_t count, std::size_t size,
                                    bool compressible = true)
{
    std::vector<std::string> texts;
    for (auto id = first; id < first + count; ++id)
        texts.push_back(make_record(id, size + id % 7, compressible));
    return texts;
}

template <class R>
asio::awaitable<void> write_span(batching_sink& sink, std::vector<R> const& records)
{
    std::span<R const> rest = records;
    co_await sink.write(rest);
    BOOST_TEST(rest.empty());
}

template <class R>
asio::awaitable<void> write_singly(batching_sink& sink, std::vector<R> const& records)
{
    for (auto const& one : records)
        co_await sink.write(one);
}

/// The batches that one writer makes of the records.
template <class R>
std::vector<std::string> batches_of(write_options const& options, std::vector<R> const& records,
                                    bool as_span)
{
    runtime threads(runtime_kind::one_thread);
    auto const channel = std::make_shared<fake_channel>();
    auto sink = make_sink(threads.executor(), channel, options);
    threads.run(as_span ? write_span(sink, records) : write_singly(sink, records));
    auto const report = threads.run(sink.close());
    BOOST_TEST(report.complete());
    BOOST_TEST(report.accepted.records == records.size());
    std::vector<std::string> texts;
    for (auto const& one : channel->batches())
        texts.push_back(one.text);
    std::sort(texts.begin(), texts.end());
    BOOST_TEST(channel->complaints() == "");
    return texts;
}

} // namespace

BOOST_AUTO_TEST_CASE(batches_end_where_they_do_with_single_writes)
{
    auto const texts = make_texts(0, 500, 60);
    std::vector<csv_line> const lines(texts.begin(), texts.end());
    std::vector<pair_of_fields> structs;
    for (std::int64_t i = 0; i < 500; ++i)
        structs.push_back({i, std::string(static_cast<std::size_t>(i % 90), 'a') + ",\""});
    for (std::uint64_t const records : {1u, 7u, 64u, 100u, 1u << 30})
        for (std::uint64_t const bytes : {300u, 5000u, 1u << 20})
            BOOST_TEST_CONTEXT(records << " records, " << bytes << " bytes")
            {
                auto options = calm_options();
                options.parallelism(1).batch_size(records).client_batch_size_limit(bytes);
                BOOST_TEST((batches_of(options, lines, true) == batches_of(options, lines, false)));
                BOOST_TEST(
                    (batches_of(options, structs, true) == batches_of(options, structs, false)));
            }
}

BOOST_AUTO_TEST_CASE(rest_begins_with_the_bad_record)
{
    runtime threads(runtime_kind::one_thread);
    auto const channel = std::make_shared<fake_channel>();
    auto options = calm_options();
    options.client_batch_size_limit(1000);
    auto sink = make_sink(threads.executor(), channel, options);
    auto const too_large = std::string(1001, 'x');
    std::uint64_t id = 0;
    std::set<std::uint64_t> expected;
    for (std::string_view const bad : {std::string_view("a\"b"), std::string_view(too_large)})
        for (std::size_t index = 0; index < 140; ++index)
        {
            auto const texts = make_texts(id, 140, 40);
            for (std::uint64_t i = 0; i < 140; ++i)
                if (i != index)
                    expected.insert(id + i);
            id += 140;
            std::vector<csv_line> lines(texts.begin(), texts.end());
            lines[index] = csv_line(bad);
            std::span<csv_line const> rest = lines;
            if (index % 2 == 0)
                BOOST_CHECK_THROW((void)sink.try_write(rest), error);
            else
                BOOST_CHECK_THROW((void)sink.write(rest), error);
            BOOST_TEST_REQUIRE(rest.size() == 140 - index);
            rest = rest.subspan(1);
            BOOST_TEST(sink.try_write(rest));
            BOOST_TEST(rest.empty());
        }
    std::span<csv_line const> nothing;
    BOOST_TEST(sink.try_write(nothing));
    BOOST_TEST(threads.run(sink.close()).accepted.records == expected.size());
    BOOST_TEST((ids_in(channel->batches()) == expected));
}

BOOST_AUTO_TEST_CASE(spans_of_structs_and_json)
{
    runtime threads(runtime_kind::one_thread);
    auto const channel = std::make_shared<fake_channel>();
    auto options = calm_options();
    options.parallelism(1);
    auto sink = make_sink(threads.executor(), channel, options);
    // Larger than the thread's buffer is at first, so that it moves while a group is encoded.
    std::vector<pair_of_fields> structs;
    std::string expected;
    for (std::int64_t i = 0; i < 300; ++i)
    {
        structs.push_back({i, std::string(static_cast<std::size_t>(i * 17 % 2000), 'b')});
        expected += std::to_string(i) + "," + structs.back().text + "\n";
    }
    std::span<pair_of_fields const> rest = structs;
    BOOST_TEST(sink.try_write(rest));
    std::vector<json_line> const json(100, json_line("{\"a\":1}\r\n"));
    std::span<json_line const> more = json;
    BOOST_TEST(sink.try_write(more));
    BOOST_TEST(threads.run(sink.close()).accepted.records == 400u);
    auto const batches = channel->batches();
    BOOST_TEST_REQUIRE(batches.size() == 2u);
    bool const first_is_csv = batches[0].format == data_format::csv;
    BOOST_TEST(batches[first_is_csv ? 0 : 1].text == expected);
    BOOST_TEST(batches[first_is_csv ? 1 : 0].text.substr(0, 16) == "{\"a\":1}\n{\"a\":1}\n");
    BOOST_TEST(batches[first_is_csv ? 1 : 0].text.size() == 800u);
}

BOOST_AUTO_TEST_CASE(a_closed_sink_takes_none)
{
    runtime threads(runtime_kind::one_thread);
    auto sink = make_sink(threads.executor(), std::make_shared<fake_channel>(), calm_options());
    (void)threads.run(sink.close());
    std::vector<csv_line> const lines(100, csv_line("1"));
    std::span<csv_line const> rest = lines;
    BOOST_CHECK_EXCEPTION((void)sink.write(rest), error,
                          [](error const& e) { return e.why().code() == errc::closed; });
    BOOST_TEST(rest.size() == 100u);
}

BOOST_AUTO_TEST_CASE(spans_wait_for_room)
{
    for (auto const kind : all_runtimes)
        for (std::size_t const writers : {1u, 4u})
            BOOST_TEST_CONTEXT(to_string(kind) << ", " << writers << " writers")
            {
                runtime threads(kind);
                auto const channel = std::make_shared<fake_channel>();
                auto options = calm_options();
                options.byte_budget(1u << 20).parallelism(writers);
                auto sink = make_sink(threads.executor(), channel, options);
                std::vector<std::vector<std::string>> texts;
                std::vector<std::vector<csv_line>> lines;
                for (std::uint64_t p = 0; p < 4; ++p)
                {
                    texts.push_back(make_texts(p * 1000, 1000, 1500, false));
                    lines.emplace_back(texts.back().begin(), texts.back().end());
                }
                std::vector<std::future<void>> running;
                for (auto const& one : lines)
                    running.push_back(threads.start(write_span(sink, one)));
                for (auto& one : running)
                    runtime::finish(std::move(one));
                BOOST_TEST(threads.run(sink.close()).complete());
                auto const statistics = sink.statistics();
                BOOST_TEST(ids_in(channel->batches()).size() == 4000u);
                BOOST_TEST(statistics.writes_that_waited != 0u);
                BOOST_TEST(statistics.budget_peak_bytes <= 1u << 20);
            }
}

BOOST_AUTO_TEST_CASE(try_write_takes_what_has_room)
{
    runtime threads(runtime_kind::one_thread);
    auto const channel = std::make_shared<fake_channel>();
    auto options = calm_options();
    options.byte_budget(1u << 20);
    auto sink = make_sink(threads.executor(), channel, options);
    auto const texts = make_texts(0, 3000, 1500, false);
    std::vector<csv_line> const lines(texts.begin(), texts.end());
    std::span<csv_line const> rest = lines;
    std::uint64_t refusals = 0;
    auto const limit = deadline::after(std::chrono::seconds(60));
    while (!sink.try_write(rest))
    {
        BOOST_TEST_REQUIRE(sink.statistics().report.accepted.records == 3000 - rest.size());
        BOOST_TEST_REQUIRE(!limit.passed());
        ++refusals;
        std::this_thread::yield();
    }
    BOOST_TEST(refusals != 0u);
    BOOST_TEST(threads.run(sink.close()).complete());
    BOOST_TEST(ids_in(channel->batches()).size() == 3000u);
}

BOOST_AUTO_TEST_CASE(cancelled_while_it_waits_rest_tells_what_was_not_accepted)
{
    asio::io_context context;
    auto const channel = std::make_shared<fake_channel>();
    channel->on_upload = [](std::size_t) { return answer::hold; };
    auto options = calm_options();
    options.byte_budget(1u << 20);
    auto sink = make_sink(context.get_executor(), channel, options);
    auto const settle = [&](auto done)
    {
        auto const limit = deadline::after(std::chrono::seconds(60));
        while (!done())
        {
            context.restart();
            context.poll();
            BOOST_TEST_REQUIRE(!limit.passed());
        }
    };
    auto const texts = make_texts(0, 3000, 1500, false);
    std::vector<csv_line> const lines(texts.begin(), texts.end());
    std::span<csv_line const> rest = lines;
    asio::cancellation_signal signal;
    std::exception_ptr end;
    auto const ended = [&](std::exception_ptr e) { end = e; };
    asio::co_spawn(context, sink.write(rest), asio::bind_cancellation_slot(signal.slot(), ended));
    // Until nothing goes out any more: uploads hold what was sealed.
    settle([&]
           { return sink.statistics().writes_that_waited != 0 && channel->uploads() != 0; });
    signal.emit(asio::cancellation_type::terminal);
    settle([&] { return end != nullptr; });
    BOOST_CHECK_THROW(std::rethrow_exception(end), boost::system::system_error);
    auto const accepted = lines.size() - rest.size();
    BOOST_TEST(accepted > 0u);
    BOOST_TEST(!rest.empty());
    BOOST_TEST(sink.statistics().report.accepted.records == accepted);
    channel->release.open();
    std::optional<delivery_report> report;
    asio::co_spawn(context, sink.close(),
                   [&](std::exception_ptr, delivery_report r) { report = std::move(r); });
    settle([&] { return report.has_value(); });
    auto const ids = ids_in(channel->batches());
    BOOST_TEST(ids.size() == accepted);
    BOOST_TEST(*ids.rbegin() == accepted - 1);
}

BOOST_AUTO_TEST_SUITE_END()

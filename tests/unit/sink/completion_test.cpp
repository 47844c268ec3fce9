#include "sink_fixture.hpp"

#include <boost/asio/detached.hpp>
#include <boost/test/unit_test.hpp>

namespace asio = boost::asio;
using namespace kusto;
using namespace kusto::test;

BOOST_AUTO_TEST_SUITE(completion)

namespace
{

struct reading
{
    std::string sensor;
    double value;
};

struct point
{
    int x;
    int y;
};

// What `write` accepts at all, and what it accepts as a temporary.
static_assert(record<reading>);
static_assert(record<point>);
static_assert(detail::safe_in_co_await<reading&>);
static_assert(detail::safe_in_co_await<reading const&>);
static_assert(detail::safe_in_co_await<point>);
static_assert(detail::safe_in_co_await<csv_line>);
static_assert(detail::safe_in_co_await<row>);
static_assert(detail::safe_in_co_await<std::tuple<std::string, int>>);
static_assert(detail::safe_in_co_await<reading> == detail::aggregate_temporaries_are_safe);

static_assert(!std::is_copy_constructible_v<batching_sink>);
static_assert(std::is_nothrow_move_constructible_v<batching_sink>);

asio::awaitable<void> write_kinds(batching_sink& sink)
{
    reading const r{"a,b", 1.5};
    co_await sink.write(r);
    point const p{1, 2};
    co_await sink.write(p);
    co_await sink.write(std::make_tuple(std::string("t"), 7));
    auto writer = sink.writer(0);
    co_await writer.write(r);
}

} // namespace

BOOST_AUTO_TEST_CASE(records_of_several_kinds)
{
    runtime threads(runtime_kind::one_thread);
    auto const channel = std::make_shared<fake_channel>();
    auto sink = make_sink(threads.executor(), channel, calm_options());
    threads.run(write_kinds(sink));
    reading const r{"x", 2};
    BOOST_TEST(sink.writer(0).try_write(r));
    BOOST_TEST(threads.run(sink.close()).complete());
    BOOST_TEST(channel->batches()[0].text == "\"a,b\",1.5\n1,2\nt,7\n\"a,b\",1.5\nx,2\n");
}

BOOST_AUTO_TEST_CASE(futures_and_callbacks)
{
    runtime threads(runtime_kind::four_threads);
    auto const channel = std::make_shared<fake_channel>();
    auto sink = make_sink(threads.executor(), channel, calm_options());
    auto const executor = threads.executor();
    auto const text = make_record(1, 50);
    asio::co_spawn(executor, sink.write(csv_line(text)), asio::use_future).get();
    std::promise<void> written;
    asio::co_spawn(executor, sink.write(csv_line(make_record(2, 50))),
                   [&](std::exception_ptr e)
                   {
                       if (e)
                           written.set_exception(e);
                       else
                           written.set_value();
                   });
    runtime::finish(written.get_future());
    std::promise<delivery_report> closed;
    asio::co_spawn(executor, sink.close(),
                   [&](std::exception_ptr e, delivery_report report)
                   {
                       if (e)
                           closed.set_exception(e);
                       else
                           closed.set_value(std::move(report));
                   });
    BOOST_TEST(runtime::finish(closed.get_future()).delivered.records == 2u);
}

BOOST_AUTO_TEST_CASE(operations_complete_on_the_callers_executor)
{
    runtime threads(runtime_kind::pool);
    asio::io_context mine;
    auto const channel = std::make_shared<fake_channel>();
    auto options = calm_options();
    options.byte_budget(1u << 20);
    auto sink = make_sink(threads.executor(), channel, options);
    auto const body = [](batching_sink& s) -> asio::awaitable<bool>
    {
        auto const me = std::this_thread::get_id();
        co_await produce(s, 0, 2000, 1500, false);
        bool const after_write = std::this_thread::get_id() == me;
        (void)co_await s.flush();
        bool const after_flush = std::this_thread::get_id() == me;
        (void)co_await s.close();
        co_return after_write&& after_flush&& std::this_thread::get_id() == me;
    };
    std::optional<bool> same;
    asio::co_spawn(mine, body(sink), [&](std::exception_ptr, bool value) { same = value; });
    mine.run();
    BOOST_TEST((same == true));
    BOOST_TEST(ids_in(channel->batches()).size() == 2000u);
}

BOOST_AUTO_TEST_CASE(a_context_runs_dry_after_close)
{
    asio::io_context context;
    auto const channel = std::make_shared<fake_channel>();
    auto options = calm_options();
    options.batch_size(3);
    auto sink = make_sink(context.get_executor(), channel, options);
    auto const body = [](batching_sink& s) -> asio::awaitable<void>
    {
        co_await produce(s, 0, 10, 50);
        (void)co_await s.close();
    };
    asio::co_spawn(context, body(sink), asio::detached);
    // An interval timer of an hour, or an expiry of minutes, would show here.
    auto const before = std::chrono::steady_clock::now();
    context.run();
    BOOST_TEST((std::chrono::steady_clock::now() - before < std::chrono::seconds(20)));
    BOOST_TEST(ids_in(channel->batches()).size() == 10u);
}

BOOST_AUTO_TEST_CASE(writers_by_index)
{
    runtime threads(runtime_kind::one_thread);
    auto const channel = std::make_shared<fake_channel>();
    auto options = calm_options();
    options.parallelism(3);
    auto sink = make_sink(threads.executor(), channel, options);
    BOOST_TEST(sink.parallelism() == 3u);
    BOOST_TEST(sink.options().parallelism() == 3u);
    BOOST_CHECK_THROW((void)sink.writer(3), std::out_of_range);
    for (std::size_t i = 0; i < 3; ++i)
        threads.run(produce_on(sink.writer(i), i * 10, i + 1, 50));
    BOOST_TEST(threads.run(sink.close()).complete());
    std::multiset<std::size_t> sizes;
    for (auto const& one : channel->batches())
        sizes.insert(lines_in(one.text));
    BOOST_TEST((sizes == std::multiset<std::size_t>{1, 2, 3}));
}

BOOST_AUTO_TEST_CASE(a_sink_can_be_moved)
{
    runtime threads(runtime_kind::one_thread);
    auto const channel = std::make_shared<fake_channel>();
    auto first = make_sink(threads.executor(), channel, calm_options());
    BOOST_TEST(first.try_write(csv_line(make_record(1, 50))));
    auto second = std::move(first);
    BOOST_TEST(second.try_write(csv_line(make_record(2, 50))));
    auto third = make_sink(threads.executor(), channel, calm_options());
    third = std::move(second);
    BOOST_TEST(threads.run(third.close()).delivered.records == 2u);
}

BOOST_AUTO_TEST_SUITE_END()

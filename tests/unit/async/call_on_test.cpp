#include <async/call_on.hpp>

#include <async/event.hpp>
#include <atomic>
#include <boost/asio/detached.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/strand.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/asio/use_future.hpp>
#include <boost/test/unit_test.hpp>
#include <future>
#include <stdexcept>
#include <support/run.hpp>
#include <thread>
#include <vector>

namespace
{

namespace asio = boost::asio;
using namespace std::chrono_literals;
using kusto::deadline;
using kusto::errc;
using kusto::failure;
using kusto::result;
using kusto::stage;
using kusto::async::event;
using kusto::test::settle;

failure late()
{
    return failure(errc::timed_out, stage::token, "too late");
}

asio::awaitable<result<int>> answer(int value)
{
    co_return value;
}

asio::awaitable<result<int>> throws()
{
    throw std::runtime_error("broken");
    co_return 0;
}

asio::awaitable<result<int>> after(std::shared_ptr<event> e, int& finished)
{
    co_await e->wait();
    ++finished;
    co_return 1;
}

/// Counts on `strand` without a lock: a data race unless everything runs there.
asio::awaitable<result<int>> count(int& counter)
{
    ++counter;
    auto const executor = co_await asio::this_coro::executor;
    asio::steady_timer pause(executor, std::chrono::microseconds(10));
    co_await pause.async_wait(asio::use_awaitable);
    ++counter;
    co_return counter;
}

asio::awaitable<int> call_often(asio::any_io_executor strand, int& counter, int times,
                                deadline until)
{
    int answers = 0;
    for (int i = 0; i < times; ++i)
    {
        auto const got = co_await kusto::async::call_on(strand, count(counter), until, late());
        if (got)
            ++answers;
    }
    co_return answers;
}

} // namespace

BOOST_AUTO_TEST_SUITE(call_on_tests)

BOOST_AUTO_TEST_CASE(result_and_exception)
{
    asio::io_context context;
    kusto::test::manual_clock time;
    auto const strand = asio::make_strand(context.get_executor());
    auto ok = kusto::async::call_on(strand, answer(3), deadline::never(), late(), time);
    BOOST_TEST(kusto::test::run(context, time, std::move(ok)).value() == 3);
    auto timed = kusto::async::call_on(strand, answer(4), deadline(time.now() + 1s), late(), time);
    BOOST_TEST(kusto::test::run(context, time, std::move(timed)).value() == 4);
    settle(context);
    BOOST_TEST(time.waits() == 0u);
    auto bad = kusto::async::call_on(strand, throws(), deadline::never(), late(), time);
    BOOST_CHECK_THROW(kusto::test::run(context, time, std::move(bad)), std::runtime_error);
}

BOOST_AUTO_TEST_CASE(deadline_abandons_the_wait_only)
{
    asio::io_context context;
    kusto::test::manual_clock time;
    auto const strand = asio::make_strand(context.get_executor());
    auto const go = std::make_shared<event>(strand);
    int finished = 0;
    auto op =
        kusto::async::call_on(strand, after(go, finished), deadline(time.now() + 1s), late(), time);
    auto const got = kusto::test::run(context, time, std::move(op));
    BOOST_TEST((got.error().code() == errc::timed_out));
    BOOST_TEST(finished == 0);
    go->set();
    settle(context);
    BOOST_TEST(finished == 1);
}

BOOST_AUTO_TEST_CASE(cancellation_abandons_the_wait_only)
{
    asio::io_context context;
    kusto::test::manual_clock time;
    auto const strand = asio::make_strand(context.get_executor());
    auto const go = std::make_shared<event>(strand);
    int finished = 0;
    asio::cancellation_signal stop;
    std::exception_ptr thrown;
    asio::co_spawn(
        context,
        kusto::async::call_on(strand, after(go, finished), deadline(time.now() + 1s), late(), time),
        asio::bind_cancellation_slot(stop.slot(),
                                     [&](std::exception_ptr p, result<int>) { thrown = p; }));
    settle(context);
    BOOST_TEST(!thrown);
    kusto::test::cancel(context, stop);
    settle(context);
    BOOST_REQUIRE(thrown);
    BOOST_CHECK_EXCEPTION(std::rethrow_exception(thrown), boost::system::system_error,
                          [](auto const& x) { return x.code() == asio::error::operation_aborted; });
    go->set();
    settle(context);
    BOOST_TEST(finished == 1);
    BOOST_TEST(time.waits() == 0u);
}

BOOST_AUTO_TEST_CASE(many_callers_on_threads_without_strand)
{
    asio::thread_pool pool(4);
    auto const strand = asio::make_strand(pool.get_executor());
    int counter = 0;
    std::vector<std::future<int>> callers;
    for (int i = 0; i < 8; ++i)
    {
        callers.push_back(asio::co_spawn(
            pool, call_often(strand, counter, 100, deadline::after(60s)), asio::use_future));
    }
    int answers = 0;
    for (auto& caller : callers)
        answers += caller.get();
    pool.join();
    BOOST_TEST(answers == 800);
    BOOST_TEST(counter == 1600);
}

BOOST_AUTO_TEST_CASE(deadlines_race_with_answers_on_threads)
{
    asio::thread_pool pool(4);
    auto const strand = asio::make_strand(pool.get_executor());
    int counter = 0;
    std::vector<std::future<int>> callers;
    for (int i = 0; i < 200; ++i)
    {
        auto const until = deadline::after(std::chrono::microseconds(i * 5));
        callers.push_back(
            asio::co_spawn(pool, call_often(strand, counter, 1, until), asio::use_future));
    }
    for (auto& caller : callers)
        caller.get();
    pool.join();
    BOOST_TEST(counter == 400);
}

BOOST_AUTO_TEST_CASE(context_destroyed_while_a_caller_waits)
{
    auto const watched = std::make_shared<int>(1);
    std::weak_ptr<int> const watch = watched;
    {
        asio::io_context context;
        kusto::test::manual_clock time;
        auto const strand = asio::make_strand(context.get_executor());
        auto const go = std::make_shared<event>(strand);
        int finished = 0;
        auto body = [&](std::shared_ptr<int> held) -> asio::awaitable<void>
        {
            auto const got = co_await kusto::async::call_on(
                strand, after(go, finished), deadline(time.now() + 1s), late(), time);
            BOOST_TEST(got.has_value());
            *held = 2;
        };
        asio::co_spawn(context, body(watched), kusto::async::rethrow());
        settle(context);
    }
    BOOST_TEST(watch.use_count() == 1);
}

BOOST_AUTO_TEST_CASE(the_caller_is_freed_when_the_callee_never_began)
{
    auto const kept = std::make_shared<int>(0);
    {
        asio::io_context context;
        asio::io_context elsewhere;
        auto call = [](asio::any_io_executor strand,
                       std::shared_ptr<int>) -> asio::awaitable<void>
        { (void)co_await kusto::async::call_on(strand, answer(1), deadline::never(), late()); };
        asio::co_spawn(context, call(elsewhere.get_executor(), kept), asio::detached);
        context.poll();
        BOOST_TEST(kept.use_count() > 1);
    }
    BOOST_TEST(kept.use_count() == 1);
}

BOOST_AUTO_TEST_CASE(the_caller_is_told_when_the_callee_is_gone_before_it_waits)
{
    kusto::async::detail::meeting where;
    where.drop();
    asio::io_context context;
    bool resumed = false;
    auto wait = [&]() -> asio::awaitable<void>
    {
        co_await kusto::async::detail::meet(where);
        resumed = true;
    };
    asio::co_spawn(context, wait(), asio::detached);
    context.poll();
    BOOST_TEST(resumed);
}

BOOST_AUTO_TEST_SUITE_END()

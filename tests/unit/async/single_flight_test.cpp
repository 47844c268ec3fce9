#include <async/single_flight.hpp>

#include <async/call_on.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/strand.hpp>
#include <boost/test/unit_test.hpp>
#include <stdexcept>
#include <support/manual_clock.hpp>
#include <support/run.hpp>

namespace
{

namespace asio = boost::asio;
using namespace std::chrono_literals;
using kusto::errc;
using kusto::failure;
using kusto::result;
using kusto::stage;
using kusto::async::event;
using kusto::test::settle;
using kusto::test::start;

struct fixture
{
    asio::io_context context;
    kusto::test::manual_clock time;
    event go{context.get_executor()};
    int calls = 0;
    int aborted = 0;
    kusto::async::single_flight<int> flight{context.get_executor(), stage::token};

    asio::awaitable<result<int>> operation()
    {
        ++calls;
        try
        {
            co_await go.wait();
        }
        catch (...)
        {
            ++aborted;
            throw;
        }
        co_return calls;
    }

    asio::awaitable<result<int>> join()
    {
        return flight.run([this] { return operation(); });
    }

    failure late() { return failure(errc::timed_out, stage::token, "too late"); }
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(single_flight_tests, fixture)

BOOST_AUTO_TEST_CASE(waiters_share_one_operation)
{
    auto a = start(context.get_executor(), join());
    auto b = start(context.get_executor(), join());
    settle(context);
    BOOST_TEST(calls == 1);
    BOOST_TEST(flight.running());
    go.set();
    settle(context);
    BOOST_TEST(a.get()->value() == 1);
    BOOST_TEST(b.get()->value() == 1);
    BOOST_TEST(!flight.running());
}

BOOST_AUTO_TEST_CASE(next_run_starts_a_new_operation)
{
    go.set();
    BOOST_TEST(kusto::test::run(context, time, join()).value() == 1);
    BOOST_TEST(kusto::test::run(context, time, join()).value() == 2);
}

BOOST_AUTO_TEST_CASE(a_deadline_ends_the_wait_and_not_the_operation)
{
    auto const strand = asio::make_strand(context.get_executor());
    auto a = start(
        context.get_executor(),
        kusto::async::call_on(strand, join(), kusto::deadline(time.now() + 1s), late(), time));
    auto b = start(context.get_executor(), join());
    settle(context);
    time.advance(1s);
    settle(context);
    BOOST_TEST((a.get()->error().code() == errc::timed_out));
    BOOST_TEST(!b.done());
    BOOST_TEST(flight.running());
    go.set();
    settle(context);
    BOOST_TEST(b.get()->value() == 1);
}

BOOST_AUTO_TEST_CASE(stop_cancels_the_operation_and_tells_the_waiters)
{
    auto a = start(context.get_executor(), join());
    settle(context);
    flight.stop();
    settle(context);
    BOOST_TEST(aborted == 1);
    BOOST_TEST((a.get()->error().code() == errc::closed));
    BOOST_TEST((a.get()->error().where() == stage::token));
}

BOOST_AUTO_TEST_CASE(an_exception_reaches_every_waiter)
{
    auto const broken = []() -> asio::awaitable<result<int>>
    {
        throw std::runtime_error("broken");
        co_return 0;
    };
    auto a = start(context.get_executor(), flight.run(broken));
    auto b = start(context.get_executor(), flight.run(broken));
    settle(context);
    BOOST_CHECK_THROW(a.get(), std::runtime_error);
    BOOST_CHECK_THROW(b.get(), std::runtime_error);
    BOOST_TEST(!flight.running());
}

BOOST_AUTO_TEST_CASE(background_start_does_not_start_twice)
{
    flight.start([this] { return operation(); });
    flight.start([this] { return operation(); });
    settle(context);
    BOOST_TEST(calls == 1);
    auto a = start(context.get_executor(), join());
    go.set();
    settle(context);
    BOOST_TEST(a.get()->value() == 1);
}

BOOST_AUTO_TEST_CASE(the_context_may_go_while_an_operation_is_under_way)
{
    auto local = std::make_unique<asio::io_context>();
    event never(local->get_executor());
    auto alive = std::make_shared<int>(0);
    {
        auto f =
            std::make_shared<kusto::async::single_flight<int>>(local->get_executor(), stage::token);
        auto const op = [&never, alive]() -> asio::awaitable<result<int>>
        {
            co_await never.wait();
            co_return 1;
        };
        auto const strand = asio::make_strand(local->get_executor());
        auto waiter = start(
            local->get_executor(),
            kusto::async::call_on(strand, f->run(op), kusto::deadline::never(), late(), time));
        settle(*local);
        BOOST_TEST(!waiter.done());
    }
    std::weak_ptr<int> const watch = alive;
    alive.reset();
    BOOST_TEST(!watch.expired());
    // `never` goes last: its timer belongs to the context.
    local->stop();
}

BOOST_AUTO_TEST_SUITE_END()

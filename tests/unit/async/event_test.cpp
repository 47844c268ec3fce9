#include <async/event.hpp>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/system/system_error.hpp>
#include <boost/test/unit_test.hpp>
#include <support/run.hpp>

namespace
{

namespace asio = boost::asio;
using kusto::async::event;
using kusto::test::settle;

asio::awaitable<int> wait_for(event& e)
{
    co_await e.wait();
    co_return 1;
}

} // namespace

BOOST_AUTO_TEST_SUITE(event_tests)

BOOST_AUTO_TEST_CASE(set_wakes_everyone_who_waits)
{
    asio::io_context context;
    event e(context.get_executor());
    auto first = kusto::test::start(context.get_executor(), wait_for(e));
    auto second = kusto::test::start(context.get_executor(), wait_for(e));
    settle(context);
    BOOST_TEST(!first.done());
    e.set();
    settle(context);
    BOOST_TEST(first.done());
    BOOST_TEST(second.done());
    auto third = kusto::test::start(context.get_executor(), wait_for(e));
    settle(context);
    BOOST_TEST(third.done());
}

BOOST_AUTO_TEST_CASE(reset_right_after_set_does_not_lose_the_wake_up)
{
    asio::io_context context;
    event e(context.get_executor());
    auto waiter = kusto::test::start(context.get_executor(), wait_for(e));
    settle(context);
    e.set();
    e.reset();
    settle(context);
    BOOST_TEST(waiter.done());
    auto next = kusto::test::start(context.get_executor(), wait_for(e));
    settle(context);
    BOOST_TEST(!next.done());
    e.set();
    settle(context);
    BOOST_TEST(next.done());
}

BOOST_AUTO_TEST_CASE(cancelling_one_wait_leaves_the_others)
{
    asio::io_context context;
    event e(context.get_executor());
    asio::cancellation_signal stop;
    std::exception_ptr thrown;
    asio::co_spawn(
        context, wait_for(e),
        asio::bind_cancellation_slot(stop.slot(), [&](std::exception_ptr p, int) { thrown = p; }));
    auto other = kusto::test::start(context.get_executor(), wait_for(e));
    settle(context);
    kusto::test::cancel(context, stop);
    settle(context);
    BOOST_TEST(!other.done());
    BOOST_REQUIRE(thrown);
    BOOST_CHECK_EXCEPTION(std::rethrow_exception(thrown), boost::system::system_error,
                          [](auto const& x) { return x.code() == asio::error::operation_aborted; });
    e.set();
    settle(context);
    BOOST_TEST(other.done());
}

BOOST_AUTO_TEST_SUITE_END()

#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/test/unit_test.hpp>
#include <cli/foreground.hpp>

namespace
{

using kusto::cli::foreground;
namespace asio = boost::asio;

asio::awaitable<int> wait_long(asio::io_context::executor_type executor)
{
    asio::steady_timer timer(executor, std::chrono::hours(1));
    co_await timer.async_wait(asio::use_awaitable);
    co_return 1;
}

asio::awaitable<int> stop(asio::io_context::executor_type executor)
{
    executor.context().stop();
    auto const never = co_await wait_long(executor);
    co_return never;
}

asio::awaitable<int> answer()
{
    co_return 42;
}

} // namespace

BOOST_AUTO_TEST_SUITE(foreground_suite)

BOOST_AUTO_TEST_CASE(an_operation_is_run_to_its_end)
{
    foreground work;
    BOOST_TEST(work.wait_for(answer()) == 42);
}

/// The second one throws while the first is on its way.
BOOST_AUTO_TEST_CASE(handlers_that_throw_do_not_end_the_process)
{
    auto const run = []
    {
        foreground work;
        for (int i = 0; i < 2; ++i)
            asio::post(work.executor(), [] { throw std::runtime_error("a handler"); });
        static_cast<void>(work.wait_for(wait_long(work.executor())));
    };
    BOOST_CHECK_THROW(run(), std::runtime_error);
}

BOOST_AUTO_TEST_CASE(a_context_that_was_stopped_is_not_waited_for)
{
    foreground work;
    BOOST_CHECK_THROW(static_cast<void>(work.wait_for(stop(work.executor()))), std::logic_error);
}

BOOST_AUTO_TEST_SUITE_END()

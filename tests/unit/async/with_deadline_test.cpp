#include <async/with_deadline.hpp>

#include <async/event.hpp>
#include <async/spawn.hpp>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/test/unit_test.hpp>
#include <memory>
#include <stdexcept>
#include <support/manual_clock.hpp>
#include <support/run.hpp>

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
using kusto::test::run;
using kusto::test::settle;

failure late()
{
    return failure(errc::timed_out, stage::token, "too late");
}

/// Not default constructible, and movable only.
using value = std::unique_ptr<int>;

asio::awaitable<result<value>> after(event& e)
{
    co_await e.wait();
    co_return std::make_unique<int>(7);
}

asio::awaitable<result<value>> fails()
{
    co_return failure(errc::not_found, stage::token, "no");
}

asio::awaitable<result<value>> throws()
{
    throw std::runtime_error("broken");
    co_return std::make_unique<int>(0);
}

struct fixture
{
    asio::io_context context;
    kusto::test::manual_clock time;
    event go{context.get_executor()};

    auto race(asio::awaitable<result<value>> op)
    {
        return kusto::async::with_deadline(std::move(op), deadline(time.now() + 1s), late(), time);
    }
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(with_deadline_tests, fixture)

BOOST_AUTO_TEST_CASE(value_before_the_deadline)
{
    go.set();
    auto const got = run(context, time, race(after(go)));
    BOOST_TEST(*got.value() == 7);
    BOOST_TEST(time.waits() == 0u);
    BOOST_TEST((time.passed() == 0s));
}

BOOST_AUTO_TEST_CASE(late_operations_are_cancelled)
{
    auto const got = run(context, time, race(after(go)));
    BOOST_TEST((got.error().code() == errc::timed_out));
    BOOST_TEST((time.passed() == 1s));
    BOOST_TEST(time.waits() == 0u);
}

BOOST_AUTO_TEST_CASE(a_failure_does_not_wait_for_the_deadline)
{
    auto const got = run(context, time, race(fails()));
    BOOST_TEST((got.error().code() == errc::not_found));
    BOOST_TEST((time.passed() == 0s));
}

BOOST_AUTO_TEST_CASE(an_exception_does_not_wait_for_the_deadline)
{
    BOOST_CHECK_THROW(run(context, time, race(throws())), std::runtime_error);
    BOOST_TEST((time.passed() == 0s));
}

BOOST_AUTO_TEST_CASE(passed_deadline)
{
    auto op = kusto::async::with_deadline(after(go), deadline(time.now() - 1s), late(), time);
    BOOST_TEST((run(context, time, std::move(op)).error().code() == errc::timed_out));
}

BOOST_AUTO_TEST_CASE(never)
{
    go.set();
    auto op = kusto::async::with_deadline(after(go), deadline::never(), late(), time);
    BOOST_TEST(*run(context, time, std::move(op)).value() == 7);
}

BOOST_AUTO_TEST_CASE(cancellation_reaches_the_operation_and_is_thrown)
{
    asio::cancellation_signal stop;
    std::exception_ptr thrown;
    bool done = false;
    auto body = [&]() -> asio::awaitable<void>
    {
        auto const got = co_await race(after(go));
        BOOST_TEST(!got.has_value());
    };
    asio::co_spawn(context, body(),
                   asio::bind_cancellation_slot(stop.slot(),
                                                [&](std::exception_ptr p)
                                                {
                                                    thrown = p;
                                                    done = true;
                                                }));
    settle(context);
    kusto::test::cancel(context, stop);
    settle(context);
    BOOST_TEST(done);
    BOOST_REQUIRE(thrown);
    BOOST_CHECK_EXCEPTION(std::rethrow_exception(thrown), boost::system::system_error,
                          [](auto const& x) { return x.code() == asio::error::operation_aborted; });
    BOOST_TEST(time.waits() == 0u);
}

BOOST_AUTO_TEST_CASE(real_clock)
{
    asio::io_context local;
    event never(local.get_executor());
    std::optional<result<value>> got;
    auto body = [&]() -> asio::awaitable<void>
    {
        auto r = co_await kusto::async::with_deadline(after(never), deadline::after(20ms), late(),
                                                      kusto::async::system_clock());
        got.emplace(std::move(r));
    };
    asio::co_spawn(local, body(), kusto::async::rethrow());
    local.run_for(10s);
    BOOST_REQUIRE(got.has_value());
    BOOST_TEST((got->error().code() == errc::timed_out));
}

BOOST_AUTO_TEST_SUITE_END()

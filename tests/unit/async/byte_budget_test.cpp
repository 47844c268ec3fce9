#include <async/byte_budget.hpp>

#include <async/offload.hpp>
#include <async/task_group.hpp>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/asio/use_future.hpp>
#include <boost/test/unit_test.hpp>
#include <deque>
#include <future>
#include <random>
#include <thread>

namespace asio = boost::asio;
using kusto::errc;
using kusto::failure;
using kusto::result;
using kusto::async::byte_budget;
using kusto::async::one_shot;
using kusto::async::task_group;
using namespace std::chrono_literals;

BOOST_AUTO_TEST_SUITE(byte_budget_suite)

namespace
{

/// A coroutine that wants `amount` and keeps it.
class taker
{
public:
    taker(asio::io_context& context, std::shared_ptr<byte_budget> const& budget,
          std::uint64_t amount)
    {
        asio::co_spawn(context, budget->acquire(amount),
                       asio::bind_cancellation_slot(
                           signal.slot(),
                           [this](std::exception_ptr e, result<byte_budget::lease> got)
                           {
                               done = true;
                               if (e)
                                   thrown = e;
                               else if (got.has_value())
                                   lease = std::move(*got);
                               else
                                   refused = got.error();
                           }));
    }
    [[nodiscard]] bool has() const { return lease.amount() != 0; }

    asio::cancellation_signal signal;
    bool done = false;
    byte_budget::lease lease;
    std::exception_ptr thrown;
    std::optional<failure> refused;
};

void settle(asio::io_context& context)
{
    context.restart();
    context.poll();
}

} // namespace

BOOST_AUTO_TEST_CASE(leases_are_given_back)
{
    auto const budget = std::make_shared<byte_budget>(100);
    {
        auto a = budget->try_acquire(60);
        BOOST_TEST_REQUIRE(a.has_value());
        BOOST_TEST(!budget->try_acquire(41).has_value());
        auto b = budget->try_acquire(40);
        BOOST_TEST_REQUIRE(b.has_value());
        auto part = a->split(25);
        BOOST_TEST(part.amount() == 25u);
        BOOST_TEST(a->amount() == 35u);
        part.merge(std::move(*b));
        BOOST_TEST(part.amount() == 65u);
        part.resize(50);
        BOOST_TEST(budget->used() == 85u);
        part.resize(80);
        BOOST_TEST(budget->used() == 115u); // what exists cannot wait
        auto moved = std::move(part);
        part = byte_budget::lease();
        BOOST_TEST(budget->used() == 115u);
    }
    BOOST_TEST(budget->used() == 0u);
    BOOST_TEST(budget->peak() == 115u);
}

BOOST_AUTO_TEST_CASE(waiters_are_served_in_order_and_not_overtaken)
{
    asio::io_context context;
    auto const budget = std::make_shared<byte_budget>(100);
    auto all = budget->try_acquire(100);
    taker big(context, budget, 80);
    taker small(context, budget, 10);
    settle(context);
    BOOST_TEST(budget->waiting() == 2u);
    all->resize(50);
    settle(context);
    // 50 are free, but the big one is first.
    BOOST_TEST(!small.done);
    BOOST_TEST(!budget->try_acquire(1).has_value());
    all->resize(20);
    settle(context);
    BOOST_TEST(big.has());
    BOOST_TEST(!small.done);
    all->release();
    settle(context);
    BOOST_TEST(small.has());
    BOOST_TEST(budget->used() == 90u);
    BOOST_TEST(budget->waiting() == 0u);
}

BOOST_AUTO_TEST_CASE(who_is_cancelled_lets_the_next_one_pass)
{
    asio::io_context context;
    auto const budget = std::make_shared<byte_budget>(100);
    auto all = budget->try_acquire(60);
    taker big(context, budget, 80);
    taker small(context, budget, 40);
    settle(context);
    BOOST_TEST(!small.done);
    big.signal.emit(asio::cancellation_type::terminal);
    settle(context);
    BOOST_TEST(big.done);
    BOOST_TEST(static_cast<bool>(big.thrown));
    BOOST_TEST(small.has());
    BOOST_TEST(budget->used() == 100u);
}

// The grant and the cancellation meet: whoever wins, nothing is lost.
BOOST_AUTO_TEST_CASE(a_grant_that_meets_a_cancellation_is_not_lost)
{
    for (bool const grant_first : {false, true})
    {
        asio::io_context context;
        auto const budget = std::make_shared<byte_budget>(100);
        auto all = budget->try_acquire(100);
        {
            taker one(context, budget, 100);
            settle(context);
            if (grant_first)
                all->release();
            one.signal.emit(asio::cancellation_type::terminal);
            all->release();
            settle(context);
            BOOST_TEST(one.done);
            // Cancelled, but granted before it ran again: it keeps the grant.
            BOOST_TEST(one.has() != static_cast<bool>(one.thrown));
            BOOST_TEST((one.has() || !grant_first));
        }
        BOOST_TEST(budget->used() == 0u);
        BOOST_TEST(budget->waiting() == 0u);
    }
}

BOOST_AUTO_TEST_CASE(a_destroyed_context_leaves_nothing_behind)
{
    auto const budget = std::make_shared<byte_budget>(100);
    for (bool const granted : {false, true})
    {
        auto all = budget->try_acquire(100);
        auto context = std::make_unique<asio::io_context>();
        taker one(*context, budget, 70);
        settle(*context);
        BOOST_TEST(budget->waiting() == 1u);
        if (granted)
            all->release();
        context.reset();
        BOOST_TEST(budget->waiting() == 0u);
        all->release();
        BOOST_TEST(budget->used() == 0u);
    }
}

BOOST_AUTO_TEST_CASE(close_refuses_those_who_wait_and_those_who_would)
{
    asio::io_context context;
    auto const budget = std::make_shared<byte_budget>(10);
    auto all = budget->try_acquire(10);
    taker before(context, budget, 1);
    settle(context);
    budget->close(failure(errc::closed, kusto::stage::sink, "closed"));
    taker after(context, budget, 1);
    settle(context);
    BOOST_TEST_REQUIRE(before.refused.has_value());
    BOOST_TEST_REQUIRE(after.refused.has_value());
    BOOST_TEST((after.refused->code() == errc::closed));
    BOOST_TEST(budget->waiting() == 0u);
}

BOOST_AUTO_TEST_CASE(more_than_the_limit_is_an_error)
{
    asio::io_context context;
    auto const budget = std::make_shared<byte_budget>(10);
    taker one(context, budget, 11);
    settle(context);
    BOOST_TEST_REQUIRE(one.refused.has_value());
    BOOST_TEST((one.refused->code() == errc::record_too_large));
}

namespace
{

asio::awaitable<void> take_and_return(std::shared_ptr<byte_budget> budget, std::uint32_t seed)
{
    std::minstd_rand random(seed);
    for (int i = 0; i < 2000; ++i)
    {
        auto const got = co_await budget->acquire(1 + random() % 60);
        if (got.has_error() || budget->used() > budget->limit())
            throw std::runtime_error("limit exceeded");
    }
}

} // namespace

BOOST_AUTO_TEST_CASE(many_threads_never_exceed_the_limit_nor_starve)
{
    asio::thread_pool pool(4);
    auto const budget = std::make_shared<byte_budget>(100);
    std::vector<std::future<void>> running;
    for (std::uint32_t seed = 1; seed <= 8; ++seed)
        running.push_back(asio::co_spawn(pool, take_and_return(budget, seed), asio::use_future));
    for (auto& one : running)
    {
        BOOST_TEST_REQUIRE((one.wait_for(60s) == std::future_status::ready));
        one.get();
    }
    BOOST_TEST(budget->used() == 0u);
    BOOST_TEST(budget->peak() <= 100u);
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(one_shot_suite)

BOOST_AUTO_TEST_CASE(completes_when_set_or_in_time_or_cancelled)
{
    asio::io_context context;
    one_shot set(context.get_executor());
    one_shot late(context.get_executor());
    set.set();
    auto a = asio::co_spawn(context, set.wait(), asio::use_future);
    auto b = asio::co_spawn(context, late.wait(std::chrono::steady_clock::now()), asio::use_future);
    context.run();
    BOOST_TEST(a.get());
    BOOST_TEST(!b.get());
    one_shot never(context.get_executor());
    asio::cancellation_signal signal;
    std::exception_ptr thrown;
    asio::co_spawn(context, never.wait(),
                   asio::bind_cancellation_slot(signal.slot(),
                                                [&](std::exception_ptr e, bool) { thrown = e; }));
    context.restart();
    context.poll();
    signal.emit(asio::cancellation_type::terminal);
    context.restart();
    context.run();
    BOOST_TEST(static_cast<bool>(thrown));
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(offload_suite)

namespace
{

asio::awaitable<bool> run_on(asio::any_io_executor pool)
{
    auto const permit = std::make_shared<kusto::async::wake_permit>();
    auto const caller = std::this_thread::get_id();
    auto work = [caller] { return std::this_thread::get_id() != caller; };
    bool const elsewhere = co_await kusto::async::offload(pool, permit, std::move(work));
    co_return elsewhere&& std::this_thread::get_id() == caller;
}

asio::awaitable<int> throw_on(asio::any_io_executor pool)
{
    auto const permit = std::make_shared<kusto::async::wake_permit>();
    auto work = []() -> int { throw std::runtime_error("from the pool"); };
    int const value = co_await kusto::async::offload(pool, permit, std::move(work));
    co_return value;
}

asio::awaitable<int> wait_on(asio::any_io_executor pool, std::shared_future<int> value)
{
    auto const permit = std::make_shared<kusto::async::wake_permit>();
    auto work = [value] { return value.get(); };
    int const got = co_await kusto::async::offload(pool, permit, std::move(work));
    co_return got;
}

} // namespace

BOOST_AUTO_TEST_CASE(runs_elsewhere_and_returns_here)
{
    asio::io_context context;
    asio::thread_pool pool(1);
    auto a = asio::co_spawn(context, run_on(pool.get_executor()), asio::use_future);
    auto b = asio::co_spawn(context, throw_on(pool.get_executor()), asio::use_future);
    context.run();
    BOOST_TEST(a.get());
    BOOST_CHECK_THROW(b.get(), std::runtime_error);
}

BOOST_AUTO_TEST_CASE(survives_the_callers_context)
{
    asio::thread_pool pool(1);
    std::promise<int> value;
    auto context = std::make_unique<asio::io_context>();
    asio::co_spawn(*context, wait_on(pool.get_executor(), value.get_future().share()),
                   [](std::exception_ptr, int) {});
    context->poll();
    context.reset();
    value.set_value(1);
    pool.join();
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(task_group_suite)

using byte_budget_suite::settle;

namespace
{

asio::awaitable<void> wait_for(one_shot& event)
{
    (void)co_await event.wait();
}

asio::awaitable<void> fail_at_once()
{
    throw std::runtime_error("task");
    co_return;
}

} // namespace

BOOST_AUTO_TEST_CASE(join_waits_for_all_tasks)
{
    asio::io_context context;
    task_group group;
    one_shot event(context.get_executor());
    group.spawn(context.get_executor(), wait_for(event));
    group.spawn(context.get_executor(), fail_at_once());
    auto early =
        asio::co_spawn(context, group.join(std::chrono::steady_clock::now()), asio::use_future);
    auto whole = asio::co_spawn(context, group.join(std::chrono::steady_clock::now() + 30s),
                                asio::use_future);
    settle(context);
    BOOST_TEST(!early.get());
    BOOST_TEST(group.running() == 1u);
    BOOST_TEST(static_cast<bool>(group.first_error()));
    event.set();
    context.restart();
    context.run();
    BOOST_TEST(whole.get());
    BOOST_TEST(group.running() == 0u);
}

BOOST_AUTO_TEST_CASE(a_task_counts_until_its_context_destroys_it)
{
    task_group group;
    {
        asio::io_context context;
        auto const budget = std::make_shared<byte_budget>(1);
        auto all = budget->try_acquire(1);
        auto const body = [](std::shared_ptr<byte_budget> b) -> asio::awaitable<void>
        { (void)co_await b->acquire(1); };
        group.spawn(context.get_executor(), body(budget));
        settle(context);
        BOOST_TEST(group.running() == 1u);
    }
    BOOST_TEST(group.running() == 0u);
}

BOOST_AUTO_TEST_SUITE_END()

// The sweeps find what they are there to find.
#include "all_sweeps.hpp"

#include <async/cancellation.hpp>
#include <async/event.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/this_coro.hpp>

namespace asio = boost::asio;
using namespace std::chrono_literals;

namespace kusto::test
{

namespace
{

using outcome_of = std::optional<failure>;

/// What is wrong with an operation that asks for the metadata.
enum class flaw
{
    none,
    hangs,             ///< after the answer
    ignores_cancelling,
    gives_up,          ///< after one attempt
    tells_a_secret,    ///< in its failure
    names_no_host,
    leaves_a_task,     ///< that waits for the clock
    leaves_a_request,  ///< in a coroutine that nobody ends
    keeps_itself,      ///< alive in a cycle
    asks_nonsense,
};

async::http_request metadata_request(flaw what)
{
    auto const cluster = base::url::parse(happy_service::cluster).value();
    async::http_request request(async::http_method::get,
                                cluster.with_target("/v1/rest/auth/metadata"));
    if (what != flaw::asks_nonsense)
    {
        static int number = 0;
        request.header("x-ms-client-request-id", std::to_string(++number));
    }
    return request;
}

/// A frame that refers to itself.
class knot
{
public:
    std::shared_ptr<knot> self;
};

asio::awaitable<void> send_and_forget(std::shared_ptr<happy_service> service, deadline until)
{
    service->plan(service->requests(), mishap::stuck);
    (void)co_await service->send(metadata_request(flaw::none), until);
}

asio::awaitable<result<async::http_response>> send(std::shared_ptr<happy_service> service,
                                                   flaw what, manual_clock& time)
{
    for (int i = 0;; ++i)
    {
        deadline const until(time.now() + 60s);
        auto got = co_await service->send(metadata_request(what), until);
        if (i == 2 || what == flaw::gives_up || (got && got->status < 300))
            co_return got;
        co_await time.wait_until(time.now() + 1s);
    }
}

asio::awaitable<void> disturb(std::shared_ptr<happy_service> service, flaw what,
                              manual_clock& time)
{
    auto const executor = co_await asio::this_coro::executor;
    if (what == flaw::leaves_a_task)
        asio::co_spawn(executor, time.wait_until(time.now() + 1h), asio::detached);
    if (what == flaw::leaves_a_request)
        asio::co_spawn(executor, send_and_forget(service, deadline::never()), asio::detached);
    if (what == flaw::hangs)
    {
        async::event never(executor);
        co_await never.wait();
    }
}

asio::awaitable<outcome_of> flawed(std::shared_ptr<happy_service> service,
                                   std::shared_ptr<knot> tied, flaw what, manual_clock& time)
{
    if (what == flaw::keeps_itself)
        tied->self = tied;
    if (what == flaw::ignores_cancelling)
        co_await asio::this_coro::reset_cancellation_state(asio::disable_cancellation());
    auto const got = co_await send(service, what, time);
    co_await disturb(service, what, time);
    if (!got)
        co_return got.error();
    if (got->status < 300)
        co_return std::nullopt;
    failure why(errc::request_rejected, stage::metadata, "refused");
    if (what != flaw::names_no_host)
        why.host("c.westeurope.kusto.windows.net");
    if (what == flaw::tells_a_secret)
        why.server_text(got->body + happy_service::canary);
    co_return why;
}

/// All there were, so that a test can untie those it has tied.
std::vector<std::weak_ptr<knot>> knots;

class flawed_scenario final : public scenario
{
public:
    flawed_scenario(world& where, flaw what) : world_(where), what_(what)
    {
        where.watch("the knot", knot_);
        knots.push_back(knot_);
    }

    asio::awaitable<outcome_of> operation() override
    {
        return flawed(world_.service, knot_, what_, world_.time);
    }

private:
    world& world_;
    flaw what_;
    std::shared_ptr<knot> knot_ = std::make_shared<knot>();
};

sweep over(flaw what)
{
    return sweep_of<flawed_scenario>("flawed", what);
}

/// Whether one of the lines about a sweep says so.
bool says(std::string const& text, std::string_view part)
{
    bool const found = text.find(part) != text.npos;
    if (!found)
        BOOST_TEST_MESSAGE("says only: " << text);
    return found;
}

} // namespace

BOOST_AUTO_TEST_SUITE(harness)

BOOST_AUTO_TEST_CASE(nothing_is_wrong_with_a_good_operation)
{
    check_all(over(flaw::none));
}

BOOST_AUTO_TEST_CASE(a_hang)
{
    BOOST_TEST(says(over(flaw::hangs).undisturbed(), "the operation hangs"));
}

BOOST_AUTO_TEST_CASE(a_cancellation_that_is_ignored)
{
    BOOST_TEST(says(over(flaw::ignores_cancelling).cancel(), "does not end when it is cancelled"));
}

BOOST_AUTO_TEST_CASE(an_operation_that_gives_up_early)
{
    BOOST_TEST(says(over(flaw::gives_up).fail(), "that could be repeated"));
}

BOOST_AUTO_TEST_CASE(a_secret_in_a_failure)
{
    BOOST_TEST(says(over(flaw::tells_a_secret).fail(), "tells a secret"));
}

BOOST_AUTO_TEST_CASE(a_failure_without_a_host)
{
    BOOST_TEST(says(over(flaw::names_no_host).fail(), "which host failed"));
}

BOOST_AUTO_TEST_CASE(a_task_that_is_left)
{
    auto const text = over(flaw::leaves_a_task).cancel();
    BOOST_TEST(says(text, "a task is left"));
    BOOST_TEST(says(text, "somebody still waits for the clock"));
}

BOOST_AUTO_TEST_CASE(a_request_that_is_left)
{
    BOOST_TEST(says(over(flaw::leaves_a_request).undisturbed(), "a request is left"));
}

BOOST_AUTO_TEST_CASE(memory_that_is_left)
{
    BOOST_TEST(says(over(flaw::keeps_itself).destroy(), "left over: the knot"));
    for (auto const& one : knots)
        if (auto const tied = one.lock())
            tied->self.reset();
}

BOOST_AUTO_TEST_CASE(a_request_that_is_not_right)
{
    BOOST_TEST(says(over(flaw::asks_nonsense).undisturbed(), "without a request id"));
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace kusto::test

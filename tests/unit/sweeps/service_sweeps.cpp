// Management commands, queries, ingestion resources, and what the facade does with them.
#include "all_sweeps.hpp"

#include <async/call_on.hpp>
#include <boost/asio/strand.hpp>
#include <service/client_state.hpp>
#include <support/run.hpp>

namespace asio = boost::asio;
using namespace std::chrono_literals;

namespace kusto::test
{

namespace
{

using outcome_of = std::optional<failure>;
using client_ptr = std::shared_ptr<kusto::detail::client_state>;

client_ptr make_client(world& where)
{
    auto client = kusto::detail::client_state::make(where.executor(), world::options(), where.service,
                                             where.time)
                      .value();
    where.watch("the client", client);
    where.watch("the resources", client->resources());
    return client;
}

outcome_of want(result<table> const& got, std::string_view column)
{
    if (!got)
        return got.error();
    if (got->size() != 1 || got->columns().front().name != column)
        return failure(errc::malformed_reply, stage::query, "another table");
    return std::nullopt;
}

asio::awaitable<outcome_of> execute(client_ptr client, deadline until)
{
    auto const got = co_await client->engine().execute("db", ".do something", until);
    co_return want(got, "Name");
}

asio::awaitable<outcome_of> query(client_ptr client, deadline until)
{
    auto const got = co_await client->engine().query("db", "print n = 1", until);
    co_return want(got, "n");
}

asio::awaitable<outcome_of> resources(client_ptr client, deadline until)
{
    auto const got = co_await client->resources()->get(until);
    if (!got)
        co_return got.error();
    auto const& found = (*got)->resources;
    if (found.containers.size() != happy_service::accounts ||
        found.queues.size() != happy_service::accounts)
        co_return failure(errc::no_resources, stage::resources, "another number of accounts");
    co_return std::nullopt;
}

asio::awaitable<outcome_of> after(manual_clock& time, std::chrono::seconds pause,
                                  asio::awaitable<outcome_of> op)
{
    co_await time.wait_until(time.now() + pause);
    auto done = co_await std::move(op);
    co_return done;
}

/// A client whose operation is `execute`, `query` or `resources`, and which works afterwards.
class client_scenario : public scenario
{
public:
    using function = asio::awaitable<outcome_of> (*)(client_ptr, deadline);

    client_scenario(world& where, function what, bool signed_in)
        : world_(where),
          what_(what),
          client_(make_client(where))
    {
        if (signed_in)
            (void)test::run(where.context(), where.time, query(client_, where.in(300s)));
    }

    asio::awaitable<outcome_of> operation() override { return what_(client_, world_.in(300s)); }
    asio::awaitable<outcome_of> conclusion() override
    {
        return after(world_.time, 10s, query(client_, world_.in(600s)));
    }
    void stop() override { client_->stop(); }

    std::string check(ending const& end, plan const&) override
    {
        auto const executed = world_.service->commands_executed();
        if (executed > 1)
            return "a command was executed " + std::to_string(executed) + " times";
        if (what_ == execute && executed != 0 && end.failed &&
            end.failed->outcome() == outcome::failed)
            return "a command was executed and is said to have failed: " + end.failed->describe();
        if (what_ == execute && end.good() && executed == 0)
            return "a command that was not executed is said to have succeeded";
        return std::string();
    }

protected:
    world& world_;
    function what_;
    client_ptr client_;
};

/// Storage refused a signature of the snapshot.
class replace_scenario final : public scenario
{
public:
    explicit replace_scenario(world& where)
        : world_(where),
          client_(make_client(where))
    {
        auto const& manager = client_->resources();
        refused_ = test::run(where.context(), where.time, manager->get(where.in(300s))).value();
    }

    asio::awaitable<outcome_of> operation() override
    {
        return replace(client_, refused_, world_.in(300s));
    }
    asio::awaitable<outcome_of> conclusion() override { return resources(client_, world_.in(600s)); }
    void stop() override { client_->stop(); }

    std::string check(ending const& end, plan const& what) override
    {
        bool const failing = what.what == disturbance::none || what.what == disturbance::fail;
        if (failing && !end.good())
            return "failed although the old resources are usable";
        return std::string();
    }

private:
    static asio::awaitable<outcome_of> replace(client_ptr client, service::snapshot_ptr refused,
                                               deadline until)
    {
        auto const got = co_await client->resources()->replace(refused, until);
        if (!got)
            co_return got.error();
        co_return std::nullopt;
    }

    world& world_;
    client_ptr client_;
    service::snapshot_ptr refused_;
};

/// The resources are due for renewal, and still good.
class stale_scenario final : public scenario
{
public:
    explicit stale_scenario(world& where)
        : world_(where),
          client_(make_client(where))
    {
        (void)test::run(where.context(), where.time, resources(client_, where.in(300s)));
        where.time.advance(70min);
        before_ = where.service->requests();
    }

    asio::awaitable<outcome_of> operation() override { return resources(client_, world_.in(300s)); }
    asio::awaitable<outcome_of> conclusion() override { return operation(); }
    void stop() override { client_->stop(); }

    std::string check(ending const& end, plan const& what) override
    {
        if (end.failed && what.what != disturbance::stop)
            return "a failed renewal reached somebody who could have had the old resources";
        if (what.what == disturbance::none && world_.service->requests() == before_)
            return "nothing was renewed";
        return std::string();
    }

private:
    world& world_;
    client_ptr client_;
    std::size_t before_ = 0;
};

/// `connect`, `execute` and `query` on a strand of their own, one after the other, as
/// `kusto::client` runs them.
class facade_scenario final : public client_scenario
{
public:
    explicit facade_scenario(world& where) : client_scenario(where, all, false) {}

    // An operation that nobody waits for any more runs on to its deadline.
    std::chrono::seconds grace() const override { return 300s; }

    std::string check(ending const& end, plan const& what) override
    {
        auto const executed = world_.service->commands_executed();
        if (end.good() && executed != 1)
            return "succeeded, and the command was executed " + std::to_string(executed) + " times";
        return client_scenario::check(end, what);
    }

private:
    template <class T>
    static asio::awaitable<result<T>> on_strand(client_ptr client, asio::awaitable<result<T>> op,
                                                deadline until)
    {
        auto const strand = asio::make_strand(client->executor());
        failure late(errc::timed_out, stage::command, "too late");
        auto done = co_await async::call_on(strand, std::move(op), until, std::move(late),
                                            client->context()->time);
        co_return done;
    }

    static asio::awaitable<outcome_of> all(client_ptr client, deadline until)
    {
        auto const connected =
            co_await on_strand(client, client->resources()->get(until), until);
        if (!connected)
            co_return connected.error();
        auto const done =
            co_await on_strand(client, client->engine().execute("db", ".do it", until), until);
        if (!done)
            co_return done.error();
        auto const got =
            co_await on_strand(client, client->engine().query("db", "print n = 1", until), until);
        co_return want(got, "n");
    }
};

} // namespace

BOOST_AUTO_TEST_SUITE(service_sweeps)

BOOST_AUTO_TEST_CASE(command)
{
    check_all(sweep_of<client_scenario>("command", &execute, true));
}

BOOST_AUTO_TEST_CASE(command_without_a_token)
{
    check_all(sweep_of<client_scenario>("command, cold", &execute, false));
}

BOOST_AUTO_TEST_CASE(query_)
{
    check_all(sweep_of<client_scenario>("query", &query, true));
}

BOOST_AUTO_TEST_CASE(resources_)
{
    check_all(sweep_of<client_scenario>("resources", &resources, false));
}

BOOST_AUTO_TEST_CASE(resources_that_are_renewed_in_the_background)
{
    check_all(sweep_of<stale_scenario>("stale resources"));
}

BOOST_AUTO_TEST_CASE(resources_that_are_replaced)
{
    check_all(sweep_of<replace_scenario>("replace"));
}

BOOST_AUTO_TEST_CASE(facade)
{
    check_all(sweep_of<facade_scenario>("facade"));
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace kusto::test

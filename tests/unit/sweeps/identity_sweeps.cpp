// Credentials: each way to a token, asked directly, and as part of a token cache.
#include "all_sweeps.hpp"
#include "identity_setup.hpp"

#include <auth/token_provider.hpp>
#include <cerrno>
#include <support/run.hpp>
#include <sys/wait.h>

namespace asio = boost::asio;
using namespace std::chrono_literals;

namespace kusto::test
{

namespace
{

using outcome_of = std::optional<failure>;

/// A source without a cache; `acquisitions` in a row.
class source_scenario final : public scenario
{
public:
    source_scenario(world& where, way how, int acquisitions)
        : world_(where),
          setup_(where, how),
          acquisitions_(acquisitions),
          source_(setup_.make_source())
    {
        where.watch("the source", source_);
    }

    asio::awaitable<outcome_of> operation() override
    {
        return acquire(source_, acquisitions_, world_.in(900s));
    }
    asio::awaitable<outcome_of> conclusion() override
    {
        return acquire(source_, 1, world_.in(900s));
    }
    bool survives(request_kind what, mishap grief) const override
    {
        return setup_.survives(what, grief).value_or(scenario::survives(what, grief));
    }
    std::string check(ending const&, plan const&) override { return setup_.check_log(); }

private:
    static asio::awaitable<outcome_of> acquire(std::shared_ptr<auth::token_source> source,
                                               int times, deadline until)
    {
        auth::token_wish const wish("https://kusto.kusto.windows.net/.default",
                                    "https://login.microsoftonline.com",
                                    happy_identity::device_client_id);
        for (int i = 0; i < times; ++i)
        {
            auto op = source->acquire(wish, until);
            auto const got = co_await std::move(op);
            if (!got)
                co_return got.error();
            if (!got->value.reveal().starts_with(happy_service::canary))
                co_return failure(errc::malformed_reply, stage::token, "another token");
        }
        co_return std::nullopt;
    }

    world& world_;
    identity_setup setup_;
    int acquisitions_;
    std::shared_ptr<auth::token_source> source_;
};

/// The same behind the cache that clients have.
class provider_scenario final : public scenario
{
public:
    /// \param again  there was a token, and the service refused it
    provider_scenario(world& where, way how, bool again)
        : world_(where),
          setup_(where, how),
          tokens_(auth::make_token_provider(where.executor(), where.service, setup_.options(),
                                            where.time))
    {
        where.watch("the token provider", tokens_);
        if (!again)
            return;
        auto const first =
            test::run(where.context(), where.time, tokens_->get(where.in(900s))).value();
        tokens_->invalidate(first.generation);
    }

    asio::awaitable<outcome_of> operation() override
    {
        return get(tokens_, 0s, world_.time, world_.in(900s));
    }
    /// The operation may have left a request that comes to grief, and a failure is remembered for a
    /// moment.
    asio::awaitable<outcome_of> conclusion() override
    {
        return get(tokens_, 10s, world_.time, world_.in(2000s));
    }
    void stop() override { tokens_->stop(); }
    bool survives(request_kind what, mishap grief) const override
    {
        return setup_.survives(what, grief).value_or(scenario::survives(what, grief));
    }
    std::string check(ending const&, plan const&) override { return setup_.check_log(); }

private:
    static asio::awaitable<outcome_of> get(std::shared_ptr<auth::token_provider> tokens,
                                           std::chrono::seconds pause, manual_clock& time,
                                           deadline until)
    {
        auto got = co_await tokens->get(until);
        if (!got && pause > 0s)
        {
            co_await time.wait_until(time.now() + pause);
            got = co_await tokens->get(until);
        }
        if (!got)
            co_return got.error();
        co_return std::nullopt;
    }

    world& world_;
    identity_setup setup_;
    std::shared_ptr<auth::token_provider> tokens_;
};

/// The Azure CLI is a program: it takes time of the machine's, and the clock stands still.
class azure_cli_scenario final : public scenario
{
public:
    explicit azure_cli_scenario(world& where) : source_(make(where, *time_, folder_.path()))
    {
        // Long enough for a run that ignores its cancellation to be noticed.
        folder_.write("az",
                      R"(sleep 0.1; echo '{"accessToken":"CANARYaz","expires_on":4102444800}')");
        where.watch("the source", source_);
    }

    asio::awaitable<outcome_of> operation() override { return acquire(source_, time_); }
    asio::awaitable<outcome_of> conclusion() override { return acquire(source_, time_); }
    bool has_threads() const override { return true; }
    std::function<std::string()> check_remains() override
    {
        return [time = time_]
        {
            bool const has_child = ::waitpid(-1, nullptr, WNOHANG) != -1 || errno != ECHILD;
            std::string const child = has_child ? "a child process is left" : "";
            return time->waits() == 0 ? child : "somebody waits for the end of the program" + child;
        };
    }

private:
    static std::shared_ptr<auth::token_source> make(world& where, manual_clock& time,
                                                    std::string const& folder)
    {
        scoped_environment environment;
        environment.set("PATH", folder + ":/usr/bin:/bin");
        auth::source_context const with(where.service, world::options(), time);
        return auth::make_source(credential::azure_cli(), with);
    }
    static asio::awaitable<outcome_of> acquire(std::shared_ptr<auth::token_source> source,
                                               std::shared_ptr<manual_clock> time)
    {
        auth::token_wish const wish("https://kusto.kusto.windows.net/.default",
                                    "https://login.microsoftonline.com", "app");
        auto op = source->acquire(wish, deadline(time->now() + 60s));
        auto const got = co_await std::move(op);
        if (!got)
            co_return got.error();
        co_return std::nullopt;
    }

    script_folder folder_;
    std::shared_ptr<manual_clock> time_ = std::make_shared<manual_clock>();
    std::shared_ptr<auth::token_source> source_;
};

/// A source has nothing that works in the background: there is nothing to stop.
void check_source(way how, int acquisitions = 1)
{
    auto over = sweep_of<source_scenario>(to_string(how), how, acquisitions);
    BOOST_TEST(over.undisturbed() == "");
    BOOST_TEST(over.fail() == "");
    BOOST_TEST(over.cancel() == "");
    BOOST_TEST(over.destroy() == "");
    BOOST_TEST_MESSAGE(over.runs() << " runs");
}

} // namespace

BOOST_AUTO_TEST_SUITE(identity_sweeps)

BOOST_AUTO_TEST_CASE(client_certificate)
{
    check_source(way::certificate);
}

BOOST_AUTO_TEST_CASE(workload_identity)
{
    check_source(way::workload_identity);
}

BOOST_AUTO_TEST_CASE(imds)
{
    check_source(way::imds);
    BOOST_TEST(sweep_of<source_scenario>("IMDS", way::imds, 1).fail({mishap::renewing}) == "");
}

BOOST_AUTO_TEST_CASE(imds_that_is_looked_for)
{
    check_source(way::imds_probed);
}

BOOST_AUTO_TEST_CASE(app_service)
{
    check_source(way::app_service);
}

BOOST_AUTO_TEST_CASE(azure_arc)
{
    check_source(way::azure_arc);
}

BOOST_AUTO_TEST_CASE(environment)
{
    check_source(way::environment);
}

BOOST_AUTO_TEST_CASE(default_chain)
{
    check_source(way::default_chain);
}

BOOST_AUTO_TEST_CASE(chain)
{
    check_source(way::chain);
    check_all(sweep_of<provider_scenario>("chain, cold", way::chain, false));
}

BOOST_AUTO_TEST_CASE(device_code)
{
    check_source(way::device_code, 2);
    check_all(sweep_of<provider_scenario>("device code, cold", way::device_code, false));
    check_all(sweep_of<provider_scenario>("device code, renewal", way::device_code, true));
}

BOOST_AUTO_TEST_CASE(azure_cli)
{
    auto over = sweep_of<azure_cli_scenario>("Azure CLI");
    BOOST_TEST(over.undisturbed() == "");
    BOOST_TEST(over.alone().cancel() == "");
    BOOST_TEST(over.destroy() == "");
    BOOST_TEST_MESSAGE(over.runs() << " runs");
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace kusto::test

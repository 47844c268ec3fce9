// A sink lives through tokens of three seconds for a minute, with and without an identity provider
// that is down for half of each lifetime.
#include <pipeline/local_cluster.hpp>

#include <atomic>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/strand.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/test/unit_test.hpp>
#include <cstdlib>
#include <future>
#include <kusto/sink.hpp>
#include <thread>
#include <tuple>

namespace asio = boost::asio;
namespace emulator = kusto::emulator;
using namespace std::chrono_literals;
using kusto::test::local_cluster;

namespace
{

constexpr auto lifetime = 3s;

/// `KUSTO_LIFETIME_SECONDS` for a shorter or longer run.
std::chrono::seconds run_length()
{
    char const* const text = std::getenv("KUSTO_LIFETIME_SECONDS");
    return std::chrono::seconds(text == nullptr ? 60 : std::atoi(text));
}

/// What producers and others see while a sink lives.
struct observations
{
    std::atomic<bool> stop = false;
    std::atomic<std::int64_t> slowest_write_us = 0;
    std::atomic<std::uint64_t> written = 0;
    std::atomic<std::uint64_t> answered = 0;
    std::atomic<std::uint64_t> unanswered = 0;

    void note(std::chrono::steady_clock::duration took)
    {
        auto const us = std::chrono::duration_cast<std::chrono::microseconds>(took).count();
        auto most = slowest_write_us.load();
        while (us > most && !slowest_write_us.compare_exchange_weak(most, us))
        {
        }
    }
};

/// Writes without end, some records every few milliseconds.
asio::awaitable<void> produce(kusto::batching_sink& sink, observations& seen)
{
    asio::steady_timer pace(co_await asio::this_coro::executor);
    while (!seen.stop)
    {
        for (int i = 0; i < 50; ++i)
        {
            auto const record = std::make_tuple(std::int64_t(seen.written++), "some telemetry text");
            auto const begin = std::chrono::steady_clock::now();
            co_await sink.write(record);
            seen.note(std::chrono::steady_clock::now() - begin);
        }
        pace.expires_after(5ms);
        co_await pace.async_wait(asio::use_awaitable);
    }
}

/// Asks the engine again and again; each query needs a token.
asio::awaitable<void> ask(kusto::client service, observations& seen)
{
    asio::steady_timer pace(co_await asio::this_coro::executor);
    while (!seen.stop)
    {
        try
        {
            auto const answer = co_await service.query("", "print 1", kusto::deadline::after(10s));
            seen.answered += answer.size();
        }
        catch (kusto::error const& e)
        {
            // While the identity provider is away that is the honest answer.
            if (!e.why().retryable())
                throw;
            ++seen.unanswered;
        }
        pace.expires_after(100ms);
        co_await pace.async_wait(asio::use_awaitable);
    }
}

/// Takes the identity provider away for half of each lifetime, in three ways in turn.
asio::awaitable<void> interrupt(emulator::cluster& cluster, observations& seen)
{
    using emulator::fault;
    asio::steady_timer pace(co_await asio::this_coro::executor);
    for (int turn = 0; !seen.stop; ++turn)
    {
        auto const ways = {fault::status(503), fault::close_before_body(), fault::never_answer()};
        auto way = *(ways.begin() + turn % 3);
        emulator::fault_script script;
        script.add(way.on(emulator::fault_route::token));
        cluster.set_faults(script);
        pace.expires_after(lifetime / 2);
        co_await pace.async_wait(asio::use_awaitable);
        cluster.set_faults(emulator::fault_script());
        pace.expires_after(lifetime / 2);
        co_await pace.async_wait(asio::use_awaitable);
    }
}

/// What one life of a sink has shown.
struct life
{
    kusto::delivery_report report;
    kusto::sink_statistics statistics;
    std::uint64_t written = 0;
    std::uint64_t answered = 0;
    std::uint64_t unanswered = 0;
    std::uint64_t tokens = 0;
    std::int64_t slowest_write_us = 0;
};

life live(bool interrupted)
{
    emulator::cluster_options options;
    options.token_lifetime(lifetime).discard(emulator::discard_mode::checksum);
    local_cluster local(options);
    local.command(".create table Readings (Id: long, Text: string)");
    auto where = local.connection();
    // Resources are asked for all the time, so that tokens are, too.
    where.request_timeout(1s).retry(
        kusto::retry_options().base(50ms).cap(200ms).cache_expiration(1s));
    kusto::client const service(local.threads.get_executor(), where);
    kusto::write_options write("NetDefaultDB", "Readings");
    write.batch_interval(200ms).batch_size(500).parallelism(2);
    kusto::batching_sink sink(service, write);

    observations seen;
    std::vector<std::future<void>> running;
    auto const spawn = [&](asio::awaitable<void> what)
    {
        running.push_back(asio::co_spawn(asio::make_strand(local.threads), std::move(what),
                                         asio::use_future));
    };
    spawn(produce(sink, seen));
    spawn(produce(sink, seen));
    spawn(ask(service, seen));
    if (interrupted)
        spawn(interrupt(local.cluster, seen));
    auto const end = std::chrono::steady_clock::now() + run_length();
    running.front().wait_until(end);
    seen.stop = true;
    for (auto& one : running)
        one.get();
    local.cluster.set_faults(emulator::fault_script());

    life shown;
    shown.report = local.run(sink.close());
    shown.statistics = sink.statistics();
    shown.written = seen.written;
    shown.answered = seen.answered;
    shown.unanswered = seen.unanswered;
    shown.tokens = local.cluster.counts().tokens;
    shown.slowest_write_us = seen.slowest_write_us;
    return shown;
}

void check(char const* name, life const& shown)
{
    BOOST_TEST_MESSAGE(name << shown.written << " records, " << shown.report.delivered.blobs
                            << " batches, " << shown.tokens << " tokens, " << shown.answered
                            << " queries answered, " << shown.unanswered
                            << " not, slowest write " << shown.slowest_write_us << " us");
    BOOST_TEST(shown.report.complete());
    BOOST_TEST(shown.written > 0u);
    BOOST_TEST(shown.report.delivered.records == shown.written);
    BOOST_TEST(shown.report.failed.records == 0u);
    BOOST_TEST(shown.report.unknown.records == 0u);
    BOOST_TEST(shown.statistics.writes_that_waited == 0u);
    // A write that waits for a token waits for a second and more.
    BOOST_TEST(shown.slowest_write_us < 1'000'000);
    BOOST_TEST(shown.tokens >= static_cast<std::uint64_t>(run_length() / lifetime));
    BOOST_TEST(shown.answered > 0u);
}

} // namespace

BOOST_AUTO_TEST_SUITE(token_lifetime)

// Both at a time, since most of it is waiting.
BOOST_AUTO_TEST_CASE(a_sink_writes_on_while_tokens_of_three_seconds_come_and_go)
{
    auto with_outages = std::async(std::launch::async, [] { return live(true); });
    auto const calm = live(false);
    check("without outages: ", calm);
    BOOST_TEST(calm.unanswered == 0u);
    check("with outages: ", with_outages.get());
}

BOOST_AUTO_TEST_SUITE_END()

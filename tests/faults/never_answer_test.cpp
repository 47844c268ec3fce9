// A server that accepts and never answers, at every stage: everything that waits for it comes back
// in bounded time, with an error that says what it waited for.
#include "io_runner.hpp"
#include "records.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/use_future.hpp>
#include <boost/test/unit_test.hpp>
#include <future>
#include <kusto/emulator/cluster.hpp>
#include <kusto/sink.hpp>
#include <optional>

namespace asio = boost::asio;
using namespace kusto::faults;
using kusto::deadline;
using kusto::errc;
using kusto::emulator::fault;
using kusto::emulator::fault_route;
using std::chrono::milliseconds;

namespace
{

/// For what gets no answer, and for what does.
constexpr milliseconds time_given{300}, time_enough{30'000};
/// What the machine may add to a deadline: less than any time limit of the library's own.
constexpr milliseconds grace{10'000};

/// What a silent server does to operations of the client.
struct expectation
{
    bool connect_fails = false;
    bool execute_fails = false;
    bool query_fails = false;
    bool polls = false;
    /// The batch gets into the service's hands, and only its status is missing.
    bool queued = false;
    /// Batches small enough for one request.
    bool small_batches = false;
};

kusto::connection_options connection(kusto::emulator::cluster const& cluster)
{
    auto where = kusto::connection_options::from_connection_string(cluster.connection_string());
    kusto::retry_options retry;
    retry.base(milliseconds(1)).cap(milliseconds(5));
    where.ingestion_url(cluster.ingestion_url()).ca_pem(cluster.ca_pem()).retry(retry);
    return where.request_timeout(milliseconds(60'000));
}

kusto::write_options options(expectation const& expected)
{
    kusto::write_options out{std::string(database_name), std::string(table_name)};
    out.byte_budget(1 << 20).block_size(64 << 10).compression_threads(1);
    out.batch_size(expected.small_batches ? 5 : 1'000'000);
    return out.poll_for_ingestion_status(expected.polls);
}

/// Writes until it is refused. \returns why
asio::awaitable<std::optional<kusto::failure>> write_for_ever(kusto::batching_sink& sink)
{
    for (std::int64_t id = 0; id < 2000; ++id)
    {
        auto const record = record_of(1, id, 8000);
        try
        {
            co_await sink.write(record);
        }
        catch (kusto::error const& e)
        {
            co_return e.why();
        }
    }
    co_return std::nullopt;
}

class silent_cluster
{
public:
    silent_cluster(fault silence, bool tls, expectation expected)
        : expected_(expected),
          cluster_(kusto::emulator::cluster_options().tls(tls)),
          io_(2),
          service_(io_.context().get_executor(), connection(cluster_))
    {
        (void)cluster_.execute(std::string(database_name), std::string(create_table));
        kusto::emulator::fault_script script;
        script.add(std::move(silence));
        cluster_.set_faults(script);
    }

    void prove()
    {
        check_connect();
        check_commands();
        check_sink();
    }

    void prove_query()
    {
        auto const connected = time_for(false);
        check("connect", outcome("connect", service_.connect(connected), connected), false);
        auto const until = time_for(true);
        check("query", outcome("query", service_.query("", "Soak | count", until), until), true);
    }

private:
    /// Starts an operation, and waits until it must be back. \returns its failure
    template <class T>
    std::optional<kusto::failure> outcome(char const* name, asio::awaitable<T> operation,
                                          deadline until)
    {
        auto const limit = until.when() + grace;
        auto done = asio::co_spawn(io_.context(), std::move(operation), asio::use_future);
        bool const back = done.wait_until(limit) == std::future_status::ready;
        BOOST_REQUIRE_MESSAGE(back, name << " did not come back");
        try
        {
            done.get();
            return std::nullopt;
        }
        catch (kusto::error const& e)
        {
            BOOST_TEST(e.what() != std::string());
            return e.why();
        }
    }

    static deadline time_for(bool failing)
    {
        return deadline::after(failing ? time_given : time_enough);
    }

    void check(char const* name, std::optional<kusto::failure> const& why, bool fails)
    {
        BOOST_TEST(why.has_value() == fails, name << (why ? ": " + why->describe() : ""));
        if (why)
            BOOST_TEST((why->code() == errc::timed_out), name << ": " << why->describe());
    }

    void check_connect()
    {
        auto const until = time_for(expected_.connect_fails);
        check("connect", outcome("connect", service_.connect(until), until), expected_.connect_fails);
    }

    void check_commands()
    {
        auto const executed = time_for(expected_.execute_fails);
        check("execute", outcome("execute", service_.execute("", ".show tables", executed), executed),
              expected_.execute_fails);
        auto const asked = time_for(expected_.query_fails);
        check("query", outcome("query", service_.query("", "Soak | count", asked), asked),
              expected_.query_fails);
    }

    void check_sink()
    {
        kusto::batching_sink sink(service_, options(expected_));
        // Fills the budget and then waits, unless the service takes what it gets.
        auto writing = asio::co_spawn(io_.context(), write_for_ever(sink), asio::use_future);
        wait_for_trouble(sink);
        auto const level =
            expected_.polls ? kusto::acknowledgement::ingested : kusto::acknowledgement::queued;
        auto const until = time_for(true);
        check("flush", outcome("flush", sink.flush(level, until), until), true);
        auto const closing = time_for(true);
        auto const closed = outcome("close", sink.close(closing), closing);
        BOOST_TEST(!closed.has_value());
        auto const report = sink.statistics().report;
        BOOST_TEST(report.pending.records == 0u);
        BOOST_TEST(!report.complete());
        BOOST_REQUIRE(report.first_failure.has_value());
        BOOST_REQUIRE(writing.wait_for(grace) == std::future_status::ready);
        auto const refused = writing.get();
        if (expected_.queued)
            return;
        BOOST_REQUIRE(refused.has_value());
        BOOST_TEST((refused->code() == errc::closed));
    }

    /// Until the budget is full; or, where the service takes everything, until it has something.
    void wait_for_trouble(kusto::batching_sink const& sink) const
    {
        auto const limit = std::chrono::steady_clock::now() + std::chrono::seconds(20);
        auto const there = [&]
        {
            auto const all = sink.statistics();
            return all.writes_that_waited != 0 ||
                   (expected_.queued && all.report.accepted.records >= 200);
        };
        while (!there() && std::chrono::steady_clock::now() < limit)
            std::this_thread::yield();
        BOOST_TEST(there());
    }

    expectation const expected_;
    kusto::emulator::cluster cluster_;
    io_runner io_;
    kusto::client service_;
};

void prove_silence(fault_route where, expectation expected)
{
    silent_cluster(fault::never_answer().on(where), false, expected).prove();
}

void prove_silent_port(fault_route where, bool tls, expectation expected)
{
    silent_cluster(fault::accept_never().on(where), tls, expected).prove();
}

constexpr expectation everything_fails{true, true, true, false, false, false};
constexpr expectation connect_fails{true, false, false, false, false, false};
constexpr expectation commands_fail{false, true, false, false, false, false};
constexpr expectation only_the_sink{};
constexpr expectation small_batches{false, false, false, false, false, true};
constexpr expectation statuses{false, false, false, true, false, false};
constexpr expectation reads_of_statuses{false, false, false, true, true, false};

} // namespace

BOOST_AUTO_TEST_SUITE(never_answer)

BOOST_AUTO_TEST_CASE(cloud_metadata)
{
    prove_silence(fault_route::metadata, everything_fails);
}

BOOST_AUTO_TEST_CASE(sign_in)
{
    prove_silence(fault_route::token, everything_fails);
}

BOOST_AUTO_TEST_CASE(ingestion_resources)
{
    prove_silence(fault_route::resources, connect_fails);
}

BOOST_AUTO_TEST_CASE(identity_token)
{
    prove_silence(fault_route::identity, connect_fails);
}

BOOST_AUTO_TEST_CASE(table_check_and_commands)
{
    prove_silence(fault_route::command, commands_fail);
}

BOOST_AUTO_TEST_CASE(queries)
{
    silent_cluster(fault::never_answer().on(fault_route::query), false, {}).prove_query();
}

BOOST_AUTO_TEST_CASE(upload_in_one_request)
{
    prove_silence(fault_route::put_blob, small_batches);
}

BOOST_AUTO_TEST_CASE(upload_of_a_block)
{
    prove_silence(fault_route::put_block, only_the_sink);
}

BOOST_AUTO_TEST_CASE(block_list)
{
    prove_silence(fault_route::put_block_list, only_the_sink);
}

BOOST_AUTO_TEST_CASE(queue_message)
{
    prove_silence(fault_route::put_message, only_the_sink);
}

BOOST_AUTO_TEST_CASE(new_status)
{
    prove_silence(fault_route::insert_status, statuses);
}

BOOST_AUTO_TEST_CASE(status)
{
    prove_silence(fault_route::read_status, reads_of_statuses);
}

BOOST_AUTO_TEST_CASE(tls_of_the_engine)
{
    prove_silent_port(fault_route::query, true, everything_fails);
}

BOOST_AUTO_TEST_CASE(tls_of_the_ingestion_service)
{
    prove_silent_port(fault_route::resources, true, connect_fails);
}

BOOST_AUTO_TEST_CASE(tls_of_storage)
{
    prove_silent_port(fault_route::put_blob, true, only_the_sink);
}

BOOST_AUTO_TEST_CASE(http_of_storage)
{
    prove_silent_port(fault_route::put_blob, false, only_the_sink);
}

BOOST_AUTO_TEST_SUITE_END()

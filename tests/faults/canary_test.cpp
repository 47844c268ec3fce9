// No secret gets out: every fault at every stage at the trace level, with everything searched that
// the library writes or says.
#include "captured_output.hpp"
#include "matrix.hpp"
#include "secrets.hpp"
#include "undelivered_store.hpp"

#include <atomic>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/use_future.hpp>
#include <boost/test/unit_test.hpp>
#include <emulator/https_client.hpp>
#include <filesystem>
#include <kusto/statistics.hpp>
#include <service/client_state.hpp>
#include <stdexcept>
#include <thread>

namespace asio = boost::asio;
namespace fs = std::filesystem;
using namespace kusto::faults;
using kusto::deadline;
using std::chrono::milliseconds;

namespace
{

/// Everything that one cell's run has said, searched when its secrets are known.
class listener
{
public:
    void hear(std::string where, std::string text)
    {
        std::lock_guard const lock(mutex_);
        heard_.emplace_back(std::move(where), std::move(text));
    }

    void search(secret_scanner& with) const
    {
        std::lock_guard const lock(mutex_);
        for (auto const& [where, text] : heard_)
            (void)with.scan(where, text);
    }

private:
    mutable std::mutex mutex_;
    std::vector<std::pair<std::string, std::string>> heard_;
};

void forbid_signature(secret_scanner& in, std::string const& query)
{
    auto const at = query.find("sig=");
    if (at == std::string::npos)
        throw std::runtime_error("an address without a signature");
    auto const value = query.substr(at + 4, query.find('&', at) - at - 4);
    in.forbid(value);
}

/// The signatures and the identity token that the client has got, if it has.
void forbid_resources(secret_scanner& in, kusto::client& service)
{
    auto got = asio::co_spawn(service.get_executor(),
                              service.state()->resources()->get(deadline::after(milliseconds(50))),
                              asio::use_future)
                   .get();
    if (!got)
        return;
    auto const& all = (*got)->resources;
    in.forbid((*got)->identity_token);
    for (auto const* const list : {&all.containers, &all.queues, &all.status_tables})
        for (auto const& one : *list)
            forbid_signature(in, one.location.query());
}

/// An access token from the login endpoint, so that its exact value is known.
std::string fetch_token(kusto::emulator::cluster const& cluster)
{
    auto const& known = cluster.options();
    kusto::emulator::https_client client(cluster.authority_url(), cluster.ca_pem());
    auto const reply = client.send("POST", "/" + known.tenant() + "/oauth2/v2.0/token",
                                   {{"Content-Type", "application/x-www-form-urlencoded"}},
                                   "grant_type=client_credentials&client_id=" + known.client_id() +
                                       "&client_secret=" + known.client_secret() +
                                       "&scope=https%3A%2F%2Fkusto.kusto.windows.net%2F.default");
    auto const begin = reply.body.find("\"access_token\":\"");
    if (begin == std::string::npos)
        throw std::runtime_error("no access token");
    auto const value = begin + 16;
    return reply.body.substr(value, reply.body.find('"', value) - value);
}

asio::awaitable<kusto::access_token> hand_out(std::string token)
{
    kusto::access_token out(token, std::chrono::system_clock::now() + std::chrono::hours(1));
    co_return out;
}

/// Runs one cell and searches everything it says. `scanner` gets what is found.
class canary
{
public:
    canary(secret_scanner& scanner, bool with_callback)
        : scanner_(scanner),
          with_callback_(with_callback)
    {
        hooks_.dead_letters = directory_.path();
        hooks_.patience = milliseconds(400);
        hooks_.prepare = [this](kusto::emulator::cluster& cluster, kusto::connection_options& from)
        { prepare(cluster, from); };
        hooks_.thrown = [this](std::exception const& e) { caught(e); };
        hooks_.before_close = [this](kusto::client& service, kusto::batching_sink& sink)
        { look(service, sink); };
    }

    void run(trouble const& what, stage_of_delivery const& where, bool forever)
    {
        (void)observe(what, where, forever, hooks_);
        for (auto const& entry : fs::directory_iterator(directory_.path()))
            heard_.hear("dead letter", entry.path().filename().string() + content_of(entry.path()));
        heard_.search(scanner_);
    }

private:
    void prepare(kusto::emulator::cluster& cluster, kusto::connection_options& from)
    {
        scanner_.forbid(cluster.options().client_secret());
        from.log(kusto::log_level::trace,
                 [this](kusto::log_event const& event) { heard_.hear("log", to_text(event)); });
        if (!with_callback_)
            return;
        auto const token = fetch_token(cluster);
        scanner_.forbid(token);
        from.who(kusto::credential::callback([token](kusto::token_request const&)
                                             { return hand_out(token); }));
    }

    void caught(std::exception const& e)
    {
        heard_.hear("what()", e.what());
        if (auto const* const one = dynamic_cast<kusto::error const*>(&e))
            hear_failure(one->why());
    }

    void hear_failure(kusto::failure const& why)
    {
        heard_.hear("failure", why.describe());
        heard_.hear("failure", why.message() + ' ' + why.server_text() + ' ' + why.host());
    }

    void look(kusto::client& service, kusto::batching_sink& sink)
    {
        auto const all = sink.statistics();
        heard_.hear("to_json", kusto::to_json(all));
        std::vector<kusto::named_statistics> named;
        named.push_back(kusto::named_statistics{"NetDefaultDB", "Soak", all});
        heard_.hear("to_prometheus", kusto::to_prometheus(named));
        if (all.trouble)
            hear_failure(*all.trouble);
        if (all.report.first_failure)
            hear_failure(*all.report.first_failure);
        forbid_resources(scanner_, service);
    }

    secret_scanner& scanner_;
    bool const with_callback_;
    temporary_directory directory_;
    listener heard_;
    cell_hooks hooks_;
};

struct task
{
    trouble what;
    stage_of_delivery where;
    bool forever;
};

std::vector<task> all_tasks()
{
    std::vector<task> tasks;
    for (auto const& what : all_troubles())
    {
        auto stages = all_stages();
        if (what.of_ingestion)
            stages.assign(1, ingestion_stage());
        for (auto const& where : stages)
            for (bool const forever : {false, true})
                tasks.push_back(task{what, where, forever});
    }
    return tasks;
}

void run_all(std::vector<task> const& tasks, secret_scanner& scanner)
{
    std::atomic<std::size_t> next = 0;
    auto const work = [&]
    {
        for (auto i = next++; i < tasks.size(); i = next++)
        {
            secret_scanner of_this_one;
            auto const name = tasks[i].what.name + " at " + tasks[i].where.name;
            try
            {
                canary one(of_this_one, i % 3 == 0);
                one.run(tasks[i].what, tasks[i].where, tasks[i].forever);
            }
            catch (std::exception const& e)
            {
                scanner.complain(name + ": " + e.what());
            }
            scanner.take_over(of_this_one, name);
        }
    };
    std::vector<std::thread> threads;
    for (int i = 0; i < 12; ++i)
        threads.emplace_back(work);
    for (auto& one : threads)
        one.join();
}

} // namespace

BOOST_AUTO_TEST_SUITE(secrets)

BOOST_AUTO_TEST_CASE(a_planted_secret_is_found)
{
    secret_scanner scanner;
    scanner.forbid("pass/word+9 x");
    BOOST_TEST(scanner.scan("a", "level=info message=\"all is well\" path=/a/b status=201"));
    BOOST_TEST(!scanner.scan("b", "the password is pass/word+9 x."));
    BOOST_TEST(!scanner.scan("c", "secret=pass%2Fword%2B9%20x&"));
    BOOST_TEST(!scanner.scan("d", "https://a/b?sv=1&sig=abcdefgh%3D&se=2"));
    BOOST_TEST(!scanner.scan("e", "Authorization: Bearer abcdefghij"));
    BOOST_TEST(!scanner.scan("f", "token eyJ0eXAiOiJKV1QiLCJhbGciOiJub25lIn0.e30.c2ln"));
    BOOST_TEST(scanner.findings().size() == 5u);
    for (auto const& one : scanner.findings())
        BOOST_TEST(one.find("word") == std::string::npos);
}

BOOST_AUTO_TEST_CASE(what_a_run_says_is_searched)
{
    // Names that are no secrets, and appear in the log, statistics, exceptions and dead letters.
    auto const rows = all_troubles();
    auto const stages = all_stages();
    for (std::string const word :
         {"message=request", "accepted_records_total", "\"accepted\"", "given_up_at", "status 400"})
    {
        secret_scanner scanner;
        scanner.forbid(word);
        canary(scanner, false).run(rows.front(), stages[5], true);
        BOOST_TEST(scanner.findings().size() != 0u, word);
    }
}

BOOST_AUTO_TEST_CASE(none_gets_out_whatever_goes_wrong)
{
    secret_scanner scanner;
    captured_output output;
    run_all(all_tasks(), scanner);
    auto const written = output.end();
    (void)scanner.scan("stdout or stderr", written);
    for (auto const& one : scanner.findings())
        BOOST_ERROR(one);
    BOOST_TEST(scanner.scanned_bytes() > 1'000'000u);
}

BOOST_AUTO_TEST_SUITE_END()

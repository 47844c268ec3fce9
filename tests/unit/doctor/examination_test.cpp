#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/test/unit_test.hpp>
#include <doctor/examination.hpp>
#include <support/run.hpp>
#include <support/scoped_environment.hpp>
#include <support/scripted_transport.hpp>

namespace
{

using namespace kusto;
using namespace kusto::test;
using namespace std::chrono_literals;
using async::http_method;

boost::asio::awaitable<doctor::host_report> reached(base::url, deadline)
{
    doctor::host_report report;
    for (auto* const one : {&report.name, &report.connection, &report.tls})
        one->taken = true;
    co_return report;
}

boost::asio::awaitable<doctor::host_report> not_found(base::url where, deadline)
{
    doctor::host_report report;
    report.name.failed = failure(errc::host_not_found, stage::resolve, "no such name");
    report.name.taken = true;
    static_cast<void>(where);
    co_return report;
}

boost::asio::awaitable<doctor::host_report> slow_to_resolve(base::url, deadline)
{
    doctor::host_report report;
    report.name.failed = failure(errc::timed_out, stage::resolve, "late");
    report.name.taken = true;
    co_return report;
}

constexpr char const* metadata =
    R"({"AzureAD":{"LoginEndpoint":"https://login.microsoftonline.com",)"
    R"("KustoServiceResourceId":"https://kusto.kusto.windows.net"}})";

std::string version_of(std::string const& type)
{
    return R"({"Tables":[{"TableName":"T","Columns":[{"ColumnName":"ServiceType",)"
           R"("DataType":"String","ColumnType":"string"}],"Rows":[[")" +
           type + R"("]]}]})";
}

/// An examination over a script, on a clock that the test moves.
struct fixture
{
    diagnosis run(doctor::host_probe probe, doctor_options what = {},
                  std::chrono::milliseconds limit = 1min)
    {
        connection_options where("https://c.westeurope.kusto.windows.net",
                                 credential::static_token("CANARY"));
        return run_with(std::move(where), std::move(probe), std::move(what), limit);
    }

    diagnosis run_with(connection_options where, doctor::host_probe probe, doctor_options what,
                       std::chrono::milliseconds limit = 1min)
    {
        doctor::surroundings with(context.get_executor(), http, std::move(probe), time);
        auto const work = std::make_shared<doctor::examination>(
            std::move(with), std::move(where), std::move(what), deadline(time.now() + limit));
        return test::run(context, time, work->run());
    }

    void expect_metadata(async::http_headers headers = {})
    {
        http->expect(http_method::get, engine)
            .path("/v1/rest/auth/metadata")
            .no_header("Authorization")
            .times(2) // the token's sign-in asks for itself
            .reply(200, metadata, std::move(headers));
    }
    void expect_version(std::string host, std::string type)
    {
        http->expect(http_method::post, std::move(host))
            .body_contains(".show version")
            .reply(200, version_of(type));
    }

    static inline std::string const engine = "c.westeurope.kusto.windows.net";
    static inline std::string const ingestion = "ingest-c.westeurope.kusto.windows.net";
    boost::asio::io_context context;
    manual_clock time;
    std::shared_ptr<scripted_transport> http = std::make_shared<scripted_transport>(time);
};

/// A service that does not know something.
std::string unknown(std::string const& code, std::string const& said)
{
    return R"({"error":{"code":")" + code + R"(","@type":"Kusto.EntityNotFoundException",)" +
           R"("@message":")" + said + R"(","@permanent":true}})";
}

std::string state(diagnosis const& of, std::string_view name)
{
    auto const* const one = of.find(name);
    return one == nullptr ? "none" : std::string(to_string(one->state));
}

} // namespace

BOOST_FIXTURE_TEST_SUITE(examination, fixture)

BOOST_AUTO_TEST_CASE(without_a_name_nothing_is_asked)
{
    auto const found = run(not_found);
    BOOST_TEST(http->calls().empty());
    BOOST_TEST(state(found, "engine_dns") == "failed");
    BOOST_TEST(state(found, "ingestion_dns") == "failed");
    BOOST_TEST(state(found, "token") == "skipped");
    BOOST_TEST(state(found, "storage") == "skipped");
    BOOST_TEST(found.exit_status() == 3);
}

BOOST_AUTO_TEST_CASE(a_look_up_behind_a_slow_one_is_not_judged)
{
    auto const found = run(slow_to_resolve);
    BOOST_TEST(state(found, "engine_dns") == "failed");
    BOOST_TEST(state(found, "ingestion_dns") == "skipped");
    BOOST_TEST(found.find("ingestion_dns")->detail.find("engine_dns") != std::string::npos);
    BOOST_TEST(found.find("ingestion_tls")->detail == "because of engine_dns");
    BOOST_TEST(found.exit_status() == 3);
}

/// The engine has an address; its metadata are asked while the look-up of the other goes on.
BOOST_AUTO_TEST_CASE(a_question_behind_a_slow_look_up_is_not_judged)
{
    failure const late(errc::timed_out, stage::resolve, "late");
    auto const slow_ingestion = [](base::url where, deadline until)
    { return where.host() == ingestion ? slow_to_resolve(where, until) : reached(where, until); };
    http->expect(http_method::get, engine).fail(late);
    auto const found = run(slow_ingestion);
    BOOST_TEST(http->problems() == "");
    BOOST_TEST(state(found, "engine_tls") == "ok");
    BOOST_TEST(state(found, "ingestion_dns") == "failed");
    BOOST_TEST(state(found, "metadata") == "skipped");
    BOOST_TEST(found.find("metadata")->detail.starts_with("not asked in time"),
               found.find("metadata")->detail);
    BOOST_TEST(found.find("engine_service")->detail == "because of ingestion_dns");
    BOOST_TEST(found.exit_status() == 3);
    // Behind none it is its own.
    fixture other;
    other.http->expect(http_method::get, engine).fail(late);
    BOOST_TEST(state(other.run(reached), "metadata") == "failed");
}

BOOST_AUTO_TEST_CASE(what_the_service_is_too_busy_to_tell_of_roles_is_a_failure)
{
    struct
    {
        int status;
        char const* state;
    } const rows[] = {{429, "failed"},  {503, "failed"},  {401, "failed"},
                      {403, "skipped"}, {400, "skipped"}, {404, "skipped"}};
    // {"appid":"a","tid":"t"}
    connection_options where(
        "https://c.westeurope.kusto.windows.net",
        credential::static_token("e30.eyJhcHBpZCI6ImEiLCJ0aWQiOiJ0IiwiaWR0eXAiOiJhcHAifQ.x"));
    for (auto const& row : rows)
    {
        fixture one;
        one.expect_metadata();
        one.expect_version(engine, "Engine");
        one.expect_version(ingestion, "DataManagement");
        one.http->expect(http_method::post, ingestion).reply(503);
        one.http->expect(http_method::post, engine).reply(200, version_of("x"));
        one.http->expect(http_method::post, engine).reply(row.status);
        auto const found = one.run_with(where, reached, doctor_options().database("D"));
        BOOST_TEST(state(found, "roles") == row.state, row.status << to_text(found));
    }
}

/// Who cannot see a policy for want of a role is told so; who is kept out by a firewall is not.
BOOST_AUTO_TEST_CASE(a_page_in_place_of_an_answer_is_a_failure)
{
    expect_metadata();
    expect_version(engine, "Engine");
    expect_version(ingestion, "DataManagement");
    http->expect(http_method::post, ingestion).reply(403, "<html>blocked</html>");
    http->expect(http_method::post, engine).times(2).reply(403, "<html>blocked</html>");
    auto const found = run(reached, doctor_options().database("D"));
    for (auto const* const name : {"resources", "database"})
    {
        auto const* const one = found.find(name);
        BOOST_TEST(to_string(one->state) == "failed", name);
        BOOST_TEST(to_string(one->trouble) == "network", name);
        BOOST_TEST(one->remedy.starts_with("something in front"), one->remedy);
    }
    BOOST_TEST(found.exit_status() == 3);
}

BOOST_AUTO_TEST_CASE(a_page_in_place_of_a_token_says_nothing_of_the_credential)
{
    constexpr auto tenant = "22222222-2222-2222-2222-222222222222";
    connection_options const where(
        "https://c.westeurope.kusto.windows.net",
        credential::client_secret("11111111-1111-1111-1111-111111111111", "CANARY", tenant));
    struct
    {
        int status;
        char const* body;
        char const* trouble;
        std::string_view remedy;
        std::string_view detail;
    } const rows[] = {
        {403, "<html>blocked</html>", "network", "something in front", "a web page came"},
        {401, "<!DOCTYPE html>log in", "network", "something in front", "a web page came"},
        {200, "<html>log in</html>", "network", "what answers is not", "reply"},
        {401, "{}", "configuration", "check the credential", "without a reason"},
    };
    for (auto const& row : rows)
    {
        fixture one;
        one.expect_metadata();
        one.http->expect(http_method::post, "login.microsoftonline.com")
            .reply(row.status, row.body);
        auto const found = one.run_with(where, reached, {});
        BOOST_TEST(one.http->problems() == "");
        auto const* const token = found.find("token");
        BOOST_TEST(to_string(token->state) == "failed");
        BOOST_TEST(to_string(token->trouble) == row.trouble, row.status << token->detail);
        BOOST_TEST(token->remedy.starts_with(row.remedy), token->remedy);
        BOOST_TEST(token->detail.find(row.detail) != std::string::npos, token->detail);
    }
}

/// That there is no other token is known without asking: what the service said of the first stays.
BOOST_AUTO_TEST_CASE(a_static_token_that_is_refused_tells_what_the_service_said)
{
    expect_metadata();
    http->expect(http_method::post, engine)
        .reply(401, "the token is for another cluster", {{"x-ms-activity-id", "ACTIVITY"}});
    auto const found = run(reached);
    auto const* const one = found.find("engine_service");
    for (auto const* const part :
         {"[status 401]", "[activity ACTIVITY]", "(server: the token is for another cluster)"})
        BOOST_TEST(one->detail.find(part) != std::string::npos, one->detail);
    BOOST_TEST(one->detail.find("[host") == std::string::npos, one->detail); // is the subject
    BOOST_TEST(one->remedy.starts_with("get a new token"), one->remedy);
    BOOST_TEST(found.exit_status() == 2);
}

BOOST_AUTO_TEST_CASE(names_that_cannot_stand_in_a_command_are_a_matter_of_the_options)
{
    for (auto const& what : {doctor_options().table("a;b"), doctor_options().database("'")})
    {
        auto const found = run(reached, what);
        BOOST_TEST(state(found, "options") == "failed");
        BOOST_TEST(to_string(found.find("options")->trouble) == "configuration");
    }
    BOOST_TEST(http->calls().empty());
}

/// Names may be of any letters; U+009B, which terminals take for the beginning of a command, passes
/// for one.
BOOST_AUTO_TEST_CASE(names_do_not_command_terminals)
{
    auto const text = to_text(run(not_found, doctor_options().database("a\xc2\x9b"
                                                                       "1m")));
    BOOST_TEST(text.find("a 1m: because of") != std::string::npos, text);
}

BOOST_AUTO_TEST_CASE(what_is_odd_about_options_is_a_warning)
{
    struct
    {
        std::string url;
        std::string ingestion;
        std::string_view detail;
        std::string_view remedy;
    } const rows[] = {
        {"https://10.1.2.3", "", "cannot be derived from 10.1.2.3", "--ingestion-url"},
        {"https://[::1]:1", "", "cannot be derived from [::1]:1",
         "KUSTO_INGESTION_URL if the environment names the cluster"},
        {"https://localhost:1", "", "cannot be derived from localhost:1", "::ingestion_url"},
        {"https://ade.loganalytics.io/subscriptions/1/x", "", "it has no ingestion service",
         "give the URL of a cluster"},
        {"https://10.1.2.3", "https://10.1.2.4", "", ""},
        {"https://c.westeurope.kusto.windows.net", "", "", ""},
    };
    for (auto const& row : rows)
    {
        fixture one;
        connection_options where(row.url, credential::static_token("CANARY"));
        where.trust_host("10.1.2.3").trust_host("10.1.2.4");
        where.ingestion_url(row.ingestion).proxy(proxy::none());
        auto const found = one.run_with(where, not_found, {});
        BOOST_TEST(state(found, "options") == (row.detail.empty() ? "ok" : "warning"), row.url);
        auto const* const options = found.find("options");
        BOOST_TEST(options->detail.find(row.detail) != std::string::npos, options->detail);
        BOOST_TEST(options->remedy.find(row.remedy) != std::string::npos, options->remedy);
        bool const names_option = options->remedy.find("ingestion-url") != std::string::npos;
        BOOST_TEST(names_option == row.detail.starts_with("cannot"), options->remedy);
    }
}

BOOST_AUTO_TEST_CASE(entries_of_no_proxy_that_mean_nothing_are_a_warning)
{
    scoped_environment environment;
    environment.set("HTTPS_PROXY", "http://user:CANARY@p.example:1");
    environment.set("NO_PROXY", "localhost .kusto.windows.net");
    auto const found = run(not_found);
    auto const* const options = found.find("options");
    BOOST_TEST(to_string(options->state) == "warning");
    BOOST_TEST(options->detail.find("NO_PROXY") != std::string::npos);
    BOOST_TEST(options->detail.find(R"("localhost .kusto.windows.net")") != std::string::npos);
    BOOST_TEST(to_text(found).find("CANARY") == std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_server_that_is_silent_costs_the_time_of_one_check)
{
    http->expect(http_method::get, engine).hang();
    auto const found = run(reached, doctor_options().check_timeout(2s));
    BOOST_TEST(http->problems() == "");
    BOOST_TEST(state(found, "metadata") == "failed");
    BOOST_TEST(found.exit_status() == 3);
    BOOST_TEST((time.passed() <= 3s));
}

BOOST_AUTO_TEST_CASE(the_deadline_of_the_whole_counts_too)
{
    http->expect(http_method::get, engine).hang();
    auto const found = run(reached, doctor_options().check_timeout(1min), 1s);
    BOOST_TEST((time.passed() <= 2s));
    BOOST_TEST(state(found, "metadata") == "failed");
    BOOST_TEST(state(found, "token") == "skipped");
    BOOST_TEST(found.exit_status() == 3);
}

BOOST_AUTO_TEST_CASE(the_clock_is_judged_by_the_first_answer)
{
    expect_metadata({{"Date", "Thu, 01 Jan 2026 02:00:00 GMT"}});
    http->expect(http_method::post, engine).fail(failure(errc::connection_lost, stage::send, "x"));
    http->expect(http_method::post, ingestion)
        .fail(failure(errc::connection_lost, stage::send, "x"));
    auto const found = run(reached);
    BOOST_TEST(http->problems() == "");
    BOOST_TEST(state(found, "metadata") == "ok");
    BOOST_TEST(state(found, "engine_service") == "failed");
    BOOST_TEST(state(found, "resources") == "skipped");
    BOOST_TEST(state(found, "clock") == "failed");
    BOOST_TEST(found.find("clock")->detail == "this machine's clock is 7200 s behind " + engine);
}

BOOST_AUTO_TEST_CASE(services_that_are_the_other_one)
{
    expect_metadata();
    expect_version(engine, "DataManagement");
    expect_version(ingestion, "Engine");
    auto const found = run(reached, doctor_options().database("D"));
    BOOST_TEST(http->problems() == "");
    BOOST_TEST(state(found, "engine_service") == "failed");
    BOOST_TEST(state(found, "ingestion_service") == "failed");
    BOOST_TEST(state(found, "database") == "skipped");
    BOOST_TEST(found.exit_status() == 2);
}

BOOST_AUTO_TEST_CASE(nothing_is_repeated)
{
    expect_metadata();
    expect_version(engine, "Engine");
    expect_version(ingestion, "DataManagement");
    http->expect(http_method::post, ingestion).reply(503);
    auto const found = run(reached);
    BOOST_TEST(http->problems() == "");
    BOOST_TEST(state(found, "resources") == "failed");
    BOOST_TEST(found.exit_status() == 5);
    BOOST_TEST(to_text(found).find("CANARY") == std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_host_without_metadata_is_a_warning)
{
    http->expect(http_method::get, engine).times(2).reply(404);
    expect_version(engine, "Engine");
    expect_version(ingestion, "DataManagement");
    http->expect(http_method::post, ingestion).reply(403);
    auto const found = run(reached);
    BOOST_TEST(state(found, "metadata") == "warning");
    BOOST_TEST(state(found, "resources") == "failed");
    BOOST_TEST(found.exit_status() == 4);
}

BOOST_AUTO_TEST_CASE(a_database_that_is_missing_is_found_whatever_the_words)
{
    struct
    {
        std::string code;
        std::string said;
        std::string table; ///< empty: only the database is asked for
        bool asked_again = false;
        bool exists = false;
    } const rows[] = {
        {"BadRequest_EntityNotFound", "Entity ID 'D' of kind 'Database' was not found.", ""},
        {"BadRequest_DatabaseNotFound", "nothing of that name", ""},
        {"BadRequest_DatabaseNotExist", "Database 'D' does not exist", ""},
        {"BadRequest_EntityNotFound", "words that nobody knows", ""},
        {"BadRequest_EntityNotFound", "Entity ID 'D' of kind 'Database' was not found.", "T"},
        {"BadRequest_DatabaseNotExist", "Database 'D' does not exist", "T"},
        {"BadRequest_EntityNotFound", "words that nobody knows", "T", true},
        {"BadRequest_EntityNotFound", "words that nobody knows", "T", true, true},
        {"BadRequest_EntityNotFound", "Entity ID 'T' of kind 'Table' was not found.", "T", false,
         true},
        {"BadRequest_TableNotExist", "no", "T", false, true},
    };
    for (auto const& row : rows)
    {
        fixture one;
        auto const label = row.code + ": " + row.said + row.table;
        one.expect_metadata();
        one.expect_version(engine, "Engine");
        one.expect_version(ingestion, "DataManagement");
        one.http->expect(http_method::post, ingestion).reply(503);
        one.http->expect(http_method::post, engine)
            .body_contains(row.table.empty() ? "ingestionbatching" : "schema")
            .reply(400, unknown(row.code, row.said));
        if (row.asked_again && row.exists)
            one.http->expect(http_method::post, engine)
                .body_contains("ingestionbatching")
                .reply(200, version_of("x"));
        else if (row.asked_again)
            one.http->expect(http_method::post, engine)
                .body_contains("ingestionbatching")
                .reply(400, unknown(row.code, row.said));
        auto const found = one.run(reached, doctor_options().database("D").table(row.table));
        BOOST_TEST(one.http->problems() == "", label);
        BOOST_TEST(state(found, "database") == (row.exists ? "ok" : "failed"), label);
        if (!row.exists)
            BOOST_TEST(found.find("database")->remedy.find("correct --database") !=
                           std::string::npos,
                       label);
        auto const* const table = row.table.empty() ? "none" : row.exists ? "failed" : "skipped";
        BOOST_TEST(state(found, "table") == table, label);
        if (row.exists)
            BOOST_TEST(found.find("table")->remedy.find("correct --table") != std::string::npos,
                       label);
    }
}

BOOST_AUTO_TEST_CASE(a_cancelled_examination_ends_at_once)
{
    http->expect(http_method::get, engine).hang();
    connection_options where("https://c.westeurope.kusto.windows.net",
                             credential::static_token("CANARY"));
    doctor::surroundings with(context.get_executor(), http, reached, time);
    auto work = std::make_unique<doctor::examination>(
        std::move(with), std::move(where), doctor_options(), deadline(time.now() + 1min));
    boost::asio::cancellation_signal signal;
    std::exception_ptr thrown;
    boost::asio::co_spawn(
        context, work->run(),
        boost::asio::bind_cancellation_slot(
            signal.slot(), [&](std::exception_ptr what, diagnosis const&) { thrown = what; }));
    settle(context);
    BOOST_TEST(http->waiting() == 1u);
    cancel(context, signal);
    BOOST_TEST(http->waiting() == 0u);
    BOOST_TEST((thrown != nullptr));
    BOOST_TEST(time.waits() == 0u);
    work.reset();
    settle(context);
    BOOST_TEST(http->was_shut_down());
}

BOOST_AUTO_TEST_SUITE_END()

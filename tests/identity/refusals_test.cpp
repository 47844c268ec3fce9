// What is wrong with an environment is said within the deadline, with a name and a remedy.
#include "shipper.hpp"
#include "ways.hpp"

#include <boost/test/unit_test.hpp>
#include <fstream>
#include <kusto/emulator/connect_proxy.hpp>
#include <sstream>

using namespace kusto::test;
using kusto::connection_options;
using kusto::deadline;
using kusto::errc;
namespace emulator = kusto::emulator;
using namespace std::chrono_literals;

namespace
{

using preparation = std::function<void(estate const&, scoped_environment&)>;

struct row
{
    char const* name;
    preparation prepare;
    errc code;
    std::vector<std::string> said; ///< in the message or the names of what is wrong
    std::string service_code = {};
};

preparation connection(std::function<std::string(estate const&)> text)
{
    return [text = std::move(text)](estate const& on, scoped_environment& in)
    { in.set("KUSTO_CONNECTION_STRING", text(on)); };
}

preparation with_certificate(std::string name, std::string more = {})
{
    return connection(
        [name, more](estate const& on)
        { return on.application() + ";Application Certificate Path=" + on.file(name) + more; });
}

preparation with_federation(std::function<void(estate const&)> change)
{
    return [change = std::move(change)](estate const& on, scoped_environment& in)
    {
        in.set("KUSTO_CONNECTION_STRING", on.place() + ";Credential=workload identity");
        on.name_application(in);
        in.set("AZURE_FEDERATED_TOKEN_FILE", on.file("federated.jwt"));
        change(on);
    };
}

std::string key(estate const& on, std::string const& tenant = {})
{
    return on.application(tenant) + ";Application Key=" + on.secret;
}

std::string elsewhere(estate const& on, std::string const& url)
{
    auto const text = key(on);
    return "Data Source=" + url + text.substr(text.find(';'));
}

/// How long a client may take to say that it cannot sign in.
constexpr auto patience = 5s;

void check(estate const& on, row const& wrong)
{
    scoped_environment environment;
    on.enter(environment);
    wrong.prepare(on, environment);
    auto const begin = std::chrono::steady_clock::now();
    shipper program;
    auto const why = failure_of(
        [&]
        {
            auto where = connection_options::from_environment();
            where.connect_timeout(2s).request_timeout(3s);
            kusto::client service(program.threads.get_executor(), where);
            program.run(service.connect(deadline::after(patience)));
        });
    auto const took = std::chrono::steady_clock::now() - begin;
    BOOST_REQUIRE_MESSAGE(why, wrong.name << ": nothing was thrown");
    BOOST_TEST_MESSAGE(wrong.name << ": " << why->describe());
    BOOST_TEST((why->code() == wrong.code), wrong.name << ": " << why->describe());
    BOOST_TEST((took < patience + 1s), wrong.name);
    for (auto const& word : wrong.said)
        BOOST_TEST(why->describe().find(word) != std::string::npos,
                   wrong.name << " lacks '" << word << "': " << why->describe());
    BOOST_TEST(why->service_code() == wrong.service_code, wrong.name);
    // Who asks Microsoft for help needs it.
    if (wrong.service_code.starts_with("AADSTS"))
        BOOST_TEST(!why->activity_id().empty(), wrong.name);
    for (auto const& secret : on.secrets())
        BOOST_TEST(why->describe().find(secret) == std::string::npos, wrong.name);
}

void check_all(estate const& on, std::vector<row> const& rows)
{
    for (auto const& one : rows)
        check(on, one);
}

constexpr char const* who = "22222222-2222-2222-2222-222222222222";

} // namespace

BOOST_AUTO_TEST_SUITE(refusals)

BOOST_AUTO_TEST_CASE(options_that_cannot_work)
{
    estate on;
    std::ofstream(on.file("unreadable.pem")) << "no certificate at all";
    auto const whole = [&](std::string name, std::string value) -> preparation
    {
        return [name, value](estate const& at, scoped_environment& in)
        {
            in.set("KUSTO_CLUSTER_URL", at.cluster.engine_url());
            in.set(name, value);
        };
    };
    check_all(on,
              {
                  {"a tenant that is none",
                   connection([](estate const& at) { return key(at, "a/b"); }),
                   errc::invalid_option,
                   {"tenant id must be", "client secret of application", who}},
                  {"a tenant that is an alias",
                   connection([](estate const& at) { return key(at, "common"); }),
                   errc::invalid_option,
                   {"tenant must be named", "client secret of application", who}},
                  {"no variable at all",
                   [](estate const&, scoped_environment&) {},
                   errc::invalid_option,
                   {"KUSTO_CONNECTION_STRING", "KUSTO_CLUSTER_URL"}},
                  {"a secret without a name",
                   whole("AZURE_CLIENT_SECRET", on.secret),
                   errc::invalid_option,
                   {"AZURE_CLIENT_SECRET", "AZURE_CLIENT_ID", "AZURE_TENANT_ID"}},
                  {"a keyword that is missing",
                   connection([](estate const& at)
                              { return at.place() + ";Application Key=" + at.secret; }),
                   errc::invalid_connection_string,
                   {"Application Client Id", "Authority Id"}},
                  {"a keyword that is misspelled",
                   connection([](estate const& at) { return at.place() + ";Aplication Key=x"; }),
                   errc::invalid_connection_string,
                   {"Application Key"}},
                  {"no certificate there",
                   with_certificate("nowhere.pem"),
                   errc::invalid_option,
                   {"nowhere.pem", "client certificate of application", who}},
                  {"a certificate that is none",
                   with_certificate("unreadable.pem"),
                   errc::invalid_option,
                   {"unreadable.pem", "client certificate of application"}},
                  {"an expired certificate",
                   with_certificate("expired.pem"),
                   errc::invalid_option,
                   {"expired", "expired.pem", "client certificate of application"}},
                  {"a wrong password",
                   with_certificate("app.pfx", ";Application Certificate Password=wrong-password"),
                   errc::invalid_option,
                   {"password", "app.pfx", "client certificate of application"}},
                  {"a password that is missing",
                   with_certificate("locked.pem"),
                   errc::invalid_option,
                   {"password", "locked.pem"}},
                  {"plain http with credentials",
                   connection([](estate const& at)
                              { return elsewhere(at, "http://c.westeurope.kusto.windows.net"); }),
                   errc::invalid_option,
                   {"https"}},
                  {"a host of nobody's",
                   [](estate const& at, scoped_environment& in)
                   {
                       in.set("KUSTO_CONNECTION_STRING",
                              elsewhere(at, "https://kusto.example.org"));
                       in.unset("KUSTO_INGESTION_URL");
                   },
                   errc::untrusted_endpoint,
                   {"trust_host", "kusto.example.org"}},
                  {"a narrowed chain that is none",
                   [](estate const& at, scoped_environment& in)
                   {
                       in.set("KUSTO_CLUSTER_URL", at.cluster.engine_url());
                       in.set("AZURE_TOKEN_CREDENTIALS", "everything");
                   },
                   errc::invalid_option,
                   {"AZURE_TOKEN_CREDENTIALS", "prod"}},
              });
}

BOOST_AUTO_TEST_CASE(what_the_identity_provider_refuses)
{
    estate on;
    auto const as_application = std::string("application ") + who;
    check_all(on,
              {
                  {"an unknown secret",
                   connection([](estate const& at)
                              { return at.application() + ";Application Key=another-secret"; }),
                   errc::authentication_failed,
                   {"give the secret's value", as_application},
                   "AADSTS7000215"},
                  {"an unknown secret, and an Azure CLI that would do",
                   [](estate const& at, scoped_environment& in)
                   {
                       at.install_azure_cli(at.access_token());
                       in.set("KUSTO_CONNECTION_STRING", at.place() + ";Credential=default");
                       in.set("PATH", at.files.path() + ":/usr/bin:/bin");
                       at.name_application(in);
                       in.set("AZURE_CLIENT_SECRET", "another-secret");
                   },
                   errc::authentication_failed,
                   {"give the secret's value", as_application},
                   "AADSTS7000215"},
                  {"an unknown tenant",
                   connection([](estate const& at) { return key(at, "contoso.onmicrosoft.com"); }),
                   errc::authentication_failed,
                   {"check the tenant id", as_application},
                   "AADSTS90002"},
                  {"an unknown certificate",
                   with_certificate("stranger.pem"),
                   errc::authentication_failed,
                   {"upload it", as_application},
                   "AADSTS700027"},
                  {"a token of another platform",
                   with_federation(
                       [](estate const& at) {
                           at.write("federated.jwt", at.federated_token("https://stranger.local"));
                       }),
                   errc::authentication_failed,
                   {"issuer", "workload identity"},
                   "AADSTS700211"},
                  {"a token of yesterday",
                   with_federation(
                       [](estate const& at)
                       {
                           at.write("federated.jwt", at.federated_token("https://platform.local",
                                                                        std::chrono::hours(24)));
                       }),
                   errc::authentication_failed,
                   {"clock", "workload identity"},
                   "AADSTS700024"},
                  {"another identity of the machine",
                   [](estate const& at, scoped_environment& in)
                   {
                       in.set("KUSTO_CONNECTION_STRING", at.place() + ";Managed Identity=" + who);
                       at.enter(in, emulator::identity_host::virtual_machine);
                   },
                   errc::authentication_failed,
                   {"managed identity with client id", "assigned", who},
                   "invalid_request"},
                  {"Service Fabric with another's certificate",
                   [](estate const& at, scoped_environment& in)
                   {
                       in.set("KUSTO_CONNECTION_STRING", at.place() + ";Managed Identity=system");
                       at.enter(in, emulator::identity_host::service_fabric);
                       in.set("IDENTITY_SERVER_THUMBPRINT", std::string(40, 'a'));
                   },
                   errc::certificate_rejected,
                   {"managed identity of the system", "Service Fabric", "thumbprint"}},
                  {"a token that the cluster does not know",
                   connection([](estate const& at)
                              { return at.place() + ";Application Token=a-token-of-nobody"; }),
                   errc::authentication_failed,
                   {"static token"}},
              });
    estate_plan old;
    old.sign_in.secret_expired(true);
    check_all(estate(old), {{"an expired secret",
                             connection([](estate const& at) { return key(at); }),
                             errc::authentication_failed,
                             {"expired", "create a new one"},
                             "AADSTS7000222"}});
}

BOOST_AUTO_TEST_CASE(what_is_not_there)
{
    estate on;
    auto const as = [](std::string credential, preparation more) -> preparation
    {
        return [credential, more](estate const& at, scoped_environment& in)
        {
            in.set("KUSTO_CONNECTION_STRING", at.place() + ";Credential=" + credential);
            in.set("PATH", "/nowhere");
            more(at, in);
        };
    };
    auto const nothing = [](estate const&, scoped_environment&) {};
    check_all(on,
              {
                  {"no Azure CLI",
                   as("azure cli", nothing),
                   errc::credential_unavailable,
                   {"az", "not installed", "Azure CLI"}},
                  {"no variables",
                   as("environment", nothing),
                   errc::credential_unavailable,
                   {"AZURE_TENANT_ID", "AZURE_CLIENT_SECRET"}},
                  {"no federation",
                   as("workload identity", nothing),
                   errc::credential_unavailable,
                   {"AZURE_FEDERATED_TOKEN_FILE"}},
                  {"a chain with nothing in it",
                   as("default", [](estate const&, scoped_environment& in)
                      { in.set("AZURE_TOKEN_CREDENTIALS", "dev"); }),
                   errc::credential_unavailable,
                   {"none of these", "Azure CLI", "az"}},
              });
}

BOOST_AUTO_TEST_CASE(a_chain_says_of_each_link_why)
{
    estate on;
    struct line
    {
        std::string name;
        std::vector<std::string> reason;
    };
    for (std::string const narrowed : {"", "prod"})
    {
        scoped_environment environment;
        on.enter(environment);
        environment.set("KUSTO_CONNECTION_STRING", on.place() + ";Credential=default");
        environment.set("AZURE_TOKEN_CREDENTIALS", narrowed);
        environment.set("AZURE_CLIENT_ID", on.user_client);
        // Left over from elsewhere; nobody listens there.
        environment.set("IDENTITY_ENDPOINT", "http://127.0.0.1:1/msi/token");
        environment.set("IDENTITY_HEADER", "CANARY-header");
        environment.set("PATH", "/nowhere");
        shipper program;
        auto const why = failure_of(
            [&]
            {
                kusto::client service(program.threads.get_executor(),
                                      connection_options::from_environment());
                program.run(service.connect(deadline::after(patience)));
            });
        BOOST_REQUIRE(why);
        BOOST_TEST((why->code() == errc::credential_unavailable), why->describe());
        std::vector<line> expected{
            {"none of these credentials is available:", {}},
            {"credential of the environment variables: ",
             {"AZURE_CLIENT_ID", "but not", "AZURE_TENANT_ID", "AZURE_CLIENT_SECRET"}},
            {"workload identity: ", {"not set: ", "AZURE_FEDERATED_TOKEN_FILE"}},
            {"managed identity with client id " + on.user_client + ": ",
             {"nothing answers", "App Service"}},
        };
        if (narrowed.empty())
            expected.push_back({"Azure CLI: ", {"not installed"}});
        std::istringstream lines(why->message());
        for (auto const& [name, reason] : expected)
        {
            std::string text;
            std::getline(lines, text);
            BOOST_TEST(text.starts_with(name), why->message());
            for (auto const& word : reason)
                BOOST_TEST(text.find(word, name.size()) != std::string::npos,
                           name << " lacks " << word << ": " << text);
        }
        BOOST_TEST((lines.peek() == std::char_traits<char>::eof()), why->message());
        BOOST_TEST(why->describe().find("CANARY") == std::string::npos);
    }
}

BOOST_AUTO_TEST_CASE(an_identity_provider_that_is_away_or_silent)
{
    for (auto const route : {emulator::fault_route::token, emulator::fault_route::managed_identity})
    {
        bool const login = route == emulator::fault_route::token;
        estate on;
        preparation const prepare = [login](estate const& at, scoped_environment& in)
        {
            in.set("KUSTO_CONNECTION_STRING",
                   login ? key(at) : at.place() + ";Managed Identity=system");
            at.enter(in, emulator::identity_host::app_service);
        };
        std::string const name = login ? "client secret" : "managed identity of the system";
        auto const install = [&](emulator::fault rule)
        {
            emulator::fault_script script;
            script.add(std::move(rule).on(route));
            on.cluster.set_faults(script);
        };
        install(emulator::fault::never_answer());
        check(on, {"silent", prepare, errc::timed_out, {}});
        install(emulator::fault::garbage());
        check(on, {"a web page", prepare, errc::malformed_reply, {name}});
    }
}

BOOST_AUTO_TEST_CASE(a_proxy_that_refuses)
{
    estate_plan plan;
    plan.public_host = "c.westeurope.kusto.windows.net";
    plan.public_login = "login.microsoftonline.com";
    estate on(plan);
    auto const through = [&](emulator::connect_proxy const& proxy) -> preparation
    {
        return [url = proxy.url()](estate const& at, scoped_environment& in)
        {
            in.set("KUSTO_CONNECTION_STRING", key(at));
            in.set("HTTPS_PROXY", "http://shipper:wrong-password@" + url.substr(7));
        };
    };
    emulator::connect_proxy const forbids(emulator::connect_proxy_options().refuse(403));
    emulator::connect_proxy const asks(
        emulator::connect_proxy_options().credentials("shipper", "right-password"));
    check(on, {"403", through(forbids), errc::proxy_refused, {"403", "proxy"}});
    check(on, {"407", through(asks), errc::proxy_refused, {"407", "user"}});
    BOOST_TEST(asks.counts().tunnels == 0u);
}

BOOST_AUTO_TEST_CASE(a_login_endpoint_of_another_cloud_is_not_trusted)
{
    estate_plan plan;
    plan.public_host = "c.westeurope.kusto.windows.net";
    plan.public_login = "login.microsoftonline.us";
    estate on(plan);
    emulator::connect_proxy const proxy(
        emulator::connect_proxy_options()
            .route(plan.public_host + ":443", on.cluster.engine_url())
            .route("ingest-" + plan.public_host + ":443", on.cluster.ingestion_url())
            .route(plan.public_login + ":443", on.cluster.authority_url()));
    preparation const prepare = [&](estate const& at, scoped_environment& in)
    {
        in.set("KUSTO_CONNECTION_STRING", key(at));
        in.set("HTTPS_PROXY", proxy.url());
    };
    check(on, {"another cloud", prepare, errc::untrusted_endpoint, {plan.public_login}});
    for (auto const& asked : proxy.counts().asked)
        BOOST_TEST(asked.find("login") == std::string::npos, asked);
}

BOOST_AUTO_TEST_SUITE_END()

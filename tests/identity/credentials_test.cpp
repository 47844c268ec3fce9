// One program, every credential: only the environment of the machine differs.
#include "misbehaving_callbacks.hpp"
#include "shipper.hpp"
#include "ways.hpp"

#include <boost/test/unit_test.hpp>
#include <kusto/emulator/connect_proxy.hpp>
#include <mutex>

using namespace kusto::test;
using kusto::connection_options;
using kusto::credential;
using kusto::deadline;
namespace emulator = kusto::emulator;
using namespace std::chrono_literals;

namespace
{

std::string rows_of(estate& of, std::string const& text)
{
    of.cluster.wait_until_idle(10s);
    return of.cluster.scalar("NetDefaultDB", "Readings | where Text == \"" + text + "\" | count");
}

void check_delivery(estate& on, way const& how)
{
    scoped_environment environment;
    on.enter(environment);
    how.prepare(on, environment);
    auto const tokens = on.cluster.counts().tokens;
    shipper program;
    std::uint64_t delivered = 0;
    auto const why = failure_of([&] { delivered = program.ship(options_for(how, on), how.name); });
    BOOST_TEST(!why, how.name << ": " << (why ? why->describe() : ""));
    BOOST_TEST(delivered == 3u, how.name);
    BOOST_TEST(rows_of(on, how.name) == "3", how.name);
    bool const asked = how.issuer == token_issuer::login || how.issuer == token_issuer::machine;
    BOOST_TEST((on.cluster.counts().tokens > tokens) == asked, how.name);
}

/// Which link of a chain the log says it keeps to.
class chain_listener
{
public:
    void listen(connection_options& to)
    {
        to.log(kusto::log_level::info,
               [this](kusto::log_event const& event)
               {
                   std::lock_guard const lock(mutex_);
                   auto const text = to_text(event);
                   if (text.find("keeps to one") != std::string::npos)
                       winner_ = text;
               });
    }
    [[nodiscard]] std::string winner() const
    {
        std::lock_guard const lock(mutex_);
        return winner_;
    }

private:
    mutable std::mutex mutex_;
    std::string winner_;
};

struct chain_row
{
    char const* name;
    std::function<void(estate const&, scoped_environment&)> prepare;
    std::string winner;
};

void set_secret(estate const& on, scoped_environment& in)
{
    on.name_application(in);
    in.set("AZURE_CLIENT_SECRET", on.secret);
}

void set_federation(estate const& on, scoped_environment& in)
{
    on.name_application(in);
    in.set("AZURE_FEDERATED_TOKEN_FILE", on.file("federated.jwt"));
}

/// A machine with an Azure CLI.
void set_tools(estate const& on, scoped_environment& in)
{
    in.set("PATH", on.files.path() + ":/usr/bin:/bin");
}

/// The same without IMDS, whose usual address tests must not ask.
void set_laptop(estate const& on, scoped_environment& in)
{
    set_tools(on, in);
    in.set("AZURE_TOKEN_CREDENTIALS", "dev");
}

/// The next request is refused, and every token that was given out so far.
void revoke_tokens(estate& of)
{
    emulator::fault_script script;
    script.add(emulator::fault::of(emulator::fault_action::revoke_tokens).times(1));
    of.cluster.set_faults(script);
}

estate_plan behind(std::string host, std::string login)
{
    estate_plan plan;
    plan.public_host = std::move(host);
    plan.public_login = std::move(login);
    return plan;
}

emulator::connect_proxy_options routes(estate const& on, std::string const& host,
                                       std::string const& login)
{
    return emulator::connect_proxy_options()
        .route(host + ":443", on.cluster.engine_url())
        .route("ingest-" + host + ":443", on.cluster.ingestion_url())
        .route(login + ":443", on.cluster.authority_url())
        .credentials("shipper", "pass:word");
}

} // namespace

BOOST_AUTO_TEST_SUITE(credentials)

BOOST_AUTO_TEST_CASE(every_credential_delivers)
{
    estate_plan plan;
    plan.sign_in.approve_device_codes(true);
    estate on(plan);
    on.install_azure_cli(on.access_token());
    set_callback(callback_that_gives(on.access_token()));
    if (!on.arc.is_usable())
        BOOST_TEST_MESSAGE("without Azure Arc: " << on.arc.path() << " cannot be made here");
    auto const ways = all_ways(on);
    BOOST_TEST(ways.size() >= 34u);
    for (auto const& how : ways)
        check_delivery(on, how);
}

BOOST_AUTO_TEST_CASE(a_person_approves_a_device_code)
{
    estate on;
    scoped_environment environment;
    on.enter(environment);
    environment.set("KUSTO_CONNECTION_STRING", on.place());
    auto where = connection_options::from_environment();
    kusto::device_prompt seen("", "", "");
    bool approved = false;
    where.who(credential::device_code(
        [&](kusto::device_prompt const& prompt)
        {
            seen = prompt;
            approved = on.cluster.approve_device_code(prompt.user_code);
        }));
    shipper program;
    BOOST_TEST(program.ship(where, "device") == 3u);
    BOOST_TEST(approved);
    BOOST_TEST(seen.message.find(seen.user_code) != std::string::npos);
    BOOST_TEST(rows_of(on, "device") == "3");
}

BOOST_AUTO_TEST_CASE(what_the_service_demands_of_a_token_is_passed_on)
{
    estate_plan plan;
    plan.sign_in.approve_device_codes(true);
    estate on(plan);
    std::string const demanded = R"({"access_token":{"nbf":{"essential":true,"value":"1"}}})";
    on.cluster.demand_claims(demanded);
    std::size_t passed_on = 0;
    for (std::string const name : {"client secret", "certificate, PEM file", "workload identity",
                                   "default chain, secret", "device code"})
    {
        for (auto const& how : all_ways(on))
        {
            if (how.name == name)
                check_delivery(on, how);
        }
        auto const seen = on.cluster.requested_claims();
        BOOST_TEST(seen.size() > passed_on, name);
        passed_on = seen.size();
    }
}

BOOST_AUTO_TEST_CASE(a_person_is_asked_once)
{
    estate on;
    scoped_environment environment;
    on.enter(environment);
    environment.set("KUSTO_CONNECTION_STRING", on.place());
    auto where = connection_options::from_environment();
    int prompts = 0;
    where.who(credential::device_code(
        [&](kusto::device_prompt const& prompt)
        {
            ++prompts;
            (void)on.cluster.approve_device_code(prompt.user_code);
        }));
    shipper program;
    kusto::client service(program.threads.get_executor(), where);
    for (std::uint64_t turn = 1; turn <= 3; ++turn)
    {
        auto const why = failure_of(
            [&] { (void)program.run(service.query("", "print 1", deadline::after(10s))); });
        BOOST_TEST(!why, (why ? why->describe() : ""));
        BOOST_TEST(on.cluster.counts().tokens == turn);
        revoke_tokens(on);
    }
    BOOST_TEST(prompts == 1);
}

BOOST_AUTO_TEST_CASE(a_declined_device_code_ends_it)
{
    estate on;
    scoped_environment environment;
    on.enter(environment);
    environment.set("KUSTO_CONNECTION_STRING", on.place());
    auto where = connection_options::from_environment();
    where.who(credential::device_code([&](kusto::device_prompt const& prompt)
                                      { on.cluster.decline_device_code(prompt.user_code); }));
    shipper program;
    kusto::client service(program.threads.get_executor(), where);
    auto const why = failure_of([&] { program.run(service.connect(deadline::after(20s))); });
    BOOST_REQUIRE(why);
    BOOST_TEST((why->code() == kusto::errc::authentication_failed), why->describe());
    BOOST_TEST(why->message().find("declined") != std::string::npos, why->describe());
}

BOOST_AUTO_TEST_CASE(files_are_read_anew_for_each_request)
{
    struct row
    {
        std::string file;
        std::function<std::string(estate const&)> rest;
        std::function<std::string(estate const&)> bad;
        std::string refusal;
    };
    std::vector<row> const rows{
        {"federated.jwt", [](estate const&) { return "Credential=workload identity"; },
         [](estate const& at) { return at.federated_token("https://stranger.local"); },
         "AADSTS700211"},
        {"app.pem",
         [](estate const& at)
         {
             auto const text =
                 at.application() + ";Application Certificate Path=" + at.file("app.pem");
             return text.substr(text.find(';') + 1);
         },
         [](estate const& at) { return at.files.read("stranger.pem"); }, "AADSTS700027"},
    };
    for (auto const& [file, rest, bad, refusal] : rows)
    {
        estate on;
        scoped_environment environment;
        on.enter(environment);
        environment.set("KUSTO_CONNECTION_STRING", on.place() + ';' + rest(on));
        set_federation(on, environment);
        shipper program;
        auto const where = connection_options::from_environment();
        kusto::client service(program.threads.get_executor(), where);
        auto const ask = [&]
        {
            return failure_of(
                [&] { (void)program.run(service.query("", "print 1", deadline::after(10s))); });
        };
        auto const good = on.files.read(file);
        BOOST_TEST(!ask(), file);
        auto const first = on.cluster.counts().tokens;
        on.write(file, bad(on));
        revoke_tokens(on);
        auto const refused = ask();
        BOOST_REQUIRE_MESSAGE(refused, file);
        BOOST_TEST(refused->service_code() == refusal, refused->describe());
        on.write(file, good);
        // The same client says for three seconds that it was refused.
        service = kusto::client(program.threads.get_executor(), where);
        auto const again = ask();
        BOOST_TEST(!again, (again ? again->describe() : ""));
        BOOST_TEST(on.cluster.counts().tokens == first + 1, file);
    }
}

BOOST_AUTO_TEST_CASE(a_secret_may_hold_any_character)
{
    estate_plan plan;
    plan.secret = "CANARY +a/b=c&d%41;'\"~\xc3\xbc";
    estate on(plan);
    for (std::string const name : {"environment, secret", "default chain, secret"})
    {
        for (auto const& how : all_ways(on))
        {
            if (how.name == name)
                check_delivery(on, how);
        }
    }
}

BOOST_AUTO_TEST_CASE(the_default_chain_takes_what_is_there)
{
    estate on;
    on.install_azure_cli(on.access_token());
    auto const vm = [](estate const& at, scoped_environment& in)
    {
        set_tools(at, in);
        at.enter(in, emulator::identity_host::virtual_machine);
    };
    auto const all = [vm](estate const& at, scoped_environment& in)
    {
        vm(at, in);
        set_federation(at, in);
        set_secret(at, in);
    };
    std::vector<chain_row> const rows{
        {"laptop", set_laptop, "Azure CLI"},
        {"virtual machine", vm, "managed identity of the system"},
        {"virtual machine, a second identity",
         [vm](estate const& at, scoped_environment& in)
         {
             vm(at, in);
             in.set("AZURE_CLIENT_ID", at.user_client);
         },
         "managed identity with client id " + on.user_client},
        {"container",
         [vm](estate const& at, scoped_environment& in)
         {
             vm(at, in);
             set_federation(at, in);
         },
         "workload identity"},
        {"function",
         [](estate const& at, scoped_environment& in)
         {
             set_tools(at, in);
             at.enter(in, emulator::identity_host::app_service);
         },
         "managed identity of the system"},
        {"everything", all, "credential of the environment variables"},
        {"everything, narrowed to the CLI",
         [all](estate const& at, scoped_environment& in)
         {
             all(at, in);
             in.set("AZURE_TOKEN_CREDENTIALS", "dev");
         },
         "Azure CLI"},
        {"everything, narrowed to workload identity",
         [all](estate const& at, scoped_environment& in)
         {
             all(at, in);
             in.set("AZURE_TOKEN_CREDENTIALS", "WorkloadIdentityCredential");
         },
         "workload identity"},
    };
    for (auto const& row : rows)
    {
        scoped_environment environment;
        on.enter(environment);
        environment.set("KUSTO_CLUSTER_URL", on.cluster.engine_url());
        row.prepare(on, environment);
        auto where = connection_options::from_environment();
        chain_listener heard;
        heard.listen(where);
        shipper program;
        std::uint64_t delivered = 0;
        auto const why = failure_of([&] { delivered = program.ship(where, row.name); });
        BOOST_TEST(!why, row.name << ": " << (why ? why->describe() : ""));
        BOOST_TEST(delivered == 3u, row.name);
        BOOST_TEST(heard.winner().find("credential=\"" + row.winner + '"') != std::string::npos,
                   row.name << ": " << heard.winner());
    }
}

BOOST_AUTO_TEST_CASE(clouds_are_reached_through_a_proxy)
{
    struct row
    {
        std::string host, login;
    };
    std::vector<row> const rows{
        {"c.westeurope.kusto.windows.net", "login.microsoftonline.com"},
        {"c.kusto.usgovcloudapi.net", "login.microsoftonline.us"},
        {"c.kusto.chinacloudapi.cn", "login.partner.microsoftonline.cn"},
    };
    for (auto const& [host, login] : rows)
    {
        estate on(behind(host, login));
        emulator::connect_proxy proxy(routes(on, host, login));
        for (char const* const certificate : {"", "app.pem"})
        {
            scoped_environment environment;
            on.enter(environment);
            auto const proof = *certificate == '\0'
                                   ? "Application Key=" + on.secret
                                   : "Application Certificate Path=" + on.file(certificate);
            environment.set("KUSTO_CONNECTION_STRING", on.application() + ';' + proof);
            environment.set("HTTPS_PROXY", "http://shipper:pass%3Aword@" + proxy.url().substr(7));
            shipper program;
            std::uint64_t delivered = 0;
            auto const why = failure_of(
                [&] { delivered = program.ship(connection_options::from_environment(), proof); });
            BOOST_TEST(!why, host << ": " << (why ? why->describe() : ""));
            BOOST_TEST(delivered == 3u, host);
        }
        auto const seen = proxy.counts();
        BOOST_TEST(seen.other_headers.empty(), host);
        BOOST_TEST(seen.refused == 0u, host);
        for (auto const& name : {host, "ingest-" + host, login})
            BOOST_TEST((std::find(seen.asked.begin(), seen.asked.end(), name + ":443") !=
                        seen.asked.end()),
                       name);
    }
}

BOOST_AUTO_TEST_CASE(a_clock_that_is_wrong_by_an_hour_does_no_harm)
{
    for (auto const offset : {-3600s, 3600s})
    {
        estate_plan plan;
        plan.sign_in.clock_offset(offset);
        estate on(plan);
        for (std::string const name : {"certificate, PEM file", "certificate, PEM file, AD FS"})
        {
            for (auto const& how : all_ways(on))
            {
                if (how.name == name)
                    check_delivery(on, how);
            }
        }
    }
}

BOOST_AUTO_TEST_SUITE_END()

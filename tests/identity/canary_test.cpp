// No secret gets out, whatever an identity provider does: every credential, every failure, at the
// trace level, with everything searched that the library writes or says.
#include "observatory.hpp"

#include <boost/test/unit_test.hpp>
#include <fstream>
#include <kusto/emulator/connect_proxy.hpp>

using namespace kusto::test;
using kusto::connection_options;
using kusto::faults::secret_scanner;
namespace emulator = kusto::emulator;

namespace
{

void report(secret_scanner const& scanner)
{
    for (auto const& one : scanner.findings())
        BOOST_ERROR(one);
}

/// \returns what did not go as it should have
std::vector<std::string> look_at_all(observatory& here, secret_scanner& scanner)
{
    std::vector<std::string> unexpected;
    for (auto const& how : all_ways(here.on()))
    {
        for (auto const what : all_troubles)
        {
            if (here.variants(how, what) == 0)
                continue;
            auto const name = how.name + ", " + std::string(name_of(what));
            try
            {
                bool const answered = here.look(how, what, scanner);
                if (answered != (what == trouble::none))
                    unexpected.push_back(name);
            }
            catch (std::exception const& e)
            {
                unexpected.push_back(name + ": " + e.what());
            }
        }
    }
    return unexpected;
}

/// A way whose environment is a connection string.
way with_string(std::string name, std::function<std::string(estate const&)> text)
{
    return way{std::move(name), token_issuer::login,
               [text = std::move(text)](estate const& on, scoped_environment& in)
               { in.set("KUSTO_CONNECTION_STRING", text(on)); }};
}

/// Secrets where they do not belong.
std::vector<way> misplaced()
{
    auto const application = [](std::string id, std::string tenant)
    {
        return [=](estate const& on)
        {
            return on.place() + ";Application Client Id=" + (id.empty() ? on.secret : id) +
                   ";Authority Id=" + (tenant.empty() ? on.secret : tenant) +
                   ";Application Key=" + on.secret + " with a blank";
        };
    };
    auto const after = [](std::string text)
    { return [=](estate const& on) { return on.application() + text + on.secret; }; };
    constexpr char const* id = "22222222-2222-2222-2222-222222222222";
    return {
        with_string("the id", application("", id)),
        with_string("the tenant", application(id, "")),
        with_string(
            "an unknown keyword", [](estate const& on)
            { return on.place() + ";Application Key=" + on.secret + ";" + on.secret + "=1"; }),
        with_string("no keyword", after(";")),
        with_string("not closed", after(";Application Key=\"")),
        with_string("a blob that is none", after(";Application Certificate Blob=!")),
        with_string("a key without its certificate",
                    [](estate const& on)
                    {
                        auto const all = on.files.read("app.pem");
                        return on.application() + ";Application Certificate PrivateKey=\"" +
                               all.substr(0, all.find("-----BEGIN CERTIFICATE")) + '"';
                    }),
        with_string("a wrong password",
                    [](estate const& on)
                    {
                        return on.application() +
                               ";Application Certificate Path=" + on.file("app.pfx") +
                               ";Application Certificate Password=" + on.secret;
                    }),
        with_string("in the URL", [](estate const& on)
                    { return "Data Source=https://user:" + on.secret + "@localhost:1"; }),
        with_string(
            "a token with a blank", [](estate const& on)
            { return on.place() + ";Application Token=" + on.files.read("az-token") + " x"; }),
        with_string("a token of nobody's", [](estate const& on)
                    { return on.place() + ";Application Token=" + static_canary; }),
    };
}

/// Options for a proxy that wants another password, and one that has it.
void look_through_proxy(secret_scanner& scanner, bool right)
{
    estate_plan plan;
    plan.public_host = "c.westeurope.kusto.windows.net";
    plan.public_login = "login.microsoftonline.com";
    estate const on(plan);
    emulator::connect_proxy const proxy(
        emulator::connect_proxy_options()
            .route(plan.public_host + ":443", on.cluster.engine_url())
            .route("ingest-" + plan.public_host + ":443", on.cluster.ingestion_url())
            .route(plan.public_login + ":443", on.cluster.authority_url())
            .credentials("canary", right ? proxy_password : "another"));
    scoped_environment environment;
    on.enter(environment);
    environment.set("KUSTO_CONNECTION_STRING", on.application() + ";Application Key=" + on.secret);
    environment.set("HTTPS_PROXY",
                    "http://canary:" + std::string(proxy_password) + '@' + proxy.url().substr(7));
    scanner.forbid(proxy_password);
    scanner.forbid("Y2FuYXJ5OkNBTkFSWS5wcm94eV9wYXNzd29yZA=="); // as it is sent
    for (auto const& one : on.secrets())
        scanner.forbid(one);
    listener heard(scanner);
    auto where = connection_options::from_environment();
    where.retry(subject::quick());
    heard.listen(where);
    heard.hear(where);
    subject one(heard, where, right ? milliseconds(20'000) : milliseconds(300));
    BOOST_TEST(one.run() == right);
    BOOST_TEST((proxy.counts().tunnels > 0) == right);
}

} // namespace

BOOST_AUTO_TEST_SUITE(secrets)

BOOST_AUTO_TEST_CASE(what_is_planted_is_found_wherever_it_is)
{
    // Words that are no secrets, one for each thing that is searched.
    auto const how = with_string("", [](estate const& on)
                                 { return on.application() + ";Application Key=another-secret"; });
    constexpr char const* places[]{"log",     "credential",  "options", "describe",
                                   "doctor",  "statistics",  "metrics", "doctor as JSON",
                                   "message", "server_text", "codes",   "what"};
    observatory here;
    for (char const* const word :
         {"message=request", "client secret of", "localhost:", "engine_service",
          "accepted_records_total", "\"accepted\"", "\"exit_status\"", "AADSTS7000215"})
        here.plant(word);
    secret_scanner scanner;
    kusto::faults::captured_output output;
    BOOST_TEST(!here.look(how, trouble::none, scanner));
    std::fputs("localhost: is printed\n", stderr);
    std::ofstream(here.home().temporary() + "/left") << "localhost: is left";
    std::ofstream(here.on().file("az-arguments")) << "--url localhost:1";
    look_around(here, output.end(), scanner);
    std::string all;
    for (auto const& one : scanner.findings())
        all += one + '\n';
    for (std::string const place : places)
        BOOST_TEST(all.find(", none 0: " + place + ": the secret ") != std::string::npos, place);
    for (std::string const place : {"stdout or stderr", "file", "arguments of children"})
        BOOST_TEST(all.find('\n' + place + ": the secret ") != std::string::npos, place);
}

BOOST_AUTO_TEST_CASE(secrets_where_they_do_not_belong)
{
    observatory here;
    secret_scanner scanner;
    for (auto const& how : misplaced())
        BOOST_TEST(!here.look(how, trouble::none, scanner), how.name);
    report(scanner);
}

BOOST_AUTO_TEST_CASE(the_password_of_a_proxy_is_not_shown)
{
    secret_scanner scanner;
    look_through_proxy(scanner, true);
    look_through_proxy(scanner, false);
    report(scanner);
}

BOOST_AUTO_TEST_CASE(none_gets_out_whatever_the_identity_provider_does)
{
    observatory here;
    secret_scanner scanner;
    kusto::faults::captured_output output;
    auto const unexpected = look_at_all(here, scanner);
    look_around(here, output.end(), scanner);
    report(scanner);
    for (auto const& one : unexpected)
        BOOST_ERROR("did not go as it should: " << one);
    BOOST_TEST(here.on().files.read("az-arguments").find("get-access-token") != std::string::npos);
    BOOST_TEST(here.repeated() > 100u);
    BOOST_TEST(scanner.scanned_bytes() > 1'000'000u);
}

BOOST_AUTO_TEST_SUITE_END()

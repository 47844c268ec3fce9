// No secret gets out, whatever an identity provider does: every credential, every failure, at the
// trace level, with everything searched that the library writes or says.
#include "parrot.hpp"
#include "ways.hpp"
#include "witness.hpp"

#include <boost/test/unit_test.hpp>
#include <filesystem>
#include <fstream>
#include <kusto/emulator/connect_proxy.hpp>
#include <support/test_certificates.hpp>

using namespace kusto::test;
using kusto::connection_options;
using kusto::faults::content_of;
using kusto::faults::secret_scanner;
using std::chrono::milliseconds;
namespace emulator = kusto::emulator;
namespace fs = std::filesystem;

namespace
{

constexpr char const* proxy_password = "CANARY.proxy_password";
constexpr char const* static_canary = "CANARY.token-of-nobody.0815";

/// What goes wrong with signing in.
enum class trouble
{
    none,
    refused,
    repeats, ///< what it was sent
    silent,
    malformed,
    unavailable
};

constexpr trouble all_troubles[]{trouble::none,   trouble::refused,   trouble::repeats,
                                 trouble::silent, trouble::malformed, trouble::unavailable};

std::string_view name_of(trouble what)
{
    constexpr std::string_view names[]{"none",   "refused",   "repeats",
                                       "silent", "malformed", "unavailable"};
    return names[static_cast<std::size_t>(what)];
}

emulator::fault_script script_of(trouble what)
{
    using emulator::fault;
    std::vector<fault> rules;
    if (what == trouble::refused)
        rules.push_back(fault::status(401));
    if (what == trouble::silent)
        rules.push_back(fault::never_answer());
    if (what == trouble::malformed)
        rules.push_back(fault::garbage());
    if (what == trouble::unavailable)
        rules.push_back(fault::status(503));
    emulator::fault_script script;
    for (auto const& rule : rules)
    {
        for (auto const route :
             {emulator::fault_route::token, emulator::fault_route::managed_identity})
            script.add(fault(rule).on(route));
    }
    return script;
}

/// One estate, one home, and all that is searched.
class observatory
{
public:
    observatory() : on_(plan()), arc_mocking_(arc_key()), home_(environment_)
    {
        on_.install_azure_cli(on_.access_token());
        set_callback_token(on_.files.read("az-token"));
        if (on_.arc.is_usable())
            std::ofstream(arc_key()) << "CANARY.arc-key-file";
    }
    ~observatory()
    {
        std::error_code ignored;
        fs::remove(arc_key(), ignored);
    }
    observatory(observatory const&) = delete;
    observatory& operator=(observatory const&) = delete;

    estate const& on() const { return on_; }
    empty_home const& home() const { return home_; }
    std::size_t repeated() const { return mocking_.requests() + arc_mocking_.requests(); }

    /// A word that must be found.
    void plant(std::string word) { planted_.push_back(std::move(word)); }

    void forbid_all(secret_scanner& in) const
    {
        for (auto const& word : planted_)
            in.forbid(word);
        auto all = on_.secrets();
        all.insert(all.end(),
                   {proxy_password, static_canary, parrot::device_code, parrot::access_token,
                    parrot::refresh_token, "CANARY.arc-key-file", on_.files.read("az-token")});
        // Also what is left of one that was cut off.
        constexpr std::size_t beginning = 10;
        for (auto const& one : all)
        {
            in.forbid(one);
            if (one.starts_with("CANARY"))
                in.forbid(one.substr(0, beginning));
        }
    }

    /// \returns whether the query was answered
    bool look(way const& how, trouble what, secret_scanner& scanner)
    {
        bool answered = false;
        auto const& repetitions = what == trouble::repeats && how.issuer != token_issuer::cli
                                      ? parrot::ways()
                                      : std::vector<parroting>(1, parroting::as_sent);
        for (auto const each : repetitions)
        {
            mocking_.speak(each);
            arc_mocking_.speak(each);
            secret_scanner of_this_one;
            forbid_all(of_this_one);
            answered = look_once(how, what, of_this_one);
            scanner.take_over(of_this_one, how.name + ", " + std::string(name_of(what)) + ' ' +
                                               std::to_string(static_cast<int>(each)));
        }
        return answered;
    }

private:
    static emulator::cluster_options quiet()
    {
        emulator::cluster_options options;
        options.discard(emulator::discard_mode::checksum);
        return options;
    }
    static estate_plan plan()
    {
        estate_plan made;
        made.cluster = quiet();
        made.sign_in.approve_device_codes(true);
        return made;
    }
    std::string arc_key() const { return on_.arc.path() + "/canary.key"; }

    bool look_once(way const& how, trouble what, secret_scanner& scanner)
    {
        scoped_environment environment;
        on_.enter(environment);
        how.prepare(on_, environment);
        on_.write("az-mode", std::string(name_of(what)));
        on_.cluster.set_faults(script_of(what));
        if (what == trouble::repeats)
            ask_the_parrot(how, environment);
        listener heard(scanner);
        try
        {
            auto where = options_for(how, on_);
            where.retry(subject::quick()).proxy(proxy());
            where.tls_certificate(kusto::certificate_source::memory(on_.files.read("app.pem")));
            heard.listen(where);
            heard.hear(where);
            subject one(heard, where, patience_with(how, what));
            return one.run();
        }
        catch (std::exception const& e)
        {
            heard.hear(e);
            return false;
        }
    }

    /// Ends with the answer when there is one.
    static milliseconds patience_with(way const& how, trouble what)
    {
        if (what == trouble::none)
            return milliseconds(20'000);
        return milliseconds(how.name == "device code" ? 1500 : 200);
    }

    static kusto::proxy proxy()
    {
        return kusto::proxy::at("http://canary:" + std::string(proxy_password) + "@127.0.0.1:1");
    }

    /// In place of the one that is meant. Service Fabric's must have a certificate.
    void ask_the_parrot(way const& how, scoped_environment& environment) const
    {
        environment.set("AadAuthorityUri", mocking_.url());
        auto const& other = how.name.starts_with("Azure Arc") ? arc_mocking_ : mocking_;
        auto const real = on_.cluster.identity_url();
        for (char const* const name : {"IDENTITY_ENDPOINT", "IMDS_ENDPOINT", "MSI_ENDPOINT",
                                       "AZURE_POD_IDENTITY_AUTHORITY_HOST"})
        {
            char const* const value = std::getenv(name);
            std::string const text(value == nullptr ? "" : value);
            if (text.starts_with(real))
                environment.set(name, other.url() + text.substr(real.size()));
        }
    }

    estate on_;
    parrot mocking_;
    parrot arc_mocking_;
    std::vector<std::string> planted_;
    // What operators have put on the machine is elsewhere.
    scoped_environment environment_;
    empty_home home_;
};

/// The argument vector of a process, or of this one.
std::string own_arguments()
{
    return content_of("/proc/self/cmdline");
}

/// What the process and its children have left behind.
void look_around(observatory const& here, std::string const& written, secret_scanner& scanner)
{
    here.forbid_all(scanner);
    (void)scanner.scan("stdout or stderr", written);
    (void)scanner.scan("arguments of children", here.on().files.read("az-arguments"));
    (void)scanner.scan("arguments", own_arguments());
    here.home().search(scanner);
}

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
            // Nobody is asked, or one whose certificate is pinned.
            if ((what != trouble::none && how.issuer == token_issuer::nobody) ||
                (what == trouble::repeats && how.name == "Service Fabric"))
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

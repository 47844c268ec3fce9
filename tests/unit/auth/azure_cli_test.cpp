#include "log_fixture.hpp"

#include <csignal>
#include <fcntl.h>
#include <host/executable.hpp>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

using namespace kusto;
using namespace kusto::test;
using namespace std::chrono_literals;

namespace
{

/// Prints a token that lives for an hour: the clock of the tests starts at 2026-01-01.
std::string printing(std::string const& token)
{
    return "echo '{\"accessToken\":\"" + token + "\",\"expires_on\":1767229200}'\n";
}

/// Lets go whoever reads the FIFO. False: nobody does, yet.
bool open_gate(std::string const& path)
{
    int const gate = ::open(path.c_str(), O_WRONLY | O_NONBLOCK | O_CLOEXEC);
    return gate >= 0 && ::close(gate) == 0;
}

} // namespace

BOOST_AUTO_TEST_SUITE(azure_cli_source_test)

BOOST_FIXTURE_TEST_CASE(a_token_of_az, log_fixture)
{
    fake_az const az("for a; do echo \"[$a]\"; done > ${0%/*}/arguments\n"
                     "echo a warning >&2; echo noise\n" +
                     printing("one"));
    make_with(credential::azure_cli());
    BOOST_TEST(text_outside() == "one");
    BOOST_TEST(az.folder.read("arguments") ==
               "[account]\n[get-access-token]\n[--output]\n[json]\n[--scope]\n"
               "[https://kusto.kusto.windows.net/.default]\n");
    BOOST_TEST(text_outside() == "one");
    make_with(credential::azure_cli("contoso.com", "My subscription"));
    BOOST_TEST(text_outside() == "one");
    BOOST_TEST(has(az.folder.read("arguments"),
                   "[--tenant]\n[contoso.com]\n[--subscription]\n[My subscription]\n"));
    BOOST_TEST(transport->problems().empty(), transport->problems());
}

BOOST_FIXTURE_TEST_CASE(its_troubles_are_told_without_its_output, log_fixture)
{
    struct row
    {
        std::string script;
        char const* said;
    };
    for (auto const& r : {
             row{"echo CANARY; echo 'Please run az login' >&2; exit 1",
                 "nobody is signed in to the Azure CLI; run `az login` (Please run az login)"},
             row{"echo CANARY; echo 'az: not found' >&2; exit 127",
                 "the Azure CLI (`az`) is not installed"},
             row{"echo CANARY; echo 'bad\tluck access_token=CANARY' >&2; exit 2",
                 "the Azure CLI ended with exit code 2 (bad luck access_token=REDACTED)"},
             row{"echo CANARY; kill -9 $$", "the Azure CLI ended with exit code 137"},
             row{"echo CANARY", "the Azure CLI printed no JSON"},
             row{printing("CANARY x"), "the Azure CLI printed no usable accessToken"},
         })
    {
        fake_az const az(r.script);
        make_with(credential::azure_cli());
        BOOST_TEST(text_outside() == r.said);
        BOOST_TEST((failed.code() == errc::credential_unavailable));
    }
}

BOOST_FIXTURE_TEST_CASE(a_program_that_reaps_all_children_hears_its_words_too, log_fixture)
{
    struct row
    {
        std::string script;
        char const* said;
    };
    auto const before = std::signal(SIGCHLD, SIG_IGN);
    for (auto const& r : {
             row{"echo 'Please run az login' >&2; exit 1",
                 "nobody is signed in to the Azure CLI; run `az login` (Please run az login)"},
             row{"echo no", "the Azure CLI printed no JSON"},
             row{"echo a warning >&2\n" + printing("one"), "one"},
         })
    {
        fake_az const az("read nothing < ${0%/*}/gate\n" + r.script);
        BOOST_REQUIRE(::mkfifo(az.folder.file("gate").c_str(), 0600) == 0);
        make_with(credential::azure_cli());
        auto running = start(context.get_executor(), provider->get(deadline(time.now() + 60s)));
        // A child that ends before it is watched would be gone.
        run_until(context, [&] { return open_gate(az.folder.file("gate")); });
        run_until(context, [&] { return running.done(); });
        BOOST_TEST(said(*running.get()) == r.said);
    }
    std::signal(SIGCHLD, before);
}

BOOST_FIXTURE_TEST_CASE(without_az, log_fixture)
{
    script_folder const empty;
    variables.set("PATH", empty.path());
    if (host::find_executable("az", empty.path()))
        return; // a machine that has one where it is always looked for
    make_with(credential::azure_cli());
    BOOST_TEST(text_outside() == "the Azure CLI (`az`) is not installed");
    BOOST_TEST((failed.code() == errc::credential_unavailable));
    BOOST_TEST(!failed.retryable());
}

BOOST_FIXTURE_TEST_CASE(it_is_killed_when_it_takes_too_long, log_fixture)
{
    fake_az const az("echo CANARY; echo $$ > ${0%/*}/new; /bin/mv ${0%/*}/new ${0%/*}/pid\n"
                     "/bin/sleep 1000");
    make_with(credential::azure_cli());
    auto running = start(context.get_executor(), provider->get(deadline(time.now() + 60s)));
    run_until(context, [&] { return !az.folder.read("pid").empty(); });
    time.advance(12999ms);
    settle(context);
    BOOST_TEST(!running.done());
    time.advance(1ms);
    settle(context);
    BOOST_REQUIRE(running.done());
    BOOST_TEST(said(*running.get()) == "the Azure CLI took longer than 13 s; it was killed");
    BOOST_TEST((failed.code() == errc::credential_unavailable));
    BOOST_TEST(failed.retryable());
    BOOST_TEST(::kill(std::stoi(az.folder.read("pid")), 0) != 0);
    BOOST_TEST(::waitpid(-1, nullptr, WNOHANG) == -1);
}

BOOST_FIXTURE_TEST_CASE(stop_kills_it, log_fixture)
{
    fake_az const az("echo $$ > ${0%/*}/new; /bin/mv ${0%/*}/new ${0%/*}/pid; /bin/sleep 1000");
    make_with(credential::azure_cli());
    auto running = start(context.get_executor(), provider->get(deadline(time.now() + 60s)));
    run_until(context, [&] { return !az.folder.read("pid").empty(); });
    provider->stop();
    settle(context);
    BOOST_REQUIRE(running.done());
    BOOST_TEST((running.get()->error().code() == errc::closed));
    BOOST_TEST(::kill(std::stoi(az.folder.read("pid")), 0) != 0);
}

BOOST_FIXTURE_TEST_CASE(a_challenge_is_for_the_person, log_fixture)
{
    fake_az const az(printing("one"));
    make_with(credential::azure_cli());
    BOOST_TEST(text_outside() == "one");
    provider->invalidate(1, R"({"a":1})");
    BOOST_TEST(text_outside() ==
               "the service demands claims that the Azure CLI gives only to a person; run `az "
               "login --claims-challenge eyJhIjoxfQ== --scope "
               "https://kusto.kusto.windows.net/.default`");
    // It may have been done when there is a next time.
    time.advance(10min);
    BOOST_TEST(text_outside() == "one");
    provider->invalidate(2, R"({"a":1})");
    BOOST_TEST(has(text_outside(), "--claims-challenge"));
}

BOOST_AUTO_TEST_SUITE_END()

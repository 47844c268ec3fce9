#include <array>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/test/unit_test.hpp>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <fcntl.h>
#include <host/run_child.hpp>
#include <memory>
#include <support/run_outside.hpp>
#include <support/scoped_environment.hpp>
#include <support/script_folder.hpp>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

using namespace kusto;
using namespace kusto::test;
using namespace std::chrono_literals;
namespace asio = boost::asio;

namespace
{

/// Whether a process runs; one that has ended and was not reaped does not.
bool runs(int pid)
{
    auto* const file = std::fopen(("/proc/" + std::to_string(pid) + "/stat").c_str(), "r");
    if (file == nullptr)
        return false;
    char state = 'X';
    int const read = std::fscanf(file, "%*d (%*[^)]) %c", &state);
    std::fclose(file);
    return read == 1 && state != 'Z' && state != 'X';
}

/// Restores the way a signal is dealt with.
class scoped_signal
{
public:
    scoped_signal(int which, sighandler_t how) : which_(which), before_(std::signal(which, how)) {}
    scoped_signal(scoped_signal const&) = delete;
    scoped_signal& operator=(scoped_signal const&) = delete;
    ~scoped_signal() { std::signal(which_, before_); }

private:
    int which_;
    sighandler_t before_;
};

class child_fixture
{
public:
    child_fixture() : context_(std::make_unique<asio::io_context>()), context(*context_) {}
    ~child_fixture()
    {
        // Nothing is left to be reaped, whatever the test did.
        BOOST_TEST(::waitpid(-1, nullptr, WNOHANG) == -1);
        BOOST_TEST(errno == ECHILD);
    }

    result<host::child_output> run(std::string const& script,
                                   std::vector<std::string> arguments = {})
    {
        host::command const what(folder.write("program", script), std::move(arguments));
        return run_outside(context, host::run_child(what, deadline(time.now() + 1min), time));
    }
    std::string out(std::string const& script, std::vector<std::string> arguments = {})
    {
        auto const got = run(script, std::move(arguments));
        return got ? std::string(got->out.reveal()) : '<' + got.error().describe() + '>';
    }

    /// Starts a program that has a child of its own, and waits until both run.
    auto start_family()
    {
        host::command const what(folder.write("program", "sleep 1000 &\necho $$ $! > " +
                                                             folder.file("pids.new") + "\nmv " +
                                                             folder.file("pids.new") + ' ' +
                                                             folder.file("pids") + "\nwait\n"),
                                 {});
        return host::run_child(what, deadline(time.now() + 13s), time);
    }
    void wait_for_family()
    {
        run_until(context, [&] { return !folder.read("pids").empty(); });
        BOOST_REQUIRE(std::sscanf(folder.read("pids").c_str(), "%d %d", &parent, &grandchild) == 2);
        BOOST_TEST(runs(parent));
        BOOST_TEST(runs(grandchild));
    }
    void check_family_is_gone()
    {
        BOOST_TEST(!runs(parent));
        // It is somebody else's to reap, and dies when the kernel comes to it.
        asio::io_context other;
        run_until(other, [&] { return !runs(grandchild); });
    }

    std::unique_ptr<asio::io_context> context_;
    asio::io_context& context;
    manual_clock time;
    script_folder folder;
    int parent = 0;
    int grandchild = 0;
};

} // namespace

BOOST_AUTO_TEST_SUITE(run_child_test)

BOOST_FIXTURE_TEST_CASE(streams_are_kept_apart, child_fixture)
{
    auto const got = run("echo one; echo two >&2; echo three; exit 0");
    BOOST_REQUIRE(got);
    BOOST_TEST(got->exit_code == 0);
    BOOST_TEST(got->out.reveal() == "one\nthree\n");
    BOOST_TEST(got->err == "two\n");
}

BOOST_FIXTURE_TEST_CASE(exit_codes, child_fixture)
{
    struct row
    {
        char const* script;
        int code;
    };
    for (auto const& r : {row{"exit 0", 0}, row{"exit 3", 3}, row{"exit 255", 255},
                          row{"kill -9 $$", 137}, row{"kill -15 $$", 143}})
    {
        auto const got = run(r.script);
        BOOST_REQUIRE(got);
        BOOST_TEST(got->exit_code == r.code);
    }
}

BOOST_FIXTURE_TEST_CASE(no_shell_reads_the_arguments, child_fixture)
{
    BOOST_TEST(out("for a; do echo \"[$a]\"; done", {"a b", "$HOME", "", "`id`", "x;y", "\"'"}) ==
               "[a b]\n[$HOME]\n[]\n[`id`]\n[x;y]\n[\"']\n");
}

BOOST_FIXTURE_TEST_CASE(the_place_it_runs_in, child_fixture)
{
    scoped_environment variables;
    variables.set("KUSTO_TEST_VARIABLE", "value of ours");
    BOOST_TEST(out("echo $KUSTO_TEST_VARIABLE; [ \"$PWD\" -ef /bin ] && echo in /bin; cat; "
                   "echo end of input") == "value of ours\nin /bin\nend of input\n");
}

BOOST_FIXTURE_TEST_CASE(descriptors_are_not_inherited, child_fixture)
{
    constexpr int high = 200;
    BOOST_REQUIRE(::dup2(2, high) == high);
    BOOST_TEST(out("[ -e /proc/$$/fd/200 ] && echo leaked; [ -e /proc/$$/fd/1 ] && echo checked") ==
               "checked\n");
    ::close(high);
}

BOOST_FIXTURE_TEST_CASE(signals_are_as_they_are_by_default, child_fixture)
{
    scoped_signal const ignored(SIGTERM, SIG_IGN);
    ::sigset_t blocked;
    ::sigset_t before;
    ::sigemptyset(&blocked);
    ::sigaddset(&blocked, SIGTERM);
    ::pthread_sigmask(SIG_BLOCK, &blocked, &before);
    auto const got = run("kill -TERM $$; echo alive");
    ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
    BOOST_REQUIRE(got);
    BOOST_TEST(got->exit_code == 143);
    BOOST_TEST(got->out.reveal() == "");
}

BOOST_FIXTURE_TEST_CASE(it_works_where_children_are_ignored, child_fixture)
{
    scoped_signal const ignored(SIGCHLD, SIG_IGN);
    auto const fifo = folder.file("fifo");
    BOOST_REQUIRE(::mkfifo(fifo.c_str(), 0600) == 0);
    host::command const what(folder.write("program", "read x < " + fifo + "; echo $x; exit 5"), {});
    auto running =
        start(context.get_executor(), host::run_child(what, deadline(time.now() + 1min), time));
    settle(context);
    int const to = ::open(fifo.c_str(), O_WRONLY);
    BOOST_REQUIRE(::write(to, "go\n", 3) == 3);
    ::close(to);
    run_until(context, [&] { return running.done(); });
    auto const got = *running.get();
    BOOST_REQUIRE(got);
    BOOST_TEST(got->exit_code == -1);
    BOOST_TEST(got->out.reveal() == "go\n");
}

BOOST_FIXTURE_TEST_CASE(what_cannot_be_started, child_fixture)
{
    for (auto const& program : {folder.file("missing"), folder.path()})
    {
        host::command const what(program, {});
        auto const got = run_outside(context, host::run_child(what, deadline::never(), time));
        BOOST_REQUIRE(!got);
        BOOST_TEST((got.error().code() == errc::credential_unavailable));
        BOOST_TEST(got.error().message().starts_with("cannot run " + program + ": "));
    }
}

BOOST_FIXTURE_TEST_CASE(output_has_a_limit, child_fixture)
{
    auto const full = run("head -c 1048576 /dev/zero; head -c 1048576 /dev/zero >&2");
    BOOST_REQUIRE(full);
    BOOST_TEST(full->out.size() == 1048576u);
    BOOST_TEST(full->err.size() == 1048576u);
    for (char const* script : {"head -c 1048577 /dev/zero", "head -c 1048577 /dev/zero >&2", "yes",
                               "yes >&2", "yes & yes >&2"})
    {
        auto const got = run(script);
        BOOST_TEST_CONTEXT(script)
        {
            BOOST_REQUIRE(!got);
            BOOST_TEST((got.error().code() == errc::credential_unavailable));
            BOOST_TEST(got.error().message() ==
                       folder.file("program") + " wrote more than 1 MiB; it was killed");
        }
    }
}

BOOST_FIXTURE_TEST_CASE(what_stands_in_the_pipes_at_the_end_is_collected, child_fixture)
{
    // A pipe that holds more than the usual 64 KiB takes several reads.
    constexpr char const* write_much = "python3 -c 'import fcntl, os\n"
                                       "fcntl.fcntl(1, 1031, 1 << 20) # F_SETPIPE_SZ\n"
                                       "os.write(1, b\"x\" * 900000)'\n";
    host::command const what(
        folder.write("program",
                     write_much + ("echo $$ > " + folder.file("new") + "; exec mv " +
                                   folder.file("new") + ' ' + folder.file("pid") + '\n')),
        {});
    auto running =
        start(context.get_executor(), host::run_child(what, deadline(time.now() + 1min), time));
    settle(context);
    // Nobody reads before the program has ended.
    asio::io_context other;
    run_until(other, [&] { return !folder.read("pid").empty(); });
    auto const pid = std::stoi(folder.read("pid"));
    run_until(other, [&] { return !runs(pid); });
    run_until(context, [&] { return running.done(); });
    auto const got = *running.get();
    BOOST_REQUIRE(got);
    BOOST_TEST(got->exit_code == 0);
    BOOST_TEST(got->out.size() == 900000u);
}

BOOST_FIXTURE_TEST_CASE(who_is_left_behind_is_not_waited_for, child_fixture)
{
    auto const text = out("sleep 1000 & echo $!");
    auto const pid = std::atoi(text.c_str());
    BOOST_TEST(runs(pid));
    ::kill(pid, SIGKILL);
}

BOOST_FIXTURE_TEST_CASE(at_the_deadline_the_whole_group_is_killed, child_fixture)
{
    auto running = start(context.get_executor(), start_family());
    wait_for_family();
    time.advance(13s);
    settle(context);
    BOOST_REQUIRE(running.done());
    auto const got = *running.get();
    BOOST_REQUIRE(!got);
    BOOST_TEST((got.error().code() == errc::timed_out));
    BOOST_TEST(got.error().retryable());
    check_family_is_gone();
}

BOOST_FIXTURE_TEST_CASE(a_cancellation_kills_the_whole_group, child_fixture)
{
    asio::cancellation_signal stop;
    bool aborted = false;
    asio::co_spawn(context, start_family(),
                   asio::bind_cancellation_slot(stop.slot(), [&](std::exception_ptr thrown,
                                                                 result<host::child_output> const&)
                                                { aborted = thrown != nullptr; }));
    wait_for_family();
    cancel(context, stop);
    BOOST_TEST(aborted);
    BOOST_TEST(time.waits() == 0u);
    check_family_is_gone();
}

BOOST_FIXTURE_TEST_CASE(so_does_the_end_of_the_context, child_fixture)
{
    auto running = start(context.get_executor(), start_family());
    wait_for_family();
    context_.reset();
    check_family_is_gone();
}

BOOST_AUTO_TEST_SUITE_END()

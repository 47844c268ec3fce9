// Kills a process with a write-ahead sink at seeded instants, under seeded faults, and counts every record
// afterwards; see tests/README.md.
#include "crash_run.hpp"

#include <CLI/CLI.hpp>
#include <iomanip>
#include <iostream>
#include <sstream>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

namespace
{

using namespace kusto::crash;
using clock_type = std::chrono::steady_clock;

struct settings
{
    std::string child;
    std::uint64_t schedules = 300;
    std::uint64_t seed = 1;
    double seconds = 0;
    std::size_t jobs = 1;
    std::string sink;
    bool trace = false;
    bool print = false;
    bool expect_violations = false;
};

/// Shared with the parent process.
struct worker_tally
{
    std::uint64_t seed; ///< the one at work
    std::uint64_t done, broken, lives, kills, troubles, points_missed;
    std::uint64_t duplicates, abandoned, repeated, commits_twice, records;
    std::uint64_t longest_ms, longest_seed;
};

void count(worker_tally& tally, schedule const& what, verdict const& end)
{
    ++tally.done;
    tally.broken += end.violations.empty() ? 0 : 1;
    tally.lives += end.lives;
    tally.kills += end.kills;
    tally.troubles += end.troubles;
    tally.points_missed += end.points_missed;
    tally.duplicates += end.duplicates;
    tally.abandoned += end.abandoned;
    tally.repeated += end.repeated;
    tally.commits_twice += end.commits_twice;
    tally.records += what.plan.records;
    auto const took = static_cast<std::uint64_t>(end.took.count());
    if (took > tally.longest_ms)
    {
        tally.longest_ms = took;
        tally.longest_seed = what.plan.seed;
    }
}

std::string last_of(std::string const& text, std::size_t size)
{
    if (text.size() <= size)
        return text;
    return text.substr(text.find('\n', text.size() - size) + 1);
}

void complain(settings const& with, schedule const& what, verdict const& end)
{
    std::ostringstream out;
    out << "seed " << what.plan.seed << " (" << end.lives << " lives, " << end.kills << " kills, "
        << end.took.count() << " ms):\n";
    for (auto const& one : end.violations)
        out << "  " << one << '\n';
    if (!with.expect_violations)
        out << "  " << to_json(what) << '\n' << last_of(end.output, with.trace ? 1 << 24 : 3000);
    std::cout << out.str() << std::flush;
}

constexpr unsigned seconds_for_a_schedule = 400;

void work(settings const& with, std::size_t worker, clock_type::time_point start,
          worker_tally& tally)
{
    auto const end = start + std::chrono::duration<double>(with.seconds);
    for (auto i = worker; i < with.schedules; i += with.jobs)
    {
        if (with.seconds > 0 && clock_type::now() >= end)
            return;
        tally.seed = with.seed + i;
        auto const what = make_schedule(tally.seed, with.sink);
        if (with.print)
            std::cout << to_json(what) << std::endl;
        // A schedule that hangs ends its worker, and with it names its seed.
        ::alarm(seconds_for_a_schedule);
        auto const result = run(what, with.child, with.trace);
        if (with.print)
            std::cout << result.output << "seed " << tally.seed << ": " << result.lives
                      << " lives, " << result.kills << " kills, " << result.commits_twice
                      << " recorded twice, " << result.took.count() << " ms" << std::endl;
        count(tally, what, result);
        if (!result.violations.empty())
            complain(with, what, result);
    }
}

worker_tally sum_of(std::vector<worker_tally> const& tallies)
{
    worker_tally all{};
    for (auto const& one : tallies)
    {
        all.done += one.done;
        all.broken += one.broken;
        all.lives += one.lives;
        all.kills += one.kills;
        all.troubles += one.troubles;
        all.points_missed += one.points_missed;
        all.duplicates += one.duplicates;
        all.abandoned += one.abandoned;
        all.repeated += one.repeated;
        all.commits_twice += one.commits_twice;
        all.records += one.records;
        if (one.longest_ms > all.longest_ms)
        {
            all.longest_ms = one.longest_ms;
            all.longest_seed = one.longest_seed;
        }
    }
    return all;
}

void summary(settings const& with, worker_tally const& all, double seconds)
{
    std::cout << all.done << " schedules from seed " << with.seed << ", " << all.records
              << " records; " << all.lives << " lives, " << all.kills << " killed, " << all.troubles
              << " ended by trouble, " << all.points_missed << " crash points not reached; "
              << all.abandoned << " stages abandoned, " << all.repeated << " batches posted again, "
              << all.duplicates << " duplicates counted by the sink, " << all.commits_twice
              << " checkpoints recorded twice; " << all.broken
              << " schedules with broken promises; " << std::fixed << std::setprecision(1)
              << seconds << " s, longest " << all.longest_ms << " ms (seed " << all.longest_seed
              << ")" << std::endl;
}

/// Each worker is a process: one that crashes is told from the others, with its seed.
bool all_ended_well(settings const& with, std::vector<pid_t> const& workers,
                    worker_tally const* tallies)
{
    bool good = true;
    for (std::size_t i = 0; i < workers.size(); ++i)
    {
        int status = 0;
        ::waitpid(workers[i], &status, 0);
        bool const normal = WIFEXITED(status) && WEXITSTATUS(status) == 0;
        if (!normal)
            std::cout << "a worker died (status " << status << ") at seed " << tallies[i].seed
                      << ":\n  " << to_json(make_schedule(tallies[i].seed, with.sink))
                      << std::endl;
        good = good && normal;
    }
    return good;
}

int crash(settings const& with)
{
    auto const size = with.jobs * sizeof(worker_tally);
    void* const memory =
        ::mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED)
        throw std::runtime_error("no shared memory");
    auto* const tallies = static_cast<worker_tally*>(memory);
    auto const start = clock_type::now();
    std::vector<pid_t> workers;
    for (std::size_t i = 0; i < with.jobs; ++i)
    {
        auto const worker = ::fork();
        if (worker == 0)
        {
            work(with, i, start, tallies[i]);
            std::cout << std::flush;
            std::exit(0);
        }
        workers.push_back(worker);
    }
    bool const good = all_ended_well(with, workers, tallies);
    auto const took = std::chrono::duration<double>(clock_type::now() - start).count();
    auto const all = sum_of(std::vector<worker_tally>(tallies, tallies + with.jobs));
    summary(with, all, took);
    bool const as_expected = with.expect_violations ? all.broken > 0 : all.broken == 0;
    return good && as_expected && all.kills > 0 ? 0 : 1;
}

} // namespace

int main(int argc, char** argv)
{
    CLI::App app("Exactly once, although the process is killed at any instant.");
    settings with;
    app.add_option("child", with.child, "the program kusto_wal_child")->required();
    app.add_option("--schedules", with.schedules, "at most so many")->capture_default_str();
    app.add_option("--seed", with.seed, "of the first schedule; the next ones count on")
        ->capture_default_str();
    app.add_option("--seconds", with.seconds, "no new schedule after that; 0: no limit");
    app.add_option("--jobs", with.jobs, "schedules at a time")->check(CLI::Range(1, 256));
    app.add_option("--sink", with.sink, "this one only")
        ->check(CLI::IsMember({"staged", "ingest_by", "batching"}));
    app.add_flag("--trace", with.trace, "the library's log of all lives, when a promise is broken");
    app.add_flag("--print", with.print, "every schedule and what came of it");
    app.add_flag("--expect-violations", with.expect_violations,
                 "succeed only if a promise is broken: shows that the judge can find it");
    CLI11_PARSE(app, argc, argv);
    std::cout << "seed " << with.seed << std::endl;
    try
    {
        return crash(with);
    }
    catch (std::exception const& e)
    {
        std::cerr << e.what() << '\n';
        return 2;
    }
}

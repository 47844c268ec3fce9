// Runs schedules from consecutive seeds and says what became of them; see tests/README.md.
#include "life.hpp"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <array>
#include <cstdio>
#include <iomanip>
#include <iostream>
#include <map>
#include <set>
#include <sstream>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

namespace
{

using namespace kusto::faults;
using clock_type = std::chrono::steady_clock;

struct settings
{
    std::uint64_t schedules = 2000;
    std::uint64_t seed = 1;
    double seconds = 0;
    std::size_t jobs = 1;
    bool trace = false;
    bool print = false;
};

constexpr std::array<char const*, 6> outcomes{"delivered",     "possibly twice", "failed",
                                              "dead-lettered", "unknown",        "gone"};
/// Of a fault's action in the summary; more than there are actions.
constexpr std::size_t most_actions = 40;

/// Shared with the parent process.
struct worker_tally
{
    std::uint64_t seed; ///< the one at work
    std::uint64_t done, broken, records, longest_ms, longest_seed;
    std::uint64_t by_action[most_actions][outcomes.size()];
};

std::vector<std::string>& actions()
{
    static std::vector<std::string> names = []
    {
        using kusto::emulator::fault;
        using kusto::emulator::fault_action;
        std::vector<std::string> out;
        for (int i = 0; i <= static_cast<int>(fault_action::status_lost); ++i)
            out.push_back(action_name(fault::of(static_cast<fault_action>(i))));
        return out;
    }();
    return names;
}

void count(worker_tally& tally, schedule const& what, verdict const& end)
{
    ++tally.done;
    tally.records += end.records;
    auto const took = static_cast<std::uint64_t>(end.took.count());
    if (took > tally.longest_ms)
    {
        tally.longest_ms = took;
        tally.longest_seed = what.seed;
    }
    auto const outcome =
        std::find(outcomes.begin(), outcomes.end(), end.outcome) - outcomes.begin();
    std::set<std::size_t> kinds;
    for (auto const& rule : what.script.rules())
        kinds.insert(static_cast<std::size_t>(rule.action()));
    for (auto const kind : kinds)
        ++tally.by_action[kind][outcome];
}

void complain(schedule const& what, verdict const& end)
{
    std::ostringstream out;
    out << "seed " << what.seed << " (" << end.outcome << ", " << end.took.count() << " ms):\n";
    for (auto const& one : end.violations)
        out << "  " << one << '\n';
    out << "  " << to_json(what) << '\n';
    std::cout << out.str() << std::flush;
}

void trace(kusto::log_event const& event)
{
    auto const since =
        std::chrono::duration<double, std::milli>(clock_type::now().time_since_epoch());
    std::fprintf(stderr, "%.1f %s\n", since.count(), kusto::to_text(event).c_str());
}

constexpr unsigned seconds_for_a_schedule = 120;

void work(settings const& with, std::size_t worker, clock_type::time_point start,
          worker_tally& tally)
{
    auto const end = start + std::chrono::duration<double>(with.seconds);
    for (auto i = worker; i < with.schedules; i += with.jobs)
    {
        if (with.seconds > 0 && clock_type::now() >= end)
            return;
        tally.seed = with.seed + i;
        auto const what = make_schedule(tally.seed);
        if (with.print)
            std::cout << to_json(what) << std::endl;
        // A schedule that hangs ends its worker, and with it names its seed.
        ::alarm(seconds_for_a_schedule);
        auto const result = run(what, with.trace ? trace : kusto::log_function());
        if (with.print)
            std::cout << result.outcome << ", " << result.records << " records, "
                      << result.took.count() << " ms" << std::endl;
        count(tally, what, result);
        if (result.violations.empty())
            continue;
        ++tally.broken;
        complain(what, result);
    }
}

/// \returns the number of schedules
std::size_t summary(settings const& with, std::vector<worker_tally> const& tallies, double seconds)
{
    worker_tally all{};
    for (auto const& one : tallies)
    {
        all.done += one.done;
        all.broken += one.broken;
        all.records += one.records;
        if (one.longest_ms > all.longest_ms)
        {
            all.longest_ms = one.longest_ms;
            all.longest_seed = one.longest_seed;
        }
        for (std::size_t i = 0; i < most_actions; ++i)
            for (std::size_t k = 0; k < outcomes.size(); ++k)
                all.by_action[i][k] += one.by_action[i][k];
    }
    std::cout << std::left << std::setw(20) << "schedules with" << std::right;
    for (auto const* const name : outcomes)
        std::cout << std::setw(15) << name;
    std::cout << '\n';
    for (std::size_t i = 0; i < actions().size(); ++i)
    {
        std::cout << std::left << std::setw(20) << actions()[i] << std::right;
        for (auto const n : all.by_action[i])
            std::cout << std::setw(15) << n;
        std::cout << '\n';
    }
    std::cout << all.done << " schedules from seed " << with.seed << ", " << all.records
              << " records, " << all.broken << " schedules with broken promises, " << std::fixed
              << std::setprecision(1) << seconds << " s, longest " << all.longest_ms << " ms (seed "
              << all.longest_seed << ")" << std::endl;
    return all.done;
}

/// Each worker is a process: one that crashes is told from the others, with its seed.
bool all_ended_well(std::vector<pid_t> const& workers, worker_tally const* tallies)
{
    bool good = true;
    for (std::size_t i = 0; i < workers.size(); ++i)
    {
        int status = 0;
        ::waitpid(workers[i], &status, 0);
        bool const normal = WIFEXITED(status) && WEXITSTATUS(status) == 0;
        if (!normal)
            std::cout << "a worker died (status " << status << ") at seed " << tallies[i].seed
                      << ":\n  " << to_json(make_schedule(tallies[i].seed)) << std::endl;
        good = good && normal && tallies[i].broken == 0;
    }
    return good;
}

int soak(settings const& with)
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
        auto const child = ::fork();
        if (child == 0)
        {
            work(with, i, start, tallies[i]);
            std::cout << std::flush;
            std::exit(0);
        }
        workers.push_back(child);
    }
    bool const good = all_ended_well(workers, tallies);
    auto const took = std::chrono::duration<double>(clock_type::now() - start).count();
    auto const done = summary(with, std::vector<worker_tally>(tallies, tallies + with.jobs), took);
    return good && done >= with.jobs ? 0 : 1;
}

} // namespace

int main(int argc, char** argv)
{
    CLI::App app("Sinks under faults from seeded schedules; every promise of theirs is checked.");
    settings with;
    app.add_option("--schedules", with.schedules, "at most so many")->capture_default_str();
    app.add_option("--seed", with.seed, "of the first schedule; the next ones count on")
        ->capture_default_str();
    app.add_option("--seconds", with.seconds, "no new schedule after that; 0: no limit");
    app.add_option("--jobs", with.jobs, "schedules at a time")->check(CLI::Range(1, 256));
    app.add_flag("--trace", with.trace, "the library's log to stderr");
    app.add_flag("--print", with.print, "every schedule and its outcome");
    CLI11_PARSE(app, argc, argv);
    std::cout << "seed " << with.seed << std::endl;
    try
    {
        return soak(with);
    }
    catch (std::exception const& e)
    {
        std::cerr << e.what() << '\n';
        return 2;
    }
}

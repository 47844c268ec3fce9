// Runs schedules from consecutive seeds and says what became of them; see tests/README.md.
#include "life.hpp"
#include "seed_options.hpp"

#include <algorithm>
#include <array>
#include <cstdio>
#include <iomanip>
#include <iostream>
#include <set>
#include <sstream>

namespace
{

using namespace kusto::faults;

constexpr std::array<char const*, 6> outcomes{"delivered",     "possibly twice", "failed",
                                              "dead-lettered", "unknown",        "gone"};
/// Of a fault's action in the summary; more than there are actions.
constexpr std::size_t most_actions = 40;

struct soak_tally : seed_tally
{
    std::uint64_t by_action[most_actions][outcomes.size()];

    void add(soak_tally const& other)
    {
        seed_tally::add(other);
        for (std::size_t i = 0; i < most_actions; ++i)
            for (std::size_t k = 0; k < outcomes.size(); ++k)
                by_action[i][k] += other.by_action[i][k];
    }
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

void count(soak_tally& tally, schedule const& what, verdict const& end)
{
    tally.count(end.violations.empty(), end.records, end.took);
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
        std::chrono::duration<double, std::milli>(
            std::chrono::steady_clock::now().time_since_epoch());
    std::fprintf(stderr, "%.1f %s\n", since.count(), kusto::to_text(event).c_str());
}

void live_through(seed_settings const& with, std::uint64_t seed, soak_tally& tally)
{
    auto const what = make_schedule(seed);
    if (with.print)
        std::cout << to_json(what) << std::endl;
    auto const result = run(what, with.trace ? trace : kusto::log_function());
    if (with.print)
        std::cout << result.outcome << ", " << result.records << " records, "
                  << result.took.count() << " ms" << std::endl;
    count(tally, what, result);
    if (!result.violations.empty())
        complain(what, result);
}

void print_outcomes(soak_tally const& all)
{
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
}

int soak(seed_settings const& with)
{
    seed_workers<soak_tally> workers(with);
    bool const good =
        workers.run([&](std::uint64_t seed, soak_tally& tally) { live_through(with, seed, tally); },
                    [](std::uint64_t seed) { return to_json(make_schedule(seed)); },
                    std::chrono::seconds(200));
    auto const all = workers.sum();
    print_outcomes(all);
    std::cout << summary(with, all, workers.took()) << std::endl;
    return good && all.broken == 0 && all.done != 0 ? 0 : 1;
}

} // namespace

int main(int argc, char** argv)
{
    CLI::App app("Sinks under faults from seeded schedules; every promise of theirs is checked.");
    seed_settings with;
    with.schedules = 2000;
    add_options(app, with, "the library's log to stderr");
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

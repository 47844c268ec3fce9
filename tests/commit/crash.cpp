// Kills a process with a write-ahead sink at seeded instants, under seeded faults, and counts every record
// afterwards; see tests/README.md.
#include "crash_run.hpp"

#include <faults/seed_options.hpp>
#include <iostream>
#include <sstream>

namespace
{

using namespace kusto::crash;
using kusto::faults::seed_settings;
using kusto::faults::seed_tally;

struct settings
{
    seed_settings seeds;
    std::string child;
    std::string sink;
    bool expect_violations = false;
};

struct crash_tally : seed_tally
{
    std::uint64_t lives, kills, troubles, points_missed;
    std::uint64_t duplicates, abandoned, repeated, commits_twice;

    void add(crash_tally const& other)
    {
        seed_tally::add(other);
        lives += other.lives;
        kills += other.kills;
        troubles += other.troubles;
        points_missed += other.points_missed;
        duplicates += other.duplicates;
        abandoned += other.abandoned;
        repeated += other.repeated;
        commits_twice += other.commits_twice;
    }
};

void count(crash_tally& tally, schedule const& what, verdict const& end)
{
    tally.count(end.violations.empty(), what.plan.records, end.took);
    tally.lives += end.lives;
    tally.kills += end.kills;
    tally.troubles += end.troubles;
    tally.points_missed += end.points_missed;
    tally.duplicates += end.duplicates;
    tally.abandoned += end.abandoned;
    tally.repeated += end.repeated;
    tally.commits_twice += end.commits_twice;
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
        out << "  " << to_json(what) << '\n' << last_of(end.output, with.seeds.trace ? 1 << 24 : 3000);
    std::cout << out.str() << std::flush;
}

void live_through(settings const& with, std::uint64_t seed, crash_tally& tally)
{
    auto const what = make_schedule(seed, with.sink);
    if (with.seeds.print)
        std::cout << to_json(what) << std::endl;
    auto const result = run(what, with.child, with.seeds.trace);
    if (with.seeds.print)
        std::cout << result.output << "seed " << seed << ": " << result.lives << " lives, "
                  << result.kills << " kills, " << result.commits_twice << " recorded twice, "
                  << result.took.count() << " ms" << std::endl;
    count(tally, what, result);
    if (!result.violations.empty())
        complain(with, what, result);
}

void print_lives(crash_tally const& all)
{
    std::cout << all.lives << " lives, " << all.kills << " killed, " << all.troubles
              << " ended by trouble, " << all.points_missed << " crash points not reached; "
              << all.abandoned << " stages abandoned, " << all.repeated << " batches posted again, "
              << all.duplicates << " duplicates counted by the sink, " << all.commits_twice
              << " checkpoints recorded twice\n";
}

int crash(settings const& with)
{
    kusto::faults::seed_workers<crash_tally> workers(with.seeds);
    bool const good = workers.run(
        [&](std::uint64_t seed, crash_tally& tally) { live_through(with, seed, tally); },
        [&](std::uint64_t seed) { return to_json(make_schedule(seed, with.sink)); },
        std::chrono::seconds(400));
    auto const all = workers.sum();
    print_lives(all);
    std::cout << summary(with.seeds, all, workers.took()) << std::endl;
    bool const as_expected = with.expect_violations ? all.broken > 0 : all.broken == 0;
    return good && as_expected && all.kills > 0 ? 0 : 1;
}

} // namespace

int main(int argc, char** argv)
{
    CLI::App app("Exactly once, although the process is killed at any instant.");
    settings with;
    app.add_option("child", with.child, "the program kusto_wal_child")->required();
    add_options(app, with.seeds, "the library's log of all lives, when a promise is broken");
    app.add_option("--sink", with.sink, "this one only")
        ->check(CLI::IsMember({"staged", "ingest_by", "batching"}));
    app.add_flag("--expect-violations", with.expect_violations,
                 "succeed only if a promise is broken: shows that the judge can find it");
    CLI11_PARSE(app, argc, argv);
    std::cout << "seed " << with.seeds.seed << std::endl;
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

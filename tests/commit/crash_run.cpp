#include "crash_run.hpp"

#include "child_process.hpp"
#include "crash_oracle.hpp"

#include <boost/json.hpp>
#include <faults/records.hpp>
#include <fstream>
#include <iterator>
#include <kusto/emulator/cluster.hpp>
#include <thread>
#include <unistd.h>

namespace kusto::crash
{

namespace json = boost::json;
using std::chrono::milliseconds;
using clock_type = std::chrono::steady_clock;

namespace
{

constexpr milliseconds longest_life{60'000};
constexpr milliseconds longest_drain{30'000};
/// Lives that may end with trouble, one after the other, when nothing kills them any more.
constexpr int most_troubles = 10;

class crash_run
{
public:
    crash_run(schedule const& what, std::filesystem::path child, bool trace)
        : what_(what),
          child_(std::move(child)),
          plan_(what.plan),
          cluster_(setup(what)),
          oracle_(cluster_, plan_)
    {
        plan_.directory = (scratch_.path() / "sink").string();
        plan_.trace = trace ? 1 : 0;
        (void)cluster_.execute(std::string(faults::database_name),
                               std::string(faults::create_table));
        (void)cluster_.execute(std::string(faults::database_name), std::string(create_mapping));
        std::ofstream(certificates()) << cluster_.ca_pem();
        cluster_.set_faults(what.script);
    }

    verdict go()
    {
        auto const start = clock_type::now();
        bool const finished = live_and_die();
        if (what_.faults_end)
            cluster_.set_faults(emulator::fault_script());
        if (out_.violations.empty() && !finished)
            live_to_the_end();
        if (out_.violations.empty())
            judge();
        read_output();
        out_.took = std::chrono::duration_cast<milliseconds>(clock_type::now() - start);
        return std::move(out_);
    }

private:
    static emulator::cluster_options setup(schedule const& what)
    {
        emulator::cluster_options out;
        out.tls(what.tls).threads(1).batching(what.batching, 500, std::uint64_t(1) << 30);
        out.atomic_ingest_if_not_exists(what.atomic_tags);
        out.extent_visibility_delay(what.visibility);
        return out;
    }

    [[nodiscard]] std::filesystem::path certificates() const { return scratch_.path() / "ca.pem"; }
    [[nodiscard]] std::filesystem::path output() const { return scratch_.path() / "output"; }

    [[nodiscard]] std::vector<std::string> environment() const
    {
        std::vector<std::string> out;
        for (auto const* const* one = environ; *one != nullptr; ++one)
            out.emplace_back(*one);
        out.push_back("KUSTO_CONNECTION_STRING=" + cluster_.connection_string());
        out.push_back("KUSTO_INGESTION_URL=" + cluster_.ingestion_url());
        // Should the metadata be missed, the login endpoint of the public cloud is not asked.
        out.push_back("AZURE_AUTHORITY_HOST=" + cluster_.authority_url());
        if (what_.tls)
            out.push_back("KUSTO_CA_FILE=" + certificates().string());
        return out;
    }

    child_plan plan_of_next_life(kill const* death)
    {
        auto plan = plan_;
        if (!what_.modes.empty())
            plan.mode = what_.modes[out_.lives % what_.modes.size()];
        if (death != nullptr)
        {
            plan.kill_at = death->point;
            plan.kill_visit = death->visit;
        }
        ++out_.lives;
        std::ofstream(output(), std::ios::app) << "--- life " << out_.lives << ", " << plan.mode
                                               << '\n';
        return plan;
    }

    child_end live(kill const* death)
    {
        auto const plan = plan_of_next_life(death);
        child_process process(child_, plan, environment(), output());
        bool const timed = death != nullptr && death->point.empty();
        auto end = process.wait(timed ? death->after : longest_life);
        if (end)
            return *end;
        auto killed = process.kill_now();
        killed.overdue = killed.killed && !timed;
        return killed;
    }

    /// \returns whether the job was finished before all deaths
    bool live_and_die()
    {
        for (auto const& death : what_.kills)
        {
            auto const end = live(&death);
            note(end);
            if (end.killed && out_.violations.empty())
                add(oracle_.judge_midway(), "after a kill: ");
            if (!out_.violations.empty())
                return false;
            if (!end.killed && end.code == all_committed)
            {
                out_.points_missed += death.point.empty() ? 0 : 1;
                return true;
            }
        }
        return false;
    }

    void live_to_the_end()
    {
        for (int i = 0; i < most_troubles && out_.violations.empty(); ++i)
        {
            auto const end = live(nullptr);
            note(end);
            if (!end.killed && end.code == all_committed)
                return;
        }
        if (out_.violations.empty())
            out_.violations.emplace_back("does not come to its end");
    }

    void note(child_end const& end)
    {
        if (end.overdue)
            out_.violations.push_back("hangs in life " + std::to_string(out_.lives));
        else if (end.killed)
            ++out_.kills;
        else if (end.code == service_trouble)
            ++out_.troubles;
        else if (end.signal != 0 || end.code != all_committed)
            out_.violations.push_back("life " + std::to_string(out_.lives) + " ended with signal " +
                                      std::to_string(end.signal) + ", code " +
                                      std::to_string(end.code));
    }

    void add(complaints const& found, std::string const& when)
    {
        for (auto const& one : found)
            out_.violations.push_back(when + one);
    }

    /// Until nothing is under way any more that an earlier life began.
    void let_the_cluster_rest()
    {
        auto const last_command = clock_type::now() + latest_command(what_.script);
        cluster_.set_faults(emulator::fault_script());
        std::this_thread::sleep_until(last_command);
        if (!cluster_.wait_until_idle(longest_drain))
            out_.violations.emplace_back("the cluster does not come to rest");
        std::this_thread::sleep_for(what_.visibility);
    }

    void judge()
    {
        if (plan_.sink == "batching")
        {
            let_the_cluster_rest();
            add(oracle_.judge_table(), "");
            return;
        }
        // Whoever was not disturbed leaves nothing behind.
        if (what_.script.rules().empty())
            add(oracle_.judge_remains(), "at the end of the last life: ");
        let_the_cluster_rest();
        // What came late is found by the next open.
        auto const end = live(nullptr);
        note(end);
        if (end.code != all_committed)
            out_.violations.emplace_back("a life with nothing to do ended with trouble");
        add(oracle_.judge_table(), "");
        add(oracle_.judge_commits(), "");
        add(oracle_.judge_remains(), "");
        out_.commits_twice = oracle_.commits_twice();
    }

    void read_output()
    {
        std::ifstream in(output());
        for (std::string line; std::getline(in, line);)
        {
            out_.output += line + '\n';
            if (!line.starts_with("{\"sealed\""))
                continue;
            auto const numbers = json::parse(line);
            out_.duplicates += numbers.at("duplicates").to_number<std::uint64_t>();
            out_.abandoned += numbers.at("abandoned").to_number<std::uint64_t>();
            out_.repeated += numbers.at("repeated").to_number<std::uint64_t>();
        }
    }

    schedule const& what_;
    std::filesystem::path child_;
    scratch_directory scratch_;
    child_plan plan_;
    emulator::cluster cluster_;
    crash_oracle oracle_;
    verdict out_;
};

} // namespace

verdict run(schedule const& what, std::filesystem::path const& child, bool trace)
{
    return crash_run(what, child, trace).go();
}

} // namespace kusto::crash

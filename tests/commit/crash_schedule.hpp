#pragma once

// One seed, one job whose process is killed again and again.

#include "child_plan.hpp"

#include <chrono>
#include <cstdint>
#include <kusto/emulator/faults.hpp>
#include <string>
#include <string_view>
#include <vector>

namespace kusto::crash
{

/// The names at which a process can be killed, in the order of a commit.
[[nodiscard]] std::vector<std::string> const& all_crash_points();

/// When one life is killed.
struct kill
{
    std::chrono::milliseconds after{}; ///< since the process began
    std::string point;                 ///< or, when not empty, at a crash point
    std::uint64_t visit = 1;
};

/// Everything that one run decides by chance, so that it can be printed and repeated.
struct schedule
{
    child_plan plan; ///< of every life; mode and kills differ
    std::vector<kill> kills;
    std::vector<std::string> modes; ///< of the lives, in turn
    emulator::fault_script script;
    /// The last lives are without faults; otherwise faults go on until their rules are used up.
    bool faults_end = true;
    bool tls = false;
    bool atomic_tags = true;
    std::chrono::milliseconds batching{10};
    std::chrono::milliseconds visibility{};
};

/// The schedule of a seed: always the same one. \param sink  protocol, or empty: by the seed
[[nodiscard]] schedule make_schedule(std::uint64_t seed, std::string_view sink = {});

/// The longest time after which a command is executed that was not answered.
[[nodiscard]] std::chrono::milliseconds latest_command(emulator::fault_script const& script);

/// For people, and for a report of a bug.
[[nodiscard]] std::string to_json(schedule const& what);

} // namespace kusto::crash

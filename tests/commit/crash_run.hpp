#pragma once

#include "crash_schedule.hpp"

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace kusto::crash
{

/// What became of a schedule.
struct verdict
{
    std::vector<std::string> violations; ///< empty if every promise held
    std::string output;                  ///< of all child processes; kept when something is wrong
    std::uint64_t lives = 0;
    std::uint64_t kills = 0;      ///< lives that ended by SIGKILL
    std::uint64_t troubles = 0;   ///< lives that ended with an error that may pass
    std::uint64_t points_missed = 0; ///< lives that should have killed themselves, and came to their end
    std::uint64_t duplicates = 0; ///< that the sink itself counted
    std::uint64_t abandoned = 0;  ///< stages that were not moved
    std::uint64_t repeated = 0;   ///< batches posted again
    std::uint64_t commits_twice = 0;
    std::chrono::milliseconds took{};
};

/// Lives through a schedule: starts a local cluster in this process and `child` again and again.
/// \param trace  the library's log into the children's output
[[nodiscard]] verdict run(schedule const& what, std::filesystem::path const& child, bool trace);

} // namespace kusto::crash

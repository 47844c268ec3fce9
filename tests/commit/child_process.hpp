#pragma once

#include "child_plan.hpp"

#include <chrono>
#include <filesystem>
#include <optional>
#include <string>
#include <sys/types.h>
#include <vector>

namespace kusto::crash
{

/// How a child process ended.
struct child_end
{
    bool killed = false;  ///< by SIGKILL, ours or its own
    bool overdue = false; ///< had to be killed at the limit
    int code = 0;         ///< of an ordinary end
    int signal = 0;       ///< of another end
};

/// A running `kusto_wal_child`. Killed at destruction if it still runs.
class child_process
{
public:
    /// \param environment  `NAME=value`, in addition to nothing
    /// \param output  file that its output is appended to
    child_process(std::filesystem::path const& program, child_plan const& plan,
                  std::vector<std::string> environment, std::filesystem::path const& output);
    child_process(child_process const&) = delete;
    child_process& operator=(child_process const&) = delete;
    ~child_process();

    /// Waits until it ended; nothing at the time limit.
    [[nodiscard]] std::optional<child_end> wait(std::chrono::milliseconds limit);
    /// SIGKILL, and waits until it is gone. An end that came first is told.
    [[nodiscard]] child_end kill_now();

private:
    [[nodiscard]] child_end reap();

    pid_t pid_ = -1;
    int handle_ = -1;
};

/// A directory of its own for files, removed at destruction.
class scratch_directory
{
public:
    scratch_directory();
    scratch_directory(scratch_directory const&) = delete;
    scratch_directory& operator=(scratch_directory const&) = delete;
    ~scratch_directory();

    [[nodiscard]] std::filesystem::path const& path() const noexcept { return path_; }

private:
    std::filesystem::path path_;
};

} // namespace kusto::crash

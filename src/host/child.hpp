#pragma once

#include <kusto/error.hpp>
#include <string>
#include <sys/types.h>
#include <vector>

namespace kusto::host
{

/// What to run, and where. There is no shell in between; the environment is this process's.
class command
{
public:
    command(std::string program, std::vector<std::string> arguments)
        : program(std::move(program)),
          arguments(std::move(arguments))
    {
    }

    std::string program;                ///< absolute path
    std::vector<std::string> arguments; ///< without the program's name
    /// Nothing of the directory that this process was started in can be picked up from there.
    std::string directory = "/bin";
};

/// Owns a file descriptor.
class descriptor
{
public:
    descriptor() = default;
    explicit descriptor(int fd) noexcept : fd_(fd) {}
    descriptor(descriptor&& other) noexcept : fd_(other.release()) {}
    descriptor& operator=(descriptor&& other) noexcept;
    ~descriptor();

    [[nodiscard]] int get() const noexcept { return fd_; }
    [[nodiscard]] bool is_open() const noexcept { return fd_ >= 0; }
    [[nodiscard]] int release() noexcept;

private:
    int fd_ = -1;
};

/// A child process in a process group of its own. Whatever happens it does not outlive this object:
/// the destructor kills the whole group unless the child has ended, and reaps it. It waits for that
/// for two seconds at most: the kernel ends a killed process in far less, unless it hangs in a file
/// system. Such a one is not reaped, and stays as a zombie once it ends.
///
/// Needs pidfd_open (Linux 5.3). No signal handler is involved.
class child
{
public:
    /// Standard input is empty. No descriptor of this process but the pipes is inherited.
    /// Errors: `errc::credential_unavailable` with the system's words.
    [[nodiscard]] static result<child> start(command const& what);

    child(child&&) noexcept = default;
    child& operator=(child&&) = delete;
    ~child();

    /// \name Become readable: with output, and (the last one) when the process has ended
    /// To be moved from; `ended` is only looked at.
    /// @{
    descriptor out;
    descriptor err;
    [[nodiscard]] int ended() const noexcept { return pidfd_.get(); }
    /// @}

    /// Reaps the process that has ended. \returns its exit code, 128 + n if signal n ended it; -1
    /// if nobody knows, since this process ignores SIGCHLD
    [[nodiscard]] int reap() noexcept;

private:
    explicit child(descriptor pidfd, ::pid_t group) noexcept
        : pidfd_(std::move(pidfd)),
          group_(group)
    {
    }

    descriptor pidfd_; // closed once the process is reaped
    ::pid_t group_ = 0;
};

} // namespace kusto::host

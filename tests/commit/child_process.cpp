#include "child_process.hpp"

#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <stdexcept>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <system_error>
#include <unistd.h>

namespace kusto::crash
{

namespace
{

[[noreturn]] void fail(int error, char const* what)
{
    throw std::system_error(error, std::generic_category(), what);
}

/// The child's output goes into a file.
class redirection
{
public:
    explicit redirection(std::string const& output)
    {
        posix_spawn_file_actions_init(&actions_);
        constexpr int flags = O_WRONLY | O_CREAT | O_APPEND;
        posix_spawn_file_actions_addopen(&actions_, STDOUT_FILENO, output.c_str(), flags, 0600);
        posix_spawn_file_actions_adddup2(&actions_, STDOUT_FILENO, STDERR_FILENO);
    }
    redirection(redirection const&) = delete;
    redirection& operator=(redirection const&) = delete;
    ~redirection() { posix_spawn_file_actions_destroy(&actions_); }

    [[nodiscard]] posix_spawn_file_actions_t const* get() const noexcept { return &actions_; }

private:
    posix_spawn_file_actions_t actions_{};
};

} // namespace

child_process::child_process(std::filesystem::path const& program, child_plan const& plan,
                             std::vector<std::string> environment,
                             std::filesystem::path const& output)
{
    auto path = program.string();
    auto text = to_json(plan);
    char* const arguments[] = {path.data(), text.data(), nullptr};
    std::vector<char*> variables;
    for (auto& one : environment)
        variables.push_back(one.data());
    variables.push_back(nullptr);
    redirection const to(output.string());
    auto const error =
        ::posix_spawn(&pid_, path.c_str(), to.get(), nullptr, arguments, variables.data());
    if (error != 0)
        fail(error, "the child process does not start");
    // The header of glibc 2.36 lacks extern "C".
    handle_ = static_cast<int>(::syscall(SYS_pidfd_open, pid_, 0));
    if (handle_ < 0)
    {
        auto const why = errno;
        (void)kill_now();
        fail(why, "pidfd_open");
    }
}

child_process::~child_process()
{
    if (pid_ > 0)
        (void)kill_now();
    if (handle_ >= 0)
        ::close(handle_);
}

child_end child_process::reap()
{
    int status = 0;
    while (::waitpid(pid_, &status, 0) < 0 && errno == EINTR)
    {
    }
    pid_ = -1;
    child_end out;
    if (WIFEXITED(status))
        out.code = WEXITSTATUS(status);
    else if (WTERMSIG(status) == SIGKILL)
        out.killed = true;
    else
        out.signal = WTERMSIG(status);
    return out;
}

std::optional<child_end> child_process::wait(std::chrono::milliseconds limit)
{
    auto const until = std::chrono::steady_clock::now() + limit;
    for (;;)
    {
        auto const left = std::chrono::ceil<std::chrono::milliseconds>(
            until - std::chrono::steady_clock::now());
        pollfd one{handle_, POLLIN, 0};
        auto const ready = ::poll(&one, 1, left.count() > 0 ? static_cast<int>(left.count()) : 0);
        if (ready > 0)
            return reap();
        if (ready == 0)
            return std::nullopt;
    }
}

child_end child_process::kill_now()
{
    ::kill(pid_, SIGKILL);
    return reap();
}

scratch_directory::scratch_directory()
{
    auto name = (std::filesystem::temp_directory_path() / "kusto-crash-XXXXXX").string();
    if (::mkdtemp(name.data()) == nullptr)
        fail(errno, "no temporary directory");
    path_ = name;
}

scratch_directory::~scratch_directory()
{
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
}

} // namespace kusto::crash

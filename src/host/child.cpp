#include <host/child.hpp>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

namespace kusto::host
{

namespace
{

failure not_started(std::string const& program, int why)
{
    return failure(errc::credential_unavailable, stage::token,
                   "cannot run " + program + ": " + std::string(std::strerror(why)));
}

struct pipe_ends
{
    descriptor read;
    descriptor write;
};

/// Above the standard three, so that the child can be given those without a collision.
descriptor out_of_the_way(descriptor from)
{
    constexpr int least = 3;
    if (from.get() >= least)
        return from;
    return descriptor(::fcntl(from.get(), F_DUPFD_CLOEXEC, least));
}

bool open_pipe(pipe_ends& made)
{
    std::array<int, 2> ends{};
    if (::pipe2(ends.data(), O_CLOEXEC) != 0)
        return false;
    made.read = out_of_the_way(descriptor(ends[0]));
    made.write = out_of_the_way(descriptor(ends[1]));
    return made.read.is_open() && made.write.is_open();
}

/// posix_spawn's description of the child.
class spawn_plan
{
public:
    spawn_plan()
    {
        ::posix_spawn_file_actions_init(&actions_);
        ::posix_spawnattr_init(&attributes_);
    }
    spawn_plan(spawn_plan const&) = delete;
    spawn_plan& operator=(spawn_plan const&) = delete;
    ~spawn_plan()
    {
        ::posix_spawnattr_destroy(&attributes_);
        ::posix_spawn_file_actions_destroy(&actions_);
    }

    /// \returns 0 or an error number
    int streams(int out, int err, std::string const& directory)
    {
        for (int const failed :
             {::posix_spawn_file_actions_addopen(&actions_, 0, "/dev/null", O_RDONLY, 0),
              ::posix_spawn_file_actions_adddup2(&actions_, out, 1),
              ::posix_spawn_file_actions_adddup2(&actions_, err, 2),
              ::posix_spawn_file_actions_addclosefrom_np(&actions_, 3),
              ::posix_spawn_file_actions_addchdir_np(&actions_, directory.c_str())})
        {
            if (failed != 0)
                return failed;
        }
        return 0;
    }
    /// A group of its own, and signals as they are by default: this process may block or ignore
    /// some.
    int clean_start()
    {
        ::sigset_t none;
        ::sigset_t all;
        ::sigemptyset(&none);
        ::sigfillset(&all);
        for (int const failed : {::posix_spawnattr_setpgroup(&attributes_, 0),
                                 ::posix_spawnattr_setsigmask(&attributes_, &none),
                                 ::posix_spawnattr_setsigdefault(&attributes_, &all),
                                 ::posix_spawnattr_setflags(
                                     &attributes_, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK |
                                                       POSIX_SPAWN_SETSIGDEF)})
        {
            if (failed != 0)
                return failed;
        }
        return 0;
    }
    int run(command const& what, ::pid_t& started)
    {
        auto arguments = what.arguments;
        auto program = what.program;
        std::vector<char*> argv;
        argv.push_back(program.data());
        for (auto& one : arguments)
            argv.push_back(one.data());
        argv.push_back(nullptr);
        return ::posix_spawn(&started, program.c_str(), &actions_, &attributes_, argv.data(),
                             ::environ);
    }

private:
    ::posix_spawn_file_actions_t actions_;
    ::posix_spawnattr_t attributes_;
};

int spawn(command const& what, int out, int err, ::pid_t& started)
{
    spawn_plan plan;
    int failed = plan.streams(out, err, what.directory);
    if (failed == 0)
        failed = plan.clean_start();
    return failed != 0 ? failed : plan.run(what, started);
}

int send_signal(int pidfd, int which) noexcept
{
    return static_cast<int>(::syscall(SYS_pidfd_send_signal, pidfd, which, nullptr, 0));
}

} // namespace

descriptor& descriptor::operator=(descriptor&& other) noexcept
{
    if (this != &other)
    {
        descriptor old(release());
        fd_ = other.release();
    }
    return *this;
}

descriptor::~descriptor()
{
    if (fd_ >= 0)
        ::close(fd_);
}

int descriptor::release() noexcept
{
    int const fd = fd_;
    fd_ = -1;
    return fd;
}

result<child> child::start(command const& what)
{
    pipe_ends out;
    pipe_ends err;
    if (!open_pipe(out) || !open_pipe(err))
        return not_started(what.program, errno);
    ::pid_t pid = 0;
    int const failed = spawn(what, out.write.get(), err.write.get(), pid);
    if (failed != 0)
        return not_started(what.program, failed);
    descriptor pidfd(static_cast<int>(::syscall(SYS_pidfd_open, pid, 0)));
    if (!pidfd.is_open())
    {
        int const why = errno;
        if (why != ESRCH) // gone already where SIGCHLD is ignored; its number may be another's
        {
            ::kill(-pid, SIGKILL);
            while (::waitpid(pid, nullptr, 0) < 0 && errno == EINTR)
            {
            }
        }
        return not_started(what.program, why);
    }
    child started(std::move(pidfd), pid);
    started.out = std::move(out.read);
    started.err = std::move(err.read);
    return started;
}

child::~child()
{
    constexpr int longest_end_ms = 2000;
    if (!pidfd_.is_open())
        return;
    // A process that is gone without having been reaped leaves its number to others.
    if (send_signal(pidfd_.get(), 0) == 0)
        ::kill(-group_, SIGKILL);
    ::pollfd ended = {pidfd_.get(), POLLIN, 0};
    while (::poll(&ended, 1, longest_end_ms) < 0 && errno == EINTR)
    {
    }
    (void)reap();
}

int child::reap() noexcept
{
    constexpr int killed = 128;
    constexpr int unknown = -1;
    ::siginfo_t info = {};
    auto const id = static_cast<::id_t>(pidfd_.get());
    int const failed = ::waitid(static_cast<::idtype_t>(P_PIDFD), id, &info, WEXITED | WNOHANG);
    pidfd_ = descriptor();
    if (failed != 0 || info.si_pid == 0)
        return unknown;
    return info.si_code == CLD_EXITED ? info.si_status : killed + info.si_status;
}

} // namespace kusto::host

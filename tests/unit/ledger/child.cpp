#include "child.hpp"

#include <array>
#include <csignal>
#include <exception>
#include <iostream>
#include <stdexcept>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

namespace kusto::test
{

namespace
{

[[noreturn]] void live(std::function<bool()> const& act, child::afterwards then, int report)
{
    char answer = 'n';
    try
    {
        answer = act() ? 'y' : 'n';
    }
    catch (std::exception const& error)
    {
        std::cerr << "child: " << error.what() << std::endl;
    }
    bool const told = ::write(report, &answer, 1) == 1;
    ::close(report);
    while (told && then == child::afterwards::stays)
        ::pause();
    ::_exit(0);
}

} // namespace

child::child(std::function<bool()> const& act, afterwards then)
{
    std::array<int, 2> ends{};
    if (::pipe(ends.data()) != 0)
        throw std::runtime_error("pipe");
    pid_ = ::fork();
    if (pid_ < 0)
        throw std::runtime_error("fork");
    if (pid_ == 0)
    {
        ::close(ends[0]);
        live(act, then, ends[1]);
    }
    running_ = true;
    ::close(ends[1]);
    char answer = 'n';
    good_ = ::read(ends[0], &answer, 1) == 1 && answer == 'y';
    ::close(ends[0]);
}

void child::kill()
{
    if (!running_)
        return;
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
    running_ = false;
}

void limit_file_size(unsigned long bytes)
{
    std::signal(SIGXFSZ, SIG_IGN);
    rlimit limit{};
    ::getrlimit(RLIMIT_FSIZE, &limit);
    limit.rlim_cur = bytes;
    if (::setrlimit(RLIMIT_FSIZE, &limit) != 0)
        throw std::runtime_error("setrlimit");
}

void lift_file_size_limit()
{
    rlimit limit{};
    ::getrlimit(RLIMIT_FSIZE, &limit);
    limit.rlim_cur = limit.rlim_max;
    if (::setrlimit(RLIMIT_FSIZE, &limit) != 0)
        throw std::runtime_error("setrlimit");
}

} // namespace kusto::test

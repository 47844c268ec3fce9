#include "sync_faults.hpp"

#include <cerrno>
#include <string>
#include <sys/syscall.h>
#include <system_error>
#include <unistd.h>

namespace
{

std::size_t calls_made = 0;
std::size_t call_to_fail = 0;
std::filesystem::path latest_path;

int synchronise(long number, int file)
{
    std::error_code ignored;
    latest_path = std::filesystem::read_symlink("/proc/self/fd/" + std::to_string(file), ignored);
    if (++calls_made == call_to_fail)
    {
        errno = EIO;
        return -1;
    }
    return static_cast<int>(::syscall(number, file));
}

} // namespace

extern "C" int fsync(int file)
{
    return synchronise(SYS_fsync, file);
}

extern "C" int fdatasync(int file)
{
    return synchronise(SYS_fdatasync, file);
}

namespace kusto::test
{

void sync_faults::fail(std::size_t number)
{
    calls_made = 0;
    call_to_fail = number;
}

std::size_t sync_faults::calls()
{
    return calls_made;
}

std::filesystem::path sync_faults::latest()
{
    return latest_path;
}

} // namespace kusto::test

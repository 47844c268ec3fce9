#include <ledger/directory_lock.hpp>

#include <algorithm>
#include <array>
#include <cerrno>
#include <fcntl.h>
#include <string>
#include <sys/file.h>
#include <unistd.h>
#include <utility>

namespace kusto::ledger
{

namespace
{

int lock(descriptor const& file) noexcept
{
    int status;
    do
        status = ::flock(file.get(), LOCK_EX | LOCK_NB);
    while (status != 0 && errno == EINTR);
    return status;
}

failure in_use(std::filesystem::path const& directory, descriptor const& file)
{
    std::array<char, 16> digits{};
    auto const size = ::pread(file.get(), digits.data(), digits.size(), 0);
    std::string pid(digits.data(), size < 0 ? 0 : static_cast<std::size_t>(size));
    pid.resize(std::min(pid.size(), pid.find_first_not_of("0123456789")));
    return failure(errc::ledger_in_use, stage::ledger,
                   "the directory '" + directory.string() + "' is in use by " +
                       (pid.empty() ? "another process" : "process " + pid) +
                       "; one sink at a time can have it");
}

/// For people only: on a full disk the lock is as good without it.
void write_pid(descriptor const& file) noexcept
{
    auto const text = std::to_string(::getpid()) + "\n";
    bool const written =
        ::ftruncate(file.get(), 0) == 0 && ::pwrite(file.get(), text.data(), text.size(), 0) > 0;
    static_cast<void>(written);
}

} // namespace

directory_lock::directory_lock(descriptor file) noexcept
    : file_(std::move(file)),
      owner_(::getpid())
{
}

directory_lock& directory_lock::operator=(directory_lock&& other) noexcept
{
    release();
    file_ = std::move(other.file_);
    owner_ = other.owner_;
    return *this;
}

directory_lock::~directory_lock()
{
    release();
}

void directory_lock::release() noexcept
{
    // A forked child has a copy of the descriptor: closing ours would leave the lock to it, and its
    // own destructor must not take the lock from us.
    if (file_.good() && owner_ == ::getpid())
        ::flock(file_.get(), LOCK_UN);
}

result<directory_lock> directory_lock::take(std::filesystem::path const& directory)
{
    auto const made = make_directory(directory);
    if (made.has_error())
        return made.error();
    auto const path = directory / "lock";
    // The file is never removed: a lock on a removed file would exclude nobody.
    descriptor file(path, O_RDWR | O_CREAT | O_NOFOLLOW);
    if (!file.good())
        return disk_failure(path, "opened", errno);
    if (lock(file) != 0)
    {
        if (errno == EWOULDBLOCK)
            return in_use(directory, file);
        return disk_failure(path, "locked", errno);
    }
    write_pid(file);
    return directory_lock(std::move(file));
}

} // namespace kusto::ledger

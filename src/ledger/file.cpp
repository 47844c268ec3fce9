#include <ledger/file.hpp>

#include <cerrno>
#include <fcntl.h>
#include <string>
#include <sys/stat.h>
#include <system_error>
#include <unistd.h>
#include <utility>

namespace kusto::ledger
{

namespace
{

constexpr mode_t file_mode = 0640;
constexpr mode_t directory_mode = 0750;

/// Of a directory that may be written to and not read: then the system decides.
result<void> synchronise_parent(std::filesystem::path const& directory)
{
    auto const synchronised = synchronise_directory(directory.parent_path());
    if (synchronised.has_error() && ::access(directory.parent_path().c_str(), R_OK) == 0)
        return synchronised.error();
    return result<void>();
}

} // namespace

descriptor::descriptor(std::filesystem::path const& path, int flags) noexcept
{
    do
        value_ = ::open(path.c_str(), flags | O_CLOEXEC, file_mode);
    while (value_ < 0 && errno == EINTR);
}

descriptor::descriptor(descriptor&& other) noexcept : value_(std::exchange(other.value_, -1)) {}

descriptor& descriptor::operator=(descriptor&& other) noexcept
{
    descriptor old(std::move(*this));
    value_ = std::exchange(other.value_, -1);
    return *this;
}

descriptor::~descriptor()
{
    if (good())
        ::close(value_);
}

bool may_pass(int error) noexcept
{
    switch (error)
    {
    case ENOSPC:
    case EDQUOT:
    case EFBIG:
    case EMFILE:
    case ENFILE:
    case EINTR:
    case EAGAIN:
    case EIO:
        return true;
    default:
        return false;
    }
}

failure disk_failure(std::filesystem::path const& path, std::string_view done, int error)
{
    std::string text = "'" + path.string() + "' cannot be ";
    text += done;
    text += ": " + std::generic_category().message(error);
    if (error == ENOSPC || error == EDQUOT)
        text += "; make room";
    return failure(errc::disk_failed, stage::ledger, std::move(text)).retryable(may_pass(error));
}

result<void> synchronise_directory(std::filesystem::path const& directory)
{
    descriptor const handle(directory, O_RDONLY | O_DIRECTORY);
    if (!handle.good())
        return disk_failure(directory, "opened", errno);
    if (::fsync(handle.get()) != 0)
        return disk_failure(directory, "synchronised", errno).retryable(false);
    return result<void>();
}

result<void> make_directory(std::filesystem::path const& directory)
{
    std::error_code error;
    auto path = std::filesystem::absolute(directory, error).lexically_normal();
    if (error)
        return disk_failure(directory, "found", error.value());
    if (!path.has_filename())
        path = path.parent_path();
    if (std::filesystem::is_directory(path, error) || path == path.root_path())
        return result<void>();
    auto const parent = make_directory(path.parent_path());
    if (parent.has_error())
        return parent.error();
    if (::mkdir(path.c_str(), directory_mode) != 0 && errno != EEXIST)
        return disk_failure(path, "made", errno);
    return synchronise_parent(path);
}

} // namespace kusto::ledger

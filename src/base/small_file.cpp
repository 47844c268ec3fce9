#include <base/small_file.hpp>

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace kusto::base
{

namespace
{

class descriptor
{
public:
    explicit descriptor(int value) noexcept : value_(value) {}
    descriptor(descriptor const&) = delete;
    descriptor& operator=(descriptor const&) = delete;
    ~descriptor()
    {
        if (value_ >= 0)
            ::close(value_);
    }

    [[nodiscard]] int get() const noexcept { return value_; }

private:
    int value_;
};

failure bad_file(std::string const& path, std::string const& problem)
{
    return failure(errc::invalid_option, stage::token, "the file " + path + " " + problem);
}

failure unreadable(std::string const& path, int reason)
{
    std::string const hint = reason == EACCES ? "; may this user read it?" : "";
    return bad_file(path, "cannot be read (" + std::string(std::strerror(reason)) + ")" + hint);
}

} // namespace

result<secret> read_small_file(std::string const& path, std::size_t limit)
{
    // Without O_NONBLOCK a FIFO at this place would hang the caller.
    descriptor const file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
    if (file.get() < 0)
        return unreadable(path, errno);
    struct stat about = {};
    if (::fstat(file.get(), &about) != 0)
        return unreadable(path, errno);
    if (!S_ISREG(about.st_mode))
        return bad_file(path, "is not a regular file");
    std::string text(limit + 1, '\0');
    std::size_t length = 0;
    while (length <= limit)
    {
        auto const got = ::read(file.get(), text.data() + length, text.size() - length);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
        {
            int const reason = errno;
            wipe(text);
            return unreadable(path, reason);
        }
        if (got == 0)
            break;
        length += static_cast<std::size_t>(got);
    }
    secret content(std::string_view(text).substr(0, length));
    wipe(text);
    if (length > limit)
        return bad_file(path, "is longer than " + std::to_string(limit) + " bytes");
    if (length == 0)
        return bad_file(path, "is empty");
    return content;
}

result<std::string> read_ca_file(std::string const& path)
{
    constexpr std::size_t limit = 4u << 20;
    struct stat about = {};
    if (::stat(path.c_str(), &about) == 0 && S_ISDIR(about.st_mode))
        return bad_file(path, "is a directory; one with certificates goes into ca_directory");
    auto const content = read_small_file(path, limit);
    if (!content)
        return content.error();
    return std::string(content->reveal());
}

result<file_version> version_of(std::string const& path)
{
    struct stat about = {};
    if (::stat(path.c_str(), &about) != 0)
        return unreadable(path, errno);
    file_version version;
    version.changed = {about.st_mtim.tv_sec, about.st_mtim.tv_nsec};
    version.size = static_cast<std::uint64_t>(about.st_size);
    version.inode = about.st_ino;
    version.others_may_read = (about.st_mode & (S_IRGRP | S_IROTH)) != 0;
    return version;
}

} // namespace kusto::base

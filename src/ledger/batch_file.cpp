#include <ledger/batch_file.hpp>

#include <cerrno>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <system_error>
#include <unistd.h>
#include <utility>
#include <zlib.h>

namespace kusto::ledger
{

namespace
{

std::uint32_t crc_of(std::uint32_t before, std::span<std::byte const> bytes) noexcept
{
    return static_cast<std::uint32_t>(
        ::crc32_z(before, reinterpret_cast<Bytef const*>(bytes.data()), bytes.size()));
}

/// \returns 0 or the system's error
int write_at(int file, std::uint64_t offset, std::span<std::byte const> bytes) noexcept
{
    while (!bytes.empty())
    {
        auto const done = ::pwrite(file, bytes.data(), bytes.size(), static_cast<off_t>(offset));
        if (done < 0 && errno == EINTR)
            continue;
        if (done < 0)
            return errno;
        if (done == 0)
            return ENOSPC;
        bytes = bytes.subspan(static_cast<std::size_t>(done));
        offset += static_cast<std::uint64_t>(done);
    }
    return 0;
}

failure damaged(std::filesystem::path const& path, std::string const& what)
{
    return failure(errc::ledger_damaged, stage::ledger,
                   "the batch file '" + path.string() + "' " + what + std::string(damage_remedy));
}

/// Reads instead of looking into the mapping, where a bad disk would be a SIGBUS.
result<void> check_content(std::filesystem::path const& path, descriptor const& file,
                           core::sealed_batch const& what)
{
    std::vector<std::byte> buffer(std::size_t(256) << 10);
    std::uint64_t size = 0;
    std::uint32_t crc = 0;
    while (size < what.compressed_bytes)
    {
        auto const done =
            ::pread(file.get(), buffer.data(), buffer.size(), static_cast<off_t>(size));
        if (done < 0 && errno == EINTR)
            continue;
        if (done < 0)
            return disk_failure(path, "read", errno);
        if (done == 0)
            return damaged(path, "became shorter while it was read");
        auto const count = static_cast<std::size_t>(done);
        crc = crc_of(crc, std::span<std::byte const>(buffer).first(count));
        size += count;
    }
    if (crc != what.crc)
        return damaged(path, "is not what was written: its checksum is another");
    return result<void>();
}

} // namespace

batch_file_writer::batch_file_writer(std::filesystem::path path, std::string name, descriptor file)
    : path_(std::move(path)),
      name_(std::move(name)),
      file_(std::move(file))
{
}

batch_file_writer& batch_file_writer::operator=(batch_file_writer&& other) noexcept
{
    discard();
    path_ = std::move(other.path_);
    name_ = std::move(other.name_);
    file_ = std::move(other.file_);
    size_ = other.size_;
    crc_ = other.crc_;
    broken_ = std::move(other.broken_);
    return *this;
}

batch_file_writer::~batch_file_writer()
{
    discard();
}

void batch_file_writer::discard() noexcept
{
    // After a crash, or if this fails, the file is removed by the next recovery.
    if (file_.good())
        ::unlink(path_.c_str());
    file_ = descriptor();
}

result<batch_file_writer> batch_file_writer::create(std::filesystem::path const& directory,
                                                    std::string name)
{
    auto path = directory / name;
    descriptor file(path, O_WRONLY | O_CREAT | O_EXCL);
    if (!file.good())
        return disk_failure(path, "made", errno);
    return batch_file_writer(std::move(path), std::move(name), std::move(file));
}

result<void> batch_file_writer::append(std::span<std::byte const> bytes)
{
    if (broken_)
        return *broken_;
    int const error = write_at(file_.get(), size_, bytes);
    if (error != 0)
    {
        // Gives back the blocks of what was written; what stays in spite of it is overwritten by
        // the repetition, or cut off by `synchronise`.
        static_cast<void>(::ftruncate(file_.get(), static_cast<off_t>(size_)) == 0);
        return disk_failure(path_, "written", error);
    }
    crc_ = crc_of(crc_, bytes);
    size_ += bytes.size();
    return result<void>();
}

result<void> batch_file_writer::synchronise()
{
    if (::ftruncate(file_.get(), static_cast<off_t>(size_)) != 0)
        return disk_failure(path_, "cut", errno);
    if (::fsync(file_.get()) != 0)
    {
        broken_ = disk_failure(path_, "synchronised", errno).retryable(false);
        return *broken_;
    }
    auto const listed = synchronise_directory(path_.parent_path());
    if (listed.has_error() && !listed.error().retryable())
        broken_ = listed.error();
    return listed;
}

result<void> batch_file_writer::finish()
{
    if (broken_)
        return *broken_;
    if (!file_.good())
        return result<void>();
    auto const synchronised = synchronise();
    if (synchronised.has_value())
        file_ = descriptor();
    return synchronised;
}

batch_file::batch_file(batch_file&& other) noexcept
    : bytes_(std::exchange(other.bytes_, std::span<std::byte const>()))
{
}

batch_file& batch_file::operator=(batch_file&& other) noexcept
{
    batch_file old(std::move(*this));
    bytes_ = std::exchange(other.bytes_, std::span<std::byte const>());
    return *this;
}

batch_file::~batch_file()
{
    if (!bytes_.empty())
        ::munmap(const_cast<std::byte*>(bytes_.data()), bytes_.size());
}

result<batch_file> batch_file::open(std::filesystem::path const& directory,
                                    core::sealed_batch const& what)
{
    auto const path = directory / what.file;
    descriptor const file(path, O_RDONLY | O_NOFOLLOW);
    if (!file.good() && (errno == ENOENT || errno == ELOOP))
        return damaged(path, "is missing");
    struct stat status
    {
    };
    if (!file.good() || ::fstat(file.get(), &status) != 0)
        return disk_failure(path, "opened", errno);
    if (static_cast<std::uint64_t>(status.st_size) != what.compressed_bytes)
        return damaged(path, "has " + std::to_string(status.st_size) + " bytes instead of " +
                                 std::to_string(what.compressed_bytes));
    auto const checked = check_content(path, file, what);
    if (checked.has_error())
        return checked.error();
    if (what.compressed_bytes == 0)
        return batch_file(std::span<std::byte const>());
    auto const size = static_cast<std::size_t>(what.compressed_bytes);
    void* const memory = ::mmap(nullptr, size, PROT_READ, MAP_SHARED, file.get(), 0);
    if (memory == MAP_FAILED)
        return disk_failure(path, "mapped into memory", errno);
    return batch_file(std::span(static_cast<std::byte const*>(memory), size));
}

result<std::vector<core::found_file>> list_files(std::filesystem::path const& directory)
{
    std::error_code error;
    std::vector<core::found_file> files;
    std::filesystem::directory_iterator at(directory, error);
    for (; !error && at != std::filesystem::directory_iterator(); at.increment(error))
    {
        struct stat status
        {
        };
        if (::lstat(at->path().c_str(), &status) != 0)
        {
            // Removed meanwhile by somebody who tidies up.
            if (errno == ENOENT)
                continue;
            return disk_failure(at->path(), "looked at", errno);
        }
        if (S_ISREG(status.st_mode))
            files.push_back(
                {at->path().filename().string(), static_cast<std::uint64_t>(status.st_size)});
    }
    if (error)
        return disk_failure(directory, "listed", error.value());
    return files;
}

result<void> remove_files(std::filesystem::path const& directory,
                          std::vector<std::string> const& names)
{
    if (names.empty())
        return result<void>();
    for (auto const& name : names)
        if (::unlink((directory / name).c_str()) != 0 && errno != ENOENT)
            return disk_failure(directory / name, "removed", errno);
    return synchronise_directory(directory);
}

} // namespace kusto::ledger

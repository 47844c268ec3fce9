#pragma once

#include <core/checkpoint.hpp>
#include <core/recovery.hpp>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <kusto/error.hpp>
#include <ledger/file.hpp>
#include <optional>
#include <span>
#include <string>
#include <vector>

// Everything here blocks. Failures of the file system are `errc::disk_failed`, stage ledger, naming
// the file and what the system said; `retryable()` if they may pass (no space, quota, too many open
// files, interrupted, I/O).

namespace kusto::ledger
{

/// A batch file while it is written. Removed at destruction unless it was finished.
///
/// \par Thread safety
/// Distinct objects only.
class batch_file_writer
{
public:
    /// \param name  without directory; must not exist
    [[nodiscard]] static result<batch_file_writer> create(std::filesystem::path const& directory,
                                                          std::string name);

    batch_file_writer(batch_file_writer&& other) noexcept = default;
    batch_file_writer& operator=(batch_file_writer&& other) noexcept;
    ~batch_file_writer();

    /// Appends. After a failure the file is as before the call (cut back), so that it can be
    /// repeated. \pre not finished
    [[nodiscard]] result<void> append(std::span<std::byte const> bytes);
    /// Synchronises the file and the directory. May be repeated.
    ///
    /// A failed synchronisation is not `retryable()`, and every repetition and `append` fails with
    /// it: the system may have dropped what it could not write. The bytes have to go into another
    /// file.
    [[nodiscard]] result<void> finish();

    [[nodiscard]] std::string const& name() const noexcept { return name_; }
    [[nodiscard]] std::uint64_t size() const noexcept { return size_; }
    /// CRC-32 of what was appended.
    [[nodiscard]] std::uint32_t crc() const noexcept { return crc_; }

private:
    batch_file_writer(std::filesystem::path path, std::string name, descriptor file);
    [[nodiscard]] result<void> synchronise();
    void discard() noexcept;

    std::filesystem::path path_;
    std::string name_;
    descriptor file_; ///< not good: finished, or moved from
    std::uint64_t size_ = 0;
    std::uint32_t crc_ = 0;
    std::optional<failure> broken_;
};

/// A finished batch file, mapped into memory for reading: the pages belong to the system's cache.
///
/// \par Thread safety
/// Immutable.
class batch_file
{
public:
    /// Compares length and checksum, and maps it. Errors: `errc::ledger_damaged` naming the file;
    /// `errc::disk_failed` if it cannot be read.
    [[nodiscard]] static result<batch_file> open(std::filesystem::path const& directory,
                                                 core::sealed_batch const& what);

    batch_file(batch_file&& other) noexcept;
    batch_file& operator=(batch_file&& other) noexcept;
    ~batch_file();

    [[nodiscard]] std::span<std::byte const> bytes() const noexcept { return bytes_; }

private:
    explicit batch_file(std::span<std::byte const> bytes) noexcept : bytes_(bytes) {}

    std::span<std::byte const> bytes_;
};

/// The regular files in `directory`, in no order.
[[nodiscard]] result<std::vector<core::found_file>>
list_files(std::filesystem::path const& directory);

/// Removes files; one that is missing is no error. Synchronises the directory.
[[nodiscard]] result<void> remove_files(std::filesystem::path const& directory,
                                        std::vector<std::string> const& names);

} // namespace kusto::ledger

#pragma once

#include <filesystem>
#include <kusto/error.hpp>
#include <ledger/file.hpp>

namespace kusto::ledger
{

/// Exclusive ownership of a directory, until destruction or the end of the process, however it
/// ends.
///
/// A lock of the operating system on the file `lock` in it, which holds the owner's pid. A child
/// that the process forks does not own it, and keeps it when the owner dies without destruction.
class directory_lock
{
public:
    /// Makes the directory if it is missing. Does not wait.
    ///
    /// Errors: `errc::ledger_in_use` naming the directory and the owner's pid, crash point C11;
    /// `errc::disk_failed` naming the directory (read-only, no permission, not a directory). Also
    /// two locks of one process exclude each other.
    [[nodiscard]] static result<directory_lock> take(std::filesystem::path const& directory);

    directory_lock(directory_lock&& other) noexcept = default;
    directory_lock& operator=(directory_lock&& other) noexcept;
    ~directory_lock();

private:
    explicit directory_lock(descriptor file) noexcept;
    void release() noexcept;

    descriptor file_;
    int owner_; ///< pid
};

} // namespace kusto::ledger

#pragma once

#include <filesystem>
#include <kusto/error.hpp>
#include <string_view>

namespace kusto::ledger
{

/// An open file or directory, closed at destruction.
class descriptor
{
public:
    descriptor() noexcept = default;
    /// Opens with O_CLOEXEC; new files get mode 0640. `errno` tells why it is not `good`.
    descriptor(std::filesystem::path const& path, int flags) noexcept;
    descriptor(descriptor&& other) noexcept;
    descriptor& operator=(descriptor&& other) noexcept;
    ~descriptor();

    [[nodiscard]] bool good() const noexcept { return value_ >= 0; }
    [[nodiscard]] int get() const noexcept { return value_; }

private:
    int value_ = -1;
};

/// Whether the system's error can pass without a change of configuration: no space, quota, too many
/// open files, interrupted, I/O.
[[nodiscard]] bool may_pass(int error) noexcept;

/// `errc::disk_failed` about a file: "'path' cannot be opened: No such file or directory".
[[nodiscard]] failure disk_failure(std::filesystem::path const& path, std::string_view done,
                                   int error);

/// What `errc::ledger_damaged` advises, to end a sentence with.
inline constexpr std::string_view damage_remedy =
    "; restore the directory as it was, or remove it and go on from the commit table with "
    "resume_from_commit_table(true)";

/// Makes names in a directory durable. A failure is not `retryable()`: the system may have
/// forgotten what it could not write.
[[nodiscard]] result<void> synchronise_directory(std::filesystem::path const& directory);

/// Makes a directory and those above it that are missing, durably.
[[nodiscard]] result<void> make_directory(std::filesystem::path const& directory);

} // namespace kusto::ledger

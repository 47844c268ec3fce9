#pragma once

#include <cstddef>
#include <filesystem>

namespace kusto::test
{

/// Stands before `fsync` and `fdatasync` of this process, SQLite's included.
class sync_faults
{
public:
    /// The call of this number, from now on and beginning with 1, fails with EIO. 0: none.
    static void fail(std::size_t number);
    /// Calls since `fail`.
    [[nodiscard]] static std::size_t calls();
    /// File or directory of the latest call.
    [[nodiscard]] static std::filesystem::path latest();
};

} // namespace kusto::test

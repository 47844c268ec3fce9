#pragma once

#include <base/secret.hpp>
#include <cstddef>
#include <cstdint>
#include <kusto/error.hpp>
#include <string>
#include <utility>

namespace kusto::base
{

/// Tells versions of a file apart: time of change, size, and which file it is.
class file_version
{
public:
    file_version() = default;

    friend bool operator==(file_version const&, file_version const&) = default;

    std::pair<std::int64_t, std::int64_t> changed; ///< seconds, nanoseconds
    std::uint64_t size = 0;
    std::uint64_t inode = 0;
    bool others_may_read = false; ///< group or others
};

/// Content of a regular file of at most `limit` bytes. Opened and closed anew each time, so that
/// files that are swapped (tokens that a platform renews) are seen.
///
/// Blocks, for as long as the local disk takes: meant for credentials, some KiB once an hour.
/// Errors: `errc::invalid_option` of stage token; the message says what is wrong with the file
/// (missing, no permission, no regular file, too large, empty), and its path, never its content.
[[nodiscard]] result<secret> read_small_file(std::string const& path, std::size_t limit);

/// PEM text of a file with certificate authorities; a system's own has some 200 KiB, 4 MiB are
/// allowed. Errors: as `read_small_file`; for a directory with the option that takes one.
[[nodiscard]] result<std::string> read_ca_file(std::string const& path);

/// Errors: as `read_small_file`.
[[nodiscard]] result<file_version> version_of(std::string const& path);

} // namespace kusto::base

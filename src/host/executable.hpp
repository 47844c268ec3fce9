#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace kusto::host
{

/// Where the program `name` is: the first regular file of that name that this process may execute,
/// in the directories of `path` (as in `PATH`), then in /usr/bin and /usr/local/bin. Directories
/// that are not absolute, the empty one included, are passed over: what the current directory holds
/// is never run.
[[nodiscard]] std::optional<std::string> find_executable(std::string_view name,
                                                         std::string_view path);

} // namespace kusto::host

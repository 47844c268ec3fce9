#pragma once

#include <string>
#include <string_view>

namespace kusto::emulator
{

/// The management commands that are known by their whole text.
enum class known_command
{
    resources, ///< `.get ingestion resources`
    identity,  ///< `.get kusto identity token`
    version,   ///< `.show version`
    other
};

/// Drops blanks and `//` comments in front, where the service looks for the leading dot.
[[nodiscard]] std::string_view skip_leading(std::string_view text);

/// Compares without regard to case, blanks and trailing `;`.
[[nodiscard]] known_command command_of(std::string_view text);

} // namespace kusto::emulator

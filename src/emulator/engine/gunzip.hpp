#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace kusto::emulator::kql
{

/// One or more gzip members, one after the other, checked to their last byte.
/// \returns nothing when the data is cut, corrupt, or followed by something else
[[nodiscard]] std::optional<std::string> gunzip(std::string_view compressed);

} // namespace kusto::emulator::kql

#pragma once

#include <kusto/emulator/cluster.hpp>
#include <string_view>

namespace kusto::emulator
{

/// Whether the role may run a command of either service, or a query.
[[nodiscard]] bool is_allowed(principal_role role, std::string_view text);

} // namespace kusto::emulator

#pragma once

#include "command.hpp"

#include <string>
#include <string_view>

namespace kusto::emulator::kql
{

/// A policy that is an array of objects.
struct list_policy;

/// \returns null when there is none with that word in commands
[[nodiscard]] list_policy const* find_list_policy(std::string_view word) noexcept;
/// What `PolicyName` shows.
[[nodiscard]] std::string_view name_of(list_policy const& policy) noexcept;
/// Whether a database can have it too.
[[nodiscard]] bool fits_databases(list_policy const& policy) noexcept;
/// Checks the array. \returns compact JSON; \throws engine_error
[[nodiscard]] std::string checked_list(list_policy const& policy, catalog& target,
                                       policy_owner const& owner, std::string_view text);
/// Two arrays as one.
[[nodiscard]] std::string joined_lists(std::string const& first, std::string const& second);

} // namespace kusto::emulator::kql

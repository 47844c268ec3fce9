#pragma once

#include <kusto/error.hpp>
#include <string>
#include <string_view>

namespace kusto::auth
{

/// The same failure with `note` at the end of its message.
[[nodiscard]] failure amended(failure const& why, std::string_view note);

/// The same failure with every occurrence of `secret`, in each way of `wire::without`, removed from
/// its texts: a server may repeat what it was sent.
[[nodiscard]] failure without_secret(failure const& why, std::string_view secret);

} // namespace kusto::auth

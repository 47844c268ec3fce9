#pragma once

#include <kusto/error.hpp>
#include <string>
#include <string_view>

namespace kusto::auth
{

/// The same failure with `note` at the end of its message.
[[nodiscard]] failure amended(failure const& why, std::string_view note);

/// The same failure with every occurrence of `secret`, plain or percent-encoded, removed from its
/// texts, and with what is left of one in a text that was cut off: a server may repeat what it was
/// sent.
[[nodiscard]] failure without_secret(failure const& why, std::string_view secret);

} // namespace kusto::auth

#pragma once

#include <async/transport.hpp>
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

/// Takes `secret` out of the body of an error reply. To be done before the body is read: texts are
/// shortened then, and half a secret is not recognised any more.
void without_secret(async::http_response& reply, std::string_view secret);

} // namespace kusto::auth

#pragma once

#include <async/transport.hpp>
#include <kusto/error.hpp>
#include <string>
#include <string_view>

namespace kusto::auth
{

/// The same failure with `note` at the end of its message.
[[nodiscard]] failure amended(failure const& why, std::string_view note);

/// The same failure, said in other words.
[[nodiscard]] failure reworded(failure const& why, errc code, std::string message);

/// A failure of somebody whose time is over, with what is `awaited` (`token_provider::awaited`) at
/// the end of its message; the same if that is nothing.
[[nodiscard]] failure late_for(failure const& why, std::string_view awaited);

/// The same failure with every occurrence of `secret`, in each way of `wire::without`, removed from
/// its texts: a server may repeat what it was sent.
[[nodiscard]] failure without_secret(failure const& why, std::string_view secret);

/// Takes `secret` out of the body and the headers. To be done before they are read: texts are
/// shortened then, and half a secret is not recognised any more.
void erase(async::http_response& reply, std::string_view secret);

/// The same, but for the body of a success: what is in there is meant to be there.
void without_secret(async::http_response& reply, std::string_view secret);

} // namespace kusto::auth

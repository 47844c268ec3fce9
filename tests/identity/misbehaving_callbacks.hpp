#pragma once

#include <chrono>
#include <kusto/credential.hpp>
#include <string>
#include <vector>

namespace kusto::test
{

/// Returns `token`.
[[nodiscard]] token_callback
callback_that_gives(std::string token, std::chrono::seconds lifetime = std::chrono::hours(1));

/// Never returns, until it is cancelled.
[[nodiscard]] token_callback silent_callback();

/// Return what is no token, or one that is of no use, with `secret` in it.
[[nodiscard]] std::vector<token_callback> callbacks_that_give_rubbish(std::string const& secret);

/// Return `token` when they are called the first time, and then throw what repeats it and `text`:
/// one for each kind of exception. To a client that it gave nothing yet, none of them says it.
[[nodiscard]] std::vector<token_callback> callbacks_that_throw(std::string const& token,
                                                               std::string const& text);

} // namespace kusto::test

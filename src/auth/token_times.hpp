#pragma once

#include <chrono>
#include <optional>

namespace kusto::auth
{

/// How long a token is used, counted from when it was asked for.
class token_times
{
public:
    using duration = std::chrono::steady_clock::duration;

    token_times(duration soft, duration hard) : soft(soft), hard(hard) {}

    duration soft; ///< renew after this
    duration hard; ///< do not use after this
};

/// Hard limit: 30 s before the end, less for tokens that live for less than 2 min. Soft limit: 5
/// min before the end, when the issuer says so, or after half of the life of a token that lives
/// shorter than 10 min or longer than 2 h; whichever is first, and up to a tenth (2 min at most)
/// earlier by chance, so that many clients do not ask at once.
///
/// \param random  in [0, 1)
[[nodiscard]] token_times plan_token(token_times::duration lifetime,
                                     std::optional<token_times::duration> refresh_in,
                                     double random) noexcept;

} // namespace kusto::auth

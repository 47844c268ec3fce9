#pragma once

#include <core/retry_planner.hpp>
#include <kusto/deadline.hpp>
#include <kusto/error.hpp>
#include <kusto/options.hpp>
#include <optional>
#include <wire/managed_identity.hpp>

namespace kusto::auth
{

/// Decides how a request for a managed identity's token is repeated. The hosts prescribe how they
/// want to be asked again, so the pauses are theirs and not those of `retry_options`: IMDS after 2,
/// 4, 8, 16 and 32 s, and while it is being renewed (410) every 10 s for at least 70 s; Service
/// Fabric after 1, 2, 4, 8 and 16 s when it is busy (429), else twice; the others three times after
/// 1 s. Up to a quarter is added by chance. A `Retry-After` is kept to, and `retry_options` may
/// demand more attempts.
///
/// One object for each acquisition. Time and randomness are parameters.
class identity_patience
{
public:
    using time_point = deadline::time_point;

    identity_patience(wire::identity_host host, retry_options const& options, deadline until)
        : host_(host),
          wanted_(options.attempts() - 1),
          until_(until)
    {
    }

    /// The attempt that ends now failed.
    /// \param random  in [0, 1)
    [[nodiscard]] core::retry_decision failed(failure const& why, time_point now, double random);

    /// Attempts made so far: calls of `failed`.
    [[nodiscard]] int attempts() const noexcept { return attempts_; }

private:
    using duration = deadline::clock::duration;

    /// Nothing when it has been repeated often enough.
    [[nodiscard]] std::optional<duration> pause_after(failure const& why, time_point now);
    [[nodiscard]] std::optional<duration> pause_while_renewed(time_point now);

    wire::identity_host host_;
    int wanted_; ///< repetitions, of the user's
    deadline until_;
    int attempts_ = 0;
    int repetitions_ = 0; ///< but for those while IMDS is being renewed
    std::optional<time_point> gone_since_;
};

} // namespace kusto::auth

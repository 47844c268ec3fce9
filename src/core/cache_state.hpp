#pragma once

#include <algorithm>
#include <chrono>
#include <kusto/error.hpp>
#include <optional>

namespace kusto::core
{

/// When a cached value (a token, the ingestion resources) may be used and when it is renewed.
///
/// Pure bookkeeping of times: the value itself is the owner's. Time is a parameter; all calls give
/// times of one clock that does not run backwards.
class cache_state
{
public:
    using clock = std::chrono::steady_clock;
    using time_point = clock::time_point;
    using duration = clock::duration;

    enum class advice
    {
        fresh,                 ///< use the value
        refresh_in_background, ///< use the value, and start one refresh
        prefer_newer,          ///< refresh and wait for it; if that fails, use the value
        must_wait,             ///< there is no usable value: refresh and wait for it
        failed_until, ///< no usable value, and a refresh failed just now: report that failure
    };

    /// Pauses between refreshes that fail: `first`, doubled each time, at most `most`. While a
    /// usable value exists they keep background refreshes apart (by a quarter of the value's time
    /// at most, so that short-lived values have their tries too). Without one, failures are
    /// answered from the cache for `without_value`, so that a broken credential is no storm; what
    /// repeating does not help, for that time doubled with each such failure, at most
    /// `most_without_value`. All are at least as long as the failure asks for, up to an hour when
    /// the service throttles, else up to 5 min.
    class pauses
    {
    public:
        pauses(duration first_, duration most_, duration without_value_,
               duration most_without_value_)
            : first(first_),
              most(most_),
              without_value(without_value_),
              most_without_value(most_without_value_)
        {
        }
        pauses(duration first_, duration most_, duration without_value_)
            : pauses(first_, most_, without_value_, without_value_)
        {
        }

        duration first;
        duration most;
        duration without_value;
        duration most_without_value;
    };

    explicit cache_state(pauses between) : pauses_(between) {}

    [[nodiscard]] advice look(time_point now) const noexcept;

    /// A refresh succeeded: use the value until `hard`, and renew it from `soft` on.
    void renewed(time_point soft, time_point hard) noexcept { renewed(soft, hard, hard); }

    /// The same for a value that is good until `end`, but from `hard` on is used only when no newer
    /// one can be had. \pre `soft <= hard <= end`
    void renewed(time_point soft, time_point hard, time_point end) noexcept;

    /// A refresh failed at `now`.
    /// \param random  in [0, 1): lengthens the pause by up to 20 %
    void failed(time_point now, failure why, double random);

    /// The value may be older than it seems: renew it from now on, and use it meanwhile.
    void doubt(time_point now) noexcept { soft_ = (std::min)(soft_, now); }

    /// The value is wrong although its time has not come (401, 403): the next look says
    /// `must_wait`, or `failed_until` while a pause after a failure lasts.
    void invalidate() noexcept;

    [[nodiscard]] bool usable(time_point now) const noexcept { return has_value_ && now < end_; }
    /// Of the last refresh, if that failed.
    [[nodiscard]] std::optional<failure> const& last_failure() const noexcept { return failure_; }

private:
    /// How long a failure is the answer.
    [[nodiscard]] duration memory_of(failure const& why) noexcept;

    pauses pauses_;
    bool has_value_ = false;
    time_point soft_{};
    time_point hard_{};
    time_point end_{};
    // While a usable value exists, no refresh before `calm_until_`; without one, the failure is
    // the answer until `failed_until_`.
    time_point calm_until_{};
    time_point failed_until_{};
    int failures_ = 0;
    int refusals_ = 0; ///< of these the last ones, which repeating does not help
    std::optional<failure> failure_;
};

/// How long something with signatures is used, from now on.
class lifetime
{
public:
    using duration = cache_state::duration;

    lifetime(duration soft_, duration hard_, duration end_) : soft(soft_), hard(hard_), end(end_) {}

    duration soft; ///< renew after this
    duration hard; ///< after this use it only when no newer one can be had
    duration end;  ///< do not use after this
};

/// Soft limit: half of `expiration` (give or take 10 %), or half the time left if that is shorter.
/// Hard limit: `expiration`, if the signatures live that long. End: the time left less a margin of
/// 5 min, or of a fifth of it if that is shorter.
///
/// \param left  time to the earliest end of a signature; nothing when no signature says. Not
///        positive: the clocks disagree, so the service's refusals decide.
/// \param expiration  `retry_options::cache_expiration`
/// \param random  in [0, 1)
[[nodiscard]] lifetime lifetime_of_signatures(std::optional<cache_state::duration> left,
                                              cache_state::duration expiration,
                                              double random) noexcept;

} // namespace kusto::core

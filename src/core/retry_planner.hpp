#pragma once

#include <chrono>
#include <kusto/deadline.hpp>
#include <kusto/error.hpp>
#include <kusto/options.hpp>

namespace kusto::core
{

/// What would have to change for a failed attempt to succeed.
enum class remedy
{
    none,            ///< nothing helps: give up
    patience,        ///< the same again later
    other_account,   ///< another storage account; the same one later
    same_again,      ///< the same place at once, from its beginning; then as `other_account`
    fresh_token,     ///< a new access token
    fresh_signature, ///< a new signature for the same address, or else another account
    fresh_resources, ///< new storage addresses
};

/// How long the service asked to be left alone: zero if it did not, and `longest` at most.
[[nodiscard]] deadline::clock::duration
wish_to_wait(failure const& why,
             deadline::clock::duration longest = std::chrono::minutes(5)) noexcept;

/// Attempts, pauses and time that one operation has: exponential backoff with full jitter.
class retry_budget
{
public:
    /// \param options  validated
    retry_budget(retry_options const& options, deadline until) : options_(options), until_(until) {}

    /// An attempt ended.
    void count() noexcept { ++attempts_; }
    [[nodiscard]] int attempts() const noexcept { return attempts_; }
    [[nodiscard]] bool spent() const noexcept { return attempts_ >= options_.attempts(); }
    /// Pause after the attempts made so far. \param random  in [0, 1)
    [[nodiscard]] deadline::clock::duration pause(double random) const;
    /// Whether an attempt may begin at `at`.
    [[nodiscard]] bool allows(deadline::time_point at) const noexcept { return !until_.passed(at); }

private:
    retry_options options_;
    deadline until_;
    int attempts_ = 0;
};

/// What to do after a failed attempt.
class retry_decision
{
public:
    using time_point = deadline::time_point;

    [[nodiscard]] static retry_decision give_up() { return retry_decision(false, time_point()); }
    [[nodiscard]] static retry_decision retry_at(time_point when)
    {
        return retry_decision(true, when);
    }

    bool retry;
    time_point at; ///< not in the past; meaningful if `retry`
    bool refresh_token = false;

private:
    retry_decision(bool again, time_point when) : retry(again), at(when) {}
};

/// Decides how one operation on one place is repeated: pauses at least as long as the service asked
/// for, bounded by attempts and by the operation's deadline. `route_planner` is its like for
/// operations that have a choice of places.
///
/// One object for each operation. Time and randomness are parameters.
class retry_planner
{
public:
    using time_point = deadline::time_point;

    /// \param options  validated
    retry_planner(retry_options const& options, deadline until) : budget_(options, until) {}

    /// The attempt that ends now failed.
    ///
    /// \param help  `none` ends it; `fresh_token` helps once, at once, and whatever the number of
    ///        attempts; anything else is patience
    /// \param random  in [0, 1)
    [[nodiscard]] retry_decision failed(failure const& why, remedy help, time_point now,
                                        double random);

    /// Attempts made so far: calls of `failed`.
    [[nodiscard]] int attempts() const noexcept { return budget_.attempts(); }

private:
    retry_budget budget_;
    int token_refreshes_ = 0;
};

} // namespace kusto::core

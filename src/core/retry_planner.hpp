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
    fresh_token,     ///< a new access token
    fresh_resources, ///< new storage addresses and signatures
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
    bool switch_account = false;
    bool refresh_token = false;
    bool refresh_resources = false;

private:
    retry_decision(bool again, time_point when) : retry(again), at(when) {}
};

/// Decides how one operation is repeated: exponential backoff with full jitter, at least as long as
/// the service asked for, bounded by attempts and by the operation's deadline.
///
/// One object for each operation. Time and randomness are parameters.
class retry_planner
{
public:
    using time_point = deadline::time_point;

    /// \param options  validated
    retry_planner(retry_options const& options, deadline until) : options_(options), until_(until)
    {
    }

    /// The attempt that ends now failed.
    ///
    /// \param help  `fresh_token` helps once, `fresh_resources` once without a pause and then with
    ///        one; `other_account` needs no pause if there is another one
    /// \param other_account  whether there is an account that this operation would switch to
    /// \param random  in [0, 1)
    [[nodiscard]] retry_decision failed(failure const& why, remedy help, bool other_account,
                                        time_point now, double random);

    /// Attempts made so far: calls of `failed`.
    [[nodiscard]] int attempts() const noexcept { return attempts_; }

private:
    [[nodiscard]] deadline::clock::duration backoff(double random) const;
    [[nodiscard]] bool needs_pause(remedy help, bool other_account) const noexcept;

    retry_options options_;
    deadline until_;
    int attempts_ = 0;
    int token_refreshes_ = 0;
    int resource_refreshes_ = 0;
};

} // namespace kusto::core

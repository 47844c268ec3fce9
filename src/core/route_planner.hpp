#pragma once

#include <core/retry_planner.hpp>
#include <cstddef>
#include <kusto/deadline.hpp>
#include <kusto/error.hpp>
#include <kusto/options.hpp>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace kusto::core
{

/// A place where an operation may go: a container or a queue of a storage account.
class stop
{
public:
    using time_point = deadline::time_point;

    /// \param address  without signature
    /// \param signature  changes when the signature does; not the signature itself
    /// \param not_before  the account asked to be left alone until then
    stop(std::string account, std::string address, std::size_t signature,
         time_point not_before = time_point::min())
        : account(std::move(account)),
          address(std::move(address)),
          signature(signature),
          not_before(not_before)
    {
    }

    std::string account;
    std::string address;
    std::size_t signature;
    time_point not_before;
};

/// What to do next.
class route_decision
{
public:
    using time_point = deadline::time_point;

    enum class step
    {
        give_up,
        refresh_resources, ///< get a new list of stops, then ask `renewed`
        go,                ///< wait until `at`, then try `stop`
    };

    [[nodiscard]] static route_decision give_up() { return route_decision(step::give_up); }
    [[nodiscard]] static route_decision refresh()
    {
        return route_decision(step::refresh_resources);
    }
    [[nodiscard]] static route_decision go(std::size_t where, time_point when)
    {
        auto decision = route_decision(step::go);
        decision.stop = where;
        decision.at = when;
        return decision;
    }

    step what;
    std::size_t stop = 0; ///< index into the stops
    time_point at{};      ///< not in the past

private:
    explicit route_decision(step what_) : what(what_) {}
};

/// Decides where one operation goes and when: the stops in their order of preference, another
/// account at once when one fails, a pause when each had its turn, none before the time that its
/// account asked for (5 min at most), bounded by attempts and by the operation's deadline.
///
/// One object for each operation. Time and randomness are parameters.
class route_planner
{
public:
    using time_point = deadline::time_point;

    /// \param options  validated
    route_planner(retry_options const& options, deadline until) : budget_(options, until) {}

    /// The first attempt. Gives up when no account may be used before the deadline.
    /// \param stops  best first; at least one
    [[nodiscard]] route_decision begin(std::vector<stop> stops, time_point now);

    /// The attempt at `here` failed.
    /// \param random  in [0, 1)
    [[nodiscard]] route_decision failed(failure const& why, remedy help, time_point now,
                                        double random);

    /// The resources were renewed, or could not be: `stops` is what there is now, best first; at
    /// least one. The place of the failed attempt gets a second chance if it has a new signature
    /// and lacked only that.
    [[nodiscard]] route_decision renewed(std::vector<stop> stops, time_point now, double random);

    /// The current stop. \pre `begin`
    [[nodiscard]] std::size_t here() const noexcept { return here_; }
    /// Attempts that failed.
    [[nodiscard]] int attempts() const noexcept { return budget_.attempts(); }

private:
    [[nodiscard]] route_decision go(std::size_t where, time_point at);
    /// Away from `account`, or back to it when there is no other one.
    [[nodiscard]] route_decision onward(stop const& from, time_point now,
                                        deadline::clock::duration pause);
    [[nodiscard]] std::optional<std::size_t> untried(time_point now) const;
    [[nodiscard]] std::size_t best_at(stop const& from, time_point when) const;

    retry_budget budget_;
    std::vector<stop> stops_;
    std::size_t here_ = 0;
    std::set<std::string> tried_;    ///< accounts, since the last pause
    std::set<std::string> resigned_; ///< addresses that had their second chance
    remedy lacking_ = remedy::none;
    int refreshes_ = 0;
    int restarts_ = 0;
};

} // namespace kusto::core

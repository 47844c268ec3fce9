#include <core/route_planner.hpp>

#include <algorithm>

namespace kusto::core
{

route_decision route_planner::go(std::size_t where, time_point at)
{
    if (!budget_.allows(at))
        return route_decision::give_up();
    here_ = where;
    return route_decision::go(where, at);
}

route_decision route_planner::begin(std::vector<stop> stops, time_point now)
{
    stops_ = std::move(stops);
    if (auto const ready = untried(now))
        return go(*ready, now);
    auto const first =
        std::min_element(stops_.begin(), stops_.end(),
                         [](stop const& a, stop const& b) { return a.not_before < b.not_before; });
    return go(static_cast<std::size_t>(first - stops_.begin()), first->not_before);
}

route_decision route_planner::failed(failure const& why, remedy help, time_point now, double random)
{
    budget_.count();
    auto const from = stops_[here_];
    if (help == remedy::none || budget_.spent() || !budget_.allows(now))
        return route_decision::give_up();
    auto const wish = wish_to_wait(why);
    for (auto& place : stops_)
    {
        if (place.account == from.account && wish > wish.zero())
            place.not_before = (std::max)(place.not_before, now + wish);
    }
    switch (help)
    {
    case remedy::fresh_signature:
    case remedy::fresh_resources:
        lacking_ = help;
        return route_decision::refresh();
    case remedy::patience:
        return go(here_, now + (std::max)(budget_.pause(random), wish));
    case remedy::same_again:
        if (++restarts_ == 1)
            return go(here_, now);
        break;
    case remedy::none:
    case remedy::fresh_token:
    case remedy::other_account:
        break;
    }
    tried_.insert(from.account);
    return onward(from, now, budget_.pause(random));
}

route_decision route_planner::renewed(std::vector<stop> stops, time_point now, double random)
{
    auto const from = stops_[here_];
    stops_ = std::move(stops);
    here_ = 0;
    ++refreshes_;
    auto const again = std::find_if(stops_.begin(), stops_.end(),
                                    [&](stop const& s) {
                                        return s.address == from.address &&
                                               s.signature != from.signature && s.not_before <= now;
                                    });
    if (lacking_ == remedy::fresh_signature && again != stops_.end() &&
        resigned_.insert(from.address).second)
        return go(static_cast<std::size_t>(again - stops_.begin()), now);
    tried_.insert(from.account);
    // What was renewed deserves one attempt without a pause.
    auto const pause = refreshes_ == 1 ? deadline::clock::duration::zero() : budget_.pause(random);
    return onward(from, now, pause);
}

route_decision route_planner::onward(stop const& from, time_point now,
                                     deadline::clock::duration pause)
{
    if (auto const there = untried(now))
        return go(*there, now);
    // Every account had its turn: after the pause they all have another one.
    tried_.clear();
    auto const there = best_at(from, now + pause);
    return go(there, (std::max)(now + pause, stops_[there].not_before));
}

std::optional<std::size_t> route_planner::untried(time_point now) const
{
    for (std::size_t step = 0; step < stops_.size(); ++step)
    {
        auto const place = (here_ + step) % stops_.size();
        if (!tried_.contains(stops_[place].account) && stops_[place].not_before <= now)
            return place;
    }
    return std::nullopt;
}

std::size_t route_planner::best_at(stop const& from, time_point when) const
{
    // The soonest; of several, another account, then another address of this one.
    auto const cost = [&](std::size_t i)
    {
        auto const& s = stops_[i];
        auto const soonest = (std::max)(s.not_before, when);
        int const likeness = s.account != from.account ? 0 : s.address != from.address ? 1 : 2;
        return std::pair(soonest, likeness);
    };
    auto best = here_;
    for (std::size_t step = 0; step < stops_.size(); ++step)
    {
        auto const place = (here_ + step) % stops_.size();
        if (cost(place) < cost(best))
            best = place;
    }
    return best;
}

} // namespace kusto::core

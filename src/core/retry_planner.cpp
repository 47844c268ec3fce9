#include <core/retry_planner.hpp>

#include <algorithm>

namespace kusto::core
{

deadline::clock::duration retry_planner::backoff(double random) const
{
    auto limit = options_.base();
    for (int i = 1; i < attempts_ && limit < options_.cap(); ++i)
        limit *= 2;
    limit = (std::min)(limit, options_.cap());
    return std::chrono::duration_cast<deadline::clock::duration>(limit * random);
}

bool retry_planner::needs_pause(remedy help, bool other_account) const noexcept
{
    switch (help)
    {
    case remedy::other_account:
        return !other_account;
    case remedy::fresh_token:
        return false;
    case remedy::fresh_resources:
        return resource_refreshes_ > 1;
    case remedy::none:
    case remedy::patience:
        break;
    }
    return true;
}

retry_decision retry_planner::failed(failure const& why, remedy help, bool other_account,
                                     time_point now, double random)
{
    ++attempts_;
    if (help == remedy::fresh_token)
        ++token_refreshes_;
    if (help == remedy::fresh_resources)
        ++resource_refreshes_;
    if (help == remedy::none || attempts_ >= options_.attempts() || token_refreshes_ > 1)
        return retry_decision::give_up();

    auto at = now;
    if (needs_pause(help, other_account))
    {
        auto pause = backoff(random);
        if (auto const asked = why.retry_after())
            pause = (std::max)(pause, deadline::clock::duration(*asked));
        at += pause;
    }
    if (until_.passed(at))
        return retry_decision::give_up();
    auto decision = retry_decision::retry_at(at);
    decision.switch_account = other_account && help == remedy::other_account;
    decision.refresh_token = help == remedy::fresh_token;
    decision.refresh_resources = help == remedy::fresh_resources;
    return decision;
}

} // namespace kusto::core

#include <core/retry_planner.hpp>

#include <algorithm>

namespace kusto::core
{

deadline::clock::duration wish_to_wait(failure const& why,
                                       deadline::clock::duration longest) noexcept
{
    using std::chrono::milliseconds;
    auto const most = std::chrono::floor<milliseconds>(longest);
    return std::clamp(why.retry_after().value_or(milliseconds(0)), milliseconds(0), most);
}

deadline::clock::duration retry_budget::pause(double random) const
{
    auto limit = options_.base();
    for (int i = 1; i < attempts_ && limit < options_.cap(); ++i)
        limit *= 2;
    limit = (std::min)(limit, options_.cap());
    return std::chrono::duration_cast<deadline::clock::duration>(limit * random);
}

retry_decision retry_planner::failed(failure const& why, remedy help, time_point now, double random)
{
    budget_.count();
    bool const for_token = help == remedy::fresh_token;
    if (for_token)
        ++token_refreshes_;
    bool const out_of_attempts = budget_.spent() && !for_token;
    if (help == remedy::none || out_of_attempts || token_refreshes_ > 1)
        return retry_decision::give_up();
    auto const at = for_token ? now : now + (std::max)(budget_.pause(random), wish_to_wait(why));
    if (!budget_.allows(at))
        return retry_decision::give_up();
    auto decision = retry_decision::retry_at(at);
    decision.refresh_token = for_token;
    return decision;
}

} // namespace kusto::core

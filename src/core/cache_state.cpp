#include <core/cache_state.hpp>

#include <algorithm>
#include <utility>

namespace kusto::core
{

cache_state::advice cache_state::look(time_point now) const noexcept
{
    if (usable(now))
    {
        if (now < soft_ || now < calm_until_)
            return advice::fresh;
        return now < hard_ ? advice::refresh_in_background : advice::prefer_newer;
    }
    return failure_ && now < failed_until_ ? advice::failed_until : advice::must_wait;
}

void cache_state::renewed(time_point soft, time_point hard, time_point end) noexcept
{
    has_value_ = true;
    soft_ = (std::min)(soft, hard);
    hard_ = hard;
    end_ = end;
    calm_until_ = {};
    failed_until_ = {};
    failures_ = 0;
    failure_.reset();
}

void cache_state::failed(time_point now, failure why, double random)
{
    auto pause = pauses_.first;
    for (int i = 0; i < failures_ && pause < pauses_.most; ++i)
        pause *= 2;
    pause = (std::min)(pause, pauses_.most);
    if (usable(now))
        pause = (std::min)(pause, (end_ - now) / 4);
    auto const extra = std::chrono::duration_cast<duration>(pause * (0.2 * random));
    ++failures_;
    failure_ = std::move(why);
    calm_until_ = now + pause + extra;
    failed_until_ = now + pauses_.without_value;
}

void cache_state::invalidate() noexcept
{
    has_value_ = false;
}

lifetime lifetime_of_signatures(std::optional<cache_state::duration> left,
                                cache_state::duration expiration, double random) noexcept
{
    using namespace std::chrono_literals;
    using duration = cache_state::duration;
    auto const usual = std::chrono::duration_cast<duration>(expiration * (0.45 + 0.1 * random));
    duration const unlimited = expiration + 24h;
    if (!left)
        return lifetime(usual, expiration, unlimited);
    if (*left <= duration::zero())
        return lifetime((std::min)(usual, duration(1min)), expiration, unlimited);
    duration const margin = (std::min)(duration(5min), *left / 5);
    auto const end = *left - margin;
    return lifetime((std::min)(usual, *left / 2), (std::min)(expiration, end), end);
}

} // namespace kusto::core

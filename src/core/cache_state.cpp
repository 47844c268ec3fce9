#include <core/cache_state.hpp>

#include <algorithm>
#include <core/retry_planner.hpp>
#include <utility>

namespace kusto::core
{

namespace
{

cache_state::duration doubled(cache_state::duration pause, int times, cache_state::duration most)
{
    for (int i = 0; i < times && pause < most; ++i)
        pause *= 2;
    return (std::min)(pause, most);
}

} // namespace

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
    refusals_ = 0;
    failure_.reset();
}

cache_state::duration cache_state::memory_of(failure const& why) noexcept
{
    if (why.retryable())
    {
        refusals_ = 0;
        return pauses_.without_value;
    }
    return doubled(pauses_.without_value, refusals_++, pauses_.most_without_value);
}

void cache_state::failed(time_point now, failure why, double random)
{
    auto pause = doubled(pauses_.first, failures_, pauses_.most);
    if (usable(now))
        pause = (std::min)(pause, (end_ - now) / 4);
    auto const extra = std::chrono::duration_cast<duration>(pause * (0.2 * random));
    // Who was throttled is locked out for longer if it asks before its time.
    duration const longest_wish =
        why.code() == errc::throttled ? std::chrono::minutes(60) : std::chrono::minutes(5);
    auto const wish = wish_to_wait(why, longest_wish);
    ++failures_;
    calm_until_ = now + (std::max)(pause + extra, wish);
    failed_until_ = now + (std::max)(memory_of(why), wish);
    failure_ = std::move(why);
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

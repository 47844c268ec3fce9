#include <auth/identity_patience.hpp>

#include <algorithm>

namespace kusto::auth
{

namespace
{

using std::chrono::seconds;
using wire::identity_host;

/// How a host wants to be asked again.
struct custom
{
    int repetitions;
    seconds first;
    bool doubles;
};

custom custom_of(identity_host host, int status)
{
    constexpr int too_many = 429;
    if (host == identity_host::imds)
        return custom{5, seconds(2), true};
    if (host == identity_host::service_fabric)
        return custom{status == too_many ? 5 : 2, seconds(1), true};
    return custom{3, seconds(1), false};
}

} // namespace

std::optional<identity_patience::duration> identity_patience::pause_while_renewed(time_point now)
{
    constexpr seconds longest(70);
    constexpr seconds pause(10);
    if (!gone_since_)
        gone_since_ = now;
    if (now - *gone_since_ >= longest)
        return std::nullopt;
    return pause;
}

std::optional<identity_patience::duration> identity_patience::pause_after(failure const& why,
                                                                          time_point now)
{
    constexpr int gone = 410;
    constexpr seconds longest(60);
    if (host_ == identity_host::imds && why.status() == gone)
        return pause_while_renewed(now);
    auto const how = custom_of(host_, why.status());
    if (++repetitions_ > (std::max)(how.repetitions, wanted_))
        return std::nullopt;
    auto pause = how.first;
    for (int i = 1; how.doubles && i < repetitions_ && pause < longest; ++i)
        pause *= 2;
    return (std::min)(pause, longest);
}

core::retry_decision identity_patience::failed(failure const& why, time_point now, double random)
{
    ++attempts_;
    if (!why.retryable())
        return core::retry_decision::give_up();
    auto const pause = pause_after(why, now);
    if (!pause)
        return core::retry_decision::give_up();
    auto const extra = std::chrono::duration_cast<duration>(*pause * (0.25 * random));
    auto const at = now + (std::max)(*pause + extra, core::wish_to_wait(why));
    if (until_.passed(at))
        return core::retry_decision::give_up();
    return core::retry_decision::retry_at(at);
}

} // namespace kusto::auth

#include <core/connection_book.hpp>

#include <algorithm>
#include <utility>

namespace kusto::core
{

void connection_book::give(std::string const& host, id which, time_point opened,
                           std::optional<std::chrono::seconds> hint, time_point now)
{
    auto idle = limits_.idle_timeout;
    if (hint)
        idle = (std::min)(idle, connection_limits::duration(*hint - std::chrono::seconds(1)));
    auto const usable_until = (std::min)(now + idle, opened + limits_.max_age);
    if (limits_.per_host == 0 || usable_until <= now)
    {
        dropped_.push_back(which);
        return;
    }
    auto& idlers = hosts_[host];
    idlers.push_back({which, usable_until});
    if (idlers.size() > limits_.per_host)
    {
        dropped_.push_back(idlers.front().which);
        idlers.erase(idlers.begin());
    }
}

std::optional<connection_book::id> connection_book::take(std::string const& host, time_point now)
{
    expire(now);
    auto const found = hosts_.find(host);
    if (found == hosts_.end())
        return std::nullopt;
    auto const newest = found->second.back().which;
    found->second.pop_back();
    if (found->second.empty())
        hosts_.erase(found);
    return newest;
}

void connection_book::expire(time_point now)
{
    for (auto host = hosts_.begin(); host != hosts_.end();)
    {
        auto& idlers = host->second;
        auto const expired = std::stable_partition(
            idlers.begin(), idlers.end(), [now](auto& each) { return each.usable_until > now; });
        for (auto each = expired; each != idlers.end(); ++each)
            dropped_.push_back(each->which);
        idlers.erase(expired, idlers.end());
        host = idlers.empty() ? hosts_.erase(host) : std::next(host);
    }
}

void connection_book::clear()
{
    for (auto const& [host, idlers] : hosts_)
        for (auto const& each : idlers)
            dropped_.push_back(each.which);
    hosts_.clear();
}

std::vector<connection_book::id> connection_book::dropped()
{
    return std::exchange(dropped_, {});
}

std::size_t connection_book::size() const noexcept
{
    std::size_t sum = 0;
    for (auto const& [host, idlers] : hosts_)
        sum += idlers.size();
    return sum;
}

} // namespace kusto::core

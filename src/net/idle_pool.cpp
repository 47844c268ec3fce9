#include <net/idle_pool.hpp>

namespace kusto::net
{

std::optional<connection> idle_pool::take(std::string const& host)
{
    while (true)
    {
        streams unwanted;
        auto found = pop(host, unwanted);
        if (!found || found->io->looks_alive())
            return found;
    }
}

std::optional<connection> idle_pool::pop(std::string const& host, streams& unwanted)
{
    std::scoped_lock const lock(mutex_);
    auto const which = book_.take(host, std::chrono::steady_clock::now());
    collect(unwanted);
    if (!which)
        return std::nullopt;
    auto const found = idle_.find(*which);
    connection taken(std::move(found->second.io), found->second.opened);
    taken.reused = true;
    idle_.erase(found);
    return taken;
}

void idle_pool::give(std::string const& host, connection idle,
                     std::optional<std::chrono::seconds> hint)
{
    streams unwanted;
    std::scoped_lock const lock(mutex_);
    if (shut_)
    {
        unwanted.push_back(std::move(idle.io));
        return;
    }
    auto const now = std::chrono::steady_clock::now();
    auto const which = next_id_++;
    auto& place = idle_[which];
    place.io = std::move(idle.io);
    place.opened = idle.opened;
    book_.expire(now);
    book_.give(host, which, place.opened, hint, now);
    collect(unwanted);
}

void idle_pool::shutdown() noexcept
{
    streams unwanted;
    std::scoped_lock const lock(mutex_);
    shut_ = true;
    book_.clear();
    collect(unwanted);
}

void idle_pool::collect(streams& unwanted)
{
    for (auto const which : book_.dropped())
    {
        auto const found = idle_.find(which);
        unwanted.push_back(std::move(found->second.io));
        idle_.erase(found);
    }
}

} // namespace kusto::net

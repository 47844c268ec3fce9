#include <core/account_ranking.hpp>

#include <algorithm>
#include <utility>

namespace kusto::core
{

namespace
{

std::size_t pick(std::size_t count, account_ranking::random_source const& random)
{
    auto const index = static_cast<std::size_t>(random() * static_cast<double>(count));
    return (std::min)(index, count - 1);
}

template <class T>
void shuffle(std::vector<T>& items, account_ranking::random_source const& random)
{
    for (std::size_t left = items.size(); left > 1; --left)
        std::swap(items[left - 1], items[pick(left, random)]);
}

/// The resources of one account.
struct group
{
    std::string_view account;
    std::vector<std::size_t> resources;
};

std::vector<group> group_by_account(std::vector<std::string> const& accounts)
{
    std::vector<group> groups;
    for (std::size_t i = 0; i < accounts.size(); ++i)
    {
        auto found = std::find_if(groups.begin(), groups.end(),
                                  [&](group const& g) { return g.account == accounts[i]; });
        if (found == groups.end())
        {
            groups.emplace_back();
            found = std::prev(groups.end());
            found->account = accounts[i];
        }
        found->resources.push_back(i);
    }
    return groups;
}

std::vector<std::size_t> interleave(std::vector<group> const& groups, std::size_t count)
{
    std::vector<std::size_t> order;
    order.reserve(count);
    for (std::size_t round = 0; order.size() < count; ++round)
    {
        for (auto const& g : groups)
        {
            if (round < g.resources.size())
                order.push_back(g.resources[round]);
        }
    }
    return order;
}

} // namespace

void account_ranking::history::advance(time_point now)
{
    if (now < last_update + bucket_length)
        return;
    auto const passed = static_cast<std::size_t>((now - last_update) / bucket_length);
    for (std::size_t i = 0; i < (std::min)(passed, buckets); ++i)
    {
        current = (current + 1) % buckets;
        ring[current] = bucket();
    }
    last_update = now;
}

double account_ranking::history::rank() const
{
    double sum = 0;
    double weights = 0;
    for (std::size_t age = 0; age < buckets; ++age)
    {
        auto const& b = ring[(current + buckets - age) % buckets];
        if (b.total == 0)
            continue;
        auto const weight = static_cast<double>(buckets - age);
        sum += weight * b.success / b.total;
        weights += weight;
    }
    return weights == 0 ? 1.0 : sum / weights;
}

void account_ranking::keep(std::vector<std::string> const& accounts, time_point now)
{
    std::map<std::string, history, std::less<>> kept;
    for (auto const& account : accounts)
    {
        auto const found = accounts_.find(account);
        auto const place = kept.try_emplace(account).first;
        if (found != accounts_.end())
            place->second = found->second;
        else
            place->second.last_update = now;
    }
    accounts_ = std::move(kept);
}

void account_ranking::record(std::string_view account, bool success, time_point now)
{
    auto const found = accounts_.find(account);
    if (found == accounts_.end())
        return;
    auto& h = found->second;
    h.advance(now);
    auto& b = h.ring[h.current];
    ++b.total;
    if (success)
        ++b.success;
}

void account_ranking::rest(std::string_view account, time_point until)
{
    auto const found = accounts_.find(account);
    if (found != accounts_.end())
        found->second.resting_until = (std::max)(found->second.resting_until, until);
}

account_ranking::time_point account_ranking::resting_until(std::string_view account) const
{
    auto const found = accounts_.find(account);
    return found == accounts_.end() ? time_point::min() : found->second.resting_until;
}

double account_ranking::rank(std::string_view account) const
{
    auto const found = accounts_.find(account);
    return found == accounts_.end() ? 1.0 : found->second.rank();
}

std::size_t account_ranking::tier_of(std::string_view account) const
{
    auto const percent = rank(account) * 100;
    for (std::size_t tier = 0; tier + 1 < tiers.size(); ++tier)
    {
        if (percent >= tiers[tier])
            return tier;
    }
    return tiers.size() - 1;
}

std::vector<std::size_t> account_ranking::order(std::vector<std::string> const& accounts,
                                                random_source const& random) const
{
    auto groups = group_by_account(accounts);
    shuffle(groups, random);
    std::stable_sort(groups.begin(), groups.end(),
                     [this](group const& a, group const& b)
                     { return tier_of(a.account) < tier_of(b.account); });
    for (auto& g : groups)
    {
        auto const first = static_cast<std::ptrdiff_t>(pick(g.resources.size(), random));
        std::rotate(g.resources.begin(), g.resources.begin() + first, g.resources.end());
    }
    return interleave(groups, accounts.size());
}

} // namespace kusto::core

#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace kusto::core
{

/// Which storage accounts worked lately, and in which order to try resources because of it.
///
/// Six buckets of 10 s count the results of each account; newer buckets weigh more. Reading a rank
/// does not age the buckets, so that a bad account keeps its rank until it is tried again.
class account_ranking
{
public:
    using time_point = std::chrono::steady_clock::time_point;
    /// Uniform in [0, 1).
    using random_source = std::function<double()>;

    static constexpr std::size_t buckets = 6;
    static constexpr std::chrono::seconds bucket_length{10};
    static constexpr std::array<int, 4> tiers{90, 70, 30, 0}; ///< percent

    /// The accounts there are: known ones keep their results, vanished ones are forgotten.
    void keep(std::vector<std::string> const& accounts, time_point now);

    /// A request to `account` ended. Only results that say something about the account belong here:
    /// no cancellations, no mistakes of the caller. Unknown accounts are ignored.
    void record(std::string_view account, bool success, time_point now);

    /// `account` asked to be left alone until `until`. Unknown accounts are ignored.
    void rest(std::string_view account, time_point until);

    /// The time until which `account` asked to be left alone; in the past if it did not.
    [[nodiscard]] time_point resting_until(std::string_view account) const;

    /// In [0, 1]; 1 without results.
    [[nodiscard]] double rank(std::string_view account) const;

    /// Indexes into `accounts`, which names the account of each resource, best first: accounts by
    /// tier, shuffled inside of a tier; the first resource of each account, then the second of
    /// each, and so on. Each account's resources are rotated by a random amount.
    [[nodiscard]] std::vector<std::size_t> order(std::vector<std::string> const& accounts,
                                                 random_source const& random) const;

private:
    struct bucket
    {
        unsigned success = 0;
        unsigned total = 0;
    };

    struct history
    {
        std::array<bucket, buckets> ring{};
        std::size_t current = 0;
        time_point last_update{};
        time_point resting_until = time_point::min();

        void advance(time_point now);
        [[nodiscard]] double rank() const;
    };

    [[nodiscard]] std::size_t tier_of(std::string_view account) const;

    std::map<std::string, history, std::less<>> accounts_;
};

} // namespace kusto::core

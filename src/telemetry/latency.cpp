#include <kusto/statistics.hpp>

#include <algorithm>
#include <cmath>
#include <numeric>

namespace kusto
{

std::uint64_t latency_histogram::count() const noexcept
{
    return std::accumulate(buckets.begin(), buckets.end(), std::uint64_t(0));
}

std::chrono::microseconds latency_histogram::quantile(double q) const noexcept
{
    auto const all = count();
    if (all == 0)
        return std::chrono::microseconds(0);
    // The comparison is false for NaN, too.
    double const share = q > 0 ? (std::min)(q, 1.0) : 0.0;
    // Rounding must not ask for one value more: 0.07 * 100 is a little above 7.
    constexpr double exact = 1 - 1e-12;
    auto const wanted = (std::max)(std::ceil(share * static_cast<double>(all) * exact), 1.0);
    std::uint64_t seen = 0;
    for (std::size_t i = 0; i < bounded_buckets; ++i)
    {
        seen += buckets[i];
        if (static_cast<double>(seen) >= wanted)
            return bound(i);
    }
    return (std::chrono::microseconds::max)();
}

} // namespace kusto

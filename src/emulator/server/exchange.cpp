#include <algorithm>
#include <emulator/server/exchange.hpp>

namespace kusto::emulator
{

rate_limit::clock::time_point rate_limit::reserve(std::uint64_t bytes, clock::time_point now)
{
    std::chrono::duration<double> const time(static_cast<double>(bytes) /
                                             static_cast<double>(rate_));
    std::lock_guard const lock(mutex_);
    free_ = std::max(free_, now) + std::chrono::duration_cast<clock::duration>(time);
    return free_;
}

} // namespace kusto::emulator

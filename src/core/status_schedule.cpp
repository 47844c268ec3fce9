#include <core/status_schedule.hpp>

#include <algorithm>

namespace kusto::core
{

void status_schedule::plan(time_point now, double random)
{
    next_ = now + std::chrono::duration_cast<duration>(interval_ * (0.8 + 0.4 * random));
}

void status_schedule::again(time_point now, double random)
{
    interval_ = (std::min)(interval_ * 3 / 2, duration(most));
    plan(now, random);
}

} // namespace kusto::core

#include <core/patience.hpp>

#include <algorithm>

namespace kusto::core
{

namespace
{

// A cap of zero must not become a loop without a pause.
constexpr auto shortest = std::chrono::milliseconds(5);
// What a service asks for beyond this is taken for a mistake.
constexpr auto longest_asked = std::chrono::milliseconds(std::chrono::minutes(5));

} // namespace

std::optional<patience::time_point> patience::after(failure const& why, deadline until,
                                                    time_point now, double random)
{
    if (guarantee_ == delivery_guarantee::none || !why.retryable())
        return std::nullopt;
    if (why.code() == errc::ingestion_failed && ++ingestions_ >= options_.attempts())
        return std::nullopt;
    auto pause = std::chrono::duration_cast<std::chrono::microseconds>(
        options_.cap() * (0.5 + 0.5 * random));
    if (auto const asked = why.retry_after())
        pause = (std::max<std::chrono::microseconds>)(pause, (std::min)(*asked, longest_asked));
    pause = (std::max<std::chrono::microseconds>)(pause, shortest);
    auto const at = now + pause;
    if (until.passed(at))
        return std::nullopt;
    return at;
}

} // namespace kusto::core

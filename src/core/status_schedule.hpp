#pragma once

#include <chrono>
#include <kusto/deadline.hpp>

namespace kusto::core
{

/// When the status of one batch is read: after a second, then at intervals that grow by half up to
/// 15 s, each varied by up to a fifth so that batches posted together are not read together.
///
/// Time and randomness are parameters.
class status_schedule
{
public:
    using time_point = deadline::time_point;
    using duration = deadline::clock::duration;

    static constexpr std::chrono::milliseconds first{1000};
    static constexpr std::chrono::milliseconds most{15000};
    /// A missing entity is waited for this long: writes take a moment to be seen everywhere.
    static constexpr std::chrono::seconds patience{60};

    /// The batch was posted. \param random  in [0, 1)
    status_schedule(time_point now, double random) : started_(now) { plan(now, random); }

    /// The time of the next read.
    [[nodiscard]] time_point next() const noexcept { return next_; }

    /// A read ended without a final status. \param random  in [0, 1)
    void again(time_point now, double random);

    /// Whether an entity that is not there may still appear.
    [[nodiscard]] bool may_appear(time_point now) const noexcept
    {
        return now - started_ < patience;
    }

private:
    void plan(time_point now, double random);

    time_point started_;
    time_point next_;
    duration interval_ = first;
};

} // namespace kusto::core

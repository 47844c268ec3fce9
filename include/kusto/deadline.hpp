#pragma once

#include <algorithm>
#include <chrono>

namespace kusto
{

/// An absolute point on the steady clock by which an operation must have completed.
///
/// Deadlines are absolute so that they compose: a caller's deadline is handed down through every
/// stage, and each stage may shorten it (`sooner`) but never extend it. A steady clock is used, so
/// that changes of the wall clock do no harm.
///
/// \par Thread safety
/// A value type.
class deadline
{
public:
    using clock = std::chrono::steady_clock;
    using time_point = clock::time_point;

    /// The given point in time.
    explicit deadline(time_point when) noexcept : when_(when) {}

    /// `delay` from now. A delay that would overflow the clock means `never()`.
    template <class Rep, class Period>
    [[nodiscard]] static deadline after(std::chrono::duration<Rep, Period> delay) noexcept
    {
        auto const now = clock::now();
        auto const room = std::chrono::duration<double>(time_point::max() - now);
        if (std::chrono::duration<double>(delay) >= room)
            return never();
        return deadline(now + std::chrono::duration_cast<clock::duration>(delay));
    }

    /// A deadline that does not pass.
    [[nodiscard]] static deadline never() noexcept { return deadline(time_point::max()); }

    [[nodiscard]] time_point when() const noexcept { return when_; }
    [[nodiscard]] bool passed(time_point now = clock::now()) const noexcept { return now >= when_; }

    /// Time that is left, never negative.
    [[nodiscard]] clock::duration left(time_point now = clock::now()) const noexcept
    {
        return now >= when_ ? clock::duration::zero() : when_ - now;
    }

    /// The earlier one of this and `other`.
    [[nodiscard]] deadline sooner(deadline other) const noexcept
    {
        return deadline((std::min)(when_, other.when_));
    }

private:
    time_point when_;
};

} // namespace kusto

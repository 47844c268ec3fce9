#pragma once

#include <boost/asio/awaitable.hpp>
#include <chrono>

namespace kusto::async
{

/// Time as drivers see it, so that tests can jump. Decisions in core/ get `now` as a parameter.
class clock
{
public:
    using time_point = std::chrono::steady_clock::time_point;
    using utc_time_point = std::chrono::system_clock::time_point;

    clock() = default;
    clock(clock const&) = delete;
    clock& operator=(clock const&) = delete;
    virtual ~clock() = default;

    [[nodiscard]] virtual time_point now() const noexcept = 0;
    [[nodiscard]] virtual utc_time_point utc_now() const noexcept = 0;

    /// Completes at `until`. Cancellation: terminal; completes with an exception of
    /// `operation_aborted`.
    [[nodiscard]] virtual boost::asio::awaitable<void> wait_until(time_point until) = 0;
};

/// The machine's clocks.
[[nodiscard]] clock& system_clock() noexcept;

} // namespace kusto::async

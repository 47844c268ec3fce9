#pragma once

#include <async/clock.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <cstddef>
#include <list>
#include <memory>
#include <optional>

namespace kusto::test
{

/// A clock that moves only when the test says so. Starts at the machine's steady time, so that
/// `deadline::after` agrees with it to within the test's own run time, and at 2026-01-01 00:00 UTC.
/// For single-threaded tests.
class manual_clock final : public async::clock
{
public:
    manual_clock() = default;

    [[nodiscard]] time_point now() const noexcept override { return start_ + passed_; }
    [[nodiscard]] utc_time_point utc_now() const noexcept override;
    [[nodiscard]] boost::asio::awaitable<void> wait_until(time_point until) override;

    /// Moves on and completes the waits that are due; their coroutines run at the next poll.
    void advance(std::chrono::steady_clock::duration by);
    /// Sets the wall clock forward or back, as an administrator does; time does not pass.
    void jump_wall_clock(std::chrono::system_clock::duration by) { wall_clock_offset_ += by; }
    /// Moves to the earliest wait. False when nobody waits for a time that ever comes.
    bool advance_to_next();
    /// The earliest time that somebody waits for.
    [[nodiscard]] std::optional<time_point> next() const;
    /// Number of waits under way.
    [[nodiscard]] std::size_t waits() const noexcept { return waits_->size(); }
    /// Time passed since the start.
    [[nodiscard]] std::chrono::steady_clock::duration passed() const noexcept { return passed_; }

private:
    class listed;

    struct wait
    {
        wait(boost::asio::any_io_executor executor, time_point until_)
            : timer(std::move(executor), time_point::max()),
              until(until_)
        {
        }

        boost::asio::steady_timer timer;
        time_point until;
        bool due = false;
    };

    using wait_list = std::list<std::shared_ptr<wait>>;

    time_point start_ = std::chrono::steady_clock::now();
    std::chrono::steady_clock::duration passed_{};
    std::chrono::system_clock::duration wall_clock_offset_{};
    // Shared with the waiting coroutines, which may outlive the clock.
    std::shared_ptr<wait_list> waits_ = std::make_shared<wait_list>();
};

} // namespace kusto::test

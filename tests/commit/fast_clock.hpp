#pragma once

#include <async/clock.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace kusto::crash
{

/// The machine's clock, except that steady time passes several times faster: waits that are made for a service
/// of minutes are short against a local cluster. The transport keeps to real time.
class fast_clock final : public async::clock
{
public:
    explicit fast_clock(std::int64_t speed) : speed_(speed) {}

    time_point now() const noexcept override
    {
        return start_ + (std::chrono::steady_clock::now() - start_) * speed_;
    }
    utc_time_point utc_now() const noexcept override { return std::chrono::system_clock::now(); }

    boost::asio::awaitable<void> wait_until(time_point until) override
    {
        auto const executor = co_await boost::asio::this_coro::executor;
        boost::asio::steady_timer timer(executor, start_ + (until - start_) / speed_ +
                                                      std::chrono::nanoseconds(1));
        co_await timer.async_wait(boost::asio::use_awaitable);
    }

private:
    time_point const start_ = std::chrono::steady_clock::now();
    std::int64_t speed_;
};

} // namespace kusto::crash

#include <async/clock.hpp>

#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace kusto::async
{

namespace
{

namespace asio = boost::asio;

class real_clock final : public clock
{
public:
    time_point now() const noexcept override { return std::chrono::steady_clock::now(); }
    utc_time_point utc_now() const noexcept override { return std::chrono::system_clock::now(); }

    asio::awaitable<void> wait_until(time_point until) override
    {
        auto const executor = co_await asio::this_coro::executor;
        asio::steady_timer timer(executor, until);
        co_await timer.async_wait(asio::use_awaitable);
    }
};

} // namespace

clock& system_clock() noexcept
{
    static real_clock instance;
    return instance;
}

} // namespace kusto::async

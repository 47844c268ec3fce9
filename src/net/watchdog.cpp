#include <net/watchdog.hpp>

#include <boost/asio/steady_timer.hpp>
#include <cstdint>
#include <utility>

namespace kusto::net
{

struct watchdog::state
{
    explicit state(boost::asio::any_io_executor strand) : timer(std::move(strand)) {}

    boost::asio::steady_timer timer;
    std::function<void()> action;
    // A handler that was queued before it could be cancelled has an older number.
    std::uint64_t round = 0;
    bool expired = false;
};

watchdog::watchdog(boost::asio::any_io_executor strand)
    : state_(std::make_shared<state>(std::move(strand)))
{
}

watchdog::~watchdog()
{
    disarm();
}

void watchdog::arm(deadline until, std::function<void()> action)
{
    auto const round = ++state_->round;
    state_->expired = false;
    state_->action = std::move(action);
    state_->timer.expires_at(until.when());
    auto bark = [self = state_, round](boost::system::error_code)
    {
        if (self->round != round)
            return;
        self->expired = true;
        auto const bite = std::exchange(self->action, nullptr);
        bite();
    };
    state_->timer.async_wait(std::move(bark));
}

void watchdog::disarm() noexcept
{
    ++state_->round;
    state_->action = nullptr;
    try
    {
        state_->timer.cancel();
    }
    catch (std::exception const&)
    {
        // The round has moved on, so the handler does nothing.
    }
}

bool watchdog::expired() const noexcept
{
    return state_->expired;
}

} // namespace kusto::net

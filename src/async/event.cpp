#include <async/event.hpp>

#include <async/cancellation.hpp>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace kusto::async
{

namespace asio = boost::asio;

void event::set()
{
    set_ = true;
    ++round_;
    timer_.cancel();
}

asio::awaitable<void> event::wait()
{
    auto const start = round_;
    while (!set_ && round_ == start)
    {
        co_await timer_.async_wait(asio::as_tuple(asio::use_awaitable));
        if (set_ || round_ != start)
            break;
        // The timer never expires, so that this is a cancellation of the wait.
        auto const state = co_await asio::this_coro::cancellation_state;
        if (was_cancelled(state))
            throw_cancelled();
    }
}

} // namespace kusto::async

#include <support/manual_clock.hpp>

#include <async/cancellation.hpp>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace kusto::test
{

namespace asio = boost::asio;
using namespace std::chrono;

manual_clock::utc_time_point manual_clock::utc_now() const noexcept
{
    // 2026-01-01T00:00:00Z
    return utc_time_point(seconds(1767225600)) +
           duration_cast<std::chrono::system_clock::duration>(passed_) + wall_clock_offset_;
}

/// Keeps a wait on the list for as long as its coroutine exists.
class manual_clock::listed
{
public:
    listed(std::shared_ptr<wait_list> where, std::shared_ptr<wait> what)
        : where_(std::move(where)),
          place_(where_->insert(where_->end(), std::move(what)))
    {
    }
    listed(listed const&) = delete;
    listed& operator=(listed const&) = delete;
    ~listed() { where_->erase(place_); }

private:
    std::shared_ptr<wait_list> where_;
    wait_list::iterator place_;
};

asio::awaitable<void> manual_clock::wait_until(time_point until)
{
    if (until <= now())
        co_return;
    auto const executor = co_await asio::this_coro::executor;
    auto const self = std::make_shared<wait>(executor, until);
    listed const place(waits_, self);
    while (!self->due)
    {
        co_await self->timer.async_wait(asio::as_tuple(asio::use_awaitable));
        auto const state = co_await asio::this_coro::cancellation_state;
        if (!self->due && async::was_cancelled(state))
            async::throw_cancelled();
    }
}

void manual_clock::advance(steady_clock::duration by)
{
    passed_ += by;
    for (auto const& w : *waits_)
    {
        if (w->until > now())
            continue;
        w->due = true;
        w->timer.cancel();
    }
}

std::optional<manual_clock::time_point> manual_clock::next() const
{
    std::optional<time_point> earliest;
    for (auto const& w : *waits_)
    {
        bool const ever = w->until != time_point::max() && !w->due;
        if (ever && (!earliest || w->until < *earliest))
            earliest = w->until;
    }
    return earliest;
}

bool manual_clock::advance_to_next()
{
    auto const when = next();
    if (when)
        advance(*when - now());
    return when.has_value();
}

} // namespace kusto::test

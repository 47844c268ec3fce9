#include <async/one_shot.hpp>

#include <boost/asio/error.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/system/system_error.hpp>
#include <utility>

namespace kusto::async
{

namespace asio = boost::asio;

/// Starts the timer under the mutex, because `set` may cancel it from another thread.
class one_shot::starter
{
public:
    starter(one_shot& self, time_point until) : self_(&self), until_(until) {}

    template <class Handler>
    void operator()(Handler&& handler) const
    {
        std::lock_guard const lock(self_->mutex_);
        self_->timer_.expires_at(self_->is_set() ? (time_point::min)() : until_);
        self_->timer_.async_wait(std::forward<Handler>(handler));
    }

private:
    one_shot* self_;
    time_point until_;
};

one_shot::one_shot(asio::any_io_executor executor) : timer_(std::move(executor)) {}

void one_shot::set() noexcept
{
    std::lock_guard const lock(mutex_);
    set_.store(true, std::memory_order_release);
    timer_.cancel();
}

asio::awaitable<bool> one_shot::wait(time_point until)
{
    if (is_set())
        co_return true;
    boost::system::error_code ec;
    auto token = asio::redirect_error(asio::use_awaitable, ec);
    starter start(*this, until);
    co_await asio::async_initiate<decltype(token), void(boost::system::error_code)>(start, token);
    {
        // The thread that started the timer may still be inside `starter`.
        std::lock_guard const started(mutex_);
    }
    if (is_set())
        co_return true;
    if (ec == asio::error::operation_aborted)
        throw boost::system::system_error(ec);
    co_return false;
}

} // namespace kusto::async

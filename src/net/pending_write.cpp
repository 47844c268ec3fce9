#include <net/pending_write.hpp>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace kusto::net
{

namespace asio = boost::asio;

pending_write::pending_write(asio::any_io_executor strand, std::vector<asio::const_buffer> buffers)
    : buffers_(std::move(buffers)),
      done_timer_(std::move(strand))
{
    done_timer_.expires_at(asio::steady_timer::time_point::max());
}

void pending_write::finished(boost::system::error_code ec)
{
    done_ = true;
    ec_ = ec;
    auto const call = std::exchange(on_failure_, nullptr);
    if (ec && call)
        call();
    done_timer_.cancel();
}

asio::awaitable<void> pending_write::join()
{
    // A cancelled caller waits as well: its buffers must not be in use when it goes on.
    bool const throws = co_await asio::this_coro::throw_if_cancelled();
    co_await asio::this_coro::throw_if_cancelled(false);
    while (!done_)
        co_await done_timer_.async_wait(asio::as_tuple(asio::use_awaitable));
    co_await asio::this_coro::throw_if_cancelled(throws);
}

} // namespace kusto::net

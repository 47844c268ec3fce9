#include <sink/block_queue.hpp>

#include <algorithm>
#include <boost/asio/this_coro.hpp>
#include <utility>

namespace kusto::sink
{

namespace asio = boost::asio;

class block_queue::waiter
{
public:
    waiter(block_queue& queue, asio::any_io_executor executor)
        : event(std::move(executor)),
          queue_(queue),
          place_(queue.waiting_.insert(queue.waiting_.end(), &event))
    {
    }
    waiter(waiter const&) = delete;
    waiter& operator=(waiter const&) = delete;
    ~waiter() { queue_.waiting_.erase(place_); }

    async::one_shot event;

private:
    block_queue& queue_;
    std::list<async::one_shot*>::iterator place_;
};

asio::awaitable<result<bool>> block_queue::wait_for(std::size_t index)
{
    auto const executor = co_await asio::this_coro::executor;
    while (!failure_ && !ended_ && blocks_.size() <= index)
    {
        waiter place(*this, executor);
        (void)co_await place.event.wait();
    }
    if (failure_)
        co_return *failure_;
    co_return blocks_.size() > index;
}

std::span<std::byte const> block_queue::block(std::size_t index) const
{
    note_sent(index);
    return *blocks_.at(index);
}

block_queue::shared_block block_queue::share(std::size_t index) const
{
    note_sent(index);
    return blocks_.at(index);
}

/// Blocks are sent in their order for the first time, and then maybe again.
void block_queue::note_sent(std::size_t index) const noexcept
{
    if (index != sent_up_to_ || index >= blocks_.size())
        return;
    ++sent_up_to_;
    auto const since = startable_ ? (std::max)(since_[index], *startable_) : clock::now();
    sent_.waited += clock::now() - since;
    sent_.bytes += blocks_[index]->size();
    ++sent_.count;
}

void block_queue::publish(std::vector<gzip::block> blocks)
{
    for (auto& one : blocks)
        if (!one.empty())
        {
            blocks_.push_back(std::make_shared<gzip::block>(std::move(one)));
            since_.push_back(clock::now());
        }
    if (!startable_ && blocks_.size() > 1)
        startable_ = clock::now();
    wake();
}

void block_queue::end()
{
    ended_ = true;
    if (!startable_)
        startable_ = clock::now();
    wake();
}

void block_queue::fail(failure why)
{
    if (!failure_)
        failure_ = std::move(why);
    wake();
}

void block_queue::clear()
{
    blocks_.clear();
    blocks_.shrink_to_fit();
}

std::vector<block_queue::shared_block> block_queue::take()
{
    std::vector<shared_block> out(blocks_.begin(), blocks_.end());
    clear();
    return out;
}

asio::awaitable<result<void>> block_queue::wait_for_all()
{
    constexpr auto beyond_all = static_cast<std::size_t>(-1);
    auto const more = co_await wait_for(beyond_all);
    if (more.has_error())
        co_return more.error();
    co_return result<void>();
}

std::uint64_t block_queue::size() const noexcept
{
    std::uint64_t sum = 0;
    for (auto const& one : blocks_)
        sum += one->size();
    return sum;
}

void block_queue::wake()
{
    for (auto* const one : waiting_)
        one->set();
}

} // namespace kusto::sink

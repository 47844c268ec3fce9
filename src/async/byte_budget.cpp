#include <async/byte_budget.hpp>

#include <boost/asio/this_coro.hpp>
#include <string>
#include <utility>

namespace kusto::async
{

namespace asio = boost::asio;

byte_budget::lease& byte_budget::lease::operator=(lease&& other) noexcept
{
    if (this != &other)
    {
        release();
        owner_ = std::move(other.owner_);
        amount_ = std::exchange(other.amount_, 0);
    }
    return *this;
}

void byte_budget::lease::merge(lease other) noexcept
{
    if (!owner_)
        owner_ = std::move(other.owner_);
    amount_ += std::exchange(other.amount_, 0);
}

byte_budget::lease byte_budget::lease::split(std::uint64_t amount)
{
    lease part(owner_, amount);
    amount_ -= amount;
    return part;
}

void byte_budget::lease::resize(std::uint64_t amount) noexcept
{
    if (!owner_)
        return;
    if (amount < amount_)
        owner_->give_back(amount_ - amount);
    else if (amount > amount_)
        owner_->overdraw(amount - amount_);
    amount_ = amount;
}

void byte_budget::lease::release() noexcept
{
    if (owner_ && amount_ != 0)
        owner_->give_back(std::exchange(amount_, 0));
    owner_.reset();
}

byte_budget::turn::turn(byte_budget& budget, std::uint64_t amount, asio::any_io_executor executor)
    : budget_(budget),
      amount_(amount),
      event_(std::move(executor))
{
    std::lock_guard const lock(budget_.mutex_);
    if (budget_.closed_ || amount_ > budget_.limit_)
    {
        state_ = state::refused;
        event_.set();
        return;
    }
    place_ = budget_.queue_.insert(budget_.queue_.end(), this);
    budget_.waiting_.fetch_add(1);
    // What was released before this place was visible woke nobody.
    budget_.grant_locked();
}

byte_budget::turn::~turn()
{
    bool passed_on = false;
    {
        std::lock_guard const lock(budget_.mutex_);
        if (state_ == state::waiting)
        {
            budget_.queue_.erase(place_);
            budget_.waiting_.fetch_sub(1);
            // Who stood behind may want less.
            budget_.grant_locked();
        }
        passed_on = state_ == state::granted;
    }
    if (passed_on)
        budget_.give_back(amount_);
}

asio::awaitable<result<byte_budget::lease>> byte_budget::turn::wait()
{
    (void)co_await event_.wait();
    std::lock_guard const lock(budget_.mutex_);
    if (state_ == state::granted)
    {
        state_ = state::done;
        co_return lease(budget_.shared_from_this(), amount_);
    }
    if (budget_.closed_)
        co_return *budget_.closed_;
    co_return failure(errc::record_too_large, stage::buffer,
                      std::to_string(amount_) + " bytes exceed the budget of " +
                          std::to_string(budget_.limit_) + " bytes");
}

std::optional<byte_budget::lease> byte_budget::try_acquire(std::uint64_t amount)
{
    if (waiting_.load() != 0 || !take(amount))
        return std::nullopt;
    return lease(shared_from_this(), amount);
}

asio::awaitable<result<byte_budget::lease>> byte_budget::acquire(std::uint64_t amount)
{
    auto const self = shared_from_this();
    auto fast = try_acquire(amount);
    if (fast)
        co_return std::move(*fast);
    auto const executor = co_await asio::this_coro::executor;
    turn place(*this, amount, executor);
    auto granted = co_await place.wait();
    co_return granted;
}

void byte_budget::close(failure why)
{
    std::lock_guard const lock(mutex_);
    if (closed_)
        return;
    closed_ = std::move(why);
    for (auto* const one : queue_)
    {
        one->state_ = turn::state::refused;
        one->event_.set();
    }
    queue_.clear();
    waiting_.store(0);
}

bool byte_budget::take(std::uint64_t amount) noexcept
{
    auto used = used_.load();
    do
    {
        if (amount > limit_ || used > limit_ - amount)
            return false;
    } while (!used_.compare_exchange_weak(used, used + amount));
    note_peak(used + amount);
    return true;
}

void byte_budget::give_back(std::uint64_t amount) noexcept
{
    used_.fetch_sub(amount);
    // Sequentially consistent on both sides: either this sees the waiter, or the waiter's first
    // attempt sees what was given back.
    if (waiting_.load() == 0)
        return;
    std::lock_guard const lock(mutex_);
    grant_locked();
}

void byte_budget::overdraw(std::uint64_t amount) noexcept
{
    note_peak(used_.fetch_add(amount) + amount);
}

void byte_budget::note_peak(std::uint64_t used) noexcept
{
    auto peak = peak_.load(std::memory_order_relaxed);
    while (used > peak && !peak_.compare_exchange_weak(peak, used, std::memory_order_relaxed))
    {
    }
}

void byte_budget::grant_locked() noexcept
{
    while (!queue_.empty() && take(queue_.front()->amount_))
    {
        auto* const next = queue_.front();
        queue_.pop_front();
        waiting_.fetch_sub(1);
        next->state_ = turn::state::granted;
        next->event_.set();
    }
}

} // namespace kusto::async

// Checkpoints that `advance` makes.
#include <algorithm>
#include <boost/asio/cancellation_state.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/this_coro.hpp>
#include <commit/stop_signals.hpp>
#include <commit/write_ahead_state.hpp>
#include <exception>
#include <utility>

namespace kusto::detail
{

namespace asio = boost::asio;
using namespace std::chrono_literals;

namespace
{

constexpr auto shortest_pause = 50ms;
constexpr auto longest_pause = 1s;

} // namespace

asio::awaitable<void> write_ahead_state::advance(self_ptr self, std::string position)
{
    auto const accepted = self->local_->accepted();
    auto const last = self->last_checkpoint_time();
    auto const& options = self->context_.options;
    bool due = false;
    bool first = false;
    {
        std::lock_guard const lock(self->advance_mutex_);
        first = !std::exchange(self->advancing_, true);
        self->advanced_to_ = position;
        self->advanced_ = accepted;
        auto const records = accepted.records - self->advanced_sealed_.records;
        auto const every = options.checkpoint_records();
        auto const interval = options.checkpoint_interval();
        due = (every != 0 && records >= every) ||
              (interval != interval.zero() && records != 0 &&
               self->context_.time().now() >= last + interval);
        if (due)
            self->advanced_sealed_ = accepted;
        if (auto why = std::exchange(self->advance_error_, std::nullopt))
        {
            self->advanced_sealed_ = due ? delivery_counts() : self->advanced_sealed_;
            throw error(std::move(*why));
        }
    }
    if (first)
        asio::post(self->strand_,
                   [self]
                   {
                       if (!self->closing_)
                           self->tasks_.spawn(self->strand_, run_periodic(self),
                                              self->stop_->periodic.slot(), self->stop_);
                   });
    if (!due)
        co_return;
    try
    {
        auto const id = co_await checkpoint(self, std::move(position), deadline::after(10min));
        asio::post(self->strand_, [self, id] { self->ask_for(id); });
    }
    catch (...)
    {
        // Not sealed: it stays to be done.
        std::lock_guard const lock(self->advance_mutex_);
        self->advanced_sealed_ = delivery_counts();
        throw;
    }
}

asio::awaitable<void> write_ahead_state::run_periodic(self_ptr self)
{
    try
    {
        while (!self->closing_)
        {
            auto const interval = self->context_.options.checkpoint_interval();
            auto const now = self->context_.time().now();
            auto const due = interval == interval.zero() ? now + longest_pause
                                                         : self->last_checkpoint_time() + interval;
            co_await self->context_.time().wait_until(
                (std::clamp)(due, now + shortest_pause, now + longest_pause));
            // After a commit that failed: writing may wait for nothing else.
            if (self->spool_->waits_for_commit())
                self->ask_for(self->last_sealed_);
            if (interval != interval.zero() &&
                self->context_.time().now() >= self->last_checkpoint_time() + interval)
                co_await self->seal_what_was_advanced(deadline::after(10min));
        }
    }
    catch (std::exception const&)
    {
        // Only closing the sink cancels.
    }
    co_await asio::this_coro::reset_cancellation_state(asio::disable_cancellation());
}

asio::awaitable<void> write_ahead_state::seal_what_was_advanced(deadline until)
{
    std::string position;
    delivery_counts accepted;
    {
        std::lock_guard const lock(advance_mutex_);
        if (!advancing_ || advanced_.records == advanced_sealed_.records)
            co_return;
        position = advanced_to_;
        accepted = advanced_;
    }
    std::optional<cut> where;
    {
        std::lock_guard const lock(cut_mutex_);
        if (auto batches = local_->seal_all_if(accepted, core::seal_reason::flush))
        {
            where.emplace();
            where->batches = std::move(*batches);
            where->ticket = ++tickets_;
        }
    }
    // Somebody writes: the next `advance` makes the checkpoint.
    if (!where)
        co_return;
    {
        std::lock_guard const lock(advance_mutex_);
        advanced_sealed_ = accepted;
    }
    auto const id = co_await seal(std::move(position), std::move(*where), until);
    if (id.has_value())
    {
        ask_for(*id);
        co_return;
    }
    note_trouble(id.error());
    std::lock_guard const lock(advance_mutex_);
    advance_error_ = id.error();
    // Not sealed after all: what is waiting is part of the next checkpoint.
    advanced_sealed_ = delivery_counts();
}

std::chrono::steady_clock::time_point write_ahead_state::last_checkpoint_time() const
{
    std::lock_guard const lock(mutex_);
    return last_checkpoint_;
}

} // namespace kusto::detail

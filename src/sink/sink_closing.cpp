// Waiting for batches: flush, close and giving up.
#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/this_coro.hpp>
#include <exception>
#include <sink/sink_state.hpp>
#include <string>
#include <utility>

namespace kusto::detail
{

namespace asio = boost::asio;

namespace
{

using clock = std::chrono::steady_clock;

// What is cancelled at the deadline of a close has this long to come to an end.
constexpr auto grace = std::chrono::milliseconds(500);

clock::time_point later(clock::time_point when, clock::duration delay) noexcept
{
    return when > (clock::time_point::max)() - delay ? (clock::time_point::max)() : when + delay;
}

} // namespace

/// A coroutine that waits for batches.
class sink_state::waiter
{
public:
    waiter(sink_state& state, position until_batch, core::batch_level level,
           asio::any_io_executor executor)
        : event(std::move(executor)),
          until_batch(std::move(until_batch)),
          level(level),
          state_(state)
    {
        std::lock_guard const lock(state_.mutex_);
        place_ = state_.waiting_.insert(state_.waiting_.end(), this);
        wake_if_covered();
    }
    waiter(waiter const&) = delete;
    waiter& operator=(waiter const&) = delete;
    ~waiter()
    {
        std::lock_guard const lock(state_.mutex_);
        state_.waiting_.erase(place_);
    }

    /// Under the state's mutex.
    void wake_if_covered() noexcept
    {
        if (state_.ledger_.covers(until_batch, level))
            event.set();
    }

    async::one_shot event;
    position const until_batch;
    core::batch_level const level;

private:
    sink_state& state_;
    std::list<waiter*>::iterator place_;
};

/// A coroutine that waits for the end of a close, or for a change of its deadline.
class sink_state::close_waiter
{
public:
    close_waiter(sink_state& state, asio::any_io_executor executor)
        : event(std::move(executor)),
          state_(state)
    {
        std::lock_guard const lock(state_.mutex_);
        place_ = state_.closing_.insert(state_.closing_.end(), &event);
        if (state_.closed_)
            event.set();
    }
    close_waiter(close_waiter const&) = delete;
    close_waiter& operator=(close_waiter const&) = delete;
    ~close_waiter()
    {
        std::lock_guard const lock(state_.mutex_);
        state_.closing_.erase(place_);
    }

    async::one_shot event;

private:
    sink_state& state_;
    std::list<async::one_shot*>::iterator place_;
};

void sink_state::after_resolve()
{
    outstanding_.fetch_sub(1);
    wake_waiters();
    // Sequentially consistent with `outstanding_`: either this sees the waiting write, or that sees
    // that nothing is outstanding.
    if (budget_->waiting() != 0)
        relieve_pressure();
}

void sink_state::wake_waiters()
{
    std::lock_guard const lock(mutex_);
    for (auto* const one : waiting_)
        one->wake_if_covered();
}

asio::awaitable<bool> sink_state::wait_for_batches(position until_batch, core::batch_level level,
                                                   time_point until)
{
    auto const self = shared_from_this();
    auto const executor = co_await asio::this_coro::executor;
    waiter place(*this, std::move(until_batch), level, executor);
    bool const done = co_await place.event.wait(until);
    co_return done;
}

std::optional<failure> sink_state::failure_within(position const& until_batch) const
{
    std::lock_guard const lock(mutex_);
    return ledger_.failure_within(until_batch);
}

void sink_state::begin_close(time_point until)
{
    mode_.store(mode::closed, std::memory_order_release);
    budget_->close(refusal());
    (void)seal_all(core::seal_reason::flush);
    bool first = false;
    {
        std::lock_guard const lock(mutex_);
        first = !drain_until_;
        drain_until_ = (std::min)(until, drain_until_.value_or(until));
    }
    if (!first)
        return;
    auto const self = shared_from_this();
    asio::co_spawn(asio::make_strand(executor_), drain(self),
                   [self](std::exception_ptr e)
                   {
                       if (!e)
                           return;
                       self->close_out();
                       self->announce_closed();
                   });
}

sink_state::time_point sink_state::drain_until() const
{
    std::lock_guard const lock(mutex_);
    return drain_until_.value_or((time_point::max)());
}

asio::awaitable<void> sink_state::drain(std::shared_ptr<sink_state> self)
{
    auto const all = self->seal_all(core::seal_reason::flush);
    auto const resolved = core::batch_level::resolved;
    bool const done = co_await self->wait_for_batches(all, resolved, self->drain_until());
    if (!done)
    {
        self->abandon();
        (void)co_await self->wait_for_batches(all, resolved, later(clock::now(), grace));
    }
    self->close_out();
    (void)co_await self->tasks_.join(later(clock::now(), grace));
    self->announce_closed();
}

asio::awaitable<bool> sink_state::wait_closed(time_point until)
{
    auto const self = shared_from_this();
    auto const executor = co_await asio::this_coro::executor;
    close_waiter place(*this, executor);
    bool const done = co_await place.event.wait(until);
    co_return done;
}

void sink_state::close_out()
{
    // Gates first: nobody is let in any more, so this does not change.
    auto const everything = accepted();
    std::lock_guard const lock(mutex_);
    std::string message = "not delivered before the deadline of close(); allow more time";
    if (trouble_)
        message += "; batches waited because of: " + failure(*trouble_).server_text({}).describe();
    ledger_.close_out(everything, failure(errc::timed_out, stage::sink, std::move(message)));
    for (auto* const one : waiting_)
        one->event.set();
}

void sink_state::keep_nothing_idle() noexcept
{
    chunks_->close();
    compression_.supplies()->close();
}

void sink_state::announce_closed()
{
    keep_nothing_idle();
    std::lock_guard const lock(mutex_);
    closed_ = true;
    for (auto* const one : closing_)
        one->set();
}

void sink_state::abandon() noexcept
{
    keep_nothing_idle();
    try
    {
        mode_.store(mode::closed, std::memory_order_release);
        budget_->close(refusal());
        abandoned_.store(true, std::memory_order_release);
        for (auto& one : writers_)
            one.give_up();
    }
    catch (std::exception const&)
    {
        // Out of memory: what is under way then ends by its own deadlines.
    }
}

void sink_state::detach() noexcept
{
    // First, so that nothing of what follows is undone by a job that ends meanwhile. Writes that
    // wait are refused by the budget, which then wakes nobody either.
    permit_->revoke();
    detached_.store(true);
    abandon();
}

namespace
{

void check_level(sink_state const& state, acknowledgement level)
{
    if (level == acknowledgement::ingested && !state.options().poll_for_ingestion_status())
        throw error(failure(errc::invalid_option, stage::sink,
                            "acknowledgement::ingested needs the option poll_for_ingestion_status, "
                            "or the service reports nothing"));
}

failure too_late(std::optional<failure> const& trouble)
{
    std::string message = "not everything was acknowledged in time; delivery goes on";
    if (trouble)
        message += "; batches wait because of: " + failure(*trouble).server_text({}).describe();
    return failure(errc::timed_out, stage::sink, std::move(message));
}

asio::awaitable<delivery_report> wait_acknowledged(std::shared_ptr<sink_state> state,
                                                   sink_state::position batches,
                                                   acknowledgement level, deadline until)
{
    auto const reached = level == acknowledgement::queued ? core::batch_level::queued
                                                          : core::batch_level::resolved;
    bool const done = co_await state->wait_for_batches(batches, reached, until.when());
    if (!done)
        throw error(too_late(state->trouble()));
    if (state->options().guarantee() != delivery_guarantee::none)
        if (auto const why = state->failure_within(batches))
            throw error(*why);
    co_return state->report();
}

} // namespace

asio::awaitable<delivery_report> flush(std::shared_ptr<sink_state> state, acknowledgement level,
                                       deadline until)
{
    check_level(*state, level);
    auto everything = state->seal_all(core::seal_reason::flush);
    auto report = co_await wait_acknowledged(state, std::move(everything), level, until);
    co_return report;
}

asio::awaitable<delivery_report> acknowledged(std::shared_ptr<sink_state> state, std::size_t writer,
                                              acknowledgement level, deadline until)
{
    check_level(*state, level);
    auto batches = state->all_of(writer);
    auto report = co_await wait_acknowledged(state, std::move(batches), level, until);
    co_return report;
}

asio::awaitable<delivery_report> close(std::shared_ptr<sink_state> state, deadline until)
{
    state->begin_close(until.when());
    bool closed = co_await state->wait_closed(until.when());
    if (!closed)
    {
        // Draining ends when everything was given up; it may have been started with a later time.
        state->abandon();
        closed = co_await state->wait_closed(later(clock::now(), 3 * grace));
    }
    // Draining runs on the sink's executor. Should nobody run that, the caller ends it.
    if (!closed)
        state->close_out();
    co_return state->report();
}

} // namespace kusto::detail

// What users of the sink do in a schedule.
#include "life.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/strand.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <utility>

namespace kusto::faults
{

namespace asio = boost::asio;
using namespace asio::experimental::awaitable_operators;
using std::chrono::milliseconds;

namespace
{

asio::awaitable<void> wait(std::chrono::steady_clock::duration time)
{
    auto const executor = co_await asio::this_coro::executor;
    asio::steady_timer timer(executor, time);
    co_await timer.async_wait(asio::use_awaitable);
}

/// Ids of different producers do not meet.
std::int64_t id_of(std::size_t producer, std::size_t index)
{
    return static_cast<std::int64_t>(producer * 1'000'000 + index);
}

/// Records written by actions have numbers of their own.
constexpr std::int64_t extra = 500'000;

bool refused(errc code)
{
    return code == errc::closed || code == errc::sink_stopped;
}

} // namespace

void life::start_producers()
{
    producing_ = what_.producers;
    for (std::size_t i = 0; i < what_.producers; ++i)
        asio::co_spawn(asio::make_strand(io_->context()), produce(i),
                       [this](std::exception_ptr e)
                       {
                           if (e)
                               violation("a producer ended with an exception of another kind");
                           std::lock_guard const lock(mutex_);
                           --producing_;
                           changed_.notify_all();
                       });
}

asio::awaitable<void> life::produce(std::size_t producer)
{
    auto next = what_.actions.begin();
    for (std::size_t i = 0; i < what_.records; ++i)
    {
        for (; producer == 0 && next != what_.actions.end() && next->at == i; ++next)
            co_await act(*next, extra + (next - what_.actions.begin()));
        bool const taken = co_await write(producer, id_of(producer, i));
        if (!taken)
            co_return;
        if (what_.pause.count() != 0 && i % 16 == 15)
            co_await wait(what_.pause);
    }
}

asio::awaitable<bool> life::write(std::size_t producer, std::int64_t id)
{
    try
    {
        co_await hand_to_sink(producer, id);
        co_return true;
    }
    catch (error const& e)
    {
        if (!refused(e.code() == errc::closed ? errc::closed : e.why().code()))
            violation(std::string("write: ") + e.what());
    }
    co_return false;
}

asio::awaitable<void> life::hand_to_sink(std::size_t producer, std::int64_t id)
{
    auto const record = record_of(what_.seed, id, what_.text_size);
    auto& to = writers_[producer % writers_.size()];
    bool const any_writer = what_.end != ending::destroy && producer % 2 == 0;
    bool taken = false;
    if (what_.try_write)
        taken = any_writer ? sink_->try_write(record) : to.try_write(record);
    if (!taken && any_writer)
        co_await sink_->write(record);
    else if (!taken)
        co_await to.write(record);
    accept(id);
}

asio::awaitable<void> life::act(user_action what, std::int64_t id)
{
    switch (what.kind)
    {
    case action_kind::cancelled_flush:
        co_await (flush(what) || wait(what.cancel_after));
        break;
    case action_kind::cancelled_write:
        co_await (write_once(id) || wait(what.cancel_after));
        break;
    default:
        co_await flush(what);
    }
}

asio::awaitable<void> life::write_once(std::int64_t id)
{
    // Cancelled before it starts: Asio would throw after the record was accepted.
    auto const state = co_await asio::this_coro::cancellation_state;
    if (state.cancelled() != asio::cancellation_type::none)
        co_return;
    try
    {
        co_await hand_to_sink(0, id);
    }
    catch (boost::system::system_error const&)
    {
        // Refused or cancelled: not accepted.
    }
}

asio::awaitable<delivery_report> life::start_flush(user_action what)
{
    auto const until = deadline::after(what.deadline);
    // Through a handle when the sink may go away meanwhile. It seals nothing, and the interval may
    // be long.
    if (what.kind == action_kind::acknowledged || what_.end == ending::destroy)
        return writers_.front().acknowledged(acknowledgement::queued,
                                             until.sooner(deadline::after(milliseconds(150))));
    if (what.kind == action_kind::flush_ingested)
        return sink_->flush(acknowledgement::ingested, until);
    return sink_->flush(until);
}

asio::awaitable<void> life::flush(user_action what)
{
    id_set before;
    {
        std::lock_guard const lock(mutex_);
        before = seen_.accepted;
    }
    bool const whole = what.kind != action_kind::acknowledged && what_.end != ending::destroy;
    bool const ingested = whole && what.kind == action_kind::flush_ingested;
    auto const start = clock::now();
    try
    {
        auto operation = start_flush(what);
        (void)co_await std::move(operation);
        bool const sure = what_.poll ? ingested : whole;
        std::lock_guard const lock(mutex_);
        if (sure && what_.guarantee == delivery_guarantee::at_least_once)
            seen_.flushed.push_back(std::move(before));
        if (ingested && !what_.poll)
            seen_.violations.push_back("flush(ingested) without statuses was not refused");
    }
    catch (error const& e)
    {
        if (ingested && !what_.poll && e.why().code() != errc::invalid_option)
            violation(std::string("flush(ingested) without statuses: ") + e.what());
    }
    catch (boost::system::system_error const& e)
    {
        if (what.kind != action_kind::cancelled_flush)
            violation(std::string("flush: ") + e.what());
    }
    if (clock::now() - start > what.deadline + milliseconds(5000))
        violation("a flush came back later than 5 s after its deadline");
}

} // namespace kusto::faults

// How a checkpoint is sealed.
#include <algorithm>
#include <async/call_on.hpp>
#include <commit/stop_signals.hpp>
#include <commit/write_ahead_state.hpp>
#include <utility>

namespace kusto::detail
{

namespace asio = boost::asio;
using namespace std::chrono_literals;

namespace
{

constexpr std::size_t longest_position = std::size_t(64) << 10;
// How often a checkpoint that waits for its batches looks whether that makes sense.
constexpr auto look_again = 100ms;
// What the operation has to say about its deadline comes first.
constexpr auto grace = 250ms;

deadline with_grace(deadline until)
{
    auto const last = (deadline::time_point::max)() - grace;
    return until.when() > last ? until : deadline(until.when() + grace);
}

/// One thing at a time on the strand.
class turn
{
public:
    explicit turn(bool& taken) : taken_(taken) { taken_ = true; }
    turn(turn const&) = delete;
    turn& operator=(turn const&) = delete;
    ~turn() { taken_ = false; }

private:
    bool& taken_;
};

} // namespace

asio::awaitable<checkpoint_id> write_ahead_state::checkpoint(self_ptr self, std::string position,
                                                             deadline until)
{
    // At the call: what is written while it waits for its turn is part of the next one.
    auto where = self->cut_here();
    auto op = run_checkpoint(self, std::move(position), std::move(where), until);
    auto late = self->too_late("the checkpoint was not sealed in time; what was written will be part "
                               "of the next one");
    asio::any_io_executor const strand = self->strand_;
    auto const done =
        co_await async::call_on(strand, std::move(op), with_grace(until), std::move(late));
    if (done.has_error())
        throw error(done.error());
    co_return *done;
}

write_ahead_state::cut write_ahead_state::cut_here()
{
    context_.reached("C0");
    std::lock_guard const lock(cut_mutex_);
    cut here;
    here.batches = local_->seal_all(core::seal_reason::flush);
    here.ticket = ++tickets_;
    return here;
}

asio::awaitable<result<checkpoint_id>>
write_ahead_state::run_checkpoint(self_ptr self, std::string position, cut where, deadline until)
{
    if (position.size() > longest_position)
        co_return failure(errc::invalid_option, stage::ledger,
                          "the position has " + std::to_string(position.size()) +
                              " bytes, the limit is 65536; keep it outside and give its key");
    auto done = co_await self->seal(std::move(position), std::move(where), until);
    co_return done;
}

asio::awaitable<result<checkpoint_id>> write_ahead_state::seal(std::string position, cut where,
                                                               deadline until)
{
    auto const start = std::chrono::steady_clock::now();
    while (sealing_)
        co_await changed_.wait();
    if (closed_)
        co_return closed_failure();
    result<checkpoint_id> done = checkpoint_id(0);
    {
        turn const mine(sealing_);
        auto const kept = co_await wait_until_kept(where.batches, until);
        // Nobody waits for it any more, or its position is behind the last one.
        if (kept.has_value() &&
            (until.passed(std::chrono::steady_clock::now()) || where.ticket < last_ticket_))
            done = too_late("the checkpoint was not sealed in time; what was written will be part of "
                            "the next one");
        else if (kept.has_error())
            done = kept.error();
        else
            done = co_await enter(std::move(position), where.batches);
        if (done.has_value())
            last_ticket_ = where.ticket;
    }
    if (done.has_value())
        seal_time_.record(std::chrono::steady_clock::now() - start);
    pulse();
    co_return done;
}

asio::awaitable<result<void>> write_ahead_state::wait_until_kept(sink_state::position batches,
                                                                 deadline until)
{
    for (;;)
    {
        auto const now = std::chrono::steady_clock::now();
        auto const limit = (std::min)(now + look_again, until.when());
        bool const done =
            co_await local_->wait_for_batches(batches, core::batch_level::resolved, limit);
        if (done)
            break;
        auto const trouble = local_->trouble();
        if (trouble && trouble->code() == errc::disk_failed)
            co_return *trouble;
        if (spool_->waits_for_commit() && !committing_)
            co_return failure(errc::backlog_full, stage::ledger,
                              "sealed checkpoints fill the backlog_limit (" +
                                  std::to_string(context_.options.backlog_limit()) +
                                  " bytes); commit them, then make the checkpoint again");
        if (until.passed(std::chrono::steady_clock::now()))
            co_return too_late("the checkpoint was not sealed in time; what was written will be "
                               "part of the next one");
    }
    if (auto const why = local_->failure_within(batches))
        co_return *why;
    co_return result<void>();
}

asio::awaitable<result<checkpoint_id>> write_ahead_state::enter(std::string position,
                                                                sink_state::position batches)
{
    auto taken = spool_->take(batches);
    core::sealed_checkpoint made;
    made.id = last_sealed_ + 1;
    made.position = std::move(position);
    for (auto const& [key, batch] : taken)
        made.batches.push_back(batch);
    context_.reached("C1");
    auto const entered = co_await book_.seal(made);
    if (entered.has_error())
    {
        spool_->put_back(std::move(taken));
        co_return entered.error();
    }
    context_.reached("C2");
    std::lock_guard const lock(mutex_);
    last_sealed_ = made.id;
    position_ = made.position;
    sealed_ = core::operator+(sealed_, made.counts());
    ++checkpoints_sealed_;
    auto const id = made.id;
    checkpoints_.push_back(std::move(made));
    last_checkpoint_ = context_.time().now();
    waiting_since_.push_back(last_checkpoint_);
    co_return id;
}

} // namespace kusto::detail

// How checkpoints are committed, and how the sink is closed.
#include <algorithm>
#include <async/call_on.hpp>
#include <async/with_deadline.hpp>
#include <boost/asio/cancellation_state.hpp>
#include <boost/asio/this_coro.hpp>
#include <commit/stop_signals.hpp>
#include <commit/write_ahead_state.hpp>
#include <exception>
#include <ledger/batch_file.hpp>
#include <utility>

namespace kusto::detail
{

namespace asio = boost::asio;
using namespace std::chrono_literals;

namespace
{

constexpr auto grace = 5s;

deadline later(deadline until, std::chrono::steady_clock::duration by)
{
    auto const last = (deadline::time_point::max)() - by;
    return until.when() > last ? until : deadline(until.when() + by);
}

} // namespace

asio::awaitable<void> write_ahead_state::commit(self_ptr self, checkpoint_id id, deadline until)
{
    auto op = run_commit(self, id);
    asio::any_io_executor const strand = self->strand_;
    failure late(errc::timed_out, stage::commit, "");
    auto const done = co_await async::call_on(strand, std::move(op), until, std::move(late));
    if (done.has_value())
        co_return;
    if (done.error().code() == errc::timed_out && done.error().message().empty())
        throw error(self->too_late("the checkpoint was not committed in time; committing goes on"));
    throw error(done.error());
}

asio::awaitable<result<checkpoint_id>> write_ahead_state::run_commit(self_ptr self, checkpoint_id id)
{
    if (id > self->last_sealed_)
        co_return failure(errc::not_found, stage::commit,
                          "there is no checkpoint " + std::to_string(id) + "; the last is " +
                              std::to_string(self->last_sealed_));
    auto const errors = self->errors_;
    self->ask_for(id);
    while (self->last_committed_ < id)
    {
        if (self->errors_ != errors && !self->committing_)
            co_return *self->error_;
        if (self->closing_ && !self->committing_)
            co_return self->closed_failure();
        co_await self->changed_.wait();
    }
    co_return id;
}

void write_ahead_state::ask_for(checkpoint_id id)
{
    wanted_ = (std::max)(wanted_, id);
    if (committing_ || stopping_ || wanted_ <= last_committed_)
        return;
    committing_ = true;
    tasks_.spawn(strand_, run_committer(shared_from_this()), stop_->committing.slot(), stop_);
}

asio::awaitable<void> write_ahead_state::run_committer(self_ptr self)
{
    result<void> done = result<void>();
    try
    {
        while (done.has_value() && self->last_committed_ < self->wanted_)
            done = co_await self->commit_next();
    }
    catch (error const& e)
    {
        done = e.why();
    }
    catch (std::exception const&)
    {
        // Only closing the sink cancels.
        done = self->closed_failure();
    }
    co_await asio::this_coro::reset_cancellation_state(asio::disable_cancellation());
    if (done.has_error())
    {
        self->error_ = done.error();
        ++self->errors_;
        self->wanted_ = self->last_committed_;
        self->context_.log().failed(log_level::error, "a checkpoint was not committed",
                                    done.error());
        std::lock_guard const lock(self->advance_mutex_);
        if (self->advancing_ && done.error().code() != errc::closed)
            self->advance_error_ = done.error();
    }
    self->committing_ = false;
    self->pulse();
}

/// However a commit ends: memory knows of it what the ledger knows.
class write_ahead_state::keep_progress
{
public:
    keep_progress(write_ahead_state& state, core::sealed_checkpoint const& one)
        : state_(state),
          one_(one)
    {
    }
    keep_progress(keep_progress const&) = delete;
    keep_progress& operator=(keep_progress const&) = delete;
    ~keep_progress()
    {
        std::lock_guard const lock(state_.mutex_);
        state_.checkpoints_.front().state = one_.state;
        state_.checkpoints_.front().attempt = one_.attempt;
    }

private:
    write_ahead_state& state_;
    core::sealed_checkpoint const& one_;
};

asio::awaitable<result<void>> write_ahead_state::commit_next()
{
    // A copy: the committer changes it while others read ours.
    core::sealed_checkpoint one;
    {
        std::lock_guard const lock(mutex_);
        one = checkpoints_.front();
    }
    auto const start = std::chrono::steady_clock::now();
    result<void> done = result<void>();
    {
        keep_progress const keep(*this, one);
        done = co_await committer_.commit(one);
    }
    if (done.has_error())
        co_return done;
    {
        std::lock_guard const lock(mutex_);
        trouble_.reset();
    }
    commit_time_.record(std::chrono::steady_clock::now() - start);
    auto finished = co_await finish(std::move(one));
    co_return finished;
}

asio::awaitable<result<void>> write_ahead_state::finish(core::sealed_checkpoint one)
{
    auto const entered = co_await book_.set_state(one.id, checkpoint_state::committed);
    if (entered.has_error())
        co_return entered;
    context_.reached("C9");
    {
        std::lock_guard const lock(mutex_);
        checkpoints_.pop_front();
        waiting_since_.pop_front();
        last_committed_ = one.id;
        committed_ = core::operator+(committed_, one.counts());
        ++checkpoints_committed_;
    }
    pulse();
    std::vector<std::string> names;
    std::uint64_t bytes = 0;
    for (auto const& batch : one.batches)
    {
        names.push_back(batch.file);
        bytes += batch.compressed_bytes;
    }
    auto remove = [directory = context_.options.directory(), names = std::move(names)]
    { return ledger::remove_files(directory, names); };
    auto const removed =
        co_await async::offload(context_.files, context_.permit, std::move(remove));
    spool_->release(bytes);
    context_.reached("C9.files");
    // What is left behind is found and removed by the next open.
    if (removed.has_value())
    {
        std::vector<checkpoint_id> const gone(1, one.id);
        (void)co_await book_.forget(gone);
    }
    co_await committer_.tidy_up(one);
    co_return result<void>();
}

asio::awaitable<write_ahead_statistics> write_ahead_state::close(self_ptr self, deadline until)
{
    auto op = run_close(self, until);
    asio::any_io_executor const strand = self->strand_;
    failure late(errc::timed_out, stage::sink, "");
    auto const done =
        co_await async::call_on(strand, std::move(op), later(until, grace), std::move(late));
    // Nobody runs the sink's executor, or a job on the disk hangs: the report says what is known.
    if (done.has_error() && done.error().code() != errc::timed_out)
        throw error(done.error());
    co_return self->statistics();
}

asio::awaitable<result<checkpoint_id>> write_ahead_state::wait_for_committer(self_ptr self)
{
    while (self->committing_)
        co_await self->changed_.wait();
    co_return self->last_committed_;
}

asio::awaitable<result<checkpoint_id>> write_ahead_state::run_close(self_ptr self, deadline until)
{
    if (self->closing_.exchange(true))
    {
        while (!self->closed_)
            co_await self->changed_.wait();
        co_return self->last_committed_;
    }
    self->spool_->stop_reports();
    self->local_->hold(self->closed_failure());
    co_await self->seal_what_was_advanced(until);
    failure late(errc::timed_out, stage::commit, "");
    auto op = wait_for_committer(self);
    (void)co_await async::with_deadline(std::move(op), until, late, self->context_.time());
    co_await self->end_tasks();
    co_return self->last_committed_;
}

asio::awaitable<void> write_ahead_state::end_tasks()
{
    auto const now = std::chrono::steady_clock::now();
    stopping_ = true;
    stop_->emit();
    bool const ended = co_await tasks_.join(now + grace);
    // Unsealed batches are given up: the source writes their records again.
    local_->abandon();
    (void)co_await detail::close(local_, deadline(now));
    // Jobs of the ledger's one thread run in turn: when this one has run, none is left.
    auto barrier = [] { return true; };
    (void)co_await async::offload(threads_->ledger.get_executor(), context_.permit, barrier);
    {
        std::lock_guard const lock(mutex_);
        closed_ = true;
    }
    // What did not end keeps the directory until the sink is destroyed.
    if (ended)
        threads_->lock.reset();
    pulse();
}

} // namespace kusto::detail

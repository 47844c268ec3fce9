#include <commit/write_ahead_state.hpp>

#include <algorithm>
#include <boost/asio/post.hpp>
#include <commit/stop_signals.hpp>
#include <exception>
#include <ledger/batch_file.hpp>
#include <sink/dead_letter.hpp>
#include <utility>

namespace kusto::commit
{

namespace
{

std::string protocol_name(commit_protocol protocol)
{
    return protocol == commit_protocol::staged ? "staged" : "ingest-by";
}

} // namespace

result<opened_directory> open_directory(write_options const& records,
                                        write_ahead_options const& options)
{
    auto const& directory = options.directory();
    if (records.on_permanent_failure().what() == failure_policy::kind::dead_letter)
        sink::prepare_dead_letters(records.on_permanent_failure().directory());
    auto lock = ledger::directory_lock::take(directory);
    if (lock.has_error())
        return lock.error();
    ledger::ledger_identity identity;
    identity.job = options.job();
    identity.database = records.database();
    identity.table = records.table();
    identity.protocol = protocol_name(options.protocol());
    auto book = ledger::checkpoint_ledger::open(directory, identity);
    if (book.has_error())
        return book.error();
    auto contents = book->read();
    if (contents.has_error())
        return contents.error();
    auto const files = ledger::list_files(directory);
    if (files.has_error())
        return files.error();
    auto const plan = core::plan_recovery(*contents, *files);
    if (plan.has_error())
        return plan.error();
    for (auto const& one : plan->verify)
    {
        auto const file = ledger::batch_file::open(directory, one);
        if (file.has_error())
            return file.error();
    }
    auto const removed = ledger::remove_files(directory, plan->remove);
    if (removed.has_error())
        return removed.error();
    auto const forgotten = book->forget(plan->forget);
    if (forgotten.has_error())
        return forgotten.error();
    std::erase_if(contents->checkpoints, [](core::sealed_checkpoint const& one)
                  { return one.state == checkpoint_state::committed; });
    return opened_directory(std::move(*lock), std::move(*book), std::move(*contents));
}

} // namespace kusto::commit

namespace kusto::detail
{

namespace asio = boost::asio;

namespace
{

/// Options of the way to the local disk, where there is no service that could refuse a batch.
write_options local_options(write_options options)
{
    options.guarantee(delivery_guarantee::at_least_once).verify_table(false);
    options.poll_for_ingestion_status(false).delivery_timeout({});
    options.on_permanent_failure(failure_policy::stop());
    return options;
}

std::shared_ptr<sink_state> make_local(commit::commit_context const& context,
                                       std::shared_ptr<commit::batch_spool> spool)
{
    sink::environment around(context.log(), context.time());
    around.store = std::move(spool);
    return sink::make_sink_state(context.client->executor(), nullptr,
                                 local_options(context.records), std::move(around));
}

commit::commit_context with_permit(commit::commit_context context,
                                   std::shared_ptr<async::wake_permit> permit)
{
    context.permit = std::move(permit);
    return context;
}

std::uint64_t compressed_bytes(core::sealed_checkpoint const& one) noexcept
{
    std::uint64_t sum = 0;
    for (auto const& batch : one.batches)
        sum += batch.compressed_bytes;
    return sum;
}

} // namespace

write_ahead_state::write_ahead_state(commit::commit_context context,
                                     commit::opened_directory directory,
                                     std::shared_ptr<commit::blocking_threads> threads)
    : threads_(std::move(threads)),
      spool_(std::make_shared<commit::batch_spool>(context.options.directory(),
                                                   context.options.backlog_limit(), threads_)),
      local_(make_local(context, spool_)),
      context_(with_permit(std::move(context), local_->permit())),
      book_(directory.book, threads_->ledger.get_executor(), local_->permit()),
      committer_(context_, book_, counts_, [this](failure const& why) { note_trouble(why); }),
      strand_(asio::make_strand(context_.client->executor())),
      changed_(strand_),
      stop_(std::make_shared<stop_signals>()),
      last_sealed_(directory.contents.last_sealed),
      last_committed_(directory.contents.last_committed),
      position_(directory.contents.last_position),
      last_checkpoint_(context_.time().now())
{
    for (auto& one : directory.contents.checkpoints)
    {
        spool_->add_sealed(compressed_bytes(one));
        checkpoints_.push_back(std::move(one));
        waiting_since_.push_back(last_checkpoint_);
    }
}

void write_ahead_state::start(std::vector<std::string> stale_tags)
{
    committer_.add_stale_tags(std::move(stale_tags));
    auto const limit = context_.options.backlog_limit();
    spool_->start(local_->permit(),
                  [weak = weak_from_this(), limit](bool full)
                  {
                      auto const self = weak.lock();
                      if (!self)
                          return;
                      if (!full)
                          self->local_->go_on();
                      else
                          self->local_->hold(failure(
                              errc::backlog_full, stage::ledger,
                              "what was written since the last checkpoint fills the backlog_limit (" +
                                  std::to_string(limit) +
                                  " bytes); make a checkpoint, then write the record again"));
                  });
    // Sealed by an earlier run: whoever counts on them has gone.
    asio::post(strand_, [self = shared_from_this()] { self->ask_for(self->last_sealed_); });
}

std::optional<std::string> write_ahead_state::position() const
{
    std::lock_guard const lock(mutex_);
    return position_;
}

std::vector<pending_checkpoint> write_ahead_state::pending() const
{
    std::lock_guard const lock(mutex_);
    std::vector<pending_checkpoint> out;
    for (auto const& one : checkpoints_)
    {
        pending_checkpoint seen;
        seen.id = one.id;
        seen.state = one.state;
        seen.position = one.position;
        seen.counts = one.counts();
        seen.attempt = one.attempt;
        out.push_back(std::move(seen));
    }
    return out;
}

write_ahead_statistics write_ahead_state::statistics() const
{
    write_ahead_statistics out;
    out.local = local_->statistics();
    out.backlog_bytes = spool_->backlog();
    out.stages_abandoned = counts_.stages_abandoned.load();
    out.repeated_posts = counts_.repeated_posts.load();
    out.duplicates = counts_.duplicates.load();
    out.seal = seal_time_.snapshot();
    out.commit = commit_time_.snapshot();
    std::lock_guard const lock(mutex_);
    out.sealed = sealed_;
    out.committed = committed_;
    for (auto const& one : checkpoints_)
        out.pending = core::operator+(out.pending, one.counts());
    if (!waiting_since_.empty())
        out.oldest_uncommitted = std::chrono::duration_cast<std::chrono::milliseconds>(
            context_.time().now() - waiting_since_.front());
    out.checkpoints_sealed = checkpoints_sealed_;
    out.checkpoints_committed = checkpoints_committed_;
    out.trouble = trouble_;
    return out;
}

void write_ahead_state::note_trouble(failure const& why)
{
    std::lock_guard const lock(mutex_);
    trouble_ = why;
}

failure write_ahead_state::closed_failure() const
{
    return failure(errc::closed, stage::sink, "the write-ahead sink is closed; open it again");
}

failure write_ahead_state::too_late(std::string_view what) const
{
    std::string message(what);
    std::lock_guard const lock(mutex_);
    if (trouble_)
        message += "; it waits because of: " + failure(*trouble_).server_text({}).describe();
    return failure(errc::timed_out, stage::commit, std::move(message));
}

void write_ahead_state::pulse()
{
    changed_.set();
    changed_.reset();
}

void write_ahead_state::detach() noexcept
{
    // Once the context is on its way out, nothing may be posted to it; its frames go by themselves.
    // Else what still runs needs its wake-ups, to end: so the pipeline is given up and not detached.
    if (local_->detached())
        return;
    local_->abandon();
    try
    {
        asio::post(strand_,
                   [weak = weak_from_this()]
                   {
                       auto const self = weak.lock();
                       if (!self)
                           return;
                       self->closing_ = true;
                       self->stopping_ = true;
                       self->stop_->emit();
                       self->pulse();
                   });
    }
    catch (std::exception const&)
    {
        // Out of memory: what is under way then ends by its own deadlines.
    }
}

} // namespace kusto::detail

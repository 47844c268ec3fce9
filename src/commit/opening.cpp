#include <commit/opening.hpp>

#include <async/offload.hpp>
#include <commit/preflight.hpp>
#include <utility>

namespace kusto::commit
{

namespace asio = boost::asio;

namespace
{

failure outdated(core::ledger_contents const& ledger, core::committed_record const& last,
                 write_ahead_options const& options)
{
    return failure(errc::ledger_outdated, stage::ledger,
                   "the ledger in '" + options.directory().string() + "' ends with checkpoint " +
                       std::to_string(ledger.last_sealed) + ", the commit table has checkpoint " +
                       std::to_string(last.id) + " of job '" + options.job() +
                       "': the directory is an old copy, was lost, or another sink uses the job; "
                       "bring the directory back, or go on from the commit table's position with "
                       "resume_from_commit_table(true)");
}

/// Makes the ledger go on after the commit table's last checkpoint.
asio::awaitable<result<void>> resume(commit_context const& context, opened_directory& directory,
                                     core::committed_record last)
{
    auto& contents = directory.contents;
    std::vector<std::string> files;
    for (auto const& one : contents.checkpoints)
        for (auto const& batch : one.batches)
            files.push_back(batch.file);
    auto work = [book = directory.book, last, files = std::move(files),
                 where = context.options.directory()]() -> result<void>
    {
        auto const restarted = book->restart_after(last);
        if (restarted.has_error())
            return restarted;
        return ledger::remove_files(where, files);
    };
    auto done = co_await async::offload(context.files, context.permit, std::move(work));
    if (done.has_error())
        co_return done;
    contents.checkpoints.clear();
    contents.last_sealed = last.id;
    contents.last_committed = last.id;
    contents.last_position = last.position;
    co_return done;
}

} // namespace

asio::awaitable<result<std::shared_ptr<detail::write_ahead_state>>>
open_state(commit_context context, deadline until)
{
    auto const threads = std::make_shared<blocking_threads>();
    context.files = threads->files.get_executor();
    context.permit = std::make_shared<async::wake_permit>();
    auto open = [records = context.records, options = context.options]
    { return open_directory(records, options); };
    auto directory = co_await async::offload(context.files, context.permit, std::move(open));
    if (directory.has_error())
        co_return directory.error();
    threads->lock = std::move(directory->lock);
    context.owner = directory->contents.owner;
    auto asking = context;
    asking.limit = until;
    auto found = co_await look_before_the_first_record(asking, directory->contents);
    if (found.has_error())
        co_return found.error();
    if (found->age == core::ledger_age::outdated)
    {
        if (!context.options.resume_from_commit_table())
            co_return outdated(directory->contents, *found->last, context.options);
        auto const resumed = co_await resume(context, *directory, *found->last);
        if (resumed.has_error())
            co_return resumed.error();
    }
    auto state = std::make_shared<detail::write_ahead_state>(std::move(context),
                                                             std::move(*directory), threads);
    state->start(std::move(found->stale_tags));
    co_return state;
}

} // namespace kusto::commit

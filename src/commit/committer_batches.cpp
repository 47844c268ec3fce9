// Batches that go into the table directly, and batches that the service refuses.
#include <commit/commit_progress.hpp>
#include <commit/committer.hpp>

#include <algorithm>
#include <async/offload.hpp>
#include <kusto/undelivered.hpp>
#include <ledger/batch_file.hpp>
#include <numeric>
#include <sink/dead_letter.hpp>
#include <utility>
#include <wire/control_commands.hpp>
#include <wire/control_replies.hpp>
#include <wire/storage.hpp>

namespace kusto::commit
{

namespace asio = boost::asio;
using namespace std::chrono_literals;

namespace
{

// A batch that was refused so often is refused for good.
constexpr int most_refusals = 2;
// How often batches are handed over that do not appear in the table.
constexpr int most_rounds = 3;

/// Writes a batch file with its reason into the dead-letter directory. Blocks.
result<void> write_dead_letter(commit_context const& context, core::sealed_batch const& batch,
                               base::guid id, failure const& why, base::utc_time_point now)
{
    auto const file = ledger::batch_file::open(context.options.directory(), batch);
    if (file.has_error())
        return file.error();
    std::vector<std::span<std::byte const>> pieces{file->bytes()};
    delivery_counts counts;
    counts.records = batch.records;
    counts.bytes = batch.raw_bytes;
    counts.blobs = 1;
    auto const& records = context.records;
    undelivered_batch const what(
        records.database(), records.table(), id.to_string(),
        wire::blob_name(records.database(), records.table(), id, batch.format), batch.format, counts,
        why, pieces);
    sink::dead_letter_files const letter(records.on_permanent_failure().directory(), what, now);
    return letter.write(pieces);
}

} // namespace

asio::awaitable<result<void>> committer::ingest_directly(progress& work)
{
    auto& one = work.one;
    auto const target = [this, &one](std::size_t index)
    {
        batch_target to;
        to.table = context_.table();
        // Extents with different drop-by tags are not merged: until the checkpoint is recorded its
        // rows can be counted.
        to.drop_by = wire::checkpoint_tag_value(context_.tag_job(), one.id);
        to.ingest_by = wire::batch_tag_value(context_.tag_job(), one.id, index);
        return to;
    };
    batch_filler filler(context_, one, 0, target, on_trouble_);
    // What an earlier run posted may still be on its way: it has its time first.
    auto limit = context_.time().now();
    if (one.attempt > 0)
        limit += visibility_limit();
    else
    {
        auto const attempt = co_await book_.begin_attempt(one.id);
        if (attempt.has_error())
            co_return attempt.error();
        one.attempt = *attempt;
        context_.reached("C3.begun");
    }
    std::chrono::milliseconds pause = 20ms;
    for (int rounds = 0;;)
    {
        auto const verdict = co_await look_at_table(work);
        if (verdict.has_error())
            co_return verdict.error();
        bool const late = context_.time().now() >= limit;
        if (verdict->missing.empty() && (late || verdict->lacking.empty()))
        {
            auto counted = count_direct(work, *verdict);
            co_return counted;
        }
        if (late)
        {
            if (++rounds > most_rounds)
                co_return failure(errc::ingestion_failed, stage::commit,
                                  "batches of checkpoint " + std::to_string(one.id) +
                                      " did not appear in the table; look at '.show ingestion "
                                      "failures', then commit again");
            if (rounds > 1)
                counts_.repeated_posts.fetch_add(verdict->missing.size());
            auto const refusal = co_await filler.fill(verdict->missing);
            if (refusal)
            {
                auto decided = co_await refused(work, *refusal);
                co_return decided;
            }
            context_.reached("C4");
            limit = context_.time().now() + visibility_limit();
        }
        else
        {
            co_await context_.time().wait_until(context_.time().now() + pause);
            pause = (std::min<std::chrono::milliseconds>)(pause * 2, 5s);
        }
    }
}

result<void> committer::count_direct(progress const& work, core::direct_verdict const& verdict)
{
    if (!verdict.lacking.empty())
        return failure(errc::partially_ingested, stage::commit,
                       "batch " + std::to_string(verdict.lacking.front()) + " of checkpoint " +
                           std::to_string(work.one.id) +
                           " is in the table with fewer rows than it has; drop its extent by its tag "
                           "and commit again")
            .outcome(outcome::unknown);
    if (verdict.duplicated.empty())
        return result<void>();
    counts_.duplicates.fetch_add(verdict.duplicated.size());
    context_.log()(log_level::error, stage::commit, "batches are in the table twice",
                   {log_field("checkpoint", work.one.id),
                    log_field("batches", std::uint64_t(verdict.duplicated.size()))});
    return result<void>();
}

asio::awaitable<result<core::direct_verdict>> committer::look_at_table(progress const& work)
{
    auto const job = context_.tag_job();
    auto const common = "ingest-by:" + wire::checkpoint_tag_value(job, work.one.id) + "/";
    auto const reply =
        co_await context_.repeatable(wire::show_extents_like(context_.table(), common));
    if (reply.has_error())
        co_return reply.error();
    auto const extents = wire::read_extents(*reply);
    if (extents.has_error())
        co_return extents.error();
    std::vector<core::expected_batch> expected;
    for (std::size_t i = 0; i < work.one.batches.size(); ++i)
    {
        core::expected_batch batch;
        batch.tag = "ingest-by:" + wire::batch_tag_value(job, work.one.id, i);
        batch.rows = work.left_out.contains(i) ? 0 : work.one.batches[i].records;
        expected.push_back(std::move(batch));
    }
    co_return core::check_direct(expected, *extents);
}

asio::awaitable<result<void>> committer::refused(progress& work, refused_batch what)
{
    auto const& one = work.one;
    auto const& batch = one.batches.at(what.index);
    auto const id = what.why.source_id();
    failure why(what.why.code(), stage::commit,
                "batch " + std::to_string(what.index) + " (file '" + batch.file +
                    "') of checkpoint " + std::to_string(one.id) +
                    " was refused: " + what.why.message());
    why.host(what.why.host()).status(what.why.status()).service_code(what.why.service_code());
    why.server_text(what.why.server_text()).source_id(id).outcome(what.why.outcome());
    bool const about_data = why.code() == errc::ingestion_failed;
    bool const staged = context_.options.protocol() == commit_protocol::staged;
    if (!about_data && !(staged && why.code() == errc::partially_ingested))
        co_return why;
    if (++work.refusals[what.index] < most_refusals)
        co_return why.retryable(true);
    if (context_.records.on_permanent_failure().what() != failure_policy::kind::dead_letter)
        co_return why;
    auto write = [context = context_, batch, id = base::guid::parse(id).value_or(base::guid()), why,
                  now = context_.time().utc_now()]
    { return write_dead_letter(context, batch, id, why, now); };
    auto const written = co_await async::offload(context_.files, context_.permit, std::move(write));
    if (written.has_error())
        co_return written;
    work.left_out.insert(what.index);
    context_.log()(log_level::error, stage::commit,
                   "a batch was written to the dead-letter directory",
                   {log_field("file", batch.file), log_field("records", batch.records)});
    co_return why.retryable(true);
}

} // namespace kusto::commit

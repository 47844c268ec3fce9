#include <commit/committer.hpp>

#include <commit/commit_progress.hpp>

#include <algorithm>
#include <optional>
#include <utility>
#include <wire/control_commands.hpp>
#include <wire/control_replies.hpp>

namespace kusto::commit
{

namespace asio = boost::asio;
using namespace std::chrono_literals;

namespace
{

// Tags are dropped when there are so many: each drop rewrites the metadata of its extents.
constexpr std::size_t tags_at_once = 16;
// And no more than so many with one command, or it would grow too long to succeed.
constexpr std::size_t most_tags = 200;

} // namespace

committer::committer(commit_context const& context, ledger_keeper const& book,
                     commit_counts& counts, trouble_function on_trouble)
    : context_(context),
      book_(book),
      counts_(counts),
      on_trouble_(std::move(on_trouble))
{
}

std::string committer::stage_of(core::sealed_checkpoint const& one) const
{
    return wire::stage_name(context_.table(), context_.stage_job(), one.id, one.attempt);
}

std::string committer::tag_of(core::sealed_checkpoint const& one) const
{
    return wire::checkpoint_tag(context_.tag_job(), one.id);
}

std::chrono::milliseconds committer::visibility_limit() const
{
    auto const chosen = context_.records.ingestion_status_timeout();
    return chosen == chosen.zero() ? std::chrono::milliseconds(2min) : chosen;
}

asio::awaitable<result<void>> committer::commit(core::sealed_checkpoint& one)
{
    progress work(one);
    for (;;)
    {
        auto const done = co_await try_commit(work);
        if (done.has_value() || !done.error().retryable())
            co_return done;
        auto const& why = done.error();
        on_trouble_(why);
        context_.log().failed(log_level::warning, "a checkpoint waits for trouble to pass", why,
                              {log_field("checkpoint", one.id)});
        auto const cap = context_.records.retry().cap();
        auto const pause = (std::max<std::chrono::microseconds>)(
            std::chrono::duration_cast<std::chrono::microseconds>(
                cap * (0.5 + 0.5 * context_.random())),
            5ms);
        co_await context_.time().wait_until(context_.time().now() + pause);
    }
}

asio::awaitable<result<void>> committer::try_commit(progress& work)
{
    auto& one = work.one;
    auto where = whereabouts::moved;
    if (one.state != checkpoint_state::moved)
    {
        auto const found = co_await find(one);
        if (found.has_error())
            co_return found.error();
        where = *found;
    }
    if (where == whereabouts::nowhere)
    {
        auto const direct = context_.options.protocol() == commit_protocol::ingest_by;
        result<void> brought = result<void>();
        if (one.batches.size() == work.left_out.size())
            brought = result<void>();
        else if (direct)
            brought = co_await ingest_directly(work);
        else
            brought = co_await move_staged(work);
        if (brought.has_error())
            co_return brought;
        context_.reached("C7.moved");
        where = whereabouts::moved;
    }
    if (one.state != checkpoint_state::moved)
    {
        auto const entered = co_await enter(one, checkpoint_state::moved);
        if (entered.has_error())
            co_return entered;
        context_.reached("C7.noted");
    }
    if (where == whereabouts::recorded)
        co_return result<void>();
    auto recorded = co_await record(work);
    co_return recorded;
}

asio::awaitable<result<void>> committer::enter(core::sealed_checkpoint& one, checkpoint_state state)
{
    auto const entered = co_await book_.set_state(one.id, state);
    if (entered.has_value())
        one.state = state;
    co_return entered;
}

asio::awaitable<result<void>> committer::run(std::string command)
{
    auto const done = co_await context_.repeatable(std::move(command));
    if (done.has_error())
        co_return done.error();
    co_return result<void>();
}

asio::awaitable<result<committer::whereabouts>> committer::find(core::sealed_checkpoint const& one)
{
    auto const& options = context_.options;
    auto question =
        wire::find_commit(options.commit_table(), options.job(), context_.table(), one.id);
    auto const reply = co_await context_.query(std::move(question));
    if (reply.has_error())
        co_return reply.error();
    auto const row = wire::read_commit(*reply);
    if (row.has_error())
        co_return row.error();
    if (row->has_value() && (*row)->owner != context_.owner)
        co_return failure(errc::ledger_outdated, stage::commit,
                          "checkpoint " + std::to_string(one.id) + " of job '" + options.job() +
                              "' was committed by another sink; give each sink a job of its own");
    if (row->has_value())
        co_return whereabouts::recorded;
    auto const in_table = co_await find_in_table(one);
    co_return in_table;
}

asio::awaitable<result<committer::whereabouts>>
committer::find_in_table(core::sealed_checkpoint const& one)
{
    // With the other protocol a part of a checkpoint may be there.
    if (context_.options.protocol() == commit_protocol::ingest_by)
        co_return whereabouts::nowhere;
    auto const tag = tag_of(one);
    auto const reply = co_await context_.repeatable(wire::show_extents(context_.table(), tag));
    if (reply.has_error())
        co_return reply.error();
    auto const extents = wire::read_extents(*reply);
    if (extents.has_error())
        co_return extents.error();
    bool const there = std::any_of(extents->begin(), extents->end(),
                                   [&](auto const& extent) { return extent.has(tag); });
    co_return there ? whereabouts::moved : whereabouts::nowhere;
}

wire::commit_record committer::row_of(core::sealed_checkpoint const& one) const
{
    wire::commit_record row;
    row.job = context_.options.job();
    row.owner = context_.owner;
    row.checkpoint = one.id;
    row.table = context_.table();
    row.position = one.position;
    row.rows = one.counts().records;
    return row;
}

asio::awaitable<result<void>> committer::record(progress& work)
{
    auto const& one = work.one;
    auto row = row_of(one);
    for (auto const index : work.left_out)
        row.rows -= one.batches[index].records;
    auto command = wire::append_commit(context_.options.commit_table(), row);
    auto const recorded = co_await run(std::move(command));
    if (recorded.has_value())
        context_.reached("C8");
    co_return recorded;
}

void committer::add_stale_tags(std::vector<std::string> tags)
{
    stale_tags_.insert(stale_tags_.end(), std::make_move_iterator(tags.begin()),
                       std::make_move_iterator(tags.end()));
}

asio::awaitable<void> committer::tidy_up(core::sealed_checkpoint const& one)
{
    stale_commit_tags_.push_back(wire::commit_tag(row_of(one)));
    stale_tags_.push_back(tag_of(one));
    bool const staged = context_.options.protocol() == commit_protocol::staged;
    if (staged && one.attempt > 0)
        (void)co_await run(wire::drop_table(stage_of(one)));
    // Of the other protocol these tags stay: a queue message that comes days late must find them.
    for (std::size_t i = 0; staged && i < one.batches.size(); ++i)
        stale_tags_.push_back("ingest-by:" +
                              wire::batch_tag_value(context_.tag_job(), one.id, i));
    if (stale_tags_.size() >= tags_at_once)
        co_await drop_stale_tags();
}

asio::awaitable<void> committer::drop_stale_tags()
{
    co_await drop_tags(context_.table(), stale_tags_);
    co_await drop_tags(context_.options.commit_table(), stale_commit_tags_);
}

asio::awaitable<void> committer::drop_tags(std::string table, std::vector<std::string>& tags)
{
    while (!tags.empty())
    {
        auto const count = static_cast<std::ptrdiff_t>((std::min)(tags.size(), most_tags));
        std::vector<std::string> const some(tags.end() - count, tags.end());
        auto const dropped = co_await run(wire::drop_extent_tags(table, some));
        if (dropped.has_error())
            co_return;
        tags.erase(tags.end() - count, tags.end());
    }
}

} // namespace kusto::commit

// Protocol "staged": how a stage is made, filled, verified and moved.
#include <commit/commit_progress.hpp>
#include <commit/committer.hpp>

#include <algorithm>
#include <numeric>
#include <string_view>
#include <utility>
#include <wire/control_commands.hpp>
#include <wire/control_replies.hpp>

namespace kusto::commit
{

namespace asio = boost::asio;
using namespace std::chrono_literals;

namespace
{

// Attempts of one commit that may end in a stage that cannot be moved, and moves that may fail.
constexpr int most_excesses = 5;
constexpr int most_moves = 5;

std::vector<std::size_t> all_of(std::size_t count)
{
    std::vector<std::size_t> indexes(count);
    std::iota(indexes.begin(), indexes.end(), std::size_t(0));
    return indexes;
}

failure again_later(std::string message)
{
    return failure(errc::ingestion_failed, stage::commit, std::move(message)).retryable(true);
}

} // namespace

asio::awaitable<result<void>> committer::move_staged(progress& work)
{
    auto& one = work.one;
    if (one.state == checkpoint_state::staged)
    {
        auto const verdict = co_await look_at_stage(work);
        if (verdict.has_error() && verdict.error().code() != errc::not_found)
            co_return verdict.error();
        if (verdict.has_value() && verdict->what == core::stage_verdict::kind::complete)
        {
            auto moved = co_await move(work, verdict->extent_ids);
            co_return moved;
        }
    }
    if (one.attempt > 0)
    {
        auto const dropped = co_await run(wire::drop_table(stage_of(one)));
        if (dropped.has_error())
            co_return dropped;
        counts_.stages_abandoned.fetch_add(1);
        // An earlier move whose answer was lost has taken place by now, or never will.
        auto const found = co_await find_in_table(one);
        if (found.has_error())
            co_return found.error();
        if (*found == whereabouts::moved)
            co_return result<void>();
    }
    auto staged = co_await stage_anew(work);
    co_return staged;
}

asio::awaitable<result<void>> committer::stage_anew(progress& work)
{
    auto& one = work.one;
    auto const attempt = co_await book_.begin_attempt(one.id);
    if (attempt.has_error())
        co_return attempt.error();
    one.attempt = *attempt;
    one.state = checkpoint_state::sealed;
    context_.reached("C3.begun");
    auto const created = co_await create_stage(stage_of(one));
    if (created.has_error())
        co_return created;
    context_.reached("C3.created");
    auto const filled = co_await fill_stage(work);
    if (filled.has_error())
        co_return filled;
    auto const entered = co_await enter(one, checkpoint_state::staged);
    if (entered.has_error())
        co_return entered;
    context_.reached("C5");
    auto const verdict = co_await look_at_stage(work);
    if (verdict.has_error())
        co_return verdict.error();
    if (verdict->what != core::stage_verdict::kind::complete)
        co_return again_later("the stage changed after it was complete; staging again");
    auto moved = co_await move(work, verdict->extent_ids);
    co_return moved;
}

asio::awaitable<result<void>> committer::fill_stage(progress& work)
{
    auto& one = work.one;
    auto const target = [this, &one](std::size_t index)
    {
        batch_target to;
        to.table = stage_of(one);
        to.drop_by = wire::checkpoint_tag_value(context_.tag_job(), one.id);
        to.ingest_by = wire::batch_tag_value(context_.tag_job(), one.id, index);
        return to;
    };
    batch_filler filler(context_, one, one.attempt, target, on_trouble_);
    auto indexes = all_of(one.batches.size());
    std::erase_if(indexes, [&](std::size_t index) { return work.left_out.contains(index); });
    auto const refusal = co_await filler.fill(std::move(indexes));
    if (refusal)
    {
        auto decided = co_await refused(work, *refusal);
        co_return decided;
    }
    context_.reached("C4");
    auto verified = co_await verify(work, filler);
    co_return verified;
}

asio::awaitable<result<core::stage_verdict>> committer::look_at_stage(progress const& work)
{
    auto const reply = co_await context_.repeatable(wire::show_extents(stage_of(work.one)));
    if (reply.has_error())
        co_return reply.error();
    auto const extents = wire::read_extents(*reply);
    if (extents.has_error())
        co_return extents.error();
    std::vector<core::expected_batch> expected;
    for (std::size_t i = 0; i < work.one.batches.size(); ++i)
    {
        core::expected_batch batch;
        batch.tag = "ingest-by:" +
                    wire::batch_tag_value(context_.tag_job(), work.one.id, i);
        batch.rows = work.left_out.contains(i) ? 0 : work.one.batches[i].records;
        expected.push_back(std::move(batch));
    }
    co_return core::check_stage(expected, tag_of(work.one), *extents);
}

asio::awaitable<result<void>> committer::verify(progress& work, batch_filler& filler)
{
    auto limit = context_.time().now() + visibility_limit();
    std::chrono::milliseconds pause = 20ms;
    bool posted_again = false;
    for (;;)
    {
        auto const verdict = co_await look_at_stage(work);
        if (verdict.has_error())
            co_return verdict.error();
        if (verdict->what == core::stage_verdict::kind::complete)
            co_return result<void>();
        bool const excess = verdict->what == core::stage_verdict::kind::excess;
        bool const late = context_.time().now() >= limit;
        if (excess || (late && posted_again))
        {
            auto why = again_later(excess ? verdict->why : "batches did not arrive in the stage");
            if (++work.excesses >= most_excesses)
                why.retryable(false);
            co_return why;
        }
        if (late)
        {
            posted_again = true;
            limit = context_.time().now() + visibility_limit();
            counts_.repeated_posts.fetch_add(verdict->missing.size());
            auto const refusal = co_await filler.fill(verdict->missing);
            if (refusal)
            {
                auto decided = co_await refused(work, *refusal);
                co_return decided;
            }
            continue;
        }
        co_await context_.time().wait_until(context_.time().now() + pause);
        pause = (std::min<std::chrono::milliseconds>)(pause * 2, 5s);
    }
}

asio::awaitable<result<void>> committer::move(progress& work, std::vector<std::string> extents)
{
    auto& one = work.one;
    auto command = wire::move_extents(stage_of(one), context_.table(), extents);
    auto const moved = co_await context_.once(std::move(command));
    context_.reached("C6");
    failure why;
    if (moved.has_value())
    {
        auto const count = wire::read_move(*moved);
        if (count.has_value() && *count == extents.size())
            co_return result<void>();
        why = count.has_error() ? count.error()
                                : again_later("fewer extents were moved than were asked for");
    }
    else
        why = moved.error();
    auto const found = co_await find_in_table(one);
    if (found.has_error())
        co_return found.error();
    if (*found == whereabouts::moved)
        co_return result<void>();
    bool const forbidden = why.code() == errc::access_denied;
    // Whatever it was, the stage is looked at again, or made again.
    why.retryable(!forbidden && ++work.moves < most_moves);
    co_return why;
}

asio::awaitable<result<void>> committer::create_stage(std::string name)
{
    // Asked each time: the table may have changed since the sink was opened.
    auto const reply = co_await context_.repeatable(wire::show_schema(context_.table()));
    if (reply.has_error())
        co_return reply.error();
    auto const columns = wire::read_schema(*reply);
    if (columns.has_error())
        co_return columns.error();
    auto const& expected = context_.options.expected_schema();
    auto const difference =
        expected.empty() ? std::nullopt : core::compare_schemas(expected, *columns);
    if (difference)
        co_return failure(errc::schema_mismatch, stage::commit,
                          "table '" + context_.table() + "' has changed: " + *difference +
                              "; change it back, then commit again");
    std::vector<std::string> commands;
    commands.push_back(wire::create_stage(name, *columns));
    commands.push_back(wire::stage_batching(name));
    commands.push_back(wire::stage_merging(name));
    commands.push_back(wire::stage_retention(name));
    for (auto& command : commands)
    {
        auto const done = co_await run(std::move(command));
        if (done.has_error())
            co_return done;
    }
    auto mapped = co_await copy_mapping(std::move(name));
    co_return mapped;
}

asio::awaitable<result<void>> committer::copy_mapping(std::string stage_table)
{
    auto const& mapping = context_.records.mapping_name();
    auto const format = context_.records.mapping_format();
    if (mapping.empty())
        co_return result<void>();
    auto question = wire::show_mapping(context_.table(), mapping, format);
    auto const reply = co_await context_.repeatable(std::move(question));
    if (reply.has_error())
        co_return reply.error();
    auto const text = wire::read_mapping(*reply, mapping);
    if (text.has_error())
        co_return text.error();
    if (!text->has_value())
        co_return failure(errc::not_found, stage::commit,
                          "table '" + context_.table() + "' has no ingestion mapping '" + mapping +
                              "'; create it, then commit again");
    auto made = co_await run(wire::create_stage_mapping(stage_table, mapping, format, **text));
    co_return made;
}

} // namespace kusto::commit

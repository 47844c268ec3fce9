#include <commit/preflight.hpp>

#include <algorithm>
#include <charconv>
#include <core/stage_check.hpp>
#include <string_view>
#include <utility>
#include <wire/batching_policy.hpp>
#include <wire/control_commands.hpp>
#include <wire/control_replies.hpp>

namespace kusto::commit
{

namespace asio = boost::asio;

namespace
{

failure unsuited(std::string message)
{
    return failure(errc::table_unsuited, stage::commit, std::move(message));
}

/// Says in our words what a refusal means for the sink; the service's own stay behind them.
failure explained(failure why, std::string_view need)
{
    // A token that is refused (401) says nothing about rights.
    if (why.code() != errc::access_denied || why.status() == 401)
        return why;
    failure made(errc::access_denied, stage::commit, std::string(need) + ": " + why.message());
    made.host(why.host()).status(why.status()).service_code(why.service_code());
    return made.server_text(why.server_text()).request_id(why.request_id());
}

constexpr std::string_view roles =
    "the sink reads policies and extents of its table; grant Table Admin (staged), or Database Viewer "
    "and Database User (ingest_by)";

/// The checkpoint at the end of a tag, where a batch may follow.
std::optional<checkpoint_id> leading_number(std::string_view text)
{
    checkpoint_id number = 0;
    auto const [end, ec] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (ec != std::errc() || end == text.data())
        return std::nullopt;
    return number;
}

/// Whose a staging table is.
enum class stage_of
{
    somebody,           ///< of another job whose name begins like ours, or no stage
    ours,               ///< or the preflight's
    unknown_checkpoint, ///< of this job, from another ledger or beyond this one
};

/// The questions of one preflight.
class questions
{
public:
    questions(commit_context const& context, core::ledger_contents const& ledger)
        : context_(context),
          ledger_(ledger),
          staged_(context.options.protocol() == commit_protocol::staged)
    {
    }

    [[nodiscard]] asio::awaitable<result<void>> ask_all();
    [[nodiscard]] preflight_findings take() { return std::move(found_); }

private:
    [[nodiscard]] asio::awaitable<result<void>> schema();
    [[nodiscard]] asio::awaitable<result<void>> update_policy();
    [[nodiscard]] asio::awaitable<result<void>> tag_retention();
    [[nodiscard]] asio::awaitable<result<void>> batching();
    [[nodiscard]] asio::awaitable<result<void>> commit_table();
    [[nodiscard]] asio::awaitable<result<void>> old_stages();
    [[nodiscard]] asio::awaitable<result<void>> rights();
    [[nodiscard]] asio::awaitable<result<void>> tags();
    [[nodiscard]] asio::awaitable<result<void>> check_period(std::string command, bool& decided);
    [[nodiscard]] bool is_needed(std::string_view stage) const;
    [[nodiscard]] stage_of stage_kind(std::string_view name, std::string_view prefix) const;
    [[nodiscard]] result<void> judge_tag(std::string_view tag, std::string_view prefix);

    commit_context const& context_;
    core::ledger_contents const& ledger_;
    bool staged_;
    table_schema columns_;
    preflight_findings found_;
};

asio::awaitable<result<void>> questions::schema()
{
    auto const reply = co_await context_.repeatable(wire::show_schema(context_.table()));
    if (reply.has_error() && reply.error().code() == errc::not_found)
        co_return failure(errc::not_found, stage::commit,
                          "there is no table '" + context_.table() + "' in database '" +
                              context_.records.database() +
                              "'; create it first, for example with create_merge_table_command")
            .service_code(reply.error().service_code())
            .status(reply.error().status());
    if (reply.has_error())
        co_return explained(reply.error(), "the sink must be allowed to see its table (Table "
                                           "Admin, or Database Viewer)");
    auto const columns = wire::read_schema(*reply);
    if (columns.has_error())
        co_return columns.error();
    columns_ = *columns;
    auto const& expected = context_.options.expected_schema();
    if (expected.empty())
        co_return result<void>();
    if (auto const difference = core::compare_schemas(expected, columns_))
        co_return failure(errc::schema_mismatch, stage::commit,
                          "table '" + context_.table() + "': " + *difference +
                              "; change the record or the table (.alter-merge table adds columns)");
    co_return result<void>();
}

asio::awaitable<result<void>> questions::update_policy()
{
    if (!staged_)
        co_return result<void>();
    auto const reply = co_await context_.repeatable(wire::show_update_policies());
    if (reply.has_error())
        co_return explained(reply.error(), roles);
    // The stage too: a policy whose source is a wildcard would run when the stage is filled.
    auto const stage = wire::stage_name(context_.table(), context_.stage_job(), 1, 1);
    for (auto const& source : {context_.table(), stage})
    {
        auto const policy = wire::read_update_policies(*reply, source);
        if (policy.has_error())
            co_return policy.error();
        if (*policy == wire::update_policy_answer::enabled)
            co_return unsuited(
                "an update policy fills another table from '" + context_.table() +
                "', and is not sure to run once on data that the protocol 'staged' moves; use "
                "commit_protocol::ingest_by");
    }
    co_return result<void>();
}

asio::awaitable<result<void>> questions::check_period(std::string command, bool& decided)
{
    auto const reply = co_await context_.repeatable(std::move(command));
    if (reply.has_error())
        co_return explained(reply.error(), roles);
    auto const which = staged_ ? "drop-by:" : "ingest-by:";
    auto const period = wire::read_tag_retention(*reply, which);
    if (period.has_error())
        co_return period.error();
    decided = period->has_value();
    if (decided && **period < context_.options.recovery_horizon())
        co_return unsuited(
            "extent_tags_retention of table '" + context_.table() + "' removes tags after " +
            std::to_string((*period)->count()) + " s, before the recovery_horizon of " +
            std::to_string(context_.options.recovery_horizon().count()) +
            " min; raise the policy, or lower recovery_horizon if restarts are that fast");
    co_return result<void>();
}

asio::awaitable<result<void>> questions::tag_retention()
{
    bool decided = false;
    auto command = wire::show_tag_retention(context_.table());
    auto const of_table = co_await check_period(std::move(command), decided);
    if (of_table.has_error() || decided)
        co_return of_table;
    command = wire::show_database_tag_retention(context_.records.database());
    auto of_database = co_await check_period(std::move(command), decided);
    co_return of_database;
}

asio::awaitable<result<void>> questions::batching()
{
    auto const limit = context_.records.ingestion_status_timeout();
    if (limit == limit.zero() || staged_)
        co_return result<void>();
    auto const reply = co_await context_.repeatable(wire::show_table_batching(context_.table()));
    if (reply.has_error())
        co_return reply.error();
    auto const time = wire::batching_time(*reply);
    if (time && *time >= limit)
        co_return unsuited("the batching policy of table '" + context_.table() +
                           "' lets the service wait " + std::to_string(time->count()) +
                           " ms, which is not less than ingestion_status_timeout (" +
                           std::to_string(limit.count()) + " ms); raise that option");
    co_return result<void>();
}

asio::awaitable<result<void>> questions::commit_table()
{
    auto const& options = context_.options;
    auto command = wire::create_commit_table(options.commit_table());
    auto const made = co_await context_.repeatable(std::move(command));
    if (made.has_error())
        co_return explained(made.error(), "the commit table '" + options.commit_table() +
                                              "' cannot be made; grant the role Database User");
    auto question = wire::last_commit(options.commit_table(), options.job(), context_.table());
    auto const reply = co_await context_.query(std::move(question));
    if (reply.has_error())
        co_return reply.error();
    auto const row = wire::read_commit(*reply);
    if (row.has_error())
        co_return row.error();
    if (*row)
    {
        core::committed_record last;
        last.id = (*row)->checkpoint;
        last.position = (*row)->position;
        found_.last = std::move(last);
    }
    found_.age = core::compare(ledger_, found_.last);
    co_return result<void>();
}

bool questions::is_needed(std::string_view stage) const
{
    return std::any_of(ledger_.checkpoints.begin(), ledger_.checkpoints.end(),
                       [&](core::sealed_checkpoint const& one)
                       {
                           return one.state == checkpoint_state::staged &&
                                  stage == wire::stage_name(context_.table(), context_.stage_job(),
                                                            one.id, one.attempt);
                       });
}

stage_of questions::stage_kind(std::string_view name, std::string_view prefix) const
{
    constexpr std::size_t owner_size = 8;
    if (name.substr(prefix.size()) == "probe")
        return stage_of::ours;
    auto const job = context_.options.job() + "_" +
                     std::string(name.substr(prefix.size(), owner_size));
    auto const number = wire::parse_stage_name(name, context_.table(), job);
    if (!number)
        return stage_of::somebody;
    bool const known = job == context_.stage_job() && number->checkpoint <= ledger_.last_sealed;
    return known ? stage_of::ours : stage_of::unknown_checkpoint;
}

asio::awaitable<result<void>> questions::old_stages()
{
    if (!staged_)
        co_return result<void>();
    auto const prefix = wire::stage_prefix(context_.table(), context_.options.job());
    auto const reply = co_await context_.repeatable(wire::show_tables_like(prefix));
    if (reply.has_error())
        co_return reply.error();
    auto const names = wire::read_names(*reply);
    if (names.has_error())
        co_return names.error();
    for (auto const& name : *names)
    {
        auto const kind = stage_kind(name, prefix);
        if (is_needed(name) || kind == stage_of::somebody)
            continue;
        if (kind == stage_of::unknown_checkpoint && !context_.options.resume_from_commit_table())
            co_return failure(errc::ledger_outdated, stage::commit,
                              "table '" + name + "' belongs to a checkpoint of job '" +
                                  context_.options.job() +
                                  "' that this ledger does not have: another sink is at work, or the directory "
                                  "is an old copy; give each sink a job of its own, or see "
                                  "resume_from_commit_table");
        auto const dropped = co_await context_.repeatable(wire::drop_table(name));
        if (dropped.has_error())
            co_return explained(dropped.error(), "stages cannot be dropped; grant Table Admin");
    }
    co_return result<void>();
}

asio::awaitable<result<void>> questions::rights()
{
    if (!staged_)
        co_return result<void>();
    // An empty table is moved into the target: exactly the rights that a commit needs, and no effect.
    constexpr std::string_view need =
        "the protocol 'staged' creates staging tables and moves extents; grant Database User, and "
        "Table Admin of the target table, or use commit_protocol::ingest_by";
    auto const probe =
        wire::stage_prefix(context_.table(), context_.options.job()) + "probe";
    auto const created = co_await context_.repeatable(wire::create_stage(probe, columns_));
    if (created.has_error())
        co_return explained(created.error(), need);
    auto const moved =
        co_await context_.repeatable(wire::move_all_extents(probe, context_.table()));
    auto const dropped = co_await context_.repeatable(wire::drop_table(probe));
    if (moved.has_error())
        co_return explained(moved.error(), need);
    if (dropped.has_error())
        co_return explained(dropped.error(), need);
    co_return result<void>();
}

result<void> questions::judge_tag(std::string_view tag, std::string_view prefix)
{
    // {prefix}{owner}/{checkpoint}, maybe /{batch}
    auto const slash = tag.find('/', prefix.size());
    if (!tag.starts_with(prefix) || slash == tag.npos)
        return result<void>();
    auto const number = leading_number(tag.substr(slash + 1));
    if (!number)
        return result<void>();
    bool const ours = tag.substr(prefix.size(), slash - prefix.size()) == context_.short_owner();
    auto const recorded = found_.last ? found_.last->id : checkpoint_id(0);
    if (*number <= recorded)
    {
        if (staged_ || tag.starts_with("drop-by:"))
            found_.stale_tags.emplace_back(tag);
        return result<void>();
    }
    if (ours && *number <= ledger_.last_sealed && found_.age == core::ledger_age::current)
        return result<void>();
    auto const& job = context_.options.job();
    return failure(errc::ledger_outdated, stage::commit,
                   "the table has extents of checkpoint " + std::to_string(*number) + " of job '" +
                       job + "', which neither this ledger nor the commit table knows; if the source "
                       "is to write them again, drop them with: .drop extents <| .show table " +
                       quoted_name(context_.table()) + " extents where tags has " +
                       quoted_literal(std::string(tag)));
}

asio::awaitable<result<void>> questions::tags()
{
    auto const common = "kusto-wal/" + context_.options.job() + "/";
    auto const reply =
        co_await context_.repeatable(wire::show_extents_like(context_.table(), common));
    if (reply.has_error())
        co_return explained(reply.error(), roles);
    auto const extents = wire::read_extents(*reply);
    if (extents.has_error())
        co_return extents.error();
    for (auto const& extent : *extents)
    {
        for (auto const& tag : extent.tags)
        {
            for (auto const* const kind : {"drop-by:", "ingest-by:"})
            {
                auto const judged = judge_tag(tag, kind + common);
                if (judged.has_error())
                    co_return judged;
            }
        }
    }
    co_return result<void>();
}

asio::awaitable<result<void>> questions::ask_all()
{
    using question = asio::awaitable<result<void>> (questions::*)();
    static constexpr question all[] = {
        &questions::schema,       &questions::update_policy, &questions::tag_retention,
        &questions::batching,     &questions::commit_table,  &questions::old_stages,
        &questions::rights,       &questions::tags,
    };
    for (auto const one : all)
    {
        auto const answer = co_await (this->*one)();
        if (answer.has_error())
            co_return answer;
    }
    co_return result<void>();
}

} // namespace

asio::awaitable<result<preflight_findings>>
look_before_the_first_record(commit_context const& context, core::ledger_contents const& ledger)
{
    questions work(context, ledger);
    auto const asked = co_await work.ask_all();
    if (asked.has_error())
        co_return asked.error();
    auto found = work.take();
    std::sort(found.stale_tags.begin(), found.stale_tags.end());
    auto const end = std::unique(found.stale_tags.begin(), found.stale_tags.end());
    found.stale_tags.erase(end, found.stale_tags.end());
    co_return found;
}

} // namespace kusto::commit

#include <doctor/examination.hpp>

#include <algorithm>
#include <array>
#include <base/ascii.hpp>
#include <doctor/clean_text.hpp>
#include <doctor/missing_entity.hpp>
#include <doctor/policies.hpp>
#include <doctor/refusal.hpp>
#include <kusto/schema.hpp>
#include <utility>
#include <wire/batching_policy.hpp>
#include <wire/control_commands.hpp>
#include <wire/control_replies.hpp>

namespace kusto::doctor
{

namespace asio = boost::asio;

namespace
{

std::string show_access(std::string const& principal, std::string const& database,
                        std::string const& table)
{
    auto text = ".show principal access with (principal=" + quoted_literal(principal) +
                ", accesstype='ingest', database=" + quoted_literal(database);
    if (!table.empty())
        text += ", table=" + quoted_literal(table);
    return text + ')';
}

/// The fourth column says whether it is allowed: so Microsoft's Kafka connector reads it. Its name
/// is not documented.
std::optional<bool> read_access(table const& reply)
{
    constexpr std::size_t allowed = 3;
    if (reply.empty() || reply.columns().size() <= allowed)
        return std::nullopt;
    auto const text = base::to_lower(reply.row(0)[allowed].to_text());
    if (text == "true" || text == "1")
        return true;
    if (text == "false" || text == "0")
        return false;
    return std::nullopt;
}

/// Whether a service does not answer this question, be it that it does not know it or that the
/// principal may not ask. What is too busy, or refuses the token, might.
bool is_unwilling(failure const& why)
{
    return lacks_role(why) || why.code() == errc::query_failed || why.code() == errc::not_found;
}

verdict not_shown(std::string_view what)
{
    return verdict::skipped("this principal may not see " + std::string(what) +
                            "; a Database Viewer may");
}

result<verdict> policies_unknown(failure const& why)
{
    if (lacks_role(why))
        return not_shown("policies");
    return why;
}

} // namespace

asio::awaitable<result<table>> examination::ask_engine(std::string command)
{
    auto got = co_await engine_->execute(database_, std::move(command), limit(), stage::command,
                                         service::repetition::idempotent);
    co_return got;
}

asio::awaitable<void> examination::look_at_database()
{
    step database(database_check, database_, {std::string(engine_check)});
    co_await take(std::move(database), ask_database());
    auto const of = what_.table().empty() ? database_ : database_ + '.' + what_.table();
    if (!what_.table().empty())
    {
        step there(table_check, of, {std::string(database_check)});
        co_await take(std::move(there), tell_table());
        step schema(schema_check, of, {std::string(table_check)});
        co_await take(std::move(schema), tell_schema());
    }
    auto const last = what_.table().empty() ? database_check : table_check;
    step roles(roles_check, of, {std::string(last)});
    co_await take(std::move(roles), ask_roles());
}

asio::awaitable<void> examination::look_at_table()
{
    auto const of = database_ + '.' + what_.table();
    if (!what_.mapping().empty())
    {
        step mapping(mapping_check, of + '.' + what_.mapping(), {std::string(schema_check)});
        co_await take(std::move(mapping), ask_mapping());
    }
    step policies(policies_check, of, {std::string(table_check)});
    co_await take(std::move(policies), ask_policies());
}

examination::answer examination::ask_database()
{
    bool const only = what_.table().empty();
    auto command =
        only ? wire::show_database_batching(database_) : wire::show_schema(what_.table());
    auto reply = co_await ask_engine(std::move(command));
    auto gone = reply ? missing_entity::none : missing_of(reply.error());
    if (gone == missing_entity::unclear && !only)
    {
        // Whose words are unknown is asked again about the database alone.
        auto const again = co_await ask_engine(wire::show_database_batching(database_));
        gone = again ? missing_entity::table : missing_entity::database;
    }
    bool const table_only = !only && gone == missing_entity::table;
    if (reply || table_only)
    {
        schema_reply_.emplace(std::move(reply));
        co_return verdict::ok("exists");
    }
    if (gone != missing_entity::none)
        co_return as_not_found(reply.error());
    // A principal that may only ingest sees a table's columns and nothing of the database.
    if (only && lacks_role(reply.error()))
        co_return verdict::skipped(
            "this principal may not see it; with --table its table is asked");
    co_return reply.error();
}

examination::answer examination::tell_table()
{
    if (schema_reply_->has_error())
        co_return as_not_found(schema_reply_->error());
    co_return verdict::ok("exists");
}

examination::answer examination::tell_schema()
{
    auto const columns = wire::read_schema(**schema_reply_);
    if (!columns)
        co_return columns.error();
    columns_ = *columns;
    co_return judge_schema(what_.expected_schema(), columns_);
}

examination::answer examination::ask_roles()
{
    auto const principal = claims_ ? principal_of(*claims_) : std::string();
    if (principal.empty())
        co_return verdict::skipped("the token does not say whom it names");
    auto const reply = co_await ask_engine(show_access(principal, database_, what_.table()));
    if (!reply && !is_unwilling(reply.error()))
        co_return reply.error();
    auto const allowed = reply ? read_access(*reply) : std::nullopt;
    if (!allowed)
        co_return verdict::skipped("the service does not tell what " + principal + " may do");
    if (*allowed)
        co_return verdict::ok(principal + " may ingest");
    auto const database = quoted_name(database_);
    co_return verdict::failed(check_trouble::rights, principal + " may not ingest",
                              "grant the role: .add database " + database + " ingestors ('" +
                                  principal + "')");
}

examination::answer examination::ask_mapping()
{
    auto command = wire::show_mapping(what_.table(), what_.mapping(), what_.mapping_format());
    auto const reply = co_await ask_engine(std::move(command));
    if (!reply && lacks_role(reply.error()))
        co_return not_shown("mappings");
    if (!reply)
        co_return reply.error();
    auto const mapping = wire::read_mapping(*reply, what_.mapping());
    if (!mapping)
        co_return mapping.error();
    if (!*mapping)
        co_return failure(errc::not_found, stage::command,
                          "the table has no mapping of that name and format");
    co_return judge_mapping(**mapping, columns_);
}

examination::answer examination::ask_policies()
{
    table_policies policies;
    auto const update = co_await ask_engine(wire::show_update_policies());
    if (!update)
        co_return policies_unknown(update.error());
    auto const updates = wire::read_update_policies(*update, what_.table());
    if (!updates)
        co_return updates.error();
    policies.updates_others = *updates == wire::update_policy_answer::enabled;
    // What the table does not say the database does.
    auto const of_table = co_await ask_level(wire::show_table_batching(what_.table()),
                                             wire::show_tag_retention(what_.table()), policies);
    if (!of_table)
        co_return policies_unknown(of_table.error());
    auto const of_database =
        co_await ask_level(wire::show_database_batching(database_),
                           wire::show_database_tag_retention(database_), policies);
    if (!of_database)
        co_return policies_unknown(of_database.error());
    co_return judge_policies(policies);
}

asio::awaitable<result<void>> examination::ask_level(std::string batching, std::string tags,
                                                     table_policies& into)
{
    auto const waiting = co_await ask_engine(std::move(batching));
    if (!waiting)
        co_return waiting.error();
    if (!into.batching_time)
        into.batching_time = wire::batching_time(*waiting);
    auto const kept = co_await ask_engine(std::move(tags));
    if (!kept)
        co_return kept.error();
    bool const decided = into.tag_retention.has_value();
    for (auto const* const which : {"ingest-by:", "drop-by:"})
    {
        auto const period = wire::read_tag_retention(*kept, which);
        if (!period)
            co_return period.error();
        if (*period && !decided)
            into.tag_retention = (std::min)(**period, into.tag_retention.value_or(**period));
    }
    co_return result<void>();
}

} // namespace kusto::doctor

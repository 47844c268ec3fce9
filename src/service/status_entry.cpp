#include <service/status_entry.hpp>

#include <algorithm>
#include <chrono>
#include <core/retry_planner.hpp>
#include <cstring>
#include <service/storage_exchange.hpp>
#include <utility>
#include <vector>

namespace kusto::service
{

namespace asio = boost::asio;
using async::http_method;
using wire::storage_action;

namespace
{

// How old a list without status tables may be and still be believed.
constexpr std::chrono::minutes fresh_enough{1};

failure no_table()
{
    return failure(errc::no_resources, stage::post,
                   "the service lists no status table; switch poll_for_ingestion_status off");
}

bool is_fresh(service_context const& context, resource_snapshot const& snapshot)
{
    return context.time.now() - snapshot.received_at < fresh_enough;
}

/// The resources; newer ones if those at hand are not fresh and list no status table.
asio::awaitable<result<snapshot_ptr>> find_tables(service_context const& context,
                                                  resource_manager& resources, deadline until)
{
    auto got = co_await resources.get(until);
    if (got && (*got)->resources.status_tables.empty() && !is_fresh(context, **got))
        got = co_await resources.replace(*got, until);
    co_return got;
}

/// What is known of the entity while it is written.
class entry
{
public:
    entry(service_context const& context_, wire::status_entity const& entity_, deadline until_)
        : context(context_),
          entity(entity_),
          until(until_)
    {
    }

    [[nodiscard]] asio::awaitable<storage_outcome> write(base::url table)
    {
        auto const id = wire::new_request_id("insertEntity");
        auto const now = context.time.utc_now();
        auto request = reset ? wire::reset_status(table, entity, id, now)
                             : wire::insert_status(table, entity, id, now);
        auto const method = reset ? http_method::put : http_method::post;
        auto sent = exchange_storage(context, std::move(request), method,
                                     std::span<std::byte const>(), stage::post, until);
        auto reply = co_await std::move(sent);
        co_return std::move(reply.failed);
    }

    service_context const& context;
    wire::status_entity const& entity;
    deadline until;
    bool reset = false; ///< an entity is in the way: an older one, or ours whose answer was lost
};

} // namespace

std::optional<base::url> status_table_for(resource_snapshot const& snapshot,
                                          base::guid const& source_id, std::size_t turn)
{
    std::vector<base::url const*> tables;
    for (auto const& one : snapshot.resources.status_tables)
        tables.push_back(&one.location);
    if (tables.empty())
        return std::nullopt;
    std::sort(tables.begin(), tables.end(),
              [](base::url const* a, base::url const* b)
              { return a->without_query() < b->without_query(); });
    // Source ids are random: any part of them spreads the batches evenly.
    auto const first = static_cast<unsigned char>(source_id.bytes().back());
    return *tables[(first + turn) % tables.size()];
}

std::optional<base::url> signed_again(resource_snapshot const& snapshot, base::url const& table)
{
    for (auto const& one : snapshot.resources.status_tables)
    {
        if (one.location.without_query() == table.without_query())
            return one.location;
    }
    return std::nullopt;
}

asio::awaitable<result<base::url>> announce_status(service_context const& context,
                                                   resource_manager& resources,
                                                   wire::status_entity entity, retry_options retry,
                                                   deadline until)
{
    auto snapshot = co_await find_tables(context, resources, until);
    core::retry_planner planner(retry, until);
    entry one(context, entity, until);
    while (snapshot)
    {
        // One account that is down must not stop every batch that begins with it.
        auto const turn = static_cast<std::size_t>(planner.attempts());
        auto const table = status_table_for(**snapshot, entity.source_id, turn);
        if (!table)
            co_return no_table().retryable(!is_fresh(context, **snapshot));
        auto const failed = co_await one.write(*table);
        if (!failed)
            co_return *table;
        if (failed->action == storage_action::already_there && !std::exchange(one.reset, true))
            continue;
        one.reset = false;
        auto const help = failed->why.retryable() ? core::remedy::patience : core::remedy::none;
        auto const next =
            planner.failed(failed->why, help, context.time.now(), context.random->next());
        if (!next.retry)
            co_return failure(failed->why)
                .attempts(planner.attempts())
                .outcome(outcome::failed); // of the data: no message was posted
        context.log.failed(log_level::warning, "a status entity failed; trying again", failed->why);
        if (failed->action == storage_action::refresh_resources)
            snapshot = co_await resources.replace(*snapshot, until);
        co_await context.time.wait_until(next.at);
    }
    auto why = snapshot.error();
    co_return why.outcome(outcome::failed);
}

} // namespace kusto::service

#include <service/client_state.hpp>

#include <array>
#include <kusto/schema.hpp>
#include <service/queued_channel.hpp>
#include <service/traced_transport.hpp>
#include <service/verified_channel.hpp>
#include <utility>
#include <wire/batching_policy.hpp>

namespace kusto::detail
{

result<std::shared_ptr<client_state>>
client_state::make(boost::asio::any_io_executor executor, connection_options options,
                   std::shared_ptr<async::transport> transport, async::clock& time)
{
    auto endpoints = wire::cluster_endpoints::parse(options.cluster_url(), options.ingestion_url());
    if (!endpoints)
        return endpoints.error();
    base::logger const log(options.least_log_level(), options.log_to());
    transport = service::make_traced_transport(std::move(transport), log, time);
    auto tokens = auth::make_token_provider(executor, transport, options, time);
    auto context = std::make_shared<service::service_context const>(
        std::move(executor), std::move(transport), time, options);
    return std::make_shared<client_state>(std::move(options), std::move(*endpoints),
                                          std::move(context), std::move(tokens));
}

client_state::client_state(connection_options options, wire::cluster_endpoints endpoints,
                           std::shared_ptr<service::service_context const> context,
                           std::shared_ptr<auth::token_provider> tokens)
    : options_(std::move(options)),
      context_(std::move(context)),
      tokens_(std::move(tokens)),
      engine_(context_, tokens_, std::move(endpoints.engine)),
      resources_(std::make_shared<service::resource_manager>(
          context_, std::make_shared<service::management_client const>(
                        context_, tokens_, std::move(endpoints.ingestion)))),
      statuses_(std::make_shared<service::status_tracker>(context_, resources_))
{
}

client_state::~client_state()
{
    stop();
}

void client_state::stop() noexcept
{
    statuses_->stop();
    resources_->stop();
    tokens_->stop();
    context_->transport->shutdown();
}

} // namespace kusto::detail

namespace kusto::service
{

namespace
{

/// Asks the engine. Only an error of the service's own that says "not found" means that the table
/// is missing: a 404 may come from anything in between.
boost::asio::awaitable<result<table_answer>>
ask_for_table(std::shared_ptr<detail::client_state> client, std::string database,
              std::string command, deadline until)
{
    auto const answer = co_await client->engine().execute(
        std::move(database), std::move(command), until, stage::ingest, repetition::idempotent);
    if (answer)
        co_return table_answer::exists();
    if (answer.error().code() == errc::not_found && answer.error().status() == 400)
        co_return table_answer::missing(answer.error());
    co_return answer.error();
}

/// The table's batching time, else the database's, else the service's default.
boost::asio::awaitable<result<std::chrono::milliseconds>>
ask_for_batching_time(std::shared_ptr<detail::client_state> client, std::string database,
                      std::string table, deadline until)
{
    std::array<std::string, 2> const commands{wire::show_table_batching(table),
                                              wire::show_database_batching(database)};
    for (auto const& command : commands)
    {
        auto const rows = co_await client->engine().execute(database, command, until, stage::ingest,
                                                            repetition::idempotent);
        if (!rows)
            co_return rows.error();
        if (auto const time = wire::batching_time(*rows))
            co_return *time;
    }
    co_return wire::default_batching_time;
}

batching_question question_about(std::shared_ptr<detail::client_state> client,
                                 write_options const& options)
{
    return [client = std::move(client), database = options.database(), table = options.table()](
               deadline until) { return ask_for_batching_time(client, database, table, until); };
}

/// A channel that keeps its client alive.
class owning_channel final : public ingest_channel
{
public:
    owning_channel(std::shared_ptr<detail::client_state> client, write_options const& options)
        : client_(std::move(client)),
          channel_(make_queued_channel(client_->context(), client_->resources(), options,
                                       client_->statuses(), question_about(client_, options)))
    {
    }

    boost::asio::awaitable<result<uploaded_blob>> upload(batch_identity batch, block_stream& blocks,
                                                         deadline until) override
    {
        return channel_->upload(batch, blocks, until);
    }

    boost::asio::awaitable<result<posted_message>> post(batch_identity batch,
                                                        uploaded_blob const& blob,
                                                        std::uint64_t raw_size,
                                                        deadline until) override
    {
        return channel_->post(batch, blob, raw_size, until);
    }

    boost::asio::awaitable<result<ingestion_end>>
    confirm(batch_identity batch, posted_message const& message, deadline until) override
    {
        return channel_->confirm(batch, message, until);
    }

private:
    std::shared_ptr<detail::client_state> client_;
    std::shared_ptr<ingest_channel> channel_;
};

} // namespace

std::shared_ptr<ingest_channel> make_queued_channel(std::shared_ptr<detail::client_state> client,
                                                    write_options const& options)
{
    auto const context = client->context();
    auto channel = std::make_shared<owning_channel>(client, options);
    if (!options.verify_table())
        return channel;
    auto command = ".show table " + quoted_name(options.table()) + " cslschema";
    auto check = [client, database = options.database(), command](deadline until)
    { return ask_for_table(client, database, command, until); };
    auto name = options.database() + "." + options.table();
    return make_verified_channel(context->executor, context->time, std::move(channel),
                                 std::move(check), std::move(name));
}

} // namespace kusto::service

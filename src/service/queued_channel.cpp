#include <service/queued_channel.hpp>

#include <algorithm>
#include <boost/asio/cancellation_state.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/system/system_error.hpp>
#include <optional>
#include <service/post_operation.hpp>
#include <service/route.hpp>
#include <service/uploader.hpp>
#include <string>
#include <utility>
#include <wire/ingestion_message.hpp>
#include <wire/storage.hpp>

namespace kusto::service
{

namespace asio = boost::asio;

namespace
{

/// Until when a container's signature is good enough for the service to fetch the blob, which it
/// does some time after the message was posted.
deadline usable_until(resource_snapshot const& snapshot, wire::storage_resource const& container,
                      async::clock::time_point now)
{
    constexpr async::clock::time_point::duration most = std::chrono::minutes(10);
    auto const end = snapshot.end_of(container);
    if (!end)
        return deadline::never();
    auto const left = (std::max)(*end - now, most.zero());
    return deadline(*end - (std::min)(most, left / 2));
}

class queued_channel final : public ingest_channel
{
public:
    queued_channel(std::shared_ptr<service_context const> context,
                   std::shared_ptr<resource_manager> resources, write_options const& options,
                   std::shared_ptr<status_tracker> tracker, batching_question ask)
        : context_(std::move(context)),
          resources_(std::move(resources)),
          tracker_(std::move(tracker)),
          options_(options),
          message_(options, context_->identity),
          patience_(context_->executor, context_->time, options.ingestion_status_timeout(),
                    std::move(ask))
    {
    }

    asio::awaitable<result<uploaded_blob>> upload(batch_identity batch, block_stream& blocks,
                                                  deadline until) override;
    asio::awaitable<result<posted_message>> post(batch_identity batch, uploaded_blob const& blob,
                                                 std::uint64_t raw_size, deadline until) override;
    asio::awaitable<result<ingestion_end>>
    confirm(batch_identity batch, posted_message const& message, deadline until) override;

private:
    std::shared_ptr<service_context const> context_;
    std::shared_ptr<resource_manager> resources_;
    std::shared_ptr<status_tracker> tracker_;
    write_options options_;
    wire::ingestion_message message_; // what all batches have in common
    status_patience patience_;
};

asio::awaitable<result<uploaded_blob>> queued_channel::upload(batch_identity batch,
                                                              block_stream& blocks, deadline until)
{
    auto const name =
        wire::blob_name(options_.database(), options_.table(), batch.source_id, batch.format);
    route way(*context_, *resources_, route::kind::containers, options_.retry(), until);
    blob_upload work(*context_, batch.source_id, blocks, options_.retry(), until);
    auto const ready = co_await way.begin();
    if (!ready)
        co_return ready.error();
    for (;;)
    {
        auto const blob = wire::blob_url(way.here().location, name);
        auto done = co_await work.attempt(blob);
        if (!done.failed)
        {
            way.succeeded();
            auto const limit = usable_until(way.snapshot(), way.here(), context_->time.now());
            co_return uploaded_blob(blob, done.size, way.attempts(), limit);
        }
        way.note(*done.failed);
        // Without a queue message the service does not know of the blob, whatever became of it.
        auto why = done.failed->why;
        why.attempts(way.attempts()).outcome(outcome::failed);
        auto const next = co_await way.move_on(*done.failed);
        if (!next)
            co_return next.error();
        if (*next == route::advice::give_up)
            co_return why;
    }
}

asio::awaitable<result<posted_message>> queued_channel::post(batch_identity batch,
                                                             uploaded_blob const& blob,
                                                             std::uint64_t raw_size, deadline until)
{
    post_operation one(*context_, *resources_, options_, message_, batch, blob, raw_size, until);
    try
    {
        auto done = co_await one.run();
        co_return done;
    }
    catch (boost::system::system_error const& e)
    {
        if (e.code() != asio::error::operation_aborted)
            throw;
    }
    co_await asio::this_coro::reset_cancellation_state(asio::disable_cancellation());
    co_return one.cancelled();
}

asio::awaitable<result<ingestion_end>>
queued_channel::confirm(batch_identity batch, posted_message const& message, deadline until)
{
    if (!message.statuses || !tracker_)
        co_return failure(errc::outcome_unknown, stage::ingest,
                          "no status was asked for when the batch was posted")
            .outcome(outcome::unknown);
    auto const table = *message.statuses;
    auto const posted_at = context_->time.now();
    auto const patience = co_await patience_.get(until);
    auto const limit = until.sooner(deadline(posted_at + patience));
    auto end = co_await tracker_->wait(batch.source_id, table, limit);
    co_return end;
}

} // namespace

std::shared_ptr<ingest_channel> make_queued_channel(std::shared_ptr<service_context const> context,
                                                    std::shared_ptr<resource_manager> resources,
                                                    write_options const& options,
                                                    std::shared_ptr<status_tracker> tracker,
                                                    batching_question ask)
{
    return std::make_shared<queued_channel>(std::move(context), std::move(resources), options,
                                            std::move(tracker), std::move(ask));
}

} // namespace kusto::service

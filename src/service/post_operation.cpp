#include <service/post_operation.hpp>

#include <service/status_entry.hpp>
#include <utility>
#include <wire/storage.hpp>

namespace kusto::service
{

namespace asio = boost::asio;
using wire::storage_action;
using wire::storage_failure;

namespace
{

/// The blob's address with the signature that `snapshot` has for its container: the one of the
/// upload may have been refused since, and the service reads the blob with what the message says.
/// Nothing if the container is not listed any more.
std::optional<base::url> signed_again_in(resource_snapshot const& snapshot, base::url const& blob)
{
    for (auto const& one : snapshot.resources.containers)
    {
        auto const container = one.location.without_query() + "/";
        if (blob.without_query().starts_with(container))
            return blob.with_target(blob.path(), one.location.query());
    }
    return std::nullopt;
}

} // namespace

post_operation::post_operation(service_context const& context, resource_manager& resources,
                               write_options const& options, wire::ingestion_message const& common,
                               batch_identity batch, uploaded_blob const& blob,
                               std::uint64_t raw_size, deadline until)
    : context_(context),
      resources_(resources),
      options_(options),
      common_(common),
      batch_(batch),
      blob_(blob),
      raw_size_(raw_size),
      until_(until),
      route_(context, resources, route::kind::queues, options.retry(), until)
{
}

asio::awaitable<result<void>> post_operation::begin()
{
    if (options_.poll_for_ingestion_status())
    {
        wire::status_entity const entity(batch_.source_id, options_.database(), options_.table(),
                                         blob_.location);
        auto table =
            co_await announce_status(context_, resources_, entity, options_.retry(), until_);
        if (!table)
            co_return table.error();
        status_table_ = std::move(*table);
    }
    // Second, so that its resources are as new as those that the entity was written with.
    auto ready = co_await route_.begin();
    co_return ready;
}

asio::awaitable<result<posted_message>> post_operation::run()
{
    auto const ready = co_await begin();
    if (!ready)
        co_return ready.error();
    for (;;)
    {
        auto failed = co_await send();
        if (!failed)
        {
            route_.succeeded();
            co_return posted();
        }
        route_.note(*failed);
        bool const lost = failed->why.outcome() == outcome::unknown;
        maybe_arrived_ = maybe_arrived_ || lost;
        auto why = final(failed->why);
        if (lost && options_.guarantee() == delivery_guarantee::none)
            co_return why;
        auto const next = co_await route_.move_on(*failed);
        if (!next)
            co_return final(next.error());
        if (*next == route::advice::give_up)
            co_return why;
    }
}

asio::awaitable<storage_outcome> post_operation::send()
{
    auto const blob = signed_again_in(route_.snapshot(), blob_.location);
    if (!blob && blob_.usable_until.passed(context_.time.now()))
        co_return unreadable();
    auto request = wire::put_message(route_.here().location, message(blob.value_or(blob_.location)),
                                     wire::new_request_id("putMessage"), context_.time.utc_now());
    if (!request)
        co_return storage_failure(request.error(), storage_action::permanent);
    if (maybe_arrived_)
        ++repeated_;
    auto sent = exchange_storage(context_, std::move(*request), async::http_method::post,
                                 std::span<std::byte const>(), stage::post, until_, &unsent_);
    under_way_ = true;
    unsent_ = false;
    auto reply = co_await std::move(sent);
    under_way_ = false;
    co_return std::move(reply.failed);
}

/// The service could not read the blob: a message for it would be taken and come to nothing.
storage_failure post_operation::unreadable() const
{
    auto const code = maybe_arrived_ ? errc::outcome_unknown : errc::request_rejected;
    failure why(code, stage::post,
                "the blob's address has expired and its container is no longer offered");
    return storage_failure(why.host(blob_.location.authority()), storage_action::permanent);
}

std::string post_operation::message(base::url const& blob) const
{
    auto one = common_;
    one.batch(batch_.source_id, blob, raw_size_, batch_.format)
        .authorization_context(route_.snapshot().identity_token)
        .created(context_.time.utc_now());
    if (status_table_)
        one.status_in(signed_again(route_.snapshot(), *status_table_).value_or(*status_table_));
    return one.to_json();
}

failure post_operation::final(failure why) const
{
    why.attempts(route_.attempts());
    return maybe_arrived_ ? why.outcome(outcome::unknown) : why;
}

posted_message post_operation::posted() const
{
    posted_message done(route_.attempts());
    done.repeated = repeated_;
    if (status_table_)
        done.statuses = status_table_->with_target(status_table_->path());
    return done;
}

failure post_operation::cancelled() const
{
    failure why(errc::cancelled, stage::post, "cancelled while the queue message was posted");
    if ((under_way_ && !unsent_) || maybe_arrived_)
        why.outcome(outcome::unknown);
    return why;
}

} // namespace kusto::service

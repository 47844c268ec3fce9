#include <service/queued_channel.hpp>

#include <core/retry_planner.hpp>
#include <optional>
#include <set>
#include <string>
#include <service/uploader.hpp>
#include <utility>
#include <vector>
#include <wire/ingestion_message.hpp>
#include <wire/storage.hpp>

namespace kusto::service
{

namespace asio = boost::asio;
using wire::storage_action;
using wire::storage_failure;
using wire::storage_resource;

namespace
{

/// Where there is another account it is tried first, whatever made the attempt fail: an attempt
/// sends all its bytes again anyway.
core::remedy remedy_for(storage_action action)
{
    switch (action)
    {
    case storage_action::retry:
    case storage_action::switch_account:
    case storage_action::restart_upload:
        return core::remedy::other_account;
    case storage_action::refresh_resources:
        return core::remedy::fresh_resources;
    case storage_action::already_there:
    case storage_action::permanent:
        break;
    }
    return core::remedy::none;
}

/// Whether a failure says something about the account, rather than about our request.
bool blames_account(storage_failure const& failed)
{
    switch (failed.action)
    {
    case storage_action::retry:
    case storage_action::switch_account:
    case storage_action::refresh_resources:
        return true;
    case storage_action::restart_upload:
    case storage_action::already_there:
    case storage_action::permanent:
        break;
    }
    return false;
}

enum class kind
{
    containers,
    queues,
};

/// Where one operation goes: the resources of a snapshot in the order of their accounts' ranks, one
/// after the other, and when to try again.
class itinerary
{
public:
    itinerary(service_context const& context, resource_manager& resources, kind what,
              retry_options const& retry, deadline until)
        : context_(context),
          resources_(resources),
          what_(what),
          planner_(retry, until),
          until_(until)
    {
    }

    /// Before the first attempt: gets a snapshot.
    asio::awaitable<result<void>> begin()
    {
        auto got = co_await resources_.get(until_);
        if (!got)
            co_return got.error();
        use(std::move(*got));
        co_return result<void>();
    }

    [[nodiscard]] storage_resource const& here() const { return list()[order_[position_]]; }
    [[nodiscard]] resource_snapshot const& snapshot() const { return *snapshot_; }
    [[nodiscard]] int attempts() const noexcept { return planner_.attempts() + 1; }

    void succeeded() { resources_.record(here().account, true); }

    /// After a failed attempt: waits and moves on as the failure asks. False: give up.
    asio::awaitable<result<bool>> move_on(storage_failure failed)
    {
        if (blames_account(failed))
            resources_.record(here().account, false);
        auto const account = here().account;
        tried_.insert(account);
        auto const untried = next_untried();
        auto const plan =
            planner_.failed(failed.why, remedy_for(failed.action), untried.has_value(),
                            context_.time.now(), context_.random->next());
        if (!plan.retry)
            co_return false;
        if (plan.refresh_resources)
        {
            auto got = co_await resources_.replace(snapshot_, until_);
            if (!got)
                co_return got.error();
            use(std::move(*got));
            position_ = next_elsewhere(account).value_or(0);
        }
        else if (plan.switch_account)
            position_ = *untried;
        else
        {
            // Every account had its turn: after the pause they all have another one.
            tried_.clear();
            position_ = next_elsewhere(account).value_or(position_);
        }
        if (plan.at > context_.time.now())
            co_await context_.time.wait_until(plan.at);
        co_return true;
    }

private:
    [[nodiscard]] std::vector<storage_resource> const& list() const
    {
        return what_ == kind::containers ? snapshot_->resources.containers
                                         : snapshot_->resources.queues;
    }

    void use(snapshot_ptr fresh)
    {
        snapshot_ = std::move(fresh);
        order_ = resources_.order(list());
        position_ = 0;
    }

    /// The next place in the order whose account `wanted` likes.
    template <class Wanted>
    [[nodiscard]] std::optional<std::size_t> next(Wanted wanted) const
    {
        for (std::size_t step = 0; step < order_.size(); ++step)
        {
            auto const place = (position_ + step) % order_.size();
            if (wanted(list()[order_[place]].account))
                return place;
        }
        return std::nullopt;
    }
    [[nodiscard]] std::optional<std::size_t> next_elsewhere(std::string const& account) const
    {
        return next([&](std::string const& other) { return other != account; });
    }
    /// An account that was not tried since the last pause.
    [[nodiscard]] std::optional<std::size_t> next_untried() const
    {
        return next([&](std::string const& other) { return !tried_.contains(other); });
    }

    service_context const& context_;
    resource_manager& resources_;
    kind what_;
    core::retry_planner planner_;
    deadline until_;
    snapshot_ptr snapshot_;
    std::vector<std::size_t> order_;
    std::size_t position_ = 0;
    std::set<std::string> tried_; ///< accounts, since the last pause
};

class queued_channel final : public ingest_channel
{
public:
    queued_channel(std::shared_ptr<service_context const> context,
                   std::shared_ptr<resource_manager> resources, write_options const& options)
        : context_(std::move(context)),
          resources_(std::move(resources)),
          database_(options.database()),
          table_(options.table()),
          retry_(options.retry()),
          message_(options, context_->identity)
    {
    }

    asio::awaitable<result<uploaded_blob>> upload(batch_identity batch, block_stream& blocks,
                                                  deadline until) override;
    asio::awaitable<result<int>> post(batch_identity batch, uploaded_blob const& blob,
                                      std::uint64_t raw_size, deadline until) override;

private:
    [[nodiscard]] std::string message_for(batch_identity const& batch, uploaded_blob const& blob,
                                          std::uint64_t raw_size, std::string identity_token) const;
    [[nodiscard]] asio::awaitable<storage_outcome> post_once(base::url queue, std::string json,
                                                             deadline until) const;

    std::shared_ptr<service_context const> context_;
    std::shared_ptr<resource_manager> resources_;
    std::string database_;
    std::string table_;
    retry_options retry_;
    wire::ingestion_message message_; // what all batches have in common
};

asio::awaitable<result<uploaded_blob>> queued_channel::upload(batch_identity batch,
                                                              block_stream& blocks, deadline until)
{
    auto const name = wire::blob_name(database_, table_, batch.source_id, batch.format);
    itinerary route(*context_, *resources_, kind::containers, retry_, until);
    auto const ready = co_await route.begin();
    if (!ready)
        co_return ready.error();
    for (;;)
    {
        auto const blob = wire::blob_url(route.here().location, name);
        auto const attempts = route.attempts();
        auto done = co_await upload_once(*context_, blob, batch.source_id, blocks, until);
        if (!done.failed)
        {
            route.succeeded();
            co_return uploaded_blob(blob, done.size, attempts);
        }
        // Without a queue message the service does not know of the blob, whatever became of it.
        auto why = done.failed->why;
        why.attempts(attempts).outcome(outcome::failed);
        auto const again = co_await route.move_on(*done.failed);
        if (!again || !*again)
            co_return why;
    }
}

std::string queued_channel::message_for(batch_identity const& batch, uploaded_blob const& blob,
                                        std::uint64_t raw_size, std::string identity_token) const
{
    auto message = message_;
    return message.batch(batch.source_id, blob.location, raw_size, batch.format)
        .authorization_context(std::move(identity_token))
        .created(context_->time.utc_now())
        .to_json();
}

asio::awaitable<storage_outcome> queued_channel::post_once(base::url queue, std::string json,
                                                           deadline until) const
{
    auto request = wire::put_message(queue, json, wire::new_request_id("putMessage"),
                                     context_->time.utc_now());
    if (!request)
        co_return storage_failure(request.error(), storage_action::permanent);
    auto sent = exchange(*context_, std::move(*request), async::http_method::post,
                         std::span<std::byte const>(), stage::post, until);
    auto outcome = co_await std::move(sent);
    co_return outcome;
}

asio::awaitable<result<int>> queued_channel::post(batch_identity batch, uploaded_blob const& blob,
                                                  std::uint64_t raw_size, deadline until)
{
    itinerary route(*context_, *resources_, kind::queues, retry_, until);
    auto const ready = co_await route.begin();
    if (!ready)
        co_return ready.error();
    for (;;)
    {
        auto json = message_for(batch, blob, raw_size, route.snapshot().identity_token);
        auto const attempts = route.attempts();
        auto failed = co_await post_once(route.here().location, std::move(json), until);
        if (!failed)
        {
            route.succeeded();
            co_return attempts;
        }
        auto why = failed->why;
        why.attempts(attempts);
        // The message may be in the queue: whether to risk a second one is the caller's policy.
        if (why.outcome() == outcome::unknown)
        {
            if (blames_account(*failed))
                resources_->record(route.here().account, false);
            co_return why;
        }
        auto const again = co_await route.move_on(*failed);
        if (!again || !*again)
            co_return why;
    }
}

} // namespace

std::shared_ptr<ingest_channel> make_queued_channel(std::shared_ptr<service_context const> context,
                                                    std::shared_ptr<resource_manager> resources,
                                                    write_options const& options)
{
    return std::make_shared<queued_channel>(std::move(context), std::move(resources), options);
}

} // namespace kusto::service

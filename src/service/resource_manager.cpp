#include <service/resource_manager.hpp>

#include <async/call_on.hpp>
#include <auth/amended.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/strand.hpp>
#include <exception>
#include <utility>
#include <wire/endpoints.hpp>

namespace kusto::service
{

namespace asio = boost::asio;
using namespace std::chrono_literals;

namespace
{

constexpr auto refresh_limit = 2min;
constexpr auto forced_refresh_interval = 30s;
// As long as a batch waits for newer resources while older ones would do.
constexpr auto longest_preference = 30s;
constexpr char const* command_database = "NetDefaultDB";

failure too_late(management_client const& ingestion)
{
    return failure(errc::timed_out, stage::resources,
                   "no ingestion resources from the ingestion service within the deadline")
        .host(ingestion.endpoint().authority())
        .retryable(true);
}

std::vector<std::string> accounts_of(std::vector<wire::storage_resource> const& resources)
{
    std::vector<std::string> accounts;
    accounts.reserve(resources.size());
    for (auto const& resource : resources)
        accounts.push_back(resource.account);
    return accounts;
}

/// Whether the answer is one of a server that does not know the command.
bool is_unknown_command(failure const& why)
{
    switch (why.code())
    {
    case errc::wrong_endpoint:
    case errc::not_found:
    case errc::request_rejected:
    case errc::query_failed:
        return !why.retryable();
    default:
        return false;
    }
}

} // namespace

std::optional<async::clock::time_point>
resource_snapshot::end_of(wire::storage_resource const& resource) const
{
    if (!resource.expires_on || *resource.expires_on <= fetched_at)
        return std::nullopt;
    return received_at + (*resource.expires_on - fetched_at);
}

/// However a refresh ends, another one may follow.
class resource_manager::refresh_mark
{
public:
    explicit refresh_mark(resource_manager& whose) : whose_(whose) { set(true); }
    refresh_mark(refresh_mark const&) = delete;
    refresh_mark& operator=(refresh_mark const&) = delete;
    ~refresh_mark() { set(false); }

private:
    void set(bool value)
    {
        std::lock_guard const lock(whose_.mutex_);
        whose_.refreshing_ = value;
    }

    resource_manager& whose_;
};

resource_manager::resource_manager(std::shared_ptr<service_context const> context,
                                   std::shared_ptr<management_client const> ingestion)
    : context_(std::move(context)),
      ingestion_(std::move(ingestion)),
      strand_(asio::make_strand(context_->executor)),
      flight_(strand_, stage::resources),
      state_(core::cache_state::pauses(1min, 10min, 2s))
{
}

asio::awaitable<result<snapshot_ptr>> resource_manager::get(deadline until)
{
    auto const self = shared_from_this();
    auto what = advice::must_wait;
    snapshot_ptr current;
    {
        std::lock_guard const lock(mutex_);
        if (stopped_)
            co_return closed();
        what = state_.look(context_->time.now());
        if (what == advice::failed_until)
            co_return *state_.last_failure();
        current = snapshot_;
    }
    if (what == advice::must_wait)
    {
        auto fresh = co_await refresh_and_wait(nullptr, until);
        co_return fresh;
    }
    if (what == advice::prefer_newer)
    {
        deadline const limit(context_->time.now() + longest_preference);
        auto either = co_await refresh_or_keep(nullptr, until.sooner(limit));
        co_return either;
    }
    if (what == advice::refresh_in_background)
        asio::post(strand_, [self] { self->start_background_refresh(); });
    co_return current;
}

asio::awaitable<result<snapshot_ptr>> resource_manager::replace(snapshot_ptr refused,
                                                                deadline until)
{
    auto const self = shared_from_this();
    auto limit = until;
    {
        std::lock_guard const lock(mutex_);
        if (stopped_)
            co_return closed();
        auto const now = context_->time.now();
        bool const usable = state_.usable(now);
        if (usable)
            limit = until.sooner(deadline(now + longest_preference));
        if (usable && snapshot_ != refused)
            co_return snapshot_;
        if (usable && now < next_forced_ && !refreshing_)
            co_return snapshot_;
        next_forced_ = now + forced_refresh_interval;
        refreshing_ = true;
    }
    auto either = co_await refresh_or_keep(std::move(refused), limit);
    co_return either;
}

asio::awaitable<result<snapshot_ptr>> resource_manager::refresh_or_keep(snapshot_ptr unwanted,
                                                                        deadline until)
{
    auto fresh = co_await refresh_and_wait(std::move(unwanted), until);
    if (fresh || fresh.error().code() == errc::closed)
        co_return fresh;
    auto const usable = usable_snapshot();
    if (usable)
        co_return usable;
    co_return fresh;
}

std::vector<std::size_t>
resource_manager::order(std::vector<wire::storage_resource> const& resources) const
{
    auto const accounts = accounts_of(resources);
    std::lock_guard const lock(mutex_);
    return ranking_.order(accounts, [this] { return context_->random->next(); });
}

void resource_manager::record(std::string_view account, bool success)
{
    std::lock_guard const lock(mutex_);
    ranking_.record(account, success, context_->time.now());
}

void resource_manager::rest(std::string_view account, async::clock::time_point until)
{
    std::lock_guard const lock(mutex_);
    ranking_.rest(account, until);
}

async::clock::time_point resource_manager::resting_until(std::string_view account) const
{
    std::lock_guard const lock(mutex_);
    return ranking_.resting_until(account);
}

void resource_manager::stop() noexcept
{
    {
        std::lock_guard const lock(mutex_);
        if (std::exchange(stopped_, true))
            return;
    }
    try
    {
        asio::post(strand_, [self = shared_from_this()] { self->flight_.stop(); });
    }
    catch (std::exception const&)
    {
        // Without memory for a message the request under way ends at its own deadline.
    }
}

asio::awaitable<result<snapshot_ptr>> resource_manager::refresh_and_wait(snapshot_ptr unwanted,
                                                                         deadline until)
{
    auto const late = too_late(*ingestion_);
    auto shared = flight_.run(refresh_operation(std::move(unwanted)));
    auto got = co_await async::call_on(strand_, std::move(shared), until, late, context_->time);
    if (got || got.error().code() != late.code())
        co_return got;
    co_return auth::late_for(got.error(), ingestion_->awaited());
}

async::single_flight<snapshot_ptr>::operation
resource_manager::refresh_operation(snapshot_ptr unwanted)
{
    return [self = shared_from_this(), unwanted] { return refresh(self, unwanted); };
}

void resource_manager::start_background_refresh()
{
    {
        // Several callers may have asked for the same refresh, which may be over by now.
        std::lock_guard const lock(mutex_);
        auto const what = state_.look(context_->time.now());
        if (stopped_ || what != advice::refresh_in_background)
            return;
    }
    flight_.start(refresh_operation(nullptr));
}

asio::awaitable<result<snapshot_ptr>>
resource_manager::refresh(std::shared_ptr<resource_manager> self, snapshot_ptr unwanted)
{
    refresh_mark const mark(*self);
    // Somebody who came too late for the flight before finds its result.
    auto known = self->known_answer(unwanted);
    if (known)
        co_return std::move(*known);
    auto got = co_await self->fetch();
    if (!got)
    {
        auto const why = self->judged(got.error());
        self->note_failure(why);
        co_return why;
    }
    auto const fresh = std::make_shared<resource_snapshot const>(std::move(*got));
    self->publish(fresh);
    co_return fresh;
}

asio::awaitable<result<resource_snapshot>> resource_manager::fetch()
{
    deadline const until(context_->time.now() + refresh_limit);
    auto const host = ingestion_->endpoint().authority();
    auto const rows = co_await ingestion_->execute(command_database, ".get ingestion resources",
                                                   until, stage::resources, repetition::idempotent);
    if (!rows)
        co_return rows.error();
    auto resources = wire::parse_resources(*rows, host);
    if (!resources)
        co_return resources.error();
    auto const token_rows =
        co_await ingestion_->execute(command_database, ".get kusto identity token", until,
                                     stage::resources, repetition::idempotent);
    if (!token_rows)
        co_return token_rows.error();
    auto token = wire::parse_identity_token(*token_rows, host);
    if (!token)
        co_return token.error();
    co_return resource_snapshot(std::move(*resources), std::move(*token), context_->time.utc_now(),
                                context_->time.now());
}

void resource_manager::publish(snapshot_ptr fresh)
{
    std::optional<core::cache_state::duration> left;
    if (auto const expiry = fresh->resources.earliest_expiry())
        left = *expiry - fresh->fetched_at;
    auto const life = core::lifetime_of_signatures(left, context_->retry.cache_expiration(),
                                                   context_->random->next());
    auto const& listed = fresh->resources;
    auto accounts = accounts_of(listed.containers);
    auto const queues = accounts_of(listed.queues);
    accounts.insert(accounts.end(), queues.begin(), queues.end());
    context_->log(log_level::debug, stage::resources, "ingestion resources renewed",
                  {log_field("containers", std::uint64_t(listed.containers.size())),
                   log_field("queues", std::uint64_t(listed.queues.size())),
                   log_field("status_tables", std::uint64_t(listed.status_tables.size()))});

    std::lock_guard const lock(mutex_);
    auto const now = context_->time.now();
    state_.renewed(now + life.soft, now + life.hard, now + life.end);
    ranking_.keep(accounts, now);
    snapshot_ = std::move(fresh);
}

/// A service that listed resources before is the right one, and passes on rubbish for now.
failure resource_manager::judged(failure why) const
{
    std::lock_guard const lock(mutex_);
    if (snapshot_)
        return why.code() == errc::malformed_reply ? why.retryable(true) : why;
    auto const remedy = wire::ingestion_advice(ingestion_->endpoint());
    return remedy.empty() || !is_unknown_command(why) ? why : auth::amended(why, remedy);
}

void resource_manager::note_failure(failure const& why)
{
    context_->log.failed(log_level::warning, "ingestion resources could not be renewed", why);
    auto const random = context_->random->next();
    std::lock_guard const lock(mutex_);
    state_.failed(context_->time.now(), why, random);
}

snapshot_ptr resource_manager::usable_snapshot() const
{
    std::lock_guard const lock(mutex_);
    return state_.usable(context_->time.now()) ? snapshot_ : nullptr;
}

std::optional<result<snapshot_ptr>>
resource_manager::known_answer(snapshot_ptr const& unwanted) const
{
    using answer = std::optional<result<snapshot_ptr>>;
    std::lock_guard const lock(mutex_);
    if (stopped_)
        return answer(closed());
    auto const what = state_.look(context_->time.now());
    if (what == advice::fresh && snapshot_ != unwanted)
        return answer(snapshot_);
    if (what == advice::failed_until)
        return answer(*state_.last_failure());
    return std::nullopt;
}

failure resource_manager::closed() const
{
    return failure(errc::closed, stage::resources, "the client was closed")
        .host(ingestion_->endpoint().authority());
}

} // namespace kusto::service

#include <service/route.hpp>

#include <functional>
#include <utility>

namespace kusto::service
{

namespace asio = boost::asio;
using core::remedy;
using wire::storage_action;
using wire::storage_failure;
using step = core::route_decision::step;

namespace
{

constexpr int forbidden = 403;
constexpr int bad_request = 400;

/// Where there is another account it is tried first, whatever made the attempt fail: it sends all
/// bytes again anyway.
remedy remedy_for(storage_failure const& failed)
{
    switch (failed.action)
    {
    case storage_action::retry:
    case storage_action::switch_account:
        return remedy::other_account;
    case storage_action::restart_upload:
        return remedy::same_again;
    case storage_action::refresh_resources:
        return failed.why.status() == forbidden ? remedy::fresh_signature : remedy::fresh_resources;
    case storage_action::already_there:
    case storage_action::permanent:
        break;
    }
    return remedy::none;
}

/// Whether a failure says something about the account, rather than about our request, the wire's
/// noise, or the little time that our caller left.
bool blames_account(storage_failure const& failed, deadline until, async::clock::time_point now)
{
    bool const our_deadline = failed.why.code() == errc::timed_out && until.passed(now);
    if (our_deadline || failed.why.status() == bad_request)
        return false;
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

/// Whatever became of the request for resources or a token: none of the data was in it.
failure nothing_sent(failure why)
{
    return why.outcome(outcome::failed);
}

} // namespace

route::route(service_context const& context, resource_manager& resources, kind what,
             retry_options const& retry, deadline until)
    : context_(context),
      resources_(resources),
      what_(what),
      planner_(retry, until),
      until_(until)
{
}

std::vector<wire::storage_resource> const& route::list() const
{
    return what_ == kind::containers ? snapshot_->resources.containers
                                     : snapshot_->resources.queues;
}

wire::storage_resource const& route::here() const
{
    return list()[order_[planner_.here()]];
}

std::vector<core::stop> route::use(snapshot_ptr fresh)
{
    snapshot_ = std::move(fresh);
    order_ = resources_.order(list());
    std::vector<core::stop> stops;
    stops.reserve(order_.size());
    for (auto const index : order_)
    {
        auto const& one = list()[index];
        stops.emplace_back(one.account, one.location.without_query(),
                           std::hash<std::string>()(one.location.query()),
                           resources_.resting_until(one.account));
    }
    return stops;
}

asio::awaitable<void> route::wait_until(core::route_decision::time_point when)
{
    if (when > context_.time.now())
        co_await context_.time.wait_until(when);
}

asio::awaitable<result<void>> route::begin()
{
    auto got = co_await resources_.get(until_);
    if (!got)
        co_return nothing_sent(got.error());
    auto const first = planner_.begin(use(std::move(*got)), context_.time.now());
    if (first.what == step::give_up)
        co_return all_resting();
    co_await wait_until(first.at);
    co_return result<void>();
}

failure route::all_resting() const
{
    auto const where = what_ == kind::containers ? stage::upload : stage::post;
    if (until_.passed(context_.time.now()))
        return failure(errc::timed_out, where, "no time was left for an attempt").retryable(true);
    return failure(errc::throttled, where,
                   "every storage account asked to be left alone until after the deadline")
        .host(list().front().location.authority())
        .retryable(true);
}

void route::succeeded()
{
    resources_.record(here().account, true);
}

void route::note(storage_failure const& failed)
{
    auto const now = context_.time.now();
    auto const wish = core::wish_to_wait(failed.why);
    if (wish > wish.zero())
        resources_.rest(here().account, now + wish);
    if (blames_account(failed, until_, now))
        resources_.record(here().account, false);
}

asio::awaitable<result<route::advice>> route::move_on(storage_failure failed)
{
    auto const help = remedy_for(failed);
    auto next = planner_.failed(failed.why, help, context_.time.now(), context_.random->next());
    bool const refused = help == remedy::fresh_signature || help == remedy::fresh_resources;
    // However few attempts an operation has: the next one must not begin with what was refused.
    if (refused && next.what == step::give_up)
        (void)co_await resources_.replace(snapshot_, until_);
    if (next.what == step::refresh_resources)
    {
        auto got = co_await resources_.replace(snapshot_, until_);
        if (!got && got.error().code() == errc::closed)
            co_return nothing_sent(got.error());
        if (!got)
            co_return advice::give_up;
        next = planner_.renewed(use(std::move(*got)), context_.time.now(), context_.random->next());
    }
    if (next.what == step::give_up)
        co_return advice::give_up;
    report(failed, next);
    co_await wait_until(next.at);
    co_return advice::again;
}

void route::report(storage_failure const& failed, core::route_decision const& next) const
{
    auto const wait =
        std::chrono::duration_cast<std::chrono::milliseconds>(next.at - context_.time.now());
    auto why = failed.why;
    why.attempts(planner_.attempts());
    context_.log.failed(log_level::warning, "a storage request failed; trying again", why,
                        {log_field("next_account", here().account),
                         log_field("wait_ms", std::int64_t(wait.count()))});
}

} // namespace kusto::service

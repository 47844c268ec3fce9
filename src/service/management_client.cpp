#include <service/management_client.hpp>

#include <algorithm>
#include <auth/amended.hpp>
#include <core/retry_planner.hpp>
#include <cstdint>
#include <optional>
#include <utility>
#include <wire/challenge.hpp>
#include <wire/endpoints.hpp>
#include <wire/management.hpp>

namespace kusto::service
{

namespace asio = boost::asio;
using namespace std::chrono_literals;

namespace
{

constexpr int unauthorized = 401;
constexpr int too_many_requests = 429;

/// Whether the service may have done what it was asked, although it did not say so.
bool may_be_done(failure const& why)
{
    return why.code() == errc::malformed_reply ||
           (why.code() == errc::service_unavailable &&
            wire::may_be_done(why.status(), why.service_code()));
}

bool may_repeat(failure const& why, repetition again)
{
    if (!why.retryable())
        return false;
    if (again == repetition::idempotent)
        return true;
    bool const never_sent = why.status() == 0 && why.outcome() == outcome::failed;
    return never_sent || why.status() == too_many_requests;
}

/// A credential that has no other token says so without having asked anybody. Why it was asked for
/// one the service said.
void add_refusal(failure& why, failure const& refusal)
{
    bool const asked_nobody = why.status() == 0 && why.host().empty();
    if (why.code() != errc::authentication_failed || !asked_nobody)
        return;
    why.host(refusal.host()).status(refusal.status()).server_text(refusal.server_text());
    why.request_id(refusal.request_id()).activity_id(refusal.activity_id());
}

} // namespace

struct management_client::request
{
    request(base::url target_, std::string database_, std::string text_, stage where_,
            repetition again_)
        : target(std::move(target_)),
          database(std::move(database_)),
          text(std::move(text_)),
          where(where_),
          again(again_)
    {
    }

    base::url target;
    std::string database;
    std::string text;
    stage where;
    repetition again;
};

struct management_client::exchange
{
    explicit exchange(result<table> outcome_) : outcome(std::move(outcome_)) {}

    result<table> outcome;
    bool token_missing = false; ///< nothing was sent
    bool token_refused = false;
    std::uint64_t generation = 0; ///< of the token
    std::string claims;           ///< JSON that the next token must be asked for with; or empty
};

asio::awaitable<result<table>> management_client::execute(std::string database, std::string command,
                                                          deadline until, stage where,
                                                          repetition again) const
{
    request what(wire::management_url(endpoint_), std::move(database), std::move(command), where,
                 again);
    return run(std::move(what), until);
}

asio::awaitable<result<table>> management_client::query(std::string database, std::string text,
                                                        deadline until) const
{
    request what(wire::query_url(endpoint_), std::move(database), std::move(text), stage::query,
                 repetition::idempotent);
    return run(std::move(what), until);
}

asio::awaitable<result<table>> management_client::run(request what, deadline until) const
{
    core::retry_planner planner(context_->retry, until);
    std::optional<failure> refusal;
    for (;;)
    {
        auto done = co_await attempt(what, until);
        if (done.outcome)
            co_return std::move(done.outcome);
        auto why = done.outcome.error();
        if (done.token_refused)
            refusal = why;
        else if (done.token_missing && refusal)
            add_refusal(why, *refusal);
        if (what.again == repetition::not_executed && may_be_done(why))
            why.outcome(outcome::unknown);
        auto const now = context_->time.now();
        auto const next =
            planner.failed(why, remedy_for(done, what.again), now, context_->random->next());
        why.attempts(done.token_missing ? why.attempts() : planner.attempts());
        if (!next.retry)
            co_return why;
        // A token that is refused right after it was obtained is not to blame: it stays, so that a
        // principal that is not wanted costs one token for each operation and no more.
        if (next.refresh_token)
            tokens_->invalidate(done.generation, std::move(done.claims));
        auto const wait = std::chrono::duration_cast<std::chrono::milliseconds>(next.at - now);
        context_->log.failed(log_level::warning, "a command failed; trying again", why,
                             {log_field("wait_ms", std::int64_t(wait.count()))});
        if (next.at > now)
            co_await context_->time.wait_until(next.at);
    }
}

core::remedy management_client::remedy_for(exchange const& done, repetition again)
{
    if (done.token_refused)
        return core::remedy::fresh_token;
    // The token provider has its own repetitions.
    bool const helps = !done.token_missing && may_repeat(done.outcome.error(), again);
    return helps ? core::remedy::patience : core::remedy::none;
}

asio::awaitable<management_client::exchange> management_client::attempt(request const& what,
                                                                        deadline until) const
{
    auto const token = co_await tokens_->get(until);
    if (!token)
    {
        exchange none(token.error());
        none.token_missing = true;
        co_return none;
    }
    auto done = co_await send(what, token->value, until);
    done.generation = token->generation;
    co_return done;
}

asio::awaitable<management_client::exchange>
management_client::send(request const& what, base::secret token, deadline until) const
{
    auto const id = wire::new_request_id();
    // The service gives up when we would, so that it does not work for nobody.
    auto const limit = context_->request_deadline(what.text.size(), until);
    auto const left =
        std::chrono::duration_cast<std::chrono::milliseconds>(limit.left(context_->time.now()));
    async::http_request message(async::http_method::post, what.target);
    message.headers = wire::kusto_headers(context_->identity, id, token.reveal());
    message.body =
        wire::command_body(what.database, what.text, id, std::clamp(left, 1000ms, 3600000ms));
    message.where = what.where;
    // A command may have been executed although no byte of the reply arrived.
    message.replayable = what.again == repetition::idempotent;

    auto got = co_await context_->transport->send(std::move(message), limit);
    if (!got)
        co_return exchange(auth::without_secret(got.error(), token.reveal()));
    auto done = judge(what, *got, id);
    if (done.outcome)
        co_return done;
    // The service, or what stands before it, may repeat what it was sent.
    auth::erase(*got, token.reveal());
    co_return judge(what, *got, id);
}

management_client::exchange management_client::judge(request const& what,
                                                     async::http_response const& response,
                                                     std::string const& id)
{
    auto const reply = view(response, what.target, id, what.where);
    if (!reply.ok())
    {
        exchange refused(wire::parse_service_error(reply));
        refused.token_refused = reply.status == unauthorized;
        if (refused.token_refused)
            refused.claims = wire::demanded_claims(response.headers).value_or(std::string());
        return refused;
    }
    bool const is_query = what.where == stage::query;
    return exchange(is_query ? wire::parse_v2(reply) : wire::parse_v1(reply));
}

} // namespace kusto::service

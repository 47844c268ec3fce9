#include <service/management_client.hpp>

#include <algorithm>
#include <core/retry_planner.hpp>
#include <utility>
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

bool may_repeat(failure const& why, repetition again)
{
    if (!why.retryable())
        return false;
    if (again == repetition::idempotent)
        return true;
    bool const never_sent = why.status() == 0 && why.outcome() == outcome::failed;
    return never_sent || why.status() == too_many_requests;
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
    exchange(result<table> outcome_, bool final_) : outcome(std::move(outcome_)), final(final_) {}

    result<table> outcome;
    /// Not to be repeated whatever the failure says: the token provider has its own repetitions.
    bool final;
    bool token_refused = false;
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
    for (;;)
    {
        auto done = co_await attempt(what, until);
        if (done.outcome)
            co_return std::move(done.outcome);
        auto why = done.outcome.error();
        bool const again = !done.final && may_repeat(why, what.again);
        auto const help = again ? core::remedy::patience : core::remedy::none;
        auto const next =
            planner.failed(why, help, false, context_->time.now(), context_->random->next());
        if (!next.retry)
            co_return why.attempts(planner.attempts());
        co_await context_->time.wait_until(next.at);
    }
}

asio::awaitable<management_client::exchange> management_client::attempt(request const& what,
                                                                        deadline until) const
{
    for (int refused = 0;; ++refused)
    {
        auto const token = co_await tokens_->get(until);
        if (!token)
            co_return exchange(token.error(), true);
        auto done = co_await send(what, token->value, until);
        if (done.token_refused)
            tokens_->invalidate(token->generation);
        if (!done.token_refused || refused == 1)
            co_return done;
    }
}

asio::awaitable<management_client::exchange>
management_client::send(request const& what, std::string token, deadline until) const
{
    auto const id = wire::new_request_id();
    // The service gives up when we would, so that it does not work for nobody.
    auto const limit = context_->request_deadline(what.text.size(), until);
    auto const left =
        std::chrono::duration_cast<std::chrono::milliseconds>(limit.left(context_->time.now()));
    async::http_request message(async::http_method::post, what.target);
    message.headers = wire::kusto_headers(context_->identity, id, token);
    message.body =
        wire::command_body(what.database, what.text, id, std::clamp(left, 1000ms, 3600000ms));
    message.where = what.where;
    // A command may have been executed although no byte of the reply arrived.
    message.replayable = what.again == repetition::idempotent;

    auto const got = co_await context_->transport->send(std::move(message), limit);
    if (!got)
        co_return exchange(got.error(), false);
    auto const reply = view(*got, what.target, id, what.where);
    if (!reply.ok())
    {
        exchange refused(wire::parse_service_error(reply), false);
        refused.token_refused = reply.status == unauthorized;
        co_return refused;
    }
    bool const is_query = what.where == stage::query;
    co_return exchange(is_query ? wire::parse_v2(reply) : wire::parse_v1(reply), false);
}

} // namespace kusto::service

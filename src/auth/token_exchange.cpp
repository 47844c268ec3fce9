#include <auth/token_exchange.hpp>

#include <algorithm>
#include <array>
#include <auth/amended.hpp>
#include <auth/repeat.hpp>
#include <base/guid.hpp>
#include <optional>
#include <utility>
#include <wire/token.hpp>

namespace kusto::auth
{

namespace asio = boost::asio;

namespace
{

/// An assertion's times, or the token that it was made of, are not valid (any more).
bool wants_fresh_assertion(failure const& why)
{
    constexpr std::array<std::string_view, 3> codes{"AADSTS700024", "AADSTS50013", "AADSTS500133"};
    return std::find(codes.begin(), codes.end(), why.service_code()) != codes.end();
}

/// How far the server's clock is ahead of ours. One that is off by more than a day helps nobody to
/// sign assertions, and the difference of arbitrary times may overflow.
std::chrono::seconds offset_of(std::optional<base::utc_time_point> server,
                               base::utc_time_point here)
{
    using std::chrono::seconds;
    constexpr seconds most = std::chrono::hours(24);
    if (!server)
        return seconds(0);
    auto const ahead = std::chrono::floor<seconds>(server->time_since_epoch()) -
                       std::chrono::floor<seconds>(here.time_since_epoch());
    return std::chrono::abs(ahead) > most ? seconds(0) : ahead;
}

failure without_secrets(failure why, std::vector<base::secret> const& hidden)
{
    for (auto const& one : hidden)
        why = without_secret(why, one.reveal());
    return why;
}

} // namespace

token_exchange::token_exchange(source_context with, std::string name)
    : with_(std::move(with)),
      name_(std::move(name))
{
}

failure token_exchange::named(failure const& why) const
{
    return amended(why, "signing in with the " + name_);
}

asio::awaitable<result<issued_token>> token_exchange::acquire(base::url endpoint, form_maker make,
                                                              deadline until)
{
    std::function<asio::awaitable<result<issued_token>>()> const attempt = [&, until]
    { return ask(endpoint, make, until); };
    auto got = co_await repeat<issued_token>(with_.retry, until, attempt, *with_.time, with_.log);
    if (got)
        co_return got;
    co_return named(got.error());
}

asio::awaitable<result<issued_token>> token_exchange::ask(base::url endpoint,
                                                          form_maker const& make, deadline until)
{
    auto const now = with_.time->utc_now();
    auto got = co_await ask_once(endpoint, make, now, until);
    if (got || !wants_fresh_assertion(got.error()))
        co_return got;
    with_.log.failed(log_level::warning, "the assertion was refused; making another one",
                     got.error());
    auto again = co_await ask_once(endpoint, make, with_.time->utc_now() + offset_, until);
    co_return again;
}

asio::awaitable<result<issued_token>> token_exchange::ask_once(base::url endpoint,
                                                               form_maker const& make,
                                                               base::utc_time_point now,
                                                               deadline until)
{
    auto const form = make(now);
    if (!form)
        co_return form.error();
    auto const asked = moment::of(*with_.time);
    auto const request_id = base::guid::random().to_string();
    auto response = co_await post(endpoint, form->body, request_id, until, form->peer);
    if (!response)
        co_return without_secrets(response.error(), form->hidden);
    for (auto const& one : form->hidden)
        without_secret(*response, one.reveal());
    wire::reply const reply(response->status, response->headers, response->body,
                            endpoint.authority(), request_id, stage::token);
    auto const server_time = base::parse_rfc1123(reply.header("Date"));
    auto const here = with_.time->utc_now();
    offset_ = offset_of(server_time, here);
    auto const token = wire::parse_token(reply, server_time.value_or(here));
    if (!token)
        co_return without_secrets(token.error(), form->hidden);
    issued_token issued(token->access_token, token->expires_in, token->refresh_in);
    issued.renewal = base::secret(std::string_view(token->refresh_token));
    issued.asked = asked;
    co_return issued;
}

asio::awaitable<result<async::http_response>>
token_exchange::post(base::url endpoint, base::secret const& body, std::string request_id,
                     deadline until, std::shared_ptr<async::tls_peer const> peer)
{
    constexpr std::size_t longest_reply = std::size_t(1) << 20;
    // A token endpoint answers within a second or two; what is silent is better asked again.
    constexpr std::chrono::milliseconds longest = std::chrono::seconds(30);
    async::http_request request(async::http_method::post, std::move(endpoint));
    request.header("Content-Type", "application/x-www-form-urlencoded");
    request.header("Accept", "application/json");
    request.header("client-request-id", request_id);
    request.header("x-ms-client-request-id", request_id);
    request.header("return-client-request-id", "true");
    request.body = std::string(body.reveal());
    request.where = stage::token;
    request.peer = std::move(peer);
    request.reply_limit = longest_reply;
    auto const limit = (std::min)(with_.request_timeout, longest);
    auto const end = until.sooner(deadline(with_.time->now() + limit));
    auto response = co_await with_.transport->send(std::move(request), end);
    co_return response;
}

} // namespace kusto::auth

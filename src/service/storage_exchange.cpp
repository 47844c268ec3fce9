#include <service/storage_exchange.hpp>

#include <string>
#include <utility>

namespace kusto::service
{

namespace asio = boost::asio;
using wire::storage_action;
using wire::storage_failure;

namespace
{

constexpr std::chrono::seconds shortest_post{30};

/// A network failure says nothing against the bytes, only against the way to this account: a name
/// that does not resolve or a certificate that is refused may be this account's alone. A broken
/// connection is worth another try on the spot; a timeout has used up its patience.
storage_action action_for(failure const& why)
{
    if (why.code() == errc::invalid_option || why.code() == errc::invalid_url)
        return storage_action::permanent;
    return why.code() == errc::connection_lost ? storage_action::retry
                                               : storage_action::switch_account;
}

/// Storage says 201 or 204 when it has taken something. A 200 comes from somebody in between, who
/// has not taken it, or perhaps has passed it on.
bool is_answer_of_storage(async::http_method method, int status)
{
    return method == async::http_method::get || status == 201 || status == 204;
}

storage_reply not_from_storage(wire::reply const& reply)
{
    auto why = reply.fail(errc::malformed_reply,
                          "the answer is none of a storage service, which says 201 or 204; look "
                          "for a proxy or portal in between");
    why.retryable(true).outcome(outcome::unknown);
    return storage_reply(storage_failure(std::move(why), storage_action::switch_account));
}

} // namespace

asio::awaitable<storage_reply> exchange_storage(service_context const& context,
                                                wire::storage_request request,
                                                async::http_method method,
                                                std::span<std::byte const> body, stage where,
                                                deadline until, bool* unsent)
{
    // A status entity can be written again; of a message that would make two.
    bool const is_post = unsent != nullptr;
    async::http_request message(method, std::move(request.target));
    message.headers = std::move(request.headers);
    message.body = std::move(request.body);
    if (!body.empty())
        message.body_parts.push_back(body);
    message.where = where;
    message.replayable = !is_post;
    message.unsent = unsent;
    auto const target = message.target;
    std::string id(wire::find_header(message.headers, "x-ms-client-request-id"));
    auto const size = body.empty() ? message.body.size() : body.size();
    if (is_post)
        message.at_least = shortest_post;
    auto const limit = context.request_deadline(size, until, message.at_least);

    auto got = co_await context.transport->send(std::move(message), limit);
    if (!got)
        co_return storage_reply(storage_failure(got.error(), action_for(got.error())));
    auto const reply = view(*got, target, std::move(id), where);
    if (!reply.ok())
        co_return storage_reply(wire::parse_storage_error(reply));
    if (!is_answer_of_storage(method, reply.status))
        co_return not_from_storage(reply);
    co_return storage_reply(std::move(*got));
}

} // namespace kusto::service

#include <support/happy_service.hpp>

#include <async/cancellation.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <support/happy_replies.hpp>
#include <utility>
#include <wire/http.hpp>

namespace kusto::test
{

namespace asio = boost::asio;
using async::http_method;
using async::http_request;
using async::http_response;

namespace
{

constexpr std::string_view bearer = "Bearer ";

std::string body_of(http_request const& request)
{
    if (request.body_parts.empty())
        return request.body;
    std::string all;
    for (auto const part : request.body_parts)
        all.append(reinterpret_cast<char const*>(part.data()), part.size());
    return all;
}

bool contains(std::string_view text, std::string_view part)
{
    return text.find(part) != text.npos;
}

request_kind kind_of_command(std::string_view body)
{
    if (contains(body, ".get ingestion resources"))
        return request_kind::resources;
    if (contains(body, ".get kusto identity token"))
        return request_kind::identity;
    if (contains(body, "policy ingestionbatching"))
        return request_kind::batching_policy;
    if (contains(body, "cslschema"))
        return request_kind::table_check;
    return contains(body, "\".show ") ? request_kind::question : request_kind::command;
}

request_kind kind_of_storage(http_request const& request)
{
    auto const& host = request.target.host();
    auto const& query = request.target.query();
    bool const put = request.method == http_method::put;
    if (contains(host, ".blob.") && put)
    {
        if (contains(query, "comp=blocklist"))
            return request_kind::put_block_list;
        return contains(query, "comp=block&") ? request_kind::put_block : request_kind::put_blob;
    }
    bool const post = request.method == http_method::post;
    if (contains(host, ".queue.") && post)
        return request_kind::put_message;
    if (!contains(host, ".table."))
        return request_kind::unknown;
    if (post)
        return request_kind::insert_entity;
    return put ? request_kind::write_entity : request_kind::read_entity;
}

request_kind kind_of(http_request const& request)
{
    auto const& path = request.target.path();
    if (path == "/v1/rest/auth/metadata")
        return request_kind::metadata;
    if (auto const identity = happy_identity::kind_of(request))
        return *identity;
    if (path == "/v2/rest/query")
        return request_kind::query;
    if (path == "/v1/rest/mgmt")
        return kind_of_command(request.body);
    return kind_of_storage(request);
}

failure network_failure(http_request const& request, bool sent)
{
    failure why(sent ? errc::connection_lost : errc::connect_failed,
                sent ? stage::receive : stage::connect, "the script says so");
    return why.host(request.target.authority())
        .retryable(true)
        .outcome(sent ? outcome::unknown : outcome::failed);
}

failure no_answer(http_request const& request)
{
    return failure(errc::timed_out, stage::receive, "no reply within the deadline")
        .host(request.target.authority())
        .retryable(true)
        .outcome(outcome::unknown);
}

/// As a transport does: a cancelled exchange ends here.
asio::awaitable<void> next_turn()
{
    co_await asio::post(asio::use_awaitable);
    auto const state = co_await asio::this_coro::cancellation_state;
    if (async::was_cancelled(state))
        async::throw_cancelled();
}

std::string token_of(http_request const& request)
{
    for (auto const& [name, value] : request.headers)
    {
        if (name == "Authorization" && value.starts_with(bearer))
            return value.substr(bearer.size());
    }
    return {};
}

} // namespace

/// Counts a request until its coroutine is gone.
class happy_service::flight
{
public:
    explicit flight(happy_service& owner) : owner_(owner) { ++owner_.in_flight_; }
    flight(flight const&) = delete;
    flight& operator=(flight const&) = delete;
    ~flight() { --owner_.in_flight_; }

private:
    happy_service& owner_;
};

void happy_service::plan(std::size_t request, mishap what, bool lasting)
{
    planned_ = plan_entry{request, what, lasting};
}

std::optional<mishap> happy_service::mishap_of(std::size_t request, request_kind what)
{
    if (!planned_ || request < planned_->request ||
        (request > planned_->request && !planned_->lasting))
        return std::nullopt;
    if (!struck_)
        struck_ = what;
    return planned_->what;
}

asio::awaitable<result<http_response>> happy_service::send(http_request request, deadline until)
{
    flight const counted(*this);
    auto const what = kind_of(request);
    auto const bad = mishap_of(seen_.size(), what);
    seen_.push_back(what);
    check_request(what, request);
    if (until.passed(time_.now()))
        co_return no_answer(request);
    co_await next_turn();
    if (bad == mishap::not_sent)
        co_return network_failure(request, false);
    if (bad == mishap::late || bad == mishap::stuck)
    {
        auto const end = bad == mishap::late ? until : deadline::never();
        co_await time_.wait_until(end.when());
        co_return no_answer(request);
    }
    bool const executed = !bad || bad == mishap::answer_lost || bad == mishap::half_done ||
                          bad == mishap::garbage;
    http_response reply;
    if (executed)
        reply = execute(what, request, body_of(request));
    co_await next_turn();
    if (bad == mishap::answer_lost)
        co_return network_failure(request, true);
    if (bad == mishap::garbage && reply.status < 300)
        reply.body = "{\"\x01 garbage";
    else if (bad && reply.status < 300)
        reply = refuse(*bad, what, request);
    co_return reply;
}

void happy_service::check_request(request_kind what, http_request const& request)
{
    // The probe is a request that IMDS refuses.
    bool const anonymous = what == request_kind::imds_probe;
    bool const local = anonymous || what == request_kind::arc_challenge ||
                       what == request_kind::managed_identity;
    auto const id = std::string(wire::find_header(request.headers, "x-ms-client-request-id"));
    if (!anonymous && (id.empty() || !request_ids_.insert(id).second))
        storage_.complain("without a request id of its own", request);
    if (!local && !request.target.is_https())
        storage_.complain("not over https", request);
    if (local != request.direct)
        storage_.complain("on the wrong way: through a proxy, or past it", request);
}

http_response happy_service::execute(request_kind what, http_request const& request,
                                     std::string body)
{
    switch (what)
    {
    case request_kind::metadata:
        return replies::metadata();
    case request_kind::token:
    case request_kind::device_code:
    case request_kind::device_poll:
    case request_kind::imds_probe:
    case request_kind::arc_challenge:
    case request_kind::managed_identity:
        return identity_.execute(what, request, body);
    case request_kind::resources:
    case request_kind::identity:
    case request_kind::table_check:
    case request_kind::batching_policy:
    case request_kind::question:
    case request_kind::command:
    case request_kind::query:
        if (!identity_.knows(token_of(request)))
            return replies::error(401, "Unauthorized", false);
        return execute_command(what, request);
    default:
        return execute_storage(what, request, std::move(body));
    }
}

http_response happy_service::execute_storage(request_kind what, http_request const& request,
                                             std::string body)
{
    switch (what)
    {
    case request_kind::put_blob:
        return storage_.put_blob(request, std::move(body));
    case request_kind::put_block:
        return storage_.put_block(request, std::move(body));
    case request_kind::put_block_list:
        return storage_.put_block_list(request, body);
    case request_kind::put_message:
        return storage_.put_message(request, body);
    case request_kind::insert_entity:
        return storage_.insert_entity(request, body);
    case request_kind::write_entity:
        return storage_.write_entity(request, body);
    case request_kind::read_entity:
        return storage_.read_entity(request);
    default:
        break;
    }
    storage_.complain("a request that the protocol does not know", request);
    return replies::error(400, "BadRequest", true);
}

http_response happy_service::execute_command(request_kind what, http_request const& request)
{
    switch (what)
    {
    case request_kind::resources:
        return replies::resources(accounts);
    case request_kind::identity:
        return replies::one_cell("AuthorizationContext", happy_storage::identity_token());
    case request_kind::table_check:
        return replies::one_cell("Schema", "id:long,text:string");
    case request_kind::batching_policy:
        return replies::one_cell("Policy", "{\\\"MaximumBatchingTimeSpan\\\":\\\"00:00:30\\\"}");
    case request_kind::question:
        return replies::question(request.body, !request.target.host().starts_with("ingest-"));
    case request_kind::query:
        return replies::query_result();
    default:
        ++commands_executed_;
        return replies::one_cell("Name", "done");
    }
}

/// What a careless server says: everything that it was sent. Every second time the secret stands
/// where texts are cut.
std::string happy_service::repeated(request_kind which, http_request const& request) const
{
    std::string said = "no: " + request.target.with_secrets();
    for (auto const& [name, value] : request.headers)
        said += ' ' + name + ": " + value;
    bool const form = which == request_kind::token || which == request_kind::device_poll;
    if (form)
        said += ' ' + request.body;
    constexpr std::size_t cut = 500;
    auto const secret = said.find(canary);
    if ((form || which == request_kind::managed_identity) && seen_.size() % 2 == 0 && secret < cut)
        said.insert(4, std::string(cut - secret, '.'));
    return said;
}

http_response happy_service::refuse(mishap what, request_kind which, http_request const& request)
{
    bool const storage = contains(request.target.host(), ".core.windows.net");
    auto const said = repeated(which, request);
    auto const reply = [&](int status, char const* code)
    {
        return storage ? replies::storage_error(status, code, said)
                       : replies::error(status, code, false, said);
    };
    switch (what)
    {
    case mishap::unauthorized:
        identity_.revoke(token_of(request));
        return reply(401, "NoAuthenticationInformation");
    case mishap::forbidden:
        return reply(403, "AuthenticationFailed");
    case mishap::gone:
        return reply(404, "ContainerNotFound");
    case mishap::throttled:
    {
        identity_.throttled(which);
        auto out = reply(429, "TooManyRequests");
        out.headers.emplace_back("Retry-After", "7");
        return out;
    }
    case mishap::busy:
        return reply(503, "ServerBusy");
    case mishap::conflict:
        return reply(409, "LeaseIdMissing");
    case mishap::renewing:
        return reply(410, "Gone");
    default:
        return reply(500, "InternalError");
    }
}

} // namespace kusto::test

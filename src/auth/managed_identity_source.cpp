#include <auth/managed_identity_source.hpp>

#include <algorithm>
#include <auth/amended.hpp>
#include <auth/identity_patience.hpp>
#include <auth/repeat.hpp>
#include <base/ascii.hpp>
#include <base/environment.hpp>
#include <base/guid.hpp>
#include <base/small_file.hpp>
#include <wire/arc_key.hpp>
#include <wire/identity_replies.hpp>

namespace kusto::auth
{

namespace asio = boost::asio;

namespace
{

using wire::identity_host;

failure misconfigured(std::string why)
{
    return failure(errc::invalid_option, stage::token, std::move(why));
}

wire::identity_environment read_environment()
{
    using base::environment_variable;
    wire::identity_environment found;
    found.identity_endpoint = environment_variable("IDENTITY_ENDPOINT");
    found.identity_thumbprint = environment_variable("IDENTITY_SERVER_THUMBPRINT");
    found.imds_endpoint = environment_variable("IMDS_ENDPOINT");
    found.msi_endpoint = environment_variable("MSI_ENDPOINT");
    found.default_client_id = environment_variable("DEFAULT_IDENTITY_CLIENT_ID");
    found.pod_authority = environment_variable("AZURE_POD_IDENTITY_AUTHORITY_HOST");
    found.has_identity_header = !base::secret(environment_variable("IDENTITY_HEADER")).empty();
    found.has_msi_secret = !base::secret(environment_variable("MSI_SECRET")).empty();
    return found;
}

/// The host's secret as it is now: it changes while the process runs. Empty if the host has none.
result<base::secret> read_secret(identity_host host)
{
    char const* const name = wire::secret_variable(host);
    if (name == nullptr)
        return base::secret();
    base::secret value(base::environment_variable(name));
    if (!wire::fits_header(value.reveal()))
        return misconfigured("the environment variable " + std::string(name) +
                             " is no longer set, or holds what cannot be sent in a header");
    return value;
}

result<base::secret> read_key(std::string const& path)
{
    constexpr std::size_t most = 4096;
    auto content = base::read_small_file(path, most);
    if (!content)
        return amended(content.error(), "the key files of Azure Arc can be read by root and by "
                                        "members of the group himds only");
    if (!wire::fits_header(content->reveal()))
        return misconfigured("the key file " + path +
                             " of Azure Arc holds what cannot be sent in a header");
    return content;
}

/// The failure that lets a chain go on.
failure unavailable(failure const& why, std::string const& message)
{
    auto other = reworded(why, errc::credential_unavailable, message + ": " + why.message());
    return other.where(stage::token);
}

/// Whether a request did not even find somebody to send it to.
bool is_nobody_there(failure const& why)
{
    bool const connecting = why.where() == stage::resolve || why.where() == stage::connect;
    return why.code() == errc::host_not_found || why.code() == errc::connect_failed ||
           (why.code() == errc::timed_out && connecting);
}

std::shared_ptr<async::tls_peer const> peer_of(wire::identity_service const& service)
{
    if (service.thumbprint.empty())
        return nullptr;
    auto peer = std::make_shared<async::tls_peer>();
    peer->thumbprint = service.thumbprint;
    return peer;
}

class managed_identity_source final : public token_source
{
public:
    managed_identity_source(wire::identity_service service, std::string name, source_context with,
                            std::string arc_keys)
        : service_(std::move(service)),
          name_(std::move(name)),
          with_(std::move(with)),
          arc_keys_(std::move(arc_keys)),
          peer_(peer_of(service_))
    {
    }

    asio::awaitable<result<issued_token>> acquire(token_wish wish, deadline until) override
    {
        if (with_.probing && service_.is_guess && !is_there_)
        {
            auto const absent = co_await look_for_imds(until);
            if (absent)
                co_return named(*absent);
            is_there_ = true;
        }
        auto got = co_await insist(wish.scope, until);
        if (got)
            co_return got;
        // The probe was answered by something else.
        if (got.error().code() == errc::credential_unavailable)
            is_there_ = false;
        co_return named(judged(got.error()));
    }

private:
    static constexpr std::chrono::seconds first_contact{1};

    /// Asks until there is a token, or nothing is to be hoped for.
    asio::awaitable<result<issued_token>> insist(std::string scope, deadline until)
    {
        identity_patience patience(service_.host, with_.retry, until);
        for (;;)
        {
            auto got = co_await ask(scope, until);
            if (got)
                co_return got;
            auto why = got.error();
            auto const now = with_.time->now();
            auto const decision = patience.failed(why, now, random_fraction());
            why.attempts(patience.attempts());
            if (with_.probing && is_nobody_there(why) && !is_there_)
                co_return unavailable(why, "nothing answers where the host's tokens come from");
            if (!decision.retry)
                co_return why;
            auto const wait =
                std::chrono::duration_cast<std::chrono::milliseconds>(decision.at - now);
            with_.log.failed(log_level::warning, "signing in failed; trying again", why,
                             {log_field("wait_ms", std::int64_t(wait.count()))});
            co_await with_.time->wait_until(decision.at);
        }
    }

    asio::awaitable<result<issued_token>> ask(std::string scope, deadline until)
    {
        auto secret = read_secret(service_.host);
        if (secret && service_.host == identity_host::azure_arc)
            secret = co_await fetch_key(scope, until);
        if (!secret)
            co_return secret.error();
        auto got = co_await ask_with(*secret, std::move(scope), until);
        if (got)
            co_return got;
        co_return without_secret(got.error(), secret->reveal());
    }

    /// \param secret  outlives the operation
    asio::awaitable<result<issued_token>> ask_with(base::secret const& secret, std::string scope,
                                                   deadline until)
    {
        auto const id = base::guid::random().to_string();
        auto const asked = moment::of(*with_.time);
        auto request = wire::make_identity_request(service_, scope, secret.reveal());
        auto response = co_await exchange(std::move(request), id, until);
        if (!response)
            co_return response.error();
        without_secret(*response, secret.reveal());
        auto const reply = reply_of(*response, id);
        if (with_.probing && service_.is_guess && !wire::shows_imds(reply))
            co_return reply.fail(errc::credential_unavailable,
                                 "what answers at the address of IMDS is something else");
        auto const server_time = base::parse_rfc1123(reply.header("Date"));
        auto const token = wire::parse_identity_reply(service_, reply,
                                                      server_time.value_or(with_.time->utc_now()));
        if (!token)
            co_return token.error();
        issued_token issued(token->access_token, token->expires_in, token->refresh_in);
        issued.asked = asked;
        co_return issued;
    }

    /// The first of the two steps of Azure Arc: a file that its agent writes for us.
    asio::awaitable<result<base::secret>> fetch_key(std::string scope, deadline until)
    {
        auto const id = base::guid::random().to_string();
        auto request = wire::make_identity_request(service_, scope, std::string_view());
        auto const response = co_await exchange(std::move(request), id, until);
        if (!response)
            co_return response.error();
        auto const path = wire::find_arc_key(service_, reply_of(*response, id), arc_keys_);
        if (!path)
            co_return path.error();
        auto key = read_key(*path);
        if (!key && with_.probing)
            co_return unavailable(key.error(), "the identity of Azure Arc cannot be used here");
        co_return key;
    }

    /// Nothing if IMDS is there.
    asio::awaitable<std::optional<failure>> look_for_imds(deadline until)
    {
        auto const soon = until.sooner(deadline(with_.time->now() + first_contact));
        auto const response = co_await send(wire::make_imds_probe(service_), std::string(), soon);
        if (!response)
            co_return unavailable(response.error(), "there is no IMDS on this machine");
        auto const reply = reply_of(*response, std::string());
        if (wire::shows_imds(reply))
            co_return std::nullopt;
        co_return reply.fail(errc::credential_unavailable,
                             "what answers at the address of IMDS is something else");
    }

    /// Sends what a host is asked for. The variables that name it may be left over from elsewhere,
    /// so in a chain it has a short time to show that it is there; to answer it has its full time.
    asio::awaitable<result<async::http_response>> exchange(wire::identity_request what,
                                                           std::string id, deadline until)
    {
        if (with_.probing && !is_there_)
        {
            auto const soon = until.sooner(deadline(with_.time->now() + first_contact));
            auto first = co_await send(what, id, soon);
            is_there_ = first || !is_nobody_there(first.error());
            bool const slow = is_there_ && !first && first.error().code() == errc::timed_out;
            if (!slow)
                co_return first;
        }
        auto response = co_await send(std::move(what), id, until);
        co_return response;
    }

    /// \param id  of the request; may be empty
    asio::awaitable<result<async::http_response>> send(wire::identity_request what, std::string id,
                                                       deadline until)
    {
        constexpr std::chrono::milliseconds longest = std::chrono::seconds(30);
        auto const limit = (std::min)(with_.request_timeout, longest);
        auto const end = until.sooner(deadline(with_.time->now() + limit));
        auto response = co_await with_.transport->send(image_of(std::move(what), id), end);
        co_return response;
    }

    [[nodiscard]] async::http_request image_of(wire::identity_request what,
                                               std::string const& id) const
    {
        constexpr std::size_t longest_reply = std::size_t(1) << 20;
        auto const method = what.is_post ? async::http_method::post : async::http_method::get;
        async::http_request request(method, std::move(what.target));
        request.headers = std::move(what.headers);
        if (!id.empty())
            request.header("x-ms-client-request-id", id);
        request.body = std::move(what.body);
        request.peer = peer_;
        request.direct = true;
        request.where = stage::token;
        request.reply_limit = longest_reply;
        return request;
    }

    [[nodiscard]] wire::reply reply_of(async::http_response const& response,
                                       std::string const& id) const
    {
        return wire::reply(response.status, response.headers, response.body,
                           service_.endpoint.authority(), id, stage::token);
    }

    /// In a chain a machine without an identity of its own is a reason to go on. One that does not
    /// know what the token is for has an identity.
    [[nodiscard]] failure judged(failure const& why) const
    {
        constexpr int bad_request = 400;
        bool const has_none = with_.probing && service_.host == identity_host::imds &&
                              service_.id.what() == identity_id::kind::system &&
                              why.status() == bad_request &&
                              !base::equal_ignoring_case(why.service_code(), "invalid_resource");
        return has_none ? unavailable(why, "this machine has no identity") : why;
    }

    [[nodiscard]] failure named(failure const& why) const
    {
        return amended(why, "signing in with the " + name_ + ", from " +
                                std::string(to_string(service_.host)));
    }

    wire::identity_service service_;
    std::string name_;
    source_context with_;
    std::string arc_keys_;
    // One object for all requests, so that their connections can be shared.
    std::shared_ptr<async::tls_peer const> peer_;
    bool is_there_ = false; // something answered
};

} // namespace

arc_places::arc_places()
    : arc_places("/opt/azcmagent/bin/himds", std::string(wire::arc_key_directory))
{
}

source_ptr make_managed_identity_source(detail::managed_identity_data const& data, std::string name,
                                        source_context const& with)
{
    return make_managed_identity_source(data, std::move(name), with, arc_places());
}

source_ptr make_managed_identity_source(detail::managed_identity_data const& data, std::string name,
                                        source_context const& with, arc_places const& arc)
{
    bool const has_agent = base::version_of(arc.agent).has_value();
    auto service = wire::find_identity_service(read_environment(), has_agent, data.id);
    if (!service)
        return make_failing_source(amended(service.error(), "signing in with the " + name));
    return std::make_unique<managed_identity_source>(std::move(*service), std::move(name), with,
                                                     arc.keys);
}

} // namespace kusto::auth

#include <auth/token_source.hpp>

#include <auth/amended.hpp>
#include <auth/repeat.hpp>
#include <base/guid.hpp>
#include <options/credential_data.hpp>
#include <wire/token.hpp>

namespace kusto::auth
{

namespace asio = boost::asio;

namespace
{

class client_secret_source final : public token_source
{
public:
    client_secret_source(std::shared_ptr<async::transport> transport,
                         connection_options const& options, async::clock& time)
        : transport_(transport),
          who_(options.who()),
          retry_(options.retry()),
          timeout_(options.request_timeout()),
          time_(time),
          log_(options.least_log_level(), options.log_to()),
          sign_in_(std::move(transport), options, time)
    {
    }

    asio::awaitable<result<issued_token>> acquire(deadline until) override
    {
        auto const target = co_await sign_in_.find(until);
        if (!target)
            co_return target.error();
        auto const url = wire::token_url(target->login_endpoint, who_.data().tenant_id);
        if (!url)
            co_return url.error();
        auto const form = wire::client_credentials_form(who_.data().client_id,
                                                        who_.data().client_secret, target->scope);
        std::function<asio::awaitable<result<issued_token>>()> const attempt = [&, until]
        { return ask_once(*url, form, until); };
        auto got = co_await repeat<issued_token>(retry_, until, attempt, time_, log_);
        if (got)
            co_return got;
        co_return amended(got.error(), "signing in with the " + who_.describe());
    }

private:
    asio::awaitable<result<issued_token>> ask_once(base::url const& url, std::string const& form,
                                                   deadline until)
    {
        constexpr std::size_t longest_reply = std::size_t(1) << 20;
        auto const request_id = base::guid::random().to_string();
        async::http_request request(async::http_method::post, url);
        request.header("Content-Type", "application/x-www-form-urlencoded");
        request.header("Accept", "application/json");
        request.header("client-request-id", request_id);
        request.header("x-ms-client-request-id", request_id);
        request.header("return-client-request-id", "true");
        request.body = form;
        request.where = stage::token;
        request.reply_limit = longest_reply;
        auto const end = until.sooner(deadline(time_.now() + timeout_));
        auto const response = co_await transport_->send(std::move(request), end);
        if (!response)
            co_return response.error();
        wire::reply const reply(response->status, response->headers, response->body,
                                url.authority(), request_id, stage::token);
        auto const token = wire::parse_token(reply, time_.utc_now());
        if (!token)
            co_return without_secret(token.error(), who_.data().client_secret);
        co_return issued_token(token->access_token, token->expires_in, token->refresh_in);
    }

    std::shared_ptr<async::transport> transport_;
    credential who_;
    retry_options retry_;
    std::chrono::milliseconds timeout_;
    async::clock& time_;
    base::logger log_;
    sign_in sign_in_;
};

} // namespace

std::unique_ptr<token_source> make_client_secret_source(std::shared_ptr<async::transport> transport,
                                                        connection_options const& options,
                                                        async::clock& time)
{
    return std::make_unique<client_secret_source>(std::move(transport), options, time);
}

} // namespace kusto::auth

#include <auth/sources.hpp>

#include <algorithm>
#include <async/clock.hpp>
#include <auth/amended.hpp>
#include <auth/repeat.hpp>
#include <auth/token_exchange.hpp>
#include <base/guid.hpp>
#include <utility>
#include <wire/device_code.hpp>

namespace kusto::auth
{

namespace asio = boost::asio;

namespace
{

using std::chrono::seconds;

failure refused(std::string why)
{
    return failure(errc::authentication_failed, stage::token, std::move(why));
}

/// A person signs in once; then the refresh token does, until it is refused.
class device_code_source final : public token_source
{
public:
    device_code_source(detail::device_code_data const& data, std::string name,
                       source_context const& with)
        : data_(data),
          exchange_(with, std::move(name)),
          time_(*with.time)
    {
        if (data_.tenant_id.empty())
            data_.tenant_id = "organizations";
    }

    seconds longest() const noexcept override { return std::chrono::minutes(15); }

    asio::awaitable<result<issued_token>> acquire(token_wish wish, deadline until) override
    {
        if (!refresh_token_.empty())
        {
            auto renewed = co_await renew(wish, until);
            if (renewed || renewed.error().code() != errc::authentication_failed)
                co_return keep(std::move(renewed));
            refresh_token_ = base::secret();
            exchange_.context().log.failed(log_level::warning,
                                           "the refresh token was refused; a person must sign in",
                                           renewed.error());
        }
        auto asked = co_await ask(wish, until);
        if (!asked)
            co_return exchange_.named(asked.error());
        co_return keep(std::move(asked));
    }

private:
    /// What one sign-in of a person is about.
    class session
    {
    public:
        session(base::url token_url, std::string client_id, std::string claims,
                wire::device_code_reply code, deadline until)
            : token_url(std::move(token_url)),
              client_id(std::move(client_id)),
              claims(std::move(claims)),
              code(std::move(code)),
              until(until)
        {
        }

        base::url token_url;
        std::string client_id;
        std::string claims;
        wire::device_code_reply code;
        deadline until; ///< of the code
    };

    [[nodiscard]] std::string const& client_id(token_wish const& wish) const noexcept
    {
        return data_.client_id.empty() ? wish.client_app_id : data_.client_id;
    }

    [[nodiscard]] static failure refused(std::string why, session const& about)
    {
        return auth::refused(std::move(why)).host(about.token_url.authority());
    }

    /// Each use of a refresh token may come with a new one.
    [[nodiscard]] result<issued_token> keep(result<issued_token> got)
    {
        if (got && !got->renewal.empty())
            refresh_token_ = got->renewal;
        return got;
    }

    asio::awaitable<result<issued_token>> renew(token_wish wish, deadline until)
    {
        constexpr std::chrono::seconds longest_renewal(100);
        auto const url = wire::token_url(wish.login_endpoint, data_.tenant_id);
        if (!url)
            co_return url.error();
        form_maker make = [this, wish](base::utc_time_point)
        {
            std::vector<base::secret> hidden(1, refresh_token_);
            token_form form(wire::refresh_token_form(client_id(wish), refresh_token_.reveal(),
                                                     wish.scope, wish.claims),
                            std::move(hidden));
            return result<token_form>(std::move(form));
        };
        auto const end = until.sooner(deadline(time_.now() + longest_renewal));
        auto got = co_await exchange_.acquire(*url, std::move(make), end);
        co_return got;
    }

    asio::awaitable<result<issued_token>> ask(token_wish wish, deadline until)
    {
        auto const token_url = wire::token_url(wish.login_endpoint, data_.tenant_id);
        if (!token_url)
            co_return token_url.error();
        using code_reply = wire::device_code_reply;
        std::function<asio::awaitable<result<code_reply>>()> const attempt = [&, until]
        { return fetch_code(wish, until); };
        auto const& with = exchange_.context();
        auto code = co_await repeat<code_reply>(with.retry, until, attempt, time_, with.log);
        if (!code)
            co_return code.error();
        auto const shown = show(*code);
        if (!shown)
            co_return shown.error();
        auto const end = until.sooner(deadline(time_.now() + code->expires_in));
        session const about(*token_url, client_id(wish), wish.claims, std::move(*code), end);
        auto got = co_await poll(about);
        if (got)
            co_return got;
        co_return without_secret(got.error(), about.code.device_code.reveal());
    }

    asio::awaitable<result<wire::device_code_reply>> fetch_code(token_wish wish, deadline until)
    {
        auto const url = wire::device_code_url(wish.login_endpoint, data_.tenant_id);
        if (!url)
            co_return url.error();
        base::secret const body(wire::device_code_form(client_id(wish), wish.scope));
        auto const id = base::guid::random().to_string();
        auto const response = co_await exchange_.post(*url, body, id, until);
        if (!response)
            co_return response.error();
        co_return wire::parse_device_code(view(*response, *url, id));
    }

    [[nodiscard]] result<void> show(wire::device_code_reply const& code) const
    {
        auto why = auth::refused("the function that shows the device code threw an exception");
        try
        {
            data_.show(device_prompt(code.message, code.user_code, code.verification_url));
            return {};
        }
        catch (std::exception const& e)
        {
            why.server_text(wire::printable(e.what(), 512));
        }
        catch (...)
        {
            why.server_text("not derived from std::exception");
        }
        return why;
    }

    static bool is_unknown_code(failure const& why)
    {
        return why.service_code() == "bad_verification_code";
    }

    /// Asks until the person has signed in, refuses, or the code expires. What the network or the
    /// service does to a single question does not end it; what it did to the last one is the reason
    /// in the end.
    asio::awaitable<result<issued_token>> poll(session const& about)
    {
        auto interval = about.code.interval;
        auto const nobody = refused("nobody signed in before the device code expired", about);
        auto last = nobody;
        auto pause = interval;
        for (;;)
        {
            auto const next = time_.now() + pause;
            if (about.until.passed(next))
                co_return last;
            co_await time_.wait_until(next);
            auto wait = wire::device_wait::none;
            auto got = co_await poll_once(about, wait);
            if (got || (wait == wire::device_wait::none && !got.error().retryable()))
                co_return got;
            if (wait == wire::device_wait::declined)
                co_return refused("the person declined to sign in", about);
            if (wait == wire::device_wait::expired && is_unknown_code(got.error()))
                co_return refused("the login service does not know the device code that it gave",
                                  about);
            if (wait == wire::device_wait::expired)
                co_return last;
            last = wait == wire::device_wait::none ? got.error() : nobody;
            if (wait != wire::device_wait::go_on)
                interval += seconds(5);
            auto const wish = std::chrono::ceil<seconds>(core::wish_to_wait(got.error()));
            pause = (std::max)(interval, wish);
        }
    }

    asio::awaitable<result<issued_token>> poll_once(session const& about, wire::device_wait& wait)
    {
        base::secret const body(
            wire::device_poll_form(about.client_id, about.code.device_code.reveal(), about.claims));
        auto const id = base::guid::random().to_string();
        auto response = co_await exchange_.post(about.token_url, body, id, about.until);
        if (!response)
            co_return response.error();
        without_secret(*response, about.code.device_code.reveal());
        auto const reply = view(*response, about.token_url, id);
        wait = wire::device_wait_of(reply);
        auto const token = wire::parse_token(reply, time_.utc_now());
        if (!token)
            co_return token.error();
        issued_token issued(token->access_token, token->expires_in, token->refresh_in);
        issued.renewal = base::secret(std::string_view(token->refresh_token));
        co_return issued;
    }

    static wire::reply view(async::http_response const& response, base::url const& from,
                            std::string const& id)
    {
        return wire::reply(response.status, response.headers, response.body, from.authority(), id,
                           stage::token);
    }

    detail::device_code_data data_;
    token_exchange exchange_;
    async::clock& time_;
    base::secret refresh_token_;
};

} // namespace

source_ptr make_device_code_source(detail::device_code_data const& data, std::string name,
                                   source_context const& with)
{
    return std::make_unique<device_code_source>(data, std::move(name), with);
}

} // namespace kusto::auth

#include <auth/sources.hpp>

#include <algorithm>
#include <async/clock.hpp>
#include <auth/amended.hpp>
#include <auth/repeat.hpp>
#include <auth/token_exchange.hpp>
#include <base/guid.hpp>
#include <core/retry_planner.hpp>
#include <optional>
#include <utility>
#include <wire/device_code.hpp>

namespace kusto::auth
{

namespace asio = boost::asio;

namespace
{

using std::chrono::seconds;

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

    /// What the service said to it stays.
    [[nodiscard]] static failure refused(failure const& why, std::string_view message)
    {
        auto other = reworded(why, errc::authentication_failed, std::string(message));
        return other.retryable(false);
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
        auto code = co_await fetch_code(wish, until);
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
        auto const& with = exchange_.context();
        std::function<asio::awaitable<result<wire::device_code_reply>>()> const attempt =
            [&, until] { return fetch_code_once(wish, until); };
        auto got = co_await repeat<wire::device_code_reply>(with.retry, until, attempt, time_,
                                                            with.log);
        co_return got;
    }

    asio::awaitable<result<wire::device_code_reply>> fetch_code_once(token_wish wish,
                                                                     deadline until)
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
        failure why(errc::authentication_failed, stage::token,
                    "the function that shows the device code threw an exception");
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

    /// Asks until the person has signed in, refuses, or the code expires. What the network or the
    /// service does to a single question does not end it; what it did to the last one is the reason
    /// in the end.
    asio::awaitable<result<issued_token>> poll(session const& about)
    {
        auto interval = about.code.interval;
        auto next = time_.now() + interval;
        std::optional<failure> trouble;
        while (!about.until.passed(next))
        {
            co_await time_.wait_until(next);
            auto wait = wire::device_wait::none;
            auto got = co_await poll_once(about, wait);
            if (got)
                co_return got;
            auto const why = got.error();
            auto const end = ending_of(wait, why, trouble);
            if (end)
                co_return *end;
            trouble.reset();
            if (wait == wire::device_wait::none)
                trouble = amended(why, "until the device code expired");
            if (wait != wire::device_wait::go_on)
                interval += seconds(5);
            next = time_.now() + (std::max)(deadline::clock::duration(interval),
                                            core::wish_to_wait(why, longest()));
        }
        failure nobody(errc::authentication_failed, stage::token, std::string(nobody_signed_in));
        nobody.host(about.token_url.authority());
        co_return trouble.value_or(nobody);
    }

    static constexpr std::string_view nobody_signed_in =
        "nobody signed in before the device code expired";

    /// What a question ends the sign-in with; nothing if there is another question.
    /// \param trouble  what came instead of an answer before: perhaps nobody could sign in
    static std::optional<failure> ending_of(wire::device_wait wait, failure const& why,
                                            std::optional<failure> const& trouble)
    {
        using wire::device_wait;
        if (wait == device_wait::declined)
            return refused(why, "the person declined to sign in");
        if (wait == device_wait::unknown)
            return refused(why, "the login service does not know the device code that it gave");
        if (wait == device_wait::expired)
            return trouble ? *trouble : refused(why, nobody_signed_in);
        if (wait == device_wait::none && !why.retryable())
            return why;
        return std::nullopt;
    }

    asio::awaitable<result<issued_token>> poll_once(session const& about, wire::device_wait& wait)
    {
        base::secret const body(
            wire::device_poll_form(about.client_id, about.code.device_code.reveal(), about.claims));
        auto const id = base::guid::random().to_string();
        auto const asked = moment::of(time_);
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
        issued.asked = asked;
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

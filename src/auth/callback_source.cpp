#include <auth/sources.hpp>

#include <algorithm>
#include <async/cancellation.hpp>
#include <async/with_deadline.hpp>
#include <boost/asio/this_coro.hpp>
#include <wire/http.hpp>

namespace kusto::auth
{

namespace asio = boost::asio;

namespace
{

failure refused(std::string why)
{
    return failure(errc::authentication_failed, stage::token, std::move(why));
}

/// A token goes into a header: it must not be able to break out of it.
bool is_token_text(std::string const& text)
{
    return !text.empty() &&
           std::all_of(text.begin(), text.end(), [](char c) { return c > 0x20 && c < 0x7f; });
}

result<issued_token> read_token(access_token const& given, async::clock::utc_time_point now)
{
    using duration = std::chrono::steady_clock::duration;
    constexpr duration longest = std::chrono::hours(24 * 365);
    if (!is_token_text(given.value))
        return refused("the token callback returned a token that is empty, or that holds blanks, "
                       "line breaks or characters outside of ASCII");
    if (given.expires_on <= now)
        return refused("the token callback returned a token that has expired already; check its "
                       "expires_on and this machine's clock");
    // Far-off times are cut first: the difference of arbitrary points may overflow.
    auto const end = (std::min)(given.expires_on, now + longest);
    std::optional<duration> refresh_in;
    if (given.refresh_on > now && given.refresh_on < end)
        refresh_in = given.refresh_on - now;
    return issued_token(given.value, end - now, refresh_in);
}

/// What the exception says, for the failure's server text: it is not the library's own wording.
/// Where the tokens come from may be away for a while; only `kusto::error` can say that it is not.
failure from_exception(std::exception_ptr thrown)
{
    auto why = refused("the token callback threw an exception");
    why.retryable(true);
    try
    {
        std::rethrow_exception(thrown);
    }
    catch (error const& e)
    {
        why.server_text(wire::printable(e.why().describe(), 512));
        why.retryable(e.why().retryable());
        if (e.why().code() == errc::credential_unavailable)
            return e.why();
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

class callback_source final : public token_source
{
public:
    callback_source(token_callback get_token, async::clock& time)
        : get_token_(std::move(get_token)),
          time_(time)
    {
    }

    asio::awaitable<result<issued_token>> acquire(token_wish wish, deadline until) override
    {
        failure late(errc::timed_out, stage::token, "the token callback took too long");
        late.retryable(true);
        auto op = call(token_request(wish.scope, wish.login_endpoint, wish.claims));
        auto got = co_await async::with_deadline(std::move(op), until, std::move(late), time_);
        co_return got;
    }

private:
    asio::awaitable<result<issued_token>> call(token_request request)
    {
        std::exception_ptr thrown;
        std::optional<access_token> given;
        try
        {
            auto pending = get_token_(std::move(request));
            auto got = co_await std::move(pending);
            given.emplace(std::move(got));
        }
        catch (...)
        {
            thrown = std::current_exception();
        }
        if (!thrown)
            co_return read_token(*given, time_.utc_now());
        auto const state = co_await asio::this_coro::cancellation_state;
        if (async::was_cancelled(state))
            async::throw_cancelled();
        co_return from_exception(thrown);
    }

    token_callback get_token_;
    async::clock& time_;
};

} // namespace

source_ptr make_callback_source(detail::callback_data const& data, source_context const& with)
{
    return std::make_unique<callback_source>(data.get_token, *with.time);
}

} // namespace kusto::auth

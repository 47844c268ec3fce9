#include <auth/sources.hpp>

#include <algorithm>
#include <async/cancellation.hpp>
#include <async/with_deadline.hpp>
#include <base/secret.hpp>
#include <boost/asio/this_coro.hpp>
#include <wire/erase.hpp>
#include <wire/http.hpp>
#include <wire/token.hpp>

namespace kusto::auth
{

namespace asio = boost::asio;

namespace
{

failure refused(std::string why)
{
    return failure(errc::authentication_failed, stage::token, std::move(why));
}

result<issued_token> read_token(access_token const& given, async::clock::utc_time_point now)
{
    using duration = std::chrono::steady_clock::duration;
    constexpr duration longest = std::chrono::hours(24 * 365);
    if (!wire::is_token_text(given.value))
        return refused(
            "the token callback returned a token that is empty, or longer than 64 KiB, or "
            "that holds blanks, line breaks or characters outside of ASCII");
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

/// Texts of the user's code are no more to be trusted than a server's: they may repeat the token
/// that the callback returned before, and hold others.
class others_words
{
public:
    explicit others_words(base::secret const& token) : token_(token) {}

    [[nodiscard]] std::string operator()(std::string_view text) const
    {
        constexpr std::size_t longest = 512;
        return wire::printable(wire::without(text, token_.reveal()), longest);
    }

private:
    base::secret const& token_;
};

/// "Not available here" is for the links of a chain, and keeps its code and its message.
failure from_error(failure const& theirs, others_words const& shown)
{
    bool const unavailable = theirs.code() == errc::credential_unavailable;
    auto why = unavailable ? failure(theirs.code(), stage::token, shown(theirs.message()))
                           : refused("the token callback threw an exception");
    why.server_text(shown(unavailable ? theirs.server_text() : theirs.describe()));
    why.retryable(theirs.retryable());
    if (theirs.retry_after())
        why.retry_after(*theirs.retry_after());
    return why;
}

/// What the exception says, for the failure's server text: it is not the library's own wording.
/// Where the tokens come from may be away for a while; only `kusto::error` can say that it is not.
failure from_exception(std::exception_ptr thrown, others_words const& shown)
{
    auto why = refused("the token callback threw an exception");
    why.retryable(true);
    try
    {
        std::rethrow_exception(thrown);
    }
    catch (error const& e)
    {
        return from_error(e.why(), shown);
    }
    catch (std::exception const& e)
    {
        why.server_text(shown(e.what()));
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
        {
            last_ = base::secret(std::string_view(given->value));
            co_return read_token(*given, time_.utc_now());
        }
        auto const state = co_await asio::this_coro::cancellation_state;
        if (async::was_cancelled(state))
            async::throw_cancelled();
        co_return from_exception(thrown, others_words(last_));
    }

    token_callback get_token_;
    base::secret last_; // what it returned
    async::clock& time_;
};

} // namespace

source_ptr make_callback_source(detail::callback_data const& data, source_context const& with)
{
    return std::make_unique<callback_source>(data.get_token, *with.time);
}

} // namespace kusto::auth

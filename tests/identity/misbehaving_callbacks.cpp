#include "misbehaving_callbacks.hpp"

#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/system/system_error.hpp>
#include <functional>
#include <kusto/error.hpp>
#include <stdexcept>
#include <utility>

namespace kusto::test
{

namespace asio = boost::asio;

namespace
{

using std::chrono::seconds;
using std::chrono::system_clock;

asio::awaitable<access_token> give(std::string token, system_clock::time_point expires_on)
{
    access_token given(std::move(token), expires_on);
    co_return given;
}

asio::awaitable<access_token> wait_for_ever(token_request)
{
    asio::steady_timer never(co_await asio::this_coro::executor,
                             asio::steady_timer::time_point::max());
    co_await never.async_wait(asio::use_awaitable);
    throw std::logic_error("the end of time");
}

asio::awaitable<access_token> raise(std::function<void()> thrower)
{
    thrower();
    throw std::logic_error("nothing was thrown");
    co_return access_token(std::string(), {});
}

/// Each copy, and so each client, begins anew.
class turncoat
{
public:
    turncoat(std::string token, std::function<void()> thrower)
        : token_(std::move(token)),
          thrower_(std::move(thrower))
    {
    }

    asio::awaitable<access_token> operator()(token_request)
    {
        if (!std::exchange(called_, true))
            return give(token_, system_clock::now() + std::chrono::hours(1));
        return raise(thrower_);
    }

private:
    std::string token_;
    std::function<void()> thrower_;
    bool called_ = false;
};

/// Says `text` wherever a failure can say something.
failure failure_of(errc code, std::string const& text)
{
    failure why(code, stage::token, text);
    why.host(text).service_code(text).server_text(text).request_id(text).activity_id(text);
    return why.source_id(text);
}

} // namespace

token_callback callback_that_gives(std::string token, seconds lifetime)
{
    return [=](token_request) { return give(token, system_clock::now() + lifetime); };
}

token_callback silent_callback()
{
    return wait_for_ever;
}

std::vector<token_callback> callbacks_that_give_rubbish(std::string const& secret)
{
    std::string endless;
    for (int i = 0; i < 10'000; ++i)
        endless += secret;
    std::vector<token_callback> all;
    for (std::string const& each :
         {std::string(), ' ' + secret, secret + " x", secret + "\r\nX: " + secret,
          secret + '\0' + secret, secret + "\xc3\xa9", endless})
        all.push_back(callback_that_gives(each));
    all.push_back(callback_that_gives(secret, seconds(-1)));
    all.push_back([secret](token_request)
                  { return give(secret, (system_clock::time_point::min)()); });
    return all;
}

std::vector<token_callback> callbacks_that_throw(std::string const& token, std::string const& text)
{
    // Once where it is seen, and once where long texts are cut.
    auto said = token + ' ' + text + ' ';
    for (std::size_t const place : {512, 1024, 2048})
    {
        auto const cut = place - token.size() / 2;
        if (cut > said.size())
            said += std::string(cut - said.size(), '.');
        said += token;
    }
    std::vector<std::function<void()>> throwers{
        [=] { throw std::runtime_error(said); },
        [=] { throw boost::system::system_error(asio::error::operation_aborted, said); },
        [=] { throw said; },
        [=]
        {
            try
            {
                throw std::runtime_error(said);
            }
            catch (std::exception const&)
            {
                std::throw_with_nested(error(failure_of(errc::timed_out, said)));
            }
        }};
    for (auto const code : {errc::credential_unavailable, errc::authentication_failed,
                            errc::access_denied, errc::cancelled, errc::closed})
    {
        for (bool const passes : {false, true})
            throwers.emplace_back([=] { throw error(failure_of(code, said).retryable(passes)); });
    }
    std::vector<token_callback> all;
    for (auto& one : throwers)
        all.emplace_back(turncoat(token, std::move(one)));
    return all;
}

} // namespace kusto::test

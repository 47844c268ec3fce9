#include "fixture.hpp"

#include <boost/asio/this_coro.hpp>
#include <functional>
#include <initializer_list>
#include <stdexcept>

using namespace kusto;
using namespace kusto::test;
using namespace std::chrono_literals;
namespace asio = boost::asio;

namespace
{

/// What a callback does, and how often it was called.
struct callback_script
{
    manual_clock* time = nullptr;
    std::string value = "one";
    std::chrono::seconds lifetime = 3600s;
    std::function<void()> before = [] {};
    bool hang = false;
    int calls = 0;
    std::string scope;
    std::string authority;
};

asio::awaitable<access_token> answer(callback_script* script, token_request request)
{
    ++script->calls;
    script->scope = request.scope;
    script->authority = request.authority_host;
    script->before();
    if (script->hang)
        co_await script->time->wait_until(async::clock::time_point::max());
    auto const now = script->time->utc_now();
    co_return access_token(script->value, now + script->lifetime);
}

class callback_fixture : public auth_fixture
{
public:
    callback_fixture()
    {
        script.time = &time;
        expect_metadata().reply(404);
        auto* const s = &script;
        make(connection_options(cluster,
                                credential::callback([s](token_request request)
                                                     { return answer(s, std::move(request)); })));
    }

    failure refusal()
    {
        auto const got = get();
        BOOST_REQUIRE(!got);
        return got.error();
    }

    callback_script script;
};

} // namespace

BOOST_AUTO_TEST_SUITE(callback_test)

BOOST_FIXTURE_TEST_CASE(it_is_asked_once_and_told_what_for, callback_fixture)
{
    BOOST_TEST(text() == "one");
    BOOST_TEST(text() == "one");
    BOOST_TEST(script.calls == 1);
    BOOST_TEST(script.scope == "https://kusto.kusto.windows.net/.default");
    BOOST_TEST(script.authority == "https://login.microsoftonline.com");
    script.value = "two";
    time.advance(3590s);
    BOOST_TEST(text() == "two");
    BOOST_TEST(script.calls == 2);
}

BOOST_FIXTURE_TEST_CASE(what_it_throws_is_reported, callback_fixture)
{
    script.before = [] { throw std::runtime_error("vault is sealed; sig=CANARY"); };
    auto const why = refusal();
    BOOST_TEST((why.code() == errc::authentication_failed));
    BOOST_TEST((why.where() == stage::token));
    BOOST_TEST(why.server_text() == "vault is sealed; sig=REDACTED");
    BOOST_TEST(why.retryable());
    time.advance(4s);
    script.before = [] { throw 5; };
    BOOST_TEST((refusal().code() == errc::authentication_failed));
    time.advance(4s);
    // An operation of the callback's own that was aborted is not our cancellation.
    script.before = []
    { throw boost::system::system_error(boost::asio::error::operation_aborted); };
    BOOST_TEST((refusal().code() == errc::authentication_failed));
    time.advance(4s);
    script.before = [] {};
    BOOST_TEST(text() == "one");
}

BOOST_FIXTURE_TEST_CASE(an_error_says_itself_whether_it_passes, callback_fixture)
{
    for (bool const passes : {true, false})
    {
        failure const why(errc::access_denied, stage::token, "not you");
        script.before = [&] { throw error(failure(why).retryable(passes)); };
        BOOST_TEST(refusal().retryable() == passes);
        time.advance(1min);
    }
}

BOOST_FIXTURE_TEST_CASE(what_it_throws_shows_no_token, callback_fixture)
{
    // One that looks like nothing, and is known only because it was returned before.
    script.value = "CANARY/opaque+token";
    BOOST_TEST(text() == script.value);
    std::string const jwt = "eyJhbGciOiJub25lIn0.CANARY.x";
    std::string const said = "with " + script.value + " or CANARY%2Fopaque%2btoken, " + jwt +
                             " client_secret=CANARY " + std::string(430, '.') + script.value;
    failure worst(errc::credential_unavailable, stage::token, said);
    worst.server_text(said).service_code(said).activity_id(said).request_id(said).host(said);
    auto const plain = [&] { throw std::runtime_error(said); };
    auto const typed = [&]
    { throw error(failure(errc::access_denied, stage::query, said).server_text(said)); };
    auto const passed_over = [&] { throw error(worst); };
    for (std::function<void()> const& before :
         std::initializer_list<std::function<void()>>{plain, typed, passed_over})
    {
        script.before = before;
        provider->invalidate(1);
        auto const why = refusal();
        auto const shown = why.describe() + error(why).what();
        BOOST_TEST(has(shown, "with REDACTED or REDACTED, REDACTED client_secret=REDACTED"), shown);
        BOOST_TEST(!has(shown, "CANARY"), shown);
        time.advance(1min);
    }
}

BOOST_FIXTURE_TEST_CASE(one_that_is_not_available_here_says_so_itself, callback_fixture)
{
    failure away(errc::credential_unavailable, stage::token, "no vault on this machine");
    away.server_text("vault: ENOENT").retry_after(90s).retryable(true);
    script.before = [&] { throw error(away); };
    auto const why = refusal();
    BOOST_TEST((why.code() == errc::credential_unavailable));
    BOOST_TEST(why.message() == "no vault on this machine");
    BOOST_TEST(why.server_text() == "vault: ENOENT");
    BOOST_TEST(why.retryable());
    BOOST_TEST((why.retry_after() == 90s));
}

BOOST_FIXTURE_TEST_CASE(bad_tokens_are_refused, callback_fixture)
{
    std::string const too_long(64 * 1024 + 1, 't');
    for (auto const& bad : {std::string(), std::string("a b"), std::string("a\r\nX: y"),
                            std::string("caf\xc3\xa9"), too_long})
    {
        script.value = bad;
        BOOST_TEST((refusal().code() == errc::authentication_failed));
        time.advance(1min);
    }
    script.value = "old";
    script.lifetime = -1s;
    BOOST_TEST(has(refusal().message(), "expired"));
}

BOOST_FIXTURE_TEST_CASE(a_callback_that_hangs_ends_with_the_deadlines, callback_fixture)
{
    script.hang = true;
    auto const got = get(5s);
    BOOST_REQUIRE(!got);
    BOOST_TEST((got.error().code() == errc::timed_out));
    BOOST_TEST(has(got.error().message(), "token callback"), got.error().message());
    BOOST_TEST(!has(got.error().message(), "asked last"), got.error().message());
    auto const patient = get(500s);
    BOOST_REQUIRE(!patient);
    BOOST_TEST((patient.error().code() == errc::timed_out));
    BOOST_TEST(script.calls == 1);
    BOOST_TEST((time.passed() <= 101s));
}

BOOST_FIXTURE_TEST_CASE(stop_cancels_it, callback_fixture)
{
    script.hang = true;
    auto waiter = start(context.get_executor(), provider->get(deadline::never()));
    settle(context);
    BOOST_TEST(script.calls == 1);
    provider->stop();
    settle(context);
    BOOST_REQUIRE(waiter.done());
    BOOST_TEST((waiter.get()->error().code() == errc::closed));
    BOOST_TEST(time.waits() == 0u);
}

BOOST_AUTO_TEST_SUITE_END()

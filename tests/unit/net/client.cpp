#include "client.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/test/unit_test.hpp>
#include <utility>

namespace kusto::test
{

namespace asio = boost::asio;

namespace
{

asio::awaitable<void> run(std::shared_ptr<async::transport> http, async::http_request request,
                          deadline until, std::shared_ptr<pending_reply> pending)
{
    auto reply = co_await http->send(std::move(request), until);
    pending->reply = std::make_unique<result<async::http_response>>(std::move(reply));
}

} // namespace

client::client(net::transport_options options)
{
    auto made = net::make_http_transport(context.get_executor(), std::move(options));
    BOOST_REQUIRE_MESSAGE(made.has_value(), "no transport");
    http = *std::move(made);
}

std::shared_ptr<pending_reply> client::start(async::http_request request, deadline until)
{
    auto pending = std::make_shared<pending_reply>();
    auto done = [pending](std::exception_ptr thrown) { pending->thrown = thrown; };
    asio::co_spawn(context, run(http, std::move(request), until, pending),
                   asio::bind_cancellation_slot(pending->cancel.slot(), std::move(done)));
    return pending;
}

void client::wait(pending_reply const& reply)
{
    auto const end = std::chrono::steady_clock::now() + std::chrono::seconds(10);
    context.restart();
    while (!reply.done() && std::chrono::steady_clock::now() < end)
        if (context.run_one_until(end) == 0)
            break;
    BOOST_REQUIRE_MESSAGE(reply.done(), "the request did not end");
}

void client::run_for(std::chrono::milliseconds time)
{
    context.restart();
    context.run_for(time);
}

result<async::http_response> client::send(async::http_request request, deadline until)
{
    auto const pending = start(std::move(request), until);
    wait(*pending);
    if (pending->thrown)
        std::rethrow_exception(pending->thrown);
    return *std::move(pending->reply);
}

result<async::http_response> client::get(std::string const& url)
{
    return send(request(async::http_method::get, url));
}

async::http_request request(async::http_method method, std::string const& url)
{
    async::http_request made(method, base::url::parse(url).value());
    made.header("x-ms-client-request-id", "KCPP.test;1");
    return made;
}

void check_failure(result<async::http_response> const& reply, errc code, stage where, outcome data,
                   bool retryable)
{
    BOOST_REQUIRE_MESSAGE(reply.has_error(),
                          "expected " << to_string(code) << ", got status "
                                      << (reply.has_error() ? 0 : reply->status));
    auto const& why = reply.error();
    BOOST_TEST_CONTEXT(why.describe())
    {
        BOOST_TEST(to_string(why.code()) == to_string(code));
        BOOST_TEST(to_string(why.where()) == to_string(where));
        BOOST_TEST((why.outcome() == data));
        BOOST_TEST(why.retryable() == retryable);
        BOOST_TEST(!why.message().empty());
        BOOST_TEST(!why.host().empty());
        BOOST_TEST(why.host().find('/') == std::string::npos);
        BOOST_TEST(why.request_id() == "KCPP.test;1");
        BOOST_TEST(why.describe().find("sig=") == std::string::npos);
    }
}

} // namespace kusto::test

#include "client.hpp"
#include "resolver_double.hpp"
#include "scripted_server.hpp"
#include <atomic>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/strand.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/asio/use_future.hpp>
#include <boost/test/unit_test.hpp>
#include <future>

using namespace kusto;
using namespace kusto::test;
namespace asio = boost::asio;
using async::http_method;

namespace
{

void echo_all(peer& client)
{
    while (true)
    {
        auto const request = client.read_request();
        client.write(ok_reply(request.body));
    }
}

/// Sends `count` requests one after another; says how many were echoed correctly.
asio::awaitable<int> converse(std::shared_ptr<async::transport> http, std::string url, int who,
                              int count)
{
    int good = 0;
    for (int i = 0; i < count; ++i)
    {
        auto put = request(http_method::put, url);
        put.body = std::to_string(who) + ':' + std::to_string(i) + std::string(5000, 'e');
        auto const expected = put.body;
        auto const until = deadline::after(std::chrono::seconds(20));
        auto const reply = co_await http->send(std::move(put), until);
        good += reply.has_value() && reply->body == expected ? 1 : 0;
    }
    co_return good;
}

void check_cancelled(client& it, std::shared_ptr<pending_reply> const& pending)
{
    pending->cancel.emit(asio::cancellation_type::terminal);
    it.wait(*pending);
    BOOST_REQUIRE(pending->thrown != nullptr);
    BOOST_CHECK_EXCEPTION(std::rethrow_exception(pending->thrown), boost::system::system_error,
                          [](auto const& e) { return e.code() == asio::error::operation_aborted; });
}

} // namespace

BOOST_AUTO_TEST_SUITE(concurrency_suite)

BOOST_AUTO_TEST_CASE(sixteen_strands_share_one_transport)
{
    for (bool const tls : {false, true})
    {
        authority const ca;
        auto const identity = tls ? std::optional(ca.issue("IP:127.0.0.1")) : std::nullopt;
        scripted_server server(echo_all, identity);
        asio::thread_pool pool(4);
        net::transport_options options;
        options.ca_pem = ca.pem();
        // Fewer than strands, so that connections change hands and are dropped.
        options.idle_connections = 4;
        auto const http = net::make_http_transport(pool.get_executor(), options).value();
        std::vector<std::future<int>> done;
        for (int who = 0; who < 16; ++who)
            done.push_back(asio::co_spawn(asio::make_strand(pool),
                                          converse(http, server.url(), who, 10), asio::use_future));
        for (auto& each : done)
            BOOST_TEST(each.get() == 10);
        BOOST_TEST(server.accepted() < 160u);
        http->shutdown();
        pool.join();
    }
}

BOOST_AUTO_TEST_CASE(a_cancelled_request_does_not_give_its_connection_back)
{
    std::promise<void> half;
    std::promise<void> gone;
    scripted_server server({[&](peer& client)
                            {
                                client.read_request();
                                client.write("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf");
                                half.set_value();
                                client.drain();
                                gone.set_value();
                            },
                            echo_all});
    client it;
    auto const pending = it.start(request(http_method::get, server.url()));
    auto written = half.get_future();
    it.context.restart();
    while (written.wait_for(std::chrono::seconds(0)) != std::future_status::ready)
        it.context.run_one_for(std::chrono::milliseconds(10));
    check_cancelled(it, pending);
    auto const closed = gone.get_future().wait_for(std::chrono::seconds(10));
    BOOST_TEST((closed == std::future_status::ready));
    BOOST_TEST(it.get(server.url()).has_value());
    BOOST_TEST(server.accepted() == 2u);
}

BOOST_AUTO_TEST_CASE(every_step_can_be_cancelled)
{
    full_port const silent;
    scripted_server server([](peer& client) { client.drain(); });
    auto const port = std::to_string(server.port());
    std::string const steps[] = {
        "http://slow.double:1/", "http://127.0.0.1:" + std::to_string(silent.port()) + "/",
        "https://127.0.0.1:" + port + "/", "http://127.0.0.1:" + port + "/"};
    for (auto const& url : steps)
    {
        BOOST_TEST_CONTEXT(url)
        {
            client it;
            held_look_ups const held;
            auto const pending = it.start(request(http_method::get, url));
            it.run_for(std::chrono::milliseconds(30));
            BOOST_TEST(!pending->done());
            check_cancelled(it, pending);
        }
    }
}

BOOST_AUTO_TEST_CASE(a_transport_may_go_while_requests_are_under_way)
{
    std::promise<void> over;
    auto const wait = over.get_future().share();
    scripted_server server(
        [&](peer& client)
        {
            client.read_request();
            wait.wait();
            client.write(ok_reply("late"));
            client.drain();
        });
    client it;
    auto const pending = it.start(request(http_method::get, server.url()));
    it.run_for(std::chrono::milliseconds(5));
    it.http.reset();
    over.set_value();
    it.wait(*pending);
    BOOST_REQUIRE(pending->reply != nullptr);
    BOOST_TEST(pending->reply->value().body == "late");
}

BOOST_AUTO_TEST_CASE(a_context_may_go_while_requests_are_under_way)
{
    scripted_server server([](peer& client) { client.drain(); });
    std::string const body(std::size_t(8) << 20, 'b');
    client it;
    auto put = request(http_method::put, server.url());
    put.body_parts.push_back(std::as_bytes(std::span(body)));
    auto const sending = it.start(std::move(put));
    auto const waiting = it.start(request(http_method::get, server.url()));
    it.run_for(std::chrono::milliseconds(5));
    BOOST_TEST(!waiting->done());
}

BOOST_AUTO_TEST_SUITE_END()

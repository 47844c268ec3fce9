#include "client.hpp"
#include "scripted_server.hpp"
#include <atomic>
#include <boost/test/unit_test.hpp>
#include <future>
#include <thread>

using namespace kusto;
using namespace kusto::test;
using async::http_method;
using std::chrono::milliseconds;

namespace
{

/// Answers every request of a connection.
void answer_all(peer& client)
{
    while (true)
    {
        client.read_request();
        client.write(ok_reply("again"));
    }
}

void get_well(client& it, scripted_server const& server)
{
    auto const reply = it.get(server.url());
    BOOST_REQUIRE_MESSAGE(reply.has_value(), reply.error().describe());
    BOOST_TEST(reply->body == "again");
}

/// Answers the first request, and loses the second one after having read it.
void answer_one_then_drop(peer& client)
{
    client.read_request();
    client.write(ok_reply("again"));
    client.read_request();
}

} // namespace

BOOST_AUTO_TEST_SUITE(pool_suite)

BOOST_AUTO_TEST_CASE(a_connection_is_used_again)
{
    scripted_server server(answer_all);
    client it;
    for (int i = 0; i < 5; ++i)
        get_well(it, server);
    BOOST_TEST(server.accepted() == 1u);
}

BOOST_AUTO_TEST_CASE(a_tls_connection_is_used_again)
{
    authority const ca;
    scripted_server server(answer_all, ca.issue("IP:127.0.0.1"));
    net::transport_options options;
    options.ca_pem = ca.pem();
    client it(options);
    for (int i = 0; i < 5; ++i)
        get_well(it, server);
    BOOST_TEST(server.accepted() == 1u);
}

BOOST_AUTO_TEST_CASE(interim_and_chunked_replies_leave_the_connection_usable)
{
    scripted_server server(
        [](peer& client)
        {
            client.read_request();
            client.write("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nTransfer-Encoding: "
                         "chunked\r\n\r\n5\r\nagain\r\n0\r\n\r\n");
            answer_all(client);
        });
    client it;
    get_well(it, server);
    get_well(it, server);
    BOOST_TEST(server.accepted() == 1u);
}

BOOST_AUTO_TEST_CASE(a_connection_is_not_used_after_its_idle_time_or_age)
{
    for (bool const by_age : {false, true})
    {
        scripted_server server(answer_all);
        net::transport_options options;
        (by_age ? options.max_age : options.idle_timeout) = milliseconds(20);
        client it(options);
        get_well(it, server);
        it.run_for(milliseconds(1));
        auto const old = std::chrono::steady_clock::now() + milliseconds(25);
        while (std::chrono::steady_clock::now() < old)
            std::this_thread::yield();
        get_well(it, server);
        BOOST_TEST(server.accepted() == 2u);
    }
}

BOOST_AUTO_TEST_CASE(the_servers_keep_alive_hint_is_heeded)
{
    scripted_server server(
        [](peer& client)
        {
            client.read_request();
            client.write(ok_reply("again", "Keep-Alive: timeout=1\r\n"));
            client.drain();
        });
    client it;
    get_well(it, server);
    get_well(it, server);
    BOOST_TEST(server.accepted() == 2u);
}

BOOST_AUTO_TEST_CASE(connection_close_is_heeded)
{
    scripted_server server(
        [](peer& client)
        {
            client.read_request();
            client.write(ok_reply("again", "Connection: close\r\n"));
            client.drain();
        });
    client it;
    get_well(it, server);
    get_well(it, server);
    BOOST_TEST(server.accepted() == 2u);
}

BOOST_AUTO_TEST_CASE(unasked_bytes_make_a_connection_unusable)
{
    std::promise<void> said;
    scripted_server server({[&](peer& client)
                            {
                                client.read_request();
                                client.write(ok_reply("again"));
                                // A round trip, so that the bytes are a packet of their own.
                                client.read_request();
                                client.write(ok_reply("again"));
                                client.write("HTTP/1.1 408 Request Timeout\r\n\r\n");
                                client.wait_delivered();
                                said.set_value();
                                client.drain();
                            },
                            answer_all});
    client it;
    get_well(it, server);
    get_well(it, server);
    said.get_future().wait();
    get_well(it, server);
    BOOST_TEST(server.accepted() == 2u);
}

BOOST_AUTO_TEST_CASE(a_connection_that_the_peer_closed_while_idle_is_not_used)
{
    for (bool const tls : {false, true})
    {
        authority const ca;
        auto const identity = tls ? std::optional(ca.issue("IP:127.0.0.1")) : std::nullopt;
        std::promise<void> closed;
        scripted_server server({[&](peer& client)
                                {
                                    client.read_request();
                                    client.write(ok_reply("again"));
                                    client.cut();
                                    client.wait_delivered();
                                    closed.set_value();
                                },
                                answer_all},
                               identity);
        net::transport_options options;
        options.ca_pem = ca.pem();
        client it(options);
        get_well(it, server);
        closed.get_future().wait();
        auto post = request(http_method::post, server.url());
        post.replayable = false;
        BOOST_TEST(it.send(std::move(post)).has_value());
        BOOST_TEST(server.accepted() == 2u);
    }
}

BOOST_AUTO_TEST_CASE(a_replayable_request_is_replayed_once_on_a_fresh_connection)
{
    for (bool const tls : {false, true})
    {
        authority const ca;
        auto const identity = tls ? std::optional(ca.issue("IP:127.0.0.1")) : std::nullopt;
        scripted_server server({answer_one_then_drop, answer_all}, identity);
        net::transport_options options;
        options.ca_pem = ca.pem();
        client it(options);
        get_well(it, server);
        auto put = request(http_method::put, server.url());
        put.body = "the same bytes";
        auto const reply = it.send(std::move(put));
        BOOST_REQUIRE_MESSAGE(reply.has_value(), reply.error().describe());
        BOOST_TEST(server.accepted() == 2u);
    }
}

BOOST_AUTO_TEST_CASE(a_replay_does_not_take_another_idle_connection)
{
    std::promise<void> both_here;
    std::shared_future<void> const here(both_here.get_future());
    std::atomic<int> arrived = 0;
    std::atomic<int> lost = 0;
    auto const answer_and_lose = [&](peer& client)
    {
        client.read_request();
        if (++arrived == 2)
            both_here.set_value();
        here.wait();
        client.write(ok_reply("again"));
        client.read_request();
        ++lost;
    };
    scripted_server server({answer_and_lose, answer_and_lose, answer_all});
    client it;
    auto const first = it.start(request(http_method::get, server.url()));
    auto const second = it.start(request(http_method::get, server.url()));
    it.wait(*first);
    it.wait(*second);
    get_well(it, server);
    BOOST_TEST(server.accepted() == 3u);
    BOOST_TEST(lost == 1);
}

BOOST_AUTO_TEST_CASE(a_replay_is_not_replayed)
{
    scripted_server server({answer_one_then_drop, [](peer& client) { client.read_request(); }});
    client it;
    get_well(it, server);
    check_failure(it.get(server.url()), errc::connection_lost, stage::receive, outcome::unknown,
                  true);
    BOOST_TEST(server.accepted() == 2u);
}

BOOST_AUTO_TEST_CASE(a_request_that_is_not_replayable_has_an_unknown_outcome)
{
    scripted_server server({answer_one_then_drop, answer_all});
    client it;
    get_well(it, server);
    auto post = request(http_method::post, server.url());
    post.body = "<QueueMessage/>";
    post.replayable = false;
    check_failure(it.send(std::move(post)), errc::connection_lost, stage::receive, outcome::unknown,
                  true);
    BOOST_TEST(server.accepted() == 1u);
}

BOOST_AUTO_TEST_CASE(a_reply_that_has_begun_is_not_replayed)
{
    scripted_server server({[](peer& client)
                            {
                                client.read_request();
                                client.write(ok_reply("again"));
                                client.read_request();
                                client.write("HTTP/1.1 2");
                            },
                            answer_all});
    client it;
    get_well(it, server);
    check_failure(it.get(server.url()), errc::connection_lost, stage::receive, outcome::unknown,
                  true);
    BOOST_TEST(server.accepted() == 1u);
}

BOOST_AUTO_TEST_CASE(no_more_idle_connections_are_kept_than_allowed)
{
    std::promise<void> all_here;
    std::shared_future<void> const here(all_here.get_future());
    std::atomic<int> arrived = 0;
    scripted_server server(
        [&](peer& client)
        {
            client.read_request();
            if (++arrived == 3)
                all_here.set_value();
            here.wait();
            client.write(ok_reply("again"));
            answer_all(client);
        });
    net::transport_options options;
    options.idle_connections = 1;
    client it(options);
    auto const start = [&] { return it.start(request(http_method::get, server.url())); };
    std::shared_ptr<pending_reply> const first[] = {start(), start(), start()};
    for (auto const& each : first)
        it.wait(*each);
    BOOST_TEST(server.accepted() == 3u);
    std::shared_ptr<pending_reply> const second[] = {start(), start()};
    for (auto const& each : second)
        it.wait(*each);
    BOOST_TEST(server.accepted() == 4u);
}

BOOST_AUTO_TEST_CASE(shutdown_closes_idle_connections_and_keeps_none)
{
    std::promise<void> gone;
    scripted_server server({[&](peer& client)
                            {
                                client.read_request();
                                client.write(ok_reply("again"));
                                client.drain();
                                gone.set_value();
                            },
                            answer_all});
    client it;
    get_well(it, server);
    it.http->shutdown();
    auto const closed = gone.get_future().wait_for(std::chrono::seconds(10));
    BOOST_TEST((closed == std::future_status::ready));
    get_well(it, server);
    get_well(it, server);
    BOOST_TEST(server.accepted() == 3u);
}

BOOST_AUTO_TEST_SUITE_END()

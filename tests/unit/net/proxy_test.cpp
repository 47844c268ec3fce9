#include "client.hpp"
#include "resolver_double.hpp"
#include "scripted_server.hpp"
#include <atomic>
#include <boost/asio/post.hpp>
#include <boost/test/unit_test.hpp>
#include <mutex>
#include <span>
#include <support/closed_port.hpp>
#include <support/unresolvable_host.hpp>
#include <thread>

using namespace kusto;
using namespace kusto::test;
using async::http_method;
using std::chrono::milliseconds;

namespace
{

constexpr auto established = "HTTP/1.1 200 Connection established\r\n\r\n";

/// A proxy that makes every tunnel to one server, whatever its name.
class relay
{
public:
    explicit relay(std::uint16_t to, std::string answer = established)
        : to_(to),
          answer_(std::move(answer)),
          server_([this](peer& client) { serve(client); })
    {
    }

    std::string url(std::string const& user = "") const
    {
        return "http://" + user + "127.0.0.1:" + std::to_string(server_.port());
    }
    std::size_t accepted() const { return server_.accepted(); }
    std::vector<std::string> heads() const
    {
        std::scoped_lock const lock(mutex_);
        return heads_;
    }

private:
    void serve(peer& client)
    {
        auto head = client.read_head();
        {
            std::scoped_lock const lock(mutex_);
            heads_.push_back(std::move(head));
        }
        client.write(answer_);
        client.relay_to(to_);
    }

    std::uint16_t to_;
    std::string answer_;
    mutable std::mutex mutex_;
    std::vector<std::string> heads_;
    scripted_server server_;
};

net::transport_options through(std::string const& proxy, std::string const& ca = "",
                               std::string const& bypass = "")
{
    net::transport_options options;
    options.proxies =
        base::proxy_rules(base::parse_proxy(proxy).value(), base::proxy_bypass::parse(bypass));
    options.ca_pem = ca;
    return options;
}

class secure_server
{
public:
    secure_server() : server([this](peer& client) { serve(client); }, identity()) {}

    std::string url(std::string const& host = "cluster.test") const
    {
        return server.url("/v1?sig=x", host);
    }

    void serve(peer& client)
    {
        while (true)
        {
            auto request = client.read_request();
            std::scoped_lock const lock(mutex);
            requests.push_back(std::move(request));
            client.write(ok_reply("through"));
        }
    }

    server_identity identity() const { return ca.issue("DNS:cluster.test,DNS:direct.double"); }

    authority ca;
    std::mutex mutex;
    std::vector<received_request> requests;
    scripted_server server;
};

constexpr auto cluster = "https://cluster.test/?sig=x";

std::string authority_of(scripted_server const& server)
{
    return "127.0.0.1:" + std::to_string(server.port());
}

/// A proxy that answers CONNECT with `text` and then does as `after` says.
result<async::http_response> ask(std::string const& text,
                                 std::function<void(peer&)> const& after = {},
                                 std::string const& user = "")
{
    scripted_server server(
        [&](peer& client)
        {
            client.read_head();
            client.write(text);
            if (after)
                after(client);
        });
    client it(through("http://" + user + authority_of(server)));
    auto reply = it.get(cluster);
    BOOST_REQUIRE(reply.has_error());
    auto const why = reply.error();
    BOOST_TEST(why.host() == authority_of(server), why.describe());
    BOOST_TEST(why.message().find("the proxy 127.0.0.1:") == 0u, why.describe());
    BOOST_TEST(why.message().find("cluster.test:443") != std::string::npos, why.describe());
    return reply;
}

} // namespace

BOOST_AUTO_TEST_SUITE(proxy_suite)

BOOST_AUTO_TEST_CASE(a_tunnel_carries_requests_and_is_kept)
{
    secure_server target;
    relay proxy(target.server.port());
    client it(through(proxy.url(), target.ca.pem()));
    for (int i = 0; i < 3; ++i)
    {
        auto get = request(http_method::get, target.url());
        get.header("Authorization", "Bearer CANARY");
        auto const reply = it.send(std::move(get));
        BOOST_REQUIRE_MESSAGE(reply.has_value(), reply.error().describe());
        BOOST_TEST(reply->body == "through");
    }
    BOOST_TEST(proxy.accepted() == 1u);
    BOOST_TEST(target.server.accepted() == 1u);
    auto const place = "cluster.test:" + std::to_string(target.server.port());
    BOOST_TEST(proxy.heads().at(0) ==
               "CONNECT " + place + " HTTP/1.1\r\nHost: " + place + "\r\n\r\n");
    BOOST_TEST(target.requests.at(0).head.find("Bearer CANARY") != std::string::npos);
    BOOST_TEST(target.requests.at(0).head.find("GET /v1?sig=x ") == 0u);
}

BOOST_AUTO_TEST_CASE(a_large_upload_passes_a_tunnel)
{
    secure_server target;
    relay proxy(target.server.port());
    client it(through(proxy.url(), target.ca.pem()));
    std::string body(std::size_t(8) << 20, 'x');
    for (std::size_t i = 0; i < body.size(); i += 101)
        body[i] = static_cast<char>(i % 127);
    auto put = request(http_method::put, target.url());
    put.body_parts.push_back(std::as_bytes(std::span(body)));
    auto const reply = it.send(std::move(put));
    BOOST_REQUIRE_MESSAGE(reply.has_value(), reply.error().describe());
    BOOST_TEST((target.requests.at(0).body == body));
}

BOOST_AUTO_TEST_CASE(credentials_are_for_the_proxy_only)
{
    secure_server target;
    relay proxy(target.server.port());
    client it(through(proxy.url("user:p%40ss@"), target.ca.pem()));
    auto const reply = it.get(target.url());
    BOOST_REQUIRE_MESSAGE(reply.has_value(), reply.error().describe());
    // user:p@ss
    BOOST_TEST(
        proxy.heads().at(0).ends_with("\r\nProxy-Authorization: Basic dXNlcjpwQHNz\r\n\r\n"));
    BOOST_TEST(target.requests.at(0).head.find("Proxy-Authorization") == std::string::npos);
    BOOST_TEST(target.requests.at(0).head.find("dXNlcjpwQHNz") == std::string::npos);
}

BOOST_AUTO_TEST_CASE(older_ways_to_say_yes)
{
    for (auto const* const yes :
         {"HTTP/1.0 200 Connection established\r\n\r\n", "HTTP/1.1 204 No Content\r\n\r\n",
          "HTTP/1.1 200 OK\r\nContent-Length: 7\r\n\r\n",
          "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nProxy-Agent: x\r\n\r\n",
          "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\n\r\n"})
    {
        secure_server target;
        relay proxy(target.server.port(), yes);
        client it(through(proxy.url(), target.ca.pem()));
        auto const reply = it.get(target.url());
        BOOST_REQUIRE_MESSAGE(reply.has_value(), yes << reply.error().describe());
    }
}

BOOST_AUTO_TEST_CASE(refusals)
{
    struct row
    {
        char const* status;
        char const* user;
        bool retryable;
        char const* hint;
    };
    for (auto const& r : {
             row{"407 Proxy Authentication Required", "", false, "demands user name and password"},
             row{"407 Nope", "user:CANARY@", false, "does not accept user name and password"},
             row{"403 Forbidden", "", false, "NO_PROXY"},
             row{"403 Forbidden", "", false, "connections to cluster.test:443"},
             row{"400 Bad Request", "", false, "allows CONNECT"},
             row{"404 Not Found", "", false, "allows CONNECT"},
             row{"405 Method Not Allowed", "", false, "allows CONNECT"},
             row{"302 Found", "", false, "redirects"},
             row{"429 Too Many Requests", "", true, "refuses"},
             row{"500 Internal Server Error", "", true, "refuses"},
             row{"502 Bad Gateway", "", true, "at present"},
             row{"503 Service Unavailable", "", true, "at present"},
             row{"504 Gateway Timeout", "", true, "at present"},
         })
    {
        auto const reply =
            ask("HTTP/1.1 " + std::string(r.status) +
                    "\r\nContent-Length: 12\r\nLocation: https://login.test/\r\n\r\nCANARY reply",
                {}, r.user);
        check_failure(reply, errc::proxy_refused, stage::connect, outcome::failed, r.retryable);
        auto const why = reply.error();
        BOOST_TEST(why.status() == std::stoi(r.status));
        BOOST_TEST(why.message().find(r.hint) != std::string::npos, why.message());
        for (auto const* const secret : {"CANARY", "dXNlcjpDQU5BUlk", "user:C"})
            BOOST_TEST(why.describe().find(secret) == std::string::npos, why.describe());
    }
}

BOOST_AUTO_TEST_CASE(a_wish_to_wait_is_passed_on)
{
    auto const why = ask("HTTP/1.1 503 Busy\r\nRetry-After: 7\r\n\r\n").error();
    BOOST_REQUIRE(why.retry_after().has_value());
    BOOST_TEST((*why.retry_after() == std::chrono::seconds(7)));
}

BOOST_AUTO_TEST_CASE(answers_that_are_none)
{
    check_failure(ask("SSH-2.0-OpenSSH_9\r\n\r\n"), errc::malformed_reply, stage::connect,
                  outcome::failed, false);
    check_failure(ask(std::string(40, '\0')), errc::malformed_reply, stage::connect,
                  outcome::failed, false);
    check_failure(ask("HTTP/1.1 101 Switching Protocols\r\n\r\n"), errc::malformed_reply,
                  stage::connect, outcome::failed, false);
    check_failure(ask("HTTP/1.1 200 OK\r\nX: " + std::string(17 << 10, 'x') + "\r\n\r\n"),
                  errc::reply_too_large, stage::connect, outcome::failed, false);
    check_failure(ask(std::string(established) + "220 hello"), errc::malformed_reply,
                  stage::connect, outcome::failed, false);
    check_failure(ask(""), errc::connection_lost, stage::connect, outcome::failed, true);
    check_failure(ask("HTTP/1.1 200 O"), errc::connection_lost, stage::connect, outcome::failed,
                  true);
    check_failure(ask("", [](peer& client) { client.reset(); }), errc::connection_lost,
                  stage::connect, outcome::failed, true);
}

BOOST_AUTO_TEST_CASE(a_tunnel_that_ends_at_once)
{
    scripted_server server(
        [](peer& client)
        {
            client.read_head();
            client.write(established);
        });
    client it(through("http://" + authority_of(server)));
    check_failure(it.get(cluster), errc::connection_lost, stage::handshake, outcome::failed, true);
}

BOOST_AUTO_TEST_CASE(the_target_proves_its_name_through_a_tunnel)
{
    secure_server target;
    relay proxy(target.server.port());
    client it(through(proxy.url(), target.ca.pem()));
    auto const reply = it.get(target.url("other.test"));
    check_failure(reply, errc::certificate_rejected, stage::handshake, outcome::failed, false);
    BOOST_TEST(reply.error().host() == "other.test:" + std::to_string(target.server.port()));
}

BOOST_AUTO_TEST_CASE(a_proxy_that_is_not_there)
{
    closed_port const nobody;
    auto const place = "127.0.0.1:" + std::to_string(nobody.port);
    client refused(through("http://user:CANARY@" + place));
    auto const reply = refused.get(cluster);
    check_failure(reply, errc::connect_failed, stage::connect, outcome::failed, true);
    BOOST_TEST(reply.error().message().find("the proxy " + place + ": ") == 0u);
    BOOST_TEST(reply.error().host() == place);
    BOOST_TEST(reply.error().describe().find("CANARY") == std::string::npos);

    client unknown(through("http://" + unresolvable_host + ":3128"));
    auto const unresolved = unknown.get(cluster);
    check_failure(unresolved, errc::host_not_found, stage::resolve, outcome::failed, true);
    BOOST_TEST(unresolved.error().message().find("the proxy " + unresolvable_host + ":3128: ") ==
               0u);
}

BOOST_AUTO_TEST_CASE(the_time_to_connect_includes_the_tunnel)
{
    auto const limited = [](std::string const& proxy)
    {
        auto options = through(proxy);
        options.connect_timeout = milliseconds(100);
        return options;
    };
    auto const check = [](result<async::http_response> const& reply, stage where)
    {
        check_failure(reply, errc::timed_out, where, outcome::failed, true);
        BOOST_TEST(reply.error().message().find("the proxy ") == 0u);
        BOOST_TEST(reply.error().message().find("100 ms (connect_timeout)") != std::string::npos);
    };
    {
        scripted_server silent([](peer& client) { client.drain(); });
        client it(limited("http://" + authority_of(silent)));
        check(it.get(cluster), stage::connect);
    }
    {
        scripted_server half(
            [](peer& client)
            {
                client.write("HTTP/1.1 200 OK\r\n");
                client.drain();
            });
        client it(limited("http://" + authority_of(half)));
        check(it.get(cluster), stage::connect);
    }
    {
        full_port const full;
        client it(limited("http://127.0.0.1:" + std::to_string(full.port())));
        check(it.get(cluster), stage::connect);
    }
    {
        client it(limited("http://slow.double:3128"));
        held_look_ups const held;
        check(it.get(cluster), stage::resolve);
    }
}

BOOST_AUTO_TEST_CASE(the_callers_deadline_ends_a_tunnel)
{
    scripted_server silent([](peer& client) { client.drain(); });
    client it(through("http://" + authority_of(silent)));
    auto const reply =
        it.send(request(http_method::get, cluster), deadline::after(milliseconds(100)));
    check_failure(reply, errc::timed_out, stage::connect, outcome::failed, true);
    BOOST_TEST(reply.error().message().find("the caller's deadline") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(cancelling_while_the_proxy_thinks)
{
    std::atomic<bool> asked = false;
    std::atomic<bool> left = false;
    scripted_server silent(
        [&](peer& client)
        {
            client.read_head();
            asked = true;
            client.drain();
            left = true;
        });
    client it(through("http://" + authority_of(silent)));
    auto const pending = it.start(request(http_method::get, cluster));
    while (!asked)
        it.run_for(milliseconds(5));
    boost::asio::post(it.context,
                      [&] { pending->cancel.emit(boost::asio::cancellation_type::terminal); });
    it.wait(*pending);
    BOOST_TEST((pending->thrown != nullptr));
    auto const end = std::chrono::steady_clock::now() + std::chrono::seconds(5);
    while (!left && std::chrono::steady_clock::now() < end)
        std::this_thread::yield();
    BOOST_TEST(left);
}

BOOST_AUTO_TEST_CASE(what_never_goes_through_a_proxy)
{
    scripted_server plain(
        [](peer& client)
        {
            client.read_request();
            client.write(ok_reply("near"));
            client.drain();
        });
    relay proxy(plain.port());
    client it(through(proxy.url()));
    BOOST_TEST(it.get(plain.url()).has_value());
    BOOST_TEST(it.get("http://direct.double:" + std::to_string(plain.port())).has_value());
    BOOST_TEST(proxy.accepted() == 0u);
}

BOOST_AUTO_TEST_CASE(a_bypass_is_direct)
{
    secure_server target;
    relay proxy(target.server.port());
    client it(through(proxy.url(), target.ca.pem(), "double"));
    BOOST_TEST(it.get(target.url("direct.double")).has_value());
    BOOST_TEST(proxy.accepted() == 0u);
}

BOOST_AUTO_TEST_CASE(direct_requests_have_connections_of_their_own)
{
    secure_server target;
    relay proxy(target.server.port());
    client it(through(proxy.url(), target.ca.pem()));
    auto const get = [&](bool direct)
    {
        auto made = request(http_method::get, target.url("direct.double"));
        made.direct = direct;
        auto const reply = it.send(std::move(made));
        BOOST_REQUIRE_MESSAGE(reply.has_value(), reply.error().describe());
    };
    get(true);
    BOOST_TEST(proxy.accepted() == 0u);
    get(false);
    BOOST_TEST(proxy.accepted() == 1u);
    get(true);
    get(false);
    BOOST_TEST(proxy.accepted() == 1u);
    BOOST_TEST(target.server.accepted() == 2u);
}

BOOST_AUTO_TEST_SUITE_END()

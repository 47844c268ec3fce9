#include "client.hpp"
#include "resolver_double.hpp"
#include "scripted_server.hpp"
#include <boost/test/unit_test.hpp>
#include <support/closed_port.hpp>

using namespace kusto;
using namespace kusto::test;
using async::http_method;

namespace
{

/// A script that answers one request with `reply` and then closes.
scripted_server::script answer(std::string reply)
{
    return [reply = std::move(reply)](peer& client)
    {
        client.read_request();
        client.write(reply);
    };
}

} // namespace

BOOST_AUTO_TEST_SUITE(send_suite)

BOOST_AUTO_TEST_CASE(sends_what_was_asked_and_returns_what_came)
{
    received_request seen;
    scripted_server server(
        [&](peer& client)
        {
            seen = client.read_request();
            client.write("HTTP/1.1 404 Not Found\r\nContent-Length: 4\r\nX-Ms-Error-Code: Gone\r\n"
                         "\r\nbody");
            client.drain();
        });
    client it;
    auto post = request(http_method::post, server.url("/p?q=1"));
    post.body = "payload";
    auto const reply = it.send(std::move(post));
    BOOST_REQUIRE(reply.has_value());
    BOOST_TEST(reply->status == 404);
    BOOST_TEST(reply->body == "body");
    BOOST_TEST(reply->header("x-ms-error-code") == "Gone");
    BOOST_TEST(seen.head.starts_with("POST /p?q=1 HTTP/1.1\r\nHost: 127.0.0.1:"));
    BOOST_TEST(seen.head.find("\r\nUser-Agent: kusto-cpp/") != std::string::npos);
    BOOST_TEST(seen.head.find("\r\nx-ms-client-request-id: KCPP.test;1\r\n") != std::string::npos);
    BOOST_TEST(seen.head.find("Accept-Encoding") == std::string::npos);
    BOOST_TEST(seen.body == "payload");
}

BOOST_AUTO_TEST_CASE(the_reply_to_a_head_request_has_no_body)
{
    scripted_server server(
        [&](peer& client)
        {
            client.read_head();
            client.write("HTTP/1.1 200 OK\r\nContent-Length: 99999999999\r\n\r\n");
            client.read_request();
            client.write("HTTP/1.1 204 No Content\r\n\r\n");
            client.drain();
        });
    client it;
    auto const head = it.send(request(http_method::head, server.url()));
    BOOST_REQUIRE_MESSAGE(head.has_value(), head.error().describe());
    BOOST_TEST(head->header("Content-Length") == "99999999999");
    auto const deleted = it.send(request(http_method::del, server.url()));
    BOOST_REQUIRE_MESSAGE(deleted.has_value(), deleted.error().describe());
    BOOST_TEST(deleted->status == 204);
    BOOST_TEST(server.accepted() == 1u);
}

BOOST_AUTO_TEST_CASE(reads_to_the_end_of_the_stream_without_a_length)
{
    scripted_server server(answer("HTTP/1.1 200 OK\r\n\r\n" + std::string(100000, 'z')));
    client it;
    auto const reply = it.get(server.url());
    BOOST_REQUIRE(reply.has_value());
    BOOST_TEST(reply->body == std::string(100000, 'z'));
}

BOOST_AUTO_TEST_CASE(a_truncated_body_is_a_lost_connection_of_unknown_outcome)
{
    scripted_server server(answer("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf"));
    client it;
    check_failure(it.get(server.url("/?sig=secret")), errc::connection_lost, stage::receive,
                  outcome::unknown, true);
    BOOST_TEST(server.accepted() == 1u);
}

BOOST_AUTO_TEST_CASE(a_close_without_a_reply_on_a_fresh_connection_is_not_repeated)
{
    scripted_server server([](peer& client) { client.read_request(); });
    client it;
    check_failure(it.get(server.url()), errc::connection_lost, stage::receive, outcome::unknown,
                  true);
    BOOST_TEST(server.accepted() == 1u);
}

BOOST_AUTO_TEST_CASE(redirects_are_refused)
{
    scripted_server server(
        answer("HTTP/1.1 307 T\r\nLocation: http://x.test/?sig=1\r\nContent-Length: 0\r\n\r\n"));
    client it;
    auto const reply = it.get(server.url());
    check_failure(reply, errc::redirect_refused, stage::receive, outcome::failed, false);
    BOOST_TEST(reply.error().status() == 307);
}

BOOST_AUTO_TEST_CASE(limits_hold)
{
    scripted_server server({answer("HTTP/1.1 200 OK\r\nX: " + std::string(70000, 'x') + "\r\n\r\n"),
                            answer("HTTP/1.1 200 OK\r\nContent-Length: 2000\r\n\r\n"),
                            answer("gopher\r\n\r\n")});
    client it;
    check_failure(it.get(server.url()), errc::reply_too_large, stage::receive, outcome::unknown,
                  false);
    auto get = request(http_method::get, server.url());
    get.reply_limit = 1999;
    auto const large = it.send(std::move(get));
    check_failure(large, errc::reply_too_large, stage::receive, outcome::unknown, false);
    BOOST_TEST(large.error().message().find("1999") != std::string::npos);
    check_failure(it.get(server.url()), errc::malformed_reply, stage::receive, outcome::unknown,
                  false);
}

BOOST_AUTO_TEST_CASE(a_bad_header_field_fails_before_anything_is_sent)
{
    scripted_server server(answer(ok_reply("")));
    client it;
    auto get = request(http_method::get, server.url());
    get.header("x-a", "b\r\nc: d");
    check_failure(it.send(std::move(get)), errc::invalid_option, stage::send, outcome::failed,
                  false);
    BOOST_TEST(server.accepted() == 0u);
}

BOOST_AUTO_TEST_CASE(a_refused_connection_says_so)
{
    closed_port const nobody;
    client it;
    auto const reply = it.get("http://127.0.0.1:" + std::to_string(nobody.port) + "/?sig=x");
    check_failure(reply, errc::connect_failed, stage::connect, outcome::failed, true);
    BOOST_TEST(reply.error().host() == "127.0.0.1:" + std::to_string(nobody.port));
    BOOST_TEST(reply.error().message().find("refused") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_name_that_does_not_exist_says_so)
{
    client it;
    auto const reply = it.get("http://nonexistent.invalid/");
    BOOST_REQUIRE(reply.has_error());
    BOOST_TEST((reply.error().code() == errc::host_not_found));
    BOOST_TEST((reply.error().where() == stage::resolve));
    BOOST_TEST((reply.error().outcome() == outcome::failed));
    BOOST_TEST(reply.error().retryable());
    BOOST_TEST(reply.error().message().find("nonexistent.invalid") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(tries_the_next_address_when_the_first_refuses)
{
    scripted_server server(answer(ok_reply("here")));
    client it;
    auto const reply = it.get(server.url("/", "v6-first.double"));
    BOOST_REQUIRE(reply.has_value());
    BOOST_TEST(reply->body == "here");
}

BOOST_AUTO_TEST_CASE(tries_the_next_address_when_the_first_does_not_answer)
{
    scripted_server server(answer(ok_reply("here")));
    full_port const dead("127.0.0.2", server.port());
    net::transport_options options;
    options.connect_timeout = std::chrono::milliseconds(400);
    client it(options);
    auto const reply = it.get(server.url("/", "first-dead.double"));
    BOOST_REQUIRE(reply.has_value());
    BOOST_TEST(reply->body == "here");
}

BOOST_AUTO_TEST_CASE(localhost_works)
{
    scripted_server server(answer(ok_reply("here")));
    client it;
    BOOST_TEST(it.get(server.url("/", "localhost")).has_value());
}

BOOST_AUTO_TEST_SUITE_END()

#include "client.hpp"
#include "scripted_server.hpp"
#include <boost/test/unit_test.hpp>
#include <future>
#include <random>

using namespace kusto;
using namespace kusto::test;
using async::http_method;

namespace
{

/// A request with a body of many spans; the body is `text`, which outlives it.
async::http_request upload(std::string const& url, std::string const& text, std::size_t part)
{
    auto put = request(http_method::put, url);
    auto const all = std::as_bytes(std::span(text));
    for (std::size_t at = 0; at < all.size(); at += part)
        put.body_parts.push_back(all.subspan(at, (std::min)(part, all.size() - at)));
    return put;
}

constexpr auto forbidden =
    "HTTP/1.1 403 Forbidden\r\nConnection: close\r\n"
    "x-ms-error-code: AuthenticationFailed\r\nContent-Length: 6\r\n\r\ndenied";

void check_forbidden(result<async::http_response> const& reply)
{
    BOOST_REQUIRE_MESSAGE(reply.has_value(), reply.error().describe());
    BOOST_TEST(reply->status == 403);
    BOOST_TEST(reply->body == "denied");
    BOOST_TEST(reply->header("x-ms-error-code") == "AuthenticationFailed");
}

class endpoint
{
public:
    endpoint(bool tls, scripted_server::script script)
        : server(std::move(script), tls ? std::optional(ca.issue("IP:127.0.0.1")) : std::nullopt)
    {
    }

    net::transport_options options() const
    {
        net::transport_options made;
        made.ca_pem = ca.pem();
        return made;
    }

    authority ca;
    scripted_server server;
};

} // namespace

BOOST_AUTO_TEST_SUITE(upload_suite)

BOOST_AUTO_TEST_CASE(many_spans_arrive_byte_for_byte)
{
    auto const seed = std::random_device()();
    BOOST_TEST_MESSAGE("seed " << seed);
    std::mt19937 random(seed);
    std::string body(std::size_t(5) << 20, '\0');
    for (auto& each : body)
        each = static_cast<char>(random());
    for (bool const tls : {false, true})
    {
        std::promise<std::string> arrived;
        endpoint it(tls,
                    [&](peer& client)
                    {
                        arrived.set_value(client.read_request().body);
                        client.write(ok_reply(""));
                        client.drain();
                    });
        client sender(it.options());
        auto const reply = sender.send(upload(it.server.url(), body, 1 + random() % 70000));
        BOOST_REQUIRE_MESSAGE(reply.has_value(), reply.error().describe());
        BOOST_TEST((arrived.get_future().get() == body));
    }
}

BOOST_AUTO_TEST_CASE(keys_change_in_the_middle_of_an_upload_and_between_requests)
{
    std::string const body(std::size_t(8) << 20, 'k');
    constexpr auto go_on = "HTTP/1.1 100 Continue\r\n\r\n";
    std::promise<std::string> arrived;
    endpoint it(true,
                [&](peer& client)
                {
                    client.read_head();
                    auto text = client.read_exactly(100000);
                    client.change_keys();
                    client.write(go_on);
                    text += client.read_exactly(body.size() - text.size());
                    arrived.set_value(std::move(text));
                    client.change_keys();
                    client.write(ok_reply("first"));
                    client.read_request();
                    client.write(ok_reply("second"));
                    client.drain();
                });
    client sender(it.options());
    auto const reply = sender.send(upload(it.server.url(), body, 1 << 20));
    BOOST_REQUIRE_MESSAGE(reply.has_value(), reply.error().describe());
    BOOST_TEST(reply->body == "first");
    BOOST_TEST((arrived.get_future().get() == body));
    auto const next = sender.get(it.server.url());
    BOOST_REQUIRE_MESSAGE(next.has_value(), next.error().describe());
    BOOST_TEST(next->body == "second");
    BOOST_TEST(it.server.accepted() == 1u);
}

BOOST_AUTO_TEST_CASE(an_upload_to_a_slow_reader_arrives_in_its_order)
{
    // More than the buffers of both sockets hold, of bytes that tell their place.
    std::string body(std::size_t(24) << 20, '\0');
    for (std::size_t i = 0; i < body.size(); ++i)
        body[i] = static_cast<char>(i * 2654435761u >> 24);
    for (bool const tls : {false, true})
    {
        std::promise<std::string> arrived;
        endpoint it(tls,
                    [&](peer& client)
                    {
                        client.read_head();
                        std::string text;
                        for (std::size_t piece = 1; text.size() < body.size(); piece *= 3)
                            text += client.read_exactly(
                                (std::min)(piece % 1000003, body.size() - text.size()));
                        arrived.set_value(std::move(text));
                        client.write(ok_reply(""));
                        client.drain();
                    });
        client sender(it.options());
        auto const reply = sender.send(upload(it.server.url(), body, 777777));
        BOOST_REQUIRE_MESSAGE(reply.has_value(), reply.error().describe());
        BOOST_TEST((arrived.get_future().get() == body));
    }
}

BOOST_AUTO_TEST_CASE(an_answer_before_a_reset_wins_over_the_broken_write)
{
    std::string const body(std::size_t(64) << 20, 'u');
    for (bool const tls : {false, true})
    {
        endpoint it(tls,
                    [](peer& client)
                    {
                        client.read_head();
                        client.read_exactly(100000);
                        client.write(forbidden);
                        // A reset overtakes what is still on its way.
                        client.wait_delivered();
                        client.reset();
                    });
        client sender(it.options());
        check_forbidden(sender.send(upload(it.server.url(), body, 1 << 20)));
    }
}

BOOST_AUTO_TEST_CASE(an_answer_of_a_server_that_stops_reading_is_not_missed)
{
    std::string const body(std::size_t(64) << 20, 'u');
    for (bool const tls : {false, true})
    {
        std::promise<void> over;
        auto const wait = over.get_future().share();
        endpoint it(tls,
                    [&](peer& client)
                    {
                        client.read_head();
                        client.write(forbidden);
                        wait.wait();
                    });
        client sender(it.options());
        auto const reply = sender.send(upload(it.server.url(), body, 1 << 20));
        over.set_value();
        check_forbidden(reply);
        // The connection still holds the rest of the body, so it must not be used again.
        BOOST_TEST(it.server.accepted() == 1u);
        auto const next = sender.start(request(http_method::get, it.server.url()));
        sender.wait(*next);
        BOOST_TEST(it.server.accepted() == 2u);
    }
}

BOOST_AUTO_TEST_CASE(a_reset_without_an_answer_has_certainly_failed)
{
    std::string const body(std::size_t(64) << 20, 'u');
    for (bool const tls : {false, true})
    {
        endpoint it(tls,
                    [](peer& client)
                    {
                        client.read_head();
                        client.read_exactly(100000);
                        client.reset();
                    });
        client sender(it.options());
        check_failure(sender.send(upload(it.server.url(), body, 1 << 20)), errc::connection_lost,
                      stage::send, outcome::failed, true);
    }
}

BOOST_AUTO_TEST_CASE(a_cancelled_upload_closes_and_lets_go_of_the_body)
{
    for (bool const tls : {false, true})
    {
        std::promise<void> begun;
        std::promise<std::size_t> drained;
        auto body = std::make_unique<std::string>(std::size_t(64) << 20, 'u');
        endpoint it(tls,
                    [&](peer& client)
                    {
                        client.read_head();
                        begun.set_value();
                        drained.set_value(client.drain());
                    });
        client sender(it.options());
        auto const pending = sender.start(upload(it.server.url(), *body, 1 << 20));
        auto started = begun.get_future();
        sender.context.restart();
        while (started.wait_for(std::chrono::seconds(0)) != std::future_status::ready)
            sender.context.run_one_for(std::chrono::milliseconds(10));
        pending->cancel.emit(boost::asio::cancellation_type::terminal);
        sender.wait(*pending);
        body.reset();
        BOOST_REQUIRE(pending->thrown != nullptr);
        BOOST_CHECK_EXCEPTION(std::rethrow_exception(pending->thrown), boost::system::system_error,
                              [](auto const& e)
                              { return e.code() == boost::asio::error::operation_aborted; });
        BOOST_TEST(drained.get_future().get() < (std::size_t(64) << 20));
    }
}

BOOST_AUTO_TEST_SUITE_END()

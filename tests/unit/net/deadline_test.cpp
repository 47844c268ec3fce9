#include "client.hpp"
#include "resolver_double.hpp"
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

net::transport_options patient_for(milliseconds connect, milliseconds request)
{
    net::transport_options options;
    options.connect_timeout = connect;
    options.request_timeout = request;
    return options;
}

constexpr auto brief = milliseconds(100);
// For what is to be in time on a machine that is busy, too.
constexpr auto enough = milliseconds(600);
constexpr auto ample = milliseconds(60'000);

class stop_watch
{
public:
    /// At least `least`, and not so much more that something else must have ended it.
    void check(milliseconds least)
    {
        auto const taken =
            std::chrono::duration_cast<milliseconds>(std::chrono::steady_clock::now() - started_);
        BOOST_TEST(taken.count() >= least.count());
        BOOST_TEST(taken.count() < (least + ample / 2).count());
    }

private:
    std::chrono::steady_clock::time_point started_ = std::chrono::steady_clock::now();
};

void swallow(peer& client)
{
    client.drain();
}

} // namespace

BOOST_AUTO_TEST_SUITE(deadline_suite)

BOOST_AUTO_TEST_CASE(resolving)
{
    client it(patient_for(brief, ample));
    held_look_ups const held;
    stop_watch watch;
    auto const reply = it.get("http://slow.double:1/");
    watch.check(brief);
    check_failure(reply, errc::timed_out, stage::resolve, outcome::failed, true);
    BOOST_TEST(reply.error().message().find("100 ms (connect_timeout)") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(connecting)
{
    full_port const silent;
    client it(patient_for(brief, ample));
    stop_watch watch;
    auto const reply = it.get("http://127.0.0.1:" + std::to_string(silent.port()) + "/");
    watch.check(brief);
    check_failure(reply, errc::timed_out, stage::connect, outcome::failed, true);
}

BOOST_AUTO_TEST_CASE(shaking_hands)
{
    scripted_server server(swallow);
    client it(patient_for(brief, ample));
    stop_watch watch;
    auto const reply = it.get("https://127.0.0.1:" + std::to_string(server.port()) + "/");
    watch.check(brief);
    check_failure(reply, errc::timed_out, stage::handshake, outcome::failed, true);
}

BOOST_AUTO_TEST_CASE(sending)
{
    std::promise<void> over;
    auto const wait = over.get_future().share();
    scripted_server server([&](peer&) { wait.wait(); });
    client it(patient_for(ample, brief));
    std::string const body(std::size_t(6) << 20, 'b');
    auto put = request(http_method::put, server.url());
    put.body_parts.push_back(std::as_bytes(std::span(body)));
    // The body alone earns 96 s, so the caller's deadline is what counts.
    stop_watch watch;
    auto const reply = it.send(std::move(put), deadline::after(brief));
    watch.check(milliseconds(90));
    over.set_value();
    check_failure(reply, errc::timed_out, stage::send, outcome::failed, true);
    BOOST_TEST(reply.error().message().find("the caller's deadline") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(waiting_for_the_first_byte)
{
    scripted_server server(swallow);
    client it(patient_for(ample, brief));
    stop_watch watch;
    auto const reply = it.get(server.url());
    watch.check(brief);
    check_failure(reply, errc::timed_out, stage::receive, outcome::unknown, true);
    BOOST_TEST(reply.error().message().find("100 ms (request_timeout)") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(reading_the_body)
{
    for (bool const tls : {false, true})
    {
        authority const ca;
        auto const identity = tls ? std::optional(ca.issue("IP:127.0.0.1")) : std::nullopt;
        scripted_server server(
            [](peer& client)
            {
                client.read_request();
                client.write("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf");
                client.drain();
            },
            identity);
        auto options = patient_for(ample, brief);
        options.ca_pem = ca.pem();
        client it(options);
        stop_watch watch;
        auto const reply = it.get(server.url());
        watch.check(brief);
        check_failure(reply, errc::timed_out, stage::receive, outcome::unknown, true);
    }
}

BOOST_AUTO_TEST_CASE(a_reply_that_trickles_does_not_outlast_the_deadline)
{
    std::atomic<bool> over = false;
    scripted_server server(
        [&](peer& client)
        {
            client.read_request();
            client.write("HTTP/1.1 200 OK\r\n\r\n");
            while (!over)
            {
                client.write("x");
                std::this_thread::sleep_for(milliseconds(5));
            }
        });
    client it(patient_for(ample, brief));
    stop_watch watch;
    auto const reply = it.get(server.url());
    over = true;
    watch.check(brief);
    check_failure(reply, errc::timed_out, stage::receive, outcome::unknown, true);
}

BOOST_AUTO_TEST_CASE(large_requests_and_replies_earn_more_time)
{
    std::string const large(std::size_t(128) << 10, 'l'); // 2 s
    scripted_server server(
        [&](peer& client)
        {
            client.read_request();
            std::this_thread::sleep_for(enough + brief);
            client.write(ok_reply(""));
            client.read_request();
            client.write("HTTP/1.1 200 OK\r\nContent-Length: 131073\r\n\r\n" + large);
            std::this_thread::sleep_for(enough + brief);
            client.write("!");
            client.drain();
        });
    client it(patient_for(ample, enough));
    auto put = request(http_method::put, server.url());
    put.body = large;
    auto const sent = it.send(std::move(put));
    BOOST_TEST(sent.has_value());
    auto const received = it.get(server.url());
    BOOST_REQUIRE_MESSAGE(received.has_value(), received.error().describe());
    BOOST_TEST(received->body.size() == large.size() + 1);
}

BOOST_AUTO_TEST_CASE(a_timed_out_request_is_not_replayed)
{
    scripted_server server(
        [](peer& client)
        {
            client.read_request();
            client.write(ok_reply(""));
            client.drain();
        });
    client it(patient_for(ample, enough));
    BOOST_TEST(it.get(server.url()).has_value());
    check_failure(it.get(server.url()), errc::timed_out, stage::receive, outcome::unknown, true);
    BOOST_TEST(server.accepted() == 1u);
}

BOOST_AUTO_TEST_CASE(a_deadline_that_has_passed_sends_nothing)
{
    scripted_server server(swallow);
    client it;
    auto const reply =
        it.send(request(http_method::get, server.url()), deadline(deadline::clock::now()));
    check_failure(reply, errc::timed_out, stage::send, outcome::failed, true);
    BOOST_TEST(server.accepted() == 0u);
}

BOOST_AUTO_TEST_CASE(without_a_deadline_the_limits_still_hold)
{
    scripted_server server(swallow);
    client it(patient_for(ample, brief));
    auto const reply = it.send(request(http_method::get, server.url()), deadline::never());
    check_failure(reply, errc::timed_out, stage::receive, outcome::unknown, true);
}

BOOST_AUTO_TEST_SUITE_END()

#include "certificates.hpp"
#include "sanitizer_owns_new.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/test/unit_test.hpp>
#include <chrono>
#include <cstdlib>
#include <limits>
#include <net/exchange.hpp>
#include <net/tls.hpp>
#include <new>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <optional>
#include <span>
#include <string>
#include <support/run.hpp>

using namespace kusto;
using namespace kusto::test;
namespace asio = boost::asio;
using asio::ip::tcp;

namespace
{

constexpr auto everything = std::numeric_limits<std::size_t>::max();

net::tls_settings trusting(std::string pem)
{
    net::tls_settings settings;
    settings.ca_pem = std::move(pem);
    return settings;
}

// Allocations of this size and above fail.
[[maybe_unused]] thread_local std::size_t refused_from = everything;

} // namespace

#if !defined(SANITIZER_OWNS_NEW)
void* operator new(std::size_t size)
{
    if (size < refused_from)
        if (void* const memory = std::malloc(size != 0 ? size : 1))
            return memory;
    throw std::bad_alloc();
}

void operator delete(void* memory) noexcept
{
    std::free(memory);
}

void operator delete(void* memory, std::size_t) noexcept
{
    std::free(memory);
}
#endif

namespace
{

/// Makes tickets so large that they take several records of the smallest size.
int enlarge_ticket(SSL* tls, void*)
{
    static unsigned char const ballast[2000] = {};
    return SSL_SESSION_set1_ticket_appdata(SSL_get_session(tls), ballast, sizeof(ballast));
}

/// A TLS stream over loopback, and at its other end a server that OpenSSL drives in memory, so that
/// the test says how many of its bytes arrive when. Everything on the thread of the test.
class line
{
public:
    explicit line(int version)
        : server_side(server_context(ca.issue("DNS:localhost"))),
          far(context)
    {
        SSL_CTX_set_min_proto_version(server_side.get(), version);
        SSL_CTX_set_max_proto_version(server_side.get(), version);
        SSL_CTX_set_max_send_fragment(server_side.get(), 512);
        SSL_CTX_set_session_ticket_cb(server_side.get(), &enlarge_ticket, nullptr, nullptr);
        server.reset(SSL_new(server_side.get()));
        SSL_set_bio(server.get(), from_client, to_client);
        SSL_set_accept_state(server.get());

        tcp::acceptor acceptor(context, tcp::endpoint(asio::ip::address_v4::loopback(), 0));
        tcp::socket near(context);
        near.connect(acceptor.local_endpoint());
        acceptor.accept(far);
        far.non_blocking(true);
        tls = net::make_tls_context(trusting(ca.pem())).value();
        client = tls->wrap(std::move(near), "localhost", nullptr).value();
    }

    /// Runs what is ready, and lets the server take what has come.
    void take()
    {
        settle(context);
        boost::system::error_code ignored;
        std::string part(65536, '\0');
        auto const got = far.read_some(asio::buffer(part), ignored);
        if (got != 0)
            BIO_write(from_client, part.data(), static_cast<int>(got));
        if (SSL_is_init_finished(server.get()) == 0)
            SSL_do_handshake(server.get());
        std::size_t moved = 0;
        while (SSL_read_ex(server.get(), part.data(), part.size(), &moved) == 1)
            received.append(part, 0, moved);
        ERR_clear_error();
        collect();
    }

    /// Takes until `happened`.
    template <class Condition>
    void until(Condition happened)
    {
        auto const end = std::chrono::steady_clock::now() + std::chrono::seconds(10);
        do
        {
            BOOST_REQUIRE(std::chrono::steady_clock::now() < end);
            take();
        } while (!happened());
    }

    /// Sends the client so much of what the server wants to send.
    void give(std::size_t most = everything)
    {
        auto const size = (std::min)(most, outgoing.size());
        far.send(asio::buffer(outgoing, size));
        outgoing.erase(0, size);
    }

    /// What was given is in the hands of the client's TLS.
    void until_taken()
    {
        until([&] { return client->socket().available() == 0; });
    }

    void collect()
    {
        char part[4096];
        for (int got = 0; (got = BIO_read(to_client, part, sizeof(part))) > 0;)
            outgoing.append(part, static_cast<std::size_t>(got));
    }

    void write(std::string_view text)
    {
        SSL_write(server.get(), text.data(), static_cast<int>(text.size()));
        collect();
    }

    /// What the server sends after the handshake is not given.
    void shake_hands()
    {
        started<net::handshake_result> how(context.get_executor(), client->handshake());
        while (!how.done())
        {
            if (!outgoing.empty())
                give();
            take();
        }
        BOOST_REQUIRE(!how.get().ec);
        until([&] { return SSL_is_init_finished(server.get()) == 1; });
    }

    started<net::io_result> start_read()
    {
        return started<net::io_result>(context.get_executor(),
                                       client->read_some(asio::buffer(reply)));
    }

    std::shared_ptr<net::pending_write> start_write(std::string const& head,
                                                    std::string const& text)
    {
        std::vector<asio::const_buffer> buffers = {asio::buffer(head), asio::buffer(text)};
        auto job = std::make_shared<net::pending_write>(context.get_executor(), buffers);
        client->start_write(job);
        return job;
    }

    authority ca;
    asio::io_context context;
    std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)> server_side;
    std::unique_ptr<SSL, decltype(&SSL_free)> server{nullptr, &SSL_free};
    BIO* from_client = BIO_new(BIO_s_mem());
    BIO* to_client = BIO_new(BIO_s_mem());
    tcp::socket far;
    std::shared_ptr<net::tls_context> tls;
    std::unique_ptr<net::stream> client;
    std::string outgoing; ///< of the server, not given yet
    std::string received; ///< by the server
    char reply[100] = {};
};

asio::awaitable<void> converse(net::stream& peer, async::http_request const& request,
                               deadline until, std::optional<net::exchange_result>& ended)
{
    auto const image = net::request_image::make(request, "test");
    net::exchange_limits const limits(until, std::chrono::seconds(60), 8192);
    ended = co_await net::exchange(peer, request, *image, limits);
}

/// An exchange whose write waits for the rest of a ticket that never comes.
class stalled_exchange
{
public:
    explicit stalled_exchange(deadline until) : it(TLS1_3_VERSION)
    {
        put.body_parts.push_back(std::as_bytes(std::span(body)));
        it.shake_hands();
        it.give(700);
        auto done = [this](std::exception_ptr e)
        {
            thrown = e;
            over = true;
        };
        asio::co_spawn(it.context, converse(*it.client, put, until, ended),
                       asio::bind_cancellation_slot(stop.slot(), std::move(done)));
    }

    std::string const body = std::string(std::size_t(8) << 20, 'x');
    async::http_request put{async::http_method::put,
                            base::url::parse("https://localhost/").value()};
    std::optional<net::exchange_result> ended;
    std::exception_ptr thrown;
    asio::cancellation_signal stop;
    bool over = false;
    line it;
};

} // namespace

BOOST_AUTO_TEST_SUITE(tls_stream_suite)

BOOST_AUTO_TEST_CASE(a_write_goes_on_after_the_rest_of_a_ticket)
{
    std::string const head = "head";
    std::string const text(std::size_t(1) << 20, 'x');
    line it(TLS1_3_VERSION);
    it.shake_hands();
    auto read = it.start_read();
    it.give(700);
    it.until_taken();
    auto const job = it.start_write(head, text);
    for (int i = 0; i != 20; ++i)
        it.take();
    BOOST_TEST(!job->done());
    BOOST_TEST(it.received.empty());
    // Not enough yet.
    it.give(300);
    it.until_taken();
    BOOST_TEST(!job->done());
    it.give();
    it.until([&] { return job->done() && it.received.size() == head.size() + text.size(); });
    BOOST_TEST(job->complete());
    BOOST_TEST((it.received == head + text));
    it.write("thanks");
    it.give();
    it.until([&] { return read.done(); });
    BOOST_TEST(std::string(it.reply, read.get().transferred) == "thanks");
}

BOOST_AUTO_TEST_CASE(closing_ends_a_write_that_waits_for_input)
{
    std::string const text(1000, 'x');
    line it(TLS1_3_VERSION);
    it.shake_hands();
    auto read = it.start_read();
    it.give(700);
    it.until_taken();
    auto const job = it.start_write(text, text);
    BOOST_REQUIRE(!job->done());
    it.client->close();
    BOOST_TEST(job->done());
    BOOST_TEST(job->error().failed());
    settle(it.context);
    BOOST_TEST(read.done());
}

BOOST_AUTO_TEST_CASE(an_exchange_whose_write_waits_for_input_ends_at_its_deadline)
{
    stalled_exchange one(deadline::after(std::chrono::milliseconds(100)));
    one.it.until([&] { return one.over; });
    BOOST_REQUIRE(one.ended.has_value());
    BOOST_REQUIRE(one.ended->reply.has_error());
    auto const& why = one.ended->reply.error();
    BOOST_TEST(to_string(why.code()) == to_string(errc::timed_out));
    BOOST_TEST(to_string(why.where()) == to_string(stage::send));
    BOOST_TEST(!one.ended->reusable);
}

BOOST_AUTO_TEST_CASE(an_exchange_whose_write_waits_for_input_can_be_cancelled)
{
    stalled_exchange one(deadline::after(std::chrono::seconds(60)));
    one.it.until_taken();
    BOOST_REQUIRE(!one.over);
    cancel(one.it.context, one.stop);
    BOOST_TEST(one.over);
    BOOST_TEST((one.thrown != nullptr));
}

BOOST_AUTO_TEST_CASE(an_exchange_whose_write_waits_for_input_ends_when_the_server_goes)
{
    stalled_exchange one(deadline::after(std::chrono::seconds(60)));
    one.it.until_taken();
    one.it.far.shutdown(tcp::socket::shutdown_send);
    one.it.until([&] { return one.over; });
    BOOST_REQUIRE(one.ended.has_value());
    BOOST_REQUIRE(one.ended->reply.has_error());
    auto const& why = one.ended->reply.error();
    BOOST_TEST(to_string(why.code()) == to_string(errc::connection_lost));
    BOOST_TEST(to_string(why.where()) == to_string(stage::send));
}

BOOST_AUTO_TEST_CASE(a_refusal_is_heard_though_the_handshake_cannot_be_sent)
{
    line it(TLS1_2_VERSION);
    started<net::handshake_result> how(it.context.get_executor(), it.client->handshake());
    it.until([&] { return !it.outgoing.empty(); });
    it.client->socket().shutdown(tcp::socket::shutdown_send);
    it.give();
    it.until_taken();
    BOOST_TEST(!how.done());
    it.outgoing = std::string("\x15\x03\x03\x00\x02\x02\x28", 7); // fatal: handshake_failure
    it.give();
    it.until([&] { return how.done(); });
    auto const result = how.get();
    BOOST_TEST_CONTEXT(result.reason)
    {
        BOOST_TEST(it.client->is_tls_error(result.ec));
        BOOST_TEST(!result.certificate);
        BOOST_TEST(result.reason.find("handshake failure") != std::string::npos);
    }
}

BOOST_AUTO_TEST_CASE(a_handshake_that_cannot_be_sent_and_hears_nothing_is_broken_by_the_send)
{
    line it(TLS1_2_VERSION);
    it.client->socket().shutdown(tcp::socket::shutdown_send);
    it.far.close();
    started<net::handshake_result> how(it.context.get_executor(), it.client->handshake());
    while (!how.done())
        settle(it.context);
    BOOST_TEST((how.get().ec == asio::error::broken_pipe));
}

BOOST_AUTO_TEST_CASE(the_certificate_is_known_when_the_handshake_fails_later)
{
    line it(TLS1_2_VERSION);
    SSL_set_verify(it.server.get(), SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nullptr);
    started<net::handshake_result> how(it.context.get_executor(), it.client->handshake());
    it.until([&] { return !it.outgoing.empty(); });
    BOOST_TEST(it.client->facts().subject.empty());
    while (!how.done())
    {
        it.give();
        it.take();
    }
    BOOST_TEST(it.client->is_tls_error(how.get().ec));
    BOOST_TEST(!how.get().certificate);
    auto const facts = it.client->facts();
    BOOST_TEST(facts.subject == "CN=test server");
    BOOST_TEST(facts.issuer.find("CN=kusto-cpp test authority") == 0u);
    BOOST_TEST((facts.not_after > std::chrono::system_clock::now()));
    BOOST_TEST(facts.protocol.empty());
    BOOST_TEST(facts.cipher.empty());
}

BOOST_AUTO_TEST_CASE(a_reply_is_read_though_an_answer_of_tls_cannot_be_sent)
{
    line it(TLS1_2_VERSION);
    it.shake_hands();
    it.give();
    auto read = it.start_read();
    it.until_taken();
    it.client->socket().shutdown(tcp::socket::shutdown_send);
    BOOST_REQUIRE(SSL_renegotiate(it.server.get()) == 1);
    SSL_do_handshake(it.server.get());
    it.collect();
    it.give();
    it.until_taken();
    BOOST_TEST(!read.done());
    it.write("reply");
    it.give();
    it.until([&] { return read.done(); });
    BOOST_TEST(!read.get().ec);
    BOOST_TEST(std::string(it.reply) == "reply");
}

#if !defined(SANITIZER_OWNS_NEW)
BOOST_AUTO_TEST_CASE(a_write_without_memory_ends_with_an_error)
{
    std::string const text(std::size_t(1) << 20, 'x');
    std::string const head = "head";
    line it(TLS1_3_VERSION);
    it.shake_hands();
    refused_from = 100000;
    std::shared_ptr<net::pending_write> job;
    BOOST_CHECK_NO_THROW(job = it.start_write(head, text));
    refused_from = everything;
    BOOST_REQUIRE(job);
    BOOST_TEST((job->error() == boost::system::errc::not_enough_memory));
}
#endif

BOOST_AUTO_TEST_SUITE_END()

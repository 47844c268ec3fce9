#include "certificates.hpp"
#include <boost/asio/error.hpp>
#include <boost/asio/ssl/error.hpp>
#include <boost/test/unit_test.hpp>
#include <cstring>
#include <net/tls_engine.hpp>
#include <openssl/err.h>
#include <random>
#include <string>

using namespace kusto;
using namespace kusto::test;
namespace asio = boost::asio;

namespace
{

using context_ptr = std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)>;

context_ptr server_context(server_identity const& identity, int version)
{
    auto context = test::server_context(identity);
    SSL_CTX_set_min_proto_version(context.get(), version);
    SSL_CTX_set_max_proto_version(context.get(), version);
    return context;
}

/// An engine and a server that OpenSSL drives with buffers in memory.
class pair
{
public:
    explicit pair(int version)
        : server_side(server_context(self_signed("DNS:localhost"), version)),
          client_side(SSL_CTX_new(TLS_client_method()), &SSL_CTX_free),
          server(SSL_new(server_side.get()), &SSL_free),
          client(client_side.get()),
          to_server(BIO_new(BIO_s_mem())),
          to_client(BIO_new(BIO_s_mem()))
    {
        BIO_set_mem_eof_return(to_server, -1);
        SSL_set_bio(server.get(), to_server, to_client);
        SSL_set_accept_state(server.get());
    }

    /// Moves what the engine has, in pieces of at most `most` bytes.
    void deliver_to_server()
    {
        auto& bytes = client.output();
        if (!bytes.empty())
            BIO_write(to_server, bytes.data(), static_cast<int>(bytes.size()));
        bytes.clear();
    }

    /// \returns whether there was anything
    bool deliver_to_client(std::size_t most = 100000)
    {
        auto const into = client.prepare_input();
        auto const size = (std::min)(most, into.size());
        auto const got = BIO_read(to_client, into.data(), static_cast<int>(size));
        client.commit_input(got > 0 ? static_cast<std::size_t>(got) : 0);
        return got > 0;
    }

    void shake_hands(std::size_t most = 100000)
    {
        for (auto step = client.handshake(); step.needs_input; step = client.handshake())
        {
            BOOST_REQUIRE(!step.ec);
            deliver_to_server();
            SSL_do_handshake(server.get());
            BOOST_REQUIRE(deliver_to_client(most));
        }
        deliver_to_server();
        BOOST_REQUIRE(SSL_do_handshake(server.get()) == 1);
    }

    /// What the server gets of what was delivered.
    std::string receive()
    {
        std::string all;
        char part[5000];
        while (true)
        {
            auto const got = SSL_read(server.get(), part, sizeof(part));
            ERR_clear_error();
            if (got <= 0)
                return all;
            all.append(part, static_cast<std::size_t>(got));
        }
    }

    /// What the engine gets of what the server has sent.
    std::string read(std::size_t most = 100000)
    {
        std::string all;
        char part[5000];
        while (true)
        {
            last = client.read(asio::buffer(part));
            all.append(part, last.moved);
            if (last.ec || (last.needs_input && !deliver_to_client(most)))
                return all;
        }
    }

    void write(std::string_view text)
    {
        BOOST_REQUIRE(SSL_write(server.get(), text.data(), static_cast<int>(text.size())) ==
                      static_cast<int>(text.size()));
    }

    context_ptr server_side;
    context_ptr client_side;
    std::unique_ptr<SSL, decltype(&SSL_free)> server;
    net::tls_engine client;
    BIO* to_server;
    BIO* to_client;
    net::tls_engine::step last;
};

constexpr int versions[] = {TLS1_2_VERSION, TLS1_3_VERSION};

std::string random_text(std::size_t size)
{
    auto const seed = std::random_device()();
    BOOST_TEST_MESSAGE("seed " << seed);
    std::mt19937 random(seed);
    std::string text(size, '\0');
    for (auto& each : text)
        each = static_cast<char>(random());
    return text;
}

} // namespace

BOOST_AUTO_TEST_SUITE(tls_engine_suite)

BOOST_AUTO_TEST_CASE(bytes_arrive_in_both_directions_whatever_the_pieces)
{
    auto const text = random_text(300000);
    for (int const version : versions)
        for (std::size_t const piece : {1u, 7u, 1000u, 100000u})
        {
            pair it(version);
            it.shake_hands(piece);
            it.write("hello");
            BOOST_TEST(it.read(piece) == "hello");
            BOOST_TEST(it.last.needs_input);
            auto const step = it.client.write(asio::buffer(text));
            BOOST_TEST(!step.ec);
            BOOST_TEST(step.moved == text.size());
            // All records at once, for one send.
            BOOST_TEST(it.client.output().size() > text.size());
            it.deliver_to_server();
            BOOST_TEST((it.receive() == text));
            it.write(text);
            BOOST_TEST((it.read(piece) == text));
        }
}

BOOST_AUTO_TEST_CASE(a_request_for_new_keys_is_answered_by_output_of_a_read)
{
    pair it(TLS1_3_VERSION);
    it.shake_hands();
    BOOST_TEST(it.read() == "");
    BOOST_REQUIRE(it.client.output().empty());
    BOOST_REQUIRE(SSL_key_update(it.server.get(), SSL_KEY_UPDATE_REQUESTED) == 1);
    it.write("with new keys");
    // Encrypted with the old keys before the request is seen.
    BOOST_REQUIRE(!it.client.write(asio::buffer("before", 6)).ec);
    BOOST_TEST(it.read() == "with new keys");
    BOOST_TEST(!it.client.output().empty());
    BOOST_REQUIRE(!it.client.write(asio::buffer("after", 5)).ec);
    it.deliver_to_server();
    BOOST_TEST(it.receive() == "beforeafter");
}

BOOST_AUTO_TEST_CASE(a_write_needs_input_while_a_message_has_come_in_part)
{
    pair it(TLS1_3_VERSION);
    it.shake_hands();
    BOOST_TEST(it.read() == "");
    // A ticket of several records.
    static unsigned char const ballast[2000] = {};
    auto* const session = SSL_get_session(it.server.get());
    BOOST_REQUIRE(SSL_SESSION_set1_ticket_appdata(session, ballast, sizeof(ballast)) == 1);
    BOOST_REQUIRE(SSL_set_max_send_fragment(it.server.get(), 512) == 1);
    BOOST_REQUIRE(SSL_new_session_ticket(it.server.get()) == 1);
    BOOST_REQUIRE(SSL_do_handshake(it.server.get()) == 1);

    char part[10];
    BOOST_REQUIRE(it.deliver_to_client(700));
    BOOST_REQUIRE(it.client.read(asio::buffer(part)).needs_input);
    auto step = it.client.write(asio::buffer("late", 4));
    BOOST_TEST(!step.ec);
    BOOST_TEST(step.needs_input);
    BOOST_TEST(step.moved == 0u);
    BOOST_TEST(it.client.output().empty());

    BOOST_TEST(it.read() == "");
    step = it.client.write(asio::buffer("later", 5));
    BOOST_TEST(!step.ec);
    BOOST_TEST(step.moved == 5u);
    it.deliver_to_server();
    BOOST_TEST(it.receive() == "later");
}

BOOST_AUTO_TEST_CASE(a_renegotiation_is_refused_and_the_connection_goes_on)
{
    pair it(TLS1_2_VERSION);
    it.shake_hands();
    BOOST_REQUIRE(SSL_renegotiate(it.server.get()) == 1);
    SSL_do_handshake(it.server.get());
    BOOST_TEST(it.read() == "");
    BOOST_TEST(it.last.needs_input);
    auto const step = it.client.write(asio::buffer("on", 2));
    BOOST_TEST(!step.ec);
}

BOOST_AUTO_TEST_CASE(an_end_of_the_stream_is_clean_only_after_a_goodbye)
{
    for (int const version : versions)
    {
        pair it(version);
        it.shake_hands();
        it.write("all");
        BOOST_TEST(it.read() == "all");
        BOOST_TEST(
            (it.client.end_of_input() == asio::ssl::error::make_error_code(
                                             asio::ssl::error::stream_truncated)));
        SSL_shutdown(it.server.get());
        BOOST_TEST(it.read() == "");
        BOOST_TEST((it.last.ec == asio::error::eof));
        BOOST_TEST((it.client.end_of_input() == asio::error::eof));
    }
}

BOOST_AUTO_TEST_CASE(damaged_records_are_errors_of_tls)
{
    for (int const version : versions)
    {
        pair it(version);
        it.shake_hands();
        BOOST_TEST(it.read() == "");
        it.write("to be damaged");
        char* bytes = nullptr;
        auto const size = BIO_get_mem_data(it.to_client, &bytes);
        bytes[size - 1] = static_cast<char>(bytes[size - 1] ^ 1);
        BOOST_TEST(it.read() == "");
        BOOST_TEST((it.last.ec.category() == asio::error::get_ssl_category()));
        // The alert, which the peer is to be sent.
        BOOST_TEST(!it.client.output().empty());
        BOOST_TEST(it.client.write(asio::buffer("x", 1)).ec.failed());
    }
}

BOOST_AUTO_TEST_CASE(memory_for_input_stays_as_long_as_there_is_any)
{
    pair it(TLS1_3_VERSION);
    it.shake_hands();
    BOOST_TEST(it.read() == "");
    it.write("one");
    it.write("two");
    BOOST_REQUIRE(it.deliver_to_client());
    char part[10];
    auto step = it.client.read(asio::buffer(part));
    BOOST_TEST(std::string(part, step.moved) == "one");
    it.client.release_input();
    step = it.client.read(asio::buffer(part));
    BOOST_TEST(std::string(part, step.moved) == "two");
    it.client.release_input();
    BOOST_TEST(it.client.read(asio::buffer(part)).needs_input);
}

BOOST_AUTO_TEST_SUITE_END()

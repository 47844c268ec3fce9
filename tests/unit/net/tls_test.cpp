#include "certificates.hpp"
#include "client.hpp"
#include "scripted_server.hpp"
#include <boost/test/unit_test.hpp>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <net/tls_fault.hpp>
#include <span>
#include <sys/stat.h>
#include <unistd.h>

using namespace kusto;
using namespace kusto::test;

namespace
{

void answer_one(peer& client)
{
    client.read_request();
    client.write(ok_reply("secure"));
    client.drain();
}

net::transport_options trusting(std::string pem)
{
    net::transport_options options;
    options.ca_pem = std::move(pem);
    return options;
}

class temporary_file
{
public:
    explicit temporary_file(std::string const& text)
    {
        std::string name = (std::filesystem::temp_directory_path() / "kusto-XXXXXX").string();
        ::close(::mkstemp(name.data()));
        path = name;
        std::ofstream(path) << text;
    }
    temporary_file(temporary_file const&) = delete;
    temporary_file& operator=(temporary_file const&) = delete;
    ~temporary_file() { std::remove(path.c_str()); }

    std::string path;
};

void check_refused(server_identity identity, std::string const& trusted, std::string const& host,
                   std::string const& reason, net::tls_fault what = net::tls_fault::unknown_issuer)
{
    scripted_server server(answer_one, std::move(identity));
    client it(trusting(trusted));
    auto const reply = it.get(server.url("/?sig=x", host));
    check_failure(reply, errc::certificate_rejected, stage::handshake, outcome::failed, false);
    BOOST_TEST_CONTEXT(reply.error().message())
    {
        BOOST_TEST(reply.error().message().find(reason) != std::string::npos);
        BOOST_TEST(reply.error().message().ends_with(net::advice_on(what)));
        bool const trust = reply.error().message().find("set ca_file") != std::string::npos;
        BOOST_TEST(trust == (what == net::tls_fault::unknown_issuer));
    }
}

failure refused_options(net::transport_options options)
{
    boost::asio::io_context context;
    auto const made = net::make_http_transport(context.get_executor(), std::move(options));
    BOOST_REQUIRE(made.has_error());
    BOOST_TEST((made.error().code() == errc::invalid_option));
    return made.error();
}

} // namespace

BOOST_AUTO_TEST_SUITE(tls_suite)

BOOST_AUTO_TEST_CASE(an_authority_given_as_text_is_trusted)
{
    authority const ca;
    for (std::string const host : {"localhost", "127.0.0.1"})
    {
        scripted_server server(answer_one, ca.issue("DNS:localhost,IP:127.0.0.1"));
        client it(trusting(ca.pem()));
        auto const reply = it.get(server.url("/", host));
        BOOST_REQUIRE_MESSAGE(reply.has_value(), reply.error().describe());
        BOOST_TEST(reply->body == "secure");
    }
}

BOOST_AUTO_TEST_CASE(an_authority_given_as_a_file_is_trusted)
{
    authority const other;
    authority const ca;
    temporary_file const file(other.pem() + ca.pem());
    scripted_server server(answer_one, ca.issue("DNS:localhost"));
    net::transport_options options;
    options.ca_file = file.path;
    client it(options);
    BOOST_TEST(it.get(server.url("/", "localhost")).has_value());
}

BOOST_AUTO_TEST_CASE(the_greeting_names_the_host_and_the_protocol)
{
    authority const ca;
    for (std::string const host : {"localhost", "127.0.0.1"})
    {
        std::string name;
        std::string protocol;
        scripted_server server(
            [&](peer& client)
            {
                name = client.server_name();
                protocol = client.application_protocol();
                answer_one(client);
            },
            ca.issue("DNS:localhost,IP:127.0.0.1"));
        client it(trusting(ca.pem()));
        BOOST_TEST(it.get(server.url("/", host)).has_value());
        BOOST_TEST(protocol == "http/1.1");
        // Addresses are not sent as server names (RFC 6066).
        BOOST_TEST(name == (host == "localhost" ? host : ""));
    }
}

BOOST_AUTO_TEST_CASE(an_outdated_protocol_is_refused)
{
    authority const ca;
    auto identity = ca.issue("DNS:localhost");
    identity.outdated = true;
    scripted_server server(answer_one, identity);
    client it(trusting(ca.pem()));
    check_failure(it.get(server.url("/", "localhost")), errc::tls_failed, stage::handshake,
                  outcome::failed, false);
}

BOOST_AUTO_TEST_CASE(a_server_that_wants_a_certificate_of_ours_is_quoted)
{
    authority const ca;
    std::string const body(std::size_t(8) << 20, 'x');
    for (bool const without_tls13 : {true, false})
        for (bool const upload : {true, false})
        {
            auto identity = ca.issue("DNS:localhost");
            identity.without_tls13 = without_tls13;
            identity.wants_certificate = true;
            scripted_server server(answer_one, identity);
            client it(trusting(ca.pem()));
            auto put = request(async::http_method::put, server.url("/", "localhost"));
            if (upload)
                put.body_parts.push_back(std::as_bytes(std::span(body)));
            auto const reply = it.send(put);
            BOOST_REQUIRE(reply.has_error());
            BOOST_TEST_CONTEXT(reply.error().describe())
            {
                BOOST_TEST(to_string(reply.error().code()) == to_string(errc::tls_failed));
                BOOST_TEST(reply.error().message().find(
                               without_tls13 ? "alert handshake failure"
                                             : "alert certificate required") != std::string::npos);
                // With TLS 1.3 the client has done its part when the server looks at it.
                if (without_tls13)
                    BOOST_TEST((reply.error().where() == stage::handshake));
            }
        }
}

BOOST_AUTO_TEST_CASE(a_self_signed_certificate_is_refused)
{
    check_refused(self_signed("DNS:localhost"), authority().pem(), "localhost", "self-signed");
}

BOOST_AUTO_TEST_CASE(an_unknown_authority_is_refused)
{
    authority const ca;
    check_refused(ca.issue("DNS:localhost"), authority().pem(), "localhost", "certificate");
    check_refused(ca.issue("DNS:localhost"), "", "localhost", "issuer");
}

BOOST_AUTO_TEST_CASE(a_certificate_for_another_host_is_refused)
{
    authority const ca;
    auto const check =
        [&](std::string const& names, std::string const& host, std::string const& reason)
    { check_refused(ca.issue(names), ca.pem(), host, reason, net::tls_fault::wrong_name); };
    check("DNS:other.test", "localhost", "hostname mismatch");
    check("DNS:localhost", "127.0.0.1", "IP address mismatch");
    check("DNS:127.0.0.1", "127.0.0.1", "IP address mismatch");
    check("IP:127.0.0.2", "127.0.0.1", "IP address mismatch");
}

BOOST_AUTO_TEST_CASE(a_certificate_outside_its_time_is_refused)
{
    authority const ca;
    check_refused(ca.issue("DNS:localhost", validity{-5, -1}), ca.pem(), "localhost", "expired",
                  net::tls_fault::expired);
    check_refused(ca.issue("DNS:localhost", validity{1, 5}), ca.pem(), "localhost", "not yet valid",
                  net::tls_fault::not_yet_valid);
}

BOOST_AUTO_TEST_CASE(a_server_that_does_not_speak_tls_is_not_a_certificate_problem)
{
    scripted_server server(
        [](peer& client)
        {
            client.read_exactly(5);
            client.write("HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n");
            client.drain();
        });
    client it;
    auto const reply = it.get("https://127.0.0.1:" + std::to_string(server.port()) + "/");
    check_failure(reply, errc::tls_failed, stage::handshake, outcome::failed, false);
    BOOST_TEST(reply.error().message().find("TLS 1.2") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_server_that_hangs_up_in_the_handshake_is_a_lost_connection)
{
    scripted_server server([](peer& client) { client.read_exactly(5); });
    client it;
    auto const reply = it.get("https://127.0.0.1:" + std::to_string(server.port()) + "/");
    check_failure(reply, errc::connection_lost, stage::handshake, outcome::failed, true);
}

BOOST_AUTO_TEST_CASE(a_body_without_length_that_is_cut_off_is_not_complete)
{
    authority const ca;
    auto const serve = [&](bool cut)
    {
        scripted_server server(
            [cut](peer& client)
            {
                client.read_request();
                client.write("HTTP/1.1 200 OK\r\n\r\nmaybe all");
                if (cut)
                    client.cut();
            },
            ca.issue("IP:127.0.0.1"));
        client it(trusting(ca.pem()));
        return it.get(server.url());
    };
    check_failure(serve(true), errc::connection_lost, stage::receive, outcome::unknown, true);
    auto const whole = serve(false);
    BOOST_REQUIRE_MESSAGE(whole.has_value(), whole.error().describe());
    BOOST_TEST(whole->body == "maybe all");
}

BOOST_AUTO_TEST_CASE(bad_authorities_are_refused_by_name)
{
    temporary_file const garbage("not a certificate");
    temporary_file const empty("");
    temporary_file const endless(std::string((4u << 20) + 1, 'x'));
    // A reader would wait for its writer.
    temporary_file const fifo("");
    ::unlink(fifo.path.c_str());
    BOOST_REQUIRE(::mkfifo(fifo.path.c_str(), 0600) == 0);
    struct row
    {
        std::string path;
        char const* problem;
    };
    for (auto const& r :
         {row{"/nonexistent/ca.pem", "cannot be read"}, row{garbage.path, "no usable certificate"},
          row{empty.path, "is empty"},
          row{"/tmp", "is a directory; one with certificates goes "
                      "into ca_directory"},
          row{"/dev/zero", "is not a regular file"}, row{fifo.path, "is not a regular file"},
          row{endless.path, "is longer than 4194304 bytes"}})
    {
        net::transport_options bad;
        bad.ca_file = r.path;
        auto const why = refused_options(bad);
        BOOST_TEST((why.where() == stage::options));
        for (std::string const& part : {std::string("ca_file"), r.path, std::string(r.problem)})
            BOOST_TEST(why.message().find(part) != std::string::npos, why.message());
    }

    auto damaged = authority().pem();
    damaged[damaged.size() / 2] = '!';
    BOOST_TEST(refused_options(trusting(damaged)).message().find("ca_pem") != std::string::npos);
    BOOST_TEST(refused_options(trusting(self_signed("DNS:a").key_pem)).message().find("ca_pem") !=
               std::string::npos);
}

BOOST_AUTO_TEST_SUITE_END()

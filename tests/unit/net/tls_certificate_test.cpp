#include "client.hpp"
#include "scripted_server.hpp"
#include <boost/test/unit_test.hpp>
#include <filesystem>
#include <fstream>
#include <functional>
#include <support/test_certificates.hpp>
#include <unistd.h>

using namespace kusto;
using namespace kusto::test;

namespace
{

class temporary_directory
{
public:
    temporary_directory()
    {
        std::string name = (std::filesystem::temp_directory_path() / "kusto-XXXXXX").string();
        if (::mkdtemp(name.data()) == nullptr)
            throw std::runtime_error("no temporary directory");
        path = name;
    }
    temporary_directory(temporary_directory const&) = delete;
    temporary_directory& operator=(temporary_directory const&) = delete;
    ~temporary_directory() { std::filesystem::remove_all(path); }

    std::string write(std::string const& name, std::string const& content) const
    {
        std::ofstream(path / name, std::ios::binary) << content;
        return (path / name).string();
    }

    std::filesystem::path path;
};

void answer_one(peer& client)
{
    client.read_request();
    client.write(ok_reply("welcome"));
    client.drain();
}

net::tls_certificate in_memory(std::string const& content, std::string const& password = "")
{
    return net::tls_certificate("", base::secret(std::string_view(content)),
                                base::secret(std::string_view(password)));
}

net::tls_certificate in_file(std::string const& path, std::string const& password = "")
{
    return net::tls_certificate(path, base::secret(), base::secret(std::string_view(password)));
}

/// A server that lets in who has a certificate of its authority.
class guarded_server
{
public:
    guarded_server() : server(answer_one, identity(true)), old_server(answer_one, identity(false))
    {
    }

    server_identity identity(bool tls13) const
    {
        auto made = ca.issue("DNS:localhost");
        made.wants_certificate = true;
        made.client_authority_pem = clients.pem();
        made.without_tls13 = !tls13;
        return made;
    }

    result<async::http_response> ask(std::optional<net::tls_certificate> own, bool tls13 = true,
                                     std::shared_ptr<async::tls_peer const> as = nullptr)
    {
        net::transport_options options;
        options.ca_pem = ca.pem();
        options.certificate = std::move(own);
        client it(options);
        auto get =
            request(async::http_method::get, (tls13 ? server : old_server).url("/", "localhost"));
        get.peer = std::move(as);
        return it.send(std::move(get));
    }

    authority ca;
    authority clients;
    scripted_server server;
    scripted_server old_server;
};

failure refused_options(net::transport_options options)
{
    boost::asio::io_context context;
    auto const made = net::make_http_transport(context.get_executor(), std::move(options));
    BOOST_REQUIRE(made.has_error());
    BOOST_TEST((made.error().code() == errc::invalid_option));
    BOOST_TEST((made.error().where() == stage::options));
    return made.error();
}

} // namespace

BOOST_AUTO_TEST_SUITE(tls_certificate_suite)

BOOST_AUTO_TEST_CASE(a_certificate_is_shown_to_who_demands_it)
{
    guarded_server server;
    temporary_directory const files;
    auto const mine = server.clients.issue("DNS:me.test");
    auto const pem = mine.certificate_pem + mine.key_pem;
    auto const locked = encrypted_key_pem(mine, "pass word");
    auto const pfx = pfx_of(mine, server.clients.pem(), "pass word");
    for (auto const& own : {
             in_memory(pem),
             in_memory(mine.key_pem + server.clients.pem() + mine.certificate_pem),
             in_memory(mine.certificate_pem + locked, "pass word"),
             in_memory(pfx, "pass word"),
             in_memory(pfx_of(mine, server.clients.pem(), "")),
             in_file(files.write("own.pem", pem)),
             in_file(files.write("locked.pem", mine.certificate_pem + locked), "pass word"),
             in_file(files.write("own.pfx", pfx), "pass word"),
         })
        for (bool const tls13 : {true, false})
        {
            auto const reply = server.ask(own, tls13);
            BOOST_REQUIRE_MESSAGE(reply.has_value(), reply.error().describe());
            BOOST_TEST(reply->body == "welcome");
        }
}

BOOST_AUTO_TEST_CASE(without_the_right_certificate_nobody_gets_in)
{
    guarded_server server;
    auto const stranger = authority().issue("DNS:me.test");
    auto const wrong = in_memory(stranger.certificate_pem + stranger.key_pem);
    for (bool const tls13 : {true, false})
        for (bool const shown : {true, false})
        {
            auto const reply = server.ask(shown ? std::optional(wrong) : std::nullopt, tls13);
            BOOST_REQUIRE(reply.has_error());
            BOOST_TEST(to_string(reply.error().code()) == to_string(errc::tls_failed),
                       reply.error().describe());
            // With TLS 1.3 the client has done its part when the server looks at it.
            if (!tls13)
                BOOST_TEST(reply.error().message().find("tls_certificate") != std::string::npos);
        }
}

BOOST_AUTO_TEST_CASE(peers_of_their_own_get_no_certificate)
{
    guarded_server server;
    auto const mine = server.clients.issue("DNS:me.test");
    auto const own = in_memory(mine.certificate_pem + mine.key_pem);
    async::tls_peer named;
    named.server_name = "localhost";
    async::tls_peer authorised;
    authorised.ca_pem = server.ca.pem();
    for (auto const& peer : {named, authorised, async::tls_peer()})
        for (bool const tls13 : {true, false})
        {
            auto const reply =
                server.ask(own, tls13, std::make_shared<async::tls_peer const>(peer));
            BOOST_REQUIRE(reply.has_error());
            BOOST_TEST(to_string(reply.error().code()) == to_string(errc::tls_failed),
                       reply.error().describe());
        }
}

BOOST_AUTO_TEST_CASE(certificates_that_cannot_be_used_are_refused_by_name)
{
    authority const ca;
    temporary_directory const files;
    auto const mine = ca.issue("DNS:me.test");
    auto const other = ca.issue("DNS:other.test");
    auto const locked = mine.certificate_pem + encrypted_key_pem(mine, "pass word");
    auto const pfx = pfx_of(mine, ca.pem(), "pass word");
    struct row
    {
        std::string content;
        std::string password;
        std::string hint;
    };
    for (auto const& r : {
             row{"", "", "is empty"},
             row{"CANARY", "", "neither PEM text nor a PKCS#12 (PFX)"},
             row{std::string("\x30\x82\x01\x00 CANARY", 11), "", "neither PEM text nor a PKCS#12"},
             row{mine.certificate_pem, "", "no private key"},
             row{mine.key_pem, "", "no certificate"},
             row{other.certificate_pem + mine.key_pem, "", "no certificate belongs"},
             row{other.key_pem + mine.certificate_pem + mine.key_pem, "", "more than one private"},
             row{locked, "", "no password was given"},
             row{locked, "CANARY", "the password is wrong"},
             row{locked, std::string(5000, 'x'), "the password is wrong"},
             row{pfx, "", "none was given"},
             row{pfx, "CANARY", "is wrong"},
             row{pfx.substr(0, pfx.size() / 2), "pass word", "neither PEM text nor a PKCS#12"},
             row{pfx_with_iterations(2'000'000'000, true), "", "would take hours"},
             row{std::string((1 << 20) + 1, 'x'), "", "longer than"},
         })
    {
        net::transport_options options;
        auto const path = files.write("own", r.content);
        options.certificate = in_file(path, r.password);
        auto const why = refused_options(options);
        BOOST_TEST(why.message().find(path) != std::string::npos, why.message());
        BOOST_TEST(why.message().find(r.hint) != std::string::npos, why.message());
        BOOST_TEST(why.describe().find("CANARY") == std::string::npos, why.describe());
        options.certificate = in_memory(r.content, r.password);
        BOOST_TEST(refused_options(options).message().find("of the given memory") !=
                   std::string::npos);
    }
    net::transport_options missing;
    missing.certificate = in_file("/nonexistent/own.pem");
    BOOST_TEST(refused_options(missing).message().find("/nonexistent/own.pem") !=
               std::string::npos);
}

BOOST_AUTO_TEST_CASE(tls_13_can_be_demanded)
{
    authority const ca;
    for (bool const without_tls13 : {true, false})
        for (bool const demanded : {true, false})
        {
            auto identity = ca.issue("DNS:localhost");
            identity.without_tls13 = without_tls13;
            scripted_server server(answer_one, identity);
            net::transport_options options;
            options.ca_pem = ca.pem();
            options.tls13_only = demanded;
            client it(options);
            auto const reply = it.get(server.url("/", "localhost"));
            auto pin = request(async::http_method::get, server.url("/", "localhost"));
            auto peer = std::make_shared<async::tls_peer>();
            peer->thumbprint = thumbprint_of(identity);
            pin.peer = peer;
            auto const pinned = it.send(std::move(pin));
            if (without_tls13 && demanded)
            {
                check_failure(reply, errc::tls_failed, stage::handshake, outcome::failed, false);
                BOOST_TEST(reply.error().message().find("minimum_tls") != std::string::npos);
                check_failure(pinned, errc::tls_failed, stage::handshake, outcome::failed, false);
            }
            else
            {
                BOOST_TEST(reply.has_value());
                BOOST_TEST(pinned.has_value());
            }
        }
}

BOOST_AUTO_TEST_CASE(a_directory_of_authorities)
{
    authority const ca;
    authority const other;
    temporary_directory const trusted;
    trusted.write(ca.hashed_name(), ca.pem());
    net::transport_options options;
    options.ca_directory = trusted.path.string();
    scripted_server server(answer_one, ca.issue("DNS:localhost"));
    client it(options);
    auto const reply = it.get(server.url("/", "localhost"));
    BOOST_REQUIRE_MESSAGE(reply.has_value(), reply.error().describe());

    scripted_server stranger(answer_one, other.issue("DNS:localhost"));
    check_failure(it.get(stranger.url("/", "localhost")), errc::certificate_rejected,
                  stage::handshake, outcome::failed, false);
}

BOOST_AUTO_TEST_CASE(bad_directories_are_refused_by_name)
{
    temporary_directory const unhashed;
    unhashed.write("ca.pem", authority().pem());
    net::transport_options options;
    options.ca_directory = unhashed.path.string();
    auto const why = refused_options(options);
    BOOST_TEST(why.message().find(unhashed.path.string()) != std::string::npos);
    BOOST_TEST(why.message().find("openssl rehash") != std::string::npos);
    options.ca_directory = "/nonexistent/directory";
    BOOST_TEST(refused_options(options).message().find("/nonexistent/directory") !=
               std::string::npos);
}

BOOST_AUTO_TEST_SUITE_END()

#include "../net/certificates.hpp"
#include "../net/scripted_server.hpp"
#include <atomic>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/test/unit_test.hpp>
#include <filesystem>
#include <fstream>
#include <kusto/client.hpp>
#include <optional>
#include <support/closed_port.hpp>
#include <support/scoped_environment.hpp>
#include <unistd.h>

using namespace kusto;
using namespace kusto::test;
namespace asio = boost::asio;

namespace
{

connection_options to(std::string const& url)
{
    connection_options where(url, credential::static_token("CANARYtoken"));
    where.ingestion_url(url).retry(retry_options().attempts(1));
    return where;
}

/// Why a client cannot connect; there is always a reason, since no server here is a cluster.
failure connect(connection_options const& where)
{
    asio::io_context context;
    client it(context.get_executor(), where);
    std::optional<failure> why;
    auto done = [&why](std::exception_ptr thrown)
    {
        try
        {
            if (thrown)
                std::rethrow_exception(thrown);
        }
        catch (error const& e)
        {
            why = e.why();
        }
    };
    asio::co_spawn(context, it.connect(deadline::after(std::chrono::seconds(5))), done);
    auto const end = std::chrono::steady_clock::now() + std::chrono::seconds(10);
    while (!why && context.run_one_until(end) != 0)
    {
    }
    BOOST_REQUIRE(why.has_value());
    BOOST_TEST(why->describe().find("CANARY") == std::string::npos, why->describe());
    return *why;
}

/// A server that has nothing to say, and whether anybody got as far as a request.
class server
{
public:
    explicit server(server_identity const& identity)
        : server_(
              [this](peer& client)
              {
                  while (true)
                  {
                      client.read_request();
                      asked_ = true;
                      client.write("HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n");
                  }
              },
              identity)
    {
    }

    std::string url() const { return "https://localhost:" + std::to_string(server_.port()); }
    bool asked() const { return asked_; }

private:
    std::atomic<bool> asked_ = false;
    scripted_server server_;
};

std::string place_of(closed_port const& nobody)
{
    return "127.0.0.1:" + std::to_string(nobody.port);
}

} // namespace

BOOST_AUTO_TEST_SUITE(connection_suite)

BOOST_AUTO_TEST_CASE(the_proxy_of_the_options)
{
    scoped_environment variables;
    variables.unset("HTTPS_PROXY");
    closed_port const nobody;
    auto const proxy = "http://user:CANARY@" + place_of(nobody);
    auto const url = "https://c.kusto.windows.net";
    auto const given = connect(to(url).proxy(proxy::at(proxy)));
    BOOST_TEST((given.code() == errc::connect_failed), given.describe());
    BOOST_TEST(given.message().find("the proxy " + place_of(nobody)) != std::string::npos,
               given.describe());

    variables.set("HTTPS_PROXY", proxy);
    auto const found = connect(to(url));
    BOOST_TEST((found.code() == errc::connect_failed), found.describe());
    BOOST_TEST(found.message().find("the proxy " + place_of(nobody)) != std::string::npos,
               found.describe());

    // Loopback is never reached through it.
    auto const near = connect(to("https://" + place_of(nobody)));
    BOOST_TEST((near.code() == errc::connect_failed), near.describe());
    BOOST_TEST(near.message().find("the proxy") == std::string::npos, near.describe());
}

BOOST_AUTO_TEST_CASE(a_certificate_of_our_own)
{
    authority const ca;
    authority const clients;
    auto identity = ca.issue("DNS:localhost");
    identity.wants_certificate = true;
    identity.client_authority_pem = clients.pem();
    auto const mine = clients.issue("DNS:me.test");
    auto const own =
        certificate_source::memory(mine.certificate_pem + encrypted_key_pem(mine, "CANARY word"))
            .password("CANARY word");
    for (bool const shown : {true, false})
    {
        server guarded(identity);
        auto where = to(guarded.url()).ca_pem(ca.pem());
        if (shown)
            where.tls_certificate(own);
        auto const why = connect(where);
        BOOST_TEST(guarded.asked() == shown, why.describe());
    }
}

BOOST_AUTO_TEST_CASE(the_least_version_of_tls)
{
    authority const ca;
    auto identity = ca.issue("DNS:localhost");
    identity.without_tls13 = true;
    for (auto const least : {tls_version::v1_2, tls_version::v1_3})
    {
        server old(identity);
        connect(to(old.url()).ca_pem(ca.pem()).minimum_tls(least));
        BOOST_TEST(old.asked() == (least == tls_version::v1_2));
    }
}

BOOST_AUTO_TEST_CASE(a_directory_of_authorities)
{
    authority const ca;
    std::string name = (std::filesystem::temp_directory_path() / "kusto-XXXXXX").string();
    BOOST_REQUIRE(::mkdtemp(name.data()) != nullptr);
    std::filesystem::path const directory = name;
    auto const refused = [&]
    {
        try
        {
            connect(to("https://localhost:1").ca_directory(name));
        }
        catch (error const& e)
        {
            return e.why();
        }
        return failure();
    };
    auto const why = refused();
    BOOST_TEST((why.code() == errc::invalid_option));
    BOOST_TEST(why.message().find("openssl rehash") != std::string::npos, why.describe());

    std::ofstream(directory / ca.hashed_name()) << ca.pem();
    server known(ca.issue("DNS:localhost"));
    connect(to(known.url()).ca_directory(name));
    BOOST_TEST(known.asked());
    std::filesystem::remove_all(directory);
}

BOOST_AUTO_TEST_SUITE_END()

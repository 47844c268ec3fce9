#include "client.hpp"
#include "resolver_double.hpp"
#include "scripted_server.hpp"
#include <atomic>
#include <boost/asio/co_spawn.hpp>
#include <boost/test/unit_test.hpp>
#include <net/probe.hpp>
#include <support/closed_port.hpp>
#include <support/unresolvable_host.hpp>

using namespace kusto;
using namespace kusto::test;
namespace asio = boost::asio;

namespace
{

net::probe_report run(net::transport_options options, std::string const& url,
                      deadline until = deadline::after(std::chrono::seconds(5)))
{
    asio::io_context context;
    net::probe_report report;
    auto op = net::probe(context.get_executor(), std::move(options), base::url::parse(url).value(),
                         until);
    asio::co_spawn(context, std::move(op),
                   [&](std::exception_ptr thrown, net::probe_report made)
                   {
                       BOOST_TEST((thrown == nullptr));
                       report = std::move(made);
                   });
    context.run_for(std::chrono::seconds(10));
    return report;
}

std::string steps_of(net::probe_report const& report)
{
    std::string text;
    for (auto const& step : report.steps)
    {
        text.append(text.empty() ? "" : ", ").append(to_string(step.what));
        text.append(step.failed ? " failed" : "");
        BOOST_TEST(step.took.count() >= 0);
        if (step.failed)
            BOOST_TEST(!step.failed->host().empty());
    }
    return text;
}

net::transport_options trusting(std::string pem)
{
    net::transport_options options;
    options.ca_pem = std::move(pem);
    return options;
}

} // namespace

BOOST_AUTO_TEST_SUITE(probe_suite)

BOOST_AUTO_TEST_CASE(a_good_connection_is_described)
{
    authority const ca;
    std::atomic<std::size_t> sent = 1;
    auto const now = std::chrono::system_clock::now();
    net::probe_report report;
    std::uint16_t port = 0;
    {
        scripted_server server([&](peer& client) { sent = client.drain(); },
                               ca.issue("DNS:probed.double"));
        port = server.port();
        report = run(trusting(ca.pem()), server.url("/", "probed.double"));
    }
    BOOST_TEST(report.succeeded());
    BOOST_TEST(steps_of(report) == "trust, resolve, connect, TLS handshake");
    BOOST_TEST(report.proxy == "");
    BOOST_REQUIRE(report.addresses.size() == 1u);
    BOOST_TEST(report.addresses[0] == "127.0.0.1:" + std::to_string(port));
    BOOST_TEST(report.tls.protocol == "TLSv1.3");
    BOOST_TEST(report.tls.cipher.find("TLS_") == 0u);
    BOOST_TEST(report.tls.subject == "CN=test server");
    BOOST_TEST(report.tls.issuer.find("CN=kusto-cpp test authority") == 0u);
    BOOST_TEST((report.tls.not_after > now + std::chrono::hours(23)));
    BOOST_TEST((report.tls.not_after < now + std::chrono::hours(25)));
    BOOST_TEST(sent == 0u);
}

BOOST_AUTO_TEST_CASE(the_step_that_fails_is_the_last_one)
{
    authority const ca;
    scripted_server server([](peer& client) { client.drain(); }, ca.issue("DNS:other.test"));
    auto const refused = run(trusting(ca.pem()), server.url("/", "probed.double"));
    BOOST_TEST(!refused.succeeded());
    BOOST_TEST(steps_of(refused) == "trust, resolve, connect, TLS handshake failed");
    BOOST_TEST((refused.steps.back().failed->code() == errc::certificate_rejected));
    // What was refused can be seen.
    BOOST_TEST(refused.tls.subject == "CN=test server");
    BOOST_TEST(refused.tls.issuer.find("CN=kusto-cpp test authority") == 0u);

    net::transport_options missing;
    missing.ca_file = "/nonexistent/ca.pem";
    auto const untrusting = run(missing, server.url("/", "probed.double"));
    BOOST_TEST(steps_of(untrusting) == "trust failed");

    closed_port const nobody_there;
    auto const nobody =
        run(trusting(ca.pem()), "https://probed.double:" + std::to_string(nobody_there.port) + "/");
    BOOST_TEST(steps_of(nobody) == "trust, resolve, connect failed");

    auto const unknown = run(trusting(ca.pem()), "https://" + unresolvable_host + "/");
    BOOST_TEST(steps_of(unknown) == "trust, resolve failed");
    BOOST_TEST(unknown.addresses.empty());
}

BOOST_AUTO_TEST_CASE(a_proxy_is_named)
{
    authority const ca;
    scripted_server server([](peer& client) { client.drain(); }, ca.issue("DNS:cluster.test"));
    for (bool const let_in : {true, false})
    {
        scripted_server proxy(
            [&](peer& client)
            {
                client.read_head();
                client.write(let_in ? "HTTP/1.1 200 OK\r\n\r\n" : "HTTP/1.1 407 No\r\n\r\n");
                if (let_in)
                    client.relay_to(server.port());
            });
        auto const place = "127.0.0.1:" + std::to_string(proxy.port());
        auto options = trusting(ca.pem());
        options.proxies = base::proxy_rules(base::parse_proxy("http://u:CANARY@" + place).value());
        auto const report = run(options, "https://cluster.test/");
        BOOST_TEST(report.proxy == place);
        BOOST_TEST(steps_of(report) ==
                   (let_in ? "trust, resolve, connect, tunnel through the proxy, TLS handshake"
                           : "trust, resolve, connect, tunnel through the proxy failed"));
        BOOST_TEST(report.succeeded() == let_in);
        if (!let_in)
            BOOST_TEST((report.steps.back().failed->code() == errc::proxy_refused));
    }
}

BOOST_AUTO_TEST_CASE(a_deadline_ends_a_probe)
{
    authority const ca;
    scripted_server silent([](peer& client) { client.drain(); });
    auto const report =
        run(trusting(ca.pem()), "https://localhost:" + std::to_string(silent.port()) + "/",
            deadline::after(std::chrono::seconds(1)));
    BOOST_TEST(steps_of(report) == "trust, resolve, connect, TLS handshake failed");
    BOOST_TEST((report.steps.back().failed->code() == errc::timed_out));
}

BOOST_AUTO_TEST_SUITE_END()

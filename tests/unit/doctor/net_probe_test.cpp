#include <boost/test/unit_test.hpp>
#include <doctor/net_probe.hpp>

namespace
{

using namespace kusto;
using namespace std::chrono_literals;
using kind = net::dial_step::kind;

net::dial_step good(kind what)
{
    return net::dial_step(what, 3ms, std::nullopt);
}

net::dial_step bad(kind what, errc code)
{
    return net::dial_step(what, 3ms, failure(code, stage::connect, "no"));
}

} // namespace

BOOST_AUTO_TEST_SUITE(net_probe)

BOOST_AUTO_TEST_CASE(all_went_well)
{
    net::probe_report probed;
    probed.addresses = {"10.0.0.1:443", "10.0.0.2:443", "10.0.0.3:443", "10.0.0.4:443", "x", "y"};
    probed.steps = {good(kind::trust), good(kind::resolve), good(kind::connect),
                    good(kind::handshake)};
    probed.tls.protocol = "TLSv1.3";
    probed.tls.subject = "CN=c";
    probed.tls.issuer = "CN=ca";
    probed.tls.not_after = base::utc_time_point(1700000000s);
    auto const report = doctor::to_host_report(probed);
    BOOST_TEST(report.name.detail ==
               "10.0.0.1:443, 10.0.0.2:443, 10.0.0.3:443, 10.0.0.4:443 and 2 more");
    BOOST_TEST(report.name.duration.count() == 3); // without reading the authorities
    BOOST_TEST(report.tls.detail == "TLSv1.3, CN=c by CN=ca until 2023-11-14");
    BOOST_TEST((report.certificate_end == probed.tls.not_after));
}

BOOST_AUTO_TEST_CASE(a_refused_tunnel_is_no_connection)
{
    net::probe_report probed;
    probed.proxy = "proxy:3128";
    probed.addresses = {"10.0.0.1:3128"};
    probed.steps = {good(kind::resolve), good(kind::connect),
                    bad(kind::tunnel, errc::proxy_refused)};
    auto const report = doctor::to_host_report(probed);
    BOOST_TEST(!report.name.failed);
    BOOST_TEST(report.name.detail == "the proxy proxy:3128 is 10.0.0.1:3128");
    BOOST_TEST_REQUIRE(report.connection.failed.has_value());
    BOOST_TEST((report.connection.failed->code() == errc::proxy_refused));
    BOOST_TEST(!report.tls.taken);
}

BOOST_AUTO_TEST_CASE(a_refused_certificate_is_named)
{
    net::probe_report probed;
    probed.steps = {good(kind::resolve), good(kind::connect),
                    bad(kind::handshake, errc::certificate_rejected)};
    probed.tls.subject = "CN=c";
    probed.tls.issuer = "CN=inspection of the company";
    auto const report = doctor::to_host_report(probed);
    BOOST_TEST_REQUIRE(report.tls.failed.has_value());
    BOOST_TEST(report.tls.failed->message().find("by CN=inspection") != std::string::npos);
}

BOOST_AUTO_TEST_SUITE_END()

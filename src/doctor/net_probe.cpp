#include <doctor/net_probe.hpp>

#include <utility>

namespace kusto::doctor
{

namespace
{

using kind = net::dial_step::kind;

host_step& place_of(host_report& report, kind what)
{
    switch (what)
    {
    case kind::connect:
    case kind::tunnel:
        return report.connection;
    case kind::handshake:
        return report.tls;
    case kind::trust:
    case kind::resolve:
        break;
    }
    return report.name;
}

std::string describe_name(net::probe_report const& probed)
{
    constexpr std::size_t shown = 4;
    std::string text = probed.proxy.empty() ? "" : "the proxy " + probed.proxy + " is ";
    for (std::size_t i = 0; i < probed.addresses.size() && i < shown; ++i)
        text += (i == 0 ? "" : ", ") + probed.addresses[i];
    if (probed.addresses.size() > shown)
        text += " and " + std::to_string(probed.addresses.size() - shown) + " more";
    return text;
}

std::string describe_tls(net::tls_facts const& facts)
{
    auto text = facts.protocol + ", " + facts.subject + " by " + facts.issuer;
    if (facts.not_after != base::utc_time_point())
        text += " until " + base::iso_text(facts.not_after).substr(0, 10);
    return text;
}

boost::asio::awaitable<host_report> reach(boost::asio::any_io_executor sockets,
                                          net::transport_options options, base::url where,
                                          deadline until)
{
    auto const probed =
        co_await net::probe(std::move(sockets), std::move(options), std::move(where), until);
    co_return to_host_report(probed);
}

} // namespace

host_report to_host_report(net::probe_report const& probed)
{
    host_report report;
    report.name.taken = true;
    report.name.detail = describe_name(probed);
    for (auto const& made : probed.steps)
    {
        auto& place = place_of(report, made.what);
        place.taken = true;
        // The authorities are read from files: that is not the network's time.
        if (made.what != kind::trust)
            place.duration += std::chrono::round<std::chrono::milliseconds>(made.took);
        place.failed = made.failed;
    }
    report.connection.detail = probed.proxy.empty() ? "connected" : "connected through the proxy";
    if (report.tls.failed && !probed.tls.subject.empty())
        report.tls.failed = failure(report.tls.failed->code(), report.tls.failed->where(),
                                    report.tls.failed->message() + "; it is of " +
                                        probed.tls.subject + " by " + probed.tls.issuer);
    report.tls.detail = describe_tls(probed.tls);
    if (probed.tls.not_after != base::utc_time_point())
        report.certificate_end = probed.tls.not_after;
    return report;
}

host_probe make_net_probe(boost::asio::any_io_executor sockets, net::transport_options options)
{
    return [sockets = std::move(sockets), options = std::move(options)](base::url where,
                                                                        deadline until)
    { return reach(sockets, options, std::move(where), until); };
}

} // namespace kusto::doctor

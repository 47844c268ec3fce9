#include <net/probe.hpp>

#include <net/dialer.hpp>
#include <net/route.hpp>
#include <net/tls.hpp>
#include <utility>

namespace kusto::net
{

namespace asio = boost::asio;

namespace
{

void conclude(probe_report& report, dial_trace&& trace, base::url const& target)
{
    report.addresses = std::move(trace.addresses);
    report.steps = std::move(trace.steps);
    report.tls = std::move(trace.tls);
    for (auto& step : report.steps)
        if (step.failed && step.failed->host().empty())
            step.failed->host(target.authority());
}

} // namespace

bool probe_report::succeeded() const noexcept
{
    return !steps.empty() && !steps.back().failed;
}

std::string_view to_string(dial_step::kind what) noexcept
{
    switch (what)
    {
    case dial_step::kind::trust:
        return "trust";
    case dial_step::kind::resolve:
        return "resolve";
    case dial_step::kind::connect:
        return "connect";
    case dial_step::kind::tunnel:
        return "tunnel through the proxy";
    case dial_step::kind::handshake:
        return "TLS handshake";
    }
    return "?";
}

asio::awaitable<probe_report> probe(asio::any_io_executor sockets, transport_options options,
                                    base::url target, deadline until)
{
    probe_report report;
    dial_trace trace;
    auto tls = make_tls_context(options);
    trace.end(dial_step::kind::trust, tls);
    auto const* const via = options.proxies.choose(target);
    if (via != nullptr)
        report.proxy = via->where.authority();
    if (tls)
    {
        dialer dial(std::move(sockets), *std::move(tls), options.connect_timeout);
        auto const made = co_await dial.dial(route(target, via, nullptr), until, &trace);
        static_cast<void>(made);
    }
    conclude(report, std::move(trace), target);
    co_return report;
}

} // namespace kusto::net

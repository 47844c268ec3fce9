#include <doctor/request_probe.hpp>

#include <utility>

namespace kusto::doctor
{

namespace
{

/// How many steps were passed before a failure.
int steps_before(failure const& why)
{
    switch (why.where())
    {
    case stage::resolve:
        return 0;
    case stage::connect:
        return 1;
    case stage::handshake:
        return 2;
    default:
        return 3; // whatever it answered, or did not: it was reached
    }
}

host_report report_of(std::optional<failure> const& why)
{
    host_report report;
    host_step* const steps[] = {&report.name, &report.connection, &report.tls};
    char const* const details[] = {"resolved", "connected", "certificate accepted"};
    int const passed = why ? steps_before(*why) : 3;
    for (int i = 0; i < 3 && i <= passed; ++i)
    {
        steps[i]->taken = true;
        if (i == passed)
            steps[i]->failed = why;
        else
            steps[i]->detail = details[i];
    }
    return report;
}

boost::asio::awaitable<host_report> probe(std::shared_ptr<async::transport> transport,
                                          async::clock& time, base::url where, deadline until)
{
    async::http_request request(async::http_method::get, where.with_target("/"));
    auto const begin = time.now();
    auto const got = co_await transport->send(std::move(request), until);
    std::optional<failure> why;
    if (!got)
        why = got.error();
    auto report = report_of(why);
    report.connection.duration = std::chrono::round<std::chrono::milliseconds>(time.now() - begin);
    co_return report;
}

} // namespace

host_probe make_request_probe(std::shared_ptr<async::transport> transport, async::clock& time)
{
    return [transport = std::move(transport), &time](base::url where, deadline until)
    { return probe(transport, time, std::move(where), until); };
}

} // namespace kusto::doctor

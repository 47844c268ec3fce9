#include <kusto/doctor.hpp>

#include <async/call_on.hpp>
#include <boost/asio/strand.hpp>
#include <client_transport.hpp>
#include <doctor/examination.hpp>
#include <doctor/net_probe.hpp>
#include <utility>

namespace kusto
{

namespace asio = boost::asio;

namespace
{

asio::awaitable<result<diagnosis>> run(std::shared_ptr<doctor::examination> what)
{
    auto made = co_await what->run();
    co_return made;
}

} // namespace

asio::awaitable<diagnosis> diagnose(asio::any_io_executor executor, connection_options where,
                                    doctor_options what, deadline until)
{
    auto& time = async::system_clock();
    auto const connections = transport_for(where);
    auto transport = net::make_http_transport(executor, connections);
    if (!transport)
        co_return diagnosis::of(transport.error());
    auto probe = doctor::make_net_probe(executor, connections);
    doctor::surroundings with(executor, std::move(*transport), std::move(probe), time);
    auto const work = std::make_shared<doctor::examination>(std::move(with), std::move(where),
                                                            std::move(what), until);
    // Each question keeps to the deadline by itself, so that what was found is not lost.
    failure const late(errc::timed_out, stage::receive, "the diagnosis was not completed in time");
    auto got = co_await async::call_on(asio::make_strand(executor), run(work), deadline::never(),
                                       late, time);
    if (!got)
        co_return diagnosis::of(got.error());
    co_return std::move(*got);
}

} // namespace kusto

#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <doctor/host_report.hpp>
#include <net/probe.hpp>

namespace kusto::doctor
{

/// What a probe of a connection means for the checks. Pure.
[[nodiscard]] host_report to_host_report(net::probe_report const& probed);

/// Makes connections as a transport with these options would.
[[nodiscard]] host_probe make_net_probe(boost::asio::any_io_executor sockets,
                                        net::transport_options options);

} // namespace kusto::doctor

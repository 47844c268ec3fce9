#pragma once

#include <async/clock.hpp>
#include <async/transport.hpp>
#include <doctor/host_report.hpp>
#include <memory>

namespace kusto::doctor
{

/// Finds out how far one gets by asking for the root of the host, without credentials.
/// \param time  outlives the probe
[[nodiscard]] host_probe make_request_probe(std::shared_ptr<async::transport> transport,
                                            async::clock& time);

} // namespace kusto::doctor

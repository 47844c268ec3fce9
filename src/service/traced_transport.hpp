#pragma once

#include <async/clock.hpp>
#include <async/transport.hpp>
#include <base/logger.hpp>
#include <memory>

namespace kusto::service
{

/// A transport that logs each request after its end, at level trace: method, host, path, status or
/// error, duration. Never the query, which may be a signature, nor headers and bodies.
///
/// \param time  outlives the transport
/// Returns `inner` itself if nobody wants to know.
[[nodiscard]] std::shared_ptr<async::transport>
make_traced_transport(std::shared_ptr<async::transport> inner, base::logger log,
                      async::clock& time);

} // namespace kusto::service

#pragma once

#include <base/url.hpp>
#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <kusto/deadline.hpp>
#include <net/dial_trace.hpp>
#include <net/http_transport.hpp>
#include <string>
#include <string_view>
#include <vector>

namespace kusto::net
{

/// How far one connection got.
class probe_report
{
public:
    probe_report() = default;

    /// Every step was made.
    [[nodiscard]] bool succeeded() const noexcept;

    /// Host and port of the proxy, without credentials; empty if there is none.
    std::string proxy;
    /// Of the target, or of the proxy if there is one; IP address and port, in the order of trial.
    std::vector<std::string> addresses;
    /// In order. The last one may have failed; those after it were not tried.
    std::vector<dial_step> steps;
    /// Empty unless there was a handshake. When the certificate was refused, what it says.
    tls_facts tls;
};

/// For people: `resolve`, `TLS handshake`.
[[nodiscard]] std::string_view to_string(dial_step::kind what) noexcept;

/// Makes a connection to the host and port of `target` exactly as a transport with these options
/// would, tells how that went, and closes it. Nothing is sent over HTTP, but for `CONNECT` if there
/// is a proxy.
///
/// Failures are in the report; their host is set.
/// \pre The calling coroutine runs on a strand or a single-threaded context.
/// Cancellation: terminal.
[[nodiscard]] boost::asio::awaitable<probe_report> probe(boost::asio::any_io_executor sockets,
                                                         transport_options options,
                                                         base::url target, deadline until);

} // namespace kusto::net

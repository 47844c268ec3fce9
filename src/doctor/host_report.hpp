#pragma once

#include <base/time_text.hpp>
#include <base/url.hpp>
#include <boost/asio/awaitable.hpp>
#include <chrono>
#include <doctor/verdict.hpp>
#include <functional>
#include <kusto/deadline.hpp>
#include <kusto/error.hpp>
#include <optional>
#include <string>
#include <vector>

namespace kusto::doctor
{

/// One step on the way to a host.
class host_step
{
public:
    host_step() = default;

    bool taken = false; ///< false: an earlier one failed, or there is none such
    std::optional<failure> failed;
    std::string detail;
    std::chrono::milliseconds duration{};
};

/// How far one gets with a host, before any request.
class host_report
{
public:
    host_report() = default;

    host_step name;       ///< of the host or of its proxy
    host_step connection; ///< through the proxy, if there is one
    host_step tls;        ///< not taken for http
    /// End of the certificate's validity.
    std::optional<base::utc_time_point> certificate_end;
};

/// Asks how far one gets. Never throws but when it is cancelled.
using host_probe =
    std::function<boost::asio::awaitable<host_report>(base::url where, deadline until)>;

/// What a step means. \param name  of the check
[[nodiscard]] verdict judge_step(std::string_view name, host_step const& step,
                                 circumstances const& with = circumstances());

/// What a handshake means: the certificate may be near its end.
[[nodiscard]] verdict judge_tls(std::string_view name, host_report const& report, bool is_https,
                                base::utc_time_point now,
                                circumstances const& with = circumstances());

} // namespace kusto::doctor

#pragma once

#include <async/clock.hpp>
#include <base/secret.hpp>
#include <boost/asio/awaitable.hpp>
#include <host/child.hpp>
#include <kusto/deadline.hpp>
#include <kusto/error.hpp>
#include <string>

namespace kusto::host
{

/// What a program left behind.
class child_output
{
public:
    child_output() = default;

    int exit_code = 0; ///< see `child::reap`
    base::secret out;
    std::string err;
};

/// Runs a program to its end and collects what it writes: at most 1 MiB on each stream. What
/// processes that it leaves behind write later is not waited for.
///
/// Errors: `errc::credential_unavailable` when it cannot be started or writes more than that;
/// `errc::timed_out`. In these cases, after a cancellation and when the coroutine is destroyed the
/// program is killed with all of its process group.
/// \param time  outlives the operation
/// \pre The calling coroutine runs on a strand or a single-threaded context.
/// Cancellation: terminal.
[[nodiscard]] boost::asio::awaitable<result<child_output>> run_child(command what, deadline until,
                                                                     async::clock& time);

} // namespace kusto::host

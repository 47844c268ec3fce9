#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/system/error_code.hpp>
#include <cstdint>
#include <kusto/deadline.hpp>
#include <string>
#include <vector>

namespace kusto::net
{

class resolve_result
{
public:
    resolve_result() = default;

    std::vector<boost::asio::ip::tcp::endpoint> endpoints;
    boost::system::error_code ec;
    bool timed_out = false;
};

/// The addresses of `host`, which may be an IP address itself. `localhost` and names below it are
/// 127.0.0.1 and ::1 without a look-up: they are spoken to in the clear and may get tokens, so that a
/// resolver must not lead them elsewhere.
///
/// The system's resolver cannot be interrupted, and a context makes its look-ups one after another.
/// When the deadline passes or the caller is cancelled, the look-up goes on in the background of
/// `sockets`' context, unobserved. Cancellation: terminal.
[[nodiscard]] boost::asio::awaitable<resolve_result>
resolve(boost::asio::any_io_executor sockets, std::string host, std::uint16_t port, deadline until);

} // namespace kusto::net

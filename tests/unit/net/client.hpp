#pragma once

#include <async/transport.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/io_context.hpp>
#include <chrono>
#include <exception>
#include <kusto/deadline.hpp>
#include <kusto/error.hpp>
#include <memory>
#include <net/http_transport.hpp>
#include <string>

namespace kusto::test
{

/// How a request ended that was started with `client::start`.
class pending_reply
{
public:
    [[nodiscard]] bool done() const noexcept { return reply != nullptr || thrown != nullptr; }

    std::unique_ptr<result<async::http_response>> reply;
    std::exception_ptr thrown;
    boost::asio::cancellation_signal cancel;
};

/// A transport with the context that drives it, on the test's own thread.
class client
{
public:
    explicit client(net::transport_options options = net::transport_options());

    /// Sends and waits.
    result<async::http_response> send(async::http_request request,
                                      deadline until = deadline::after(std::chrono::seconds(5)));
    result<async::http_response> get(std::string const& url);

    [[nodiscard]] std::shared_ptr<pending_reply>
    start(async::http_request request, deadline until = deadline::after(std::chrono::seconds(5)));
    /// Runs the context until `reply` is done; fails the test when that takes longer than 10 s.
    void wait(pending_reply const& reply);
    /// Runs the context for a while.
    void run_for(std::chrono::milliseconds time);

    boost::asio::io_context context;
    std::shared_ptr<async::transport> http;
};

/// A request with a request id.
[[nodiscard]] async::http_request request(async::http_method method, std::string const& url);

/// Checks code, stage, host, outcome and retryable, the request id, and that there is a message.
void check_failure(result<async::http_response> const& reply, errc code, stage where, outcome data,
                   bool retryable);

} // namespace kusto::test

#include <net/tunnel.hpp>

#include <base/time_text.hpp>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <net/reply_reader.hpp>
#include <net/route.hpp>
#include <net/watchdog.hpp>
#include <string>
#include <utility>

namespace kusto::net
{

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

namespace
{

constexpr std::size_t header_limit = std::size_t(16) << 10;
// What follows the header of a refusal is not read.
constexpr std::size_t body_limit = std::size_t(1) << 20;

base::secret connect_request(base::url const& target, base::proxy_server const& via)
{
    auto const place = place_of(target);
    constexpr std::size_t names = 128;
    std::string text;
    text.reserve(2 * place.size() + via.authorization.size() + names);
    text.append("CONNECT ").append(place).append(" HTTP/1.1\r\nHost: ").append(place);
    if (!via.authorization.empty())
        text.append("\r\nProxy-Authorization: ").append(via.authorization.reveal());
    text.append("\r\n\r\n");
    return base::secret(std::move(text));
}

std::string why_refused(int status, base::url const& target, bool with_credentials)
{
    auto const place = place_of(target);
    if (status == 407 && with_credentials)
        return "it does not accept user name and password (only Basic is supported): correct "
               "those in proxy::at or the environment variable";
    if (status == 407)
        return "it demands user name and password: give them as http://user:password@host:port, "
               "in proxy::at or the environment variable";
    if (status == 403)
        return "it does not allow connections to " + place +
               ": have it allowed, or reach the host without the proxy (NO_PROXY, the bypass list)";
    if (status == 502 || status == 503 || status == 504)
        return "it cannot reach " + place + " at present";
    if (status / 100 == 3)
        return "it redirects instead of making a tunnel to " + place + "; check that it is a proxy";
    return "it refuses a tunnel to " + place + "; check that it is a proxy that allows CONNECT";
}

bool may_pass(int status)
{
    return status == 408 || status == 429 || status == 500 || status == 502 || status == 503 ||
           status == 504;
}

failure refused(base::proxy_server const& via, base::url const& target, int status)
{
    auto message = why_refused(status, target, !via.authorization.empty()) + " (status " +
                   std::to_string(status) + ")";
    failure what(errc::proxy_refused, stage::connect, std::move(message));
    what.status(status).retryable(may_pass(status));
    return at_proxy(via, target, what);
}

failure unusable(base::proxy_server const& via, base::url const& target, failure const& why)
{
    failure what(why.code(), stage::connect, "its answer to CONNECT: " + why.message());
    what.status(why.status()).retryable(why.code() == errc::connection_lost);
    return at_proxy(via, target, what);
}

failure broken(base::proxy_server const& via, base::url const& target, error_code ec)
{
    auto const reason = ec == asio::error::eof ? "closed by the proxy" : ec.message();
    failure what(errc::connection_lost, stage::connect,
                 "the connection broke before it answered CONNECT (" + reason + ")");
    what.retryable(true);
    return at_proxy(via, target, what);
}

/// Nothing if there is a tunnel.
result<void> judge(reply_reader& reader, base::proxy_server const& via, base::url const& target)
{
    if (reader.failed())
    {
        auto const why = reader.why();
        if (why.code() == errc::redirect_refused)
            return refused(via, target, why.status());
        return unusable(via, target, why);
    }
    bool const surplus = reader.surplus();
    auto const reply = reader.take();
    if (reply.status / 100 != 2)
    {
        auto what = refused(via, target, reply.status);
        auto const now = std::chrono::system_clock::now();
        auto const pause = base::parse_retry_after(reply.header("Retry-After"), now);
        if (pause)
            what.retry_after(*pause);
        return what;
    }
    // In TLS the client speaks first, so what comes before that is not the target's.
    if (surplus)
        return unusable(via, target,
                        failure(errc::malformed_reply, stage::connect,
                                "bytes follow it that nobody asked for"));
    return result<void>(boost::system::in_place_value);
}

/// Sends the request, and reads until the reply is complete or nothing more can come.
asio::awaitable<error_code> converse(tcp::socket& socket, base::secret const& request,
                                     reply_reader& reader)
{
    auto const [unsent, sent] = co_await asio::async_write(socket, asio::buffer(request.reveal()),
                                                           asio::as_tuple(asio::use_awaitable));
    static_cast<void>(sent);
    if (unsent)
        co_return unsent;
    while (!reader.done() && !reader.failed())
    {
        auto const [ec, size] =
            co_await socket.async_read_some(reader.prepare(), asio::as_tuple(asio::use_awaitable));
        if (ec == asio::error::eof && reader.started())
            reader.end_of_stream();
        else if (ec)
            co_return ec;
        else
            reader.commit(size);
    }
    co_return error_code();
}

} // namespace

asio::awaitable<result<tcp::socket>> open_tunnel(tcp::socket socket, base::url target,
                                                 base::proxy_server const& via, dial_limit limit)
{
    auto const request = connect_request(target, via);
    // As to HEAD: no body is part of the answer.
    reply_reader reader(true, header_limit, body_limit);
    watchdog dog(co_await asio::this_coro::executor);
    auto const close = [&socket]
    {
        error_code ignored;
        socket.close(ignored);
    };
    dog.arm(limit.due(), close);
    auto const ec = co_await converse(socket, request, reader);
    dog.disarm();
    auto const state = co_await asio::this_coro::cancellation_state;
    if (state.cancelled() != asio::cancellation_type::none)
        throw boost::system::system_error(asio::error::operation_aborted);
    if (dog.expired())
        co_return at_proxy(via, target, limit.exceeded(stage::connect));
    if (ec)
        co_return broken(via, target, ec);
    auto const tunnel = judge(reader, via, target);
    if (!tunnel)
        co_return tunnel.error();
    co_return std::move(socket);
}

} // namespace kusto::net

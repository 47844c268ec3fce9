#include <net/dialer.hpp>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <net/resolve.hpp>
#include <net/tunnel.hpp>
#include <net/watchdog.hpp>
#include <netinet/tcp.h>
#include <string>
#include <sys/socket.h>
#include <utility>
#include <vector>

namespace kusto::net
{

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

namespace
{

bool is_cancelled(asio::cancellation_state const& state)
{
    return state.cancelled() != asio::cancellation_type::none;
}

void tune(tcp::socket& socket)
{
    error_code ignored;
    socket.set_option(tcp::no_delay(true), ignored);
    socket.set_option(asio::socket_base::keep_alive(true), ignored);
    int const idle_seconds = 30;
    ::setsockopt(socket.native_handle(), IPPROTO_TCP, TCP_KEEPIDLE, &idle_seconds,
                 sizeof(idle_seconds));
}

std::string to_text(tcp::endpoint const& where)
{
    auto const address = where.address().to_string();
    return (where.address().is_v6() ? '[' + address + ']' : address) + ':' +
           std::to_string(where.port());
}

failure not_resolved(std::string const& host, error_code ec)
{
    failure what(errc::host_not_found, stage::resolve,
                 "the name " + host + " does not resolve (" + ec.message() +
                     "); check the host's spelling and this machine's DNS");
    // Also a name that is said not to exist: resolvers say so while a network is down or a name is
    // new, and nothing is lost by asking again.
    what.retryable(true);
    return what;
}

failure not_connected(std::string const& attempts)
{
    failure what(errc::connect_failed, stage::connect,
                 "no TCP connection: " + attempts +
                     "; check host and port, and that nothing in between blocks them");
    what.retryable(true);
    return what;
}

/// What to do about a refused certificate.
std::string remedy(tls_fault what, async::tls_peer const* expected)
{
    if (expected != nullptr && !expected->thumbprint.empty())
        return "; only the one with the given thumbprint is accepted";
    bool const own_authorities = expected != nullptr && !expected->ca_pem.empty();
    if (what == tls_fault::unknown_issuer && own_authorities)
        return "; only authorities given for this server are trusted";
    return "; " + std::string(advice_on(what));
}

failure not_shaken(stream const& peer, handshake_result const& how, async::tls_peer const* expected)
{
    if (how.certificate)
        return failure(errc::certificate_rejected, stage::handshake,
                       "the server's certificate was refused (" + how.reason + ")" +
                           remedy(*how.certificate, expected));
    if (peer.is_tls_error(how.ec))
        return failure(
            errc::tls_failed, stage::handshake,
            "TLS handshake failed (" + how.reason +
                "); check that the port speaks TLS 1.2, or what minimum_tls demands, and "
                "whether the server wants a tls_certificate");
    failure what(errc::connection_lost, stage::handshake,
                 "the connection broke during the TLS handshake (" + how.reason + ")");
    what.retryable(true);
    return what;
}

/// Tries the endpoints in order. Each gets a fair share of the time left, so that one that does not
/// answer leaves some for the next.
asio::awaitable<result<tcp::socket>> connect(asio::any_io_executor sockets,
                                             std::vector<tcp::endpoint> endpoints, dial_limit limit)
{
    watchdog dog(co_await asio::this_coro::executor);
    std::string attempts;
    auto remaining = endpoints.size();
    for (auto const& endpoint : endpoints)
    {
        tcp::socket socket(sockets);
        auto const share = limit.due().left() / static_cast<int>(remaining--);
        auto const close = [&socket]
        {
            error_code ignored;
            socket.close(ignored);
        };
        auto const until = remaining == 0 ? limit.due() : deadline::after(share);
        dog.arm(until, close);
        auto const [ec] =
            co_await socket.async_connect(endpoint, asio::as_tuple(asio::use_awaitable));
        dog.disarm();
        if (!ec)
        {
            tune(socket);
            co_return std::move(socket);
        }
        auto const state = co_await asio::this_coro::cancellation_state;
        if (is_cancelled(state))
            throw boost::system::system_error(asio::error::operation_aborted);
        if (limit.due().passed())
            co_return limit.exceeded(stage::connect);
        attempts += attempts.empty() ? "" : ", ";
        attempts += to_text(endpoint) + " (" + (dog.expired() ? "no answer" : ec.message()) + ")";
    }
    co_return not_connected(attempts);
}

/// \param seen  outlives the operation
asio::awaitable<result<std::unique_ptr<stream>>> shake_hands(std::unique_ptr<stream> peer,
                                                             async::tls_peer const* expected,
                                                             dial_limit limit, tls_facts& seen)
{
    watchdog dog(co_await asio::this_coro::executor);
    dog.arm(limit.due(), [raw = peer.get()] { raw->close(); });
    auto const how = co_await peer->handshake();
    dog.disarm();
    seen = peer->facts();
    if (!how.ec)
        co_return std::move(peer);
    auto const state = co_await asio::this_coro::cancellation_state;
    if (is_cancelled(state))
        throw boost::system::system_error(asio::error::operation_aborted);
    if (dog.expired())
        co_return limit.exceeded(stage::handshake);
    co_return not_shaken(*peer, how, expected);
}

result<std::vector<tcp::endpoint>> endpoints_of(resolve_result found, base::url const& place,
                                                dial_limit const& limit)
{
    if (found.timed_out)
        return limit.exceeded(stage::resolve);
    if (found.ec || found.endpoints.empty())
        return not_resolved(place.host(), found.ec);
    return std::move(found.endpoints);
}

/// The failure of `how`, which on the way to a proxy is the proxy's.
template <class T>
result<T> attributed(route const& way, result<T> how)
{
    if (how || way.via == nullptr)
        return how;
    return at_proxy(*way.via, way.target, how.error());
}

} // namespace

dialer::dialer(asio::any_io_executor sockets, std::shared_ptr<tls_context> tls,
               std::chrono::milliseconds connect_timeout)
    : sockets_(std::move(sockets)),
      tls_(std::move(tls)),
      connect_timeout_(connect_timeout)
{
}

asio::awaitable<result<tcp::socket>> dialer::reach(route const& way, dial_limit limit,
                                                   dial_trace& trace)
{
    auto const& hop = way.first_hop();
    auto looked_up = co_await resolve(sockets_, hop.host(), hop.port(), limit.due());
    auto const found = attributed(way, endpoints_of(std::move(looked_up), hop, limit));
    trace.end(dial_step::kind::resolve, found);
    if (!found)
        co_return found.error();
    for (auto const& each : *found)
        trace.addresses.push_back(to_text(each));

    auto socket = co_await connect(sockets_, *found, limit);
    auto connected = attributed(way, std::move(socket));
    trace.end(dial_step::kind::connect, connected);
    if (!connected || way.via == nullptr)
        co_return connected;
    auto tunnel = co_await open_tunnel(*std::move(connected), way.target, *way.via, limit);
    trace.end(dial_step::kind::tunnel, tunnel);
    co_return tunnel;
}

asio::awaitable<result<std::unique_ptr<stream>>> dialer::dial(route way, deadline until,
                                                              dial_trace* trace)
{
    dial_trace unused;
    auto& seen = trace != nullptr ? *trace : unused;
    dial_limit const limit(until, connect_timeout_);
    seen.begin();
    auto reached = co_await reach(way, limit, seen);
    if (!reached)
        co_return reached.error();
    if (!way.target.is_https())
        co_return make_tcp_stream(*std::move(reached));

    auto peer = tls_->wrap(*std::move(reached), way.target.host(), way.peer.get());
    if (!peer)
        co_return peer.error();
    auto shaken = co_await shake_hands(*std::move(peer), way.peer.get(), limit, seen.tls);
    seen.end(dial_step::kind::handshake, shaken);
    co_return shaken;
}

} // namespace kusto::net

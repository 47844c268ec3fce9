#include <net/dialer.hpp>

#include <algorithm>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <cstdint>
#include <net/resolve.hpp>
#include <net/watchdog.hpp>
#include <netinet/tcp.h>
#include <string>
#include <sys/socket.h>
#include <utility>

namespace kusto::net
{

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

namespace
{

/// One attempt to connect: its limit, and the words for when it passes.
class budget
{
public:
    budget(deadline until, std::chrono::milliseconds connect_timeout)
        : started_(deadline::clock::now()),
          due_(until.sooner(deadline(started_ + connect_timeout))),
          by_caller_(until.when() <= started_ + connect_timeout)
    {
    }

    deadline due() const { return due_; }

    failure exceeded(stage where) const
    {
        auto const limit =
            std::chrono::duration_cast<std::chrono::milliseconds>(due_.when() - started_).count();
        std::string const whose =
            by_caller_ ? " ms, the caller's deadline" : " ms (connect_timeout)";
        failure what(errc::timed_out, where,
                     std::string(to_string(where)) + " did not complete within " +
                         std::to_string(std::max<std::int64_t>(limit, 0)) + whose);
        what.retryable(true);
        return what;
    }

private:
    deadline::time_point started_;
    deadline due_;
    bool by_caller_;
};

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

failure not_shaken(stream const& peer, handshake_result const& how)
{
    if (how.certificate)
        return failure(errc::certificate_rejected, stage::handshake,
                       "the server's certificate was refused (" + how.reason +
                           "); if its authority is to be trusted, set ca_file");
    if (peer.is_tls_error(how.ec))
        return failure(errc::tls_failed, stage::handshake,
                       "TLS handshake failed (" + how.reason +
                           "); check that the port speaks TLS 1.2 or newer");
    failure what(errc::connection_lost, stage::handshake,
                 "the connection broke during the TLS handshake (" + how.reason + ")");
    what.retryable(true);
    return what;
}

/// Tries the endpoints in order. Each gets a fair share of the time left, so that one that does not
/// answer leaves some for the next.
asio::awaitable<result<tcp::socket>> connect(asio::any_io_executor sockets,
                                             std::vector<tcp::endpoint> endpoints, budget limit)
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

asio::awaitable<result<std::unique_ptr<stream>>> shake_hands(std::unique_ptr<stream> peer,
                                                             budget limit)
{
    watchdog dog(co_await asio::this_coro::executor);
    dog.arm(limit.due(), [raw = peer.get()] { raw->close(); });
    auto const how = co_await peer->handshake();
    dog.disarm();
    if (!how.ec)
        co_return std::move(peer);
    auto const state = co_await asio::this_coro::cancellation_state;
    if (is_cancelled(state))
        throw boost::system::system_error(asio::error::operation_aborted);
    if (dog.expired())
        co_return limit.exceeded(stage::handshake);
    co_return not_shaken(*peer, how);
}

} // namespace

dialer::dialer(asio::any_io_executor sockets, std::shared_ptr<tls_context> tls,
               std::chrono::milliseconds connect_timeout)
    : sockets_(std::move(sockets)),
      tls_(std::move(tls)),
      connect_timeout_(connect_timeout)
{
}

asio::awaitable<result<std::unique_ptr<stream>>> dialer::dial(base::url target, deadline until)
{
    budget const limit(until, connect_timeout_);
    auto const found = co_await resolve(sockets_, target.host(), target.port(), limit.due());
    if (found.timed_out)
        co_return limit.exceeded(stage::resolve);
    if (found.ec || found.endpoints.empty())
        co_return not_resolved(target.host(), found.ec);

    auto connected = co_await connect(sockets_, found.endpoints, limit);
    if (!connected)
        co_return connected.error();
    if (!target.is_https())
        co_return make_tcp_stream(*std::move(connected));

    auto peer = tls_->wrap(*std::move(connected), target.host());
    auto shaken = co_await shake_hands(std::move(peer), limit);
    co_return shaken;
}

} // namespace kusto::net

#include <emulator/server/http_connection.hpp>
#include <emulator/server/http_server.hpp>
#include <emulator/server/thread_name.hpp>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/strand.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <list>
#include <stdexcept>
#include <thread>
#include <vector>

namespace kusto::emulator
{

namespace asio = boost::asio;
namespace beast = boost::beast;
using tcp = asio::ip::tcp;

namespace
{

constexpr auto token = asio::as_tuple(asio::use_awaitable);
constexpr std::chrono::seconds handshake_limit(120);
constexpr std::chrono::seconds shutdown_limit(1);

struct endpoint_state
{
    endpoint_state(asio::io_context& io, port_settings with)
        : acceptor(io),
          settings(std::move(with))
    {
    }

    tcp::acceptor acceptor;
    port_settings settings;
    asio::ssl::context* tls = nullptr;
};

asio::awaitable<void> serve_plain(tcp::socket socket, endpoint_state& state)
{
    beast::tcp_stream stream(std::move(socket));
    http_connection<beast::tcp_stream> connection(stream, state.settings);
    auto const end = co_await connection.run();
    beast::error_code ignored;
    if (end == connection_end::orderly)
        stream.socket().shutdown(tcp::socket::shutdown_both, ignored);
}

asio::awaitable<void> serve_tls(tcp::socket socket, endpoint_state& state)
{
    asio::ssl::stream<beast::tcp_stream> stream(std::move(socket), *state.tls);
    beast::get_lowest_layer(stream).expires_after(handshake_limit);
    auto const [error] = co_await stream.async_handshake(asio::ssl::stream_base::server, token);
    if (error)
        co_return;
    http_connection<asio::ssl::stream<beast::tcp_stream>> connection(stream, state.settings);
    auto const end = co_await connection.run();
    if (end == connection_end::abrupt)
        co_return;
    beast::get_lowest_layer(stream).expires_after(shutdown_limit);
    co_await stream.async_shutdown(token);
}

/// The connection is there, and nothing comes from it.
asio::awaitable<void> hold_silent(tcp::socket socket, endpoint_state& state)
{
    beast::tcp_stream stream(std::move(socket));
    http_connection<beast::tcp_stream> connection(stream, state.settings);
    co_await connection.stay_silent();
}

/// A connection that dies by an exception is closed; it must not end the server.
void ignore_failure(std::exception_ptr) noexcept {}

asio::awaitable<void> accept_connections(asio::io_context& io, endpoint_state& state)
{
    for (;;)
    {
        asio::any_io_executor const strand = asio::make_strand(io);
        tcp::socket socket(strand);
        auto const [error] = co_await state.acceptor.async_accept(socket, token);
        if (error == asio::error::operation_aborted)
            co_return;
        if (error)
        {
            // Most likely out of descriptors: closing connections will free some.
            asio::steady_timer pause(io, std::chrono::milliseconds(50));
            co_await pause.async_wait(token);
            continue;
        }
        beast::error_code ignored;
        socket.set_option(tcp::no_delay(true), ignored);
        bool const silent =
            state.settings.policy != nullptr && state.settings.policy->silent_connection();
        if (silent)
            asio::co_spawn(strand, hold_silent(std::move(socket), state), ignore_failure);
        else if (state.tls != nullptr)
            asio::co_spawn(strand, serve_tls(std::move(socket), state), ignore_failure);
        else
            asio::co_spawn(strand, serve_plain(std::move(socket), state), ignore_failure);
    }
}

} // namespace

struct http_server::impl
{
    std::unique_ptr<asio::ssl::context> tls;
    std::optional<asio::io_context> io;
    std::list<endpoint_state> endpoints;
    std::vector<std::thread> threads;
};

http_server::http_server(std::optional<tls_identity> const& identity)
    : impl_(std::make_unique<impl>())
{
    impl_->io.emplace();
    if (!identity)
        return;
    impl_->tls = std::make_unique<asio::ssl::context>(asio::ssl::context::tls_server);
    auto& tls = *impl_->tls;
    tls.set_options(asio::ssl::context::no_sslv3 | asio::ssl::context::no_tlsv1 |
                    asio::ssl::context::no_tlsv1_1);
    tls.use_certificate_chain(asio::buffer(identity->server_certificate_pem));
    tls.use_private_key(asio::buffer(identity->server_key_pem), asio::ssl::context::pem);
}

http_server::~http_server()
{
    stop();
}

std::uint16_t http_server::listen(std::uint16_t port, std::uint64_t body_limit, handler serve,
                                  exchange_policy* policy, discard_rule discards)
{
    port_settings settings{body_limit, impl_->tls != nullptr, std::move(serve), policy,
                           std::move(discards)};
    auto& state = impl_->endpoints.emplace_back(*impl_->io, std::move(settings));
    state.tls = impl_->tls.get();
    tcp::endpoint const address(asio::ip::address_v4::loopback(), port);
    beast::error_code error;
    state.acceptor.open(address.protocol(), error);
    if (!error)
        state.acceptor.set_option(asio::socket_base::reuse_address(true), error);
    if (!error)
        state.acceptor.bind(address, error);
    if (!error)
        state.acceptor.listen(asio::socket_base::max_listen_connections, error);
    if (error)
        throw std::runtime_error("local cluster: cannot listen on 127.0.0.1:" +
                                 std::to_string(port) + ": " + error.message());
    return state.acceptor.local_endpoint().port();
}

void http_server::start(std::size_t threads)
{
    for (auto& state : impl_->endpoints)
        asio::co_spawn(*impl_->io, accept_connections(*impl_->io, state), ignore_failure);
    for (std::size_t i = 0; i < (threads == 0 ? 1 : threads); ++i)
        impl_->threads.emplace_back(
            [this]
            {
                name_this_thread();
                impl_->io->run();
            });
}

void http_server::stop()
{
    if (!impl_->io)
        return;
    impl_->io->stop();
    for (auto& thread : impl_->threads)
        thread.join();
    impl_->threads.clear();
    // Destroying the context destroys the coroutines, and with them the connections.
    impl_->endpoints.clear();
    impl_->io.reset();
}

} // namespace kusto::emulator

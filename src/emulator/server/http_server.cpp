#include <emulator/server/http_server.hpp>
#include <emulator/server/thread_name.hpp>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/strand.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http.hpp>
#include <boost/beast/http/span_body.hpp>
#include <list>
#include <stdexcept>
#include <thread>
#include <vector>

namespace kusto::emulator
{

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;
using tcp = asio::ip::tcp;

namespace
{

constexpr auto token = asio::as_tuple(asio::use_awaitable);
constexpr std::uint32_t header_limit = 64 * 1024;
constexpr std::chrono::seconds idle_limit(120);
constexpr std::chrono::seconds transfer_limit(600);
constexpr std::chrono::seconds shutdown_limit(1);
constexpr std::string_view continue_line = "HTTP/1.1 100 Continue\r\n\r\n";

struct endpoint_state
{
    endpoint_state(asio::io_context& io, std::uint64_t limit, http_server::handler serve_with)
        : acceptor(io),
          body_limit(limit),
          serve(std::move(serve_with))
    {
    }

    tcp::acceptor acceptor;
    std::uint64_t body_limit;
    http_server::handler serve;
    asio::ssl::context* tls = nullptr;
};

enum class reading
{
    complete,
    too_large,
    malformed,
    closed
};

reading classify(beast::error_code error)
{
    if (error == http::error::body_limit)
        return reading::too_large;
    bool const http_error = error.category() == make_error_code(http::error::bad_method).category();
    return http_error && error != http::error::end_of_stream &&
                   error != http::error::partial_message
               ? reading::malformed
               : reading::closed;
}

void convert(http::request<http::string_body>&& from, request& to)
{
    auto const view = [](auto text) { return std::string(text.data(), text.size()); };
    to.method = view(from.method_string());
    to.set_target(view(from.target()));
    for (auto const& field : from)
        to.headers.add(view(field.name_string()), view(field.value()));
    to.body = std::move(from.body());
}

template <class Stream>
asio::awaitable<reading> read_request(Stream& stream, beast::flat_buffer& buffer,
                                      std::uint64_t limit, request& out, bool& keep_alive)
{
    http::request_parser<http::string_body> parser;
    parser.body_limit(limit);
    parser.header_limit(header_limit);
    beast::get_lowest_layer(stream).expires_after(idle_limit);
    auto [error, size] = co_await http::async_read_header(stream, buffer, parser, token);
    if (error)
        co_return classify(error);
    beast::get_lowest_layer(stream).expires_after(transfer_limit);
    if (beast::iequals(parser.get()[http::field::expect], "100-continue"))
    {
        auto const line = asio::buffer(continue_line);
        std::tie(error, size) = co_await asio::async_write(stream, line, token);
        if (error)
            co_return reading::closed;
    }
    std::tie(error, size) = co_await http::async_read(stream, buffer, parser, token);
    if (error)
        co_return classify(error);
    keep_alive = parser.get().keep_alive();
    convert(parser.release(), out);
    co_return reading::complete;
}

template <class Body>
void fill_header(http::response<Body>& message, response const& answer, bool keep_alive)
{
    message.version(11);
    message.result(static_cast<unsigned>(answer.status));
    message.set(http::field::server, "kusto-cpp-local-cluster");
    for (auto const& [name, value] : answer.headers)
        message.set(name, value);
    message.keep_alive(keep_alive);
    bool const bodiless = answer.status == 204 || answer.status == 304;
    if (!bodiless)
        message.content_length(answer.head_length ? *answer.head_length : answer.body.size());
}

template <class Stream>
asio::awaitable<bool> write_response(Stream& stream, response const& answer, bool head,
                                     bool keep_alive)
{
    beast::get_lowest_layer(stream).expires_after(transfer_limit);
    if (head)
    {
        http::response<http::empty_body> message;
        fill_header(message, answer, keep_alive);
        auto const [error, size] = co_await http::async_write(stream, message, token);
        co_return !error;
    }
    http::response<http::span_body<char const>> message;
    message.body() = beast::span<char const>(answer.body.data(), answer.body.size());
    fill_header(message, answer, keep_alive);
    auto const [error, size] = co_await http::async_write(stream, message, token);
    co_return !error;
}

response framing_error(reading outcome)
{
    response answer;
    answer.status = outcome == reading::too_large ? 413 : 400;
    answer.headers.add("x-ms-error-code",
                       outcome == reading::too_large ? "RequestBodyTooLarge" : "InvalidInput");
    return answer;
}

response call_handler(endpoint_state& state, request& received)
{
    try
    {
        return state.serve(received);
    }
    catch (std::exception const& error)
    {
        response answer;
        answer.status = 500;
        answer.headers.add("x-ms-error-code", "InternalError");
        answer.headers.add("Content-Type", "text/plain");
        answer.body = std::string("local cluster: ") + error.what();
        answer.close = true;
        return answer;
    }
}

template <class Stream>
asio::awaitable<void> serve_requests(Stream& stream, endpoint_state& state)
{
    beast::flat_buffer buffer;
    for (bool open = true; open;)
    {
        request received;
        received.tls = state.tls != nullptr;
        bool keep_alive = false;
        auto const outcome =
            co_await read_request(stream, buffer, state.body_limit, received, keep_alive);
        if (outcome == reading::closed)
            co_return;
        bool const complete = outcome == reading::complete;
        bool const head = complete && received.method == "HEAD";
        auto const answer = complete ? call_handler(state, received) : framing_error(outcome);
        keep_alive = keep_alive && complete && !answer.close;
        bool const written = co_await write_response(stream, answer, head, keep_alive);
        open = written && keep_alive;
    }
}

asio::awaitable<void> serve_plain(tcp::socket socket, endpoint_state& state)
{
    beast::tcp_stream stream(std::move(socket));
    co_await serve_requests(stream, state);
    beast::error_code ignored;
    stream.socket().shutdown(tcp::socket::shutdown_both, ignored);
}

asio::awaitable<void> serve_tls(tcp::socket socket, endpoint_state& state)
{
    asio::ssl::stream<beast::tcp_stream> stream(std::move(socket), *state.tls);
    beast::get_lowest_layer(stream).expires_after(idle_limit);
    auto const [error] = co_await stream.async_handshake(asio::ssl::stream_base::server, token);
    if (error)
        co_return;
    co_await serve_requests(stream, state);
    beast::get_lowest_layer(stream).expires_after(shutdown_limit);
    co_await stream.async_shutdown(token);
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
        if (state.tls != nullptr)
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

std::uint16_t http_server::listen(std::uint16_t port, std::uint64_t body_limit, handler serve)
{
    auto& state = impl_->endpoints.emplace_back(*impl_->io, body_limit, std::move(serve));
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

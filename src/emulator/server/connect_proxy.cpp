#include <kusto/emulator/connect_proxy.hpp>

#include <emulator/server/encoding.hpp>
#include <emulator/server/http_message.hpp>
#include <emulator/server/thread_name.hpp>

#include <algorithm>
#include <array>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <charconv>
#include <chrono>
#include <mutex>
#include <optional>
#include <stdexcept>
#include <thread>

namespace kusto::emulator
{

namespace asio = boost::asio;
using tcp = asio::ip::tcp;

namespace
{

constexpr auto token = asio::as_tuple(asio::use_awaitable);
constexpr std::size_t head_limit = 16 * 1024;
constexpr std::size_t piece_bytes = std::size_t(64) * 1024;

std::uint16_t port_of(std::string_view text)
{
    std::uint16_t port = 0;
    auto const colon = text.rfind(':');
    if (colon == std::string_view::npos)
        return 0;
    auto const digits = text.substr(colon + 1);
    auto const [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), port);
    return error == std::errc() && end == digits.data() + digits.size() ? port : std::uint16_t(0);
}

struct proxy_request
{
    std::string method;
    std::string target;
    bool old = false; ///< HTTP/1.0, which need not have a `Host`
    header_list headers;
};

/// Whether `Host` is the tunnel's destination. The port of HTTPS may be left out.
bool names_destination(proxy_request const& what)
{
    auto const* const host = what.headers.find("Host");
    if (host == nullptr)
        return what.old;
    return equal_no_case(*host, what.target) || equal_no_case(*host + ":443", what.target);
}

/// Nothing when it is not the head of a request of HTTP/1.1 or 1.0.
/// \param head  up to and with the empty line
std::optional<proxy_request> parse_head(std::string_view head)
{
    auto const line_end = head.find("\r\n");
    auto const line = head.substr(0, line_end);
    auto const first = line.find(' ');
    auto const second = line.rfind(' ');
    if (first == std::string_view::npos || first == second)
        return std::nullopt;
    auto const version = line.substr(second + 1);
    if (version != "HTTP/1.1" && version != "HTTP/1.0")
        return std::nullopt;
    proxy_request out;
    out.old = version == "HTTP/1.0";
    out.method = line.substr(0, first);
    out.target = line.substr(first + 1, second - first - 1);
    for (auto rest = head.substr(line_end + 2); rest.substr(0, 2) != "\r\n";)
    {
        auto const end = rest.find("\r\n");
        auto const field = rest.substr(0, end);
        auto const colon = field.find(':');
        if (colon == std::string_view::npos)
            return std::nullopt;
        auto value = field.substr(colon + 1);
        value.remove_prefix(std::min(value.find_first_not_of(' '), value.size()));
        out.headers.add(std::string(field.substr(0, colon)), std::string(value));
        rest.remove_prefix(end + 2);
    }
    return out;
}

std::string answer_of(int status)
{
    std::string const line = "HTTP/1.1 " + std::to_string(status);
    if (status == 200)
        return line + " Connection established\r\n\r\n";
    std::string const wanted =
        status == 407 ? "Proxy-Authenticate: Basic realm=\"local proxy\"\r\n" : "";
    return line + " Refused\r\n" + wanted + "Content-Length: 0\r\nConnection: close\r\n\r\n";
}

/// One direction of a tunnel. A side that ends its direction ends the tunnel's.
asio::awaitable<void> pump(std::shared_ptr<tcp::socket> from, std::shared_ptr<tcp::socket> to)
{
    std::vector<char> piece(piece_bytes);
    for (bool open = true; open;)
    {
        auto const [read_error, size] = co_await from->async_read_some(asio::buffer(piece), token);
        open = !read_error;
        if (!open)
            break;
        auto const data = asio::buffer(piece.data(), size);
        auto const [write_error, written] = co_await asio::async_write(*to, data, token);
        open = !write_error;
    }
    boost::system::error_code ignored;
    to->shutdown(tcp::socket::shutdown_send, ignored);
}

} // namespace

connect_proxy_options& connect_proxy_options::route(std::string const& authority,
                                                    std::uint16_t loopback_port)
{
    routes_[lower_case(authority)] = loopback_port;
    return *this;
}

connect_proxy_options& connect_proxy_options::route(std::string const& authority,
                                                    std::string const& url)
{
    return route(authority, port_of(url));
}

struct connect_proxy::impl
{
    explicit impl(connect_proxy_options given) : options(std::move(given)) {}

    /// 200, or why there is no tunnel.
    [[nodiscard]] int decide(proxy_request const& what) const;
    [[nodiscard]] std::uint16_t destination(std::string const& authority) const;
    void note(proxy_request const& what);
    asio::awaitable<void> accept();
    asio::awaitable<void> serve(std::shared_ptr<tcp::socket> client);
    asio::awaitable<void> tunnel(std::shared_ptr<tcp::socket> client, std::uint16_t port,
                                 std::string early);
    void stop();

    connect_proxy_options const options;
    mutable std::mutex mutex;
    connect_proxy_counts counts;
    std::uint16_t port = 0;
    std::optional<asio::io_context> io{std::in_place};
    std::optional<tcp::acceptor> acceptor{std::in_place, *io};
    std::thread thread;
    std::once_flag stopped;
};

std::uint16_t connect_proxy::impl::destination(std::string const& authority) const
{
    auto const name = lower_case(authority);
    if (auto const found = options.routes().find(name); found != options.routes().end())
        return found->second;
    auto const host = name.substr(0, name.rfind(':'));
    bool const loopback = host == "localhost" || host == "127.0.0.1" || host == "[::1]";
    return loopback ? port_of(name) : std::uint16_t(0);
}

int connect_proxy::impl::decide(proxy_request const& what) const
{
    if (what.method != "CONNECT")
        return 405;
    if (!names_destination(what))
        return 400;
    auto const wanted = "Basic " + base64_encode(options.user() + ":" + options.password());
    if (!options.user().empty() && what.headers.get("Proxy-Authorization") != wanted)
        return 407;
    if (options.refuse() != 0)
        return options.refuse();
    return destination(what.target) == 0 ? 502 : 200;
}

void connect_proxy::impl::note(proxy_request const& what)
{
    std::lock_guard const lock(mutex);
    ++counts.requests;
    if (what.method == "CONNECT")
        counts.asked.push_back(what.target);
    for (auto const& [name, value] : what.headers)
    {
        if (!equal_no_case(name, "Host") && !equal_no_case(name, "Proxy-Authorization"))
            counts.other_headers.push_back(name);
    }
}

asio::awaitable<void> connect_proxy::impl::accept()
{
    for (;;)
    {
        auto client = std::make_shared<tcp::socket>(*io);
        auto const [error] = co_await acceptor->async_accept(*client, token);
        if (error == asio::error::operation_aborted)
            co_return;
        if (error)
        {
            // Most likely out of descriptors: closing connections will free some.
            asio::steady_timer pause(*io, std::chrono::milliseconds(50));
            co_await pause.async_wait(token);
            continue;
        }
        asio::co_spawn(*io, serve(std::move(client)), asio::detached);
    }
}

asio::awaitable<void> connect_proxy::impl::serve(std::shared_ptr<tcp::socket> client)
{
    std::string bytes;
    auto const into = asio::dynamic_buffer(bytes, head_limit);
    auto const [error, size] = co_await asio::async_read_until(*client, into, "\r\n\r\n", token);
    if (error)
        co_return;
    auto const what = parse_head(std::string_view(bytes).substr(0, size));
    if (what)
        note(*what);
    int const status = what ? decide(*what) : 400;
    if (status == 200)
    {
        co_await tunnel(std::move(client), destination(what->target), bytes.substr(size));
        co_return;
    }
    {
        std::lock_guard const lock(mutex);
        ++counts.refused;
    }
    auto const answer = answer_of(status);
    co_await asio::async_write(*client, asio::buffer(answer), token);
}

asio::awaitable<void> connect_proxy::impl::tunnel(std::shared_ptr<tcp::socket> client,
                                                  std::uint16_t to, std::string early)
{
    auto server = std::make_shared<tcp::socket>(*io);
    tcp::endpoint const where(asio::ip::address_v4::loopback(), to);
    auto const [error] = co_await server->async_connect(where, token);
    auto const answer = answer_of(error ? 504 : 200);
    {
        std::lock_guard const lock(mutex);
        ++(error ? counts.refused : counts.tunnels);
    }
    co_await asio::async_write(*client, asio::buffer(answer), token);
    if (error)
        co_return;
    co_await asio::async_write(*server, asio::buffer(early), token);
    asio::co_spawn(*io, pump(client, server), asio::detached);
    co_await pump(std::move(server), std::move(client));
}

void connect_proxy::impl::stop()
{
    io->stop();
    thread.join();
    acceptor.reset();
    // Destroying the context destroys the coroutines, and with them the tunnels.
    io.reset();
}

connect_proxy::connect_proxy(connect_proxy_options options)
    : impl_(std::make_unique<impl>(std::move(options)))
{
    auto& in = *impl_;
    tcp::endpoint const where(asio::ip::address_v4::loopback(), in.options.port());
    boost::system::error_code error;
    in.acceptor->open(where.protocol(), error);
    if (!error)
        in.acceptor->set_option(asio::socket_base::reuse_address(true), error);
    if (!error)
        in.acceptor->bind(where, error);
    if (!error)
        in.acceptor->listen(asio::socket_base::max_listen_connections, error);
    if (error)
        throw std::runtime_error("local proxy: cannot listen on 127.0.0.1:" +
                                 std::to_string(in.options.port()) + ": " + error.message());
    in.port = in.acceptor->local_endpoint().port();
    asio::co_spawn(*in.io, in.accept(), asio::detached);
    in.thread = std::thread(
        [&in]
        {
            name_this_thread();
            in.io->run();
        });
}

connect_proxy::~connect_proxy()
{
    stop();
}

std::string connect_proxy::url() const
{
    return "http://127.0.0.1:" + std::to_string(impl_->port);
}

connect_proxy_counts connect_proxy::counts() const
{
    std::lock_guard const lock(impl_->mutex);
    return impl_->counts;
}

void connect_proxy::stop()
{
    // Who comes second waits for the first.
    std::call_once(impl_->stopped, [this] { impl_->stop(); });
}

} // namespace kusto::emulator

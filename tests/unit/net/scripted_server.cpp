#include "scripted_server.hpp"

#include <algorithm>
#include <arpa/inet.h>
#include <charconv>
#include <chrono>
#include <csignal>
#include <fcntl.h>
#include <linux/sockios.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <poll.h>
#include <stdexcept>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

namespace kusto::test
{

namespace
{

void require(bool good, char const* what)
{
    if (!good)
        throw std::runtime_error(std::string("test server: ") + what);
}

sockaddr_in loopback(std::string const& address, std::uint16_t port)
{
    sockaddr_in where{};
    where.sin_family = AF_INET;
    where.sin_port = htons(port);
    ::inet_pton(AF_INET, address.c_str(), &where.sin_addr);
    return where;
}

int listen_on(std::string const& address, std::uint16_t port, int backlog)
{
    int const listener = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    auto const where = loopback(address, port);
    require(::bind(listener, reinterpret_cast<sockaddr const*>(&where), sizeof(where)) == 0,
            "bind");
    require(::listen(listener, backlog) == 0, "listen");
    return listener;
}

std::uint16_t port_of(int listener)
{
    sockaddr_in where{};
    socklen_t size = sizeof(where);
    ::getsockname(listener, reinterpret_cast<sockaddr*>(&where), &size);
    return ntohs(where.sin_port);
}

class tcp_peer : public peer
{
public:
    explicit tcp_peer(int socket) : socket_(socket)
    {
        timeval const limit{10, 0};
        ::setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
        ::setsockopt(socket_, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof(limit));
    }

    void write(std::string_view text) override
    {
        while (!text.empty())
        {
            auto const sent = ::send(socket_, text.data(), text.size(), MSG_NOSIGNAL);
            if (sent <= 0)
                throw client_gone();
            text.remove_prefix(static_cast<std::size_t>(sent));
        }
    }

    void reset() override
    {
        linger const at_once{1, 0};
        ::setsockopt(socket_, SOL_SOCKET, SO_LINGER, &at_once, sizeof(at_once));
        // The descriptor is kept until the server ends; connecting nowhere sends the reset.
        sockaddr nowhere{};
        nowhere.sa_family = AF_UNSPEC;
        ::connect(socket_, &nowhere, sizeof(nowhere));
    }

    void cut() override { ::shutdown(socket_, SHUT_WR); }

    void relay_to(std::uint16_t port) override
    {
        int const other = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        auto const where = loopback("127.0.0.1", port);
        require(::connect(other, reinterpret_cast<sockaddr const*>(&where), sizeof(where)) == 0,
                "relay");
        int const sides[] = {socket_, other};
        for (bool going = true; going;)
        {
            pollfd waits[] = {{socket_, POLLIN, 0}, {other, POLLIN, 0}};
            ::poll(waits, 2, 10'000);
            for (int i = 0; i < 2 && going; ++i)
                if (waits[i].revents != 0)
                    going = hand_on(sides[i], sides[1 - i]);
        }
        ::close(other);
    }

    void wait_delivered() override
    {
        auto const end = std::chrono::steady_clock::now() + std::chrono::seconds(10);
        int pending = 1;
        while (pending != 0 && std::chrono::steady_clock::now() < end)
        {
            require(::ioctl(socket_, SIOCOUTQ, &pending) == 0, "SIOCOUTQ");
            std::this_thread::yield();
        }
        tcp_info state{};
        do
        {
            socklen_t size = sizeof(state);
            ::getsockopt(socket_, IPPROTO_TCP, TCP_INFO, &state, &size);
            std::this_thread::yield();
        } while (state.tcpi_state == TCP_FIN_WAIT1 && std::chrono::steady_clock::now() < end);
    }

protected:
    std::size_t receive(char* into, std::size_t most) override
    {
        auto const got = ::recv(socket_, into, most, 0);
        return got > 0 ? static_cast<std::size_t>(got) : 0;
    }

    /// Whether there may be more.
    static bool hand_on(int from, int to)
    {
        char chunk[65536];
        auto const got = ::recv(from, chunk, sizeof(chunk), 0);
        for (ssize_t sent = 0, more = 0; sent < got; sent += more)
        {
            more = ::send(to, chunk + sent, static_cast<std::size_t>(got - sent), MSG_NOSIGNAL);
            if (more <= 0)
                return false;
        }
        return got > 0;
    }

    int socket_;
};

class tls_peer final : public tcp_peer
{
public:
    tls_peer(int socket, SSL_CTX* context) : tcp_peer(socket), tls_(SSL_new(context), &SSL_free)
    {
        SSL_set_fd(tls_.get(), socket);
    }

    bool handshake()
    {
        bool const good = SSL_accept(tls_.get()) == 1;
        ERR_clear_error();
        return good;
    }

    void write(std::string_view text) override
    {
        auto const sent = SSL_write(tls_.get(), text.data(), static_cast<int>(text.size()));
        ERR_clear_error();
        if (sent != static_cast<int>(text.size()))
            throw client_gone();
    }

    void change_keys() override
    {
        require(SSL_key_update(tls_.get(), SSL_KEY_UPDATE_REQUESTED) == 1, "key update");
    }

    std::string server_name() const override
    {
        auto const* const name = SSL_get_servername(tls_.get(), TLSEXT_NAMETYPE_host_name);
        return name == nullptr ? "" : name;
    }

    std::string application_protocol() const override
    {
        unsigned char const* name = nullptr;
        unsigned int size = 0;
        SSL_get0_alpn_selected(tls_.get(), &name, &size);
        return std::string(reinterpret_cast<char const*>(name), size);
    }

    void farewell()
    {
        SSL_shutdown(tls_.get());
        ERR_clear_error();
    }

protected:
    std::size_t receive(char* into, std::size_t most) override
    {
        auto const got = SSL_read(tls_.get(), into, static_cast<int>(most));
        ERR_clear_error();
        return got > 0 ? static_cast<std::size_t>(got) : 0;
    }

private:
    std::unique_ptr<SSL, decltype(&SSL_free)> tls_;
};

using context_ptr = std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)>;

/// Agrees to HTTP/2 rather than to HTTP/1.1, if the client offers both.
int select_protocol(SSL*, unsigned char const** chosen, unsigned char* size,
                    unsigned char const* offered, unsigned int offered_size, void*)
{
    static unsigned char const ours[] = "\x02h2\x08http/1.1";
    auto** const out = const_cast<unsigned char**>(chosen);
    auto const verdict =
        SSL_select_next_proto(out, size, ours, sizeof(ours) - 1, offered, offered_size);
    return verdict == OPENSSL_NPN_NEGOTIATED ? SSL_TLSEXT_ERR_OK : SSL_TLSEXT_ERR_NOACK;
}

context_ptr make_context(server_identity const& identity)
{
    auto context = server_context(identity);
    SSL_CTX_set_alpn_select_cb(context.get(), &select_protocol, nullptr);
    if (identity.outdated)
    {
        SSL_CTX_set_security_level(context.get(), 0);
        SSL_CTX_set_max_proto_version(context.get(), TLS1_1_VERSION);
    }
    if (identity.without_tls13)
        SSL_CTX_set_max_proto_version(context.get(), TLS1_2_VERSION);
    if (identity.wants_certificate)
        SSL_CTX_set_verify(context.get(), SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT,
                           nullptr);
    return context;
}

} // namespace

void peer::fill()
{
    char chunk[16384];
    auto const got = receive(chunk, sizeof(chunk));
    if (got == 0)
        throw client_gone();
    pending_.append(chunk, got);
}

std::string peer::read_head()
{
    std::size_t end = 0;
    while ((end = pending_.find("\r\n\r\n")) == std::string::npos)
        fill();
    auto head = pending_.substr(0, end + 4);
    pending_.erase(0, end + 4);
    return head;
}

std::string peer::read_exactly(std::size_t size)
{
    while (pending_.size() < size)
        fill();
    auto text = pending_.substr(0, size);
    pending_.erase(0, size);
    return text;
}

received_request peer::read_request()
{
    received_request request;
    request.head = read_head();
    auto const field = request.head.find("Content-Length: ");
    if (field == std::string::npos)
        return request;
    std::size_t size = 0;
    auto const* const last = request.head.data() + request.head.size();
    std::from_chars(request.head.data() + field + 16, last, size);
    request.body = read_exactly(size);
    return request;
}

std::size_t peer::drain()
{
    auto sum = pending_.size();
    char chunk[16384];
    while (auto const got = receive(chunk, sizeof(chunk)))
        sum += got;
    return sum;
}

struct scripted_server::impl
{
    impl(std::vector<script> given, std::optional<server_identity> const& identity)
        : scripts(std::move(given)),
          listener(listen_on("127.0.0.1", 0, 64))
    {
        if (identity)
            context = make_context(*identity);
    }

    void accept_all();
    void serve(int socket, script const& play);

    std::vector<script> scripts;
    int listener;
    context_ptr context{nullptr, &SSL_CTX_free};
    mutable std::mutex mutex;
    std::vector<int> sockets;
    std::vector<std::thread> threads;
    bool stopping = false;
    std::thread acceptor;
};

void scripted_server::impl::accept_all()
{
    while (true)
    {
        int const socket = ::accept4(listener, nullptr, nullptr, SOCK_CLOEXEC);
        if (socket < 0)
            return;
        std::scoped_lock const lock(mutex);
        auto const& play = scripts[std::min(sockets.size(), scripts.size() - 1)];
        sockets.push_back(socket);
        if (stopping)
            return;
        threads.emplace_back([this, socket, &play] { serve(socket, play); });
    }
}

void scripted_server::impl::serve(int socket, script const& play)
{
    // OpenSSL writes without MSG_NOSIGNAL.
    sigset_t pipe;
    sigemptyset(&pipe);
    sigaddset(&pipe, SIGPIPE);
    ::pthread_sigmask(SIG_BLOCK, &pipe, nullptr);
    try
    {
        if (context)
        {
            tls_peer client(socket, context.get());
            if (client.handshake())
            {
                play(client);
                client.farewell();
            }
        }
        else
        {
            tcp_peer client(socket);
            play(client);
        }
    }
    catch (peer::client_gone const&)
    {
    }
    ::shutdown(socket, SHUT_RDWR);
}

scripted_server::scripted_server(std::vector<script> scripts, std::optional<server_identity> tls)
    : impl_(std::make_unique<impl>(std::move(scripts), tls))
{
    impl_->acceptor = std::thread([this] { impl_->accept_all(); });
}

scripted_server::scripted_server(script only, std::optional<server_identity> tls)
    : scripted_server(std::vector<script>(1, std::move(only)), std::move(tls))
{
}

scripted_server::~scripted_server()
{
    {
        std::scoped_lock const lock(impl_->mutex);
        impl_->stopping = true;
        for (auto const socket : impl_->sockets)
            ::shutdown(socket, SHUT_RDWR);
    }
    ::shutdown(impl_->listener, SHUT_RDWR);
    impl_->acceptor.join();
    for (auto& thread : impl_->threads)
        thread.join();
    for (auto const socket : impl_->sockets)
        ::close(socket);
    ::close(impl_->listener);
}

std::uint16_t scripted_server::port() const noexcept
{
    return port_of(impl_->listener);
}

std::string scripted_server::url(std::string const& path, std::string const& host) const
{
    auto const* const scheme = impl_->context ? "https://" : "http://";
    return scheme + host + ':' + std::to_string(port()) + path;
}

std::size_t scripted_server::accepted() const
{
    std::scoped_lock const lock(impl_->mutex);
    return impl_->sockets.size();
}

full_port::full_port(std::string const& address, std::uint16_t port)
    : listener_(listen_on(address, port, 0)),
      port_(port_of(listener_))
{
    auto const where = loopback(address, port_);
    for (int i = 0; i < 8; ++i)
    {
        int const socket = ::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
        waiting_.push_back(socket);
        ::connect(socket, reinterpret_cast<sockaddr const*>(&where), sizeof(where));
        pollfd state{socket, POLLOUT, 0};
        if (::poll(&state, 1, 50) == 0)
            return;
    }
    throw std::runtime_error("test server: the queue of a port does not fill up");
}

full_port::~full_port()
{
    for (auto const socket : waiting_)
        ::close(socket);
    ::close(listener_);
}

std::string ok_reply(std::string_view body, std::string_view extra_fields)
{
    std::string reply = "HTTP/1.1 200 OK\r\nContent-Length: ";
    reply += std::to_string(body.size());
    reply += "\r\n";
    reply += extra_fields;
    reply += "\r\n";
    reply += body;
    return reply;
}

} // namespace kusto::test

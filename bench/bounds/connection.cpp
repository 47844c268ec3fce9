#include <bounds/connection.hpp>

#include <arpa/inet.h>
#include <array>
#include <atomic>
#include <climits>
#include <cstdio>
#include <cstdlib>
#include <netdb.h>
#include <netinet/tcp.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <stdexcept>
#include <string_view>
#include <sys/socket.h>
#include <unistd.h>

namespace kusto::bounds
{

namespace
{

template <auto Free>
struct freer
{
    template <class T>
    void operator()(T* object) const noexcept
    {
        Free(object);
    }
};

[[noreturn]] void fail(std::string const& what)
{
    throw std::runtime_error("blob storage: " + what);
}

std::atomic<std::uint64_t> blob_count{0};

int connect_to(std::string const& host, std::string const& port)
{
    addrinfo hints{};
    hints.ai_socktype = SOCK_STREAM;
    addrinfo* found = nullptr;
    if (getaddrinfo(host.c_str(), port.c_str(), &hints, &found) != 0)
        fail("its host is not found");
    std::unique_ptr<addrinfo, freer<freeaddrinfo>> const all(found);
    for (auto const* one = found; one != nullptr; one = one->ai_next)
    {
        int const out = socket(one->ai_family, one->ai_socktype | SOCK_CLOEXEC, one->ai_protocol);
        if (out >= 0 && connect(out, one->ai_addr, one->ai_addrlen) == 0)
        {
            int const on = 1;
            setsockopt(out, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
            return out;
        }
        if (out >= 0)
            close(out);
    }
    fail("cannot connect");
}

} // namespace

container parse_container(std::string const& url, std::string ca_pem)
{
    container out;
    auto const scheme = url.find("://");
    auto const host = scheme + 3;
    auto const slash = url.find('/', host);
    auto const question = url.find('?', host);
    auto const colon = url.rfind(':', slash);
    if (scheme == std::string::npos || slash == std::string::npos || question < slash ||
        question == std::string::npos || colon < host)
        fail("its address is not one with port, path and signature");
    out.tls = url.compare(0, scheme, "https") == 0;
    out.host = url.substr(host, colon - host);
    out.port = url.substr(colon + 1, slash - colon - 1);
    out.path = url.substr(slash, question - slash);
    out.query = url.substr(question + 1);
    out.ca_pem = std::move(ca_pem);
    return out;
}

struct connection::tls_state
{
    std::unique_ptr<SSL_CTX, freer<SSL_CTX_free>> context;
    std::unique_ptr<SSL, freer<SSL_free>> session;
};

connection::connection(container const& to) : socket_(connect_to(to.host, to.port))
{
    before_name_ = "PUT " + to.path + "/";
    behind_name_ = "?" + to.query + " HTTP/1.1\r\nHost: " + to.host + ":" + to.port +
                   "\r\nx-ms-version: 2021-12-02\r\nx-ms-blob-type: BlockBlob\r\nContent-Length: ";
    try
    {
        if (to.tls)
            start_tls(to);
    }
    catch (...)
    {
        close(socket_);
        throw;
    }
}

connection::~connection()
{
    if (tls_)
        SSL_shutdown(tls_->session.get());
    close(socket_);
}

void connection::start_tls(container const& to)
{
    auto made = std::make_unique<tls_state>();
    made->context.reset(SSL_CTX_new(TLS_client_method()));
    auto* const context = made->context.get();
    std::unique_ptr<BIO, freer<BIO_free>> const pem(
        BIO_new_mem_buf(to.ca_pem.data(), static_cast<int>(to.ca_pem.size())));
    std::unique_ptr<X509, freer<X509_free>> const authority(
        PEM_read_bio_X509(pem.get(), nullptr, nullptr, nullptr));
    if (!authority || X509_STORE_add_cert(SSL_CTX_get_cert_store(context), authority.get()) != 1)
        fail("the authority's certificate cannot be read");
    SSL_CTX_set_verify(context, SSL_VERIFY_PEER, nullptr);
    SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
    made->session.reset(SSL_new(context));
    auto* const session = made->session.get();
    in6_addr ignored;
    bool const address = inet_pton(AF_INET, to.host.c_str(), &ignored) == 1;
    if (address)
        X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(session), to.host.c_str());
    else
        SSL_set1_host(session, to.host.c_str());
    if (SSL_set_fd(session, socket_) != 1 || SSL_connect(session) != 1)
        fail("no TLS handshake");
    tls_ = std::move(made);
}

void connection::send(void const* bytes, std::size_t size)
{
    auto const* from = static_cast<char const*>(bytes);
    while (size != 0)
    {
        std::size_t sent = 0;
        if (tls_)
        {
            if (SSL_write_ex(tls_->session.get(), from, size, &sent) != 1)
                fail("sending failed");
        }
        else
        {
            auto const n = ::send(socket_, from, size, MSG_NOSIGNAL);
            if (n <= 0)
                fail("sending failed");
            sent = static_cast<std::size_t>(n);
        }
        from += sent;
        size -= sent;
    }
}

std::size_t connection::receive(void* into, std::size_t size)
{
    std::size_t got = 0;
    if (tls_)
    {
        if (SSL_read_ex(tls_->session.get(), into, size, &got) != 1)
            fail("no reply");
        return got;
    }
    auto const n = ::recv(socket_, into, size, 0);
    if (n <= 0)
        fail("no reply");
    return static_cast<std::size_t>(n);
}

void connection::put(std::span<std::byte const> body)
{
    std::array<char, 2048> head;
    auto const number = blob_count.fetch_add(1, std::memory_order_relaxed);
    auto const length = std::snprintf(head.data(), head.size(), "%sbounds-%llu.csv.gz%s%zu\r\n\r\n",
                                      before_name_.c_str(), static_cast<unsigned long long>(number),
                                      behind_name_.c_str(), body.size());
    if (length < 0 || static_cast<std::size_t>(length) >= head.size())
        fail("its address is too long");
    send(head.data(), static_cast<std::size_t>(length));
    send(body.data(), body.size());
    read_reply();
}

void connection::read_reply()
{
    std::array<char, 8192> buffer;
    std::size_t size = 0;
    while (std::string_view(buffer.data(), size).find("\r\n\r\n") == std::string_view::npos)
    {
        if (size == buffer.size())
            fail("a reply without end");
        size += receive(buffer.data() + size, buffer.size() - size);
    }
    std::string_view const text(buffer.data(), size);
    if (text.substr(0, 12) != "HTTP/1.1 201")
        fail("status " + std::string(text.substr(9, 3)));
    // A 201 has no body; anything else would be taken for the next reply.
    if (text.find("\r\n\r\n") + 4 != size)
        fail("an unexpected body");
}

} // namespace kusto::bounds

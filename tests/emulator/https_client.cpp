#include <emulator/https_client.hpp>

#include <boost/asio/connect.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/host_name_verification.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/string.hpp>
#include <boost/beast/http.hpp>
#include <cstdio>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <stdexcept>

namespace kusto::emulator
{

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;
using tcp = asio::ip::tcp;

struct https_client::impl
{
    asio::io_context io;
    asio::ssl::context tls{asio::ssl::context::tls_client};
    std::unique_ptr<asio::ssl::stream<tcp::socket>> secure;
    tcp::socket plain{io};
    beast::flat_buffer buffer;
    std::string host;

    void start_tls(std::string const& name, std::string const& ca_pem)
    {
        tls.set_verify_mode(asio::ssl::verify_peer);
        tls.add_certificate_authority(asio::buffer(ca_pem));
        secure = std::make_unique<asio::ssl::stream<tcp::socket>>(std::move(plain), tls);
        secure->set_verify_callback(asio::ssl::host_name_verification(name));
        secure->handshake(asio::ssl::stream_base::client);
    }

    template <class F>
    auto with_stream(F&& act)
    {
        return secure ? act(*secure) : act(plain);
    }

    void write(std::string const& bytes)
    {
        with_stream([&](auto& stream) { asio::write(stream, asio::buffer(bytes)); });
    }

    reply read(bool head)
    {
        http::response_parser<http::string_body> parser;
        parser.body_limit(boost::none);
        parser.skip(head);
        with_stream([&](auto& stream) { http::read(stream, buffer, parser); });
        reply out;
        out.status = parser.get().result_int();
        for (auto const& field : parser.get())
            out.headers.emplace_back(std::string(field.name_string()), std::string(field.value()));
        out.body = parser.get().body();
        return out;
    }

    [[nodiscard]] std::string head(std::string const& method, std::string const& target,
                                   fields const& headers, std::string const& more) const
    {
        std::string out = method + " " + target + " HTTP/1.1\r\nHost: " + host + "\r\n";
        for (auto const& [name, value] : headers)
            out += name + ": " + value + "\r\n";
        return out + more + "\r\n";
    }
};

std::string https_client::reply::header(std::string const& name) const
{
    for (auto const& field : headers)
    {
        if (beast::iequals(field.first, name))
            return field.second;
    }
    return {};
}

https_client::https_client(std::string const& base_url, std::string const& ca_pem)
    : impl_(std::make_unique<impl>())
{
    auto const start = base_url.find("://") + 3;
    auto const colon = base_url.rfind(':');
    auto const name = base_url.substr(start, colon - start);
    impl_->host = base_url.substr(start);
    tcp::resolver resolver(impl_->io);
    auto const found = resolver.resolve(name, base_url.substr(colon + 1));
    asio::connect(impl_->plain, found);
    if (ca_pem.empty())
        return;
    impl_->start_tls(name, ca_pem);
}

https_client https_client::pinned(std::string const& base_url, std::string const& thumbprint)
{
    https_client out(base_url, "");
    auto& in = *out.impl_;
    in.secure = std::make_unique<asio::ssl::stream<tcp::socket>>(std::move(in.plain), in.tls);
    in.secure->handshake(asio::ssl::stream_base::client);
    auto* const certificate = SSL_get1_peer_certificate(in.secure->native_handle());
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned size = 0;
    X509_digest(certificate, EVP_sha1(), digest, &size);
    X509_free(certificate);
    std::string found;
    for (unsigned i = 0; i < size; ++i)
    {
        char text[3];
        std::snprintf(text, sizeof text, "%02X", digest[i]);
        found += text;
    }
    if (found != thumbprint)
        throw std::runtime_error("another certificate: " + found);
    return out;
}

https_client::https_client(https_client&&) noexcept = default;

https_client::~https_client() = default;

https_client::reply https_client::send(std::string const& method, std::string const& target,
                                       fields const& headers, std::string const& body)
{
    auto const length = "Content-Length: " + std::to_string(body.size()) + "\r\n";
    impl_->write(impl_->head(method, target, headers, length) + body);
    return impl_->read(method == "HEAD");
}

https_client::reply https_client::send_chunked(std::string const& method, std::string const& target,
                                               fields const& headers, std::string const& body)
{
    impl_->write(impl_->head(method, target, headers, "Transfer-Encoding: chunked\r\n"));
    // Chunk sizes are hexadecimal; one byte each keeps this simple.
    for (char const c : body)
        impl_->write(std::string("1\r\n") + c + "\r\n");
    impl_->write("0\r\n\r\n");
    return impl_->read(false);
}

https_client::reply https_client::send_expecting(std::string const& method,
                                                 std::string const& target, fields const& headers,
                                                 std::string const& body)
{
    auto const more =
        "Expect: 100-continue\r\nContent-Length: " + std::to_string(body.size()) + "\r\n";
    impl_->write(impl_->head(method, target, headers, more));
    auto const interim = impl_->read(false);
    impl_->write(body);
    auto out = impl_->read(false);
    out.got_continue = interim.status == 100;
    return out;
}

int https_client::connect_through(std::string const& authority, fields const& headers,
                                  std::string const& ca_pem)
{
    impl_->host = authority;
    impl_->write(impl_->head("CONNECT", authority, headers, ""));
    auto const answer = impl_->read(true);
    if (answer.status == 200)
        impl_->start_tls(authority.substr(0, authority.rfind(':')), ca_pem);
    return answer.status;
}

void https_client::write(std::string const& bytes)
{
    impl_->write(bytes);
}

https_client::reply https_client::send_raw(std::string const& bytes, bool only_head)
{
    impl_->write(bytes);
    return impl_->read(only_head);
}

} // namespace kusto::emulator

#include <cli/plain_client.hpp>

#include <array>
#include <boost/asio/connect.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/host_name_verification.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http.hpp>

namespace kusto::cli
{

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;
using tcp = asio::ip::tcp;

struct plain_client::impl
{
    asio::io_context io;
    asio::ssl::context tls{asio::ssl::context::tls_client};
    std::unique_ptr<asio::ssl::stream<tcp::socket>> secure;
    tcp::socket plain{io};
    beast::flat_buffer buffer;
    std::string host;

    template <class F>
    void with_stream(F&& act)
    {
        if (secure)
            act(*secure);
        else
            act(plain);
    }
};

plain_client::plain_client(std::string const& base_url, std::string const& ca_pem)
    : impl_(std::make_unique<impl>())
{
    auto const start = base_url.find("://") + 3;
    auto const colon = base_url.rfind(':');
    auto const name = base_url.substr(start, colon - start);
    impl_->host = base_url.substr(start);
    tcp::resolver resolver(impl_->io);
    auto const found = resolver.resolve(name, base_url.substr(colon + 1));
    asio::connect(impl_->plain, found);
    impl_->plain.set_option(tcp::no_delay(true));
    if (ca_pem.empty())
        return;
    impl_->tls.set_verify_mode(asio::ssl::verify_peer);
    impl_->tls.add_certificate_authority(asio::buffer(ca_pem));
    impl_->secure =
        std::make_unique<asio::ssl::stream<tcp::socket>>(std::move(impl_->plain), impl_->tls);
    impl_->secure->set_verify_callback(asio::ssl::host_name_verification(name));
    impl_->secure->handshake(asio::ssl::stream_base::client);
}

plain_client::~plain_client() = default;

plain_client::reply plain_client::send(std::string const& method, std::string const& target,
                                       std::string const& headers, std::span<char const> body)
{
    std::string const head = method + " " + target + " HTTP/1.1\r\nHost: " + impl_->host + "\r\n" +
                             headers + "Content-Length: " + std::to_string(body.size()) +
                             "\r\n\r\n";
    http::response_parser<http::string_body> parser;
    impl_->with_stream(
        [&](auto& stream)
        {
            asio::write(stream, asio::buffer(head));
            if (!body.empty())
                asio::write(stream, asio::buffer(body.data(), body.size()));
            http::read(stream, impl_->buffer, parser);
        });
    return {static_cast<int>(parser.get().result_int()), std::move(parser.get().body())};
}

} // namespace kusto::cli

#include <net/tls.hpp>

#include <boost/asio/ssl/context.hpp>
#include <climits>
#include <fstream>
#include <iterator>
#include <net/tls_stream.hpp>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <utility>

namespace kusto::net
{

namespace asio = boost::asio;
namespace ssl = asio::ssl;
using asio::ip::tcp;

namespace
{

class context_impl final : public tls_context
{
public:
    context_impl() : context_(ssl::context::tls_client)
    {
        auto* const handle = context_.native_handle();
        SSL_CTX_set_min_proto_version(handle, TLS1_2_VERSION);
        unsigned char const http11[] = "\x08http/1.1";
        SSL_CTX_set_alpn_protos(handle, http11, sizeof(http11) - 1);
    }

    std::unique_ptr<stream> wrap(tcp::socket connected, std::string const& host) override
    {
        return std::make_unique<tls_stream>(std::move(connected), context_.native_handle(), host);
    }

    bool trust_system()
    {
        boost::system::error_code ec;
        context_.set_default_verify_paths(ec);
        return !ec;
    }

    /// Number of authorities in `pem`, all of them trusted; -1 if one is damaged.
    int trust(std::string const& pem)
    {
        if (pem.size() > INT_MAX)
            return -1;
        std::unique_ptr<BIO, decltype(&BIO_free)> const source(
            BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())), &BIO_free);
        auto* const store = SSL_CTX_get_cert_store(context_.native_handle());
        int count = 0;
        ERR_clear_error();
        while (true)
        {
            std::unique_ptr<X509, decltype(&X509_free)> const certificate(
                PEM_read_bio_X509_AUX(source.get(), nullptr, nullptr, nullptr), &X509_free);
            if (!certificate)
                break;
            if (X509_STORE_add_cert(store, certificate.get()) != 1)
                return -1;
            ++count;
        }
        bool const at_end = ERR_GET_REASON(ERR_peek_last_error()) == PEM_R_NO_START_LINE;
        ERR_clear_error();
        return at_end ? count : -1;
    }

private:
    ssl::context context_;
};

failure bad_authority(std::string const& option, std::string const& problem)
{
    return failure(errc::invalid_option, stage::options,
                   option + " " + problem + "; it must be PEM text with the certificates of the " +
                       "authorities to trust");
}

result<std::string> read_text(std::string const& path)
{
    std::ifstream file(path, std::ios::binary);
    std::string text((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
    if (!file.is_open() || file.bad() || text.empty())
        return bad_authority("ca_file \"" + path + "\"", "cannot be read or is empty");
    return text;
}

} // namespace

result<std::unique_ptr<tls_context>> make_tls_context(std::string const& ca_file,
                                                      std::string const& ca_pem)
{
    auto context = std::make_unique<context_impl>();
    if (!ca_file.empty())
    {
        auto const text = read_text(ca_file);
        if (!text)
            return text.error();
        if (context->trust(*text) <= 0)
            return bad_authority("ca_file \"" + ca_file + "\"", "has no usable certificate");
    }
    if (!ca_pem.empty() && context->trust(ca_pem) <= 0)
        return bad_authority("ca_pem", "has no usable certificate");
    if (ca_file.empty() && ca_pem.empty() && !context->trust_system())
        return bad_authority("the system's trust store", "cannot be loaded: set ca_file");
    return std::unique_ptr<tls_context>(std::move(context));
}

} // namespace kusto::net

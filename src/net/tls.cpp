#include <net/tls.hpp>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/bind_executor.hpp>
#include <boost/asio/ip/address.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/error.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <climits>
#include <fstream>
#include <iterator>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509_vfy.h>
#include <utility>

namespace kusto::net
{

namespace asio = boost::asio;
namespace ssl = asio::ssl;
using asio::ip::tcp;

namespace
{

class tls_stream final : public stream
{
public:
    tls_stream(tcp::socket connected, ssl::context& context, std::string const& host)
        : tls_(std::move(connected), context)
    {
        prepare(host);
    }

    asio::awaitable<handshake_result> handshake() override
    {
        handshake_result report;
        auto const [ec] = co_await tls_.async_handshake(ssl::stream_base::client,
                                                        asio::as_tuple(asio::use_awaitable));
        report.ec = ec ? ec : setup_error_;
        if (!report.ec)
            co_return report;
        auto const verdict = SSL_get_verify_result(tls_.native_handle());
        report.certificate = is_tls_error(report.ec) && verdict != X509_V_OK;
        report.reason =
            report.certificate ? X509_verify_cert_error_string(verdict) : report.ec.message();
        co_return report;
    }

    asio::awaitable<io_result> read_some(asio::mutable_buffer into) override
    {
        auto const [ec, transferred] =
            co_await tls_.async_read_some(into, asio::as_tuple(asio::use_awaitable));
        co_return io_result{ec, transferred};
    }

    void start_write(std::shared_ptr<pending_write> job) override
    {
        auto const& buffers = job->buffers();
        auto const strand = job->strand();
        auto done = [job = std::move(job)](boost::system::error_code ec, std::size_t)
        { job->finished(ec); };
        asio::async_write(tls_, buffers, asio::bind_executor(strand, std::move(done)));
    }

    bool encrypted() const noexcept override { return true; }

    bool is_tls_error(boost::system::error_code ec) const noexcept override
    {
        return ec.category() == asio::error::get_ssl_category();
    }

    tcp::socket& socket() noexcept override { return tls_.next_layer(); }

private:
    void prepare(std::string const& host)
    {
        auto* const handle = tls_.native_handle();
        auto* const checks = SSL_get0_param(handle);
        boost::system::error_code not_an_address;
        asio::ip::make_address(host, not_an_address);
        int good = 1;
        if (not_an_address)
        {
            // Server names in the greeting are names, never addresses (RFC 6066).
            X509_VERIFY_PARAM_set_hostflags(checks, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
            good &= SSL_set_tlsext_host_name(handle, host.c_str()) == 1;
            good &= X509_VERIFY_PARAM_set1_host(checks, host.c_str(), host.size());
        }
        else
        {
            good &= X509_VERIFY_PARAM_set1_ip_asc(checks, host.c_str());
        }
        tls_.set_verify_mode(ssl::verify_peer);
        if (good != 1)
            setup_error_ = asio::error::make_error_code(asio::error::invalid_argument);
    }

    ssl::stream<tcp::socket> tls_;
    boost::system::error_code setup_error_;
};

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
        return std::make_unique<tls_stream>(std::move(connected), context_, host);
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

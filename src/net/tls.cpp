#include <net/tls.hpp>

#include <algorithm>
#include <base/small_file.hpp>
#include <boost/asio/ssl/context.hpp>
#include <climits>
#include <deque>
#include <filesystem>
#include <mutex>
#include <net/tls_certificate.hpp>
#include <net/tls_stream.hpp>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <optional>
#include <utility>

namespace kusto::net
{

namespace asio = boost::asio;
namespace ssl = asio::ssl;
using asio::ip::tcp;

namespace
{

/// OpenSSL's context: whom to trust, and with which versions. Streams hold on to what they need.
class trust
{
public:
    explicit trust(bool tls13_only) : context_(ssl::context::tls_client)
    {
        SSL_CTX_set_min_proto_version(handle(), tls13_only ? TLS1_3_VERSION : TLS1_2_VERSION);
        unsigned char const http11[] = "\x08http/1.1";
        SSL_CTX_set_alpn_protos(handle(), http11, sizeof(http11) - 1);
    }

    SSL_CTX* handle() { return context_.native_handle(); }

    bool add_system()
    {
        boost::system::error_code ec;
        context_.set_default_verify_paths(ec);
        return !ec;
    }

    bool add_directory(std::string const& path)
    {
        return SSL_CTX_load_verify_dir(handle(), path.c_str()) == 1;
    }

    /// The authorities of `other`, also those that are added to it later.
    void share(trust& other)
    {
        SSL_CTX_set1_cert_store(handle(), SSL_CTX_get_cert_store(other.handle()));
    }

    /// Number of authorities in `pem`, all of them trusted; -1 if one is damaged.
    int add(std::string const& pem);

private:
    ssl::context context_;
};

int trust::add(std::string const& pem)
{
    if (pem.size() > INT_MAX)
        return -1;
    std::unique_ptr<BIO, decltype(&BIO_free)> const source(
        BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())), &BIO_free);
    auto* const store = SSL_CTX_get_cert_store(handle());
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

failure bad_peer(std::string const& problem)
{
    return failure(errc::invalid_option, stage::handshake, problem);
}

std::optional<unsigned char> hexadecimal_digit(char c)
{
    if (c >= '0' && c <= '9')
        return static_cast<unsigned char>(c - '0');
    if ((c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'))
        return static_cast<unsigned char>((c & 0x0f) + 9);
    return std::nullopt;
}

std::optional<tls_thumbprint> parse_thumbprint(std::string const& text)
{
    tls_thumbprint parsed{};
    if (text.size() != parsed.size() * 2)
        return std::nullopt;
    for (std::size_t i = 0; i < parsed.size(); ++i)
    {
        auto const high = hexadecimal_digit(text[2 * i]);
        auto const low = hexadecimal_digit(text[2 * i + 1]);
        if (!high || !low)
            return std::nullopt;
        parsed[i] = static_cast<unsigned char>(*high << 4 | *low);
    }
    return parsed;
}

class context_impl final : public tls_context
{
public:
    explicit context_impl(bool tls13_only)
        : usual(tls13_only),
          anonymous_(tls13_only),
          pinned_(tls13_only),
          tls13_only_(tls13_only)
    {
        anonymous_.share(usual);
        tls_stream::accept_pinned_only(pinned_.handle());
    }

    result<std::unique_ptr<stream>> wrap(tcp::socket connected, std::string const& host,
                                         async::tls_peer const* peer) override
    {
        if (peer == nullptr)
            return make(std::move(connected), usual, host);
        auto const& name = peer->server_name.empty() ? host : peer->server_name;
        if (!peer->thumbprint.empty())
        {
            auto const pin = parse_thumbprint(peer->thumbprint);
            if (!pin)
                return bad_peer("the thumbprint of the server's certificate must be 40 hexadecimal "
                                "digits (SHA-1)");
            return make(std::move(connected), pinned_, name, pin);
        }
        if (peer->ca_pem.empty())
            return make(std::move(connected), anonymous_, name);
        auto const own = trusting(peer->ca_pem);
        if (!own)
            return own.error();
        return make(std::move(connected), **own, name);
    }

    trust usual; ///< shows our certificate, and alone does

private:
    static std::unique_ptr<stream> make(tcp::socket connected, trust& with, std::string const& name,
                                        std::optional<tls_thumbprint> pin = std::nullopt)
    {
        return std::make_unique<tls_stream>(std::move(connected), with.handle(), name, pin);
    }

    result<std::shared_ptr<trust>> trusting(std::string const& pem);

    // Authorities of peers are few: those of one token endpoint, which may change now and then.
    static constexpr std::size_t most_kept = 8;

    trust anonymous_;
    trust pinned_;
    bool tls13_only_;
    std::mutex mutex_;
    std::deque<std::pair<std::string, std::shared_ptr<trust>>> by_pem_;
};

result<std::shared_ptr<trust>> context_impl::trusting(std::string const& pem)
{
    std::scoped_lock const lock(mutex_);
    auto const known = std::find_if(by_pem_.begin(), by_pem_.end(),
                                    [&pem](auto const& each) { return each.first == pem; });
    if (known != by_pem_.end())
        return known->second;
    auto made = std::make_shared<trust>(tls13_only_);
    if (made->add(pem) <= 0)
        return bad_peer("the authorities to trust for this server have no usable certificate; they "
                        "must be PEM text");
    by_pem_.emplace_back(pem, made);
    if (by_pem_.size() > most_kept)
        by_pem_.pop_front();
    return made;
}

failure bad_authority(std::string const& option, std::string const& problem)
{
    return failure(errc::invalid_option, stage::options,
                   option + " " + problem + "; it must be PEM text with the certificates of the " +
                       "authorities to trust");
}

failure bad_directory(std::string const& path, std::string const& problem)
{
    return failure(errc::invalid_option, stage::options,
                   "ca_directory \"" + path + "\" " + problem);
}

/// `9d66eef0.0`
bool is_hashed_name(std::string const& name)
{
    constexpr std::size_t digits = 8;
    return name.size() > digits + 1 && name[digits] == '.' &&
           std::all_of(name.begin(), name.begin() + digits,
                       [](char c) { return hexadecimal_digit(c).has_value(); });
}

result<void> add_directory(trust& to, std::string const& path)
{
    std::error_code ec;
    bool hashed = false;
    for (std::filesystem::directory_iterator each(path, ec), end; !ec && each != end;
         each.increment(ec))
        hashed = hashed || is_hashed_name(each->path().filename().string());
    if (ec)
        return bad_directory(path, "cannot be read (" + ec.message() + ")");
    if (!hashed)
        return bad_directory(path, "has no file that is named by a certificate's hash; run "
                                   "`openssl rehash` on it");
    if (!to.add_directory(path))
        return bad_directory(path, "cannot be used by OpenSSL");
    return result<void>(boost::system::in_place_value);
}

result<void> add_authorities(trust& to, tls_settings const& given)
{
    if (!given.ca_file.empty())
    {
        auto const text = base::read_ca_file(given.ca_file);
        if (!text)
            return bad_authority("ca_file:", text.error().message());
        if (to.add(*text) <= 0)
            return bad_authority("ca_file \"" + given.ca_file + "\"", "has no usable certificate");
    }
    if (!given.ca_pem.empty() && to.add(given.ca_pem) <= 0)
        return bad_authority("ca_pem", "has no usable certificate");
    if (!given.ca_directory.empty())
        return add_directory(to, given.ca_directory);
    if (given.ca_file.empty() && given.ca_pem.empty() && !to.add_system())
        return bad_authority("the system's trust store", "cannot be loaded: set ca_file");
    return result<void>(boost::system::in_place_value);
}

} // namespace

result<std::unique_ptr<tls_context>> make_tls_context(tls_settings const& settings)
{
    auto context = std::make_unique<context_impl>(settings.tls13_only);
    auto const added = add_authorities(context->usual, settings);
    if (!added)
        return added.error();
    if (settings.certificate)
    {
        auto const installed = install(context->usual.handle(), *settings.certificate);
        if (!installed)
            return installed.error();
    }
    return std::unique_ptr<tls_context>(std::move(context));
}

} // namespace kusto::net

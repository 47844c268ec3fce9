#include <net/tls_certificate.hpp>

#include <base/small_file.hpp>
#include <crypto/certified_key.hpp>
#include <memory>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/x509.h>
#include <string_view>

namespace kusto::net
{

namespace
{

constexpr std::size_t largest_file = std::size_t(1) << 20;

using key_ptr = std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)>;
using certificate_ptr = std::unique_ptr<X509, decltype(&X509_free)>;

failure unusable(tls_certificate const& own, std::string const& why)
{
    std::string const which = own.path.empty() ? "of the given memory" : "\"" + own.path + "\"";
    return failure(errc::invalid_option, stage::options, "tls_certificate " + which + ": " + why);
}

unsigned char const* bytes_of(std::string_view der)
{
    return reinterpret_cast<unsigned char const*>(der.data());
}

bool use_key(SSL_CTX* context, base::secret const& der)
{
    auto const* from = bytes_of(der.reveal());
    key_ptr const key(d2i_AutoPrivateKey(nullptr, &from, static_cast<long>(der.size())),
                      &EVP_PKEY_free);
    return key && SSL_CTX_use_PrivateKey(context, key.get()) == 1;
}

bool use_leaf(SSL_CTX* context, std::string const& der)
{
    return SSL_CTX_use_certificate_ASN1(context, static_cast<int>(der.size()), bytes_of(der)) == 1;
}

bool add_to_chain(SSL_CTX* context, std::string const& der)
{
    auto const* from = bytes_of(der);
    certificate_ptr const one(d2i_X509(nullptr, &from, static_cast<long>(der.size())), &X509_free);
    return one && SSL_CTX_add1_chain_cert(context, one.get()) == 1;
}

result<void> use(SSL_CTX* context, tls_certificate const& own, crypto::certified_key const& with)
{
    if (!use_leaf(context, with.chain.front()) || !use_key(context, with.key))
        return unusable(own, "TLS does not take the key or its certificate (too short a key?)");
    for (std::size_t i = 1; i < with.chain.size(); ++i)
        if (!add_to_chain(context, with.chain[i]))
            return unusable(own, "TLS does not take a certificate of the chain (too short a key?)");
    return result<void>(boost::system::in_place_value);
}

} // namespace

result<void> install(SSL_CTX* context, tls_certificate const& own)
{
    auto const content = own.path.empty() ? result<base::secret>(own.content)
                                          : base::read_small_file(own.path, largest_file);
    if (!content)
        return unusable(own, content.error().message());
    auto const found = crypto::load_certified_key(content->reveal(), own.password.reveal(),
                                                  std::chrono::system_clock::now());
    if (!found)
        return unusable(own, found.error().message());
    auto done = use(context, own, *found);
    ERR_clear_error();
    return done;
}

} // namespace kusto::net

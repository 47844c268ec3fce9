#include "certificates.hpp"

#include <atomic>
#include <cstdio>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/pkcs12.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>
#include <stdexcept>

namespace kusto::test
{

namespace
{

using key_ptr = std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)>;
using certificate_ptr = std::unique_ptr<X509, decltype(&X509_free)>;

void require(bool good)
{
    if (!good)
        throw std::runtime_error("OpenSSL could not make a test certificate");
}

std::string text_of(BIO* bio)
{
    char* data = nullptr;
    auto const size = BIO_get_mem_data(bio, &data);
    std::string text(data, static_cast<std::size_t>(size));
    BIO_free(bio);
    return text;
}

std::string pem_of(X509* certificate)
{
    auto* const bio = BIO_new(BIO_s_mem());
    require(PEM_write_bio_X509(bio, certificate) == 1);
    return text_of(bio);
}

std::string pem_of(EVP_PKEY* key)
{
    auto* const bio = BIO_new(BIO_s_mem());
    require(PEM_write_bio_PrivateKey(bio, key, nullptr, nullptr, 0, nullptr, nullptr) == 1);
    return text_of(bio);
}

key_ptr make_key()
{
    key_ptr key(EVP_EC_gen("P-256"), &EVP_PKEY_free);
    require(key != nullptr);
    return key;
}

void extend(X509* certificate, X509* issuer, int kind, std::string const& value)
{
    X509V3_CTX context;
    X509V3_set_ctx_nodb(&context);
    X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
    auto* const extension = X509V3_EXT_conf_nid(nullptr, &context, kind, value.c_str());
    require(extension != nullptr && X509_add_ext(certificate, extension, -1) == 1);
    X509_EXTENSION_free(extension);
}

/// Authorities are looked up by name.
std::string unique_name()
{
    static std::atomic<int> count = 0;
    return "kusto-cpp test authority " + std::to_string(++count);
}

certificate_ptr make_certificate(EVP_PKEY* key, std::string const& name, validity when)
{
    static std::atomic<long> serial = 1;
    certificate_ptr made(X509_new(), &X509_free);
    X509_set_version(made.get(), 2);
    ASN1_INTEGER_set(X509_get_serialNumber(made.get()), serial++);
    X509_gmtime_adj(X509_getm_notBefore(made.get()), when.from * 86400L);
    X509_gmtime_adj(X509_getm_notAfter(made.get()), when.to * 86400L);
    X509_set_pubkey(made.get(), key);
    X509_NAME_add_entry_by_txt(X509_get_subject_name(made.get()), "CN", MBSTRING_UTF8,
                               reinterpret_cast<unsigned char const*>(name.c_str()), -1, -1, 0);
    return made;
}

server_identity sign(X509* certificate, EVP_PKEY* key, X509* issuer, EVP_PKEY* issuer_key)
{
    X509_set_issuer_name(certificate, X509_get_subject_name(issuer));
    require(X509_sign(certificate, issuer_key, EVP_sha256()) > 0);
    server_identity identity;
    identity.certificate_pem = pem_of(certificate);
    identity.key_pem = pem_of(key);
    return identity;
}

} // namespace

struct authority::impl
{
    key_ptr key = make_key();
    certificate_ptr certificate = make_certificate(key.get(), unique_name(), validity{-10, 10});
};

authority::authority() : impl_(std::make_unique<impl>())
{
    auto* const own = impl_->certificate.get();
    extend(own, own, NID_basic_constraints, "critical,CA:TRUE");
    extend(own, own, NID_key_usage, "critical,keyCertSign,cRLSign");
    sign(own, impl_->key.get(), own, impl_->key.get());
}

authority::~authority() = default;

std::string authority::pem() const
{
    return pem_of(impl_->certificate.get());
}

std::string authority::hashed_name() const
{
    char name[16];
    std::snprintf(name, sizeof(name), "%08lx.0", X509_subject_name_hash(impl_->certificate.get()));
    return name;
}

server_identity authority::issue(std::string const& names, validity when) const
{
    auto const key = make_key();
    auto const made = make_certificate(key.get(), "test server", when);
    extend(made.get(), impl_->certificate.get(), NID_subject_alt_name, names);
    return sign(made.get(), key.get(), impl_->certificate.get(), impl_->key.get());
}

server_identity self_signed(std::string const& names)
{
    auto const key = make_key();
    auto const made = make_certificate(key.get(), "nobody", validity());
    extend(made.get(), made.get(), NID_subject_alt_name, names);
    return sign(made.get(), key.get(), made.get(), key.get());
}

namespace
{

certificate_ptr certificate_in(std::string const& pem)
{
    auto* const bio = BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size()));
    certificate_ptr read(PEM_read_bio_X509(bio, nullptr, nullptr, nullptr), &X509_free);
    BIO_free(bio);
    require(read != nullptr);
    return read;
}

key_ptr key_in(std::string const& pem)
{
    auto* const bio = BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size()));
    key_ptr read(PEM_read_bio_PrivateKey(bio, nullptr, nullptr, nullptr), &EVP_PKEY_free);
    BIO_free(bio);
    require(read != nullptr);
    return read;
}

} // namespace

std::string thumbprint_of(server_identity const& identity)
{
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned int size = 0;
    require(X509_digest(certificate_in(identity.certificate_pem).get(), EVP_sha1(), digest,
                        &size) == 1);
    std::string text;
    for (unsigned int i = 0; i < size; ++i)
    {
        char two[3];
        std::snprintf(two, sizeof(two), "%02x", static_cast<unsigned>(digest[i]));
        text += two;
    }
    return text;
}

std::string encrypted_key_pem(server_identity const& identity, std::string const& password)
{
    auto* const bio = BIO_new(BIO_s_mem());
    auto const key = key_in(identity.key_pem);
    require(PEM_write_bio_PKCS8PrivateKey(bio, key.get(), EVP_aes_256_cbc(), password.data(),
                                          static_cast<int>(password.size()), nullptr,
                                          nullptr) == 1);
    return text_of(bio);
}

std::string pfx_of(server_identity const& identity, std::string const& chain_pem,
                   std::string const& password)
{
    auto const key = key_in(identity.key_pem);
    auto const leaf = certificate_in(identity.certificate_pem);
    auto const issuer = certificate_in(chain_pem);
    auto* const chain = sk_X509_new_null();
    sk_X509_push(chain, issuer.get());
    std::unique_ptr<PKCS12, decltype(&PKCS12_free)> const file(
        PKCS12_create(password.c_str(), "test", key.get(), leaf.get(), chain, 0, 0, 0, 0, 0),
        &PKCS12_free);
    sk_X509_free(chain);
    require(file != nullptr);
    auto* const bio = BIO_new(BIO_s_mem());
    require(i2d_PKCS12_bio(bio, file.get()) == 1);
    return text_of(bio);
}

std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)> server_context(server_identity const& identity)
{
    std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)> context(SSL_CTX_new(TLS_server_method()),
                                                              &SSL_CTX_free);
    auto const certificate = certificate_in(identity.certificate_pem);
    auto const key = key_in(identity.key_pem);
    require(SSL_CTX_use_certificate(context.get(), certificate.get()) == 1);
    require(SSL_CTX_use_PrivateKey(context.get(), key.get()) == 1);
    if (!identity.client_authority_pem.empty())
        require(X509_STORE_add_cert(SSL_CTX_get_cert_store(context.get()),
                                    certificate_in(identity.client_authority_pem).get()) == 1);
    return context;
}

} // namespace kusto::test

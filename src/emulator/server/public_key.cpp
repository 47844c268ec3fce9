#include <emulator/server/public_key.hpp>

#include <emulator/server/openssl_ptr.hpp>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>
#include <openssl/x509_vfy.h>
#include <stdexcept>

namespace kusto::emulator
{

namespace
{

using bio_ptr = std::unique_ptr<BIO, freed_by<BIO_free_all>>;
using digest_ptr = std::unique_ptr<EVP_MD_CTX, freed_by<EVP_MD_CTX_free>>;
using store_ptr = std::unique_ptr<X509_STORE, freed_by<X509_STORE_free>>;
using store_context_ptr = std::unique_ptr<X509_STORE_CTX, freed_by<X509_STORE_CTX_free>>;

/// The list, not what is in it.
void free_chain(STACK_OF(X509) * all)
{
    sk_X509_free(all);
}

using chain_ptr = std::unique_ptr<STACK_OF(X509), freed_by<free_chain>>;

constexpr int least_bits = 2048;
constexpr int salt_bytes = 32;

bio_ptr memory(std::string_view text)
{
    return bio_ptr(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
}

EVP_PKEY* key_of(std::shared_ptr<void> const& native)
{
    return static_cast<EVP_PKEY*>(native.get());
}

X509* certificate_of(std::shared_ptr<void> const& native)
{
    return static_cast<X509*>(native.get());
}

unsigned char const* bytes(std::string_view text)
{
    return reinterpret_cast<unsigned char const*>(text.data());
}

bool choose(EVP_PKEY_CTX* context, signature_scheme scheme)
{
    if (scheme == signature_scheme::rs256)
        return EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_PADDING) == 1;
    return EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_PSS_PADDING) == 1 &&
           EVP_PKEY_CTX_set_rsa_pss_saltlen(context, salt_bytes) == 1 &&
           EVP_PKEY_CTX_set_rsa_mgf1_md(context, EVP_sha256()) == 1;
}

std::string digest(X509 const* of, EVP_MD const* kind)
{
    unsigned char out[EVP_MAX_MD_SIZE];
    unsigned size = 0;
    if (X509_digest(of, kind, out, &size) != 1)
        throw std::runtime_error("local cluster: OpenSSL could not digest a certificate");
    return std::string(reinterpret_cast<char const*>(out), size);
}

} // namespace

public_key public_key::from_pem(std::string const& pem)
{
    auto const in = memory(pem);
    public_key out(std::shared_ptr<void>(PEM_read_bio_PUBKEY(in.get(), nullptr, nullptr, nullptr),
                                         [](void* key)
                                         { EVP_PKEY_free(static_cast<EVP_PKEY*>(key)); }));
    ERR_clear_error();
    if (!out.usable())
        throw std::runtime_error("local cluster: not the PEM of an RSA public key of 2048 bits or "
                                 "more");
    return out;
}

bool public_key::usable() const noexcept
{
    auto const* key = key_of(native_);
    return key != nullptr && EVP_PKEY_get_base_id(key) == EVP_PKEY_RSA &&
           EVP_PKEY_get_bits(key) >= least_bits;
}

bool public_key::verifies(signature_scheme scheme, std::string_view text,
                          std::string_view signature) const
{
    digest_ptr const context(EVP_MD_CTX_new());
    EVP_PKEY_CTX* with = nullptr;
    bool const ready =
        usable() && context &&
        EVP_DigestVerifyInit(context.get(), &with, EVP_sha256(), nullptr, key_of(native_)) == 1 &&
        choose(with, scheme);
    bool const good = ready && EVP_DigestVerify(context.get(), bytes(signature), signature.size(),
                                                bytes(text), text.size()) == 1;
    ERR_clear_error();
    return good;
}

std::vector<client_certificate> client_certificate::from_pem(std::string const& pem)
{
    auto const in = memory(pem);
    std::vector<client_certificate> out;
    while (auto* found = PEM_read_bio_X509(in.get(), nullptr, nullptr, nullptr))
        out.push_back(client_certificate(std::shared_ptr<void>(
            found, [](void* certificate) { X509_free(static_cast<X509*>(certificate)); })));
    ERR_clear_error();
    if (out.empty())
        throw std::runtime_error("local cluster: no certificate in the PEM text");
    return out;
}

std::optional<client_certificate> client_certificate::from_der(std::string_view der)
{
    auto const* at = bytes(der);
    std::shared_ptr<void> native(d2i_X509(nullptr, &at, static_cast<long>(der.size())),
                                 [](void* certificate)
                                 { X509_free(static_cast<X509*>(certificate)); });
    ERR_clear_error();
    if (native == nullptr || at != bytes(der) + der.size())
        return std::nullopt;
    return client_certificate(std::move(native));
}

std::string client_certificate::sha1() const
{
    return digest(certificate_of(native_), EVP_sha1());
}

std::string client_certificate::sha256() const
{
    return digest(certificate_of(native_), EVP_sha256());
}

std::string client_certificate::common_name() const
{
    char text[256] = {};
    auto* const name = X509_get_subject_name(certificate_of(native_));
    int const size = X509_NAME_get_text_by_NID(name, NID_commonName, text, sizeof text);
    return size > 0 ? std::string(text, static_cast<std::size_t>(size)) : std::string();
}

public_key client_certificate::key() const
{
    return public_key(std::shared_ptr<void>(X509_get_pubkey(certificate_of(native_)), [](void* key)
                                            { EVP_PKEY_free(static_cast<EVP_PKEY*>(key)); }));
}

bool client_certificate::valid_at(system_time now) const
{
    auto const* const it = certificate_of(native_);
    auto seconds = std::chrono::system_clock::to_time_t(now);
    return X509_cmp_time(X509_get0_notBefore(it), &seconds) < 0 &&
           X509_cmp_time(X509_get0_notAfter(it), &seconds) > 0;
}

bool client_certificate::issued_by(client_certificate const& authority,
                                   std::vector<client_certificate> const& between,
                                   system_time now) const
{
    store_ptr const store(X509_STORE_new());
    store_context_ptr const context(X509_STORE_CTX_new());
    chain_ptr const chain(sk_X509_new_null());
    bool ready = store && context && chain &&
                 X509_STORE_add_cert(store.get(), certificate_of(authority.native_)) == 1;
    for (auto const& each : between)
        ready = ready && sk_X509_push(chain.get(), certificate_of(each.native_)) > 0;
    ready = ready && X509_STORE_CTX_init(context.get(), store.get(), certificate_of(native_),
                                         chain.get()) == 1;
    if (!ready)
        return false;
    // The registered authority may itself stand below a root.
    X509_STORE_CTX_set_flags(context.get(), X509_V_FLAG_PARTIAL_CHAIN);
    X509_STORE_CTX_set_time(context.get(), 0, std::chrono::system_clock::to_time_t(now));
    bool const good = X509_verify_cert(context.get()) == 1;
    ERR_clear_error();
    return good;
}

} // namespace kusto::emulator

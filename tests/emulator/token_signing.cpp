#include <emulator/token_signing.hpp>

#include <algorithm>
#include <boost/json.hpp>
#include <emulator/server/encoding.hpp>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>
#include <stdexcept>

namespace token_signing
{

namespace
{

using certificate_ptr = std::unique_ptr<X509, void (*)(X509*)>;
using bio_ptr = std::unique_ptr<BIO, void (*)(BIO*)>;

EVP_PKEY* native(std::shared_ptr<void> const& key)
{
    return static_cast<EVP_PKEY*>(key.get());
}

void require(bool done)
{
    if (!done)
        throw std::runtime_error("OpenSSL failed");
}

bio_ptr memory()
{
    return bio_ptr(BIO_new(BIO_s_mem()), BIO_free_all);
}

std::string text_of(BIO* from)
{
    char* data = nullptr;
    auto const size = BIO_get_mem_data(from, &data);
    return std::string(data, static_cast<std::size_t>(size));
}

certificate_ptr parse(std::string const& pem)
{
    bio_ptr const in(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())), BIO_free_all);
    return certificate_ptr(PEM_read_bio_X509(in.get(), nullptr, nullptr, nullptr), X509_free);
}

void set_name(X509_NAME* name, std::string const& text)
{
    auto const* bytes = reinterpret_cast<unsigned char const*>(text.c_str());
    require(X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_UTF8, bytes, -1, -1, 0) == 1);
}

void mark_as_authority(X509* certificate)
{
    X509_EXTENSION* const extension =
        X509V3_EXT_conf_nid(nullptr, nullptr, NID_basic_constraints, "critical,CA:TRUE");
    require(extension != nullptr && X509_add_ext(certificate, extension, -1) == 1);
    X509_EXTENSION_free(extension);
}

std::string digest_of(std::string const& pem, EVP_MD const* kind)
{
    unsigned char out[EVP_MAX_MD_SIZE];
    unsigned size = 0;
    require(X509_digest(parse(pem).get(), kind, out, &size) == 1);
    return std::string(reinterpret_cast<char const*>(out), size);
}

} // namespace

key_pair::key_pair()
    : native_(EVP_RSA_gen(2048), [](void* key) { EVP_PKEY_free(static_cast<EVP_PKEY*>(key)); })
{
    require(native_ != nullptr);
}

std::string key_pair::public_pem() const
{
    auto const out = memory();
    require(PEM_write_bio_PUBKEY(out.get(), native(native_)) == 1);
    return text_of(out.get());
}

std::string key_pair::certificate(std::string const& name, key_pair const* issuer,
                                  std::string const& issuer_name) const
{
    certificate_ptr const made(X509_new(), X509_free);
    auto* raw = made.get();
    require(X509_set_version(raw, X509_VERSION_3) == 1 &&
            ASN1_INTEGER_set(X509_get_serialNumber(raw), 7) == 1 &&
            ASN1_TIME_set_string(X509_getm_notBefore(raw), "20200101000000Z") == 1 &&
            ASN1_TIME_set_string(X509_getm_notAfter(raw), "20491231235959Z") == 1 &&
            X509_set_pubkey(raw, native(native_)) == 1);
    set_name(X509_get_subject_name(raw), name);
    set_name(X509_get_issuer_name(raw), issuer == nullptr ? name : issuer_name);
    if (issuer == nullptr)
        mark_as_authority(raw);
    require(X509_sign(raw, native((issuer == nullptr ? *this : *issuer).native_), EVP_sha256()) >
            0);
    auto const out = memory();
    require(PEM_write_bio_X509(out.get(), raw) == 1);
    return text_of(out.get());
}

std::string key_pair::sign(scheme how, std::string const& text) const
{
    std::unique_ptr<EVP_MD_CTX, void (*)(EVP_MD_CTX*)> const context(EVP_MD_CTX_new(),
                                                                     EVP_MD_CTX_free);
    EVP_PKEY_CTX* with = nullptr;
    require(EVP_DigestSignInit(context.get(), &with, EVP_sha256(), nullptr, native(native_)) == 1);
    if (how != scheme::rs256)
        require(EVP_PKEY_CTX_set_rsa_padding(with, RSA_PKCS1_PSS_PADDING) == 1);
    if (how == scheme::ps256)
        require(EVP_PKEY_CTX_set_rsa_pss_saltlen(with, RSA_PSS_SALTLEN_DIGEST) == 1);
    std::string out(256, '\0');
    std::size_t size = out.size();
    require(EVP_DigestSign(context.get(), reinterpret_cast<unsigned char*>(out.data()), &size,
                           reinterpret_cast<unsigned char const*>(text.data()), text.size()) == 1);
    out.resize(size);
    return out;
}

std::string der_of(std::string const& certificate_pem)
{
    unsigned char* data = nullptr;
    int const size = i2d_X509(parse(certificate_pem).get(), &data);
    require(size > 0);
    std::string out(reinterpret_cast<char const*>(data), static_cast<std::size_t>(size));
    OPENSSL_free(data);
    return out;
}

std::string sha1_of(std::string const& certificate_pem)
{
    return digest_of(certificate_pem, EVP_sha1());
}

std::string sha256_of(std::string const& certificate_pem)
{
    return digest_of(certificate_pem, EVP_sha256());
}

std::string base64url(std::string const& bytes)
{
    auto text = kusto::emulator::base64_encode(bytes);
    std::replace(text.begin(), text.end(), '+', '-');
    std::replace(text.begin(), text.end(), '/', '_');
    return text.substr(0, text.find('='));
}

std::string token(json::object const& header, json::object const& claims, scheme how,
                  key_pair const& key)
{
    auto const text = base64url(json::serialize(header)) + "." + base64url(json::serialize(claims));
    return text + "." + base64url(key.sign(how, text));
}

} // namespace token_signing

#include <emulator/server/tls_identity.hpp>

#include <emulator/server/encoding.hpp>
#include <emulator/server/openssl_ptr.hpp>
#include <memory>
#include <openssl/bn.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>
#include <stdexcept>

namespace kusto::emulator
{

namespace
{

using key_ptr = std::unique_ptr<EVP_PKEY, freed_by<EVP_PKEY_free>>;
using certificate_ptr = std::unique_ptr<X509, freed_by<X509_free>>;
using bio_ptr = std::unique_ptr<BIO, freed_by<BIO_free_all>>;
using extension_ptr = std::unique_ptr<X509_EXTENSION, freed_by<X509_EXTENSION_free>>;
using number_ptr = std::unique_ptr<BIGNUM, freed_by<BN_free>>;

constexpr long day_seconds = 24L * 3600;

void require(bool done, char const* what)
{
    if (!done)
        throw std::runtime_error(std::string("local cluster: OpenSSL could not ") + what);
}

key_ptr make_key()
{
    key_ptr key(EVP_EC_gen("P-256"));
    require(key != nullptr, "generate a P-256 key");
    return key;
}

void add_extension(X509* certificate, X509* issuer, int nid, char const* value)
{
    X509V3_CTX context;
    X509V3_set_ctx_nodb(&context);
    X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
    extension_ptr const extension(X509V3_EXT_conf_nid(nullptr, &context, nid, value));
    require(extension && X509_add_ext(certificate, extension.get(), -1) == 1,
            "add a certificate extension");
}

certificate_ptr make_certificate(EVP_PKEY* key, char const* common_name)
{
    certificate_ptr certificate(X509_new());
    require(certificate != nullptr, "make a certificate");
    auto bytes = random_bytes(16);
    bytes[0] = static_cast<char>((bytes[0] & 0x3F) | 0x40);
    number_ptr const serial(
        BN_bin2bn(reinterpret_cast<unsigned char const*>(bytes.data()), 16, nullptr));
    auto* name = X509_get_subject_name(certificate.get());
    auto const* text = reinterpret_cast<unsigned char const*>(common_name);
    bool const done =
        serial && X509_set_version(certificate.get(), X509_VERSION_3) == 1 &&
        BN_to_ASN1_INTEGER(serial.get(), X509_get_serialNumber(certificate.get())) != nullptr &&
        X509_gmtime_adj(X509_getm_notBefore(certificate.get()), -day_seconds) != nullptr &&
        X509_gmtime_adj(X509_getm_notAfter(certificate.get()), 365 * day_seconds) != nullptr &&
        X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_UTF8, text, -1, -1, 0) == 1 &&
        X509_set_pubkey(certificate.get(), key) == 1;
    require(done, "fill in a certificate");
    return certificate;
}

template <class Write>
std::string to_pem(Write write)
{
    bio_ptr const memory(BIO_new(BIO_s_mem()));
    require(memory && write(memory.get()) == 1, "write PEM");
    char* data = nullptr;
    auto const size = BIO_get_mem_data(memory.get(), &data);
    return std::string(data, static_cast<std::size_t>(size));
}

std::string to_pem(X509* certificate)
{
    return to_pem([&](BIO* to) { return PEM_write_bio_X509(to, certificate); });
}

std::string to_pem(EVP_PKEY* key)
{
    return to_pem(
        [&](BIO* to)
        { return PEM_write_bio_PrivateKey(to, key, nullptr, nullptr, 0, nullptr, nullptr); });
}

certificate_ptr make_authority(EVP_PKEY* key)
{
    auto certificate = make_certificate(key, "kusto-cpp local cluster CA");
    auto* raw = certificate.get();
    require(X509_set_issuer_name(raw, X509_get_subject_name(raw)) == 1, "name the issuer");
    add_extension(raw, raw, NID_basic_constraints, "critical,CA:TRUE,pathlen:0");
    add_extension(raw, raw, NID_key_usage, "critical,keyCertSign,cRLSign");
    add_extension(raw, raw, NID_subject_key_identifier, "hash");
    require(X509_sign(raw, key, EVP_sha256()) > 0, "sign the authority");
    return certificate;
}

} // namespace

tls_identity tls_identity::generate(std::vector<std::string> const& also_named)
{
    std::string names = "DNS:localhost,IP:127.0.0.1,IP:::1";
    for (auto const& name : also_named)
        names += ",DNS:" + name;
    auto const ca_key = make_key();
    auto const ca = make_authority(ca_key.get());
    auto const key = make_key();
    auto const certificate = make_certificate(key.get(), "localhost");
    auto* raw = certificate.get();
    require(X509_set_issuer_name(raw, X509_get_subject_name(ca.get())) == 1, "name the issuer");
    add_extension(raw, ca.get(), NID_basic_constraints, "critical,CA:FALSE");
    add_extension(raw, ca.get(), NID_key_usage, "critical,digitalSignature");
    add_extension(raw, ca.get(), NID_ext_key_usage, "serverAuth");
    add_extension(raw, ca.get(), NID_subject_key_identifier, "hash");
    add_extension(raw, ca.get(), NID_authority_key_identifier, "keyid:always");
    add_extension(raw, ca.get(), NID_subject_alt_name, names.c_str());
    require(X509_sign(raw, ca_key.get(), EVP_sha256()) > 0, "sign the server certificate");

    tls_identity out;
    out.ca_pem = to_pem(ca.get());
    out.server_certificate_pem = to_pem(raw);
    out.server_key_pem = to_pem(key.get());
    return out;
}

tls_identity tls_identity::self_signed()
{
    auto const key = make_key();
    auto const certificate = make_certificate(key.get(), "localhost");
    auto* raw = certificate.get();
    require(X509_set_issuer_name(raw, X509_get_subject_name(raw)) == 1 &&
                X509_sign(raw, key.get(), EVP_sha256()) > 0,
            "sign a certificate");
    tls_identity out;
    out.server_certificate_pem = to_pem(raw);
    out.server_key_pem = to_pem(key.get());
    return out;
}

} // namespace kusto::emulator

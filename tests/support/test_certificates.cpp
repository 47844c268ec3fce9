#include <support/test_certificates.hpp>

#include <array>
#include <openssl/bio.h>
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>
#include <openssl/pem.h>
#include <openssl/pkcs12.h>
#include <openssl/rsa.h>
#include <openssl/sha.h>
#include <openssl/x509.h>
#include <stdexcept>

namespace kusto::test
{

namespace
{

unsigned char const* bytes_of(std::string_view text)
{
    return reinterpret_cast<unsigned char const*>(text.data());
}

void must(bool good, char const* what)
{
    if (!good)
        throw std::runtime_error(what);
}

/// Runs `write` on a memory BIO and returns what it wrote.
template <class Write>
std::string written(Write write)
{
    std::shared_ptr<BIO> const to(BIO_new(BIO_s_mem()), BIO_free);
    must(write(to.get()) == 1, "writing PEM or DER");
    char* data = nullptr;
    auto const size = BIO_get_mem_data(to.get(), &data);
    return std::string(data, static_cast<std::size_t>(size));
}

void set_name(X509_NAME* name, std::string const& text)
{
    must(X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_UTF8, bytes_of(text), -1, -1, 0) == 1,
         "name");
}

bool verifies(test_key const& key, std::string_view text, std::string_view signature, int padding,
              int salt)
{
    std::shared_ptr<EVP_MD_CTX> const context(EVP_MD_CTX_new(), EVP_MD_CTX_free);
    EVP_PKEY_CTX* scheme = nullptr;
    must(EVP_DigestVerifyInit(context.get(), &scheme, EVP_sha256(), nullptr, key.get()) == 1,
         "verify");
    must(EVP_PKEY_CTX_set_rsa_padding(scheme, padding) == 1, "padding");
    if (padding == RSA_PKCS1_PSS_PADDING)
        must(EVP_PKEY_CTX_set_rsa_pss_saltlen(scheme, salt) == 1, "salt");
    return EVP_DigestVerify(context.get(), bytes_of(signature), signature.size(), bytes_of(text),
                            text.size()) == 1;
}

} // namespace

test_key make_rsa_key(int bits)
{
    test_key key(EVP_RSA_gen(static_cast<unsigned>(bits)), EVP_PKEY_free);
    must(key != nullptr, "RSA key");
    return key;
}

test_key make_ec_key()
{
    test_key key(EVP_EC_gen("P-256"), EVP_PKEY_free);
    must(key != nullptr, "EC key");
    return key;
}

test_key const& usual_key(int which)
{
    static std::array<test_key, 2> const keys{make_rsa_key(), make_rsa_key()};
    return keys.at(static_cast<std::size_t>(which));
}

test_certificate make_certificate(certificate_plan const& plan)
{
    static long serial = 0;
    test_certificate made(X509_new(), X509_free);
    X509_set_version(made.get(), 2);
    ASN1_INTEGER_set(X509_get_serialNumber(made.get()), ++serial);
    ASN1_TIME_set(X509_getm_notBefore(made.get()),
                  std::chrono::system_clock::to_time_t(plan.not_before));
    ASN1_TIME_set(X509_getm_notAfter(made.get()),
                  std::chrono::system_clock::to_time_t(plan.not_after));
    if (!plan.not_before_text.empty())
        ASN1_TIME_set_string(X509_getm_notBefore(made.get()), plan.not_before_text.c_str());
    if (!plan.not_after_text.empty())
        ASN1_TIME_set_string(X509_getm_notAfter(made.get()), plan.not_after_text.c_str());
    set_name(X509_get_subject_name(made.get()), plan.subject);
    set_name(X509_get_issuer_name(made.get()), plan.issuer);
    must(X509_set_pubkey(made.get(), plan.key.get()) == 1, "public key");
    must(X509_sign(made.get(), plan.issuer_key.get(), EVP_sha256()) > 0, "signature");
    return made;
}

test_key broken_copy(test_key const& key)
{
    std::array<char const*, 8> const names{
        OSSL_PKEY_PARAM_RSA_N,         OSSL_PKEY_PARAM_RSA_E,
        OSSL_PKEY_PARAM_RSA_FACTOR1,   OSSL_PKEY_PARAM_RSA_FACTOR2,
        OSSL_PKEY_PARAM_RSA_EXPONENT2, OSSL_PKEY_PARAM_RSA_COEFFICIENT1,
        OSSL_PKEY_PARAM_RSA_D,         OSSL_PKEY_PARAM_RSA_EXPONENT1};
    std::shared_ptr<OSSL_PARAM_BLD> const parts(OSSL_PARAM_BLD_new(), OSSL_PARAM_BLD_free);
    std::array<std::shared_ptr<BIGNUM>, names.size()> numbers;
    for (std::size_t i = 0; i < names.size(); ++i)
    {
        BIGNUM* number = nullptr;
        must(EVP_PKEY_get_bn_param(key.get(), names[i], &number) == 1, "number of the key");
        numbers[i].reset(number, BN_free);
        if (i >= 6)
            BN_sub_word(number, 2);
        must(OSSL_PARAM_BLD_push_BN(parts.get(), names[i], number) == 1, "parameter");
    }
    std::shared_ptr<OSSL_PARAM> const list(OSSL_PARAM_BLD_to_param(parts.get()), OSSL_PARAM_free);
    std::shared_ptr<EVP_PKEY_CTX> const context(EVP_PKEY_CTX_new_from_name(nullptr, "RSA", nullptr),
                                                EVP_PKEY_CTX_free);
    EVP_PKEY* made = nullptr;
    must(EVP_PKEY_fromdata_init(context.get()) == 1 &&
             EVP_PKEY_fromdata(context.get(), &made, EVP_PKEY_KEYPAIR, list.get()) == 1,
         "broken key");
    return test_key(made, EVP_PKEY_free);
}

std::string der(test_certificate const& certificate)
{
    return written([&](BIO* to) { return i2d_X509_bio(to, certificate.get()); });
}

std::string pem(test_certificate const& certificate)
{
    return written([&](BIO* to) { return PEM_write_bio_X509(to, certificate.get()); });
}

std::string pem(test_key const& key, std::string const& password)
{
    auto const* const cipher = password.empty() ? nullptr : EVP_aes_256_cbc();
    return written(
        [&](BIO* to)
        {
            return PEM_write_bio_PKCS8PrivateKey(to, key.get(), cipher, password.data(),
                                                 static_cast<int>(password.size()), nullptr,
                                                 nullptr);
        });
}

std::string pem_traditional(test_key const& key, std::string const& password)
{
    auto const* const cipher = password.empty() ? nullptr : EVP_aes_256_cbc();
    return written(
        [&](BIO* to)
        {
            return PEM_write_bio_PrivateKey_traditional(to, key.get(), cipher, bytes_of(password),
                                                        static_cast<int>(password.size()), nullptr,
                                                        nullptr);
        });
}

std::string pem_identity(certificate_plan const& plan)
{
    return pem(plan.key) + pem(make_certificate(plan));
}

std::string pfx(test_key const& key, test_certificate const& leaf,
                std::vector<test_certificate> const& others, char const* password, int cipher)
{
    STACK_OF(X509)* const chain = sk_X509_new_null();
    for (auto const& one : others)
        sk_X509_push(chain, one.get());
    int const nid = cipher == 0 ? NID_aes_256_cbc : cipher;
    std::shared_ptr<PKCS12> const made(
        PKCS12_create(password, "client", key.get(), leaf.get(), chain, nid, nid, 2048, 2048, 0),
        PKCS12_free);
    sk_X509_free(chain);
    must(made != nullptr, "PKCS#12");
    return written([&](BIO* to) { return i2d_PKCS12_bio(to, made.get()); });
}

std::string pfx_with_iterations(long iterations, bool in_mac)
{
    std::shared_ptr<PKCS12> const file(PKCS12_create("", "client", usual_key().get(),
                                                     make_certificate().get(), nullptr, 0, 0, 1, 1,
                                                     0),
                                       PKCS12_free);
    must(file != nullptr, "PKCS#12");
    if (in_mac)
    {
        ASN1_INTEGER const* count = nullptr;
        // The default of one iteration is not written; two are.
        PKCS12_set_mac(file.get(), "", 0, nullptr, 0, 2, nullptr);
        PKCS12_get0_mac(nullptr, nullptr, nullptr, &count, file.get());
        must(ASN1_INTEGER_set(const_cast<ASN1_INTEGER*>(count), iterations) == 1, "iterations");
    }
    else
    {
        STACK_OF(PKCS7)* const safes = PKCS12_unpack_authsafes(file.get());
        auto& how = sk_PKCS7_value(safes, 0)->d.encrypted->enc_data->algorithm;
        X509_ALGOR_free(how);
        how = PKCS5_pbe2_set(EVP_aes_256_cbc(), static_cast<int>(iterations), nullptr, 0);
        must(PKCS12_pack_authsafes(file.get(), safes) == 1, "authsafes");
        sk_PKCS7_pop_free(safes, PKCS7_free);
    }
    return written([&](BIO* to) { return i2d_PKCS12_bio(to, file.get()); });
}

namespace
{

std::string pem_sealed(X509_ALGOR* how)
{
    std::shared_ptr<X509_SIG> const sealed(X509_SIG_new(), X509_SIG_free);
    X509_ALGOR* inside = nullptr;
    ASN1_OCTET_STRING* content = nullptr;
    X509_SIG_getm(sealed.get(), &inside, &content);
    must(how != nullptr && X509_ALGOR_copy(inside, how) == 1, "algorithm");
    X509_ALGOR_free(how);
    ASN1_OCTET_STRING_set(content, bytes_of("0123456789abcdef"), 16);
    return written([&](BIO* to) { return PEM_write_bio_PKCS8(to, sealed.get()); });
}

} // namespace

std::string pem_with_iterations(int iterations)
{
    return pem_sealed(PKCS5_pbe2_set(EVP_aes_256_cbc(), iterations, nullptr, 0));
}

std::string pem_with_scrypt(std::uint64_t lanes)
{
    return pem_sealed(
        PKCS5_pbe2_set_scrypt(EVP_aes_256_cbc(), nullptr, 0, nullptr, 1024, 1, lanes));
}

bool verifies_pss(test_key const& key, std::string_view text, std::string_view signature, int salt)
{
    return verifies(key, text, signature, RSA_PKCS1_PSS_PADDING, salt);
}

bool verifies_pkcs1(test_key const& key, std::string_view text, std::string_view signature)
{
    return verifies(key, text, signature, RSA_PKCS1_PADDING, 0);
}

std::string sha1(std::string_view bytes)
{
    std::string digest(SHA_DIGEST_LENGTH, '\0');
    SHA1(bytes_of(bytes), bytes.size(), reinterpret_cast<unsigned char*>(digest.data()));
    return digest;
}

std::string sha256(std::string_view bytes)
{
    std::string digest(SHA256_DIGEST_LENGTH, '\0');
    SHA256(bytes_of(bytes), bytes.size(), reinterpret_cast<unsigned char*>(digest.data()));
    return digest;
}

} // namespace kusto::test

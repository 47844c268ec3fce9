#include <crypto/client_certificate.hpp>

#include <crypto/material.hpp>
#include <openssl/rsa.h>

namespace kusto::crypto
{

std::string const& client_certificate::sha1_thumbprint() const noexcept
{
    return what_->sha1;
}

std::string const& client_certificate::sha256_thumbprint() const noexcept
{
    return what_->sha256;
}

std::vector<std::string> const& client_certificate::chain() const noexcept
{
    return what_->chain;
}

base::utc_time_point client_certificate::not_before() const noexcept
{
    return what_->not_before;
}

base::utc_time_point client_certificate::not_after() const noexcept
{
    return what_->not_after;
}

result<void> client_certificate::valid_at(base::utc_time_point now) const
{
    if (now > what_->not_after)
        return bad_certificate("the certificate has expired on " +
                               base::rfc1123_text(what_->not_after) +
                               "; register and use a new one");
    if (now < what_->not_before)
        return bad_certificate("the certificate is not valid before " +
                               base::rfc1123_text(what_->not_before) +
                               "; is this machine's clock right?");
    return {};
}

bool set_scheme(EVP_PKEY_CTX* context, signature_scheme how)
{
    if (how == signature_scheme::rs256)
        return EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_PADDING) == 1;
    // The default salt is the longest that fits, which the service refuses.
    return EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_PSS_PADDING) == 1 &&
           EVP_PKEY_CTX_set_rsa_pss_saltlen(context, RSA_PSS_SALTLEN_DIGEST) == 1 &&
           EVP_PKEY_CTX_set_rsa_mgf1_md(context, EVP_sha256()) == 1;
}

std::string signature_of(EVP_PKEY* key, signature_scheme how, std::string_view text)
{
    digest_context_ptr const digest(EVP_MD_CTX_new());
    EVP_PKEY_CTX* scheme = nullptr;
    if (!digest || EVP_DigestSignInit(digest.get(), &scheme, EVP_sha256(), nullptr, key) != 1 ||
        !set_scheme(scheme, how))
        return {};
    std::size_t size = 0;
    if (EVP_DigestSign(digest.get(), nullptr, &size, bytes_of(text), text.size()) != 1)
        return {};
    std::string made(size, '\0');
    auto* const to = reinterpret_cast<unsigned char*>(made.data());
    if (EVP_DigestSign(digest.get(), to, &size, bytes_of(text), text.size()) != 1)
        return {};
    made.resize(size);
    return made;
}

bool verifies(EVP_PKEY* key, signature_scheme how, std::string_view text,
              std::string_view signature)
{
    digest_context_ptr const digest(EVP_MD_CTX_new());
    EVP_PKEY_CTX* scheme = nullptr;
    return digest && EVP_DigestVerifyInit(digest.get(), &scheme, EVP_sha256(), nullptr, key) == 1 &&
           set_scheme(scheme, how) &&
           EVP_DigestVerify(digest.get(), bytes_of(signature), signature.size(), bytes_of(text),
                            text.size()) == 1;
}

result<std::string> client_certificate::sign(signature_scheme how, std::string_view text) const
{
    error_mark const mark;
    auto signature = signature_of(what_->key.get(), how, text);
    if (signature.empty())
        return bad_certificate("OpenSSL refuses to sign with the certificate's key; does its "
                               "configuration forbid RSA signatures with SHA-256?");
    return signature;
}

} // namespace kusto::crypto

#include <array>
#include <crypto/key_derivation.hpp>
#include <crypto/openssl.hpp>
#include <crypto/raw_identity.hpp>
#include <openssl/provider.h>
#include <optional>

namespace kusto::crypto
{

namespace
{

using library_ptr = std::unique_ptr<OSSL_LIB_CTX, freed_by<OSSL_LIB_CTX_free>>;
using provider_ptr = std::unique_ptr<OSSL_PROVIDER, freed_by<OSSL_PROVIDER_unload>>;
using pkcs12_ptr = std::unique_ptr<PKCS12, freed_by<PKCS12_free>>;
using key_info_ptr = std::unique_ptr<PKCS8_PRIV_KEY_INFO, freed_by<PKCS8_PRIV_KEY_INFO_free>>;

struct free_stack
{
    void operator()(STACK_OF(X509) * what) const noexcept { sk_X509_pop_free(what, X509_free); }
};

using stack_ptr = std::unique_ptr<STACK_OF(X509), free_stack>;

/// Where the algorithms of old files (RC2-40) are known, without making them known to the program.
class legacy_library
{
public:
    legacy_library() : library_(OSSL_LIB_CTX_new())
    {
        if (!library_) // null would mean the program's own
            return;
        old_.reset(OSSL_PROVIDER_load(library_.get(), "legacy"));
        usual_.reset(OSSL_PROVIDER_load(library_.get(), "default"));
    }

    [[nodiscard]] bool works() const noexcept { return library_ && old_ && usual_; }
    [[nodiscard]] OSSL_LIB_CTX* get() const noexcept { return library_.get(); }

private:
    library_ptr library_;
    provider_ptr old_;
    provider_ptr usual_;
};

/// \param library  null: OpenSSL's default
pkcs12_ptr decode(std::string_view bytes, OSSL_LIB_CTX* library)
{
    // A file that is made in advance is how the decoder learns of the library.
    PKCS12* made = PKCS12_init_ex(NID_pkcs7_data, library, nullptr);
    auto const* from = bytes_of(bytes);
    if (made == nullptr || d2i_PKCS12(&made, &from, static_cast<long>(bytes.size())) == nullptr)
        return nullptr;
    return pkcs12_ptr(made);
}

/// Everything as DER, so that nothing depends on the library that decoded it.
std::optional<raw_identity> parts_of(PKCS12* file, char const* password)
{
    EVP_PKEY* key = nullptr;
    X509* leaf = nullptr;
    STACK_OF(X509)* others = nullptr;
    if (PKCS12_parse(file, password, &key, &leaf, &others) != 1)
        return std::nullopt;
    key_ptr const owned_key(key);
    x509_ptr const owned_leaf(leaf);
    stack_ptr const owned_others(others);
    raw_identity found;
    key_info_ptr const info(key == nullptr ? nullptr : EVP_PKEY2PKCS8(key));
    if (info)
        found.key = base::secret(der_of(i2d_PKCS8_PRIV_KEY_INFO, info.get()));
    if (leaf != nullptr)
        found.certificates.push_back(der_of(i2d_X509, leaf));
    for (int i = 0; i < sk_X509_num(others); ++i)
        found.certificates.push_back(der_of(i2d_X509, sk_X509_value(others, i)));
    return found;
}

failure wrong_password(bool given)
{
    return bad_certificate(given ? "the password of the PKCS#12 (PFX) file is wrong"
                                 : "the PKCS#12 (PFX) file is protected by a password and none was "
                                   "given");
}

std::optional<raw_identity> parts_with_old_ciphers(std::string_view bytes, char const* password)
{
    legacy_library const legacy;
    if (!legacy.works())
        return std::nullopt;
    auto const file = decode(bytes, legacy.get());
    return file ? parts_of(file.get(), password) : std::nullopt;
}

result<raw_identity> unlock(std::string_view bytes, std::string const& password)
{
    auto const file = decode(bytes, nullptr);
    if (!file)
        return bad_certificate("it is neither PEM text nor a PKCS#12 (PFX) file; a certificate "
                               "alone (DER) is not enough, its private key is needed as well");
    if (iterations_of(file.get()) > most_iterations)
        return bad_certificate("the PKCS#12 (PFX) file is damaged: to open it would take hours");
    bool fits = false;
    // No password can be two things: an empty text, and nothing at all.
    std::array<char const*, 2> const forms{password.c_str(), nullptr};
    for (char const* const form : forms)
    {
        if (form == nullptr && !password.empty())
            break;
        if (PKCS12_mac_present(file.get()) == 1 && PKCS12_verify_mac(file.get(), form, -1) != 1)
            continue;
        fits = true;
        if (auto found = parts_of(file.get(), form))
            return *std::move(found);
        if (auto found = parts_with_old_ciphers(bytes, form))
            return *std::move(found);
    }
    if (!fits)
        return wrong_password(!password.empty());
    return bad_certificate("the PKCS#12 (PFX) file cannot be decrypted; its ciphers may be too old "
                           "for this OpenSSL (RC2-40): export it anew with `openssl pkcs12 -legacy "
                           "-in old.pfx -nodes | openssl pkcs12 -export -out new.pfx`");
}

} // namespace

result<raw_identity> read_pkcs12(std::string_view bytes, std::string_view password)
{
    // OpenSSL takes a password that ends with a NUL here.
    if (password.find('\0') != std::string_view::npos)
        return wrong_password(true);
    std::string text(password);
    auto found = unlock(bytes, text);
    base::wipe(text);
    if (!found)
        return found;
    if (found->key.empty())
        return bad_certificate("the PKCS#12 (PFX) file holds no private key; export it with the "
                               "certificate");
    if (found->certificates.empty())
        return bad_certificate("the PKCS#12 (PFX) file holds no certificate");
    return found;
}

} // namespace kusto::crypto

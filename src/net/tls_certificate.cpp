#include <net/tls_certificate.hpp>

#include <base/small_file.hpp>
#include <cstring>
#include <memory>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/pkcs12.h>
#include <openssl/x509.h>
#include <string_view>
#include <utility>
#include <vector>

namespace kusto::net
{

namespace
{

constexpr std::size_t largest_file = std::size_t(1) << 20;

template <auto Free>
class freed_by
{
public:
    template <class T>
    void operator()(T* object) const noexcept
    {
        Free(object);
    }
};

using bio_ptr = std::unique_ptr<BIO, freed_by<BIO_free>>;
using key_ptr = std::unique_ptr<EVP_PKEY, freed_by<EVP_PKEY_free>>;
using certificate_ptr = std::unique_ptr<X509, freed_by<X509_free>>;
using pkcs12_ptr = std::unique_ptr<PKCS12, freed_by<PKCS12_free>>;

void free_stack(STACK_OF(X509) * stack) noexcept
{
    sk_X509_pop_free(stack, X509_free);
}

using stack_ptr = std::unique_ptr<STACK_OF(X509), freed_by<free_stack>>;

class identity
{
public:
    key_ptr key;
    std::vector<certificate_ptr> certificates;
};

failure unusable(tls_certificate const& own, std::string const& why)
{
    std::string const which = own.path.empty() ? "of the given memory" : "\"" + own.path + "\"";
    return failure(errc::invalid_option, stage::options, "tls_certificate " + which + " " + why);
}

/// A view: the content outlives it.
bio_ptr bytes_of(std::string_view content)
{
    return bio_ptr(BIO_new_mem_buf(content.data(), static_cast<int>(content.size())));
}

class password_giver
{
public:
    explicit password_giver(base::secret const& password) : password_(&password) {}

    static int give(char* into, int size, int, void* self)
    {
        auto& giver = *static_cast<password_giver*>(self);
        giver.asked = true;
        auto const text = giver.password_->reveal();
        if (text.empty() || text.size() > static_cast<std::size_t>(size))
            return -1;
        std::memcpy(into, text.data(), text.size());
        return static_cast<int>(text.size());
    }

    bool asked = false;

private:
    base::secret const* password_;
};

result<identity> read_pem(tls_certificate const& own, std::string_view content)
{
    identity found;
    password_giver giver(own.password);
    auto const keys = bytes_of(content);
    found.key.reset(PEM_read_bio_PrivateKey(keys.get(), nullptr, &password_giver::give, &giver));
    if (!found.key && giver.asked && own.password.empty())
        return unusable(own, "has an encrypted private key: set its password");
    if (!found.key && giver.asked)
        return unusable(own, "has a private key that the password does not decrypt");
    if (!found.key)
        return unusable(own, "has no private key that can be read: PEM text needs a block PRIVATE "
                             "KEY besides the certificates");
    auto const certificates = bytes_of(content);
    while (auto* const one = PEM_read_bio_X509(certificates.get(), nullptr, nullptr, nullptr))
        found.certificates.emplace_back(one);
    return found;
}

result<identity> read_pfx(tls_certificate const& own, std::string_view content)
{
    auto const source = bytes_of(content);
    pkcs12_ptr const file(d2i_PKCS12_bio(source.get(), nullptr));
    if (!file)
        return unusable(own, "is neither PEM text nor a PFX (PKCS#12) file");
    std::string password(own.password.reveal());
    bool const opens = PKCS12_verify_mac(file.get(), password.c_str(), -1) == 1 ||
                       (password.empty() && PKCS12_verify_mac(file.get(), nullptr, 0) == 1);
    EVP_PKEY* key = nullptr;
    X509* leaf = nullptr;
    STACK_OF(X509)* others = nullptr;
    bool const parsed =
        opens && PKCS12_parse(file.get(), password.c_str(), &key, &leaf, &others) == 1;
    base::wipe(password);
    identity found;
    found.key.reset(key);
    certificate_ptr first(leaf);
    stack_ptr const chain(others);
    if (!opens && own.password.empty())
        return unusable(own, "is a PFX file that needs a password: set it");
    if (!opens)
        return unusable(own, "is a PFX file that the password does not open");
    if (!parsed)
        return unusable(own, "is a PFX file with an encryption that this OpenSSL does not know: "
                             "export it again with AES-256");
    if (!found.key || !first)
        return unusable(own, "is a PFX file without a private key and its certificate");
    found.certificates.push_back(std::move(first));
    for (int i = 0; i < sk_X509_num(chain.get()); ++i)
    {
        auto* const one = sk_X509_value(chain.get(), i);
        X509_up_ref(one);
        found.certificates.emplace_back(one);
    }
    return found;
}

result<void> use(SSL_CTX* context, tls_certificate const& own, identity const& found)
{
    X509* leaf = nullptr;
    for (auto const& one : found.certificates)
        if (leaf == nullptr && X509_check_private_key(one.get(), found.key.get()) == 1)
            leaf = one.get();
    if (leaf == nullptr)
        return unusable(own, "has no certificate that belongs to its private key");
    if (SSL_CTX_use_certificate(context, leaf) != 1 ||
        SSL_CTX_use_PrivateKey(context, found.key.get()) != 1)
        return unusable(own, "has a key or certificate that TLS does not take (too short a key?)");
    for (auto const& one : found.certificates)
        if (one.get() != leaf && SSL_CTX_add1_chain_cert(context, one.get()) != 1)
            return unusable(own, "has a certificate in its chain that TLS does not take");
    return result<void>(boost::system::in_place_value);
}

} // namespace

result<void> install(SSL_CTX* context, tls_certificate const& own)
{
    auto content = own.path.empty() ? result<base::secret>(own.content)
                                    : base::read_small_file(own.path, largest_file);
    if (!content)
        return unusable(own, "cannot be used: " + content.error().message());
    if (content->empty() || content->size() > largest_file)
        return unusable(own, "must have 1 byte to 1 MiB");
    auto const text = content->reveal();
    bool const pem = text.find("-----BEGIN ") != std::string_view::npos;
    auto const found = pem ? read_pem(own, text) : read_pfx(own, text);
    auto done = found ? use(context, own, *found) : result<void>(found.error());
    ERR_clear_error();
    return done;
}

} // namespace kusto::net

#include <crypto/load_certificate.hpp>

#include <algorithm>
#include <base/small_file.hpp>
#include <crypto/certified_key.hpp>
#include <crypto/material.hpp>
#include <crypto/raw_identity.hpp>
#include <ctime>
#include <openssl/x509v3.h>
#include <utility>

namespace kusto::crypto
{

namespace
{

constexpr std::size_t longest = std::size_t(1) << 20;

key_ptr key_from(base::secret const& der)
{
    auto const* from = bytes_of(der.reveal());
    return key_ptr(d2i_AutoPrivateKey(nullptr, &from, static_cast<long>(der.size())));
}

x509_ptr certificate_from(std::string_view der)
{
    auto const* from = bytes_of(der);
    return x509_ptr(d2i_X509(nullptr, &from, static_cast<long>(der.size())));
}

base::utc_time_point time_of(ASN1_TIME const* when)
{
    std::tm parts = {};
    if (ASN1_TIME_to_tm(when, &parts) != 1)
        return {};
    // The year 9999, for "never expires", is beyond what the clock can hold, as is the year 1.
    constexpr auto first = std::chrono::ceil<std::chrono::seconds>(base::utc_time_point::min());
    constexpr auto last = std::chrono::floor<std::chrono::seconds>(base::utc_time_point::max());
    std::chrono::sys_seconds const when_utc(std::chrono::seconds(::timegm(&parts)));
    return std::clamp(when_utc, first, last);
}

enum class key_kind
{
    any,
    of_applications,
};

result<void> check_key(EVP_PKEY const* key, key_kind kind)
{
    constexpr int least_bits = 2048;
    if (key == nullptr)
        return bad_certificate("the private key cannot be read; was the file copied completely?");
    if (kind == key_kind::any)
        return {};
    if (EVP_PKEY_get_base_id(key) != EVP_PKEY_RSA)
        return bad_certificate(
            "the private key is not a plain RSA key; Microsoft Entra ID takes RSA "
            "keys only");
    int const bits = EVP_PKEY_get_bits(key);
    if (bits < least_bits)
        return bad_certificate("the RSA key has " + std::to_string(bits) +
                               " bits; it must have 2048 or more");
    return {};
}

result<std::vector<x509_ptr>> decode(std::vector<std::string> const& ders)
{
    std::vector<x509_ptr> certificates;
    for (auto const& der : ders)
    {
        certificates.push_back(certificate_from(der));
        if (!certificates.back())
            return bad_certificate("a certificate cannot be read; was the file copied completely?");
    }
    return certificates;
}

base::utc_time_point beginning_of(X509 const* certificate)
{
    return time_of(X509_get0_notBefore(certificate));
}

base::utc_time_point end_of(X509 const* certificate)
{
    return time_of(X509_get0_notAfter(certificate));
}

/// The one that belongs to the key; of several one that is valid at `now`, and of these the one
/// that is valid longest. Null: none.
X509* leaf_of(std::vector<x509_ptr> const& certificates, EVP_PKEY const* key,
              base::utc_time_point now)
{
    auto const rank = [now](X509 const* one)
    {
        bool const valid = beginning_of(one) <= now && now <= end_of(one);
        return std::pair(valid, end_of(one));
    };
    X509* best = nullptr;
    for (auto const& one : certificates)
    {
        bool const belongs = X509_check_private_key(one.get(), key) == 1;
        if (belongs && (best == nullptr || rank(one.get()) > rank(best)))
            best = one.get();
    }
    return best;
}

/// From the leaf upwards, each vouched for by the next.
std::vector<std::string> chain_from(X509* leaf, std::vector<x509_ptr> const& certificates)
{
    std::vector<X509*> chain(1, leaf);
    auto const is_next = [&](x509_ptr const& one)
    {
        return std::find(chain.begin(), chain.end(), one.get()) == chain.end() &&
               X509_check_issued(one.get(), chain.back()) == X509_V_OK &&
               X509_cmp(one.get(), chain.back()) != 0;
    };
    for (;;)
    {
        auto const next = std::find_if(certificates.begin(), certificates.end(), is_next);
        if (next == certificates.end())
            break;
        chain.push_back(next->get());
    }
    std::vector<std::string> ders;
    for (auto* const one : chain)
        ders.push_back(der_of(i2d_X509, one));
    return ders;
}

std::string digest_of(X509 const* certificate, EVP_MD const* algorithm)
{
    std::string digest(EVP_MAX_MD_SIZE, '\0');
    unsigned size = 0;
    auto* const to = reinterpret_cast<unsigned char*>(digest.data());
    if (X509_digest(certificate, algorithm, to, &size) != 1)
        size = 0;
    digest.resize(size);
    return digest;
}

/// Signs and verifies with the certificate's public key: a key that is damaged shows here, not as a
/// refusal of the service.
result<void> test_signing(EVP_PKEY* key, X509* leaf)
{
    constexpr std::string_view text = "self test";
    for (auto const how : {signature_scheme::ps256, signature_scheme::rs256})
    {
        auto const signature = signature_of(key, how, text);
        if (signature.empty() || !verifies(X509_get0_pubkey(leaf), how, text, signature))
            return bad_certificate("what the private key signs cannot be verified with the "
                                   "certificate; the key is damaged");
    }
    return {};
}

/// What a file holds, as OpenSSL has it.
class opened_file
{
public:
    key_ptr key;
    std::vector<x509_ptr> certificates;
    X509* leaf = nullptr; ///< one of the certificates
};

result<opened_file> opened(raw_identity const& raw, key_kind kind, base::utc_time_point now)
{
    opened_file made;
    made.key = key_from(raw.key);
    if (auto const good = check_key(made.key.get(), kind); !good)
        return good.error();
    auto certificates = decode(raw.certificates);
    if (!certificates)
        return certificates.error();
    made.certificates = *std::move(certificates);
    made.leaf = leaf_of(made.certificates, made.key.get(), now);
    if (made.leaf == nullptr)
        return bad_certificate("no certificate belongs to the private key; both must come from the "
                               "same request");
    return made;
}

result<client_certificate> checked(raw_identity const& raw, base::utc_time_point now)
{
    auto file = opened(raw, key_kind::of_applications, now);
    if (!file)
        return file.error();
    auto& key = file->key;
    auto* const leaf = file->leaf;
    if (auto const good = test_signing(key.get(), leaf); !good)
        return good.error();
    auto made = std::make_shared<client_certificate::material>();
    made->key = std::move(key);
    made->sha1 = digest_of(leaf, EVP_sha1());
    made->sha256 = digest_of(leaf, EVP_sha256());
    made->chain = chain_from(leaf, file->certificates);
    made->not_before = beginning_of(leaf);
    made->not_after = end_of(leaf);
    auto const& chain = made->chain;
    bool const complete =
        std::none_of(chain.begin(), chain.end(), [](auto const& der) { return der.empty(); });
    if (made->sha1.empty() || made->sha256.empty() || !complete)
        return bad_certificate("OpenSSL cannot tell the certificate's thumbprint or encode it; are "
                               "SHA-1 and SHA-256 switched off there?");
    return client_certificate(std::move(made));
}

result<raw_identity> read(std::string_view content, std::string_view password)
{
    constexpr char der_sequence = 0x30;
    if (content.empty())
        return bad_certificate("the certificate is empty");
    if (content.size() > longest)
        return bad_certificate("the certificate is longer than 1 MiB");
    return content.front() == der_sequence ? read_pkcs12(content, password)
                                           : read_pem(content, password);
}

} // namespace

result<client_certificate> load_certificate(std::string_view content, std::string_view password,
                                            base::utc_time_point now)
{
    error_mark const mark;
    auto const raw = read(content, password);
    if (!raw)
        return raw.error();
    return checked(*raw, now);
}

result<client_certificate> load_certificate_file(std::string const& path, std::string_view password,
                                                 base::utc_time_point now)
{
    auto const content = base::read_small_file(path, longest);
    if (!content)
        return content.error();
    auto made = load_certificate(content->reveal(), password, now);
    if (!made)
        return bad_certificate("the certificate file " + path + ": " + made.error().message());
    return made;
}

result<certified_key> load_certified_key(std::string_view content, std::string_view password,
                                         base::utc_time_point now)
{
    error_mark const mark;
    auto raw = read(content, password);
    if (!raw)
        return raw.error();
    auto const file = opened(*raw, key_kind::any, now);
    if (!file)
        return file.error();
    return certified_key(std::move(raw->key), chain_from(file->leaf, file->certificates));
}

} // namespace kusto::crypto

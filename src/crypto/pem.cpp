#include <base/ascii.hpp>
#include <base/base64.hpp>
#include <crypto/key_derivation.hpp>
#include <crypto/openssl.hpp>
#include <crypto/raw_identity.hpp>
#include <limits>
#include <optional>
#include <utility>

namespace kusto::crypto
{

namespace
{

using sealed_key_ptr = std::unique_ptr<X509_SIG, freed_by<X509_SIG_free>>;
using key_info_ptr = std::unique_ptr<PKCS8_PRIV_KEY_INFO, freed_by<PKCS8_PRIV_KEY_INFO_free>>;

constexpr std::string_view begin_mark = "-----BEGIN ";
constexpr std::string_view end_mark = "-----END ";
constexpr std::string_view dashes = "-----";

struct block
{
    std::string_view label;
    std::string_view body; ///< lines between the marks
};

/// Takes the next line off `rest`, without its end and the blanks around it.
std::string_view take_line(std::string_view& rest)
{
    auto const end = rest.find('\n');
    auto const line = rest.substr(0, end);
    rest = end == std::string_view::npos ? std::string_view() : rest.substr(end + 1);
    return base::trim(line);
}

/// The label between mark and dashes; empty if the line is no such mark.
std::string_view label_in(std::string_view line, std::string_view mark)
{
    if (!line.starts_with(mark) || !line.ends_with(dashes) ||
        line.size() <= mark.size() + dashes.size())
        return {};
    return line.substr(mark.size(), line.size() - mark.size() - dashes.size());
}

result<std::vector<block>> blocks_of(std::string_view text)
{
    constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";
    std::vector<block> found;
    auto rest = text;
    if (rest.starts_with(byte_order_mark))
        rest.remove_prefix(byte_order_mark.size());
    while (!rest.empty())
    {
        auto const label = label_in(take_line(rest), begin_mark);
        if (label.empty())
            continue;
        auto const body = rest;
        auto end = rest;
        for (;;)
        {
            if (rest.empty())
                return bad_certificate("a PEM block has no end: the line " + std::string(end_mark) +
                                       "... is missing; was the file copied completely?");
            end = rest;
            if (label_in(take_line(rest), end_mark) == label)
                break;
        }
        found.push_back({label, body.substr(0, body.size() - end.size())});
    }
    return found;
}

bool is_key(std::string_view label)
{
    return label.ends_with("PRIVATE KEY");
}

bool is_certificate(std::string_view label)
{
    return label == "CERTIFICATE" || label == "X509 CERTIFICATE";
}

/// Decoded content; nothing if it is not base64.
std::optional<base::secret> decoded(std::string_view body)
{
    std::string text;
    text.reserve(body.size());
    for (char const c : body)
    {
        if (c != ' ' && c != '\t' && c != '\r' && c != '\n')
            text += c;
    }
    auto bytes = base::base64_decode(text);
    base::wipe(text);
    if (!bytes || bytes->empty())
        return std::nullopt;
    return base::secret(std::move(*bytes));
}

failure damaged(std::string_view what)
{
    return bad_certificate("the PEM block of the " + std::string(what) +
                           " is damaged; was the file copied completely?");
}

result<base::secret> decrypted(base::secret const& sealed_der, std::string_view password)
{
    if (password.empty())
        return bad_certificate("the private key is encrypted and no password was given");
    auto const* from = bytes_of(sealed_der.reveal());
    sealed_key_ptr const sealed(d2i_X509_SIG(nullptr, &from, static_cast<long>(sealed_der.size())));
    if (!sealed)
        return damaged("private key");
    if (password.size() > std::size_t(std::numeric_limits<int>::max()))
        return bad_certificate("the password is too long");
    X509_ALGOR const* how = nullptr;
    X509_SIG_get0(sealed.get(), &how, nullptr);
    if (iterations_of(how) > most_iterations)
        return damaged("private key");
    key_info_ptr const info(
        PKCS8_decrypt(sealed.get(), password.data(), static_cast<int>(password.size())));
    if (!info)
        return bad_certificate(
            "the private key cannot be decrypted: the password is wrong, or the cipher is one that "
            "this OpenSSL refuses; encrypt it anew with `openssl pkcs8 -topk8 -v2 aes-256-cbc`");
    return base::secret(der_of(i2d_PKCS8_PRIV_KEY_INFO, info.get()));
}

result<base::secret> key_of(block const& from, std::string_view password)
{
    // RFC 1423: a key derived by one round of MD5.
    if (from.body.find("DEK-Info") != std::string_view::npos)
        return bad_certificate(
            "the private key is encrypted in the old PEM way (DEK-Info), which protects badly; "
            "convert it with `openssl pkcs8 -topk8 -v2 aes-256-cbc`");
    auto der = decoded(from.body);
    if (!der)
        return damaged("private key");
    if (from.label == "ENCRYPTED PRIVATE KEY")
        return decrypted(*der, password);
    return std::move(*der);
}

} // namespace

result<raw_identity> read_pem(std::string_view text, std::string_view password)
{
    auto const blocks = blocks_of(text);
    if (!blocks)
        return blocks.error();
    raw_identity found;
    block const* key = nullptr;
    for (auto const& one : *blocks)
    {
        if (is_key(one.label) && std::exchange(key, &one) != nullptr)
            return bad_certificate("there is more than one private key; keep the one that belongs "
                                   "to the certificate");
        if (!is_certificate(one.label))
            continue;
        auto const der = decoded(one.body);
        if (!der)
            return damaged("certificate");
        found.certificates.emplace_back(der->reveal());
    }
    if (blocks->empty())
        return bad_certificate("it is neither PEM text nor a PKCS#12 (PFX) file");
    if (key == nullptr)
        return bad_certificate("there is no private key (a block `PRIVATE KEY`); it belongs into "
                               "the same file as the certificate");
    if (found.certificates.empty())
        return bad_certificate("there is no certificate (a block `CERTIFICATE`); it belongs into "
                               "the same file as the private key");
    auto der = key_of(*key, password);
    if (!der)
        return der.error();
    found.key = *std::move(der);
    return found;
}

} // namespace kusto::crypto

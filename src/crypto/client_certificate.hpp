#pragma once

#include <base/time_text.hpp>
#include <kusto/error.hpp>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace kusto::crypto
{

/// Both with SHA-256 and an RSA key.
enum class signature_scheme
{
    ps256, ///< RSASSA-PSS, MGF1 with SHA-256, salt of 32 bytes
    rs256, ///< RSASSA-PKCS1-v1_5
};

/// A certificate with its private key, checked: they belong together, the key is RSA of 2048 bits
/// or more, and what it signs can be verified. A cheap value: copies share the key.
///
/// \par Thread safety
/// Distinct and shared objects: safe.
class client_certificate
{
public:
    class material;

    /// Made by `load_certificate`.
    explicit client_certificate(std::shared_ptr<material const> what) : what_(std::move(what)) {}

    /// Of the DER form: 20 bytes.
    [[nodiscard]] std::string const& sha1_thumbprint() const noexcept;
    /// Of the DER form: 32 bytes.
    [[nodiscard]] std::string const& sha256_thumbprint() const noexcept;
    /// DER forms: the certificate, then those that vouch for it, each for the one before it, as far
    /// as the file holds them.
    [[nodiscard]] std::vector<std::string> const& chain() const noexcept;
    [[nodiscard]] base::utc_time_point not_before() const noexcept;
    [[nodiscard]] base::utc_time_point not_after() const noexcept;

    /// Whether it may be used at `now`.
    /// Errors: `errc::invalid_option` with the date and the remedy.
    [[nodiscard]] result<void> valid_at(base::utc_time_point now) const;

    /// The signature of `text`, as many bytes as the key has. Takes about a millisecond.
    /// Errors: `errc::invalid_option` when OpenSSL refuses (its configuration forbids the scheme).
    [[nodiscard]] result<std::string> sign(signature_scheme how, std::string_view text) const;

private:
    std::shared_ptr<material const> what_;
};

} // namespace kusto::crypto

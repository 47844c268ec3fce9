#pragma once

#include <chrono>
#include <cstdint>
#include <emulator/server/encoding.hpp>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace kusto::emulator
{

enum class signature_scheme : std::uint8_t
{
    ps256, ///< RSASSA-PSS, SHA-256, a salt of exactly 32 bytes
    rs256  ///< RSASSA-PKCS1-v1_5, SHA-256
};

/// An RSA key of 2048 bits or more that signatures are checked with.
///
/// \par Thread safety
/// Immutable.
class public_key
{
public:
    /// \throws std::runtime_error when it is not the PEM of such a key
    [[nodiscard]] static public_key from_pem(std::string const& pem);
    /// \param native  an `EVP_PKEY*` that is taken over
    explicit public_key(std::shared_ptr<void> native) : native_(std::move(native)) {}

    [[nodiscard]] bool usable() const noexcept;
    [[nodiscard]] bool verifies(signature_scheme scheme, std::string_view text,
                                std::string_view signature) const;

private:
    std::shared_ptr<void> native_;
};

/// A certificate of an application.
///
/// \par Thread safety
/// Immutable.
class client_certificate
{
public:
    /// Every certificate of the PEM text. \throws std::runtime_error when there is none
    [[nodiscard]] static std::vector<client_certificate> from_pem(std::string const& pem);
    [[nodiscard]] static std::optional<client_certificate> from_der(std::string_view der);

    /// Raw bytes over the DER form.
    [[nodiscard]] std::string sha1() const;
    [[nodiscard]] std::string sha256() const;
    [[nodiscard]] std::string common_name() const;
    [[nodiscard]] public_key key() const;
    [[nodiscard]] bool valid_at(system_time now) const;
    /// Whether a chain over `between` ends at `authority`, and all of it is valid at `now`.
    [[nodiscard]] bool issued_by(client_certificate const& authority,
                                 std::vector<client_certificate> const& between,
                                 system_time now) const;

private:
    explicit client_certificate(std::shared_ptr<void> native) : native_(std::move(native)) {}

    std::shared_ptr<void> native_; ///< an `X509*`
};

} // namespace kusto::emulator

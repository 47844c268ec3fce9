#pragma once

#include <boost/json/object.hpp>
#include <memory>
#include <string>

namespace token_signing
{

namespace json = boost::json;

/// How a token is signed.
enum class scheme
{
    ps256,
    ps256_longest_salt, ///< what OpenSSL does unless it is told otherwise
    rs256
};

/// An RSA key of 2048 bits, and certificates for it.
class key_pair
{
public:
    key_pair();

    [[nodiscard]] std::string public_pem() const;
    /// \param issuer  null: vouches for itself
    [[nodiscard]] std::string certificate(std::string const& name, key_pair const* issuer = nullptr,
                                          std::string const& issuer_name = {}) const;
    [[nodiscard]] std::string sign(scheme how, std::string const& text) const;

private:
    std::shared_ptr<void> native_;
};

[[nodiscard]] std::string der_of(std::string const& certificate_pem);
[[nodiscard]] std::string sha1_of(std::string const& certificate_pem);
[[nodiscard]] std::string sha256_of(std::string const& certificate_pem);
[[nodiscard]] std::string base64url(std::string const& bytes);

/// The compact form of a signed token.
[[nodiscard]] std::string token(json::object const& header, json::object const& claims, scheme how,
                                key_pair const& key);

} // namespace token_signing

#pragma once

#include <crypto/client_certificate.hpp>
#include <crypto/openssl.hpp>

/// \file
/// For the sources of this folder only.

namespace kusto::crypto
{

/// What a certificate consists of. Not changed once it is made.
class client_certificate::material
{
public:
    material() = default;

    key_ptr key;
    std::string sha1;
    std::string sha256;
    std::vector<std::string> chain;
    base::utc_time_point not_before;
    base::utc_time_point not_after;
};

/// Empty if it fails.
[[nodiscard]] std::string signature_of(EVP_PKEY* key, signature_scheme how, std::string_view text);

[[nodiscard]] bool verifies(EVP_PKEY* key, signature_scheme how, std::string_view text,
                            std::string_view signature);

} // namespace kusto::crypto

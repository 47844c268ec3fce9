#pragma once

#include <base/secret.hpp>
#include <kusto/error.hpp>
#include <string>
#include <string_view>
#include <vector>

namespace kusto::crypto
{

/// What a file holds, decrypted and in DER, not checked yet.
class raw_identity
{
public:
    raw_identity() = default;

    base::secret key;                      ///< PKCS#8 or PKCS#1
    std::vector<std::string> certificates; ///< at least one
};

/// Errors: as `load_certificate`.
[[nodiscard]] result<raw_identity> read_pem(std::string_view text, std::string_view password);

/// Errors: as `load_certificate`.
[[nodiscard]] result<raw_identity> read_pkcs12(std::string_view bytes, std::string_view password);

} // namespace kusto::crypto

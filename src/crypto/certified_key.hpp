#pragma once

#include <base/secret.hpp>
#include <base/time_text.hpp>
#include <kusto/error.hpp>
#include <string>
#include <string_view>
#include <vector>

namespace kusto::crypto
{

/// A private key of any kind with its certificates, in DER: what a TLS library is given.
class certified_key
{
public:
    certified_key(base::secret key, std::vector<std::string> chain)
        : key(std::move(key)),
          chain(std::move(chain))
    {
    }

    base::secret key; ///< PKCS#8, PKCS#1 or SEC 1
    /// The certificate that belongs to the key, then those that vouch for it.
    std::vector<std::string> chain;
};

/// The same files under the same rules as `load_certificate`, but the key may be of any kind and
/// size.
///
/// Errors: as `load_certificate`.
/// \param content  a secret
/// \param password  empty: none
/// \param now  decides between several certificates of one key; whether one is valid is for the
///        server to decide
[[nodiscard]] result<certified_key>
load_certified_key(std::string_view content, std::string_view password, base::utc_time_point now);

} // namespace kusto::crypto

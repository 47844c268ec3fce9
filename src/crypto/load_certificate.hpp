#pragma once

#include <base/secret.hpp>
#include <crypto/client_certificate.hpp>
#include <string>

namespace kusto::crypto
{

/// A certificate and its private key from PEM text or from a PKCS#12 (PFX) file's bytes, which are
/// told apart by their first byte.
///
/// PEM: blocks in any order with any text between them; exactly one private key (PKCS#1, PKCS#8, or
/// PKCS#8 encrypted with `password`). The certificate that belongs to the key is the leaf; of
/// several (renewed with the same key) one that is valid now, and of these the one that is valid
/// longest. Whether it is valid at all is `client_certificate::valid_at`'s to say. PKCS#12: also
/// those with RC2-40, as far as OpenSSL's legacy provider is installed. OpenSSL's configuration
/// file, error queue and default context are left alone, and nothing is ever asked for on the
/// terminal.
///
/// Errors: `errc::invalid_option` of stage token; the message says what is wrong and the remedy,
/// never the content or the password.
/// \param content  a secret
/// \param password  empty: none
/// \param now  decides between several certificates of one key
[[nodiscard]] result<client_certificate>
load_certificate(std::string_view content, std::string_view password, base::utc_time_point now);

/// The same from a file of at most 1 MiB; messages name it.
[[nodiscard]] result<client_certificate>
load_certificate_file(std::string const& path, std::string_view password, base::utc_time_point now);

} // namespace kusto::crypto

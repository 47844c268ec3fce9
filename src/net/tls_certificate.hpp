#pragma once

#include <kusto/error.hpp>
#include <net/tls_settings.hpp>
#include <openssl/ssl.h>

namespace kusto::net
{

/// Has connections of `context` show `own` to servers that demand a certificate. A file is read
/// here and not again.
///
/// Which files are taken: `crypto/certified_key.hpp`. Errors: `errc::invalid_option`, naming the
/// file and the remedy, never its content.
[[nodiscard]] result<void> install(SSL_CTX* context, tls_certificate const& own);

} // namespace kusto::net

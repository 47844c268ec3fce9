#pragma once

#include <net/stream.hpp>
#include <openssl/x509.h>

namespace kusto::net
{

/// Subject, issuer and end of validity of `certificate`, which may be null.
[[nodiscard]] tls_facts certificate_facts(X509 const* certificate);

} // namespace kusto::net

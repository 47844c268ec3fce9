#pragma once

#include <string>

namespace kusto::emulator
{

/// A certificate authority made on the spot, and a server certificate from it for `localhost`,
/// `127.0.0.1` and `::1`. P-256 keys, valid for a year. Its private key leaves the process only
/// through `server_key_pem`; the authority's is thrown away.
struct tls_identity
{
    std::string ca_pem;
    std::string server_certificate_pem;
    std::string server_key_pem;

    /// \throws std::runtime_error
    [[nodiscard]] static tls_identity generate();
};

} // namespace kusto::emulator

#pragma once

#include <string>
#include <vector>

namespace kusto::emulator
{

/// A certificate authority made on the spot, and a server certificate from it for `localhost`,
/// `127.0.0.1`, `::1` and names that are asked for. P-256 keys, valid for a year. Its private key
/// leaves the process only through `server_key_pem`; the authority's is thrown away.
struct tls_identity
{
    std::string ca_pem;
    std::string server_certificate_pem;
    std::string server_key_pem;

    /// \param also_named  further DNS names of the server
    /// \throws std::runtime_error
    [[nodiscard]] static tls_identity generate(std::vector<std::string> const& also_named = {});
    /// A server certificate that vouches for itself; `ca_pem` stays empty.
    /// \throws std::runtime_error
    [[nodiscard]] static tls_identity self_signed();
};

} // namespace kusto::emulator

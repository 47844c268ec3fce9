#pragma once

#include <memory>
#include <openssl/ssl.h>
#include <string>

namespace kusto::test
{

/// What a TLS server presents.
class server_identity
{
public:
    std::string certificate_pem;
    std::string key_pem;
    /// Speaks TLS 1.1 at best.
    bool outdated = false;
    /// Speaks TLS 1.2 at best.
    bool without_tls13 = false;
    /// Refuses clients that have no certificate.
    bool wants_certificate = false;
    /// PEM of the authority that must have issued the clients' certificates.
    std::string client_authority_pem;
};

/// When a certificate is valid, in days from today.
class validity
{
public:
    int from = -1;
    int to = 1;
};

/// A certificate authority made for one test.
class authority
{
public:
    authority();
    ~authority();

    [[nodiscard]] std::string pem() const;
    /// Name of its file in a directory of authorities: `9d66eef0.0`.
    [[nodiscard]] std::string hashed_name() const;
    /// \param names  as in OpenSSL's configuration: `DNS:localhost,IP:127.0.0.1`
    [[nodiscard]] server_identity issue(std::string const& names, validity when = {}) const;

private:
    struct impl;
    std::unique_ptr<impl> impl_;
};

/// A certificate that no authority has signed.
[[nodiscard]] server_identity self_signed(std::string const& names);

/// SHA-1 of the certificate, in lower-case hexadecimal digits.
[[nodiscard]] std::string thumbprint_of(server_identity const& identity);
/// The private key as an encrypted block PRIVATE KEY.
[[nodiscard]] std::string encrypted_key_pem(server_identity const& identity,
                                            std::string const& password);
/// Certificate, key and the authorities' certificate as PKCS#12.
[[nodiscard]] std::string pfx_of(server_identity const& identity, std::string const& chain_pem,
                                 std::string const& password);

/// For a server with the certificate and key of `identity`; its other members are left to the
/// caller.
[[nodiscard]] std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)>
server_context(server_identity const& identity);

} // namespace kusto::test

#pragma once

#include <base/secret.hpp>
#include <optional>
#include <string>
#include <utility>

namespace kusto::net
{

/// A certificate of our own with its private key, for servers that demand one. PEM or PKCS#12.
class tls_certificate
{
public:
    tls_certificate(std::string path, base::secret content, base::secret password)
        : path(std::move(path)),
          content(std::move(content)),
          password(std::move(password))
    {
    }

    std::string path;     ///< or else
    base::secret content; ///< what such a file holds
    base::secret password;
};

/// Whom to trust, and the TLS settings of all connections.
class tls_settings
{
public:
    tls_settings() = default;

    /// PEM file with the authorities to trust instead of the system's; empty: the system's.
    std::string ca_file;
    /// The same as PEM text; added to those of `ca_file`.
    std::string ca_pem;
    /// The same as a directory that `openssl rehash` has prepared; added to the others.
    std::string ca_directory;
    /// TLS 1.2 is refused.
    bool tls13_only = false;
    /// For connections without an `async::tls_peer` of their own.
    std::optional<tls_certificate> certificate;
};

} // namespace kusto::net

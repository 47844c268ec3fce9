#pragma once

#include <boost/asio/ip/tcp.hpp>
#include <kusto/error.hpp>
#include <memory>
#include <net/stream.hpp>
#include <string>

namespace kusto::net
{

/// Whom to trust, and the TLS settings of all connections. Certificates are verified against the
/// authorities and against the host of each connection.
///
/// \par Thread safety
/// `wrap` may be called from any thread.
class tls_context
{
public:
    virtual ~tls_context() = default;

    /// A TLS stream, before its handshake, that accepts only a certificate for `host` (a name or an
    /// IP address).
    [[nodiscard]] virtual std::unique_ptr<stream> wrap(boost::asio::ip::tcp::socket connected,
                                                       std::string const& host) = 0;
};

/// \param ca_file  PEM file, or empty
/// \param ca_pem  PEM text, or empty; both empty: the system's authorities
/// Errors: `errc::invalid_option`, naming the file.
[[nodiscard]] result<std::unique_ptr<tls_context>> make_tls_context(std::string const& ca_file,
                                                                    std::string const& ca_pem);

} // namespace kusto::net

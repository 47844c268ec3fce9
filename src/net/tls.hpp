#pragma once

#include <async/transport.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <kusto/error.hpp>
#include <memory>
#include <net/stream.hpp>
#include <net/tls_settings.hpp>
#include <string>

namespace kusto::net
{

/// Whom to trust, and the TLS settings of all connections. Certificates are verified against the
/// authorities and against the host of each connection, unless its peer says otherwise.
///
/// \par Thread safety
/// `wrap` may be called from any thread.
class tls_context
{
public:
    virtual ~tls_context() = default;

    /// A TLS stream, before its handshake, that accepts only a certificate for `host` (a name or an
    /// IP address), or what `peer` names instead.
    /// \param peer  null: the usual trust, and our own certificate for who demands one
    /// Errors: `errc::invalid_option` when the peer's thumbprint or authorities cannot be used.
    [[nodiscard]] virtual result<std::unique_ptr<stream>>
    wrap(boost::asio::ip::tcp::socket connected, std::string const& host,
         async::tls_peer const* peer) = 0;
};

/// Without `ca_file`, `ca_pem` and `ca_directory` the system's authorities are trusted.
/// Errors: `errc::invalid_option`, naming the file.
[[nodiscard]] result<std::unique_ptr<tls_context>> make_tls_context(tls_settings const& settings);

} // namespace kusto::net

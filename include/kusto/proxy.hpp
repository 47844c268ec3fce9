#pragma once

#include <memory>
#include <string>

namespace kusto
{

namespace detail
{
struct proxy_data;
} // namespace detail

/// Which HTTP proxy connections go through, to the cluster, to storage and to the login endpoint.
///
/// The proxy makes a tunnel (`CONNECT`), and TLS is spoken through it with the target, whose
/// certificate is verified as without a proxy: no token and no signature is visible to the proxy.
/// Plain `http` is spoken with loopback and link-local addresses only, and those, like the
/// endpoints of managed identities, are never asked through a proxy; so `HTTP_PROXY` has no meaning
/// here.
///
/// A cheap handle; copies share one immutable description. The password is kept in memory only and
/// never printed; it goes into `Proxy-Authorization` (Basic) of the `CONNECT` request and nowhere
/// else.
///
/// \par Errors
/// Bad values are reported when the options are validated. When a connection is made:
/// `errc::proxy_refused` with the proxy's status; what goes wrong on the way to the proxy names it.
///
/// \par Thread safety
/// Distinct and shared objects: safe.
class proxy
{
public:
    /// What the environment variables say when a client is made: `HTTPS_PROXY`, `https_proxy`,
    /// `ALL_PROXY`, `all_proxy` (the first that is set and not empty) hold the proxy's URL as for
    /// `at`, `NO_PROXY` or `no_proxy` the hosts that are reached without it. None of them: no
    /// proxy.
    [[nodiscard]] static proxy from_environment();
    /// None, whatever the environment says.
    [[nodiscard]] static proxy none();
    /// \param url  `http://host:port` or `http://user:password@host:port`, both percent-encoded. A
    ///        secret. Proxies reached by `https://` or SOCKS are not supported.
    /// \param bypass  hosts that are reached without it, separated by commas: `*` for all, a host
    /// or
    ///        domain with everything below it (`example.org`), an IP address, a network
    ///        (`10.0.0.0/8`); names and addresses may end in `:port`
    [[nodiscard]] static proxy at(std::string url, std::string bypass = {});

    [[nodiscard]] detail::proxy_data const& data() const noexcept { return *data_; }

private:
    explicit proxy(std::shared_ptr<detail::proxy_data const> data);
    std::shared_ptr<detail::proxy_data const> data_;
};

} // namespace kusto

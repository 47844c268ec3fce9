#pragma once

#include <array>
#include <base/secret.hpp>
#include <base/url.hpp>
#include <cstdint>
#include <kusto/error.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace kusto::base
{

/// An HTTP proxy that makes tunnels (CONNECT).
class proxy_server
{
public:
    /// `http://host:port/`, without user information.
    url where;
    /// Value of `Proxy-Authorization`; empty if the proxy is to get none.
    secret authorization;
};

/// `http://user:password@host:port`; without a scheme, `http://` is assumed. User name and password
/// are percent-encoded, and without a port it is 80.
/// Errors: `errc::invalid_option`; the message completes "must be" and shows nothing of `text`.
[[nodiscard]] result<proxy_server> parse_proxy(std::string_view text);

/// Which hosts are reached without the proxy: a list as in the environment variable `NO_PROXY`.
///
/// Entries are separated by commas: `*` (all), a host name or a suffix of one (`example.org`,
/// `.example.org` and `*.example.org` mean the same: the host and everything below it), an IP
/// address, a network (`10.0.0.0/8`, `fd00::/8`); all but `*` and networks may end in `:port`.
/// Addresses and networks match hosts that are IP addresses: no name is resolved for this.
class proxy_bypass
{
public:
    proxy_bypass() = default;
    [[nodiscard]] static proxy_bypass parse(std::string_view list);

    [[nodiscard]] bool covers(url const& target) const;
    /// Entries that mean nothing, and cover nothing.
    [[nodiscard]] std::vector<std::string> const& not_understood() const noexcept
    {
        return not_understood_;
    }

private:
    /// As IPv6; IPv4 is mapped.
    using address = std::array<unsigned char, 16>;

    struct network
    {
        address base;
        unsigned bits;
        std::uint16_t port; ///< 0: any
    };
    struct suffix
    {
        std::string name;
        std::uint16_t port; ///< 0: any
    };

    [[nodiscard]] static std::optional<address> parse_address(std::string_view text);
    [[nodiscard]] static std::optional<network> parse_network(std::string_view text);
    [[nodiscard]] static bool contains(network const& all, address const& one);
    [[nodiscard]] bool add(std::string_view entry);

    std::vector<network> networks_;
    std::vector<suffix> suffixes_;
    std::vector<std::string> not_understood_;
    bool everything_ = false;
};

/// Which proxy a connection goes through, if any.
class proxy_rules
{
public:
    /// No proxy.
    proxy_rules() = default;
    explicit proxy_rules(proxy_server via, proxy_bypass bypass = proxy_bypass());

    /// Null: none. Plain http, loopback and link-local addresses never go through a proxy. Valid as
    /// long as this object.
    [[nodiscard]] proxy_server const* choose(url const& target) const;

private:
    std::optional<proxy_server> via_;
    proxy_bypass bypass_;
};

} // namespace kusto::base

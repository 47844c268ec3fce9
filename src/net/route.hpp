#pragma once

#include <async/transport.hpp>
#include <base/proxy_rules.hpp>
#include <base/url.hpp>
#include <kusto/error.hpp>
#include <memory>
#include <string>
#include <utility>

namespace kusto::net
{

/// Where a connection leads, through what, and whom to accept at its end. Connections with equal
/// keys may stand in for each other.
class route
{
public:
    /// \param via  null: none. Outlives what uses the route.
    route(base::url target, base::proxy_server const* via,
          std::shared_ptr<async::tls_peer const> peer)
        : target(std::move(target)),
          via(via),
          peer(std::move(peer))
    {
    }

    /// Whose name is resolved: the proxy or the target.
    [[nodiscard]] base::url const& first_hop() const noexcept
    {
        return via != nullptr ? via->where : target;
    }
    /// Not fit to be printed: long.
    [[nodiscard]] std::string key() const;

    base::url target;
    base::proxy_server const* via;
    std::shared_ptr<async::tls_peer const> peer;
};

/// `host:port`, the port always.
[[nodiscard]] std::string place_of(base::url const& target);
/// What went wrong on the way to the proxy, or at it: says so, and names the proxy as the host. The
/// message tells where the way was to lead.
[[nodiscard]] failure at_proxy(base::proxy_server const& via, base::url const& target,
                               failure const& what);
/// Whether `what` is such a failure, or one that quotes it: it is recognised by its words.
[[nodiscard]] bool is_at_proxy(failure const& what);

} // namespace kusto::net

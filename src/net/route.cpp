#include <net/route.hpp>

namespace kusto::net
{

std::string route::key() const
{
    std::string text = (target.is_https() ? "https://" : "http://") + target.authority();
    if (via != nullptr)
        text += " via " + via->where.authority();
    // A blank is in none of the parts but the last one.
    if (peer)
        text += " as " + peer->thumbprint + ' ' + peer->server_name + ' ' + peer->ca_pem;
    return text;
}

failure at_proxy(base::proxy_server const& via, failure const& what)
{
    auto const where = via.where.authority();
    failure named(what.code(), what.where(), "the proxy " + where + ": " + what.message());
    named.host(where).status(what.status()).retryable(what.retryable());
    if (what.retry_after())
        named.retry_after(*what.retry_after());
    return named;
}

} // namespace kusto::net

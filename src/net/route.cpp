#include <net/route.hpp>

#include <string_view>
#include <utility>

namespace kusto::net
{

namespace
{

/// With its length, so that no part can be taken for the end of another and the next.
void append(std::string& key, std::string_view part)
{
    key += ' ' + std::to_string(part.size()) + ':';
    key += part;
}

std::string introduction(std::string const& proxy)
{
    return "the proxy " + proxy + ": ";
}

} // namespace

std::string place_of(base::url const& target)
{
    bool const v6 = target.host().find(':') != std::string::npos;
    auto const host = v6 ? '[' + target.host() + ']' : target.host();
    return host + ':' + std::to_string(target.port());
}

std::string route::key() const
{
    std::string key = target.is_https() ? "https" : "http";
    append(key, target.authority());
    append(key, via != nullptr ? via->where.authority() : std::string());
    if (!peer)
        return key;
    append(key, peer->thumbprint);
    append(key, peer->server_name);
    append(key, peer->ca_pem);
    return key;
}

failure at_proxy(base::proxy_server const& via, base::url const& target, failure const& what)
{
    auto const where = via.where.authority();
    auto message = introduction(where) + what.message();
    auto const end = place_of(target);
    if (what.message().find(end) == std::string::npos)
        message += "; on the way to " + end;
    failure named(what.code(), what.where(), std::move(message));
    named.host(where).status(what.status()).retryable(what.retryable());
    if (what.retry_after())
        named.retry_after(*what.retry_after());
    return named;
}

bool is_at_proxy(failure const& what)
{
    return !what.host().empty() &&
           what.message().find(introduction(what.host())) != std::string::npos;
}

} // namespace kusto::net

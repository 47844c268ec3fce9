#pragma once

#include <kusto/options.hpp>
#include <net/http_transport.hpp>
#include <options/proxy_data.hpp>
#include <options/tls_certificate_data.hpp>

namespace kusto
{

/// How a client's connections are made. \param where  validated
[[nodiscard]] inline net::transport_options transport_for(connection_options const& where)
{
    net::transport_options made;
    made.ca_file = where.ca_file();
    made.ca_pem = where.ca_pem();
    made.ca_directory = where.ca_directory();
    made.tls13_only = where.minimum_tls() == tls_version::v1_3;
    if (auto const* const own = where.tls_certificate())
        made.certificate = net::tls_certificate(own->path, own->content, own->password);
    made.proxies = options::choose_proxy(where.proxy()).rules;
    made.connect_timeout = where.connect_timeout();
    made.request_timeout = where.request_timeout();
    made.idle_connections = where.idle_connections();
    made.idle_timeout = where.idle_timeout();
    return made;
}

} // namespace kusto

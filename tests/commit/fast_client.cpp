#include "fast_client.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/strand.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <net/http_transport.hpp>
#include <utility>

namespace kusto::crash
{

namespace asio = boost::asio;

std::shared_ptr<detail::client_state> connect(asio::any_io_executor executor,
                                              connection_options where,
                                              std::chrono::milliseconds request_timeout,
                                              async::clock& time)
{
    net::transport_options options;
    options.ca_file = where.ca_file();
    options.ca_pem = where.ca_pem();
    options.connect_timeout = where.connect_timeout();
    options.request_timeout = request_timeout;
    options.idle_connections = where.idle_connections();
    options.idle_timeout = where.idle_timeout();
    auto transport = net::make_http_transport(executor, options);
    if (!transport)
        throw error(transport.error());
    auto made = detail::client_state::make(executor, std::move(where), std::move(*transport), time);
    if (!made)
        throw error(made.error());
    return *made;
}

asio::awaitable<std::shared_ptr<detail::write_ahead_state>>
open_sink(asio::any_io_executor executor, commit::commit_context context)
{
    if (auto problems = context.options.problems(context.records); !problems.empty())
        throw options_error(std::move(problems));
    asio::any_io_executor const strand = asio::make_strand(executor);
    auto op = commit::open_state(std::move(context));
    auto opened = co_await asio::co_spawn(strand, std::move(op), asio::use_awaitable);
    if (opened.has_error())
        throw error(opened.error());
    co_return *opened;
}

} // namespace kusto::crash

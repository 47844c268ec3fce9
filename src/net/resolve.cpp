#include <net/resolve.hpp>

#include <base/url.hpp>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/bind_executor.hpp>
#include <boost/asio/ip/address.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <memory>
#include <utility>

namespace kusto::net
{

namespace asio = boost::asio;
using asio::ip::tcp;

namespace
{

/// Outlives the caller when the system's resolver is slow.
struct lookup
{
    lookup(asio::any_io_executor sockets, asio::any_io_executor strand)
        : resolver(std::move(sockets)),
          wake(std::move(strand))
    {
    }

    tcp::resolver resolver;
    asio::steady_timer wake;
    resolve_result found;
    bool done = false;
};

void start(std::shared_ptr<lookup> const& query, std::string const& host, std::uint16_t port)
{
    auto const strand = query->wake.get_executor();
    auto done = [query](boost::system::error_code ec, tcp::resolver::results_type const& results)
    {
        query->done = true;
        query->found.ec = ec;
        for (auto const& each : results)
            query->found.endpoints.push_back(each.endpoint());
        query->wake.cancel();
    };
    query->resolver.async_resolve(host, std::to_string(port), tcp::resolver::numeric_service,
                                  asio::bind_executor(strand, std::move(done)));
}

} // namespace

asio::awaitable<resolve_result> resolve(asio::any_io_executor sockets, std::string host,
                                        std::uint16_t port, deadline until)
{
    resolve_result found;
    auto const address = asio::ip::make_address(host, found.ec);
    if (!found.ec)
    {
        found.endpoints.emplace_back(address, port);
        co_return found;
    }
    if (base::is_localhost_name(host))
    {
        found.ec.clear();
        found.endpoints.emplace_back(asio::ip::address_v4::loopback(), port);
        found.endpoints.emplace_back(asio::ip::address_v6::loopback(), port);
        co_return found;
    }
    auto const strand = co_await asio::this_coro::executor;
    auto const query = std::make_shared<lookup>(std::move(sockets), strand);
    query->wake.expires_at(until.when());
    start(query, host, port);
    co_await query->wake.async_wait(asio::as_tuple(asio::use_awaitable));
    if (query->done)
        co_return std::move(query->found);
    query->resolver.cancel();
    auto const state = co_await asio::this_coro::cancellation_state;
    if (state.cancelled() != asio::cancellation_type::none)
        throw boost::system::system_error(asio::error::operation_aborted);
    found.timed_out = true;
    co_return found;
}

} // namespace kusto::net

#include <net/http_transport.hpp>

#include <algorithm>
#include <boost/asio/awaitable.hpp>
#include <kusto/version.hpp>
#include <net/dialer.hpp>
#include <net/exchange.hpp>
#include <net/idle_pool.hpp>
#include <net/request_image.hpp>
#include <net/route.hpp>
#include <net/tls.hpp>
#include <optional>
#include <utility>

namespace kusto::net
{

namespace asio = boost::asio;

namespace
{

/// What requests under way keep alive.
class engine
{
public:
    engine(asio::any_io_executor executor, std::shared_ptr<tls_context> tls,
           transport_options given)
        : options(std::move(given)),
          dial(std::move(executor), std::move(tls), options.connect_timeout),
          pool(core::connection_limits(options.idle_connections, options.idle_timeout,
                                       options.max_age))
    {
    }

    route route_of(async::http_request const& request) const
    {
        auto const* const via = request.direct ? nullptr : options.proxies.choose(request.target);
        return route(request.target, via, request.peer);
    }

    /// An idle connection, unless `fresh`, or a new one.
    asio::awaitable<result<connection>> obtain(route way, deadline until, bool fresh)
    {
        if (!fresh)
        {
            auto idle = pool.take(way.key());
            if (idle)
                co_return *std::move(idle);
        }
        auto io = co_await dial.dial(std::move(way), until);
        if (!io)
            co_return io.error();
        co_return connection(*std::move(io), connection::time_point::clock::now());
    }

    transport_options options;
    dialer dial;
    idle_pool pool;
};

failure too_late()
{
    failure what(errc::timed_out, stage::send,
                 "the caller's deadline had passed before anything was sent");
    what.retryable(true);
    return what;
}

failure peer_without_tls()
{
    return failure(errc::invalid_url, stage::send,
                   "the server's certificate is to be checked, but the URL is not https");
}

asio::awaitable<result<async::http_response>> send(std::shared_ptr<engine> self,
                                                   async::http_request request, deadline until)
{
    if (request.unsent != nullptr)
        *request.unsent = true;
    auto image = request_image::make(request, self->options.user_agent);
    if (!image)
        co_return image.error();
    if (request.peer && !request.target.is_https())
        co_return blame(request, peer_without_tls());
    if (until.passed())
        co_return blame(request, too_late());

    exchange_limits const limits(until, std::max(self->options.request_timeout, request.at_least),
                                 self->options.header_limit);
    auto const way = self->route_of(request);
    for (bool fresh = false;; fresh = true)
    {
        auto peer = co_await self->obtain(way, until, fresh);
        if (!peer)
            co_return blame(request, peer.error());
        if (request.unsent != nullptr)
            *request.unsent = false;
        auto ended = co_await exchange(*peer->io, request, *image, limits);
        if (ended.reusable)
            self->pool.give(way.key(), *std::move(peer), ended.keep_alive);
        else if (ended.stale && peer->reused && request.replayable && !until.passed())
            continue;
        co_return std::move(ended.reply);
    }
}

class http_transport final : public async::transport
{
public:
    explicit http_transport(std::shared_ptr<engine> core) : core_(std::move(core)) {}
    ~http_transport() override { core_->pool.shutdown(); }

    asio::awaitable<result<async::http_response>> send(async::http_request request,
                                                       deadline until) override
    {
        return net::send(core_, std::move(request), until);
    }

    void shutdown() noexcept override { core_->pool.shutdown(); }

private:
    std::shared_ptr<engine> core_;
};

} // namespace

transport_options::transport_options() : user_agent("kusto-cpp/" KUSTO_VERSION_STRING) {}

result<std::shared_ptr<async::transport>> make_http_transport(asio::any_io_executor executor,
                                                              transport_options options)
{
    auto tls = make_tls_context(options);
    if (!tls)
        return tls.error();
    auto core = std::make_shared<engine>(
        std::move(executor), std::shared_ptr<tls_context>(*std::move(tls)), std::move(options));
    return std::shared_ptr<async::transport>(std::make_shared<http_transport>(std::move(core)));
}

} // namespace kusto::net

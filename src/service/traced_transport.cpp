#include <service/traced_transport.hpp>

#include <chrono>
#include <string>
#include <string_view>
#include <utility>

namespace kusto::service
{

namespace asio = boost::asio;

namespace
{

class traced_transport final : public async::transport
{
public:
    traced_transport(std::shared_ptr<async::transport> inner, base::logger log, async::clock& time)
        : inner_(std::move(inner)),
          log_(std::move(log)),
          time_(time)
    {
    }

    asio::awaitable<result<async::http_response>> send(async::http_request request,
                                                       deadline until) override
    {
        auto const method = request.method;
        auto const host = request.target.authority();
        auto const path = request.target.path();
        auto const where = request.where;
        auto const begin = time_.now();
        auto got = co_await inner_->send(std::move(request), until);
        auto const end = time_.now();
        auto const ms = std::chrono::duration_cast<std::chrono::milliseconds>(end - begin).count();
        if (got)
            log_(log_level::trace, where, "request",
                 {log_field("method", to_string(method)), log_field("host", host),
                  log_field("path", path), log_field("status", got->status),
                  log_field("duration_ms", std::int64_t(ms))});
        else
            log_(log_level::trace, where, "request",
                 {log_field("method", to_string(method)), log_field("host", host),
                  log_field("path", path), log_field("error", to_string(got.error().code())),
                  log_field("duration_ms", std::int64_t(ms))});
        co_return got;
    }

    void shutdown() noexcept override { inner_->shutdown(); }

private:
    std::shared_ptr<async::transport> inner_;
    base::logger log_;
    async::clock& time_;
};

} // namespace

std::shared_ptr<async::transport> make_traced_transport(std::shared_ptr<async::transport> inner,
                                                        base::logger log, async::clock& time)
{
    if (!log.wants(log_level::trace))
        return inner;
    return std::make_shared<traced_transport>(std::move(inner), std::move(log), time);
}

} // namespace kusto::service

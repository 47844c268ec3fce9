#include <auth/cloud_metadata.hpp>

#include <algorithm>
#include <auth/repeat.hpp>
#include <wire/endpoints.hpp>

namespace kusto::auth
{

namespace asio = boost::asio;

metadata_source::metadata_source(std::shared_ptr<async::transport> transport, base::url cluster,
                                 connection_options const& options, async::clock& time)
    : transport_(std::move(transport)),
      cluster_(std::move(cluster)),
      retry_(options.retry()),
      timeout_((std::min)(options.request_timeout(),
                          std::chrono::milliseconds(std::chrono::seconds(10)))),
      time_(time),
      log_(options.least_log_level(), options.log_to())
{
}

asio::awaitable<result<wire::cloud_metadata>> metadata_source::get(deadline until)
{
    if (known_)
        co_return *known_;
    std::function<asio::awaitable<result<wire::cloud_metadata>>()> const attempt = [this, until]
    { return ask_once(until); };
    auto got = co_await repeat<wire::cloud_metadata>(retry_, until, attempt, time_, log_);
    if (got)
        known_ = *got;
    co_return got;
}

asio::awaitable<result<wire::cloud_metadata>> metadata_source::ask_once(deadline until)
{
    constexpr std::size_t longest_reply = std::size_t(1) << 20;
    auto const request_id = wire::new_request_id("metadata");
    async::http_request request(async::http_method::get, wire::metadata_url(cluster_));
    request.header("Accept", "application/json").header("x-ms-client-request-id", request_id);
    request.where = stage::metadata;
    request.reply_limit = longest_reply;
    auto const end = until.sooner(deadline(time_.now() + timeout_));
    auto const response = co_await transport_->send(std::move(request), end);
    if (!response)
        co_return response.error();
    wire::reply const reply(response->status, response->headers, response->body,
                            cluster_.authority(), request_id, stage::metadata);
    co_return wire::parse_metadata(reply);
}

} // namespace kusto::auth

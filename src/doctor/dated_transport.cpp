#include <doctor/dated_transport.hpp>

#include <base/time_text.hpp>
#include <utility>

namespace kusto::doctor
{

namespace
{

class dated_transport final : public async::transport
{
public:
    dated_transport(std::shared_ptr<async::transport> inner, std::shared_ptr<clock_samples> samples,
                    async::clock& time)
        : inner_(std::move(inner)),
          samples_(std::move(samples)),
          time_(time)
    {
    }

    boost::asio::awaitable<result<async::http_response>> send(async::http_request request,
                                                              deadline until) override
    {
        auto host = request.target.authority();
        auto const sent = time_.utc_now();
        auto got = co_await inner_->send(std::move(request), until);
        if (!got)
            co_return got;
        if (auto const date = base::parse_rfc1123(got->header("Date")))
            samples_->add(clock_sample(std::move(host), *date, sent, time_.utc_now()));
        co_return got;
    }

    void shutdown() noexcept override { inner_->shutdown(); }

private:
    std::shared_ptr<async::transport> inner_;
    std::shared_ptr<clock_samples> samples_;
    async::clock& time_;
};

} // namespace

std::shared_ptr<async::transport> make_dated_transport(std::shared_ptr<async::transport> inner,
                                                       std::shared_ptr<clock_samples> samples,
                                                       async::clock& time)
{
    return std::make_shared<dated_transport>(std::move(inner), std::move(samples), time);
}

} // namespace kusto::doctor

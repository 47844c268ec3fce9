#include <atomic>
#include <auth/token_provider.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/strand.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/use_future.hpp>
#include <boost/test/unit_test.hpp>
#include <future>
#include <vector>

using namespace kusto;
namespace asio = boost::asio;

namespace
{

/// Answers at once: metadata 404, every token a new one that lives for an hour.
class instant_transport final : public async::transport
{
public:
    asio::awaitable<result<async::http_response>> send(async::http_request request,
                                                       deadline) override
    {
        auto const executor = co_await asio::this_coro::executor;
        co_await asio::post(executor, asio::use_awaitable);
        async::http_response response;
        response.status = request.method == async::http_method::get ? 404 : 200;
        if (response.status == 200)
            response.body =
                R"({"expires_in":3600,"access_token":"t)" + std::to_string(++tokens) + "\"}";
        co_return response;
    }
    void shutdown() noexcept override {}

    std::atomic<int> tokens = 0;
};

/// Takes tokens and complains about every hundredth.
asio::awaitable<int> consume(std::shared_ptr<auth::token_provider> provider)
{
    int good = 0;
    for (int i = 0; i < 1000; ++i)
    {
        auto const until = deadline::after(std::chrono::minutes(1));
        auto const token = co_await provider->get(until);
        if (!token)
            continue;
        ++good;
        if (i % 100 == 99)
            provider->invalidate(token->generation);
    }
    co_return good;
}

} // namespace

BOOST_AUTO_TEST_CASE(tokens_for_many_strands_and_threads)
{
    asio::thread_pool pool(4);
    auto const transport = std::make_shared<instant_transport>();
    auto const provider = auth::make_token_provider(
        pool.get_executor(), transport,
        connection_options(
            "http://localhost:1",
            credential::client_secret("0f1e2d3c-0000-1111-2222-333344445555", "s", "t")),
        async::system_clock());
    std::vector<std::future<int>> consumers;
    for (int i = 0; i < 8; ++i)
        consumers.push_back(
            asio::co_spawn(asio::make_strand(pool), consume(provider), asio::use_future));
    for (auto& consumer : consumers)
        BOOST_TEST(consumer.get() == 1000);
    // At most one acquisition for each complaint, and the first one.
    BOOST_TEST(transport->tokens >= 2);
    BOOST_TEST(transport->tokens <= 81);
    provider->stop();
    pool.join();
}

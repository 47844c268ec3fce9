#include "service_fixture.hpp"

#include <boost/test/unit_test.hpp>
#include <utility>

namespace kusto::test
{

namespace asio = boost::asio;

asio::awaitable<result<auth::bearer_token>> fake_tokens::get(deadline)
{
    ++asked;
    if (failing)
        co_return *failing;
    co_return auth::bearer_token(base::secret("token-" + std::to_string(generation)), generation);
}

void fake_tokens::invalidate(std::uint64_t which, std::string demanded) noexcept
{
    if (which != generation)
        return;
    ++generation;
    claims = std::move(demanded);
}

void test_blocks::add(std::string text)
{
    blocks_.push_back(std::move(text));
    changed_.set();
    changed_.reset();
}

void test_blocks::end()
{
    ended_ = true;
    changed_.set();
    changed_.reset();
}

void test_blocks::fail(failure why)
{
    failure_ = std::move(why);
    changed_.set();
    changed_.reset();
}

asio::awaitable<result<bool>> test_blocks::wait_for(std::size_t index)
{
    while (!failure_ && !ended_ && index >= blocks_.size())
        co_await changed_.wait();
    if (failure_)
        co_return *failure_;
    co_return index < blocks_.size();
}

std::span<std::byte const> test_blocks::block(std::size_t index) const
{
    auto const& text = blocks_.at(index);
    return std::as_bytes(std::span(text.data(), text.size()));
}

std::string blob_host(std::string const& account)
{
    return account + ".blob.core.windows.net";
}

std::string queue_host(std::string const& account)
{
    return account + ".queue.core.windows.net";
}

std::string table_host(std::string const& account)
{
    return account + ".table.core.windows.net";
}

std::string resources_reply(std::vector<std::string> const& accounts, std::string_view signature,
                            std::string_view end, std::vector<std::string> const& tables)
{
    std::string const sas =
        "?sv=2018-03-28&sp=rw&se=" + std::string(end) + "&sig=" + std::string(signature) + "%2B%3D";
    std::string rows;
    for (auto const& account : accounts)
    {
        rows += R"(["TempStorage","https://)" + blob_host(account) + "/ingest0" + sas + "\"],";
        rows += R"(["SecuredReadyForAggregationQueue","https://)" + queue_host(account) + "/ready" +
                sas + "\"],";
    }
    for (auto const& account : tables)
        rows += R"(["IngestionsStatusTable","https://)" + table_host(account) + "/status" + sas +
                "\"],";
    rows += R"(["SomethingNew","whatever"])";
    return R"({"Tables":[{"TableName":"Table_0","Columns":[{"ColumnName":"ResourceTypeName",)"
           R"("DataType":"String","ColumnType":"string"},{"ColumnName":"StorageRoot",)"
           R"("DataType":"String","ColumnType":"string"}],"Rows":[)" +
           rows + "]}]}";
}

std::string identity_reply(std::string_view token)
{
    return R"({"Tables":[{"TableName":"Table_0","Columns":[{"ColumnName":"AuthorizationContext",)"
           R"("DataType":"String","ColumnType":"string"}],"Rows":[[")" +
           std::string(token) + R"("]]}]})";
}

std::string one_api_error(std::string_view code, std::string_view type, bool permanent)
{
    return R"({"error":{"code":")" + std::string(code) + R"(","message":"m","@type":")" +
           std::string(type) + R"(","@message":"what happened","@permanent":)" +
           (permanent ? "true" : "false") + "}}";
}

std::string storage_error(std::string_view code)
{
    return R"(<?xml version="1.0" encoding="utf-8"?><Error><Code>)" + std::string(code) +
           "</Code><Message>no</Message></Error>";
}

service_fixture::service_fixture(connection_options const& options)
    : owned_context_(std::make_unique<asio::io_context>()),
      context(*owned_context_)
{
    service = std::make_shared<service::service_context const>(executor(), http, time, options);
    ingestion = std::make_shared<service::management_client const>(
        service, tokens, base::url::parse("https://" + dm_host).value());
}

service_fixture::~service_fixture()
{
    if (resources_)
        resources_->stop();
    // Executors go before their context; the context frees the coroutines that are still suspended
    // while the clock and the transport, which they use, are alive.
    resources_.reset();
    ingestion.reset();
    service.reset();
    owned_context_.reset();
}

std::shared_ptr<service::resource_manager> const& service_fixture::resources()
{
    if (!resources_)
        resources_ = std::make_shared<service::resource_manager>(service, ingestion);
    return resources_;
}

deadline service_fixture::in(std::chrono::milliseconds delay) const
{
    return deadline(time.now() + delay);
}

step& service_fixture::expect_command(std::string text)
{
    return http->expect(async::http_method::post, dm_host)
        .path("/v1/rest/mgmt")
        .body_contains(std::move(text));
}

void service_fixture::expect_refresh(std::vector<std::string> accounts, std::string signature,
                                     std::string end)
{
    expect_command(resources_command).reply(200, resources_reply(accounts, signature, end, tables));
    expect_command(token_command).reply(200, identity_reply("identity-" + signature));
}

step& service_fixture::expect_put(std::string account)
{
    return http->expect(async::http_method::put, blob_host(account)).reply(201);
}

step& service_fixture::expect_post(std::string account)
{
    return http->expect(async::http_method::post, queue_host(account)).reply(201);
}

step& service_fixture::expect_table(async::http_method method, std::string account)
{
    return http->expect(method, table_host(account));
}

std::string const& service_fixture::problems()
{
    problems_ = http->problems();
    return problems_;
}

} // namespace kusto::test

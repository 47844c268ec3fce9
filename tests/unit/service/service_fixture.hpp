#pragma once

#include <auth/token_provider.hpp>
#include <boost/asio/io_context.hpp>
#include <memory>
#include <service/ingest_channel.hpp>
#include <service/management_client.hpp>
#include <service/resource_manager.hpp>
#include <service/service_context.hpp>
#include <string>
#include <string_view>
#include <support/manual_clock.hpp>
#include <support/run.hpp>
#include <support/scripted_transport.hpp>
#include <vector>

namespace kusto::test
{

/// Gives out `token-1`, `token-2` after an invalidation, and so on.
class fake_tokens final : public auth::token_provider
{
public:
    boost::asio::awaitable<result<auth::bearer_token>> get(deadline until) override;
    void invalidate(std::uint64_t generation, std::string claims) noexcept override;
    [[nodiscard]] std::string awaited() const override { return missing; }
    void stop() noexcept override { stopped = true; }

    std::uint64_t generation = 1;
    std::string missing; ///< what is waited for
    int asked = 0;
    bool stopped = false;
    std::string claims; ///< of the last invalidation
    std::optional<failure> failing;
};

/// Blocks that a test supplies, at once or one after the other.
class test_blocks final : public service::block_stream
{
public:
    explicit test_blocks(boost::asio::any_io_executor executor) : changed_(std::move(executor)) {}

    void add(std::string text);
    void end();
    void fail(failure why);

    boost::asio::awaitable<result<bool>> wait_for(std::size_t index) override;
    std::span<std::byte const> block(std::size_t index) const override;

private:
    std::vector<std::string> blocks_;
    std::optional<failure> failure_;
    bool ended_ = false;
    async::event changed_;
};

inline std::string const dm_host = "ingest-c.westeurope.kusto.windows.net";
inline std::string const resources_command = ".get ingestion resources";
inline std::string const token_command = ".get kusto identity token";

/// Reply to `.get ingestion resources`: a container and a queue for each account.
/// \param signature  goes into every SAS; `end` is its `se`
/// \param tables  accounts that have a status table
[[nodiscard]] std::string resources_reply(std::vector<std::string> const& accounts,
                                          std::string_view signature, std::string_view end,
                                          std::vector<std::string> const& tables = {});
[[nodiscard]] std::string identity_reply(std::string_view token);
[[nodiscard]] std::string one_api_error(std::string_view code, std::string_view type,
                                        bool permanent);
[[nodiscard]] std::string storage_error(std::string_view code);

/// The service layer over a script, on a clock that the test moves.
struct service_fixture
{
    explicit service_fixture(
        connection_options const& options =
            connection_options("https://c.westeurope.kusto.windows.net").user_name("tester"));
    ~service_fixture();
    service_fixture(service_fixture const&) = delete;
    service_fixture& operator=(service_fixture const&) = delete;

    [[nodiscard]] boost::asio::any_io_executor executor() { return context.get_executor(); }
    [[nodiscard]] deadline in(std::chrono::milliseconds delay) const;
    /// A management command to the ingestion service that contains `text`.
    step& expect_command(std::string text);
    /// Both commands of one successful refresh; lists `tables` as well.
    void expect_refresh(std::vector<std::string> accounts, std::string signature = "s1",
                        std::string end = "2026-01-02T00:00:00Z");
    /// A request to an account's blob or queue service.
    step& expect_put(std::string account);
    step& expect_post(std::string account);
    /// A request to an account's table service.
    step& expect_table(async::http_method method, std::string account);
    std::string const& problems();

    template <class T>
    T run(boost::asio::awaitable<T> op)
    {
        return test::run(context, time, std::move(op));
    }

    template <class T>
    auto start(boost::asio::awaitable<T> op)
    {
        auto started = test::start(executor(), std::move(op));
        settle(context);
        return started;
    }

    void advance(std::chrono::milliseconds by)
    {
        time.advance(by);
        settle(context);
    }

    [[nodiscard]] std::shared_ptr<service::resource_manager> const& resources();

private:
    std::unique_ptr<boost::asio::io_context> owned_context_;

public:
    boost::asio::io_context& context;
    manual_clock time;
    std::shared_ptr<scripted_transport> http = std::make_shared<scripted_transport>(time);
    std::shared_ptr<fake_tokens> tokens = std::make_shared<fake_tokens>();
    retry_options retry;
    std::vector<std::string> tables; ///< accounts that have a status table
    std::shared_ptr<service::service_context const> service;
    std::shared_ptr<service::management_client const> ingestion;

private:
    std::shared_ptr<service::resource_manager> resources_;
    std::string problems_;
};

/// Host of an account's blob, queue or table service.
[[nodiscard]] std::string blob_host(std::string const& account);
[[nodiscard]] std::string queue_host(std::string const& account);
[[nodiscard]] std::string table_host(std::string const& account);

} // namespace kusto::test

#pragma once

#include "service_fixture.hpp"
#include <boost/test/unit_test.hpp>
#include <memory>
#include <service/queued_channel.hpp>
#include <service/status_tracker.hpp>
#include <string>
#include <utility>

namespace kusto::test
{

/// The batch of these tests, and where its status is in a table.
inline std::string const source = "3f1c8a52-0c7e-4b1e-9a55-7d2f6c1b9e10";
inline std::string const entity_path =
    "/status(PartitionKey='" + source + "',RowKey='" + source + "')?";

/// A channel that polls for statuses, over the scripted service.
struct status_fixture : service_fixture
{
    status_fixture()
    {
        tables = {"t"};
        message.statuses = base::url::parse("https://" + table_host("t") + "/status").value();
    }
    ~status_fixture()
    {
        if (!tracker || destroy_while_running)
            return;
        tracker->stop();
        settle(context);
    }

    void make()
    {
        if (channel)
            return;
        tracker = std::make_shared<service::status_tracker>(service, resources());
        channel = service::make_queued_channel(service, resources(), options, tracker, ask);
    }

    auto post()
    {
        make();
        return channel->post(batch, blob, 100, in(std::chrono::minutes(10)));
    }

    auto confirm(std::chrono::milliseconds limit = std::chrono::hours(1))
    {
        make();
        return channel->confirm(batch, message, in(limit));
    }

    /// Another batch, whose status is in table `where`.
    auto confirm_another(std::string id, std::string where = "t")
    {
        make();
        service::batch_identity const other(*base::guid::parse(id), data_format::csv);
        auto posted = message;
        posted.statuses = base::url::parse("https://" + table_host(where) + "/status").value();
        return confirm(other, std::move(posted));
    }

    boost::asio::awaitable<result<service::ingestion_end>> confirm(service::batch_identity other,
                                                                   service::posted_message posted)
    {
        auto end = co_await channel->confirm(other, posted, in(std::chrono::hours(1)));
        co_return end;
    }

    step& expect_read(int status, std::string body)
    {
        return expect_table(async::http_method::get, "t")
            .path(entity_path)
            .reply(status, std::move(body));
    }

    void have_resources()
    {
        expect_refresh({"a"});
        BOOST_REQUIRE(run(resources()->get(in(std::chrono::minutes(1)))).has_value());
    }

    write_options options = write_options("db", "tbl").poll_for_ingestion_status(true);
    service::batching_question ask;
    service::batch_identity batch{*base::guid::parse(source), data_format::csv};
    service::uploaded_blob blob{
        base::url::parse("https://a.blob.core.windows.net/c/b.csv.gz?sig=CANARY").value(), 10, 1};
    service::posted_message message{1};
    bool destroy_while_running = false;
    std::shared_ptr<service::status_tracker> tracker;
    std::shared_ptr<service::ingest_channel> channel;
};

} // namespace kusto::test

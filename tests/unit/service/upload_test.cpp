#include <service/queued_channel.hpp>

#include "service_fixture.hpp"
#include <algorithm>
#include <base/percent.hpp>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/error.hpp>
#include <boost/test/unit_test.hpp>
#include <optional>
#include <wire/storage.hpp>

namespace
{

using namespace std::chrono_literals;
using namespace kusto::test;
using kusto::data_format;
using kusto::errc;
using kusto::failure;
using kusto::outcome;
using kusto::result;
using kusto::stage;
using kusto::service::batch_identity;
using kusto::service::uploaded_blob;

std::string const source = "3f1c8a52-0c7e-4b1e-9a55-7d2f6c1b9e10";
std::string const path = "/ingest0/db__tbl__" + source + ".csv.gz";

failure refused_connection()
{
    return failure(errc::connect_failed, stage::connect, "refused").retryable(true);
}

failure lost_answer()
{
    return failure(errc::connection_lost, stage::receive, "lost")
        .retryable(true)
        .outcome(outcome::unknown);
}

std::string query_value(seen_request const& call, std::string const& name)
{
    auto const query = call.target.query();
    auto const at = query.find(name + "=");
    auto const from = at + name.size() + 1;
    return query.substr(from, query.find('&', from) - from);
}

boost::asio::awaitable<bool> succeeded(boost::asio::awaitable<result<uploaded_blob>> op)
{
    auto const got = co_await std::move(op);
    co_return got.has_value();
}

struct fixture : service_fixture
{
    test_blocks blocks{executor()};
    kusto::write_options options = kusto::write_options("db", "tbl");
    batch_identity batch{*kusto::base::guid::parse(source), data_format::csv};
    std::shared_ptr<kusto::service::ingest_channel> channel_;

    kusto::service::ingest_channel& channel()
    {
        if (!channel_)
            channel_ = kusto::service::make_queued_channel(service, resources(), options);
        return *channel_;
    }

    auto upload(std::chrono::milliseconds limit = 10min)
    {
        return channel().upload(batch, blocks, in(limit));
    }

    void one_block(std::string text)
    {
        blocks.add(std::move(text));
        blocks.end();
    }

    /// Accounts a and b, a first.
    void two_accounts()
    {
        expect_refresh({"a", "b"});
        BOOST_REQUIRE(run(resources()->get(in(1min))).has_value());
        resources()->record(blob_host("b"), false);
    }
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(upload_tests, fixture)

BOOST_AUTO_TEST_CASE(one_block_is_one_put_blob)
{
    expect_refresh({"a"}, "s1");
    expect_put("a")
        .path(path + "?")
        .target_contains("sig=s1%2B%3D")
        .header("x-ms-version", "2021-12-02")
        .header("x-ms-date", "Thu, 01 Jan 2026 00:00:00 GMT")
        .header("x-ms-blob-type", "BlockBlob")
        .no_header("Authorization")
        .no_header("If-None-Match")
        .no_header("Content-Encoding")
        .body_is("compressed");
    one_block("compressed");
    auto const got = run(upload());
    BOOST_REQUIRE_MESSAGE(got, got.error().describe());
    BOOST_TEST(problems() == "");
    BOOST_TEST(got->size == 10u);
    BOOST_TEST(got->attempts == 1);
    BOOST_TEST(got->location.path() == path);
    BOOST_TEST(got->location.query() == http->calls().at(2).target.query());
    BOOST_TEST(http->calls().at(2).replayable);
    BOOST_TEST(!http->calls().at(2).header("x-ms-client-request-id").empty());
}

BOOST_AUTO_TEST_CASE(a_busy_account_is_left_at_once_for_another)
{
    two_accounts();
    expect_put("a")
        .body_is("all bytes")
        .reply(503, storage_error("ServerBusy"), {{"Retry-After", "60"}});
    expect_put("b").path(path).body_is("all bytes");
    one_block("all bytes");
    auto const got = run(upload());
    BOOST_REQUIRE_MESSAGE(got, got.error().describe());
    BOOST_TEST(problems() == "");
    BOOST_TEST(got->attempts == 2);
    BOOST_TEST(got->location.host() == blob_host("b"));
    BOOST_TEST((time.passed() == 0s));
}

BOOST_AUTO_TEST_CASE(network_failures_count_against_the_account)
{
    two_accounts();
    expect_put("a").fail(refused_connection());
    expect_put("b").fail(lost_answer());
    expect_put("a");
    one_block("x");
    BOOST_TEST(run(upload()).has_value());
    BOOST_TEST(problems() == "");
}

BOOST_AUTO_TEST_CASE(a_single_account_is_tried_again_after_a_pause)
{
    expect_refresh({"a"});
    expect_put("a").reply(503, storage_error("ServerBusy"), {{"Retry-After", "5"}});
    expect_put("a").path(path).body_is("bytes");
    one_block("bytes");
    auto const got = run(upload());
    BOOST_REQUIRE_MESSAGE(got, got.error().describe());
    BOOST_TEST((time.passed() == 5s));
    BOOST_TEST(problems() == "");
}

BOOST_AUTO_TEST_CASE(attempts_end)
{
    expect_refresh({"a"});
    expect_put("a").times(3).reply(500, storage_error("InternalError"));
    one_block("x");
    auto const got = run(upload());
    BOOST_REQUIRE(got.has_error());
    BOOST_TEST(got.error().attempts() == 3);
    BOOST_TEST(got.error().status() == 500);
    BOOST_TEST(got.error().service_code() == "InternalError");
    BOOST_TEST((got.error().where() == stage::upload));
    // No message was posted: the data is certainly not in the service's hands.
    BOOST_TEST((got.error().outcome() == outcome::failed));
    BOOST_TEST(problems() == "");
}

BOOST_AUTO_TEST_CASE(mistakes_are_not_repeated)
{
    two_accounts();
    expect_put("a").reply(400, storage_error("InvalidHeaderValue"));
    one_block("x");
    auto const got = run(upload());
    BOOST_REQUIRE(got.has_error());
    BOOST_TEST((got.error().code() == errc::request_rejected));
    BOOST_TEST(got.error().attempts() == 1);
    BOOST_TEST(problems() == "");
}

BOOST_AUTO_TEST_CASE(a_refused_signature_is_replaced_once_and_retried)
{
    for (int const status : {403, 404})
    {
        fixture f;
        f.expect_refresh({"a"}, "s1");
        f.expect_put("a").target_contains("sig=s1").reply(status);
        f.expect_refresh({"a"}, "s2");
        f.expect_put("a").target_contains("sig=s2").path(path).body_is("bytes");
        f.one_block("bytes");
        auto const got = f.run(f.upload());
        BOOST_REQUIRE_MESSAGE(got, got.error().describe());
        BOOST_TEST(got->location.query().find("sig=s2") != std::string::npos);
        BOOST_TEST((f.time.passed() == 0s));
        BOOST_TEST(f.problems() == "");
    }
}

BOOST_AUTO_TEST_CASE(blocks_go_up_while_more_appear)
{
    expect_refresh({"a"});
    auto running = start(upload());
    blocks.add("0000");
    settle(context);
    BOOST_TEST(http->calls().size() == 2u); // one block: Put Blob or a list is not decided yet
    for (int i = 0; i < 3; ++i)
        expect_put("a").path(path + "?comp=block&blockid=").any_order();
    expect_put("a").path(path + "?comp=blocklist&").body_contains("<BlockList><Latest>");
    blocks.add("1111");
    settle(context);
    BOOST_TEST(http->calls().size() == 4u);
    blocks.add("22");
    settle(context);
    BOOST_TEST(http->calls().size() == 5u);
    blocks.end();
    settle(context);
    auto const got = *running.get();
    BOOST_REQUIRE_MESSAGE(got, got.error().describe());
    BOOST_TEST(problems() == "");
    BOOST_TEST(got->size == 10u);

    std::string list = "<?xml version=\"1.0\" encoding=\"utf-8\"?><BlockList>";
    for (std::size_t i = 0; i < 3; ++i)
    {
        auto const id = kusto::wire::block_id(batch.source_id, i);
        auto const& call = http->calls().at(2 + i);
        BOOST_TEST(query_value(call, "blockid") == kusto::base::percent_encode(id));
        list += "<Latest>" + id + "</Latest>";
    }
    BOOST_TEST(http->calls().at(2).body == "0000");
    BOOST_TEST(http->calls().at(4).body == "22");
    BOOST_TEST(http->calls().at(5).body == list + "</BlockList>");
}

BOOST_AUTO_TEST_CASE(no_more_than_four_blocks_at_a_time)
{
    expect_refresh({"a"});
    for (int i = 0; i < 9; ++i)
        expect_put("a").path(path + "?comp=block&").any_order().hold();
    expect_put("a").path(path + "?comp=blocklist&");
    for (int i = 0; i < 9; ++i)
        blocks.add("b" + std::to_string(i));
    blocks.end();
    auto running = start(upload());
    BOOST_TEST(http->waiting() == 4u);
    http->release();
    settle(context);
    BOOST_TEST(running.get()->has_value());
    BOOST_TEST(problems() == "");
}

BOOST_AUTO_TEST_CASE(a_failed_block_starts_all_over_on_the_other_account)
{
    two_accounts();
    expect_put("a").path(path + "?comp=block&").body_is("b0").any_order();
    expect_put("a").path(path + "?comp=block&").body_is("b1").any_order().hang();
    expect_put("a")
        .path(path + "?comp=block&")
        .body_is("b2")
        .any_order()
        .reply(503, storage_error("ServerBusy"));
    expect_put("b").path(path + "?comp=block&").body_is("b0").any_order();
    expect_put("b").path(path + "?comp=block&").body_is("b1").any_order();
    expect_put("b").path(path + "?comp=block&").body_is("b2").any_order();
    expect_put("b").path(path + "?comp=blocklist&");
    for (int i = 0; i < 3; ++i)
        blocks.add("b" + std::to_string(i));
    blocks.end();
    auto const got = run(upload());
    BOOST_REQUIRE_MESSAGE(got, got.error().describe());
    BOOST_TEST(problems() == "");
    BOOST_TEST(got->attempts == 2);
    BOOST_TEST((time.passed() == 0s)); // the hanging block was cancelled
    auto const& calls = http->calls();
    auto const to_a =
        std::count_if(calls.begin(), calls.end(),
                      [](auto const& c) { return c.target.host() == blob_host("a"); });
    BOOST_TEST(to_a == 3); // nothing was committed there
    for (std::size_t i = 0; i < 3; ++i)
        BOOST_TEST(query_value(calls.at(2 + i), "blockid") ==
                   query_value(calls.at(5 + i), "blockid"));
}

BOOST_AUTO_TEST_CASE(producing_the_blocks_failed)
{
    expect_refresh({"a"});
    blocks.fail(failure(errc::cancelled, stage::compress, "stopped"));
    auto const got = run(upload());
    BOOST_REQUIRE(got.has_error());
    BOOST_TEST((got.error().where() == stage::compress));
    BOOST_TEST(problems() == "");
}

BOOST_AUTO_TEST_CASE(producing_the_blocks_failed_in_the_middle)
{
    expect_refresh({"a"});
    expect_put("a").path(path + "?comp=block&").times(2);
    blocks.add("0");
    blocks.add("1");
    auto running = start(upload());
    blocks.fail(failure(errc::cancelled, stage::compress, "stopped"));
    settle(context);
    auto const got = *running.get();
    BOOST_REQUIRE(got.has_error());
    BOOST_TEST((got.error().where() == stage::compress));
    BOOST_TEST(got.error().attempts() == 1);
    BOOST_TEST(problems() == "");
}

BOOST_AUTO_TEST_CASE(nothing_to_upload)
{
    expect_refresh({"a"});
    blocks.end();
    auto const got = run(upload());
    BOOST_TEST((got.error().code() == errc::invalid_record));
    BOOST_TEST(problems() == "");
}

BOOST_AUTO_TEST_CASE(a_silent_account_costs_one_request_timeout)
{
    two_accounts();
    expect_put("a").hang();
    expect_put("b");
    one_block("x");
    auto const got = run(upload());
    BOOST_REQUIRE_MESSAGE(got, got.error().describe());
    BOOST_TEST((time.passed() == 60s));
    BOOST_TEST(problems() == "");
}

BOOST_AUTO_TEST_CASE(the_deadline_ends_it)
{
    expect_refresh({"a"});
    expect_put("a").hang();
    one_block("x");
    auto const got = run(upload(5s));
    BOOST_REQUIRE(got.has_error());
    BOOST_TEST((got.error().code() == errc::timed_out));
    BOOST_TEST((time.passed() == 5s));
    BOOST_TEST(problems() == "");
}

BOOST_AUTO_TEST_CASE(cancelled_at_every_step)
{
    namespace asio = boost::asio;
    for (int steps = 0; steps < 60; ++steps)
    {
        fixture f;
        f.expect_refresh({"a"});
        for (int i = 0; i < 6; ++i)
            f.expect_put("a").path(path + "?comp=block&").any_order();
        f.expect_put("a").path(path + "?comp=blocklist&");
        for (int i = 0; i < 6; ++i)
            f.blocks.add("b" + std::to_string(i));
        f.blocks.end();
        asio::cancellation_signal stop;
        int completed = 0;
        bool uploaded = false;
        std::exception_ptr thrown;
        asio::co_spawn(f.context, succeeded(f.upload()),
                       asio::bind_cancellation_slot(stop.slot(),
                                                    [&](std::exception_ptr e, bool success)
                                                    {
                                                        thrown = e;
                                                        uploaded = success;
                                                        ++completed;
                                                    }));
        for (int i = 0; i < steps; ++i)
            f.context.poll_one();
        kusto::test::cancel(f.context, stop);
        settle(f.context);
        BOOST_TEST(completed == 1);
        // Either the cancellation or the last reply came first.
        BOOST_TEST((thrown != nullptr) != uploaded);
        if (uploaded)
            BOOST_TEST(f.problems() == "");
        BOOST_TEST(f.http->waiting() == 0u);
    }
}

BOOST_AUTO_TEST_CASE(destroyed_at_every_step)
{
    for (int steps = 0; steps < 60; ++steps)
    {
        fixture f;
        f.expect_refresh({"a"});
        f.expect_put("a").path(path + "?comp=block&").any_order().times(2);
        f.expect_put("a").path(path + "?comp=blocklist&");
        f.blocks.add("b0");
        f.blocks.add("b1");
        f.blocks.end();
        auto const running = kusto::test::start(f.executor(), f.upload());
        for (int i = 0; i < steps; ++i)
            f.context.poll_one();
    }
}

BOOST_AUTO_TEST_CASE(failures_hold_no_signature)
{
    for (int const status : {400, 403, 404, 409, 413, 500, 503})
    {
        fixture f;
        f.expect_refresh({"a"}, "canary");
        f.expect_put("a").reply(status, storage_error("Whatever"));
        f.one_block("x");
        f.options.retry(kusto::retry_options().attempts(1));
        auto const got = f.run(f.upload());
        BOOST_REQUIRE(got.has_error());
        BOOST_TEST(got.error().describe().find("canary") == std::string::npos);
        BOOST_TEST(got.error().describe().find("sig=") == std::string::npos);
        BOOST_TEST(got.error().host() == blob_host("a"));
        BOOST_TEST(!got.error().request_id().empty());
    }
}

BOOST_AUTO_TEST_SUITE_END()

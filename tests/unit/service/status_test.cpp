// Statuses of batches: the entity before the post, and the poller after it.
#include <service/queued_channel.hpp>

#include "service_fixture.hpp"
#include <base/base64.hpp>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/json.hpp>
#include <boost/test/unit_test.hpp>
#include <optional>
#include <service/status_tracker.hpp>
#include <wire/xml.hpp>

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
using kusto::async::http_method;
using kusto::service::batch_identity;
using kusto::service::ingestion_end;
using kusto::service::posted_message;
using kusto::service::status_tracker;
using kusto::service::uploaded_blob;

std::string const source = "3f1c8a52-0c7e-4b1e-9a55-7d2f6c1b9e10";
std::string const entity_path = "/status(PartitionKey='" + source + "',RowKey='" + source + "')?";
std::string const pending = R"({"Status":"Pending"})";
std::string const succeeded = R"({"Status":"Succeeded"})";

std::string failed(std::string const& how)
{
    return R"({"Status":"Failed","FailureStatus":")" + how +
           R"(","ErrorCode":"Stream_WrongNumberOfFields","Details":"too few fields",)"
           R"("OperationId":"op","ActivityId":"act","IngestionSourcePath":"https://h/c/b.csv.gz"})";
}

boost::json::object message_of(seen_request const& call)
{
    auto const text = kusto::wire::xml_text(call.body, "MessageText");
    return boost::json::parse(kusto::base::base64_decode(text).value()).as_object();
}

std::string table_in(boost::json::object const& message)
{
    auto const& where = message.at("IngestionStatusInTable").as_object();
    return std::string(where.at("TableConnectionString").as_string());
}

failure lost()
{
    return failure(errc::connection_lost, stage::receive, "lost")
        .retryable(true)
        .outcome(outcome::unknown);
}

struct fixture : service_fixture
{
    fixture()
    {
        tables = {"t"};
        message.statuses =
            kusto::base::url::parse("https://" + table_host("t") + "/status").value();
    }
    ~fixture()
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
        tracker = std::make_shared<status_tracker>(service, resources());
        channel = kusto::service::make_queued_channel(service, resources(), options, tracker, ask);
    }

    auto post()
    {
        make();
        return channel->post(batch, blob, 100, in(10min));
    }

    auto confirm(std::chrono::milliseconds limit = 1h)
    {
        make();
        return channel->confirm(batch, message, in(limit));
    }

    /// Another batch, whose status is in table `where`.
    auto confirm_another(std::string id, std::string where = "t")
    {
        make();
        batch_identity const other(*kusto::base::guid::parse(id), data_format::csv);
        auto posted = message;
        posted.statuses =
            kusto::base::url::parse("https://" + table_host(where) + "/status").value();
        return confirm(other, std::move(posted));
    }

    boost::asio::awaitable<result<ingestion_end>> confirm(batch_identity other,
                                                          posted_message posted)
    {
        auto end = co_await channel->confirm(other, posted, in(1h));
        co_return end;
    }

    step& expect_read(int status, std::string body)
    {
        return expect_table(http_method::get, "t").path(entity_path).reply(status, std::move(body));
    }

    void have_resources()
    {
        expect_refresh({"a"});
        BOOST_REQUIRE(run(resources()->get(in(1min))).has_value());
    }

    kusto::write_options options =
        kusto::write_options("db", "tbl").poll_for_ingestion_status(true);
    kusto::service::batching_question ask;
    batch_identity batch{*kusto::base::guid::parse(source), data_format::csv};
    uploaded_blob blob{
        kusto::base::url::parse("https://a.blob.core.windows.net/c/b.csv.gz?sig=CANARY").value(),
        10, 1};
    posted_message message{1};
    bool destroy_while_running = false;
    std::shared_ptr<status_tracker> tracker;
    std::shared_ptr<kusto::service::ingest_channel> channel;
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(status_tests, fixture)

BOOST_AUTO_TEST_CASE(the_entity_comes_before_the_message_and_the_message_names_it)
{
    expect_refresh({"a"});
    expect_table(http_method::post, "t")
        .path("/status?")
        .target_contains("sig=s1")
        .header("Accept", "application/json;odata=nometadata")
        .body_contains(R"("Status":"Pending")")
        .body_contains(source)
        .reply(204);
    expect_post("a");
    auto const got = run(post());
    BOOST_REQUIRE_MESSAGE(got, got.error().describe());
    BOOST_TEST(problems() == "");
    BOOST_REQUIRE(got->statuses.has_value());
    BOOST_TEST(got->statuses->with_secrets() == "https://" + table_host("t") + "/status");
    BOOST_TEST(http->calls().at(2).body.find("CANARY") == std::string::npos);

    auto const json = message_of(http->calls().back());
    BOOST_TEST(json.at("ReportLevel").to_number<int>() == 2);
    BOOST_TEST(json.at("ReportMethod").to_number<int>() == 1);
    auto const& where = json.at("IngestionStatusInTable").as_object();
    BOOST_TEST(table_in(json) == http->calls().at(2).target.with_secrets());
    BOOST_TEST(where.at("PartitionKey").as_string() == source);
    BOOST_TEST(where.at("RowKey").as_string() == source);
}

BOOST_AUTO_TEST_CASE(no_status_table_no_post)
{
    tables.clear();
    expect_refresh({"a"});
    auto const got = run(post());
    BOOST_REQUIRE(got.has_error());
    BOOST_TEST((got.error().code() == errc::no_resources));
    BOOST_TEST((got.error().outcome() == outcome::failed));
    BOOST_TEST(!got.error().retryable());
    BOOST_TEST(got.error().message().find("poll_for_ingestion_status") != std::string::npos);
    BOOST_TEST(problems() == "");
}

BOOST_AUTO_TEST_CASE(an_old_list_without_status_tables_is_asked_for_again)
{
    for (bool const answers : {true, false})
    {
        fixture f;
        f.tables.clear();
        f.have_resources();
        f.advance(2min);
        f.tables = {"t"};
        if (answers)
        {
            f.expect_refresh({"a"});
            f.expect_table(http_method::post, "t").reply(204);
            f.expect_post("a");
        }
        else
            f.expect_command(resources_command).times(3).fail(lost());
        auto const got = f.run(f.post());
        BOOST_TEST(got.has_value() == answers);
        BOOST_TEST(f.problems() == "");
        if (!got)
        {
            BOOST_TEST((got.error().code() == errc::no_resources));
            BOOST_TEST(got.error().retryable());
        }
    }
}

BOOST_AUTO_TEST_CASE(a_table_whose_account_is_down_is_left_for_the_next_one)
{
    tables = {"t", "u"};
    expect_refresh({"a"});
    // The last byte of the source id is even: the first table begins.
    expect_table(http_method::post, "t").fail(lost());
    expect_table(http_method::post, "u").reply(204);
    expect_post("a");
    auto const got = run(post());
    BOOST_REQUIRE_MESSAGE(got, got.error().describe());
    BOOST_TEST(problems() == "");
    BOOST_REQUIRE(got->statuses.has_value());
    BOOST_TEST(got->statuses->host() == table_host("u"));
    auto const address = table_in(message_of(http->calls().back()));
    BOOST_TEST(address.find(table_host("u")) != std::string::npos, address);
}

BOOST_AUTO_TEST_CASE(an_entity_whose_answer_was_lost_is_set_back)
{
    // Whose it is cannot be told: ours, or the one that an earlier post left with its failure.
    expect_refresh({"a"});
    expect_table(http_method::post, "t").reply(409, storage_error("EntityAlreadyExists"));
    expect_table(http_method::put, "t").fail(lost());
    expect_table(http_method::post, "t").fail(lost());
    expect_table(http_method::post, "t").reply(409, storage_error("EntityAlreadyExists"));
    expect_table(http_method::put, "t").body_contains(R"("Status":"Pending")").reply(204);
    expect_post("a");
    BOOST_TEST(run(post()).has_value());
    BOOST_TEST(problems() == "");
}

BOOST_AUTO_TEST_CASE(an_entity_of_an_earlier_post_is_set_back)
{
    expect_refresh({"a"});
    expect_table(http_method::post, "t").reply(409, storage_error("EntityAlreadyExists"));
    expect_table(http_method::put, "t")
        .path(entity_path)
        .body_contains(R"("Status":"Pending")")
        .no_header("If-Match")
        .reply(204);
    expect_post("a");
    BOOST_TEST(run(post()).has_value());
    BOOST_TEST(problems() == "");
}

BOOST_AUTO_TEST_CASE(a_refused_table_signature_is_replaced)
{
    expect_refresh({"a"}, "s1");
    expect_table(http_method::post, "t").reply(403, storage_error("AuthenticationFailed"));
    expect_refresh({"a"}, "s2");
    expect_table(http_method::post, "t").target_contains("sig=s2").reply(204);
    expect_post("a").target_contains("sig=s2");
    BOOST_TEST(run(post()).has_value());
    BOOST_TEST(problems() == "");
    auto const address = table_in(message_of(http->calls().back()));
    BOOST_TEST(address.find("sig=s2") != std::string::npos, address);
}

BOOST_AUTO_TEST_CASE(resources_that_could_not_be_had_mean_nothing_was_posted)
{
    for (bool const statuses : {true, false})
    {
        fixture f;
        f.options.poll_for_ingestion_status(statuses);
        f.expect_command(resources_command).times(3).fail(lost());
        auto const got = f.run(f.post());
        BOOST_REQUIRE(got.has_error());
        BOOST_TEST((got.error().outcome() == outcome::failed));
        BOOST_TEST(f.problems() == "");
    }
}

BOOST_AUTO_TEST_CASE(an_entity_that_cannot_be_written_means_nothing_was_posted)
{
    expect_refresh({"a"});
    expect_table(http_method::post, "t").times(3).reply(500);
    auto const got = run(post());
    BOOST_REQUIRE(got.has_error());
    BOOST_TEST((got.error().outcome() == outcome::failed));
    BOOST_TEST(got.error().retryable());
    BOOST_TEST(problems() == "");
}

BOOST_AUTO_TEST_CASE(polled_at_growing_intervals_until_it_succeeds)
{
    have_resources();
    expect_read(404, storage_error("ResourceNotFound"));
    for (int i = 0; i < 4; ++i)
        expect_read(200, pending);
    expect_read(500, "");
    expect_read(200, failed("Transient")); // the service tries again itself
    expect_read(200, "garbage");
    expect_read(200, succeeded);
    auto const got = run(confirm());
    BOOST_REQUIRE_MESSAGE(got, got.error().describe());
    BOOST_TEST((*got == ingestion_end::succeeded));
    // 1 + 1.5 + 2.25 + 3.4 + 5.1 + 7.6 + 11.4 + 15 + 15 s, give or take a fifth.
    BOOST_TEST((time.passed() > 49s));
    BOOST_TEST((time.passed() < 75s));
    BOOST_TEST(problems() == "");
}

BOOST_AUTO_TEST_CASE(skipped_is_an_end)
{
    have_resources();
    expect_read(200, R"({"Status":"Skipped"})");
    BOOST_TEST((run(confirm()).value() == ingestion_end::skipped));
}

BOOST_AUTO_TEST_CASE(partial_success_is_terminal)
{
    have_resources();
    expect_read(200, R"({"Status":"PartiallySucceeded"})");
    auto const got = run(confirm());
    BOOST_REQUIRE(got.has_error());
    BOOST_TEST((got.error().code() == errc::partially_ingested));
    BOOST_TEST((got.error().outcome() == outcome::unknown));
    BOOST_TEST(!got.error().retryable());
    BOOST_TEST(problems() == "");
}

BOOST_AUTO_TEST_CASE(refusals_carry_what_the_service_said)
{
    for (bool const exhausted : {false, true})
    {
        fixture f;
        f.have_resources();
        f.expect_read(200, failed(exhausted ? "Exhausted" : "Permanent"));
        auto const got = f.run(f.confirm());
        BOOST_REQUIRE(got.has_error());
        auto const& why = got.error();
        BOOST_TEST((why.code() == errc::ingestion_failed));
        BOOST_TEST((why.where() == stage::ingest));
        BOOST_TEST((why.outcome() == outcome::failed));
        BOOST_TEST(why.retryable() == exhausted);
        BOOST_TEST(why.service_code() == "Stream_WrongNumberOfFields");
        BOOST_TEST(why.server_text() == "too few fields");
        BOOST_TEST(why.activity_id() == "act");
        BOOST_TEST(why.host() == table_host("t"));
        BOOST_TEST(why.message().find(source) != std::string::npos);
        BOOST_TEST(why.message().find("https://h/c/b.csv.gz") != std::string::npos);
        BOOST_TEST(f.problems() == "");
    }
}

BOOST_AUTO_TEST_CASE(an_entity_that_never_appears_is_unknown)
{
    have_resources();
    expect_table(http_method::get, "t").times(20).reply(404, storage_error("ResourceNotFound"));
    auto const got = run(confirm());
    BOOST_REQUIRE(got.has_error());
    BOOST_TEST((got.error().code() == errc::outcome_unknown));
    BOOST_TEST((got.error().outcome() == outcome::unknown));
    BOOST_TEST((time.passed() >= 60s));
    BOOST_TEST((time.passed() < 80s));
}

BOOST_AUTO_TEST_CASE(an_old_table_signature_is_replaced_while_polling)
{
    expect_refresh({"a"}, "s1");
    BOOST_REQUIRE(run(resources()->get(in(1min))).has_value());
    expect_read(403, storage_error("AuthenticationFailed")).target_contains("sig=s1");
    expect_refresh({"a"}, "s2");
    expect_read(200, succeeded).target_contains("sig=s2");
    BOOST_TEST(run(confirm()).has_value());
    BOOST_TEST(problems() == "");
}

BOOST_AUTO_TEST_CASE(a_status_that_does_not_come_is_unknown_at_the_timeout)
{
    options.ingestion_status_timeout(90s);
    have_resources();
    expect_table(http_method::get, "t").times(40).reply(200, pending);
    auto const got = run(confirm());
    BOOST_REQUIRE(got.has_error());
    BOOST_TEST((got.error().code() == errc::outcome_unknown));
    BOOST_TEST((got.error().outcome() == outcome::unknown));
    BOOST_TEST(got.error().message().find(source) != std::string::npos);
    BOOST_TEST((time.passed() == 90s));
    // The poller has ended: time passes and nothing is read.
    settle(context);
    auto const reads = http->calls().size();
    advance(1min);
    BOOST_TEST(http->calls().size() == reads);
    BOOST_TEST(time.waits() == 0u);
}

BOOST_AUTO_TEST_CASE(the_batching_time_is_asked_for_once_and_five_minutes_are_added)
{
    int asked = 0;
    ask = [&asked](kusto::deadline) -> boost::asio::awaitable<result<std::chrono::milliseconds>>
    {
        ++asked;
        co_return 2min;
    };
    have_resources();
    expect_table(http_method::get, "t").times(200).reply(200, pending);
    for (int i = 1; i <= 2; ++i)
    {
        BOOST_TEST((run(confirm()).error().code() == errc::outcome_unknown));
        BOOST_TEST((time.passed() == i * 7min));
    }
    BOOST_TEST(asked == 1);
}

BOOST_AUTO_TEST_CASE(without_an_answer_the_services_default_counts)
{
    ask = [](kusto::deadline) -> boost::asio::awaitable<result<std::chrono::milliseconds>>
    { co_return failure(errc::access_denied, stage::ingest, "no"); };
    have_resources();
    expect_table(http_method::get, "t").times(200).reply(200, pending);
    BOOST_TEST((run(confirm()).error().code() == errc::outcome_unknown));
    BOOST_TEST((time.passed() == 10min));
}

BOOST_AUTO_TEST_CASE(one_poller_reads_four_at_a_time_and_two_of_one_host)
{
    for (bool const two_hosts : {true, false})
    {
        fixture f;
        f.have_resources();
        f.make();
        std::vector<started<std::optional<result<ingestion_end>>>> all;
        for (int i = 0; i < 9; ++i)
            all.push_back(
                f.start(f.confirm_another("00000000-0000-0000-0000-00000000000" + std::to_string(i),
                                          two_hosts && i % 2 == 1 ? "u" : "t")));
        for (int i = 0; i < 9; ++i)
            f.expect_table(http_method::get, two_hosts && i % 2 == 1 ? "u" : "t")
                .any_order()
                .hold()
                .reply(200, succeeded);
        f.advance(1200ms);
        BOOST_TEST(f.http->waiting() == (two_hosts ? 4u : 2u));
        f.http->release();
        settle(f.context);
        for (auto& one : all)
        {
            BOOST_REQUIRE(one.done());
            BOOST_TEST(one.get()->has_value());
        }
        BOOST_TEST(f.problems() == "");
        BOOST_TEST(f.time.waits() == 0u); // nothing is tracked, nothing waits
    }
}

BOOST_AUTO_TEST_CASE(a_read_that_hangs_delays_no_other)
{
    have_resources();
    auto const first = start(confirm());
    auto const second = start(confirm_another("00000000-0000-0000-0000-000000000001", "u"));
    expect_table(http_method::get, "t").any_order().hang();
    expect_table(http_method::get, "u").any_order().reply(200, pending);
    expect_table(http_method::get, "u").any_order().reply(200, succeeded);
    advance(1200ms);
    BOOST_TEST(http->waiting() == 1u);
    advance(1800ms);
    BOOST_TEST(second.done());
    BOOST_TEST(!first.done());
    BOOST_TEST(http->waiting() == 1u);
}

BOOST_AUTO_TEST_CASE(a_renewal_that_hangs_delays_no_other_and_ends_after_ten_seconds)
{
    have_resources();
    auto const refused = storage_error("AuthenticationFailed");
    auto const first = start(confirm());
    auto const second = start(confirm_another("00000000-0000-0000-0000-000000000001"));
    // One that is asked for when the refresh hangs already.
    expect_table(http_method::get, "t").any_order().times(2).reply(403, refused);
    expect_command(resources_command).any_order().hang();
    advance(1200ms);
    BOOST_TEST(http->waiting() == 1u);
    auto const third = start(confirm_another("00000000-0000-0000-0000-000000000002"));
    expect_table(http_method::get, "t").any_order().reply(200, succeeded);
    advance(1200ms);
    BOOST_TEST(third.done());
    BOOST_TEST(!first.done());
    expect_table(http_method::get, "t").any_order().times(2).reply(200, succeeded);
    advance(8s); // 10.4 s
    BOOST_TEST(!first.done());
    for (int i = 0; i < 3; ++i)
        advance(1s);
    BOOST_TEST(first.done());
    BOOST_TEST(second.done());
}

BOOST_AUTO_TEST_CASE(a_read_has_its_ten_seconds_whatever_the_resources_took)
{
    expect_command(resources_command).hold().reply(200, resources_reply({"a"}, "s1", "", tables));
    expect_command(token_command).reply(200, identity_reply("i"));
    auto const waiting = start(confirm());
    advance(1200ms);
    advance(9s);
    BOOST_TEST(http->waiting() == 1u);
    expect_read(200, succeeded);
    http->release();
    settle(context);
    BOOST_TEST(waiting.done());
    BOOST_TEST((http->calls().back().until.when() == time.now() + 10s));
    BOOST_TEST(problems() == "");
}

BOOST_AUTO_TEST_CASE(a_jump_of_the_wall_clock_does_no_harm)
{
    for (auto const jump : {24h, -24h})
    {
        fixture f;
        f.options.ingestion_status_timeout(90s);
        f.have_resources();
        f.expect_read(200, pending);
        f.expect_read(200, pending);
        auto waiting = f.start(f.confirm());
        f.advance(1200ms);
        f.time.jump_wall_clock(jump);
        f.advance(2s);
        BOOST_TEST(f.http->calls().size() == 4u); // one read before the jump, one after it
        BOOST_TEST(!waiting.done());
        f.expect_read(200, succeeded);
        f.advance(3s);
        BOOST_REQUIRE(waiting.done());
        BOOST_TEST(waiting.get()->has_value());
        BOOST_TEST(f.problems() == "");
    }
}

BOOST_AUTO_TEST_CASE(a_batch_that_comes_later_is_not_kept_waiting)
{
    have_resources();
    auto first = start(confirm());
    expect_table(http_method::get, "t").path(entity_path).times(6).reply(200, pending);
    for (int i = 0; i < 30; ++i)
        advance(1s);
    // The first one is read every 15 s by now.
    auto second = start(confirm_another("00000000-0000-0000-0000-000000000001"));
    expect_table(http_method::get, "t").any_order().reply(200, succeeded);
    advance(1200ms);
    BOOST_TEST(second.done());
    BOOST_TEST(!first.done());
}

BOOST_AUTO_TEST_CASE(a_cancelled_wait_ends_the_reading)
{
    have_resources();
    make();
    boost::asio::cancellation_signal stop;
    bool thrown = false;
    boost::asio::co_spawn(context, kusto::test::detail::as_optional(confirm()),
                          boost::asio::bind_cancellation_slot(stop.slot(),
                                                              [&](std::exception_ptr e, auto)
                                                              { thrown = e != nullptr; }));
    settle(context);
    kusto::test::cancel(context, stop);
    settle(context);
    BOOST_TEST(thrown);
    advance(15s);
    BOOST_TEST(http->calls().size() == 2u);
    BOOST_TEST(time.waits() == 0u);
}

BOOST_AUTO_TEST_CASE(stop_ends_the_waits_with_an_unknown_outcome)
{
    have_resources();
    expect_table(http_method::get, "t").hang();
    auto waiting = start(confirm());
    advance(1200ms);
    BOOST_TEST(http->waiting() == 1u);
    tracker->stop();
    settle(context);
    BOOST_REQUIRE(waiting.done());
    auto const got = *waiting.get();
    BOOST_REQUIRE(got.has_error());
    BOOST_TEST((got.error().code() == errc::closed));
    BOOST_TEST((got.error().outcome() == outcome::unknown));
    BOOST_TEST(http->waiting() == 0u);
    auto const later = run(confirm());
    BOOST_TEST((later.error().code() == errc::closed));
}

BOOST_AUTO_TEST_CASE(a_post_cancelled_at_every_step_says_what_is_known)
{
    namespace asio = boost::asio;
    int seen_failed = 0;
    int seen_unknown = 0;
    for (int steps = 0; steps < 60; ++steps)
    {
        fixture f;
        f.expect_refresh({"a"});
        f.expect_table(http_method::post, "t").reply(204);
        f.expect_post("a").hold();
        asio::cancellation_signal stop;
        std::optional<result<posted_message>> got;
        std::exception_ptr thrown;
        asio::co_spawn(f.context, kusto::test::detail::as_optional(f.post()),
                       asio::bind_cancellation_slot(stop.slot(),
                                                    [&](std::exception_ptr e, auto posted)
                                                    {
                                                        thrown = e;
                                                        got = std::move(posted);
                                                    }));
        for (int i = 0; i < steps; ++i)
            f.context.poll_one();
        kusto::test::cancel(f.context, stop);
        settle(f.context);
        auto const& calls = f.http->calls();
        bool const sent = !calls.empty() && calls.back().target.host() == queue_host("a");
        if (thrown) // cancelled before the operation began
            continue;
        BOOST_REQUIRE(got.has_value());
        BOOST_REQUIRE(got->has_error());
        BOOST_TEST((got->error().code() == errc::cancelled));
        BOOST_TEST((got->error().outcome() == (sent ? outcome::unknown : outcome::failed)));
        ++(sent ? seen_unknown : seen_failed);
        BOOST_TEST(f.http->waiting() == 0u);
    }
    BOOST_TEST(seen_failed > 0);
    BOOST_TEST(seen_unknown > 0);
}

BOOST_AUTO_TEST_CASE(destroyed_at_every_step)
{
    for (int steps = 0; steps < 40; ++steps)
    {
        fixture f;
        f.have_resources();
        f.expect_read(200, pending);
        f.expect_read(200, succeeded);
        auto const running = kusto::test::start(f.executor(), f.confirm());
        for (int i = 0; i < steps; ++i)
        {
            if (f.context.poll_one() == 0)
                f.time.advance_to_next();
            f.context.restart();
        }
        f.destroy_while_running = true;
    }
}

BOOST_AUTO_TEST_CASE(without_statuses_nothing_is_confirmed)
{
    options.poll_for_ingestion_status(false);
    make();
    message.statuses.reset();
    auto const got = run(channel->confirm(batch, message, in(1min)));
    BOOST_TEST((got.error().code() == errc::outcome_unknown));
    BOOST_TEST((got.error().outcome() == outcome::unknown));
}

BOOST_AUTO_TEST_SUITE_END()

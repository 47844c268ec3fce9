// Statuses of batches: the poller that reads them after the post.
#include "status_fixture.hpp"
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/test/unit_test.hpp>
#include <optional>

namespace
{

using namespace std::chrono_literals;
using namespace kusto::test;
using kusto::errc;
using kusto::failure;
using kusto::outcome;
using kusto::result;
using kusto::stage;
using kusto::async::http_method;
using kusto::service::ingestion_end;
using fixture = status_fixture;

std::string const pending = R"({"Status":"Pending"})";
std::string const succeeded = R"({"Status":"Succeeded"})";

std::string failed(std::string const& how)
{
    return R"({"Status":"Failed","FailureStatus":")" + how +
           R"(","ErrorCode":"Stream_WrongNumberOfFields","Details":"too few fields",)"
           R"("OperationId":"op","ActivityId":"act","IngestionSourcePath":"https://h/c/b.csv.gz"})";
}

} // namespace

BOOST_FIXTURE_TEST_SUITE(status_poller_tests, fixture)

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
    expect_table(http_method::get, "t").path(entity_path).any_order().times(20).reply(200, pending);
    for (int i = 0; i < 30; ++i)
        advance(1s);
    // The first one is read every 15 s by now.
    std::string const later = "00000000-0000-0000-0000-000000000001";
    auto second = start(confirm_another(later));
    expect_table(http_method::get, "t")
        .path("/status(PartitionKey='" + later)
        .any_order()
        .reply(200, succeeded);
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

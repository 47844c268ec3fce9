#include <service/queued_channel.hpp>

#include "service_fixture.hpp"
#include <base/base64.hpp>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/json.hpp>
#include <boost/test/unit_test.hpp>
#include <optional>
#include <wire/xml.hpp>

namespace
{

using namespace std::chrono_literals;
using namespace kusto::test;
using kusto::data_format;
using kusto::errc;
using kusto::failure;
using kusto::outcome;
using kusto::stage;
using kusto::service::batch_identity;
using kusto::service::uploaded_blob;

std::string const source = "3f1c8a52-0c7e-4b1e-9a55-7d2f6c1b9e10";
std::string const blob_text =
    "https://a.blob.core.windows.net/ingest0/db__tbl__x.csv.gz?sv=1&sig=blob%2Bcanary";

/// The same with a signature of `resources_reply`.
std::string signed_by(std::string const& signature)
{
    return "https://a.blob.core.windows.net/ingest0/db__tbl__x.csv.gz?sv=2018-03-28&sp=rw"
           "&se=2026-01-02T00:00:00Z&sig=" +
           signature;
}

boost::json::object message_of(seen_request const& call)
{
    auto const text = kusto::wire::xml_text(call.body, "MessageText");
    return boost::json::parse(kusto::base::base64_decode(text).value()).as_object();
}

struct fixture : service_fixture
{
    using service_fixture::service_fixture;

    kusto::write_options options = kusto::write_options("db", "tbl").ingest_by_tag("run-7");
    batch_identity batch{*kusto::base::guid::parse(source), data_format::csv};
    uploaded_blob blob{kusto::base::url::parse(blob_text).value(), 10, 1};
    std::shared_ptr<kusto::service::ingest_channel> channel;

    auto post(std::chrono::milliseconds limit = 10min)
    {
        if (!channel)
            channel = kusto::service::make_queued_channel(service, resources(), options);
        return channel->post(batch, blob, 123456, in(limit));
    }

    /// Accounts a and b, a first.
    void two_accounts()
    {
        expect_refresh({"a", "b"});
        BOOST_REQUIRE(run(resources()->get(in(1min))).has_value());
        resources()->record(queue_host("b"), false);
    }
};

failure broken(errc code, outcome what)
{
    return failure(code, stage::receive, "broken").retryable(true).outcome(what);
}

} // namespace

BOOST_FIXTURE_TEST_SUITE(post_tests, fixture)

BOOST_AUTO_TEST_CASE(the_message)
{
    expect_refresh({"a"}, "s1");
    expect_post("a")
        .path("/ready/messages?")
        .target_contains("sig=s1%2B%3D")
        .header("x-ms-version", "2021-12-02")
        .header("Content-Type", "application/xml")
        .no_header("Authorization");
    auto const got = run(post());
    BOOST_REQUIRE_MESSAGE(got, got.error().describe());
    BOOST_TEST(got->attempts == 1);
    BOOST_TEST(problems() == "");
    auto const& call = http->calls().back();
    BOOST_TEST(!call.replayable);
    auto const message = message_of(call);
    BOOST_TEST(message.at("Id").as_string() == source);
    // The blob's own address, with the newest signature that its container has.
    BOOST_TEST(message.at("BlobPath").as_string() == signed_by("s1%2B%3D"));
    BOOST_TEST(message.at("RawDataSize").to_number<std::int64_t>() == 123456);
    BOOST_TEST(message.at("DatabaseName").as_string() == "db");
    BOOST_TEST(message.at("TableName").as_string() == "tbl");
    BOOST_TEST(message.at("SourceMessageCreationTime").as_string() ==
               "2026-01-01T00:00:00.0000000Z");
    auto const& more = message.at("AdditionalProperties").as_object();
    BOOST_TEST(more.at("authorizationContext").as_string() == "identity-s1");
    BOOST_TEST(more.at("format").as_string() == "csv");
    BOOST_TEST(more.at("tags").as_string() == R"(["ingest-by:run-7"])");
}

BOOST_AUTO_TEST_CASE(a_blob_whose_container_is_not_listed_any_more_keeps_its_signature)
{
    expect_refresh({"b"}, "s1");
    expect_post("b");
    BOOST_REQUIRE(run(post()));
    auto const message = message_of(http->calls().back());
    BOOST_TEST(message.at("BlobPath").as_string() == blob_text);
}

BOOST_AUTO_TEST_CASE(a_blob_that_nobody_can_read_is_not_posted)
{
    blob.usable_until = in(1min);
    expect_refresh({"b"});
    expect_post("b");
    BOOST_REQUIRE(run(post()));
    advance(1min);
    auto const got = run(post());
    BOOST_REQUIRE(got.has_error());
    BOOST_TEST((got.error().code() == errc::request_rejected));
    BOOST_TEST((got.error().where() == stage::post));
    BOOST_TEST((got.error().outcome() == outcome::failed));
    BOOST_TEST(!got.error().retryable());
    BOOST_TEST(got.error().message() ==
               "the blob's address has expired and its container is no longer offered");
    BOOST_TEST(got.error().describe().find("canary") == std::string::npos);
    BOOST_TEST(problems() == "");
}

BOOST_AUTO_TEST_CASE(an_old_blob_in_a_container_that_is_listed_is_posted)
{
    blob.usable_until = in(1min);
    expect_refresh({"a"});
    BOOST_REQUIRE(run(resources()->get(in(1min))));
    advance(1min);
    expect_post("a");
    BOOST_TEST(run(post()).has_value());
    BOOST_TEST(problems() == "");
}

BOOST_AUTO_TEST_CASE(a_blob_that_becomes_unreadable_after_a_lost_answer_is_unknown)
{
    blob.usable_until = in(100ms);
    expect_refresh({"b"});
    expect_post("b").hold().fail(broken(errc::connection_lost, outcome::unknown));
    auto waiting = start(post());
    advance(100ms);
    http->release();
    settle(context);
    // The pause before the next attempt.
    while (!waiting.done() && time.advance_to_next())
        settle(context);
    BOOST_REQUIRE(waiting.done());
    auto const got = *waiting.get();
    BOOST_REQUIRE(got.has_error());
    BOOST_TEST((got.error().code() == errc::outcome_unknown));
    BOOST_TEST((got.error().outcome() == outcome::unknown));
    BOOST_TEST(!got.error().retryable());
    BOOST_TEST(problems() == "");
}

BOOST_AUTO_TEST_CASE(without_a_guarantee_a_lost_answer_is_unknown_at_once)
{
    for (auto const code : {errc::connection_lost, errc::timed_out})
    {
        fixture f;
        f.options.guarantee(kusto::delivery_guarantee::none);
        f.two_accounts();
        f.expect_post("a").fail(broken(code, outcome::unknown));
        auto const got = f.run(f.post());
        BOOST_REQUIRE(got.has_error());
        BOOST_TEST((got.error().outcome() == outcome::unknown));
        BOOST_TEST(got.error().attempts() == 1);
        BOOST_TEST(f.problems() == "");
    }
}

BOOST_AUTO_TEST_CASE(a_lost_queue_answer_is_repeated_with_the_same_blob_path)
{
    two_accounts();
    expect_post("a").fail(broken(errc::connection_lost, outcome::unknown));
    expect_post("b");
    auto const got = run(post());
    BOOST_REQUIRE_MESSAGE(got, got.error().describe());
    BOOST_TEST(got->attempts == 2);
    BOOST_TEST(got->repeated == 1);
    BOOST_TEST(!got->statuses.has_value());
    BOOST_TEST(problems() == "");
    auto const first = message_of(http->calls().at(2));
    auto const second = message_of(http->calls().at(3));
    BOOST_TEST(second.at("BlobPath").as_string() == first.at("BlobPath").as_string());
    BOOST_TEST(second.at("Id").as_string() == first.at("Id").as_string());
}

BOOST_AUTO_TEST_CASE(ambiguous_answers_are_repeated_and_counted)
{
    for (int const status : {408, 500, 502, 503, 504, 522})
    {
        fixture f;
        f.two_accounts();
        std::string const body = status == 503 ? "" : storage_error("OperationTimedOut");
        f.expect_post("a").reply(status, body);
        f.expect_post("b").reply(status, body);
        f.expect_post("a");
        auto const got = f.run(f.post());
        BOOST_REQUIRE_MESSAGE(got, got.error().describe());
        BOOST_TEST(got->attempts == 3);
        BOOST_TEST(got->repeated == 2);
        BOOST_TEST(f.problems() == "");
    }
}

BOOST_AUTO_TEST_CASE(repetitions_before_anything_was_sent_are_not_counted_as_repeated)
{
    two_accounts();
    expect_post("a").fail(broken(errc::connect_failed, outcome::failed));
    expect_post("b").reply(503, storage_error("ServerBusy"));
    expect_post("a");
    auto const got = run(post());
    BOOST_REQUIRE_MESSAGE(got, got.error().describe());
    BOOST_TEST(got->attempts == 3);
    BOOST_TEST(got->repeated == 0);
}

BOOST_AUTO_TEST_CASE(rounds_without_a_sure_answer_end_unknown)
{
    expect_refresh({"a"});
    expect_post("a").hang().times(3);
    auto const got = run(post());
    BOOST_REQUIRE(got.has_error());
    BOOST_TEST((got.error().outcome() == outcome::unknown));
    BOOST_TEST((got.error().code() == errc::timed_out));
    BOOST_TEST(got.error().attempts() == 3);
    BOOST_TEST(got.error().retryable());
    BOOST_TEST(problems() == "");
}

BOOST_AUTO_TEST_CASE(a_definite_refusal_after_an_ambiguous_attempt_stays_unknown)
{
    for (int const status : {400, 413})
    {
        fixture f;
        f.two_accounts();
        f.expect_post("a").fail(broken(errc::connection_lost, outcome::unknown));
        f.expect_post("b").reply(status, storage_error("InvalidXmlDocument"));
        auto const got = f.run(f.post());
        BOOST_REQUIRE(got.has_error());
        BOOST_TEST((got.error().outcome() == outcome::unknown));
        BOOST_TEST(!got.error().retryable());
        BOOST_TEST(f.problems() == "");
    }
}

BOOST_AUTO_TEST_CASE(a_refused_connection_to_the_last_is_failed_and_not_unknown)
{
    two_accounts();
    expect_post("a").fail(broken(errc::connect_failed, outcome::failed));
    expect_post("b").fail(broken(errc::connect_failed, outcome::failed));
    expect_post("a").fail(broken(errc::connect_failed, outcome::failed));
    auto const got = run(post());
    BOOST_REQUIRE(got.has_error());
    BOOST_TEST((got.error().outcome() == outcome::failed));
    BOOST_TEST(got.error().retryable());
    BOOST_TEST(problems() == "");
}

BOOST_AUTO_TEST_CASE(a_post_that_finds_its_deadline_passed_is_failed)
{
    expect_refresh({"a"});
    BOOST_REQUIRE(run(resources()->get(in(1min))).has_value());
    auto const got = run(post(0s));
    BOOST_REQUIRE(got.has_error());
    BOOST_TEST((got.error().code() == errc::timed_out));
    BOOST_TEST((got.error().outcome() == outcome::failed));
    BOOST_TEST(problems() == "");
}

BOOST_AUTO_TEST_CASE(a_post_that_runs_out_of_time_while_connecting_is_failed)
{
    expect_refresh({"a"});
    expect_post("a").hang_connecting().times(3);
    auto const got = run(post());
    BOOST_REQUIRE(got.has_error());
    BOOST_TEST((got.error().code() == errc::timed_out));
    BOOST_TEST((got.error().outcome() == outcome::failed));
    BOOST_TEST(got.error().retryable());
    BOOST_TEST(problems() == "");
}

BOOST_AUTO_TEST_CASE(a_post_has_half_a_minute_for_its_answer)
{
    fixture f(
        kusto::connection_options("https://c.westeurope.kusto.windows.net").request_timeout(1s));
    f.options.retry(kusto::retry_options().attempts(1));
    f.expect_refresh({"a"});
    f.expect_post("a").hang();
    auto const got = f.run(f.post());
    BOOST_REQUIRE(got.has_error());
    BOOST_TEST((f.time.passed() == 30s));
}

BOOST_AUTO_TEST_CASE(cancelled_before_the_message_left_is_failed_afterwards_unknown)
{
    namespace asio = boost::asio;
    enum class moment
    {
        before,
        connecting,
        sent,
    };
    for (auto const when : {moment::before, moment::connecting, moment::sent})
    {
        fixture f;
        if (when == moment::before)
            f.expect_command(resources_command).hang();
        else
            f.expect_refresh({"a"});
        if (when == moment::connecting)
            f.expect_post("a").hang_connecting();
        if (when == moment::sent)
            f.expect_post("a").hang();
        asio::cancellation_signal stop;
        std::optional<failure> why;
        asio::co_spawn(f.context, kusto::test::detail::as_optional(f.post()),
                       asio::bind_cancellation_slot(stop.slot(),
                                                    [&](std::exception_ptr e, auto got)
                                                    {
                                                        if (!e && got->has_error())
                                                            why = got->error();
                                                    }));
        settle(f.context);
        kusto::test::cancel(f.context, stop);
        settle(f.context);
        BOOST_REQUIRE(why.has_value());
        BOOST_TEST((why->code() == errc::cancelled));
        BOOST_TEST((why->outcome() == (when == moment::sent ? outcome::unknown : outcome::failed)));
    }
}

BOOST_AUTO_TEST_CASE(an_account_that_throttled_one_batch_is_spared_by_the_next)
{
    two_accounts();
    kusto::async::http_headers const retry_after = {{"Retry-After", "60"}};
    expect_post("a").reply(503, storage_error("ServerBusy"), retry_after);
    expect_post("b");
    BOOST_REQUIRE(run(post()).has_value());
    // b is the worse one by its record, and yet the only one that may be used.
    for (int i = 0; i < 20; ++i)
        resources()->record(queue_host("b"), false);
    expect_post("b");
    BOOST_TEST(run(post()).has_value());
    BOOST_TEST((time.passed() == 0s));
    BOOST_TEST(problems() == "");
}

BOOST_AUTO_TEST_CASE(definite_refusals_go_to_the_other_queue)
{
    two_accounts();
    expect_post("a").reply(503, storage_error("ServerBusy"));
    expect_post("b").fail(broken(errc::connect_failed, outcome::failed));
    expect_post("a");
    auto const got = run(post());
    BOOST_REQUIRE_MESSAGE(got, got.error().describe());
    BOOST_TEST(got->attempts == 3);
    // At once to the account that was not tried yet; with a pause once all of them were.
    BOOST_TEST((time.passed() > 0s));
    BOOST_TEST((time.passed() <= 10s));
    BOOST_TEST(problems() == "");
}

BOOST_AUTO_TEST_CASE(one_refusal_goes_to_the_other_queue_without_a_pause)
{
    two_accounts();
    expect_post("a").reply(503, storage_error("ServerBusy"));
    expect_post("b");
    auto const got = run(post());
    BOOST_REQUIRE_MESSAGE(got, got.error().describe());
    BOOST_TEST(got->attempts == 2);
    BOOST_TEST((time.passed() == 0s));
    BOOST_TEST(problems() == "");
}

BOOST_AUTO_TEST_CASE(retry_after_counts_once_every_account_was_tried)
{
    two_accounts();
    kusto::async::http_headers const retry_after = {{"Retry-After", "7"}};
    for (char const* account : {"a", "b"})
        expect_post(account).reply(503, storage_error("ServerBusy"), retry_after);
    expect_post("a");
    auto const got = run(post());
    BOOST_REQUIRE_MESSAGE(got, got.error().describe());
    BOOST_TEST((time.passed() >= 7s));
    BOOST_TEST(problems() == "");
}

BOOST_AUTO_TEST_CASE(an_account_whose_name_does_not_resolve_is_not_the_end)
{
    two_accounts();
    expect_post("a").fail(broken(errc::host_not_found, outcome::failed).retryable(false));
    expect_post("b");
    auto const got = run(post());
    BOOST_REQUIRE_MESSAGE(got, got.error().describe());
    BOOST_TEST(got->attempts == 2);
    BOOST_TEST(problems() == "");
}

BOOST_AUTO_TEST_CASE(a_missing_queue_is_replaced_once)
{
    expect_refresh({"a"}, "s1");
    expect_post("a").target_contains("sig=s1").reply(404, storage_error("QueueNotFound"));
    expect_refresh({"a"}, "s2");
    expect_post("a").target_contains("sig=s2");
    auto const got = run(post());
    BOOST_REQUIRE_MESSAGE(got, got.error().describe());
    BOOST_TEST(problems() == "");
    // The message was written anew: it holds the new identity token.
    auto const message = message_of(http->calls().back());
    auto const& more = message.at("AdditionalProperties").as_object();
    BOOST_TEST(more.at("authorizationContext").as_string() == "identity-s2");
    BOOST_TEST(message.at("Id").as_string() == source);
}

BOOST_AUTO_TEST_CASE(mistakes_are_not_repeated)
{
    two_accounts();
    expect_post("a").reply(400, storage_error("InvalidXmlDocument"));
    auto const got = run(post());
    BOOST_TEST((got.error().outcome() == outcome::failed));
    BOOST_TEST(got.error().attempts() == 1);
    BOOST_TEST(problems() == "");
}

BOOST_AUTO_TEST_CASE(a_message_too_long_is_not_sent)
{
    for (int i = 0; i < 100; ++i)
        options.additional_tag(std::string(1000, 'x'));
    expect_refresh({"a"});
    auto const got = run(post());
    BOOST_TEST((got.error().code() == errc::request_rejected));
    BOOST_TEST((got.error().outcome() == outcome::failed));
    BOOST_TEST(problems() == "");
}

BOOST_AUTO_TEST_CASE(failures_hold_no_secret)
{
    for (int const status : {400, 403, 404, 409, 413, 500, 503})
    {
        fixture f;
        f.options.retry(kusto::retry_options().attempts(1));
        f.expect_refresh({"a"}, "canary");
        f.expect_post("a").reply(status, storage_error("Whatever"));
        auto const got = f.run(f.post());
        BOOST_REQUIRE(got.has_error());
        BOOST_TEST(got.error().describe().find("canary") == std::string::npos);
        BOOST_TEST(got.error().host() == queue_host("a"));
        BOOST_TEST(!got.error().request_id().empty());
    }
}

BOOST_AUTO_TEST_CASE(no_resources_at_all)
{
    expect_command(resources_command).reply(403, "");
    auto const got = run(post());
    BOOST_REQUIRE(got.has_error());
    BOOST_TEST((got.error().where() == stage::resources));
    BOOST_TEST((got.error().outcome() == outcome::failed));
    BOOST_TEST(problems() == "");
}

BOOST_AUTO_TEST_SUITE_END()

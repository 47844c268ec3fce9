#include <service/queued_channel.hpp>

#include "service_fixture.hpp"
#include <base/base64.hpp>
#include <boost/json.hpp>
#include <boost/test/unit_test.hpp>
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

boost::json::object message_of(seen_request const& call)
{
    auto const text = kusto::wire::xml_text(call.body, "MessageText");
    return boost::json::parse(kusto::base::base64_decode(text).value()).as_object();
}

struct fixture : service_fixture
{
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
    BOOST_TEST(*got == 1);
    BOOST_TEST(problems() == "");
    auto const& call = http->calls().back();
    BOOST_TEST(!call.replayable);
    auto const message = message_of(call);
    BOOST_TEST(message.at("Id").as_string() == source);
    BOOST_TEST(message.at("BlobPath").as_string() == blob_text);
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

BOOST_AUTO_TEST_CASE(a_lost_answer_is_unknown_and_not_repeated)
{
    for (auto const code : {errc::connection_lost, errc::timed_out})
    {
        fixture f;
        f.two_accounts();
        f.expect_post("a").fail(broken(code, outcome::unknown));
        auto const got = f.run(f.post());
        BOOST_REQUIRE(got.has_error());
        BOOST_TEST((got.error().outcome() == outcome::unknown));
        BOOST_TEST(got.error().attempts() == 1);
        BOOST_TEST(f.problems() == "");
    }
}

BOOST_AUTO_TEST_CASE(ambiguous_answers_are_unknown_and_not_repeated)
{
    for (int const status : {500, 504})
    {
        fixture f;
        f.two_accounts();
        f.expect_post("a").reply(status, storage_error("OperationTimedOut"));
        auto const got = f.run(f.post());
        BOOST_REQUIRE(got.has_error());
        BOOST_TEST((got.error().outcome() == outcome::unknown));
        BOOST_TEST((got.error().where() == stage::post));
        BOOST_TEST(f.problems() == "");
    }
}

BOOST_AUTO_TEST_CASE(a_silent_queue_is_unknown)
{
    expect_refresh({"a"});
    expect_post("a").hang();
    auto const got = run(post());
    BOOST_TEST((got.error().outcome() == outcome::unknown));
    BOOST_TEST((got.error().code() == errc::timed_out));
    BOOST_TEST((time.passed() == 60s));
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
    BOOST_TEST(*got == 3);
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
    BOOST_TEST(*got == 2);
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
    BOOST_TEST(*got == 2);
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

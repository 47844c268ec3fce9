// Statuses of batches: the entity that is written before the post.
#include "status_fixture.hpp"
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
using kusto::errc;
using kusto::failure;
using kusto::outcome;
using kusto::result;
using kusto::stage;
using kusto::async::http_method;
using kusto::service::posted_message;
using fixture = status_fixture;

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

} // namespace

BOOST_FIXTURE_TEST_SUITE(status_entity_tests, fixture)

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

BOOST_AUTO_TEST_SUITE_END()

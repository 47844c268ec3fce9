// Uploads that fail on the way: what is sent again, where, and what is left out.
#include <service/queued_channel.hpp>

#include "service_fixture.hpp"
#include <boost/test/unit_test.hpp>

namespace
{

using namespace std::chrono_literals;
using namespace kusto::test;
using kusto::data_format;
using kusto::deadline;
using kusto::errc;
using kusto::failure;
using kusto::outcome;
using kusto::stage;
using kusto::service::batch_identity;

std::string const source = "3f1c8a52-0c7e-4b1e-9a55-7d2f6c1b9e10";
std::string const path = "/ingest0/db__tbl__" + source + ".csv.gz";

failure lost_answer()
{
    return failure(errc::connection_lost, stage::receive, "lost")
        .retryable(true)
        .outcome(outcome::unknown);
}

struct fixture : service_fixture
{
    using service_fixture::service_fixture;

    test_blocks blocks{executor()};
    kusto::write_options options = kusto::write_options("db", "tbl");
    batch_identity batch{*kusto::base::guid::parse(source), data_format::csv};
    std::shared_ptr<kusto::service::ingest_channel> channel;

    auto upload(std::chrono::milliseconds limit = 10min)
    {
        if (!channel)
            channel = kusto::service::make_queued_channel(service, resources(), options);
        return channel->upload(batch, blocks, in(limit));
    }

    void add_blocks(int count)
    {
        for (int i = 0; i < count; ++i)
            blocks.add("b" + std::to_string(i));
        blocks.end();
    }

    step& expect_block(std::string account, std::string body)
    {
        return expect_put(std::move(account))
            .path(path + "?comp=block&")
            .body_is(std::move(body))
            .any_order();
    }

    step& expect_list(std::string account)
    {
        return expect_put(std::move(account)).path(path + "?comp=blocklist&");
    }

    /// Accounts a and b, a first.
    void two_accounts(std::string end = "2026-01-02T00:00:00Z")
    {
        expect_refresh({"a", "b"}, "s1", end);
        BOOST_REQUIRE(run(resources()->get(in(1min))).has_value());
        resources()->record(blob_host("b"), false);
    }
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(upload_recovery_tests, fixture)

BOOST_AUTO_TEST_CASE(a_503_is_retried_and_a_400_is_not_not_even_once)
{
    two_accounts();
    expect_put("a").reply(503, storage_error("ServerBusy"));
    expect_put("b");
    blocks.add("x");
    blocks.end();
    BOOST_TEST(run(upload()).has_value());
    BOOST_TEST(problems() == "");

    fixture f;
    f.two_accounts();
    f.expect_put("a").reply(400, storage_error("InvalidInput"));
    f.blocks.add("x");
    f.blocks.end();
    auto const got = f.run(f.upload());
    BOOST_REQUIRE(got.has_error());
    BOOST_TEST(!got.error().retryable());
    BOOST_TEST(got.error().attempts() == 1);
    BOOST_TEST(f.problems() == "");
}

BOOST_AUTO_TEST_CASE(a_retried_upload_sends_every_byte)
{
    two_accounts();
    expect_block("a", "b0");
    expect_block("a", "b1").reply(503, storage_error("ServerBusy"));
    expect_block("b", "b0");
    expect_block("b", "b1");
    expect_list("b");
    add_blocks(2);
    auto const got = run(upload());
    BOOST_REQUIRE_MESSAGE(got, got.error().describe());
    BOOST_TEST(got->size == 4u);
    BOOST_TEST(problems() == "");
}

BOOST_AUTO_TEST_CASE(the_second_try_uses_another_account)
{
    for (int const status : {408, 429, 500, 502, 503, 504})
    {
        fixture f;
        f.two_accounts();
        f.expect_put("a").body_is("whole").reply(status);
        f.expect_put("b").body_is("whole");
        f.blocks.add("whole");
        f.blocks.end();
        auto const got = f.run(f.upload());
        BOOST_REQUIRE_MESSAGE(got, got.error().describe());
        BOOST_TEST(got->location.host() == blob_host("b"));
        BOOST_TEST((f.time.passed() == 0s));
        BOOST_TEST(f.problems() == "");
    }
}

BOOST_AUTO_TEST_CASE(a_block_that_fails_in_passing_is_sent_again_by_itself)
{
    two_accounts();
    expect_block("a", "b0");
    expect_block("a", "b1").fail(lost_answer());
    expect_block("a", "b2");
    expect_block("a", "b1").reply(500, storage_error("InternalError"));
    expect_block("a", "b1");
    expect_list("a");
    add_blocks(3);
    auto const got = run(upload());
    BOOST_REQUIRE_MESSAGE(got, got.error().describe());
    BOOST_TEST(got->attempts == 1);
    BOOST_TEST(got->size == 6u);
    BOOST_TEST(problems() == "");
}

BOOST_AUTO_TEST_CASE(a_block_that_keeps_failing_moves_the_upload)
{
    two_accounts();
    expect_block("a", "b0");
    expect_block("a", "b1").reply(500).times(3);
    expect_block("b", "b0");
    expect_block("b", "b1");
    expect_list("b");
    add_blocks(2);
    auto const got = run(upload());
    BOOST_REQUIRE_MESSAGE(got, got.error().describe());
    BOOST_TEST(got->attempts == 2);
    BOOST_TEST(problems() == "");
}

BOOST_AUTO_TEST_CASE(on_the_same_account_acknowledged_blocks_are_not_sent_again)
{
    expect_refresh({"a"});
    expect_block("a", "b0");
    expect_block("a", "b1").reply(503, storage_error("ServerBusy"), {{"Retry-After", "2"}});
    expect_block("a", "b1");
    expect_list("a");
    add_blocks(2);
    auto const got = run(upload());
    BOOST_REQUIRE_MESSAGE(got, got.error().describe());
    BOOST_TEST(got->attempts == 2);
    BOOST_TEST(got->size == 4u);
    BOOST_TEST((time.passed() == 2s));
    BOOST_TEST(problems() == "");
    auto const& list = http->calls().back().body;
    for (std::size_t i = 0; i < 2; ++i)
        BOOST_TEST(list.find(kusto::wire::block_id(batch.source_id, i)) != list.npos);
}

BOOST_AUTO_TEST_CASE(sas_expiry_in_the_middle_of_an_upload_recovers)
{
    expect_refresh({"a"}, "s1");
    expect_block("a", "b0").target_contains("sig=s1");
    expect_block("a", "b1").target_contains("sig=s1");
    expect_block("a", "b2").target_contains("sig=s1").reply(403,
                                                            storage_error("AuthenticationFailed"));
    expect_refresh({"a"}, "s2");
    // Only the signature is new: what was acknowledged stays.
    expect_block("a", "b2").target_contains("sig=s2");
    expect_list("a").target_contains("sig=s2");
    add_blocks(3);
    auto const got = run(upload());
    BOOST_REQUIRE_MESSAGE(got, got.error().describe());
    BOOST_TEST(got->location.query().find("sig=s2") != std::string::npos);
    BOOST_TEST(got->size == 6u);
    BOOST_TEST(problems() == "");
}

BOOST_AUTO_TEST_CASE(sas_expiry_before_the_commit_recovers_in_another_container)
{
    expect_refresh({"a"}, "s1");
    expect_block("a", "b0");
    expect_block("a", "b1");
    expect_list("a").reply(403, storage_error("AuthenticationFailed"));
    expect_refresh({"z"}, "s2");
    expect_block("z", "b0");
    expect_block("z", "b1");
    expect_list("z");
    add_blocks(2);
    auto const got = run(upload());
    BOOST_REQUIRE_MESSAGE(got, got.error().describe());
    BOOST_TEST(got->location.host() == blob_host("z"));
    BOOST_TEST(problems() == "");
}

BOOST_AUTO_TEST_CASE(a_fresh_signature_that_is_refused_too_leads_to_another_account)
{
    two_accounts();
    expect_put("a").target_contains("sig=s1").reply(403, storage_error("AuthenticationFailed"));
    expect_refresh({"a", "b"}, "s2");
    expect_put("a").target_contains("sig=s2").reply(403, storage_error("AuthenticationFailed"));
    expect_put("b");
    blocks.add("x");
    blocks.end();
    auto const got = run(upload());
    BOOST_REQUIRE_MESSAGE(got, got.error().describe());
    BOOST_TEST(got->attempts == 3);
    BOOST_TEST(problems() == "");
}

BOOST_AUTO_TEST_CASE(a_container_that_is_gone_leads_to_another_account)
{
    two_accounts();
    expect_put("a").reply(404, storage_error("ContainerNotFound"));
    expect_refresh({"a", "b"}, "s2");
    expect_put("b");
    blocks.add("x");
    blocks.end();
    BOOST_TEST(run(upload()).has_value());
    BOOST_TEST(problems() == "");
}

BOOST_AUTO_TEST_CASE(a_silent_ingestion_service_does_not_keep_from_the_other_account)
{
    two_accounts();
    expect_put("a").reply(403, storage_error("AuthenticationFailed"));
    expect_command(resources_command).hang();
    expect_put("b");
    blocks.add("x");
    blocks.end();
    BOOST_TEST(run(upload()).has_value());
    BOOST_TEST((time.passed() == 30s));
    BOOST_TEST(problems() == "");
}

BOOST_AUTO_TEST_CASE(lost_blocks_are_sent_again_from_the_first)
{
    two_accounts();
    expect_block("a", "b0");
    expect_block("a", "b1");
    expect_list("a").reply(400, storage_error("InvalidBlockList"));
    expect_block("a", "b0");
    expect_block("a", "b1");
    expect_list("a");
    add_blocks(2);
    auto const got = run(upload());
    BOOST_REQUIRE_MESSAGE(got, got.error().describe());
    BOOST_TEST(got->attempts == 2);
    BOOST_TEST(problems() == "");
}

BOOST_AUTO_TEST_CASE(a_commit_whose_answer_was_lost_is_repeated_by_itself)
{
    two_accounts();
    expect_block("a", "b0");
    expect_block("a", "b1");
    expect_list("a").fail(lost_answer());
    expect_list("a");
    add_blocks(2);
    BOOST_TEST(run(upload()).has_value());
    BOOST_TEST(problems() == "");
}

BOOST_AUTO_TEST_CASE(a_blob_that_is_there_already_is_ours_only_after_a_lost_answer)
{
    for (char const* const code : {"BlobAlreadyExists", "UnauthorizedBlobOverwrite"})
    {
        int const status = code[0] == 'B' ? 409 : 403;
        fixture ours;
        ours.expect_refresh({"a"});
        ours.expect_put("a").fail(lost_answer());
        ours.expect_put("a").reply(status, storage_error(code));
        ours.blocks.add("x");
        ours.blocks.end();
        auto const got = ours.run(ours.upload());
        BOOST_REQUIRE_MESSAGE(got, got.error().describe());
        BOOST_TEST(got->size == 1u);
        BOOST_TEST(ours.problems() == "");

        fixture strange;
        strange.expect_refresh({"a"});
        strange.expect_put("a").reply(status, storage_error(code));
        strange.blocks.add("x");
        strange.blocks.end();
        auto const refused = strange.run(strange.upload());
        BOOST_REQUIRE(refused.has_error());
        BOOST_TEST(!refused.error().retryable());
        BOOST_TEST(strange.problems() == "");

        // A definite refusal is no lost answer, and neither is one at another address.
        fixture elsewhere;
        elsewhere.two_accounts();
        elsewhere.expect_put("a").fail(lost_answer());
        elsewhere.expect_put("b").reply(status, storage_error(code));
        elsewhere.blocks.add("x");
        elsewhere.blocks.end();
        BOOST_TEST(elsewhere.run(elsewhere.upload()).has_error());
        BOOST_TEST(elsewhere.problems() == "");
    }
}

BOOST_AUTO_TEST_CASE(a_blob_is_usable_until_shortly_before_its_signature_ends)
{
    struct row
    {
        char const* end;
        std::optional<std::chrono::minutes> usable;
    };
    for (auto const& r : {row{"2026-01-01T02:00:00Z", 110min}, row{"2026-01-01T00:10:00Z", 5min},
                          row{"2025-12-31T00:00:00Z", std::nullopt}, row{"x", std::nullopt}})
    {
        fixture f;
        f.expect_refresh({"a"}, "s1", r.end);
        f.expect_put("a");
        f.blocks.add("x");
        f.blocks.end();
        auto const got = f.run(f.upload());
        BOOST_REQUIRE_MESSAGE(got, got.error().describe());
        auto const expected = r.usable ? f.in(*r.usable) : deadline::never();
        BOOST_TEST((got->usable_until.when() == expected.when()));
    }
}

BOOST_AUTO_TEST_CASE(a_blob_whose_signature_ended_during_its_upload_is_not_usable)
{
    expect_refresh({"a"}, "s1", "2026-01-01T00:00:20Z");
    expect_put("a").hold();
    blocks.add("x");
    blocks.end();
    auto running = start(upload());
    advance(20s);
    http->release();
    settle(context);
    auto const got = *running.get();
    BOOST_REQUIRE_MESSAGE(got, got.error().describe());
    BOOST_TEST(got->usable_until.passed(time.now()));
}

BOOST_AUTO_TEST_CASE(a_jump_of_the_wall_clock_does_no_harm)
{
    for (auto const by : {-48h, 48h})
    {
        fixture f;
        f.expect_refresh({"a"}, "s1", "2026-01-01T02:00:00Z");
        BOOST_REQUIRE(f.run(f.resources()->get(f.in(1min))).has_value());
        f.time.jump_wall_clock(by);
        f.expect_put("a").target_contains("sig=s1");
        f.blocks.add("x");
        f.blocks.end();
        auto const got = f.run(f.upload());
        BOOST_REQUIRE_MESSAGE(got, got.error().describe());
        BOOST_TEST((got->usable_until.when() == f.in(110min).when()));
        // The resources keep their age as well.
        f.advance(40min);
        BOOST_TEST(f.run(f.resources()->get(f.in(1min))).has_value());
        BOOST_TEST(f.problems() == "");
    }
}

BOOST_AUTO_TEST_CASE(our_own_short_deadline_is_not_held_against_the_account)
{
    two_accounts();
    // a is as good as can be; b is not.
    expect_put("a").hang();
    blocks.add("x");
    blocks.end();
    BOOST_TEST(run(upload(5s)).has_error());
    std::vector<kusto::wire::storage_resource> const containers =
        run(resources()->get(in(1min))).value()->resources.containers;
    auto const order = resources()->order(containers);
    BOOST_TEST(containers[order[0]].account == blob_host("a"));
    BOOST_TEST(problems() == "");
}

BOOST_AUTO_TEST_CASE(mistakes_of_ours_are_not_held_against_the_account)
{
    two_accounts();
    expect_put("a").reply(400, storage_error("InvalidInput"));
    blocks.add("x");
    blocks.end();
    BOOST_TEST(run(upload()).has_error());
    std::vector<kusto::wire::storage_resource> const containers =
        run(resources()->get(in(1min))).value()->resources.containers;
    BOOST_TEST(containers[resources()->order(containers)[0]].account == blob_host("a"));
}

BOOST_AUTO_TEST_CASE(given_up_for_want_of_attempts_is_retryable)
{
    expect_refresh({"a"});
    expect_put("a").times(3).fail(
        failure(errc::connect_failed, stage::connect, "refused").retryable(true));
    blocks.add("x");
    blocks.end();
    auto const got = run(upload());
    BOOST_REQUIRE(got.has_error());
    BOOST_TEST(got.error().retryable());
    BOOST_TEST(got.error().attempts() == 3);
    BOOST_TEST((got.error().outcome() == outcome::failed));
}

BOOST_AUTO_TEST_SUITE_END()

#include <service/resource_manager.hpp>

#include "service_fixture.hpp"
#include <async/call_on.hpp>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/test/unit_test.hpp>

namespace
{

using namespace std::chrono_literals;
using namespace kusto::test;
using kusto::errc;
using kusto::failure;
using kusto::stage;
using kusto::service::snapshot_ptr;

std::string const no_resources =
    R"({"Tables":[{"TableName":"T","Columns":[{"ColumnName":"ResourceTypeName"},)"
    R"({"ColumnName":"StorageRoot"}],"Rows":[]}]})";

struct fixture : service_fixture
{
    snapshot_ptr get()
    {
        auto got = run(resources()->get(in(1min)));
        BOOST_REQUIRE_MESSAGE(got, got.error().describe());
        return *got;
    }
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(resource_manager_tests, fixture)

BOOST_AUTO_TEST_CASE(first_use_fetches_both)
{
    expect_refresh({"a", "b"});
    auto const s = get();
    BOOST_TEST(s->resources.containers.size() == 2u);
    BOOST_TEST(s->resources.queues.size() == 2u);
    BOOST_TEST(s->identity_token == "identity-s1");
    BOOST_TEST(s->resources.containers[0].location.query().find("sig=s1%2B%3D") !=
               std::string::npos);
    BOOST_TEST(get() == s);
    BOOST_TEST(problems() == "");
}

BOOST_AUTO_TEST_CASE(who_gave_one_url_of_a_host_without_naming_rule_is_told_to_give_both)
{
    struct row
    {
        char const* host;
        int status;
        char const* type; ///< of the error; empty: the answer is no error object
        char const* advice;
    };
    constexpr auto wrong = "Kusto.Common.Svc.Exceptions.AdminCommandWrongEndpointException";
    for (auto const& r :
         {row{"127.0.0.1", 400, wrong, "set connection_options::ingestion_url"},
          row{"localhost", 400, "Kusto.Data.Exceptions.SyntaxException", "from localhost: set"},
          row{"localhost", 404, "", "set connection_options::ingestion_url"},
          row{"localhost", 401, "", ""},
          row{"ade.loganalytics.io", 400, wrong, "answers queries only"},
          row{"c.westeurope.kusto.windows.net", 400, wrong, ""}})
    {
        auto const place = kusto::base::url::parse("https://" + std::string(r.host)).value();
        auto const manager = std::make_shared<kusto::service::resource_manager>(
            service,
            std::make_shared<kusto::service::management_client const>(service, tokens, place));
        auto const body = *r.type == '\0' ? "" : one_api_error("BadRequest", r.type, true);
        http->expect(kusto::async::http_method::post, r.host)
            .times(r.status == 401 ? 2 : 1)
            .reply(r.status, body);
        auto const got = run(manager->get(in(1min)));
        BOOST_TEST_CONTEXT(r.host << ' ' << r.status)
        {
            BOOST_REQUIRE(got.has_error());
            auto const told = got.error().message();
            BOOST_TEST(told.find(r.advice) != std::string::npos, told);
            if (*r.advice == '\0')
                BOOST_TEST(told.find("set connection_options") == std::string::npos, told);
        }
        manager->stop();
    }
    BOOST_TEST(problems() == "");
}

BOOST_AUTO_TEST_CASE(a_refresh_storm_is_one_request)
{
    expect_command(resources_command)
        .hold()
        .reply(200, resources_reply({"a"}, "s1", "2026-01-02T00:00:00Z"));
    expect_command(token_command).reply(200, identity_reply("i"));
    auto a = start(resources()->get(in(1min)));
    auto b = start(resources()->get(in(1min)));
    auto c = start(resources()->get(in(10s)));
    BOOST_TEST(http->calls().size() == 1u);
    advance(10s);
    BOOST_TEST((c.get()->error().code() == errc::timed_out));
    BOOST_TEST((c.get()->error().where() == stage::resources));
    http->release();
    settle(context);
    BOOST_TEST(a.get()->value() == b.get()->value());
    BOOST_TEST(problems() == "");
}

BOOST_AUTO_TEST_CASE(who_waits_in_vain_for_a_token_is_told_so)
{
    expect_command(resources_command).times(2).hang();
    tokens->missing = "a token from the oracle";
    auto const late = run(resources()->get(in(10s)));
    BOOST_REQUIRE(late.has_error());
    BOOST_TEST((late.error().where() == stage::resources));
    BOOST_TEST(late.error().message().ends_with("(waiting for a token from the oracle)"));
    BOOST_TEST(late.error().host() == dm_host);
    BOOST_TEST(late.error().retryable());
    tokens->missing.clear();
    auto const silent = run(resources()->get(in(10s)));
    BOOST_REQUIRE(silent.has_error());
    BOOST_TEST(silent.error().message().ends_with("within the deadline"));
}

BOOST_AUTO_TEST_CASE(stale_values_are_served_while_one_refresh_runs)
{
    expect_refresh({"a"}, "s1");
    auto const old = get();
    expect_command(resources_command)
        .hold()
        .reply(200, resources_reply({"a"}, "s2", "2026-01-03T00:00:00Z"));
    expect_command(token_command).reply(200, identity_reply("i2"));
    advance(53min);
    BOOST_TEST(get() == old);
    BOOST_TEST(http->calls().size() == 2u);
    advance(14min);
    BOOST_TEST(get() == old);
    BOOST_TEST(get() == old);
    settle(context);
    BOOST_TEST(http->waiting() == 1u);
    http->release();
    settle(context);
    auto const fresh = get();
    BOOST_TEST(fresh != old);
    BOOST_TEST(fresh->identity_token == "i2");
    BOOST_TEST(problems() == "");
}

BOOST_AUTO_TEST_CASE(a_short_signature_is_renewed_at_half_its_time)
{
    expect_refresh({"a"}, "s1", "2026-01-01T00:00:10Z");
    auto const old = get();
    advance(4900ms);
    BOOST_TEST(get() == old);
    BOOST_TEST(problems() == "");
    expect_refresh({"a"}, "s2", "2026-01-01T00:00:20Z");
    advance(100ms);
    BOOST_TEST(get() == old);
    settle(context);
    BOOST_TEST(get() != old);
    BOOST_TEST(problems() == "");
}

BOOST_AUTO_TEST_CASE(a_failed_refresh_keeps_the_old_set_until_it_expires)
{
    expect_refresh({"a"}, "s1", "2026-01-01T00:10:00Z"); // hard limit after 8 min
    auto const old = get();
    expect_command(resources_command).times(3).reply(503);
    advance(5min);
    BOOST_TEST(get() == old);
    // Three attempts with pauses of at most 1 s and 2 s.
    for (int i = 0; i < 4; ++i)
        advance(1s);
    BOOST_TEST(get() == old);
    BOOST_TEST(problems() == "");
    advance(30s);
    BOOST_TEST(get() == old); // within the pause of a minute: not asked again
    BOOST_TEST(problems() == "");
    expect_command(resources_command).times(3).reply(503);
    advance(150s);
    auto const expired = run(resources()->get(in(1min)));
    BOOST_REQUIRE(expired.has_error());
    BOOST_TEST(expired.error().status() == 503);
    auto const again = run(resources()->get(in(1min)));
    BOOST_REQUIRE(again.has_error()); // remembered for a moment, not asked again
    BOOST_TEST(problems() == "");
}

BOOST_AUTO_TEST_CASE(an_empty_list_never_replaces_a_good_set)
{
    expect_refresh({"a"}, "s1");
    auto const old = get();
    expect_command(resources_command).reply(200, no_resources);
    advance(70min);
    BOOST_TEST(get() == old);
    settle(context);
    BOOST_TEST(get() == old);
    BOOST_TEST(problems() == "");
}

BOOST_AUTO_TEST_CASE(an_empty_list_at_first_is_an_error)
{
    expect_command(resources_command).reply(200, no_resources);
    auto const got = run(resources()->get(in(1min)));
    BOOST_REQUIRE(got.has_error());
    BOOST_TEST((got.error().code() == errc::no_resources));
    BOOST_TEST(got.error().host() == dm_host);
}

BOOST_AUTO_TEST_CASE(refused_addresses_are_replaced_once_for_all)
{
    expect_refresh({"a"}, "s1");
    auto const old = get();
    expect_command(resources_command)
        .hold()
        .reply(200, resources_reply({"a"}, "s2", "2026-01-02T00:00:00Z"));
    expect_command(token_command).reply(200, identity_reply("i2"));
    auto a = start(resources()->replace(old, in(1min)));
    auto b = start(resources()->replace(old, in(1min)));
    http->release();
    settle(context);
    auto const fresh = a.get()->value();
    BOOST_TEST(fresh != old);
    BOOST_TEST(b.get()->value() == fresh);
    // Somebody who was late: the newer one is there.
    BOOST_TEST(run(resources()->replace(old, in(1min))).value() == fresh);
    // The new one is refused too: not asked again within 30 s.
    BOOST_TEST(run(resources()->replace(fresh, in(1min))).value() == fresh);
    BOOST_TEST(problems() == "");
    advance(30s);
    BOOST_TEST(run(resources()->replace(old, in(1min))).value() == fresh);
    BOOST_TEST(problems() == "");
    expect_refresh({"a"}, "s3");
    BOOST_TEST(run(resources()->replace(fresh, in(1min))).value() != fresh);
    BOOST_TEST(problems() == "");
}

BOOST_AUTO_TEST_CASE(a_failed_replacement_keeps_the_old_set)
{
    expect_refresh({"a"}, "s1");
    auto const old = get();
    expect_command(resources_command).reply(400, one_api_error("BadRequest", "T", true));
    BOOST_TEST(run(resources()->replace(old, in(1min))).value() == old);
    BOOST_TEST(problems() == "");
}

BOOST_AUTO_TEST_CASE(stop_ends_the_wait)
{
    expect_command(resources_command).hang();
    auto a = start(resources()->get(in(1h)));
    resources()->stop();
    settle(context);
    BOOST_TEST((a.get()->error().code() == errc::closed));
    BOOST_TEST((run(resources()->get(in(1min))).error().code() == errc::closed));
    BOOST_TEST(http->calls().size() == 1u);
    BOOST_TEST(http->waiting() == 0u);
}

BOOST_AUTO_TEST_CASE(a_cancelled_wait_leaves_the_request)
{
    expect_command(resources_command)
        .hold()
        .reply(200, resources_reply({"a"}, "s1", "2026-01-02T00:00:00Z"));
    expect_command(token_command).reply(200, identity_reply("i"));
    boost::asio::cancellation_signal stop;
    bool thrown = false;
    boost::asio::co_spawn(context, resources()->get(in(1min)),
                          boost::asio::bind_cancellation_slot(stop.slot(),
                                                              [&](std::exception_ptr e, auto)
                                                              { thrown = e != nullptr; }));
    settle(context);
    kusto::test::cancel(context, stop);
    settle(context);
    BOOST_TEST(thrown);
    http->release();
    settle(context);
    BOOST_TEST(get()->identity_token == "i");
    BOOST_TEST(problems() == "");
}

namespace
{

/// Cached for ten minutes; signatures live for a day.
struct short_cache : service_fixture
{
    short_cache()
        : service_fixture(kusto::connection_options("https://c.westeurope.kusto.windows.net")
                              .retry(kusto::retry_options().attempts(1).cache_expiration(10min)))
    {
    }
    snapshot_ptr get() { return run(resources()->get(in(1min))).value(); }
};

} // namespace

BOOST_FIXTURE_TEST_CASE(renewed_at_half_of_the_cache_expiration, short_cache)
{
    expect_refresh({"a"}, "s1");
    auto const old = get();
    advance(4min + 29s);
    BOOST_TEST(get() == old);
    BOOST_TEST(problems() == "");
    expect_refresh({"a"}, "s2");
    advance(62s); // half, give or take a tenth
    BOOST_TEST(get() == old);
    settle(context);
    BOOST_TEST(get() != old);
    BOOST_TEST(problems() == "");
}

BOOST_FIXTURE_TEST_CASE(beyond_the_cache_expiration_newer_ones_are_waited_for, short_cache)
{
    expect_refresh({"a"}, "s1");
    auto const old = get();
    expect_refresh({"a"}, "s2");
    advance(10min);
    BOOST_TEST(get() != old);
    BOOST_TEST(problems() == "");
}

BOOST_FIXTURE_TEST_CASE(beyond_the_cache_expiration_old_ones_do_while_no_newer_can_be_had,
                        short_cache)
{
    expect_refresh({"a"}, "s1");
    auto const old = get();
    expect_command(resources_command).reply(503);
    advance(10min);
    BOOST_TEST(get() == old);
    BOOST_TEST(get() == old); // not asked again for a minute
    BOOST_TEST(problems() == "");
    // A service that says nothing costs a batch half a minute.
    expect_command(resources_command).hang();
    advance(75s);
    auto const before = time.passed();
    BOOST_TEST(get() == old);
    BOOST_TEST((time.passed() - before == 30s));
    BOOST_TEST(problems() == "");
}

BOOST_AUTO_TEST_CASE(garbage_passes_only_where_resources_were_had_before)
{
    expect_command(resources_command).reply(200, "<html>");
    auto const first = run(resources()->get(in(1min)));
    BOOST_REQUIRE(first.has_error());
    BOOST_TEST((first.error().code() == kusto::errc::malformed_reply));
    BOOST_TEST(!first.error().retryable());
    advance(3s);
    expect_refresh({"a"});
    BOOST_TEST(run(resources()->get(in(1min))).has_value());
    time.advance(48h); // its signatures are over
    expect_command(resources_command).reply(200, "<html>");
    auto const later = run(resources()->get(in(1min)));
    BOOST_REQUIRE(later.has_error());
    BOOST_TEST((later.error().code() == kusto::errc::malformed_reply));
    BOOST_TEST(later.error().retryable());
    BOOST_TEST(problems() == "");
}

BOOST_AUTO_TEST_SUITE_END()

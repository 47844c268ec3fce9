#include <emulator/fault_session.hpp>
#include <future>
#include <thread>

using namespace kusto::emulator;
using namespace cluster_test;

namespace
{

using clock_type = std::chrono::steady_clock;

/// Longer than any test may take: whoever waits for it has not been released.
constexpr auto very_long = std::chrono::minutes(60);

bool throws(std::function<void()> const& act)
{
    try
    {
        act();
        return false;
    }
    catch (std::exception const& error)
    {
        BOOST_TEST_MESSAGE(error.what());
        return true;
    }
}

/// Waits until something that another thread does has happened.
void await(std::function<bool()> const& happened)
{
    auto const limit = clock_type::now() + 30s;
    while (!happened() && clock_type::now() < limit)
        std::this_thread::yield();
    BOOST_REQUIRE(happened());
}

template <class Act>
std::chrono::milliseconds duration_of(Act&& act)
{
    auto const start = clock_type::now();
    act();
    return std::chrono::duration_cast<std::chrono::milliseconds>(clock_type::now() - start);
}

struct ending
{
    fault (*rule)();
    bool executed;
};

} // namespace

BOOST_AUTO_TEST_SUITE(transport_faults)

BOOST_AUTO_TEST_CASE(connections_close_at_every_stage)
{
    for (bool const tls : {true, false})
    {
        for (auto const& [rule, executed] :
             {ending{fault::close_before_body, false}, ending{fault::close_mid_body, false},
              ending{fault::close_after_body, false}, ending{fault::drop_answer, true},
              ending{fault::answer_partly, true}})
        {
            fault_session it(quick().tls(tls));
            it.faults(rule().on(fault_route::put_blob));
            std::string const content(3'000'000, 'x');
            BOOST_TEST(throws([&] { it.client.put("a.csv", content); }));
            BOOST_TEST(it.local.counts().blobs_put == (executed ? 2U : 1U));
            BOOST_TEST(it.count().applied == 1U);
            BOOST_TEST(throws([&] { it.client.put("a.csv", content); }));
            it.faults();
            session fresh(it.local, it.client);
            BOOST_TEST(fresh.put("a.csv", content).status == 201);
        }
    }
}

BOOST_AUTO_TEST_CASE(a_message_whose_answer_was_dropped_is_ingested)
{
    fault_session it;
    it.faults(fault::drop_answer().on(fault_route::put_message));
    BOOST_TEST(throws([&] { it.send(fault_route::put_message); }));
    BOOST_TEST(it.local.wait_until_idle(30s));
    BOOST_TEST(it.local.scalar("NetDefaultDB", "T | count") == "1");
}

BOOST_AUTO_TEST_CASE(commands_are_closed_by_their_text)
{
    fault_session it;
    it.faults(fault::close_before_body().on(fault_route::identity),
              fault::close_mid_body().on(fault_route::version));
    BOOST_TEST(it.send(fault_route::resources).status == 200);
    BOOST_TEST(throws([&] { it.send(fault_route::identity); }));
    BOOST_TEST(throws([&] { it.send(fault_route::version); }));
    BOOST_TEST(it.count(0).applied == 1U);
    BOOST_TEST(it.count(1).applied == 1U);
}

BOOST_AUTO_TEST_CASE(half_an_answer_has_a_head_and_no_end)
{
    fault_session it(quick().tls(false));
    it.faults(fault::answer_partly());
    BOOST_TEST(throws([&] { it.send(fault_route::query); }));
    BOOST_TEST(it.count().applied == 1U);
}

BOOST_AUTO_TEST_CASE(a_kept_connection_is_stale)
{
    for (bool const tls : {true, false})
    {
        fault_session it(quick().tls(tls));
        it.faults(fault::close_idle().on(fault_route::put_blob).times(1));
        auto const answer = it.send(fault_route::put_blob);
        BOOST_TEST(answer.status == 201);
        BOOST_TEST(answer.header("Connection") != "close");
        BOOST_TEST(throws([&] { it.send(fault_route::put_blob); }));
        BOOST_TEST(it.local.counts().blobs_put == 2U);
        session fresh(it.local, it.client);
        BOOST_TEST(fresh.put("b.csv", "x").status == 201);
    }
}

BOOST_AUTO_TEST_CASE(silence_lasts_and_blocks_nobody_else)
{
    for (auto const& [rule, executed] :
         {ending{fault::never_answer, false}, ending{fault::never_answer_after, true}})
    {
        fault_session it;
        it.faults(rule().on(fault_route::put_blob).times(1));
        auto waiting = std::async(std::launch::async,
                                  [&] { return throws([&] { it.send(fault_route::put_blob); }); });
        await([&] { return it.count().applied == 1; });
        session other(it.local, it.client);
        BOOST_TEST(other.put("b.csv", "x").status == 201);
        BOOST_TEST(other.post(other.message("there.csv", 6)).status == 201);
        BOOST_TEST(it.local.wait_until_idle(30s));
        BOOST_TEST((waiting.wait_for(0s) == std::future_status::timeout));
        it.local.stop();
        BOOST_TEST(waiting.get());
        BOOST_TEST(it.local.counts().blobs_put == (executed ? 3U : 2U));
    }
}

BOOST_AUTO_TEST_CASE(a_client_may_leave_a_silent_connection)
{
    fault_session it;
    it.faults(fault::never_answer().on(fault_route::put_blob));
    for (int i = 1; i <= 20; ++i)
    {
        https_client leaving(it.local.storage_url(), it.local.ca_pem());
        leaving.write("PUT " + target_of(it.client.blob_url("x")) +
                      " HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\n12345");
        await([&] { return it.count().applied == static_cast<std::uint64_t>(i); });
    }
    BOOST_TEST(it.send(fault_route::get_blob).status == 200);
}

BOOST_AUTO_TEST_CASE(new_connections_stay_without_a_handshake)
{
    fault_session it;
    it.faults(fault::accept_never().on(fault_route::put_blob));
    // Connections from before are not concerned, nor are the other ports.
    BOOST_TEST(it.send(fault_route::put_blob).status == 201);
    BOOST_CHECK_NO_THROW(https_client(it.local.engine_url(), it.local.ca_pem()));
    auto waiting = std::async(
        std::launch::async,
        [&] { return throws([&] { https_client(it.local.storage_url(), it.local.ca_pem()); }); });
    await([&] { return it.count().applied == 1; });
    it.faults();
    BOOST_CHECK_NO_THROW(https_client(it.local.storage_url(), it.local.ca_pem()));
    BOOST_TEST((waiting.wait_for(0s) == std::future_status::timeout));
    it.local.stop();
    BOOST_TEST(waiting.get());
}

BOOST_AUTO_TEST_CASE(delays_and_latencies_add_up)
{
    fault_session it;
    it.faults(fault::delay(30ms).on(fault_route::metadata), fault::latency(20ms));
    BOOST_TEST(duration_of([&] { it.send(fault_route::metadata); }).count() >= 50);
    BOOST_TEST(duration_of([&] { it.send(fault_route::query); }).count() >= 20);
    BOOST_TEST(it.count(0).applied == 1U);
    BOOST_TEST(it.count(1).applied == 2U);
}

BOOST_AUTO_TEST_CASE(a_held_request_keeps_neither_thread_nor_stop)
{
    fault_session it;
    it.faults(fault::delay(very_long).on(fault_route::put_blob));
    auto waiting = std::async(std::launch::async,
                              [&] { return throws([&] { it.send(fault_route::put_blob); }); });
    await([&] { return it.count().applied == 1; });
    BOOST_TEST(it.send(fault_route::metadata).status == 200);
    BOOST_TEST(duration_of([&] { it.local.stop(); }).count() < 20'000);
    BOOST_TEST(waiting.get());
    BOOST_TEST(it.local.counts().blobs_put == 1U);
}

BOOST_AUTO_TEST_CASE(an_answer_drips)
{
    fault_session it;
    auto const whole = it.send(fault_route::metadata).body;
    it.faults(fault::drip(whole.size() / 5, 5ms));
    std::string dripped;
    auto const time = duration_of([&] { dripped = it.send(fault_route::metadata).body; });
    BOOST_TEST(dripped == whole);
    BOOST_TEST(time.count() >= 25);
    // The connection is good for more.
    BOOST_TEST(it.send(fault_route::get_blob).body == "1,one\n");
}

BOOST_AUTO_TEST_CASE(a_line_of_limited_width_is_shared)
{
    fault_session it;
    it.faults(fault::bandwidth(1'000'000));
    session other(it.local, it.client);
    std::string const content(60'000, 'x');
    auto const time = duration_of(
        [&]
        {
            auto second =
                std::async(std::launch::async, [&] { return other.put("o", content).status; });
            BOOST_TEST(it.client.put("i", content).status == 201);
            BOOST_TEST(second.get() == 201);
        });
    BOOST_TEST(time.count() >= 115);
    auto const back = duration_of(
        [&]
        {
            auto const answer = it.client.store.send("GET", target_of(it.client.blob_url("i")),
                                                     {{"x-ms-version", "2021-12-02"}});
            BOOST_TEST(answer.body == content);
        });
    BOOST_TEST(back.count() >= 55);
    // Commands are planned by their bodies, which count all the same.
    it.faults(fault::bandwidth(1000));
    BOOST_TEST(duration_of([&] { it.send(fault_route::identity); }).count() >= 40);
}

BOOST_AUTO_TEST_SUITE_END()

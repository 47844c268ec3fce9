#include "identity_fixture.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <functional>

using namespace kusto;
using namespace kusto::test;
using namespace std::chrono_literals;
namespace asio = boost::asio;

namespace
{

class probing_fixture : public identity_fixture
{
public:
    probing_fixture() { make(identity_id::system(), true); }

    step& expect_probe()
    {
        return expect(imds_host)
            .no_header("Metadata")
            .when([](seen_request const& r) { return r.target.query().empty(); });
    }
    step& expect_token() { return expect(imds_host).header("Metadata", "true"); }
};

failure not_connected()
{
    return failure(errc::connect_failed, stage::connect, "connection refused").retryable(true);
}

} // namespace

BOOST_AUTO_TEST_SUITE(imds_test)

BOOST_FIXTURE_TEST_CASE(it_is_asked_again_while_it_is_not_ready, identity_fixture)
{
    expect(imds_host).times(2).reply(404);
    expect(imds_host).reply(200, text_token("one"));
    make();
    auto const got = get();
    BOOST_REQUIRE(got);
    BOOST_TEST(got->value.reveal() == "one");
    BOOST_TEST((time.passed() >= 6s && time.passed() <= 8s));
    BOOST_TEST((got->asked->at == time.now())); // the one that was answered
    check_requests();
}

BOOST_FIXTURE_TEST_CASE(it_is_waited_for_while_it_is_renewed, identity_fixture)
{
    auto const renewed = [this](seen_request const&) { return time.passed() >= 65s; };
    expect(imds_host).any_order().when(std::not_fn(renewed)).times(99).reply(410);
    expect(imds_host).any_order().when(renewed).reply(200, text_token("one"));
    make();
    BOOST_TEST(text() == "one");
    BOOST_TEST((time.passed() >= 65s && time.passed() < 80s));
}

BOOST_FIXTURE_TEST_CASE(it_is_not_waited_for_forever, identity_fixture)
{
    expect(imds_host).times(99).reply(410);
    make();
    auto const why = refusal();
    BOOST_TEST((why.code() == errc::service_unavailable));
    BOOST_TEST(why.status() == 410);
    BOOST_TEST((time.passed() >= 70s && time.passed() < 85s));
}

BOOST_FIXTURE_TEST_CASE(its_wish_to_wait_is_kept_to, identity_fixture)
{
    expect(imds_host).reply(429, R"({"error":"busy"})", {{"Retry-After", "17"}});
    expect(imds_host).reply(200, text_token("one"));
    make();
    BOOST_TEST(text() == "one");
    BOOST_TEST((time.passed() == 17s));
}

BOOST_FIXTURE_TEST_CASE(patience_ends_with_the_deadline, identity_fixture)
{
    expect(imds_host).times(3).reply(500);
    make();
    auto const got = get(10s);
    BOOST_REQUIRE(!got);
    BOOST_TEST(got.error().attempts() == 3);
    BOOST_TEST((time.passed() < 10s));
    check_requests();
}

BOOST_FIXTURE_TEST_CASE(each_attempt_has_a_limit, identity_fixture)
{
    expect(imds_host).hang();
    expect(imds_host).reply(200, text_token("one"));
    make();
    BOOST_TEST(text() == "one");
    BOOST_TEST((time.passed() >= 32s && time.passed() <= 33s));
    check_requests();
}

BOOST_FIXTURE_TEST_CASE(a_refusal_is_final_and_says_what_to_do, identity_fixture)
{
    expect(imds_host).reply(
        400, R"({"error":"invalid_request","error_description":"Identity not found"})");
    make(identity_id::client(client_id));
    auto const why = refusal();
    BOOST_TEST((why.code() == errc::authentication_failed));
    BOOST_TEST(why.service_code() == "invalid_request");
    BOOST_TEST(why.server_text() == "Identity not found");
    BOOST_TEST(!why.retryable());
    BOOST_TEST(has(why.message(), "is the selected identity assigned to this resource?"));
    BOOST_TEST(has(why.message(),
                   "managed identity with client id " + std::string(client_id) + ", from IMDS"));
    check_discretion(why);
    expect(imds_host).reply(400, R"({"error":"invalid_request"})");
    make();
    auto const none = refusal();
    BOOST_TEST((none.code() == errc::authentication_failed));
    BOOST_TEST(has(none.message(), "select one of them by its client id"));
}

BOOST_FIXTURE_TEST_CASE(a_probe_shows_that_it_is_there, probing_fixture)
{
    expect_probe().reply(400, R"({"error":"invalid_request"})");
    expect_token().reply(200, text_token("one"));
    expect_token().reply(503);
    expect_token().reply(200, text_token("two"));
    BOOST_TEST(text() == "one");
    BOOST_TEST(text() == "two"); // not probed again, and normally repeated
    check_requests();
}

BOOST_FIXTURE_TEST_CASE(a_probe_without_answer_takes_a_second, probing_fixture)
{
    expect_probe().hang_connecting();
    auto const why = refusal();
    BOOST_TEST((why.code() == errc::credential_unavailable));
    BOOST_TEST(has(why.message(), "there is no IMDS on this machine"));
    BOOST_TEST(has(why.message(), "managed identity of the system, from IMDS"));
    BOOST_TEST((time.passed() == 1s));
    // It may have been renewed just then: the next one asks again.
    expect_probe().reply(404);
    expect_token().reply(200, text_token("one"));
    BOOST_TEST(text() == "one");
    check_requests();
}

BOOST_FIXTURE_TEST_CASE(what_answers_in_its_place_is_recognised, probing_fixture)
{
    expect_probe().fail(not_connected());
    expect_probe().reply(403, "connecting to 169.254.169.254:80: host is unreachable");
    expect_probe().reply(200, "<html>welcome</html>");
    expect_probe().reply(400);
    expect_token().reply(200, "<html>welcome</html>");
    for (int i = 0; i < 4; ++i)
        BOOST_TEST((refusal().code() == errc::credential_unavailable));
    BOOST_TEST((time.passed() == 0s));
    check_requests();
}

BOOST_FIXTURE_TEST_CASE(what_answers_in_its_place_is_recognised_later_too, probing_fixture)
{
    expect_probe().reply(503); // passes for IMDS
    expect_token().reply(403, "connecting to 169.254.169.254:80: host is unreachable");
    BOOST_TEST((refusal().code() == errc::credential_unavailable));
    expect_probe().reply(403, "connecting to 169.254.169.254:80: host is unreachable");
    BOOST_TEST((refusal().code() == errc::credential_unavailable));
    check_requests();
}

BOOST_FIXTURE_TEST_CASE(a_chain_goes_on_when_the_machine_has_no_identity, probing_fixture)
{
    expect_probe().reply(400);
    expect_token().reply(400,
                         R"({"error":"invalid_request","error_description":"Identity not found"})");
    auto const why = refusal();
    BOOST_TEST((why.code() == errc::credential_unavailable));
    BOOST_TEST(has(why.message(), "this machine has no identity"));
    BOOST_TEST(why.service_code() == "invalid_request");
    // One that was asked for by its id is a mistake to be told.
    make(identity_id::client(client_id), true);
    expect_probe().reply(400);
    expect_token().reply(400, R"({"error":"invalid_request"})");
    BOOST_TEST((refusal().code() == errc::authentication_failed));
    check_requests();
}

BOOST_FIXTURE_TEST_CASE(a_chain_does_not_go_on_when_what_the_token_is_for_is_not_known,
                        probing_fixture)
{
    expect_probe().reply(400);
    expect_token().reply(400, R"({"error":"invalid_resource","error_description":"x"})");
    auto const why = refusal();
    BOOST_TEST((why.code() == errc::authentication_failed));
    BOOST_TEST(has(why.message(), "was the cluster's cloud detected rightly?"));
    check_requests();
}

BOOST_FIXTURE_TEST_CASE(without_a_chain_its_absence_is_a_failure_of_the_network, identity_fixture)
{
    expect(imds_host).times(6).fail(not_connected());
    make();
    auto const why = refusal();
    BOOST_TEST((why.code() == errc::connect_failed));
    BOOST_TEST(why.attempts() == 6);
    expect(imds_host).reply(200, "<html>welcome</html>");
    BOOST_TEST((refusal().code() == errc::malformed_reply));
    check_requests();
}

BOOST_FIXTURE_TEST_CASE(waits_and_requests_can_be_cancelled, identity_fixture)
{
    auth::token_wish const wish("https://x/.default", "", "");
    for (bool const hang : {true, false})
    {
        if (hang)
            expect(imds_host).hang();
        else
            expect(imds_host).reply(503);
        make();
        asio::cancellation_signal signal;
        bool done = false;
        auto op = test::detail::as_optional(source->acquire(wish, deadline(time.now() + 100s)));
        auto const note = [&](std::exception_ptr thrown, auto const&) { done = thrown != nullptr; };
        asio::co_spawn(context, std::move(op), asio::bind_cancellation_slot(signal.slot(), note));
        settle(context);
        BOOST_TEST(!done);
        cancel(context, signal);
        BOOST_TEST(done);
        BOOST_TEST(time.waits() == 0u);
    }
    check_requests();
}

BOOST_AUTO_TEST_SUITE_END()

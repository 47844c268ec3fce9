#include "fixture.hpp"

using namespace kusto;
using namespace kusto::test;
using namespace std::chrono_literals;

namespace
{

constexpr char const* claims = R"({"access_token":{"nbf":{"value":"1"}}})";
constexpr char const* claims_field =
    "claims=%7B%22access_token%22%3A%7B%22nbf%22%3A%7B%22value%22%3A%221%22%7D%7D%7D";

class claims_fixture : public auth_fixture
{
public:
    claims_fixture()
    {
        expect_metadata().reply(404);
        expect_plain().reply(200, token_json("one"));
        make();
        BOOST_TEST(text() == "one");
    }

    step& expect_plain()
    {
        return expect_token().when([](seen_request const& request)
                                   { return !has(request.body, "claims="); });
    }
    step& expect_demanded() { return expect_token().body_contains(claims_field); }
};

} // namespace

BOOST_AUTO_TEST_SUITE(claims_test)

BOOST_FIXTURE_TEST_CASE(demands_are_passed_on_once, claims_fixture)
{
    expect_demanded().reply(200, token_json("two"));
    expect_plain().reply(200, token_json("three"));
    provider->invalidate(1, claims);
    BOOST_TEST(text() == "two");
    BOOST_TEST(text() == "two");
    time.advance(3590s); // expired by itself
    BOOST_TEST(text() == "three");
    BOOST_TEST(transport->problems().empty(), transport->problems());
}

BOOST_FIXTURE_TEST_CASE(a_failure_does_not_forget_them, claims_fixture)
{
    expect_demanded().times(3).reply(503);
    expect_demanded().reply(200, token_json("two"));
    provider->invalidate(1, claims);
    BOOST_TEST(!get());
    time.advance(10min);
    BOOST_TEST(text() == "two");
    BOOST_TEST(transport->problems().empty(), transport->problems());
}

BOOST_FIXTURE_TEST_CASE(demands_that_cannot_be_met_are_not_made_for_ever, claims_fixture)
{
    expect_demanded().reply(400, R"({"error":"invalid_grant"})");
    expect_plain().reply(200, token_json("two"));
    provider->invalidate(1, claims);
    BOOST_TEST(!get());
    // Who asks all the time does not make the service go round in circles.
    time.advance(59s);
    BOOST_TEST(!get());
    time.advance(1s);
    BOOST_TEST(text() == "two");
    expect_demanded().reply(200, token_json("three"));
    provider->invalidate(2, claims);
    BOOST_TEST(text() == "three");
    BOOST_TEST(transport->problems().empty(), transport->problems());
}

BOOST_FIXTURE_TEST_CASE(new_demands_outlive_the_refusal_of_older_ones, claims_fixture)
{
    expect_plain().hold().reply(400, R"({"error":"invalid_grant"})");
    time.advance(3400s); // due
    BOOST_TEST(text() == "one");
    settle(context);
    provider->invalidate(1, claims);
    transport->release();
    settle(context);
    BOOST_TEST(!get());
    time.advance(10min);
    expect_demanded().reply(200, token_json("two"));
    BOOST_TEST(text() == "two");
    BOOST_TEST(transport->problems().empty(), transport->problems());
}

BOOST_FIXTURE_TEST_CASE(demands_of_an_older_token_do_not_count, claims_fixture)
{
    provider->invalidate(0, claims);
    BOOST_TEST(text() == "one");
    BOOST_TEST(transport->problems().empty(), transport->problems());
}

BOOST_FIXTURE_TEST_CASE(demands_during_a_renewal_make_another_one, claims_fixture)
{
    expect_plain().hold().reply(200, token_json("scant"));
    expect_demanded().reply(200, token_json("enough"));
    time.advance(3400s); // due
    BOOST_TEST(text() == "one");
    settle(context);
    BOOST_TEST(transport->waiting() == 1u);
    provider->invalidate(1, claims);
    auto waiter = start(context.get_executor(), provider->get(deadline(time.now() + 60s)));
    settle(context);
    BOOST_TEST(!waiter.done());
    transport->release();
    settle(context);
    BOOST_REQUIRE(waiter.done());
    auto const got = *waiter.get();
    BOOST_REQUIRE(got);
    BOOST_TEST(got->value.reveal() == "enough");
    BOOST_TEST(transport->problems().empty(), transport->problems());
}

BOOST_FIXTURE_TEST_CASE(a_later_refusal_of_the_same_token_does_not_forget_them, claims_fixture)
{
    expect_demanded().reply(200, token_json("two"));
    provider->invalidate(1, claims);
    provider->invalidate(1); // a request that was under way, refused by something else
    BOOST_TEST(text() == "two");
    BOOST_TEST(transport->problems().empty(), transport->problems());
}

BOOST_AUTO_TEST_SUITE_END()

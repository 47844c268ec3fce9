// From when on, and until when, a token counts: by whom it was issued, and on whose clock.
#include "log_fixture.hpp"

using namespace kusto;
using namespace kusto::test;
using namespace std::chrono_literals;

namespace
{

/// The clock of the tests starts at 2026-01-01, this many seconds after the epoch.
constexpr std::int64_t start_of_time = 1'767'225'600;

std::string printing(std::string const& token, std::int64_t lifetime)
{
    return R"(echo '{"accessToken":")" + token + R"(","expires_on":)" +
           std::to_string(start_of_time + lifetime) + "}'\n";
}

} // namespace

BOOST_AUTO_TEST_SUITE(token_ages_test)

BOOST_FIXTURE_TEST_CASE(a_token_ages_from_its_request_on, auth_fixture)
{
    expect_metadata().reply(404);
    expect_token().hold().reply(200, token_json("one"));
    make();
    auto waiter = start(context.get_executor(), provider->get(deadline(time.now() + 60s)));
    settle(context);
    time.advance(20s); // the answer takes its time
    transport->release();
    settle(context);
    BOOST_REQUIRE(waiter.done());
    BOOST_REQUIRE(waiter.get()->has_value());
    // 25 s before its end by the issuer's count, 45 s by that of who has it since.
    time.advance(3555s);
    expect_token().reply(200, token_json("two"));
    BOOST_TEST(text() == "two");
    BOOST_TEST(transport->problems() == "");
}

BOOST_FIXTURE_TEST_CASE(the_login_service_s_clock_decides_about_absolute_times, auth_fixture)
{
    expect_metadata().reply(404);
    expect_token().reply(200,
                         R"({"token_type":"Bearer","access_token":"one","expires_on":")" +
                             std::to_string(start_of_time + 3600) + R"("})",
                         {{"Date", "Thu, 01 Jan 2026 00:30:00 GMT"}});
    make();
    BOOST_TEST(text() == "one");
    time.advance(1775s); // of half an hour 25 s are left
    expect_token().reply(200, token_json("two"));
    BOOST_TEST(text() == "two");
    BOOST_TEST(transport->problems() == "");
}

BOOST_FIXTURE_TEST_CASE(the_azure_cli_says_how_long_its_token_lasts, log_fixture)
{
    fake_az const az(printing("one", 600));
    make_with(credential::azure_cli());
    BOOST_TEST(text_outside() == "one");
    time.advance(575s);
    az.folder.write("az", printing("two", 1200));
    BOOST_TEST(text_outside() == "two");
    BOOST_TEST(transport->problems() == "");
}

BOOST_AUTO_TEST_SUITE_END()

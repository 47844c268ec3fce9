#include "log_fixture.hpp"

#include <auth/sources.hpp>

using namespace kusto;
using namespace kusto::test;
using namespace std::chrono_literals;

BOOST_AUTO_TEST_SUITE(hostile_scope_test)

BOOST_FIXTURE_TEST_CASE(nobody_is_told_to_run_it, log_fixture)
{
    fake_az const az("exit 1");
    connection_options const options(cluster);
    auth::source_context const with(transport, options, time);
    auto const source =
        auth::make_azure_cli_source(kusto::detail::azure_cli_data(), "Azure CLI", with);
    auth::token_wish wish("https://x`reboot`/.default", "https://login.microsoftonline.com", "app");
    wish.claims = R"({"a":1})";
    auto const got = run(context, time, source->acquire(wish, deadline(time.now() + 60s)));
    BOOST_REQUIRE(!got);
    BOOST_TEST(got.error().message() ==
               "the scope holds characters that are not passed to a command line");
}

BOOST_AUTO_TEST_SUITE_END()

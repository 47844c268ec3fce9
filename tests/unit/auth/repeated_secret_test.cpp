#include "identity_fixture.hpp"

using namespace kusto;
using namespace kusto::test;

BOOST_AUTO_TEST_SUITE(repeated_secret_test)

BOOST_FIXTURE_TEST_CASE(a_secret_that_is_cut_is_not_shown_in_part, identity_fixture)
{
    std::string const rest(40, 'x');
    environment.set("IDENTITY_ENDPOINT", "http://127.0.0.1:1/msi/token");
    environment.set("IDENTITY_HEADER", "CANARY/" + rest);
    make();
    std::string const padding(490, '.');
    for (std::string const& repeated : {"CANARY/" + rest, "CANARY%2f" + rest, "CANARY\\/" + rest})
    {
        for (std::string const& body :
             {R"({"message":")" + padding + repeated + R"("})", padding + repeated})
        {
            expect("127.0.0.1", "/msi/token").reply(400, body);
            auto const why = refusal();
            BOOST_TEST(has(why.server_text(), "REDACTED"), why.server_text());
            check_discretion(why);
        }
    }
}

BOOST_FIXTURE_TEST_CASE(a_success_may_repeat_the_secret_in_its_headers, identity_fixture)
{
    std::string const secret = "CANARY/" + std::string(40, 'x');
    environment.set("IDENTITY_ENDPOINT", "http://127.0.0.1:1/msi/token");
    environment.set("IDENTITY_HEADER", secret);
    make();
    for (std::string const& repeated : {secret, "CANARY%2f" + secret.substr(7)})
    {
        expect("127.0.0.1", "/msi/token")
            .reply(200, "{}", {{"x-ms-request-id", std::string(110, '.') + repeated}});
        auto const why = refusal();
        BOOST_TEST(why.activity_id() == std::string(110, '.') + "REDACTED");
        check_discretion(why);
    }
}

BOOST_AUTO_TEST_SUITE_END()

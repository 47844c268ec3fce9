#include <boost/json.hpp>
#include <boost/test/unit_test.hpp>
#include <chrono>
#include <emulator/server/managed_identity_service.hpp>
#include <string>

using namespace kusto::emulator;
using namespace std::chrono_literals;
namespace json = boost::json;

namespace
{

/// A machine that keeps its tokens, and whose clock a test moves.
struct keeping_machine
{
    json::object token()
    {
        request http;
        http.method = "GET";
        http.path = "/metadata/identity/oauth2/token";
        http.query = "api-version=2018-02-01&resource=https%3A%2F%2Fkusto.kusto.windows.net";
        http.headers.add("Metadata", "true");
        auto const answer = machines.handle(http);
        BOOST_REQUIRE_MESSAGE(answer.status == 200, answer.body);
        return json::parse(answer.body).as_object();
    }

    system_time now = system_time(1'800'000'000s);
    token_registry tokens{3600s, [this] { return now; }};
    managed_identity_service machines{managed_identity_options().kept_tokens(true),
                                      "tenant-1",
                                      {"https://kusto.kusto.windows.net"},
                                      tokens,
                                      [this] { return now; }};
};

std::string text(json::object const& from, char const* name)
{
    return std::string(from.at(name).as_string());
}

} // namespace

BOOST_AUTO_TEST_SUITE(kept_tokens)

BOOST_AUTO_TEST_CASE(a_kept_token_is_renewed_before_it_expires)
{
    keeping_machine it;
    auto const first = it.token();
    BOOST_TEST(text(first, "expires_in") == "3600");
    BOOST_TEST(text(first, "expires_on") == "1800003600");
    BOOST_TEST(text(first, "not_before") == "1800000000");
    it.now += 3299s; // a twelfth is left, and one second
    auto const second = it.token();
    BOOST_TEST(text(second, "access_token") == text(first, "access_token"));
    BOOST_TEST(text(second, "expires_in") == "301");
    BOOST_TEST(text(second, "expires_on") == "1800003600");
    it.now += 1s;
    auto const third = it.token();
    BOOST_TEST(text(third, "access_token") != text(first, "access_token"));
    BOOST_TEST(text(third, "expires_in") == "3600");
    BOOST_TEST(text(third, "expires_on") == "1800006900");
}

BOOST_AUTO_TEST_SUITE_END()

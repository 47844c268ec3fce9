#include "replies.hpp"

#include <boost/test/unit_test.hpp>
#include <wire/arc_key.hpp>

using namespace kusto;
using namespace kusto::test;

namespace
{

result<std::string> find(int status, wire::header_list headers, std::string body = {})
{
    canned_reply const from(status, std::move(body), std::move(headers), stage::token);
    wire::identity_service const service(wire::identity_host::azure_arc, base::url(),
                                         identity_id::system());
    return wire::find_arc_key(service, from, wire::arc_key_directory);
}

result<std::string> challenge(std::string value)
{
    wire::header_list headers;
    headers.emplace_back("WWW-Authenticate", std::move(value));
    return find(401, std::move(headers));
}

} // namespace

BOOST_AUTO_TEST_SUITE(arc_key_test)

BOOST_AUTO_TEST_CASE(finds_the_key_file)
{
    BOOST_TEST(challenge("Basic realm=/var/opt/azcmagent/tokens/5f1b.key").value() ==
               "/var/opt/azcmagent/tokens/5f1b.key");
    BOOST_TEST(challenge("basic REALM=/var/opt/azcmagent/tokens/a.b.key").value() ==
               "/var/opt/azcmagent/tokens/a.b.key");
}

BOOST_AUTO_TEST_CASE(files_elsewhere_are_never_opened)
{
    for (char const* path :
         {"/etc/shadow", "/etc/ssl/private/server.key", "/var/opt/azcmagent/tokens/a.key.txt",
          "/var/opt/azcmagent/tokens/a", "/var/opt/azcmagent/tokens/.key",
          "/var/opt/azcmagent/tokens/a.KEY", "/var/opt/azcmagent/tokens/../../../../etc/a.key",
          "/var/opt/azcmagent/tokens/a..key", "/var/opt/azcmagent/tokens/sub/a.key",
          "/var/opt/azcmagent/tokens//a.key", "/var/opt/azcmagent/tokens2/a.key",
          "/var/opt/azcmagent/a.key", "var/opt/azcmagent/tokens/a.key", "a.key",
          "//var/opt/azcmagent/tokens/a.key", "/VAR/opt/azcmagent/tokens/a.key",
          "\"/var/opt/azcmagent/tokens/a.key\"", "/var/opt/azcmagent/tokens/a.key, x.key",
          "/var/opt/azcmagent/tokens/a\tb.key"})
    {
        auto const got = challenge("Basic realm=" + std::string(path));
        BOOST_TEST_CONTEXT(path)
        {
            BOOST_REQUIRE(!got);
            BOOST_TEST((got.error().code() == errc::authentication_failed));
            BOOST_TEST(!got.error().retryable());
            BOOST_TEST(has(got.error().message(), "not a .key file in /var/opt/azcmagent/tokens"));
        }
    }
    std::string const zero("Basic realm=/var/opt/azcmagent/tokens/a\0b.key", 46);
    BOOST_TEST(!challenge(zero));
}

BOOST_AUTO_TEST_CASE(the_challenge_must_have_its_shape)
{
    for (char const* value : {"", "Basic", "Basic realm=", "Bearer realm=/x.key",
                              "Basic  realm=/var/opt/azcmagent/tokens/a.key", "Negotiate"})
    {
        auto const got = challenge(value);
        BOOST_TEST_CONTEXT(value)
        {
            BOOST_REQUIRE(!got);
            BOOST_TEST((got.error().code() == errc::malformed_reply));
            BOOST_TEST(has(got.error().message(), "WWW-Authenticate"));
        }
    }
    BOOST_TEST(has(find(401, {}).error().message(), "without the header WWW-Authenticate"));
}

BOOST_AUTO_TEST_CASE(other_statuses_are_errors)
{
    wire::header_list const headers{
        {"WWW-Authenticate", "Basic realm=/var/opt/azcmagent/tokens/a.key"}};
    auto const early = find(200, headers, R"({"access_token":"CANARY","expires_in":"9"})");
    BOOST_REQUIRE(!early);
    BOOST_TEST((early.error().code() == errc::malformed_reply));
    BOOST_TEST(!has(early.error().describe(), "CANARY"));
    auto const busy = find(503, headers);
    BOOST_TEST(busy.error().retryable());
    auto const refused = find(400, headers, R"({"error":"invalid_resource"})");
    BOOST_TEST((refused.error().code() == errc::authentication_failed));
    BOOST_TEST(refused.error().service_code() == "invalid_resource");
}

BOOST_AUTO_TEST_SUITE_END()

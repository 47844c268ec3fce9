#include "replies.hpp"

#include <boost/test/unit_test.hpp>

using namespace kusto;
using namespace kusto::test;
using namespace std::chrono_literals;

BOOST_AUTO_TEST_SUITE(http_test)

BOOST_AUTO_TEST_CASE(finds_headers_without_regard_to_case)
{
    wire::header_list const headers{{"X-Ms-Activity-Id", "a"}, {"x-ms-activity-id", "b"}};
    BOOST_TEST(wire::find_header(headers, "x-ms-ACTIVITY-id") == "a");
    BOOST_TEST(wire::find_header(headers, "x").empty());
}

BOOST_AUTO_TEST_CASE(a_failure_says_where_it_came_from)
{
    canned_reply const from(503, "", {{"x-ms-activity-id", "act"}, {"x-ms-request-id", "req"}});
    auto const why = from.get().fail(errc::throttled, "m");
    BOOST_TEST(why.host() == "host.example:8443");
    BOOST_TEST(why.status() == 503);
    BOOST_TEST(why.request_id() == "KCPC.execute;1");
    BOOST_TEST(why.activity_id() == "act");
    BOOST_TEST((why.where() == stage::command));
    BOOST_TEST(!why.retry_after().has_value());
}

BOOST_AUTO_TEST_CASE(reads_the_wish_to_wait_in_all_spellings)
{
    struct row
    {
        wire::header_list headers;
        std::optional<std::chrono::milliseconds> wait;
    };
    std::string const date = "Sun, 22 Nov 2026 10:59:46 GMT";
    std::string const later = "Sun, 22 Nov 2026 11:00:16 GMT";
    for (auto const& r : {row{{{"Retry-After", "7"}}, 7s},
                          row{{{"retry-after-ms", "1500"}, {"Retry-After", "7"}}, 1500ms},
                          row{{{"x-ms-retry-after-ms", "20"}}, 20ms},
                          row{{{"Retry-After", later}, {"Date", date}}, 30s},
                          row{{{"Retry-After", later}}, std::nullopt},
                          row{{{"retry-after-ms", "-3"}, {"Retry-After", "x"}}, std::nullopt}})
    {
        canned_reply const from(429, "", r.headers);
        BOOST_TEST((from.get().fail(errc::throttled, "").retry_after() == r.wait));
    }
}

BOOST_AUTO_TEST_CASE(server_texts_lose_their_secrets)
{
    struct row
    {
        char const* text;
        char const* clean;
    };
    for (auto const& r :
         {row{"see https://a/b?sv=1&sig=abc%2B&se=2 now",
              "see https://a/b?sv=1&sig=REDACTED&se=2 now"},
          row{"SIG=x", "SIG=REDACTED"}, row{"config=x", "config=x"},
          row{"nested sig%3Dabc%26x", "nested sig%3DREDACTED"},
          row{"Authorization: Bearer eyJabc.def \"x\"", "Authorization: Bearer REDACTED \"x\""},
          row{"client_secret=a~b&x=1", "client_secret=REDACTED&x=1"},
          row{"token eyJ0eXAiOiJKV1QiLCJhbGciOiJSUzI1NiJ9.e30.x", "token REDACTED"},
          row{"eyJ short", "eyJ short"}, row{"line\r\n\tbreak\x01", "line   break "},
          row{"  plain  ", "plain"}})
        BOOST_TEST(wire::printable(r.text) == r.clean);
}

BOOST_AUTO_TEST_CASE(secrets_are_known_by_their_names)
{
    for (std::string const name :
         {"client_secret", "client_assertion", "access_token", "refresh_token", "device_code",
          "id_token", "sig", "secret", "Secret", "MSI_SECRET", "X-IDENTITY-HEADER",
          "password", "Pwd"})
    {
        auto const clean = [&](std::string const& text) { return wire::printable(name + text); };
        BOOST_TEST(clean("=CANARY&x=1") == name + "=REDACTED&x=1");
        BOOST_TEST(clean("%3DCANARY") == name + "%3DREDACTED");
        BOOST_TEST(clean("='CANARY of two' x") == name + "='REDACTED' x");
        BOOST_TEST(clean(": CANARY\r\nx: y") == name + ": REDACTED  x: y");
        BOOST_TEST(clean("\":\"CANARY&\",\"x\":1") == name + "\":\"REDACTED\",\"x\":1");
        BOOST_TEST(clean("\" : \"CANARY\\\"ANARY\"}") == name + "\" : \"REDACTED\"}");
        BOOST_TEST(clean("\\\":\\\"CANARY <x>\\\",") == name + "\\\":\\\"REDACTED\\\",");
        BOOST_TEST(clean("\":\"CANARY cut") == name + "\":\"REDACTED");
        BOOST_TEST(clean("\":\"\"") == name + "\":\"\"");
        // What is said about them, and what is demanded of them, is not one.
        for (char const* text :
             {"", " is wrong", "' or 'x'.", "\":{\"nbf\":{\"essential\":true}}", "\":[1]", "s=x"})
            BOOST_TEST(clean(text) == name + text);
    }
    BOOST_TEST(wire::printable("Authorization: Basic Q0FOQVJZ x") ==
               "Authorization: Basic REDACTED x");
    BOOST_TEST(wire::printable("basic authentication") == "basic authentication");
}

BOOST_AUTO_TEST_CASE(server_texts_are_cut_at_character_borders)
{
    BOOST_TEST(wire::printable("ab\xe2\x82\xac"
                               "cd",
                               4) == "ab");
    BOOST_TEST(wire::printable("ab\xe2\x82\xac"
                               "cd",
                               5) == "ab\xe2\x82\xac");
    BOOST_TEST(wire::printable(std::string(100000, 'x'), 10).size() == 10u);
    // A secret that begins before the cut is gone as well.
    BOOST_TEST(wire::printable("sig=abcdefghijklmnopq", 8) == "sig=REDA");
}

BOOST_AUTO_TEST_SUITE_END()

#include "replies.hpp"

#include <base/percent.hpp>
#include <boost/test/unit_test.hpp>
#include <wire/token.hpp>

using namespace kusto;
using namespace kusto::test;
using namespace std::chrono_literals;

namespace
{

base::utc_time_point const now(std::chrono::seconds(1795345186)); // 2026-11-22T10:59:46Z
constexpr std::chrono::seconds one_year = 24h * 365;

result<wire::token_reply> read(int status, std::string body, wire::header_list headers = {})
{
    canned_reply const from(status, std::move(body), std::move(headers), stage::token);
    return wire::parse_token(from, now);
}

} // namespace

BOOST_AUTO_TEST_SUITE(token_test)

BOOST_AUTO_TEST_CASE(urls)
{
    auto const url = [](char const* login, char const* tenant)
    { return wire::token_url(login, tenant)->with_secrets(); };
    BOOST_TEST(url("https://login.microsoftonline.com", "t.com") ==
               "https://login.microsoftonline.com/t.com/oauth2/v2.0/token");
    BOOST_TEST(url("https://login.microsoftonline.com/", "a/b") ==
               "https://login.microsoftonline.com/a%2Fb/oauth2/v2.0/token");
    BOOST_TEST(url("http://127.0.0.1:5", "t") == "http://127.0.0.1:5/t/oauth2/v2.0/token");
    BOOST_TEST(!wire::token_url("http://login.microsoftonline.com", "t"));
}

BOOST_AUTO_TEST_CASE(forms_encode_every_special_character)
{
    std::string const secret = "a+b/=&%~ \xc3\xbc";
    wire::token_grant const grant("id", "t", "https://x/.default", "");
    auto const form = wire::client_secret_form(grant, secret);
    BOOST_TEST(form == "grant_type=client_credentials&client_id=id"
                       "&scope=https%3A%2F%2Fx%2F.default"
                       "&client_secret=a%2Bb%2F%3D%26%25~%20%C3%BC");
    BOOST_TEST(base::query_parameter(form, "client_secret").value() == secret);
}

BOOST_AUTO_TEST_CASE(reads_tokens_of_all_hosts)
{
    struct row
    {
        char const* body;
        std::chrono::seconds expires_in;
        std::optional<std::chrono::seconds> refresh_in;
    };
    for (auto const& r : {
             row{R"({"token_type":"Bearer","expires_in":3599,"access_token":"t"})", 3599s, {}},
             row{R"({"token_type":"bearer","expires_in":"3599","access_token":"t"})", 3599s, {}},
             row{R"({"expires_in":3600,"expires_on":"1","access_token":"t","refresh_in":"1800"})",
                 3600s, 1800s},
             row{R"({"expires_on":"1795348786","access_token":"t"})", 3600s, {}},
             row{R"({"expires_on":1795348786,"access_token":"t","refresh_in":9999})", 3600s, {}},
             row{R"({"expires_on":"2026-11-22T11:59:46Z","access_token":"t"})", 3600s, {}},
             row{R"({"expires_on":"Sun, 22 Nov 2026 11:59:46 GMT","access_token":"t"})", 3600s, {}},
             // App Service 2017
             row{R"({"expires_on":"11/22/2026 11:59:46 AM +00:00","access_token":"t"})", 3600s, {}},
             row{R"({"expires_on":"11/22/2026 11:59:46 +00:00","access_token":"t"})", 3600s, {}},
             row{R"({"expires_on":"2026-11-22 11:59:46","access_token":"t"})", 3600s, {}},
             row{R"({"expires_on":"2026-11-22T12:59:46.5+01:00","access_token":"t"})", 3600s, {}},
             row{R"({"expires_in":60.9,"access_token":"t","x":null})", 60s, {}},
             // "Never", which clocks that count nanoseconds could not hold.
             row{R"({"expires_in":2147483647,"access_token":"t"})", one_year, {}},
             row{R"({"expires_on":253402300799,"access_token":"t"})", one_year, {}},
             row{R"({"expires_on":"9999-12-31T23:59:59Z","access_token":"t"})", one_year, {}},
             row{R"({"expires_in":31536001,"access_token":"t"})", one_year, {}},
             row{R"({"expires_in":31535999,"access_token":"t"})", one_year - 1s, {}},
             // What cannot be read is passed over for what can.
             row{R"({"expires_in":"soon","expires_on":"1795348786","access_token":"t"})",
                 3600s,
                 {}},
             row{R"({"expires_in":2147483648,"expires_on":"1795348786","access_token":"t"})",
                 3600s,
                 {}},
             row{R"({"expires_in":"-5","expires_on":1795348786,"access_token":"t"})", 3600s, {}},
             row{R"({"expires_in":3600,"refresh_in":1800,"access_token":"t"})", 3600s, 1800s},
             row{R"({"expires_in":3600,"refresh_on":1795346986,"access_token":"t"})", 3600s, 1800s},
             row{R"({"expires_in":3600,"refresh_on":"1795346986","access_token":"t"})", 3600s,
                 1800s},
             row{R"({"expires_in":3600,"refresh_in":5,"refresh_on":1795346986,"access_token":"t"})",
                 3600s, 5s},
             row{R"({"expires_in":3600,"refresh_on":5,"access_token":"t"})", 3600s, {}},
             row{R"({"expires_in":3600,"refresh_in":0,"access_token":"t"})", 3600s, {}},
             row{R"({"expires_in":3600,"refresh_in":3600,"access_token":"t"})", 3600s, {}},
             row{R"({"expires_in":3600,"refresh_in":"half","access_token":"t"})", 3600s, {}},
         })
    {
        auto const token = read(200, r.body);
        BOOST_TEST_CONTEXT(r.body)
        {
            BOOST_REQUIRE(token);
            BOOST_TEST(token->access_token == "t");
            BOOST_TEST((token->expires_in == r.expires_in));
            BOOST_TEST((token->refresh_in == r.refresh_in));
        }
    }
}

BOOST_AUTO_TEST_CASE(refuses_replies_without_a_usable_token)
{
    for (char const* body :
         {"", "{}", "[]", "<html>", R"({"expires_in":1})", R"({"access_token":"t"})",
          R"({"access_token":"","expires_in":1})", R"({"access_token":"a b","expires_in":1})",
          R"({"access_token":"a\r\nX: y","expires_in":1})",
          R"({"access_token":"t","expires_in":"soon"})", R"({"access_token":"t","expires_in":-5})",
          R"({"access_token":"t","expires_in":1,"token_type":"mac"})",
          R"({"access_token":5,"expires_in":1})", R"({"access_token":"t","expires_in":null})",
          R"({"access_token":"t","expires_on":0})", R"({"access_token":"t","expires_on":"-1"})",
          R"({"access_token":"t","expires_on":253402300800})",
          R"({"access_token":"t","expires_on":"13/22/2026 11:59:46 +00:00"})",
          R"({"access_token":"t","expires_on":""})",
          // Two readers might take different ones.
          R"({"access_token":"t","expires_in":1,"access_token":"u"})",
          R"({"access_token":"t","expires_in":1,"x":[{"a":1,"a":2}]})",
          "\xEF\xBB\xBF{\"access_token\":\"t\",\"expires_in\":60}",
          R"({"access_token":"t","expires_in":1} {})", R"({"access_token":"t","expires_in":1)"})
    {
        auto const token = read(200, body);
        BOOST_TEST_CONTEXT(body)
        {
            BOOST_REQUIRE(!token);
            BOOST_TEST((token.error().code() == errc::malformed_reply));
            BOOST_TEST(!token.error().retryable());
        }
    }
    for (char const* body : {R"({"access_token":"t","expires_in":0})",
                             R"({"access_token":"t","expires_in":"0","expires_on":1795348786})"})
        BOOST_TEST((read(200, body).error().code() == errc::authentication_failed), body);
    auto const old = read(200, R"({"access_token":"t","expires_on":"1795345000"})");
    BOOST_REQUIRE(!old);
    BOOST_TEST((old.error().code() == errc::authentication_failed));
    BOOST_TEST(has(old.error().message(), "clock"));
}

BOOST_AUTO_TEST_CASE(sizes_have_limits)
{
    auto const body = [](std::size_t token, std::size_t padding)
    {
        return R"({"expires_in":60,"access_token":")" + std::string(token, 't') + R"(","x":")" +
               std::string(padding, 'x') + R"("})";
    };
    BOOST_TEST(read(200, body(65536, 0)).has_value());
    BOOST_TEST((read(200, body(65537, 0)).error().code() == errc::malformed_reply));
    auto const rest = body(1, 0).size();
    BOOST_TEST(read(200, body(1, 1024 * 1024 - rest)).has_value());
    auto const large = read(200, body(1, 1024 * 1024 - rest + 1));
    BOOST_REQUIRE(!large);
    BOOST_TEST((large.error().code() == errc::malformed_reply));
    BOOST_TEST(has(large.error().message(), "1 MiB"));
    std::string const page(2 * 1024 * 1024, '<');
    BOOST_TEST((read(400, page).error().code() == errc::authentication_failed));
}

BOOST_AUTO_TEST_CASE(refresh_tokens_are_read)
{
    auto const token = read(200, R"({"expires_in":60,"access_token":"t","refresh_token":"r"})");
    BOOST_REQUIRE(token);
    BOOST_TEST(token->refresh_token == "r");
}

BOOST_AUTO_TEST_CASE(refresh_tokens_that_no_endpoint_gives_are_left_out)
{
    auto const kept = [](std::string const& refresh_token)
    {
        auto const token = read(200, R"({"expires_in":60,"access_token":"t","refresh_token":")" +
                                         refresh_token + "\"}");
        BOOST_REQUIRE(token);
        return token->refresh_token;
    };
    std::string const longest(16384, 'r');
    BOOST_TEST(kept(longest) == longest);
    BOOST_TEST(kept(longest + 'r').empty());
    for (char const* unusable : {"", "r r", "r\\n", "r\xc3\xbc"})
        BOOST_TEST(kept(unusable).empty(), unusable);
}

BOOST_AUTO_TEST_CASE(what_a_refusal_says_is_kept)
{
    struct row
    {
        int status;
        char const* body;
        char const* message;
        char const* service_code;
        char const* server_text;
    };
    for (auto const& r : {
             row{400,
                 R"({"error":"interaction_required","error_description":"MFA.",
                     "suberror":"basic_action","claims":"{\"access_token\":{}}"})",
                 "no token: interaction_required; a person would have to sign in (a conditional "
                 "access policy)",
                 "interaction_required", R"(MFA. claims: {"access_token":{}})"},
             row{400, R"({"error":{"code":"bad_request","message":"Identity not found"}})",
                 "no token: bad_request", "bad_request", "Identity not found"},
             row{400, R"({"statusCode":400,"message":"No User Assigned Managed Identity found"})",
                 "no token: no reason given", "", "No User Assigned Managed Identity found"},
             row{400, R"({"error":null,"Message":"why"})", "no token: no reason given", "", "why"},
             row{400, R"({"error":"x","error_codes":["7000222"],"error_description":5})",
                 "no token: x; the client secret has expired; create a new one", "AADSTS7000222",
                 ""},
             row{400, R"({"error":"x","error_codes":[]})", "no token: x", "x", ""},
             row{400, R"({"error":"x","error_codes":[null],"error_description":"AADSTS90002: y"})",
                 "no token: x; the tenant does not exist; check the tenant id", "AADSTS90002",
                 "AADSTS90002: y"},
             row{400, R"({"error":"x","error_codes":["y"],"error_description":"AADSTS5: y"})",
                 "no token: x", "AADSTS5", "AADSTS5: y"},
             row{400, R"({"error":"x","error_codes":[-5]})", "no token: x", "x", ""},
             row{400, R"(["error"])", "the token endpoint refused the request without a reason", "",
                 R"(["error"])"},
             row{400, "null", "the token endpoint refused the request without a reason", "",
                 "null"},
             row{400, "{}", "the token endpoint refused the request without a reason", "", "{}"},
             row{400, R"({"error":)", "the token endpoint refused the request without a reason", "",
                 R"({"error":)"},
             row{403, " <html><body>Blocked</body></html>",
                 "a web page came instead of a token endpoint's reply; does a proxy stand in "
                 "between?",
                 "", "<html><body>Blocked</body></html>"},
         })
    {
        auto const token = read(r.status, r.body);
        BOOST_TEST_CONTEXT(r.body)
        {
            BOOST_REQUIRE(!token);
            BOOST_TEST(token.error().message() == r.message);
            BOOST_TEST(token.error().service_code() == r.service_code);
            BOOST_TEST(token.error().server_text() == r.server_text);
            BOOST_TEST((token.error().code() == errc::authentication_failed));
        }
    }
}

BOOST_AUTO_TEST_CASE(errors_name_code_correlation_and_remedy)
{
    auto const token = read(401, R"({"error":"invalid_client","error_description":
        "AADSTS7000215: Invalid client secret provided. Trace ID: x","error_codes":[7000215],
        "correlation_id":"9d1c0000-1111-2222-3333-444455556666"})",
                            {{"x-ms-request-id", "r"}});
    BOOST_REQUIRE(!token);
    auto const why = token.error();
    BOOST_TEST((why.code() == errc::authentication_failed));
    BOOST_TEST(why.service_code() == "AADSTS7000215");
    BOOST_TEST(why.activity_id() == "9d1c0000-1111-2222-3333-444455556666");
    BOOST_TEST(why.status() == 401);
    BOOST_TEST(!why.retryable());
    BOOST_TEST(has(why.message(), "not its id"));
    BOOST_TEST(has(why.server_text(), "Invalid client secret provided"));
}

BOOST_AUTO_TEST_CASE(refused_assertions_come_with_a_remedy)
{
    struct row
    {
        int code;
        char const* remedy;
    };
    for (auto const& r :
         {row{700027, "not registered"}, row{50012, "thumbprint"}, row{700024, "clock"},
          row{700021, "client id"}, row{700023, "login endpoint"}, row{50027, "JWT"},
          row{50013, "not valid"}, row{500133, "still renewed"},
          row{70021, "issuer, subject and audience"}, row{700211, "issuer"},
          row{700212, "api://AzureADTokenExchange"}, row{700213, "system:serviceaccount"},
          row{90124, "tenant's id"}, row{53003, "conditional access"},
          row{530003, "managed device"}, row{50105, "assigned"}, row{65001, "consent"}})
    {
        auto const code = std::to_string(r.code);
        auto const token = read(401, R"({"error":"invalid_client","error_codes":[)" + code + "]}");
        BOOST_REQUIRE(!token);
        BOOST_TEST(token.error().service_code() == "AADSTS" + code);
        BOOST_TEST(has(token.error().message(), r.remedy), code);
    }
}

BOOST_AUTO_TEST_CASE(who_repeats_the_same_request_is_told_to_be_calm)
{
    using wish = std::optional<std::chrono::milliseconds>;
    constexpr char const* loop = R"({"error":"invalid_grant","error_codes":[50196]})";
    for (int const status : {400, 429})
    {
        BOOST_TEST((read(status, loop).error().retry_after() == wish(60s)));
        BOOST_TEST(
            (read(status, loop, {{"Retry-After", "20"}}).error().retry_after() == wish(60s)));
        BOOST_TEST(
            (read(status, loop, {{"Retry-After", "90"}}).error().retry_after() == wish(90s)));
    }
}

BOOST_AUTO_TEST_CASE(errors_are_classified)
{
    struct row
    {
        int status;
        char const* body;
        errc code;
        bool retryable;
        char const* service_code;
    };
    for (auto const& r : {
             row{400, R"({"error":"invalid_scope"})", errc::authentication_failed, false,
                 "invalid_scope"},
             row{400, R"({"error":"x","error_description":"AADSTS90002: no tenant"})",
                 errc::authentication_failed, false, "AADSTS90002"},
             row{400, R"({"error":"temporarily_unavailable"})", errc::service_unavailable, true,
                 "temporarily_unavailable"},
             row{400, R"({"error":"x","error_codes":[90033]})", errc::service_unavailable, true,
                 "AADSTS90033"},
             row{429, R"({"error":"x"})", errc::throttled, true, "x"},
             row{503, "", errc::service_unavailable, true, ""},
             row{502, "<html>proxy</html>", errc::service_unavailable, true, ""},
             row{403, "<html>proxy</html>", errc::authentication_failed, false, ""},
             row{400, "", errc::authentication_failed, false, ""},
         })
    {
        auto const token = read(r.status, r.body);
        BOOST_TEST_CONTEXT(r.status << ' ' << r.body)
        {
            BOOST_REQUIRE(!token);
            BOOST_TEST((token.error().code() == r.code));
            BOOST_TEST(token.error().retryable() == r.retryable);
            BOOST_TEST(token.error().service_code() == r.service_code);
        }
    }
}

BOOST_AUTO_TEST_SUITE_END()

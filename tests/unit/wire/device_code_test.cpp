#include "replies.hpp"

#include <boost/test/unit_test.hpp>
#include <wire/device_code.hpp>

using namespace kusto;
using namespace kusto::test;
using namespace std::chrono_literals;

namespace
{

result<wire::device_code_reply> read(int status, std::string body)
{
    canned_reply const from(status, std::move(body), {}, stage::token);
    return wire::parse_device_code(from);
}

} // namespace

BOOST_AUTO_TEST_SUITE(device_code_test)

BOOST_AUTO_TEST_CASE(urls)
{
    BOOST_TEST(wire::device_code_url("https://login.microsoftonline.com", "organizations")
                   ->with_secrets() ==
               "https://login.microsoftonline.com/organizations/oauth2/v2.0/devicecode");
    BOOST_TEST(wire::device_code_url("https://adfs.example.com/", "adfs")->with_secrets() ==
               "https://adfs.example.com/adfs/oauth2/devicecode");
    BOOST_TEST(!wire::device_code_url("http://login.microsoftonline.com", "t"));
}

BOOST_AUTO_TEST_CASE(forms)
{
    BOOST_TEST(wire::device_code_form("id", "https://x/.default") ==
               "client_id=id&scope=https%3A%2F%2Fx%2F.default%20offline_access");
    BOOST_TEST(wire::device_poll_form("id", "a+b", "") ==
               "grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Adevice_code&client_id=id"
               "&device_code=a%2Bb");
    BOOST_TEST(wire::refresh_token_form("id", "r/t", "s", "{}") ==
               "grant_type=refresh_token&client_id=id&refresh_token=r%2Ft"
               "&scope=s%20offline_access&claims=%7B%7D");
}

BOOST_AUTO_TEST_CASE(codes_are_read)
{
    auto const code = read(200, R"({"user_code":"ABCD1234","device_code":"GMM",
        "verification_uri":"https://microsoft.com/devicelogin","expires_in":600,"interval":"7",
        "message":"To sign in ..."})");
    BOOST_REQUIRE(code);
    BOOST_TEST(code->user_code == "ABCD1234");
    BOOST_TEST(code->device_code.reveal() == "GMM");
    BOOST_TEST(code->verification_url == "https://microsoft.com/devicelogin");
    BOOST_TEST(code->message == "To sign in ...");
    BOOST_TEST((code->expires_in == 600s));
    BOOST_TEST((code->interval == 7s));
}

BOOST_AUTO_TEST_CASE(what_is_missing_is_filled_in_and_what_is_absurd_is_cut)
{
    auto const plain =
        read(200, R"({"user_code":"C","device_code":"d","verification_url":"https://v"})");
    BOOST_REQUIRE(plain);
    BOOST_TEST(plain->message == "To sign in, open https://v in a browser and enter the code C");
    BOOST_TEST((plain->expires_in == 900s));
    BOOST_TEST((plain->interval == 5s));
    auto const absurd =
        read(200, R"({"user_code":"C","device_code":"d","verification_uri":"https://v",
        "expires_in":1e9,"interval":100000,"message":"a\u001b[2Jb"})");
    BOOST_REQUIRE(absurd);
    BOOST_TEST((absurd->expires_in == 3600s));
    BOOST_TEST((absurd->interval == 60s));
    BOOST_TEST(absurd->message == "a [2Jb");
}

BOOST_AUTO_TEST_CASE(useless_replies_are_refused)
{
    for (char const* body :
         {"", "[]", "{}", "<html>", R"({"user_code":"C","device_code":"d"})",
          R"({"user_code":"C","verification_uri":"v"})",
          R"({"device_code":"d","verification_uri":"v"})",
          R"({"user_code":"C","device_code":"d","device_code":"e","verification_uri":"v"})"})
    {
        auto const code = read(200, body);
        BOOST_TEST_CONTEXT(body)
        {
            BOOST_REQUIRE(!code);
            BOOST_TEST((code.error().code() == errc::malformed_reply));
        }
    }
    auto const refused = read(400, R"({"error":"x","error_codes":[700016]})");
    BOOST_REQUIRE(!refused);
    BOOST_TEST((refused.error().code() == errc::authentication_failed));
    BOOST_TEST(refused.error().service_code() == "AADSTS700016");
}

BOOST_AUTO_TEST_CASE(codes_that_no_endpoint_gives_are_refused)
{
    auto const with = [](std::string const& device_code)
    {
        return read(200, R"({"user_code":"C","verification_uri":"https://v","device_code":")" +
                             device_code + R"("})");
    };
    std::string const longest(4096, 'd');
    auto const code = with(longest);
    BOOST_REQUIRE(code);
    BOOST_TEST(code->device_code.size() == longest.size());
    for (std::string const& unusable : {longest + 'd', std::string("CANARY d"),
                                        std::string("CANARY\\n"), std::string("CANARY\xc3\xbc")})
    {
        auto const refused = with(unusable);
        BOOST_REQUIRE(!refused);
        BOOST_TEST((refused.error().code() == errc::malformed_reply));
        BOOST_TEST(has(refused.error().message(), "device_code"));
        BOOST_TEST(has(refused.error().message(), "4096"));
        BOOST_TEST(!has(refused.error().describe(), "CANARY"));
    }
}

BOOST_AUTO_TEST_CASE(answers_to_a_poll)
{
    using wire::device_wait;
    struct row
    {
        int status;
        char const* body;
        device_wait wait;
    };
    for (auto const& r : {
             row{400, R"({"error":"authorization_pending","error_codes":[70016]})",
                 device_wait::go_on},
             row{400, R"({"error":"slow_down"})", device_wait::slow_down},
             row{400, R"({"error":"authorization_declined"})", device_wait::declined},
             row{400, R"({"error":"access_denied"})", device_wait::declined},
             row{400, R"({"error":"expired_token"})", device_wait::expired},
             row{400, R"({"error":"bad_verification_code"})", device_wait::unknown},
             row{400, R"({"error":"invalid_client"})", device_wait::none},
             row{400, "<html>", device_wait::none},
             row{200, R"({"error":"authorization_pending"})", device_wait::none},
         })
    {
        canned_reply const from(r.status, r.body, {}, stage::token);
        BOOST_TEST((wire::device_wait_of(from) == r.wait), r.body);
    }
}

BOOST_AUTO_TEST_SUITE_END()

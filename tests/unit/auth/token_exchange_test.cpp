#include "sign_in_fixture.hpp"

#include <array>
#include <async/transport.hpp>
#include <base/time_text.hpp>
#include <cstddef>
#include <new>
#include <support/test_certificates.hpp>

using namespace kusto;
using namespace kusto::test;
using namespace std::chrono_literals;

namespace
{

constexpr char const* old_assertion = R"({"error":"invalid_client","error_codes":[700024]})";

class exchange_fixture : public sign_in_fixture
{
public:
    /// When the assertion was made, by its own account.
    [[nodiscard]] std::int64_t issued_at() const
    {
        auto const jwt = field("client_assertion");
        auto const claims = jwt.substr(jwt.find('.') + 1);
        auto const text = base::base64url_decode(claims.substr(0, claims.find('.'))).value();
        return boost::json::parse(text).at("iat").as_int64();
    }
};

std::int64_t seconds_of(base::utc_time_point when)
{
    return std::chrono::floor<std::chrono::seconds>(when.time_since_epoch()).count();
}

} // namespace

BOOST_AUTO_TEST_SUITE(token_exchange_test)

BOOST_FIXTURE_TEST_CASE(a_clock_that_is_far_off_is_not_believed, exchange_fixture)
{
    auto const file = files.write("app.pem", pem_identity());
    auto const who =
        credential::client_certificate(client_id, certificate_source::file(file), "contoso.com");
    auto const here = time.utc_now();
    struct row
    {
        std::string date;
        std::int64_t made_at;
    };
    for (auto const& r :
         {row{base::rfc1123_text(here + 24h), seconds_of(here + 24h)},
          row{base::rfc1123_text(here - 24h), seconds_of(here - 24h)},
          row{base::rfc1123_text(here + 24h + 1s), seconds_of(here)},
          row{base::rfc1123_text(here - 24h - 1s), seconds_of(here)},
          // The ends of what can be told, whose difference to now cannot.
          row{"Mon, 01 Jan 0001 00:00:00 GMT", seconds_of(here)},
          row{"Fri, 31 Dec 9999 23:59:59 GMT", seconds_of(here)}, row{"soon", seconds_of(here)}})
    {
        make_with(who);
        expect_metadata().reply(404);
        expect_token().reply(401, old_assertion, {{"Date", r.date}});
        expect_granted("one");
        BOOST_TEST(text() == "one");
        BOOST_TEST(issued_at() == r.made_at, r.date);
    }
    BOOST_TEST(transport->problems().empty(), transport->problems());
}

BOOST_FIXTURE_TEST_CASE(a_silent_endpoint_is_asked_again_after_half_a_minute, exchange_fixture)
{
    struct row
    {
        std::chrono::seconds request_timeout;
        std::chrono::seconds limit;
    };
    for (auto const& r : {row{1h, 30s}, row{60s, 30s}, row{5s, 5s}})
    {
        make(options_for(application()).request_timeout(r.request_timeout));
        deadline given = deadline::never();
        auto const begun = time.now();
        expect_metadata().reply(404);
        expect_token()
            .reply(200, token_json("one"))
            .when(
                [&](seen_request const& request)
                {
                    given = request.until;
                    return true;
                });
        BOOST_TEST(bool(get(600s)));
        BOOST_TEST((given.when() - begun == r.limit));
    }
}

BOOST_FIXTURE_TEST_CASE(a_secret_that_is_cut_is_not_shown_in_part, exchange_fixture)
{
    std::string const secret = "CANARY+" + std::string(30, 'x');
    std::string const padding(490, '.');
    for (std::string const& repeated :
         {secret, base::percent_encode(secret), "CANARY%2b" + std::string(30, 'x'),
          "CANARY\\u002b" + std::string(30, 'x'), "CANARY&#43;" + std::string(30, 'x')})
    {
        for (std::string const& body :
             {R"({"error":"x","error_description":")" + padding + repeated + R"("})",
              padding + repeated})
        {
            make_with(credential::client_secret(client_id, secret, "contoso.com"));
            expect_metadata().reply(404);
            expect_token().reply(401, body,
                                 {{"x-ms-request-id", std::string(120, '.') + repeated}});
            auto const got = get();
            BOOST_REQUIRE(!got);
            BOOST_TEST(has(got.error().server_text(), "REDACTED"), got.error().server_text());
            BOOST_TEST(!has(got.error().describe(), "CANARY"), got.error().describe());
            BOOST_TEST(!has(got.error().activity_id(), "CANARY"));
            BOOST_TEST(logged("CANARY") == 0u);
        }
    }
}

BOOST_FIXTURE_TEST_CASE(a_reply_that_is_not_read_may_repeat_the_secret_too, exchange_fixture)
{
    std::string const secret = "CANARY+secret";
    for (auto const code : {errc::redirect_refused, errc::reply_too_large, errc::malformed_reply})
    {
        make_with(credential::client_secret(client_id, secret, "contoso.com"));
        failure refused(code, stage::receive,
                        "redirects to host CANARY%2Bsecret.example or canary+secret.example");
        refused.activity_id(secret).status(302);
        expect_metadata().reply(404);
        expect_token().fail(refused);
        auto const got = get();
        BOOST_REQUIRE(!got);
        BOOST_TEST((got.error().code() == code));
        BOOST_TEST(got.error().status() == 302);
        BOOST_TEST(has(got.error().message(), "host REDACTED.example or REDACTED.example"),
                   got.error().message());
        BOOST_TEST(got.error().activity_id() == "REDACTED");
        BOOST_TEST(logged("CANARY") == 0u);
    }
}

BOOST_FIXTURE_TEST_CASE(a_success_may_repeat_the_secret_in_its_headers, exchange_fixture)
{
    std::string const secret = "CANARY+" + std::string(30, 'x');
    make_with(credential::client_secret(client_id, secret, "contoso.com"));
    expect_metadata().reply(404);
    expect_token().reply(200, "{}", {{"x-ms-request-id", std::string(110, '.') + secret}});
    auto const got = get();
    BOOST_REQUIRE(!got);
    BOOST_TEST(got.error().activity_id() == std::string(110, '.') + "REDACTED");
    BOOST_TEST(!has(got.error().describe(), "CANARY"), got.error().describe());
    BOOST_TEST(logged("CANARY") == 0u);
}

BOOST_AUTO_TEST_CASE(requests_that_sign_in_leave_nothing_behind)
{
    constexpr std::string_view secret = "CANARY-secret"; // short: it stays inside of the object
    alignas(async::http_request) std::array<std::byte, sizeof(async::http_request)> memory{};
    auto const holds = [&]
    {
        auto const* const from = reinterpret_cast<char const*>(memory.data());
        return has(std::string_view(from, memory.size()), secret.substr(1));
    };
    auto* const request = new (memory.data())
        async::http_request(async::http_method::post, base::url::parse("https://x/").value());
    request->body = secret;
    request->where = stage::token;
    BOOST_TEST(holds());
    request->~http_request();
    BOOST_TEST(!holds());
}

BOOST_AUTO_TEST_SUITE_END()

#include <emulator/login_fixture.hpp>

#include <emulator/server/encoding.hpp>

using namespace login_test;

namespace
{

constexpr char const* request_id = "0b7f5a3e-7b0f-4a4d-9b53-0e8e3a6a8f10";

struct answer_fixture : login_fixture
{
    using login_fixture::login_fixture;

    response refused(std::vector<std::pair<std::string, std::string>> const& headers)
    {
        auto http = made_of("/tenant-1/oauth2/v2.0/token", "grant_type=x&client_id=y&scope=z");
        for (auto const& [name, value] : headers)
            http.headers.add(name, value);
        return login.handle(http);
    }

    response get(std::string const& path)
    {
        request http;
        http.method = "GET";
        http.path = path;
        return login.handle(http);
    }
};

} // namespace

BOOST_AUTO_TEST_SUITE(login_answers)

BOOST_AUTO_TEST_CASE(members_and_types_of_a_refusal)
{
    answer_fixture it(sign_in_options().clock_offset(std::chrono::hours(1)));
    auto const answer = it.refused({});
    BOOST_TEST(answer.status == 400);
    BOOST_TEST(answer.headers.get("Content-Type") == "application/json; charset=utf-8");
    BOOST_TEST(answer.headers.get("Cache-Control") == "no-store, no-cache");
    BOOST_TEST(answer.headers.get("Pragma") == "no-cache");
    auto const body = body_of(answer);
    BOOST_TEST(body.size() == 7U);
    BOOST_TEST(body.at("error").as_string() == "unsupported_grant_type");
    BOOST_TEST(body.at("error_codes") == json::array{70003});
    BOOST_TEST(body.at("error_uri").is_string());
    std::string const said(body.at("error_description").as_string());
    BOOST_TEST(said.rfind("AADSTS70003: ", 0) == 0U);
    for (char const* name : {"trace_id", "correlation_id", "timestamp"})
        BOOST_TEST(said.find(std::string(body.at(name).as_string())) != std::string::npos, name);
    // Of the same clock as the header.
    BOOST_TEST(body.at("timestamp").as_string() == "2026-11-22 12:00:00Z");
    BOOST_TEST(answer.headers.get("Date") == "Sun, 22 Nov 2026 12:00:00 GMT");
}

BOOST_AUTO_TEST_CASE(the_request_id_is_the_correlation_id)
{
    answer_fixture it;
    auto const correlation = [](response const& answer)
    { return std::string(body_of(answer).at("correlation_id").as_string()); };
    auto const quiet = it.refused({{"client-request-id", request_id}});
    BOOST_TEST(correlation(quiet) == request_id);
    BOOST_TEST(!quiet.headers.has("client-request-id"));
    auto const told =
        it.refused({{"client-request-id", request_id}, {"return-client-request-id", "true"}});
    BOOST_TEST(correlation(told) == request_id);
    BOOST_TEST(told.headers.get("client-request-id") == request_id);
    BOOST_TEST(correlation(it.refused({{"client-request-id", "no guid"}})).size() == 36U);
    BOOST_TEST(correlation(it.refused({})) != correlation(it.refused({})));
}

BOOST_AUTO_TEST_CASE(configurations)
{
    answer_fixture it;
    auto const of = [&](std::string const& tenant)
    { return it.get("/" + tenant + "/v2.0/.well-known/openid-configuration"); };
    BOOST_TEST(body_of(of("tenant-1")).at("token_endpoint").as_string() == token_url);
    BOOST_TEST(of("organizations").status == 200);
    BOOST_TEST(code_of(of("tenant-2")) == 90002);
    auto const adfs = body_of(it.get("/adfs/.well-known/openid-configuration"));
    BOOST_TEST(adfs.at("token_endpoint").as_string() == "https://login.local/adfs/oauth2/token");
    BOOST_TEST(adfs.at("issuer").as_string() == "https://login.local/adfs");
}

BOOST_AUTO_TEST_SUITE_END()

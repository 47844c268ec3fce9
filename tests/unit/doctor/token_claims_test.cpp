#include <base/base64.hpp>
#include <boost/test/unit_test.hpp>
#include <doctor/token_claims.hpp>

namespace
{

using namespace kusto;
using namespace std::chrono_literals;
using doctor::read_claims;

std::string token(std::string const& claims)
{
    auto payload = base::base64_encode(claims);
    while (payload.ends_with('='))
        payload.pop_back();
    for (auto& c : payload)
        c = c == '+' ? '-' : c == '/' ? '_' : c;
    return "eyJhbGciOiJSUzI1NiJ9." + payload + ".c2lnbmF0dXJl";
}

doctor::token_audiences accepted()
{
    return doctor::token_audiences("https://kusto.kusto.windows.net",
                                   {base::url::parse("https://proxied.example:8443/").value(),
                                    base::url::parse("https://ingest.example/").value()},
                                   wire::trust_rules({".mine.example"}));
}

auto const now = base::utc_time_point(1700000000s);

} // namespace

BOOST_AUTO_TEST_SUITE(token_claims)

BOOST_AUTO_TEST_CASE(of_an_application)
{
    auto const claims = read_claims(
        token(R"({"aud":"https://kusto.kusto.windows.net","iss":"https://sts/t/","tid":"t-1",)"
              R"("appid":"a-1","oid":"o-1","idtyp":"app","exp":1700003600,"ver":"1.0?>"})"));
    BOOST_TEST_REQUIRE(claims.has_value());
    BOOST_TEST(claims->audience == "https://kusto.kusto.windows.net");
    BOOST_TEST(claims->tenant == "t-1");
    BOOST_TEST(claims->object == "o-1");
    BOOST_TEST((claims->expires == now + 1h));
    BOOST_TEST(principal_of(*claims) == "aadapp=a-1;t-1");
    auto const judged = doctor::judge_token(claims, accepted(), now);
    BOOST_TEST((judged.state == check_state::ok));
    BOOST_TEST(judged.detail == "aud https://kusto.kusto.windows.net, iss https://sts/t/, tid t-1, "
                                "appid a-1, oid o-1, idtyp app, exp 2023-11-14T23:13:20Z");
}

BOOST_AUTO_TEST_CASE(of_a_person)
{
    auto const claims =
        read_claims(token(R"({"tid":"t-1","azp":"a-1","oid":"o-1","idtyp":"user"})"));
    BOOST_TEST_REQUIRE(claims.has_value());
    BOOST_TEST(principal_of(*claims) == "aaduser=o-1;t-1");
}

/// The Azure CLI's application must not be taken for whom it signed in.
BOOST_AUTO_TEST_CASE(whom_a_token_names)
{
    struct
    {
        std::string claims;
        std::string principal;
    } const rows[] = {
        {R"("appid":"a","oid":"o","sub":"s","idtyp":"app")", "aadapp=a;t"},
        {R"("azp":"a","oid":"o","sub":"o")", "aadapp=a;t"},
        {R"("appid":"a","oid":"o","sub":"o","idtyp":"user")", "aaduser=o;t"},
        {R"("appid":"a","oid":"o","sub":"s","scp":"user_impersonation")", "aaduser=o;t"},
        {R"("appid":"a","oid":"o","sub":"o","scp":"user_impersonation")", "aaduser=o;t"},
        {R"("appid":"a","oid":"o","sub":"s","upn":"x@y.example")", "aaduser=o;t"},
        {R"("appid":"a","oid":"o","unique_name":"x@y.example")", "aaduser=o;t"},
        {R"("appid":"a","oid":"o","sub":"s")", ""},
        {R"("appid":"a","oid":"o")", ""},
        {R"("appid":"a")", ""},
        {R"("appid":"a","idtyp":"device","sub":"s","oid":"o")", ""},
        {R"("idtyp":"app","oid":"o")", ""},
    };
    for (auto const& row : rows)
    {
        auto const claims = read_claims(token(R"({"tid":"t",)" + row.claims + "}"));
        BOOST_TEST_REQUIRE(claims.has_value());
        BOOST_TEST(principal_of(*claims) == row.principal, row.claims);
    }
}

BOOST_AUTO_TEST_CASE(audiences)
{
    struct
    {
        char const* audience;
        bool foreign;
    } const rows[] = {
        {"https://kusto.kusto.windows.net", false},
        {"https://KUSTO.kusto.windows.net/", false},
        {"https://help.kusto.windows.net", false},
        {"https://api.kusto.windows.net/", false},
        {"https://ingest-c.westeurope.kusto.windows.net", false},
        {"https://proxied.example:8443", false},
        {"https://ingest.example/", false},
        {"https://c.mine.example", false},
        {"2746ea77-4702-4b45-80ca-3c97e680e8b7", false},
        {"api://2746ea77-4702-4b45-80ca-3c97e680e8b7", false},
        {"", false},
        {"https://management.azure.com/", true},
        {"https://storage.azure.com", true},
        {"https://proxied.example", true}, // another port
        {"https://kusto.windows.net.example", true},
        {"http://help.kusto.windows.net", true},
        {"https://", true},
    };
    for (auto const& row : rows)
        BOOST_TEST(accepted().is_foreign(row.audience) == row.foreign, row.audience);
}

BOOST_AUTO_TEST_CASE(what_is_no_jwt_is_opaque)
{
    for (auto const& text : {std::string(), std::string("opaque"), std::string("a.b"),
                             std::string("a.!!!.c"), std::string("a.bm8ganNvbg.c"), token("[1]"),
                             token("{\"aud\""), std::string(100000, 'a') + ".e30.c"})
        BOOST_TEST(!read_claims(text).has_value(), text.substr(0, 20));
    BOOST_TEST((doctor::judge_token(std::nullopt, accepted(), now).state == check_state::ok));
}

BOOST_AUTO_TEST_CASE(claims_of_wrong_types_say_nothing)
{
    auto const claims = read_claims(token(R"({"aud":["x"],"tid":7,"exp":"soon"})"));
    BOOST_TEST_REQUIRE(claims.has_value());
    BOOST_TEST(claims->audience == "");
    BOOST_TEST(!claims->expires);
    BOOST_TEST(principal_of(*claims) == "");
    for (auto const* const exp : {"-1", "1e300", "9223372036854775807"})
        BOOST_TEST(!read_claims(token(std::string("{\"exp\":") + exp + "}"))->expires, exp);
}

BOOST_AUTO_TEST_CASE(texts_of_claims_are_clean)
{
    auto const claims =
        read_claims(token(R"({"iss":"a\u001b[2J\nb","tid":")" + std::string(5000, 'x') + R"("})"));
    BOOST_TEST_REQUIRE(claims.has_value());
    BOOST_TEST(claims->issuer.find_first_of("\x1b\n") == std::string::npos);
    BOOST_TEST(claims->tenant.size() < 200u);
}

BOOST_AUTO_TEST_CASE(warnings)
{
    auto const judged = [](std::string const& claims)
    { return doctor::judge_token(read_claims(token(claims)), accepted(), now); };
    BOOST_TEST(judged(R"({"aud":"https://management.azure.com"})").remedy.find("another service") !=
               std::string::npos);
    BOOST_TEST((judged(R"({"aud":"https://kusto.kusto.windows.net/"})").state == check_state::ok));
    // The id of the resource's application: who knows which.
    BOOST_TEST(
        (judged(R"({"aud":"2746ea77-4702-4b45-80ca-3c97e680e8b7"})").state == check_state::ok));
    BOOST_TEST(judged(R"({"exp":1699999999})").remedy.find("has expired") != std::string::npos);
    BOOST_TEST(judged(R"({"exp":1700000100})").remedy.find("within 5 minutes") !=
               std::string::npos);
}

BOOST_AUTO_TEST_SUITE_END()

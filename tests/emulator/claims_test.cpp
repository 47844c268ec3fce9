#include <emulator/cluster_session.hpp>

#include <emulator/server/encoding.hpp>
#include <stdexcept>

using namespace kusto::emulator;
using namespace cluster_test;
namespace json = boost::json;

namespace
{

constexpr char const* demanded =
    R"({"access_token":{"nbf":{"essential":true,"value":"1893456000"}}})";
/// Merged with what the client asks for anyway.
constexpr char const* merged =
    R"({"access_token":{"nbf":{"value":"1893456000","essential":true},"xms_cc":{"values":["cp1"]}}})";

https_client::reply show_version(https_client& to, std::string const& token)
{
    return to.send("POST", "/v1/rest/mgmt",
                   {{"Content-Type", "application/json"}, {"Authorization", "Bearer " + token}},
                   R"({"csl":".show version"})");
}

std::string sign_in(cluster const& local, https_client& to, std::string const& claims)
{
    auto const& options = local.options();
    auto const answer =
        to.send("POST", "/" + options.tenant() + "/oauth2/v2.0/token",
                {{"Content-Type", "application/x-www-form-urlencoded"}},
                "grant_type=client_credentials&client_id=" + options.client_id() +
                    "&client_secret=" + options.client_secret() +
                    "&scope=https%3A%2F%2Fkusto.kusto.windows.net%2F.default&claims=" +
                    percent_encode(claims));
    BOOST_REQUIRE_MESSAGE(answer.status == 200, answer.body);
    return std::string(json::parse(answer.body).at("access_token").as_string());
}

} // namespace

BOOST_AUTO_TEST_SUITE(claims_challenges)

BOOST_AUTO_TEST_CASE(a_token_with_the_claims_is_let_in)
{
    cluster local(quick());
    https_client engine(local.engine_url(), local.ca_pem());
    https_client ingestion(local.ingestion_url(), local.ca_pem());
    auto const plain = sign_in(local, engine, "");
    BOOST_TEST(show_version(engine, plain).status == 200);
    local.demand_claims(demanded);
    auto const refused = show_version(engine, plain);
    BOOST_TEST(refused.status == 401);
    auto const header = refused.header("WWW-Authenticate");
    BOOST_TEST(header.find("error=\"insufficient_claims\"") != std::string::npos);
    auto const begin = header.find("claims=\"") + 8;
    auto const text = base64_decode(header.substr(begin, header.find('"', begin) - begin));
    BOOST_REQUIRE(text.has_value());
    BOOST_TEST(json::parse(*text) == json::parse(demanded));
    BOOST_TEST(show_version(ingestion, plain).status == 401);
    auto const other = sign_in(local, engine, R"({"access_token":{"nbf":{"essential":true}}})");
    BOOST_TEST(show_version(engine, other).status == 401);
    auto const right = sign_in(local, engine, merged);
    BOOST_TEST(show_version(engine, right).status == 200);
    BOOST_TEST(show_version(ingestion, right).status == 200);
    BOOST_TEST(local.requested_claims().back() == merged);
    local.demand_claims("");
    BOOST_TEST(show_version(engine, plain).status == 200);
}

BOOST_AUTO_TEST_CASE(only_objects_are_demanded)
{
    cluster local(quick());
    BOOST_CHECK_THROW(local.demand_claims("x"), std::invalid_argument);
    BOOST_CHECK_THROW(local.demand_claims("[]"), std::invalid_argument);
}

BOOST_AUTO_TEST_CASE(an_unknown_token_is_not_challenged)
{
    cluster local(quick());
    https_client engine(local.engine_url(), local.ca_pem());
    local.demand_claims(demanded);
    auto const refused = show_version(engine, "nonsense");
    BOOST_TEST(refused.status == 401);
    BOOST_TEST(refused.header("WWW-Authenticate").find("claims") == std::string::npos);
}

BOOST_AUTO_TEST_SUITE_END()

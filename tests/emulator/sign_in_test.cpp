#include <emulator/cluster_session.hpp>
#include <emulator/login_fixture.hpp>

#include <emulator/server/encoding.hpp>

using namespace kusto::emulator;
using namespace cluster_test;
using namespace std::chrono_literals;
namespace json = boost::json;
using login_test::first_key;
using login_test::kusto_resource;
using token_signing::base64url;
using token_signing::scheme;

namespace
{

/// A cluster that is signed in to over its own port.
struct sign_in_fixture
{
    explicit sign_in_fixture(cluster_options with)
        : local(std::move(with)),
          engine(local.engine_url(), local.ca_pem())
    {
    }

    /// \param body  more parameters, each after `&`
    https_client::reply post(char const* endpoint, std::string const& body)
    {
        return engine.send("POST", "/" + local.options().tenant() + "/oauth2/v2.0/" + endpoint,
                           {{"Content-Type", "application/x-www-form-urlencoded"}},
                           "client_id=" + local.options().client_id() + "&scope=" +
                               percent_encode(std::string(kusto_resource)) + "%2F.default" + body);
    }

    /// \param authority  that the assertion is made for
    https_client::reply assert_for(std::string const& authority, std::string const& certificate)
    {
        auto const now = std::chrono::system_clock::to_time_t(std::chrono::system_clock::now());
        json::object const header{{"alg", "PS256"},
                                  {"typ", "JWT"},
                                  {"x5t#S256", base64url(token_signing::sha256_of(certificate))}};
        json::object const claims{
            {"aud", authority + "/" + local.options().tenant() + "/oauth2/v2.0/token"},
            {"iss", local.options().client_id()},
            {"sub", local.options().client_id()},
            {"jti", random_guid()},
            {"nbf", now - 60},
            {"exp", now + 600}};
        return post("token", "&grant_type=client_credentials&client_assertion_type=" +
                                 percent_encode("urn:ietf:params:oauth:client-assertion-type:"
                                                "jwt-bearer") +
                                 "&client_assertion=" +
                                 token_signing::token(header, claims, scheme::ps256, first_key()));
    }

    https_client::reply poll(std::string const& device_code)
    {
        return post("token", "&grant_type=" + percent_encode(login_test::device_grant) +
                                 "&device_code=" + device_code);
    }

    void check_token(https_client::reply const& answer)
    {
        BOOST_REQUIRE_MESSAGE(answer.status == 200, answer.body);
        session client(local);
        client.token = std::string(json::parse(answer.body).at("access_token").as_string());
        client.command(client.engine, ".show version");
    }

    cluster local;
    https_client engine;
};

std::int64_t code_of(https_client::reply const& answer)
{
    return json::parse(answer.body).at("error_codes").at(0).as_int64();
}

} // namespace

BOOST_AUTO_TEST_SUITE(signing_in)

BOOST_AUTO_TEST_CASE(with_a_certificate)
{
    auto const certificate = first_key().certificate("app");
    sign_in_fixture it(quick().sign_in(sign_in_options().certificate(certificate)));
    it.check_token(it.assert_for(it.local.authority_url(), certificate));
    auto const other_name = it.assert_for("https://127.0.0.1", certificate);
    BOOST_TEST(code_of(other_name) == 700023);
}

BOOST_AUTO_TEST_CASE(under_the_name_that_metadata_tells)
{
    auto const certificate = first_key().certificate("app");
    sign_in_fixture it(quick()
                           .sign_in(sign_in_options().certificate(certificate))
                           .metadata_endpoints("https://c.local", "", "https://login.local"));
    it.check_token(it.assert_for("https://login.local", certificate));
    BOOST_TEST(code_of(it.assert_for(it.local.authority_url(), certificate)) == 700023);
    auto const own =
        it.engine.send("POST", "/" + it.local.options().tenant() + "/oauth2/v2.0/token",
                       {{"Content-Type", "application/x-www-form-urlencoded"}},
                       "grant_type=client_credentials&client_id=" + it.local.options().client_id() +
                           "&client_secret=" + it.local.options().client_secret() +
                           "&scope=https%3A%2F%2Fc.local%2F.default");
    it.check_token(own);
}

BOOST_AUTO_TEST_CASE(with_a_device_code)
{
    sign_in_fixture it(quick().sign_in(sign_in_options().device_code(900s, 0s)));
    auto const begun = [&] { return json::parse(it.post("devicecode", "").body).as_object(); };
    auto const code = begun();
    std::string const device_code(code.at("device_code").as_string());
    std::string const user_code(code.at("user_code").as_string());
    BOOST_TEST(code_of(it.poll(device_code)) == 70016);
    BOOST_TEST(it.local.approve_device_code(user_code));
    BOOST_TEST(!it.local.approve_device_code(user_code));
    it.check_token(it.poll(device_code));
    auto const other = begun();
    BOOST_TEST(it.local.decline_device_code(std::string(other.at("user_code").as_string())));
    BOOST_TEST(code_of(it.poll(std::string(other.at("device_code").as_string()))) == 65004);
}

BOOST_AUTO_TEST_CASE(what_is_no_key_stops_the_cluster)
{
    BOOST_CHECK_THROW(cluster(quick().sign_in(sign_in_options().certificate("none"))),
                      std::runtime_error);
}

BOOST_AUTO_TEST_SUITE_END()

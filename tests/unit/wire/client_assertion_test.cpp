#include "replies.hpp"

#include <base/base64.hpp>
#include <boost/json.hpp>
#include <boost/test/unit_test.hpp>
#include <crypto/load_certificate.hpp>
#include <support/test_certificates.hpp>
#include <wire/client_assertion.hpp>

using namespace kusto;
using namespace kusto::test;
namespace json = boost::json;

namespace
{

base::utc_time_point const now(std::chrono::milliseconds(1795345186'900));
constexpr char const* endpoint = "https://login.microsoftonline.com/t.com/oauth2/v2.0/token";
constexpr char const* client_id = "0f1e2d3c-0000-1111-2222-333344445555";

/// A JWT as a service takes it apart.
struct taken_apart
{
    explicit taken_apart(std::string const& jwt)
    {
        auto const first = jwt.find('.');
        auto const last = jwt.rfind('.');
        to_sign = jwt.substr(0, last);
        header = part(jwt.substr(0, first));
        payload = part(jwt.substr(first + 1, last - first - 1));
        signature = base::base64url_decode(jwt.substr(last + 1)).value();
    }

    static json::object part(std::string const& text)
    {
        return json::parse(base::base64url_decode(text).value()).as_object();
    }

    json::object header;
    json::object payload;
    std::string to_sign;
    std::string signature;
};

wire::assertion_certificate of(crypto::client_certificate const& from, bool send_chain)
{
    wire::assertion_certificate made;
    made.sha1_thumbprint = from.sha1_thumbprint();
    made.sha256_thumbprint = from.sha256_thumbprint();
    if (send_chain)
        made.chain = from.chain();
    return made;
}

std::string text(json::value const& from)
{
    return std::string(from.as_string());
}

} // namespace

BOOST_AUTO_TEST_SUITE(client_assertion_test)

BOOST_AUTO_TEST_CASE(header_and_claims_are_these)
{
    wire::assertion_certificate by;
    by.sha1_thumbprint = std::string(20, '\xfb');
    by.sha256_thumbprint = std::string(32, '\xfe');
    wire::assertion_claims const claims(endpoint, client_id, "jti-1", now);
    taken_apart const entra(
        wire::signed_assertion(wire::assertion_to_sign(false, by, claims), "s"));
    BOOST_TEST(json::serialize(entra.header) ==
               R"({"alg":"PS256","typ":"JWT",)"
               R"("x5t#S256":"_v7-_v7-_v7-_v7-_v7-_v7-_v7-_v7-_v7-_v7-_v4"})");
    BOOST_TEST(json::serialize(entra.payload) ==
               R"({"aud":"https://login.microsoftonline.com/t.com/oauth2/v2.0/token",)"
               R"("iss":"0f1e2d3c-0000-1111-2222-333344445555",)"
               R"("sub":"0f1e2d3c-0000-1111-2222-333344445555","jti":"jti-1",)"
               R"("nbf":1795344886,"iat":1795345186,"exp":1795345786})");
    taken_apart const adfs(wire::signed_assertion(wire::assertion_to_sign(true, by, claims), "s"));
    BOOST_TEST(json::serialize(adfs.header) ==
               R"({"alg":"RS256","typ":"JWT","x5t":"-_v7-_v7-_v7-_v7-_v7-_v7-_s"})");
    BOOST_TEST((adfs.payload == entra.payload));
}

BOOST_AUTO_TEST_CASE(the_chain_is_an_array_of_standard_base64)
{
    wire::assertion_certificate by;
    by.chain = {"\xfb\xef\xbe\xff", "ab"};
    wire::assertion_claims const claims(endpoint, client_id, "jti-1", now);
    taken_apart const made(wire::signed_assertion(wire::assertion_to_sign(false, by, claims), "s"));
    BOOST_TEST(json::serialize(made.header.at("x5c")) == R"(["++++/w==","YWI="])");
}

BOOST_AUTO_TEST_CASE(a_service_can_verify_it)
{
    auto const certificate = make_certificate();
    auto const loaded = crypto::load_certificate(pem(usual_key()) + pem(certificate), "",
                                                 std::chrono::system_clock::now());
    BOOST_REQUIRE(loaded);
    wire::assertion_claims const claims(endpoint, client_id, "jti-1", now);
    for (bool const adfs : {false, true})
    {
        auto const scheme =
            adfs ? crypto::signature_scheme::rs256 : crypto::signature_scheme::ps256;
        auto const to_sign = wire::assertion_to_sign(adfs, of(*loaded, true), claims);
        auto const signature = loaded->sign(scheme, to_sign);
        BOOST_REQUIRE(signature);
        taken_apart const seen(wire::signed_assertion(to_sign, *signature));
        BOOST_TEST((text(seen.header.at("x5c").at(0)) == base::base64_encode(der(certificate))));
        bool const pss = verifies_pss(usual_key(), seen.to_sign, seen.signature, 32);
        BOOST_TEST(pss == !adfs);
        BOOST_TEST(verifies_pkcs1(usual_key(), seen.to_sign, seen.signature) == adfs);
        auto const name = adfs ? "x5t" : "x5t#S256";
        auto const digest = adfs ? sha1(der(certificate)) : sha256(der(certificate));
        BOOST_TEST((base::base64url_decode(text(seen.header.at(name))).value() == digest));
    }
}

BOOST_AUTO_TEST_SUITE_END()

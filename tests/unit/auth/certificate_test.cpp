#include "sign_in_fixture.hpp"

#include <base/time_text.hpp>
#include <boost/test/data/test_case.hpp>
#include <support/test_certificates.hpp>

using namespace kusto;
using namespace kusto::test;
using namespace std::chrono_literals;
namespace json = boost::json;

namespace
{

/// A JWT as a service takes it apart.
class taken_apart
{
public:
    explicit taken_apart(std::string const& jwt)
    {
        auto const first = jwt.find('.');
        auto const last = jwt.rfind('.');
        BOOST_REQUIRE(first < last && last != std::string::npos);
        to_sign = jwt.substr(0, last);
        header = part(jwt.substr(0, first));
        claims = part(jwt.substr(first + 1, last - first - 1));
        signature = base::base64url_decode(jwt.substr(last + 1)).value();
    }

    [[nodiscard]] bool signed_by(test_key const& key) const
    {
        return verifies_pss(key, to_sign, signature, 32);
    }
    [[nodiscard]] std::string claim(char const* name) const
    {
        return json::value_to<std::string>(claims.at(name));
    }

    std::string to_sign;
    json::object header;
    json::object claims;
    std::string signature;

private:
    static json::object part(std::string const& text)
    {
        return json::parse(base::base64url_decode(text).value()).as_object();
    }
};

std::int64_t seconds_of(base::utc_time_point when)
{
    return std::chrono::floor<std::chrono::seconds>(when.time_since_epoch()).count();
}

certificate_plan plan_for(int which)
{
    certificate_plan plan;
    plan.key = plan.issuer_key = usual_key(which);
    return plan;
}

class certificate_fixture : public sign_in_fixture
{
public:
    certificate_fixture() { expect_metadata().reply(404); }

    void make_from(certificate_source const& source, std::string const& tenant = "contoso.com")
    {
        make_with(credential::client_certificate(client_id, source, tenant));
    }
    void make_from_file(std::string const& content)
    {
        make_from(certificate_source::file(files.write("app.pem", content)));
    }

    [[nodiscard]] taken_apart assertion(std::size_t back = 0) const
    {
        return taken_apart(field("client_assertion", back));
    }

    failure refusal()
    {
        auto const got = get();
        BOOST_REQUIRE(!got);
        return got.error();
    }
};

} // namespace

BOOST_AUTO_TEST_SUITE(certificate_test)

BOOST_FIXTURE_TEST_CASE(the_assertion_is_what_the_service_wants, certificate_fixture)
{
    auto const certificate = make_certificate();
    make_from(certificate_source::memory(pem(certificate) + pem(usual_key())));
    expect_granted("one");
    BOOST_TEST(text() == "one");
    BOOST_TEST(field("grant_type") == "client_credentials");
    BOOST_TEST(field("client_id") == client_id);
    BOOST_TEST(field("scope") == "https://kusto.kusto.windows.net/.default");
    BOOST_TEST(field("client_assertion_type") ==
               "urn:ietf:params:oauth:client-assertion-type:jwt-bearer");
    auto const seen = assertion();
    BOOST_TEST(seen.signed_by(usual_key()));
    BOOST_TEST(json::serialize(seen.header) ==
               R"({"alg":"PS256","typ":"JWT","x5t#S256":")" +
                   base::base64url_encode(sha256(der(certificate))) + R"("})");
    BOOST_TEST(seen.claim("aud") == transport->calls().back().target.with_secrets());
    BOOST_TEST(seen.claim("aud") ==
               "https://login.microsoftonline.com/contoso.com/oauth2/v2.0/token");
    BOOST_TEST(seen.claim("iss") == client_id);
    BOOST_TEST(seen.claim("sub") == client_id);
    auto const now = seconds_of(time.utc_now());
    BOOST_TEST(seen.claims.at("iat").as_int64() == now);
    BOOST_TEST(seen.claims.at("nbf").as_int64() == now - 300);
    BOOST_TEST(seen.claims.at("exp").as_int64() == now + 600);
    BOOST_TEST(transport->problems().empty(), transport->problems());
}

BOOST_FIXTURE_TEST_CASE(ad_fs_gets_its_own_form, certificate_fixture)
{
    auto const certificate = make_certificate();
    make_from(certificate_source::memory(pem(certificate) + pem(usual_key())), "adfs");
    transport->expect(async::http_method::post, login_host)
        .path("/adfs/oauth2/token")
        .reply(200, token_json("one"));
    BOOST_TEST(text() == "one");
    auto const seen = assertion();
    BOOST_TEST(verifies_pkcs1(usual_key(), seen.to_sign, seen.signature));
    BOOST_TEST(json::serialize(seen.header) == R"({"alg":"RS256","typ":"JWT","x5t":")" +
                                                   base::base64url_encode(sha1(der(certificate))) +
                                                   R"("})");
    BOOST_TEST(field("resource") == "https://kusto.kusto.windows.net");
    BOOST_TEST(field("scope") == "");
}

BOOST_FIXTURE_TEST_CASE(the_chain_is_sent_when_it_is_asked_for, certificate_fixture)
{
    certificate_plan root = plan_for(1);
    root.subject = root.issuer = "root";
    certificate_plan leaf = plan_for(0);
    leaf.issuer = "root";
    leaf.issuer_key = usual_key(1);
    auto const above = make_certificate(root);
    auto const certificate = make_certificate(leaf);
    auto const content = pfx(usual_key(), certificate, {above}, canary);
    make_from(certificate_source::memory(content).password(canary).send_chain(true));
    expect_granted("one");
    BOOST_TEST(text() == "one");
    json::array const wanted{json::string(base::base64_encode(der(certificate))),
                             json::string(base::base64_encode(der(above)))};
    BOOST_TEST(json::serialize(assertion().header.at("x5c")) == json::serialize(wanted));
}

BOOST_FIXTURE_TEST_CASE(each_attempt_has_an_assertion_of_its_own, certificate_fixture)
{
    make_from_file(pem_identity());
    expect_token().reply(503);
    expect_granted("one");
    BOOST_TEST(text() == "one");
    BOOST_TEST(assertion(0).signed_by(usual_key()));
    BOOST_TEST(assertion(1).signed_by(usual_key()));
    BOOST_TEST(assertion(0).claim("jti") != assertion(1).claim("jti"));
}

BOOST_FIXTURE_TEST_CASE(a_renewed_file_is_used_from_the_next_request_on, certificate_fixture)
{
    make_from_file(pem_identity(plan_for(0)));
    expect_granted("one");
    expect_granted("two");
    expect_granted("three");
    BOOST_TEST(text() == "one");
    BOOST_TEST(text_anew() == "two");
    BOOST_TEST(assertion().signed_by(usual_key(0)));
    BOOST_TEST(logged("certificate in use") == 1u);
    files.write("app.pem", pem_identity(plan_for(1)));
    BOOST_TEST(text_anew() == "three");
    BOOST_TEST(assertion().signed_by(usual_key(1)));
    BOOST_TEST(logged("certificate in use") == 2u);
}

BOOST_FIXTURE_TEST_CASE(a_renewal_that_went_wrong_leaves_the_old_one_in_use, certificate_fixture)
{
    make_from_file(pem_identity(plan_for(0)));
    for (char const* value : {"one", "two", "three", "four"})
        expect_granted(value);
    BOOST_TEST(text() == "one");
    files.write("app.pem", pem(usual_key(1)) + "CANARY~secret/+=");
    BOOST_TEST(text_anew() == "two");
    BOOST_TEST(assertion().signed_by(usual_key(0)));
    BOOST_TEST(logged("the certificate that was read before stays in use") == 1u);
    BOOST_TEST(logged("there is no certificate") == 1u);
    BOOST_TEST(logged(files.path("app.pem")) >= 1u);
    BOOST_TEST(logged(canary) == 0u);
    std::filesystem::remove(files.path("app.pem"));
    BOOST_TEST(text_anew() == "three");
    BOOST_TEST(logged("cannot be read") == 1u);
    files.write("app.pem", pem_identity(plan_for(1)));
    BOOST_TEST(text_anew() == "four");
    BOOST_TEST(assertion().signed_by(usual_key(1)));
}

BOOST_FIXTURE_TEST_CASE(a_renewal_that_went_wrong_is_read_once, certificate_fixture)
{
    make_from_file(pem_identity(plan_for(0)));
    for (char const* value : {"one", "two", "three", "four", "five"})
        expect_granted(value);
    BOOST_TEST(text() == "one");
    files.write("app.pem", pem(usual_key(1)));
    BOOST_TEST(text_anew() == "two");
    BOOST_TEST(text_anew() == "three");
    BOOST_TEST(logged("the certificate that was read before stays in use") == 1u);
    files.write("app.pem", pem(usual_key(1)) + "again");
    BOOST_TEST(text_anew() == "four");
    BOOST_TEST(logged("the certificate that was read before stays in use") == 2u);
    files.write("app.pem", pem_identity(plan_for(1)));
    BOOST_TEST(text_anew() == "five");
    BOOST_TEST(assertion().signed_by(usual_key(1)));
}

BOOST_FIXTURE_TEST_CASE(one_that_is_not_valid_yet_is_used_from_its_beginning_on,
                        certificate_fixture)
{
    auto old = plan_for(0);
    old.not_after = time.utc_now() + 10h;
    make_from_file(pem_identity(old));
    for (char const* value : {"one", "two", "three", "four"})
        expect_granted(value);
    BOOST_TEST(text() == "one");
    auto renewed = plan_for(1);
    renewed.not_before = time.utc_now() + 150min;
    renewed.not_after = time.utc_now() + 48h;
    files.write("app.pem", pem_identity(renewed));
    BOOST_TEST(text_anew() == "two");
    BOOST_TEST(assertion().signed_by(usual_key(0)));
    BOOST_TEST(logged("holds none that is valid now") == 1u);
    BOOST_TEST(text_anew() == "three");
    BOOST_TEST(assertion().signed_by(usual_key(0)));
    BOOST_TEST(logged("holds none that is valid now") == 1u);
    BOOST_TEST(logged("certificate in use") == 1u);
    BOOST_TEST(text_anew() == "four");
    BOOST_TEST(assertion().signed_by(usual_key(1)));
    BOOST_TEST(logged("certificate in use") == 2u);
}

BOOST_DATA_TEST_CASE_F(certificate_fixture, of_several_with_one_key_the_next_takes_over,
                       boost::unit_test::data::make({false, true}), from_file)
{
    auto plan = plan_for(0);
    plan.not_after = time.utc_now() + 90min;
    auto const first = make_certificate(plan);
    plan.not_before = time.utc_now() + 30min;
    plan.not_after = time.utc_now() + 48h;
    auto const second = make_certificate(plan);
    auto const content = pem(first) + pem(second) + pem(usual_key());
    auto const thumbprint = [this]
    { return json::value_to<std::string>(assertion().header.at("x5t#S256")); };
    from_file ? make_from_file(content) : make_from(certificate_source::memory(content));
    expect_granted("one");
    BOOST_TEST(text() == "one");
    BOOST_TEST(thumbprint() == base::base64url_encode(sha256(der(first))));
    time.advance(2h);
    expect_granted("two");
    BOOST_TEST(text() == "two");
    BOOST_TEST(thumbprint() == base::base64url_encode(sha256(der(second))));
}

BOOST_FIXTURE_TEST_CASE(without_any_usable_certificate_nothing_is_sent, certificate_fixture)
{
    make_from(certificate_source::file(files.path("missing.pem")));
    auto const why = refusal();
    BOOST_TEST((why.code() == errc::invalid_option));
    BOOST_TEST((why.where() == stage::token));
    BOOST_TEST(has(why.message(), files.path("missing.pem")));
    BOOST_TEST(has(why.message(), std::string("client certificate of application ") + client_id));
    BOOST_TEST(transport->problems().empty(), transport->problems());
}

BOOST_FIXTURE_TEST_CASE(a_certificate_that_expires_meanwhile_is_not_sent, certificate_fixture)
{
    certificate_plan plan;
    plan.not_after = time.utc_now() + 30min;
    make_from_file(pem_identity(plan));
    expect_granted("one");
    BOOST_TEST(text() == "one");
    time.advance(1h);
    auto const why = refusal();
    BOOST_TEST((why.code() == errc::invalid_option));
    BOOST_TEST(has(why.message(), "has expired on"));
    BOOST_TEST(has(why.message(), files.path("app.pem")));
    BOOST_TEST(!why.retryable());
    BOOST_TEST(calls() == 2u);
}

BOOST_FIXTURE_TEST_CASE(readers_of_the_key_are_warned_of, certificate_fixture)
{
    using std::filesystem::perms;
    make_from_file(pem_identity());
    for (char const* value : {"one", "two", "three"})
        expect_granted(value);
    BOOST_TEST(text() == "one");
    BOOST_TEST(logged("may be read by other users") == 0u);
    std::filesystem::permissions(files.path("app.pem"), perms::owner_read | perms::group_read);
    BOOST_TEST(text_anew() == "two");
    BOOST_TEST(logged("may be read by other users") == 1u);
    BOOST_TEST(text_anew() == "three");
    BOOST_TEST(logged("may be read by other users") == 1u);
}

BOOST_FIXTURE_TEST_CASE(a_wrong_clock_is_made_up_for_once, certificate_fixture)
{
    make_from_file(pem_identity());
    auto const there = time.utc_now() + 2h;
    std::string const refused =
        R"({"error":"invalid_client","error_codes":[700024],"error_description":"AADSTS700024: x"})";
    expect_token().reply(401, refused, {{"Date", base::rfc1123_text(there)}});
    expect_granted("one");
    BOOST_TEST(text() == "one");
    BOOST_TEST(assertion(1).claims.at("iat").as_int64() == seconds_of(there - 2h));
    BOOST_TEST(assertion(0).claims.at("iat").as_int64() == seconds_of(there));
    expect_token().times(2).reply(401, refused, {{"Date", base::rfc1123_text(there)}});
    time.advance(1h);
    auto const why = refusal();
    BOOST_TEST(why.service_code() == "AADSTS700024");
    BOOST_TEST(has(why.message(), "check this machine's clock"));
    BOOST_TEST(transport->problems().empty(), transport->problems());
}

BOOST_FIXTURE_TEST_CASE(no_secret_is_shown, certificate_fixture)
{
    auto const content = pem(usual_key(), canary) + pem(make_certificate());
    auto const source = certificate_source::memory(content).password(canary);
    auto const who = credential::client_certificate(client_id, source, "contoso.com");
    BOOST_TEST(leaks_of(who, {canary, "PRIVATE KEY"}) == "");
}

BOOST_AUTO_TEST_SUITE_END()

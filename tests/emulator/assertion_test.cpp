#include <emulator/login_fixture.hpp>

#include <emulator/server/encoding.hpp>
#include <functional>

using namespace login_test;
using namespace token_signing;

namespace
{

std::string const& own_certificate()
{
    static std::string const pem = first_key().certificate("app");
    return pem;
}

sign_in_options registered()
{
    return sign_in_options().certificate("text between blocks\n" + own_certificate());
}

/// A right assertion, and then what a row of a table does to it.
struct draft
{
    json::object header;
    json::object claims;
    scheme how = scheme::ps256;
    key_pair const* key = &first_key();
    std::string assertion_type = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

    explicit draft(std::int64_t now)
    {
        header["alg"] = "PS256";
        header["typ"] = "JWT";
        header["x5t#S256"] = base64url(sha256_of(own_certificate()));
        claims["aud"] = token_url;
        claims["iss"] = client;
        claims["sub"] = client;
        claims["jti"] = random_guid();
        claims["nbf"] = now - 300;
        claims["iat"] = now;
        claims["exp"] = now + 600;
    }

    void as_rs256()
    {
        header["alg"] = "RS256";
        header.erase("x5t#S256");
        header["x5t"] = base64url(sha1_of(own_certificate()));
        how = scheme::rs256;
    }

    [[nodiscard]] std::string text() const
    {
        return token_signing::token(header, claims, how, *key);
    }
};

struct row
{
    char const* what;
    int code;
    std::function<void(draft&)> change;
};

std::vector<row> const rows{
    {"PS256 with x5t#S256", 0, [](draft&) {}},
    {"RS256 with x5t", 0, [](draft& it) { it.as_rs256(); }},
    {"both thumbprints", 0,
     [](draft& it) { it.header["x5t"] = base64url(sha1_of(own_certificate())); }},
    {"a chain that nobody asked for", 0,
     [](draft& it) { it.header["x5c"] = json::array{base64_encode(der_of(own_certificate()))}; }},
    {"a padded thumbprint", 0,
     [](draft& it) { it.header["x5t#S256"] = base64_encode(sha256_of(own_certificate())); }},
    {"the thumbprint in kid, as Azure's C++ library has it", 0,
     [](draft& it) { it.header["kid"] = hexadecimal(sha1_of(own_certificate())); }},
    {"another kid", 700027, [](draft& it) { it.header["kid"] = "1"; }},
    {"a kid in lower case", 700027,
     [](draft& it) { it.header["kid"] = lower_case(hexadecimal(sha1_of(own_certificate()))); }},
    {"PS256 with x5t", 0,
     [](draft& it)
     {
         it.header.erase("x5t#S256");
         it.header["x5t"] = base64url(sha1_of(own_certificate()));
     }},
    {"RS256 with x5t#S256 and no type, as Microsoft's library for Java has it", 0,
     [](draft& it)
     {
         it.header["alg"] = "RS256";
         it.header.erase("typ");
         it.how = scheme::rs256;
     }},
    {"one certificate as a text, as Microsoft's library for .NET has it", 0,
     [](draft& it) { it.header["x5c"] = base64_encode(der_of(own_certificate())); }},
    {"another certificate as a text", 700027,
     [](draft& it) { it.header["x5c"] = base64_encode(der_of(second_key().certificate("app"))); }},
    {"a text that is no certificate", 50027, [](draft& it) { it.header["x5c"] = "MAA="; }},
    {"an empty text as chain", 50027, [](draft& it) { it.header["x5c"] = ""; }},
    {"a chain that is a number", 50027, [](draft& it) { it.header["x5c"] = 1; }},
    {"an empty chain", 50027, [](draft& it) { it.header["x5c"] = json::array(); }},
    {"a chain of another certificate", 700027,
     [](draft& it)
     { it.header["x5c"] = json::array{base64_encode(der_of(second_key().certificate("app")))}; }},
    {"no type", 0, [](draft& it) { it.header.erase("typ"); }},
    {"another type", 50027, [](draft& it) { it.header["typ"] = "JWS"; }},
    {"a type that is no text", 50027, [](draft& it) { it.header["typ"] = nullptr; }},
    {"no iat", 0, [](draft& it) { it.claims.erase("iat"); }},
    {"iat as text", 50027, [](draft& it) { it.claims["iat"] = "1893456600"; }},
    {"another salt length", 700027, [](draft& it) { it.how = scheme::ps256_longest_salt; }},
    {"RS256 under the name PS256", 700027, [](draft& it) { it.how = scheme::rs256; }},
    {"another key", 700027, [](draft& it) { it.key = &second_key(); }},
    {"no thumbprint", 700027, [](draft& it) { it.header.erase("x5t#S256"); }},
    {"an unknown thumbprint", 700027,
     [](draft& it) { it.header["x5t#S256"] = base64url(std::string(32, 'x')); }},
    {"a thumbprint that is no text", 700027, [](draft& it) { it.header["x5t#S256"] = 1; }},
    {"thumbprints that differ", 700027,
     [](draft& it) { it.header["x5t"] = base64url(std::string(20, 'x')); }},
    {"a thumbprint in hexadecimal", 700027,
     [](draft& it) { it.header["x5t#S256"] = "0123456789ABCDEF"; }},
    {"another algorithm", 50027, [](draft& it) { it.header["alg"] = "RS512"; }},
    {"no signature wanted", 50027, [](draft& it) { it.header["alg"] = "none"; }},
    {"no algorithm", 50027, [](draft& it) { it.header.erase("alg"); }},
    {"another subject", 700021, [](draft& it) { it.claims["sub"] = "somebody"; }},
    {"another issuer", 700021, [](draft& it) { it.claims["iss"] = "somebody"; }},
    {"another issuer and subject", 700211,
     [](draft& it)
     {
         it.claims["iss"] = "somebody";
         it.claims["sub"] = "somebody";
     }},
    {"the issuer as audience", 700023,
     [](draft& it) { it.claims["aud"] = "https://login.local/tenant-1/v2.0"; }},
    {"audience with a slash", 700023,
     [](draft& it) { it.claims["aud"] = std::string(token_url) + "/"; }},
    {"no audience", 700023, [](draft& it) { it.claims.erase("aud"); }},
    {"expired", 700024,
     [](draft& it)
     {
         it.claims["nbf"] = it.claims["nbf"].as_int64() - 600;
         it.claims["exp"] = it.claims["exp"].as_int64() - 600;
     }},
    {"not yet valid", 700024,
     [](draft& it)
     {
         it.claims["nbf"] = it.claims["nbf"].as_int64() + 301;
         it.claims["exp"] = it.claims["exp"].as_int64() + 301;
     }},
    {"valid for too long", 50027,
     [](draft& it) { it.claims["exp"] = it.claims["exp"].as_int64() + 1; }},
    {"times in fractions", 50027, [](draft& it) { it.claims["exp"] = 1.5e9; }},
    {"times as digits in texts, as Microsoft's library for .NET has them", 0,
     [](draft& it)
     {
         it.claims["nbf"] = std::to_string(it.claims["nbf"].as_int64());
         it.claims["exp"] = std::to_string(it.claims["exp"].as_int64());
     }},
    {"valid for too long, as text", 50027, [](draft& it) { it.claims["exp"] = "1893456600"; }},
    {"a time of too many digits", 50027,
     [](draft& it) { it.claims["exp"] = "99999999999999999999"; }},
    {"a time with a sign", 50027,
     [](draft& it) { it.claims["exp"] = "+" + std::to_string(it.claims["exp"].as_int64()); }},
    {"a date as time", 50027, [](draft& it) { it.claims["exp"] = "2026-11-22T11:10:00Z"; }},
    {"an empty time", 50027, [](draft& it) { it.claims["exp"] = ""; }},
    {"expired, as text", 700024,
     [](draft& it)
     {
         it.claims["nbf"] = std::to_string(it.claims["nbf"].as_int64() - 600);
         it.claims["exp"] = std::to_string(it.claims["exp"].as_int64() - 600);
     }},
    {"no begin", 50027, [](draft& it) { it.claims.erase("nbf"); }},
    {"no end", 50027, [](draft& it) { it.claims.erase("exp"); }},
    {"no id", 50027, [](draft& it) { it.claims.erase("jti"); }},
    {"another type of assertion", 900144, [](draft& it) { it.assertion_type = "jwt"; }},
};

} // namespace

BOOST_AUTO_TEST_SUITE(client_assertions)

BOOST_AUTO_TEST_CASE(each_is_judged_by_its_code)
{
    login_fixture it(registered());
    for (auto const& [what, code, change] : rows)
    {
        draft given(it.seconds());
        change(given);
        auto fields = login_fixture::assertion(given.text());
        fields[1].second = given.assertion_type;
        BOOST_TEST(code_of(it.token(fields)) == code, what);
    }
}

BOOST_AUTO_TEST_CASE(malformed_tokens)
{
    login_fixture it(registered());
    auto const good = draft(it.seconds()).text();
    auto const first = good.find('.');
    for (std::string const& text :
         {std::string("x"), std::string("a.b.c"), good.substr(0, good.rfind('.')), good + ".x",
          good + "=", good.substr(0, good.rfind('.') + 1),
          "e30" + good.substr(first, 5) + "." + "x", base64url("[]") + good.substr(first),
          base64_encode("{ }") + good.substr(first)})
        BOOST_TEST(code_of(it.token(login_fixture::assertion(text))) == 50027, text);
    BOOST_TEST(code_of(it.token(login_fixture::assertion(good))) == 0);
}

BOOST_AUTO_TEST_CASE(an_assertion_is_used_once)
{
    login_fixture it(registered());
    draft given(it.seconds());
    auto const fields = login_fixture::assertion(given.text());
    BOOST_TEST(code_of(it.token(fields)) == 0);
    BOOST_TEST(code_of(it.token(fields)) == 50027);
    given.claims["iat"] = it.seconds() + 1;
    BOOST_TEST(code_of(it.token(login_fixture::assertion(given.text()))) == 50027);
}

BOOST_AUTO_TEST_CASE(a_clock_that_differs_shows_in_the_date)
{
    login_fixture it(registered().clock_offset(std::chrono::hours(1)));
    auto const late = it.token(login_fixture::assertion(draft(it.seconds()).text()));
    BOOST_TEST(code_of(late) == 700024);
    BOOST_TEST(late.status == 401);
    BOOST_TEST(late.headers.get("Date") == http_date(it.now + std::chrono::hours(1)));
    auto const right = draft(it.seconds() + 3600).text();
    BOOST_TEST(code_of(it.token(login_fixture::assertion(right))) == 0);
}

BOOST_AUTO_TEST_CASE(nobody_is_registered)
{
    login_fixture it;
    BOOST_TEST(code_of(it.token(login_fixture::assertion(draft(it.seconds()).text()))) == 700027);
    BOOST_TEST(code_of(it.token({{"grant_type", "client_credentials"}})) == 7000218);
    auto both = login_fixture::assertion(draft(it.seconds()).text());
    both.emplace_back("client_secret", "secret");
    BOOST_TEST(code_of(it.token(both)) == 9002313);
}

BOOST_AUTO_TEST_CASE(any_certificate_of_a_subject)
{
    auto const authority = first_key().certificate("authority");
    auto const leaf = second_key().certificate("service.local", &first_key(), "authority");
    login_fixture it(sign_in_options().subject(subject_registration("service.local", authority)));
    auto const sent = [&](json::value const& chain, std::string const& thumbprint_of)
    {
        draft given(it.seconds());
        given.key = &second_key();
        given.header["x5t#S256"] = base64url(sha256_of(thumbprint_of));
        given.header["x5c"] = chain;
        return code_of(it.token(login_fixture::assertion(given.text())));
    };
    auto const der = base64_encode(der_of(leaf));
    auto const other = second_key().certificate("other.local", &first_key(), "authority");
    auto const self = second_key().certificate("service.local");
    BOOST_TEST(sent(json::array{der, base64_encode(der_of(authority))}, leaf) == 0);
    BOOST_TEST(sent(json::array{der}, leaf) == 0);
    BOOST_TEST(sent(json::array{der}, other) == 700027);
    BOOST_TEST(sent(json::array{base64_encode(der_of(other))}, other) == 50012);
    BOOST_TEST(sent(json::array{base64_encode(der_of(self))}, self) == 50012);
    BOOST_TEST(sent(json::value(der), leaf) == 0);
    BOOST_TEST(sent(json::value(base64_encode(der_of(self))), self) == 50012);
    BOOST_TEST(sent(json::array{base64url(der_of(leaf))}, leaf) == 50027);
    BOOST_TEST(sent(json::array(), leaf) == 50027);
}

BOOST_AUTO_TEST_CASE(a_registered_certificate_has_its_time)
{
    login_fixture it(registered());
    auto const sent = [&](char const* when)
    {
        it.now = parse_iso_time(when).value();
        auto const answer = it.token(login_fixture::assertion(draft(it.seconds()).text()));
        return code_of(answer);
    };
    BOOST_TEST(sent("2019-12-31T23:59:59Z") == 700027);
    BOOST_TEST(sent("2020-01-01T00:00:00Z") == 0);
    BOOST_TEST(sent("2049-12-31T23:59:58Z") == 0);
    BOOST_TEST(sent("2050-01-01T00:00:00Z") == 700027);
}

BOOST_AUTO_TEST_CASE(a_registered_certificate_besides_subjects)
{
    auto const authority = second_key().certificate("authority");
    login_fixture it(registered().subject(subject_registration("service.local", authority)));
    draft given(it.seconds());
    given.header["x5c"] = json::array{base64_encode(der_of(own_certificate()))};
    BOOST_TEST(code_of(it.token(login_fixture::assertion(given.text()))) == 0);
    auto const leaf = first_key().certificate("service.local", &second_key(), "authority");
    draft by_subject(it.seconds());
    by_subject.header["x5t#S256"] = base64url(sha256_of(leaf));
    by_subject.header["x5c"] = json::array{base64_encode(der_of(leaf))};
    BOOST_TEST(code_of(it.token(login_fixture::assertion(by_subject.text()))) == 0);
}

BOOST_AUTO_TEST_CASE(tokens_of_another_identity_provider)
{
    login_fixture it(sign_in_options().federated(federated_credential(
        "https://oidc.local/", "system:serviceaccount:ns:sa", second_key().public_pem())));
    struct change
    {
        char const* name;
        json::value value;
        int code;
    };
    for (auto const& [name, value, code] :
         std::vector<change>{{"ver", 1, 0},
                             {"aud", json::array{"api://AzureADTokenExchange"}, 0},
                             {"iss", "https://oidc.local", 700211},
                             {"sub", "system:serviceaccount:ns:SA", 700213},
                             {"aud", "api://AzureADTokenExchangeUSGov", 700212},
                             {"aud", json::array{"api://AzureADTokenExchange", "more"}, 700212},
                             {"exp", it.seconds(), 700024},
                             {"nbf", it.seconds() + 1, 700024},
                             {"exp", json::value(std::to_string(it.seconds() + 3600)), 50027},
                             {"exp", nullptr, 50027}})
    {
        json::object claims;
        claims["iss"] = "https://oidc.local/";
        claims["sub"] = "system:serviceaccount:ns:sa";
        claims["aud"] = "api://AzureADTokenExchange";
        claims["exp"] = it.seconds() + 3600;
        claims[name] = value;
        auto const sent =
            [&](char const* algorithm, key_pair const& key, char const* key_name = "kid")
        {
            auto const text = token_signing::token({{"alg", algorithm}, {key_name, "k"}}, claims,
                                                   scheme::rs256, key);
            return code_of(it.token(login_fixture::assertion(text)));
        };
        BOOST_TEST(sent("RS256", second_key(), "x5t") == code, name << " with x5t");
        BOOST_TEST(sent("RS256", second_key()) == code, name);
        BOOST_TEST(sent("RS256", second_key()) == code, name << " once more");
        if (code != 0)
            continue;
        BOOST_TEST(sent("RS256", first_key()) == 50013);
        BOOST_TEST(sent("PS256", second_key()) == 50027);
    }
}

BOOST_AUTO_TEST_CASE(a_secret_that_expired)
{
    login_fixture it(sign_in_options().secret_expired(true));
    auto const sent = [&](char const* secret) {
        return code_of(it.token({{"grant_type", "client_credentials"}, {"client_secret", secret}}));
    };
    BOOST_TEST(sent("secret") == 7000222);
    BOOST_TEST(sent("wrong") == 7000215);
}

BOOST_AUTO_TEST_CASE(adfs_wants_a_resource_and_answers_texts)
{
    login_fixture it(registered());
    auto const sent = [&](login_fixture::form fields)
    {
        fields.emplace_back("client_id", client);
        return it.post("/adfs/oauth2/token", fields);
    };
    auto const answer = sent({{"grant_type", "client_credentials"},
                              {"client_secret", "secret"},
                              {"resource", kusto_resource}});
    BOOST_REQUIRE(answer.status == 200);
    BOOST_TEST(body_of(answer).at("expires_in").as_string() == "3600");
    draft given(it.seconds());
    given.claims["aud"] = "https://login.local/adfs/oauth2/token";
    auto const with = [&]
    {
        auto fields = login_fixture::assertion(given.text());
        fields.emplace_back("resource", kusto_resource);
        return code_of(sent(fields));
    };
    BOOST_TEST(with() == 50027);
    given.as_rs256();
    BOOST_TEST(with() == 0);
    BOOST_TEST(code_of(sent({{"grant_type", "client_credentials"},
                             {"client_secret", "secret"},
                             {"scope", std::string(kusto_resource) + "/.default"}})) == 900144);
    BOOST_TEST(code_of(sent({{"grant_type", "client_credentials"},
                             {"client_secret", "secret"},
                             {"resource", std::string(kusto_resource) + "/.default"}})) == 500011);
}

BOOST_AUTO_TEST_CASE(registrations_are_checked)
{
    BOOST_CHECK_THROW(login_fixture(sign_in_options().certificate("none")), std::runtime_error);
    BOOST_CHECK_THROW(login_fixture(sign_in_options().federated({"i", "s", "none"})),
                      std::runtime_error);
}

BOOST_AUTO_TEST_SUITE_END()

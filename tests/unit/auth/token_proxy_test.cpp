#include "sign_in_fixture.hpp"

#include <auth/token_proxy.hpp>
#include <support/scoped_environment.hpp>
#include <support/test_certificates.hpp>

using namespace kusto;
using namespace kusto::test;

namespace
{

constexpr char const* at = "AZURE_KUBERNETES_TOKEN_PROXY";
constexpr char const* name = "AZURE_KUBERNETES_SNI_NAME";
constexpr char const* file = "AZURE_KUBERNETES_CA_FILE";
constexpr char const* data = "AZURE_KUBERNETES_CA_DATA";

class proxy_fixture
{
public:
    proxy_fixture()
    {
        for (char const* variable : {at, name, file, data})
            environment.unset(variable);
    }

    auth::token_proxy made()
    {
        auto const found = auth::token_proxy::from_environment();
        BOOST_REQUIRE_MESSAGE(found, found.error().message());
        BOOST_REQUIRE(found->has_value());
        return **found;
    }

    scoped_environment environment;
    scratch_files files;
};

} // namespace

BOOST_AUTO_TEST_SUITE(token_proxy_test)

BOOST_FIXTURE_TEST_CASE(there_is_mostly_none, proxy_fixture)
{
    auto const found = auth::token_proxy::from_environment();
    BOOST_REQUIRE(found);
    BOOST_TEST(!found->has_value());
}

BOOST_FIXTURE_TEST_CASE(variables_that_do_not_fit_are_named, proxy_fixture)
{
    struct row
    {
        std::vector<std::pair<char const*, char const*>> variables;
        char const* message;
    };
    char const* const good = "-----BEGIN CERTIFICATE-----";
    for (auto const& r : {
             row{{{name, "x"}}, "but not AZURE_KUBERNETES_TOKEN_PROXY"},
             row{{{file, "/x"}}, "but not AZURE_KUBERNETES_TOKEN_PROXY"},
             row{{{data, good}}, "but not AZURE_KUBERNETES_TOKEN_PROXY"},
             row{{{at, "http://p"}}, "AZURE_KUBERNETES_TOKEN_PROXY must be an https URL"},
             row{{{at, "https://p?x"}}, "AZURE_KUBERNETES_TOKEN_PROXY must be an https URL"},
             row{{{at, "https://p/#x"}}, "AZURE_KUBERNETES_TOKEN_PROXY must be an https URL"},
             row{{{at, "https://user@p"}}, "AZURE_KUBERNETES_TOKEN_PROXY: "},
             row{{{at, "p"}}, "AZURE_KUBERNETES_TOKEN_PROXY: "},
             row{{{at, "https://p"}, {file, "/x"}, {data, good}}, "both set"},
             row{{{at, "https://p"}, {data, "x"}}, "AZURE_KUBERNETES_CA_DATA holds no certificate"},
             row{{{at, "https://p"}, {name, "a b"}}, "AZURE_KUBERNETES_SNI_NAME is not"},
         })
    {
        scoped_environment set;
        for (auto const& [variable, value] : r.variables)
            set.set(variable, value);
        auto const found = auth::token_proxy::from_environment();
        BOOST_REQUIRE_MESSAGE(!found, r.message);
        BOOST_TEST((found.error().code() == errc::invalid_option));
        BOOST_TEST(has(found.error().message(), r.message), found.error().message());
    }
}

BOOST_FIXTURE_TEST_CASE(it_stands_for_the_endpoint, proxy_fixture)
{
    auto const endpoint = base::url::parse("https://login.example/t/oauth2/v2.0/token").value();
    struct row
    {
        char const* proxy;
        char const* target;
    };
    for (auto const& r : {row{"https://p", "https://p/t/oauth2/v2.0/token"},
                          row{"https://p:8443/", "https://p:8443/t/oauth2/v2.0/token"},
                          row{"https://10.0.0.1/a/b/", "https://10.0.0.1/a/b/t/oauth2/v2.0/token"}})
    {
        environment.set(at, r.proxy);
        BOOST_TEST(made().instead_of(endpoint).with_secrets() == r.target);
    }
}

BOOST_FIXTURE_TEST_CASE(whom_to_expect, proxy_fixture)
{
    environment.set(at, "https://p");
    BOOST_TEST((made().peer().value() == nullptr));
    environment.set(name, "proxy.example");
    auto named = made();
    BOOST_TEST(named.peer().value()->server_name == "proxy.example");
    BOOST_TEST(named.peer().value()->ca_pem == "");
    auto const ca = pem(make_certificate());
    environment.set(data, ca);
    BOOST_TEST(made().peer().value()->ca_pem == ca);
}

BOOST_FIXTURE_TEST_CASE(the_file_of_authorities_is_read_again, proxy_fixture)
{
    environment.set(at, "https://p");
    environment.set(file, files.path("ca.pem"));
    auto proxy = made();
    auto const missing = proxy.peer();
    BOOST_REQUIRE(!missing);
    BOOST_TEST(missing.error().retryable());
    BOOST_TEST(has(missing.error().message(), files.path("ca.pem")));
    for (char const* content : {"", "no PEM"})
    {
        files.write("ca.pem", content);
        auto const bad = proxy.peer();
        BOOST_REQUIRE(!bad);
        BOOST_TEST(bad.error().retryable());
    }
    files.write("ca.pem", pem(make_certificate()));
    auto const first = proxy.peer().value();
    BOOST_TEST((proxy.peer().value() == first));
    auto const changed = pem(make_certificate());
    files.write("ca.pem", changed);
    auto const second = proxy.peer().value();
    BOOST_TEST((second != first));
    BOOST_TEST(second->ca_pem == changed);
}

BOOST_AUTO_TEST_SUITE_END()

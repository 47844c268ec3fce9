#include "replies.hpp"

#include <base/endpoint_url.hpp>
#include <boost/test/unit_test.hpp>
#include <wire/endpoints.hpp>

using namespace kusto;
using namespace kusto::test;

namespace
{

base::url endpoint(std::string const& text)
{
    auto const parsed = base::parse_endpoint(text);
    BOOST_REQUIRE_MESSAGE(parsed, text);
    return *parsed;
}

bool trusted(wire::trust_rules const& rules, std::string const& host)
{
    return rules.check_before_contact(endpoint(host)).has_value();
}

bool trusted(wire::trust_rules const& rules, std::string const& host, std::string const& login)
{
    return rules.check_login(endpoint(host), login).has_value();
}

} // namespace

BOOST_AUTO_TEST_SUITE(endpoints_test)

BOOST_AUTO_TEST_CASE(one_service_from_the_other)
{
    struct row
    {
        char const* given;
        char const* engine;
        char const* ingestion;
    };
    for (auto const& r : {
             row{"https://c.r.kusto.windows.net", "https://c.r.kusto.windows.net/",
                 "https://ingest-c.r.kusto.windows.net/"},
             row{"https://ingest-c.r.kusto.windows.net", "https://c.r.kusto.windows.net/",
                 "https://ingest-c.r.kusto.windows.net/"},
             row{"https://dataingest-prod.r.kusto.windows.net",
                 "https://dataingest-prod.r.kusto.windows.net/",
                 "https://ingest-dataingest-prod.r.kusto.windows.net/"},
             row{"https://private-ingest-c.r.kusto.windows.net",
                 "https://private-c.r.kusto.windows.net/",
                 "https://private-ingest-c.r.kusto.windows.net/"},
             row{"https://c.ingest-r.kusto.windows.net", "https://c.ingest-r.kusto.windows.net/",
                 "https://ingest-c.ingest-r.kusto.windows.net/"},
             row{"C.kusto.windows.net:8443/x/y;fed=true", "https://c.kusto.windows.net:8443/x/y",
                 "https://ingest-c.kusto.windows.net:8443/x/y"},
             row{"https://s", "https://s/", "https://ingest-s/"},
             row{"https://192.shouldwork.1.1", "https://192.shouldwork.1.1/",
                 "https://ingest-192.shouldwork.1.1/"},
             row{"https://376.568.1564.1564", "https://376.568.1564.1564/",
                 "https://ingest-376.568.1564.1564/"},
             row{"https://10.0.0.1:8080", "https://10.0.0.1:8080/", "https://10.0.0.1:8080/"},
             row{"https://[2345:425:2ca1::567]", "https://[2345:425:2ca1::567]/",
                 "https://[2345:425:2ca1::567]/"},
             row{"http://localhost:9", "http://localhost:9/", "http://localhost:9/"},
             row{"http://ingest-x.localhost:9", "http://ingest-x.localhost:9/",
                 "http://ingest-x.localhost:9/"},
             row{"https://onebox.dev.kusto.windows.net", "https://onebox.dev.kusto.windows.net/",
                 "https://onebox.dev.kusto.windows.net/"},
             row{"https://ade.loganalytics.io/subscriptions/1/x",
                 "https://ade.loganalytics.io/subscriptions/1/x",
                 "https://ade.loganalytics.io/subscriptions/1/x"},
         })
    {
        BOOST_TEST_CONTEXT(r.given)
        {
            auto const both = wire::cluster_endpoints::parse(r.given);
            BOOST_REQUIRE(both);
            BOOST_TEST(both->engine.with_secrets() == r.engine);
            BOOST_TEST(both->ingestion.with_secrets() == r.ingestion);
        }
    }
}

BOOST_AUTO_TEST_CASE(explicit_urls_are_used_as_they_are)
{
    auto const both = wire::cluster_endpoints::parse("http://localhost:1", "http://localhost:2/");
    BOOST_REQUIRE(both);
    BOOST_TEST(both->engine.port() == 1);
    BOOST_TEST(both->ingestion.port() == 2);
    auto const bad = wire::cluster_endpoints::parse("https://c", "http://example.com?sig=SECRET");
    BOOST_REQUIRE(!bad);
    BOOST_TEST(has(bad.error().message(), "ingestion_url"));
    BOOST_TEST(!has(bad.error().describe(), "SECRET"));
}

BOOST_AUTO_TEST_CASE(paths_of_requests)
{
    auto const proxy = endpoint("https://h:1/a/b");
    BOOST_TEST(wire::management_url(proxy).with_secrets() == "https://h:1/a/b/v1/rest/mgmt");
    BOOST_TEST(wire::query_url(proxy).with_secrets() == "https://h:1/a/b/v2/rest/query");
    BOOST_TEST(wire::metadata_url(proxy).with_secrets() == "https://h:1/v1/rest/auth/metadata");
    BOOST_TEST(wire::management_url(endpoint("h")).with_secrets() == "https://h/v1/rest/mgmt");
}

BOOST_AUTO_TEST_CASE(hosts_of_all_clouds_are_trusted_for_their_own_login_endpoint)
{
    struct row
    {
        char const* login;
        std::initializer_list<char const*> hosts;
    };
    row const rows[] = {
        {"https://login.microsoftonline.com",
         {"c.dxp.aad.azure.com",
          "c.dxp-dev.aad.azure.com",
          "p.w.kusto.azuresynapse.net",
          "c.r.kusto.windows.net",
          "c.kustodev.azuresynapse-dogfood.net",
          "c.kustodev.windows.net",
          "c.kustomfa.windows.net",
          "c.playfabapi.com",
          "c.playfab.com",
          "c.azureplayfab.com",
          "c.kusto.data.microsoft.com",
          "c.z9.kusto.fabric.microsoft.com",
          "c.api.securityplatform.microsoft.com",
          "c.securitycenter.windows.com",
          "c.arg-int.core.windows.net",
          "c.arg-df.core.windows.net",
          "c.arg.core.windows.net",
          "ade.applicationinsights.io",
          "ade.loganalytics.io",
          "adx.aimon.applicationinsights.azure.com",
          "adx.applicationinsights.azure.com",
          "adx.int.applicationinsights.azure.com",
          "adx.int.loganalytics.azure.com",
          "adx.int.monitor.azure.com",
          "adx.loganalytics.azure.com",
          "adx.monitor.azure.com",
          "kusto.aria.microsoft.com",
          "eu.kusto.aria.microsoft.com",
          "api.securityplatform.microsoft.com"}},
        {"https://login.microsoftonline.us",
         {"c.kusto.usgovcloudapi.net", "c.kustomfa.usgovcloudapi.net",
          "c.arg.core.usgovcloudapi.net", "adx.applicationinsights.azure.us",
          "adx.loganalytics.azure.us", "adx.monitor.azure.us"}},
        {"https://login.partner.microsoftonline.cn",
         {"c.kusto.azuresynapse.azure.cn", "c.kusto.chinacloudapi.cn",
          "c.kustomfa.chinacloudapi.cn", "c.playfab.cn", "c.arg.core.chinacloudapi.cn",
          "adx.applicationinsights.azure.cn", "adx.loganalytics.azure.cn", "adx.monitor.azure.cn"}},
        {"https://login.microsoftonline.eaglex.ic.gov",
         {"c.kusto.core.eaglex.ic.gov", "c.kustomfa.core.eaglex.ic.gov", "c.arg.core.eaglex.ic.gov",
          "adx.applicationinsights.azure.eaglex.ic.gov", "adx.loganalytics.azure.eaglex.ic.gov",
          "adx.monitor.azure.eaglex.ic.gov"}},
        {"https://login.microsoftonline.microsoft.scloud",
         {"c.kusto.core.microsoft.scloud", "c.kustomfa.core.microsoft.scloud",
          "c.arg.core.microsoft.scloud", "adx.applicationinsights.azure.microsoft.scloud",
          "adx.loganalytics.azure.microsoft.scloud", "adx.monitor.azure.microsoft.scloud"}},
        {"https://login.sovcloud-identity.fr",
         {"c.kusto.sovcloud-api.fr", "c.kustomfa.sovcloud-api.fr",
          "adx.applicationinsights.azure.fr", "adx.loganalytics.azure.fr", "adx.monitor.azure.fr"}},
        {"https://login.sovcloud-identity.de",
         {"c.kusto.sovcloud-api.de", "c.kustomfa.sovcloud-api.de",
          "adx.applicationinsights.azure.de", "adx.loganalytics.azure.de", "adx.monitor.azure.de"}},
        {"https://login.sovcloud-identity.sg",
         {"c.kusto.sovcloud-api.sg", "c.kustomfa.sovcloud-api.sg",
          "adx.applicationinsights.azure.sg", "adx.loganalytics.azure.sg", "adx.monitor.azure.sg"}},
    };
    wire::trust_rules const rules;
    for (auto const& one : rows)
    {
        for (auto const* host : one.hosts)
        {
            BOOST_TEST(trusted(rules, host), host);
            for (auto const& other : rows)
                BOOST_TEST(trusted(rules, host, other.login) == (&one == &other),
                           host << " for " << other.login);
        }
    }
}

BOOST_AUTO_TEST_CASE(other_hosts_are_not_trusted)
{
    wire::trust_rules const rules;
    for (char const* host : {"example.com", "evilkusto.windows.net", "kusto.windows.net",
                             "c.kusto.windows.net.evil.com", "x.ade.loganalytics.io",
                             "127.evil.com", "10.0.0.1", "localhost.evil.com"})
    {
        auto const checked = rules.check_before_contact(endpoint(host));
        BOOST_TEST_CONTEXT(host)
        {
            BOOST_REQUIRE(!checked);
            BOOST_TEST((checked.error().code() == errc::untrusted_endpoint));
            BOOST_TEST(checked.error().host() == host);
            BOOST_TEST(has(checked.error().message(), "trust_host"));
            BOOST_TEST(!trusted(rules, host, "https://login.microsoftonline.com"));
        }
    }
    BOOST_TEST(trusted(rules, "https://C.KUSTO.windows.net:8443/x"));
    BOOST_TEST(trusted(rules, "https://c.kusto.windows.net", "HTTPS://Login.MicrosoftOnline.com/"));
    BOOST_TEST(!trusted(rules, "https://c.kusto.windows.net", "https://login.evil.com"));
}

BOOST_AUTO_TEST_CASE(loopback_and_additional_hosts_are_trusted)
{
    wire::trust_rules const rules({"adx.example.org", ".private.example.org"});
    for (char const* host : {"localhost", "http://127.0.0.1:5", "http://[::1]:5", "a.localhost",
                             "ADX.example.org", "x.private.Example.org"})
    {
        BOOST_TEST(trusted(rules, host), host);
        BOOST_TEST(trusted(rules, host, "https://login.evil.com"), host);
    }
    for (char const* host : {"x.adx.example.org", "private.example.org", "xprivate.example.org"})
        BOOST_TEST(!trusted(rules, host), host);
}

BOOST_AUTO_TEST_CASE(only_known_login_endpoints_get_secrets)
{
    auto const cluster = endpoint("c.kusto.windows.net");
    auto const local = endpoint("http://127.0.0.1:1");
    auto const known = [](char const* login, base::url const& where)
    { return wire::is_known_login_endpoint(endpoint(login), where); };
    BOOST_TEST(known("https://login.microsoftonline.com/", cluster));
    BOOST_TEST(known("https://login.sovcloud-identity.fr", cluster));
    BOOST_TEST(!known("https://login.evil.com", cluster));
    BOOST_TEST(!known("https://login.microsoftonline.com:8443", cluster));
    BOOST_TEST(!known("http://localhost:1", cluster));
    BOOST_TEST(known("http://localhost:1", local));
    BOOST_TEST(!known("https://login.evil.com", local));
}

BOOST_AUTO_TEST_SUITE_END()

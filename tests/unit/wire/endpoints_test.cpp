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
             row{"https://c.r.kustomfa.windows.net", "https://c.r.kustomfa.windows.net/",
                 "https://ingest-c.r.kustomfa.windows.net/"},
             row{"https://id.z9.kusto.fabric.microsoft.com",
                 "https://id.z9.kusto.fabric.microsoft.com/",
                 "https://ingest-id.z9.kusto.fabric.microsoft.com/"},
             row{"https://ingest-p.w.kusto.azuresynapse.net", "https://p.w.kusto.azuresynapse.net/",
                 "https://ingest-p.w.kusto.azuresynapse.net/"},
             row{"https://private-c.r.kusto.windows.net", "https://private-c.r.kusto.windows.net/",
                 "https://ingest-private-c.r.kusto.windows.net/"},
             row{"https://ingest-private-c.r.kusto.windows.net",
                 "https://private-c.r.kusto.windows.net/",
                 "https://ingest-private-c.r.kusto.windows.net/"},
             row{"c.kusto.usgovcloudapi.net", "https://c.kusto.usgovcloudapi.net/",
                 "https://ingest-c.kusto.usgovcloudapi.net/"},
             row{"c.kusto.chinacloudapi.cn", "https://c.kusto.chinacloudapi.cn/",
                 "https://ingest-c.kusto.chinacloudapi.cn/"},
             row{"INGEST-C.kusto.sovcloud-api.fr\\;fed=true", "https://c.kusto.sovcloud-api.fr/",
                 "https://ingest-c.kusto.sovcloud-api.fr/"},
             row{"https://ingest-ingest-c.kusto.windows.net", "https://ingest-c.kusto.windows.net/",
                 "https://ingest-ingest-c.kusto.windows.net/"},
             row{"https://ingestion.kusto.windows.net", "https://ingestion.kusto.windows.net/",
                 "https://ingest-ingestion.kusto.windows.net/"},
             row{"https://[::1]:8080/", "https://[::1]:8080/", "https://[::1]:8080/"},
             row{"https://127.0.0.1", "https://127.0.0.1/", "https://127.0.0.1/"},
             row{"https://localhost.example.org", "https://localhost.example.org/",
                 "https://ingest-localhost.example.org/"},
             row{"https://adx.monitor.azure.eaglex.ic.gov/subscriptions/1",
                 "https://adx.monitor.azure.eaglex.ic.gov/subscriptions/1",
                 "https://adx.monitor.azure.eaglex.ic.gov/subscriptions/1"},
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

BOOST_AUTO_TEST_CASE(advice_where_names_do_not_lead_to_an_ingestion_service)
{
    struct row
    {
        char const* given;
        char const* advice;
    };
    for (auto const& r :
         {row{"https://c.r.kusto.windows.net", ""}, row{"https://ingest-c.r.kusto.windows.net", ""},
          row{"https://kusto.example.org", ""},
          row{"http://localhost:8080",
              "cannot be derived from localhost:8080: set connection_options::ingestion_url"},
          row{"http://a.localhost", "connection_options::ingestion_url"},
          row{"https://10.0.0.1:8443", "derived from 10.0.0.1:8443: set"},
          row{"https://[2001:db8::1]", "derived from [2001:db8::1]: set"},
          row{"https://ade.loganalytics.io/subscriptions/1",
              "ade.loganalytics.io answers queries only"}})
    {
        auto const told = wire::ingestion_advice(endpoint(r.given));
        BOOST_TEST(told.empty() == (*r.advice == '\0'), r.given);
        BOOST_TEST(has(told, r.advice), told);
    }
}

BOOST_AUTO_TEST_CASE(paths_of_requests)
{
    auto const proxy = endpoint("https://h:1/a/b");
    BOOST_TEST(wire::management_url(proxy).with_secrets() == "https://h:1/a/b/v1/rest/mgmt");
    BOOST_TEST(wire::query_url(proxy).with_secrets() == "https://h:1/a/b/v2/rest/query");
    BOOST_TEST(wire::metadata_url(proxy).with_secrets() == "https://h:1/v1/rest/auth/metadata");
    BOOST_TEST(wire::management_url(endpoint("h")).with_secrets() == "https://h/v1/rest/mgmt");
}

namespace
{

struct cloud_row
{
    char const* login;
    std::initializer_list<char const*> rules; ///< those that begin with a dot are suffixes
};

/// What Microsoft's libraries trust.
cloud_row const clouds[] = {
    {"https://login.microsoftonline.com",
     {".dxp.aad.azure.com",
      ".dxp-dev.aad.azure.com",
      ".kusto.azuresynapse.net",
      ".kusto.windows.net",
      ".kustodev.azuresynapse-dogfood.net",
      ".kustodev.windows.net",
      ".kustomfa.windows.net",
      ".playfabapi.com",
      ".playfab.com",
      ".azureplayfab.com",
      ".kusto.data.microsoft.com",
      ".kusto.fabric.microsoft.com",
      ".api.securityplatform.microsoft.com",
      ".securitycenter.windows.com",
      ".arg-int.core.windows.net",
      ".arg-df.core.windows.net",
      ".arg.core.windows.net",
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
     {".kusto.usgovcloudapi.net", ".kustomfa.usgovcloudapi.net", ".arg.core.usgovcloudapi.net",
      "adx.applicationinsights.azure.us", "adx.loganalytics.azure.us", "adx.monitor.azure.us"}},
    {"https://login.partner.microsoftonline.cn",
     {".kusto.azuresynapse.azure.cn", ".kusto.chinacloudapi.cn", ".kustomfa.chinacloudapi.cn",
      ".playfab.cn", ".arg.core.chinacloudapi.cn", "adx.applicationinsights.azure.cn",
      "adx.loganalytics.azure.cn", "adx.monitor.azure.cn"}},
    {"https://login.microsoftonline.eaglex.ic.gov",
     {".kusto.core.eaglex.ic.gov", ".kustomfa.core.eaglex.ic.gov", ".arg.core.eaglex.ic.gov",
      "adx.applicationinsights.azure.eaglex.ic.gov", "adx.loganalytics.azure.eaglex.ic.gov",
      "adx.monitor.azure.eaglex.ic.gov"}},
    {"https://login.microsoftonline.microsoft.scloud",
     {".kusto.core.microsoft.scloud", ".kustomfa.core.microsoft.scloud",
      ".arg.core.microsoft.scloud", "adx.applicationinsights.azure.microsoft.scloud",
      "adx.loganalytics.azure.microsoft.scloud", "adx.monitor.azure.microsoft.scloud"}},
    {"https://login.sovcloud-identity.fr",
     {".kusto.sovcloud-api.fr", ".kustomfa.sovcloud-api.fr", "adx.applicationinsights.azure.fr",
      "adx.loganalytics.azure.fr", "adx.monitor.azure.fr"}},
    {"https://login.sovcloud-identity.de",
     {".kusto.sovcloud-api.de", ".kustomfa.sovcloud-api.de", "adx.applicationinsights.azure.de",
      "adx.loganalytics.azure.de", "adx.monitor.azure.de"}},
    {"https://login.sovcloud-identity.sg",
     {".kusto.sovcloud-api.sg", ".kustomfa.sovcloud-api.sg", "adx.applicationinsights.azure.sg",
      "adx.loganalytics.azure.sg", "adx.monitor.azure.sg"}},
};

} // namespace

BOOST_AUTO_TEST_CASE(hosts_of_all_clouds_are_trusted_for_their_own_login_endpoint)
{
    wire::trust_rules const rules;
    for (auto const& one : clouds)
    {
        for (std::string const rule : one.rules)
        {
            auto const host = rule.front() == '.' ? "Some-Cluster.region" + rule : rule;
            BOOST_TEST(trusted(rules, host), host);
            for (auto const& other : clouds)
                BOOST_TEST(trusted(rules, host, other.login) == (&one == &other),
                           host << " for " << other.login);
        }
    }
}

BOOST_AUTO_TEST_CASE(what_only_looks_like_a_trusted_host_is_not_one)
{
    wire::trust_rules const rules;
    for (auto const& one : clouds)
    {
        for (std::string const rule : one.rules)
        {
            bool const suffix = rule.front() == '.';
            auto const name = suffix ? rule.substr(1) : rule;
            BOOST_TEST(!trusted(rules, "evil" + name), name);
            BOOST_TEST(!trusted(rules, name + ".evil.com"), name);
            BOOST_TEST(!trusted(rules, name + "."), name);
            // The only name that is both.
            if (name != "api.securityplatform.microsoft.com")
                BOOST_TEST(!trusted(rules, suffix ? name : "x." + name), name);
            BOOST_TEST(wire::is_proxy_host(name) == (!suffix || name.starts_with("api.security")));
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

BOOST_AUTO_TEST_CASE(who_signs_in_at_another_cloud_is_told_the_right_login_endpoint)
{
    struct row
    {
        char const* host;
        char const* login; ///< that does not fit
        char const* right;
    };
    wire::trust_rules const rules({".private.example.org"});
    for (auto const& r : {row{"c.kusto.chinacloudapi.cn", "https://login.microsoftonline.com",
                              "https://login.partner.microsoftonline.cn"},
                          row{"ingest-c.kusto.usgovcloudapi.net", "https://login.windows.net",
                              "https://login.microsoftonline.us"},
                          row{"c.westeurope.kusto.windows.net", "https://login.microsoftonline.us",
                              "https://login.microsoftonline.com"},
                          row{"c.westeurope.kusto.windows.net", "https://login.evil.com",
                              "https://login.microsoftonline.com"},
                          row{"adx.monitor.azure.de", "http://login.sovcloud-identity.de",
                              "https://login.sovcloud-identity.de"}})
    {
        auto const checked = rules.check_login(endpoint(r.host), r.login);
        BOOST_TEST_CONTEXT(r.host)
        {
            BOOST_REQUIRE(!checked);
            auto const why = checked.error();
            BOOST_TEST((why.code() == errc::untrusted_endpoint));
            BOOST_TEST((why.where() == stage::metadata));
            BOOST_TEST(why.host() == r.host);
            for (auto const& part : {std::string(r.host), "login endpoint " + std::string(r.login),
                                     "AadAuthorityUri to " + std::string(r.right),
                                     std::string("connection_options::authority_host")})
                BOOST_TEST(has(why.message(), part), why.message() << " lacks " << part);
            // It would switch the check off, and secrets would go to the other cloud.
            BOOST_TEST(!has(why.message(), "trust_host"), why.message());
        }
    }
    auto const unknown =
        rules.check_login(endpoint("kusto.example.org"), "https://login.microsoftonline.com");
    BOOST_REQUIRE(!unknown);
    BOOST_TEST(has(unknown.error().message(), "trust_host"));
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

BOOST_AUTO_TEST_CASE(older_names_of_a_login_endpoint_stand_for_its_cloud)
{
    wire::trust_rules const rules;
    for (char const* login :
         {"https://login.windows.net", "https://sts.windows.net/", "https://LOGIN.microsoft.com",
          "https://login.microsoftonline.com:443"})
    {
        BOOST_TEST(trusted(rules, "c.kusto.windows.net", login), login);
        BOOST_TEST(!trusted(rules, "c.kusto.usgovcloudapi.net", login), login);
    }
    BOOST_TEST(trusted(rules, "c.kusto.usgovcloudapi.net", "https://login.usgovcloudapi.net"));
    BOOST_TEST(trusted(rules, "c.kusto.chinacloudapi.cn", "https://login.chinacloudapi.cn"));
    for (char const* login :
         {"https://login.microsoftonline.de", "https://login.microsoftonline.com/common",
          "https://login.microsoftonline.com:8443", "http://login.microsoftonline.com", ""})
        BOOST_TEST(!trusted(rules, "c.kusto.windows.net", login), login);
}

BOOST_AUTO_TEST_CASE(only_known_login_endpoints_get_secrets)
{
    auto const cluster = endpoint("c.kusto.windows.net");
    auto const local = endpoint("http://127.0.0.1:1");
    auto const known = [](std::string const& login, base::url const& where)
    { return wire::is_known_login_endpoint(endpoint(login), where); };
    for (char const* host :
         {"login.microsoftonline.com", "login.microsoft.com", "login.windows.net",
          "sts.windows.net", "login.microsoftonline.us", "login-us.microsoftonline.com",
          "login.usgovcloudapi.net", "login.partner.microsoftonline.cn", "login.chinacloudapi.cn",
          "login.microsoftonline.de", "login.sovcloud-identity.fr", "login.sovcloud-identity.de",
          "login.sovcloud-identity.sg", "login.microsoftonline.eaglex.ic.gov",
          "login.microsoftonline.microsoft.scloud"})
    {
        auto const url = "https://" + std::string(host);
        BOOST_TEST(known(url, cluster), host);
        BOOST_TEST(known(url + ":443/", cluster), host);
        BOOST_TEST(!known(url + ":8443", cluster), host);
        BOOST_TEST(!known("https://x." + std::string(host), cluster), host);
        BOOST_TEST(!known(url + ".evil.com", cluster), host);
        BOOST_TEST(!known("https://evil" + std::string(host), cluster), host);
    }
    BOOST_TEST(!known("https://login.evil.com", cluster));
    BOOST_TEST(!known("http://localhost:1", cluster));
    BOOST_TEST(known("http://localhost:1", local));
    BOOST_TEST(!known("https://login.evil.com", local));
}

BOOST_AUTO_TEST_SUITE_END()

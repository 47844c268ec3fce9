#include "problems.hpp"

#include <boost/test/unit_test.hpp>
#include <functional>

using namespace kusto;
using namespace kusto::test;
using namespace std::chrono_literals;

namespace
{

using change = std::function<void(connection_options&)>;

credential app()
{
    return credential::client_secret("0f1e2d3c-0000-1111-2222-333344445555", "CANARYsecret",
                                     "t.com");
}

} // namespace

BOOST_AUTO_TEST_SUITE(connection_options_test)

BOOST_AUTO_TEST_CASE(limits)
{
    struct row
    {
        char const* name;
        change apply;
    };
    for (auto const& r :
         std::vector<row>{
             {"", [](auto&) {}},
             {"ingestion_url", [](auto& o) { o.ingestion_url("http://example.com"); }},
             {"", [](auto& o) { o.ingestion_url("ingest-c.kusto.windows.net"); }},
             {"default_database", [](auto& o) { o.default_database("a;b"); }},
             {"authority_host", [](auto& o) { o.authority_host("http://login.example.com"); }},
             {"", [](auto& o) { o.authority_host("https://login.example.com/"); }},
             {"ca_file", [](auto& o) { o.ca_file("/no/such/file.pem"); }},
             {"ca_pem", [](auto& o) { o.ca_pem("nonsense"); }},
             {"", [](auto& o) { o.ca_pem("-----BEGIN CERTIFICATE-----\n"); }},
             {"ca_file",
              [](auto& o) { o.ca_file("/etc/passwd").ca_pem("-----BEGIN CERTIFICATE-----\n"); }},
             {"ca_file", [](auto& o) { o.ca_file("/tmp"); }},
             {"ca_file", [](auto& o) { o.ca_file("/dev/zero"); }},
             {"ca_file", [](auto& o) { o.ca_file("/dev/null"); }},
             {"", [](auto& o) { o.ca_directory("/tmp"); }},
             {"ca_directory", [](auto& o) { o.ca_directory("/no/such/directory"); }},
             {"ca_directory", [](auto& o) { o.ca_directory("/dev/null"); }},
             {"ca_directory", [](auto& o) { o.ca_directory("/tmp").ca_file("/etc/passwd"); }},
             {"ca_directory",
              [](auto& o) { o.ca_directory("/tmp").ca_pem("-----BEGIN CERTIFICATE-----\n"); }},
             {"", [](auto& o) { o.minimum_tls(tls_version::v1_3); }},
             {"minimum_tls", [](auto& o) { o.minimum_tls(static_cast<tls_version>(7)); }},
             {"tls_certificate",
              [](auto& o) { o.tls_certificate(certificate_source::file("/no/such/file")); }},
             {"tls_certificate", [](auto& o) { o.tls_certificate(certificate_source::memory("")); }},
             {"", [](auto& o) { o.tls_certificate(certificate_source::memory("x")); }},
             {"", [](auto& o) { o.trust_host("kusto.example.org").trust_host(".example.org"); }},
             {"trust_host", [](auto& o) { o.trust_host(""); }},
             {"trust_host", [](auto& o) { o.trust_host(".org"); }},
             {"trust_host", [](auto& o) { o.trust_host("https://example.org"); }},
             {"trust_host", [](auto& o) { o.trust_host("*.example.org"); }},
             {"trust_host", [](auto& o) { o.trust_host("kusto.example.org:8443"); }},
             {"trust_host", [](auto& o) { o.trust_host(".example.org:443"); }},
             {"trust_host", [](auto& o) { o.trust_host("10.0.0.1:1"); }},
             {"trust_host", [](auto& o) { o.trust_host("[2001:db8::1]"); }},
             {"trust_host", [](auto& o) { o.trust_host(".2001:db8::1"); }},
             {"trust_host", [](auto& o) { o.trust_host("::1]:1/["); }},
             {"", [](auto& o) { o.trust_host("2001:DB8::1").trust_host("10.0.0.1"); }},
             {"application_name", [](auto& o) { o.application_name(std::string(257, 'x')); }},
             {"application_version", [](auto& o) { o.application_version(std::string(257, 'x')); }},
             {"user_name", [](auto& o) { o.user_name(std::string(257, 'x')); }},
             {"client_version", [](auto& o) { o.client_version(std::string(257, 'x')); }},
             {"", [](auto& o) { o.user_name(std::string(256, 'x')); }},
             {"connect_timeout", [](auto& o) { o.connect_timeout(99ms); }},
             {"connect_timeout", [](auto& o) { o.connect_timeout(6min); }},
             {"request_timeout", [](auto& o) { o.request_timeout(2h); }},
             {"idle_connections", [](auto& o) { o.idle_connections(1025); }},
             {"", [](auto& o) { o.idle_connections(0); }},
             {"idle_timeout", [](auto& o) { o.idle_timeout(999ms); }},
             {"retry.attempts", [](auto& o) { o.retry(retry_options().attempts(0)); }},
             {"retry.cache_expiration",
              [](auto& o) { o.retry(retry_options().cache_expiration(0ms)); }},
             {"log", [](auto& o) { o.log(log_level::error, {}); }},
             {"log", [](auto& o) { o.log(log_level::trace, {}); }},
             {"log", [](auto& o) { o.log(static_cast<log_level>(7), [](log_event const&) {}); }},
             {"", [](auto& o) { o.log(log_level::trace, [](log_event const&) {}); }},
             {"", [](auto& o) { o.log(log_level::off, [](log_event const&) {}); }},
             {"", [](auto& o) { o.log(log_level::off, {}); }},
             {"who", [](auto& o) { o.who(credential::none()); }},
             {"who", [](auto& o) { o.who(credential::callback({})); }},
         })
    {
        connection_options options("https://c.kusto.windows.net", app());
        r.apply(options);
        BOOST_TEST(names(options) == r.name, all(options));
    }
}

BOOST_AUTO_TEST_CASE(urls)
{
    for (char const* bad : {"", "http://c.kusto.windows.net", "ftp://x", "https://a b",
                            "https://c.kusto.windows.net/My%ZZ", "https//c.kusto.windows.net",
                            "https://c.kusto.windows.net;fed=false"})
        BOOST_TEST(names(connection_options(bad, app())) == "cluster_url", bad);
    for (char const* good : {"http://localhost:1", "https://127.0.0.1:1", "http://[::1]:5"})
        BOOST_TEST(names(connection_options(good)).empty(), good);
}

BOOST_AUTO_TEST_CASE(problems_of_the_credential_are_sentences_for_readers_of_a_connection_string)
{
    struct row
    {
        credential who;
        char const* begin;
        char const* end;
    };
    std::string const usable =
        ", allowed: a usable credential, from connection_options::who or the connection string: ";
    for (auto const& r :
         {row{credential::none(), "who = no credential", "only loopback hosts work without"},
          row{credential::callback({}), "who = ", "the token callback must not be empty"},
          row{credential::client_certificate("0f1e2d3c-0000-1111-2222-333344445555",
                                             certificate_source::file("/no/such.pem"), "t.com"),
              "who = client certificate of", "the file /no/such.pem cannot be read"}})
    {
        auto const told = all(connection_options("https://c.kusto.windows.net", r.who));
        BOOST_TEST(has(told, r.begin), told);
        BOOST_TEST(has(told, usable + r.end), told);
    }
}

BOOST_AUTO_TEST_CASE(a_path_of_one_segment_is_the_default_database)
{
    connection_options const with("https://help.kusto.windows.net/My%20Samples/", app());
    BOOST_TEST(with.default_database() == "My Samples");
    BOOST_TEST(with.cluster_url() == "https://help.kusto.windows.net");
    connection_options const without("https://help.kusto.windows.net", app());
    BOOST_TEST(without.default_database() == "NetDefaultDB");
    connection_options const proxy("https://ade.loganalytics.io/subscriptions/1", app());
    BOOST_TEST(proxy.default_database() == "NetDefaultDB");
    BOOST_TEST(proxy.cluster_url() == "https://ade.loganalytics.io/subscriptions/1");
}

BOOST_AUTO_TEST_CASE(everything_is_listed_and_nothing_secret_is_told)
{
    connection_options options(
        "http://u:CANARYpw@h/?sig=CANARYsig;key=CANARYkey",
        credential::client_secret("CANARYsecret", "bad secret CANARY ", "common"));
    options.ingestion_url("ftp://h?sig=CANARY").trust_host("https://u:CANARY@x").ca_pem("CANARY");
    BOOST_TEST(names(options) == "cluster_url ingestion_url who who who ca_pem trust_host",
               all(options));
    BOOST_TEST(!has(all(options), "CANARY"), all(options));
}

BOOST_AUTO_TEST_SUITE_END()

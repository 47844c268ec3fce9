#include <base/url.hpp>
#include <boost/test/unit_test.hpp>

using kusto::base::url;

BOOST_AUTO_TEST_SUITE(url_test)

BOOST_AUTO_TEST_CASE(splits_a_url_and_keeps_the_query_byte_for_byte)
{
    auto const parsed =
        url::parse("HTTPS://Acct.Blob.Core.Windows.NET/c%20x/b?sv=1&sig=a%2Bb%2F+%3D&x");
    BOOST_REQUIRE(parsed);
    BOOST_TEST(parsed->is_https());
    BOOST_TEST(parsed->host() == "acct.blob.core.windows.net");
    BOOST_TEST(parsed->port() == 443);
    BOOST_TEST(parsed->path() == "/c%20x/b");
    BOOST_TEST(parsed->query() == "sv=1&sig=a%2Bb%2F+%3D&x");
    BOOST_TEST(parsed->target() == "/c%20x/b?sv=1&sig=a%2Bb%2F+%3D&x");
    BOOST_TEST(parsed->without_query() == "https://acct.blob.core.windows.net/c%20x/b");
    BOOST_TEST(parsed->with_secrets() ==
               "https://acct.blob.core.windows.net/c%20x/b?sv=1&sig=a%2Bb%2F+%3D&x");
}

BOOST_AUTO_TEST_CASE(fills_in_path_and_port)
{
    struct row
    {
        char const* text;
        char const* host;
        int port;
        char const* path;
        char const* query;
        char const* authority;
    };
    for (auto const& r : {
             row{"https://h", "h", 443, "/", "", "h"},
             row{"http://h", "h", 80, "/", "", "h"},
             row{"http://h:443/", "h", 443, "/", "", "h:443"},
             row{"https://h:443/", "h", 443, "/", "", "h"},
             row{"https://h?a=b", "h", 443, "/", "a=b", "h"},
             row{"https://h/p#f?x", "h", 443, "/p", "", "h"},
             row{"https://h/p?a?b", "h", 443, "/p", "a?b", "h"},
             row{"https://h/p?u=http://x/y", "h", 443, "/p", "u=http://x/y", "h"},
             row{"http://[::1]:8080/x", "::1", 8080, "/x", "", "[::1]:8080"},
             row{"http://127.0.0.1:1/", "127.0.0.1", 1, "/", "", "127.0.0.1:1"},
         })
    {
        BOOST_TEST_CONTEXT(r.text)
        {
            auto const parsed = url::parse(r.text);
            BOOST_REQUIRE(parsed);
            BOOST_TEST(parsed->host() == r.host);
            BOOST_TEST(parsed->port() == r.port);
            BOOST_TEST(parsed->path() == r.path);
            BOOST_TEST(parsed->query() == r.query);
            BOOST_TEST(parsed->authority() == r.authority);
        }
    }
}

BOOST_AUTO_TEST_CASE(refuses_what_is_no_url)
{
    for (char const* text : {"",
                             "h",
                             "//h",
                             "ftp://h",
                             "https//h",
                             "https:/h",
                             "https://",
                             "https:///p",
                             "https://:1",
                             "https://h:",
                             "https://h:0",
                             "https://h:65536",
                             "https://h:8x",
                             "https://a b",
                             "https://h/\r\nX: y",
                             "https://u:p@h/",
                             "https://[::1",
                             "https://[zz]",
                             "https://[::1]x",
                             "https://h..x/",
                             "https://.h",
                             "https://h^",
                             "https://h\\x",
                             "path/https://h"})
    {
        BOOST_TEST_CONTEXT(text)
        {
            auto const parsed = url::parse(text);
            BOOST_REQUIRE(!parsed);
            BOOST_TEST((parsed.error().code() == kusto::errc::invalid_url));
            BOOST_TEST(!parsed.error().message().empty());
        }
    }
    BOOST_TEST(!url::parse("https://h/" + std::string(20000, 'x')));
}

BOOST_AUTO_TEST_CASE(an_error_shows_no_query)
{
    auto const parsed = url::parse("https://h:x/p?sig=SECRET");
    BOOST_REQUIRE(!parsed);
    BOOST_TEST(parsed.error().describe().find("SECRET") == std::string::npos);
}

BOOST_AUTO_TEST_CASE(knows_loopback_and_addresses)
{
    struct row
    {
        char const* text;
        bool loopback;
        bool address;
    };
    for (auto const& r :
         {row{"http://localhost:1", true, false}, row{"http://a.localhost", true, false},
          row{"http://A.b.LocalHost", true, false}, row{"http://localhost.a", false, false},
          row{"http://127.0.0.1", true, true}, row{"http://127.9.8.7", true, true},
          row{"http://[::1]", true, true}, row{"http://10.0.0.1", false, true},
          row{"http://[fe80::1]", false, true}, row{"http://192.x.1.1", false, false},
          row{"http://127.evil.com", false, false}, row{"http://376.568.1564.1564", false, false},
          row{"http://notlocalhost", false, false}})
    {
        BOOST_TEST_CONTEXT(r.text)
        {
            auto const parsed = url::parse(r.text);
            BOOST_REQUIRE(parsed);
            BOOST_TEST(parsed->is_loopback() == r.loopback);
            BOOST_TEST(parsed->is_ip_literal() == r.address);
        }
    }
}

BOOST_AUTO_TEST_CASE(replaces_the_target)
{
    auto const parsed = url::parse("https://h:8443/p?q");
    BOOST_REQUIRE(parsed);
    BOOST_TEST(parsed->with_target("/x", "a=%2B").with_secrets() == "https://h:8443/x?a=%2B");
    BOOST_TEST(parsed->with_target("x").with_secrets() == "https://h:8443/x");
}

BOOST_AUTO_TEST_SUITE_END()

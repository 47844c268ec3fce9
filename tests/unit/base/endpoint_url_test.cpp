#include <base/endpoint_url.hpp>
#include <boost/test/unit_test.hpp>

using kusto::base::parse_endpoint;

BOOST_AUTO_TEST_SUITE(endpoint_url_test)

BOOST_AUTO_TEST_CASE(reads_what_people_write)
{
    struct row
    {
        char const* text;
        char const* url;
    };
    for (auto const& r :
         {row{"help.kusto.windows.net", "https://help.kusto.windows.net/"},
          row{"  https://Help.kusto.windows.net/  ", "https://help.kusto.windows.net/"},
          row{"https://help.kusto.windows.net\\", "https://help.kusto.windows.net/"},
          row{"https://help.kusto.windows.net;fed=true", "https://help.kusto.windows.net/"},
          row{"https://help.kusto.windows.net/;Fed=True", "https://help.kusto.windows.net/"},
          row{"https://help.kusto.windows.net/Samples/", "https://help.kusto.windows.net/Samples"},
          row{"https://h.kusto.windows.net?x=y#z", "https://h.kusto.windows.net/"},
          row{"https://h.kusto.windows.net;fed=true/", "https://h.kusto.windows.net/"},
          row{"https://h.kusto.windows.net\\;fed=true ;FED=true//", "https://h.kusto.windows.net/"},
          row{"https://h.kusto.windows.net;fed=true?x=y;z", "https://h.kusto.windows.net/"},
          row{"https://h:8443/a/b", "https://h:8443/a/b"},
          row{"http://localhost:8080", "http://localhost:8080/"},
          row{"http://[::1]:8080/", "http://[::1]:8080/"}, row{"[::1]:8080", "https://[::1]:8080/"},
          row{"\xef\xbb\xbfhttps://h.kusto.windows.net", "https://h.kusto.windows.net/"},
          row{"https.example.org", "https://https.example.org/"},
          row{"httpd:8443/x", "https://httpd:8443/x"},
          row{"https://h/My%20Db%25", "https://h/My%20Db%25"}})
    {
        auto const parsed = parse_endpoint(r.text);
        BOOST_TEST_CONTEXT(r.text)
        {
            BOOST_REQUIRE(parsed);
            BOOST_TEST(parsed->with_secrets() == r.url);
        }
    }
}

BOOST_AUTO_TEST_CASE(refuses_cleartext_to_other_machines)
{
    for (char const* text : {"http://help.kusto.windows.net", "http://10.0.0.1", "", "   ", "/",
                             "ftp://localhost", "https://a b", "https://u:p@h",
                             "https://", ";fed=true", "https://h;fed=false",
                             "2345:shouldwork:0425"})
    {
        auto const parsed = parse_endpoint(text);
        BOOST_TEST(!parsed, text);
    }
}

BOOST_AUTO_TEST_CASE(says_what_is_wrong_with_a_url)
{
    struct row
    {
        char const* text;
        char const* problem;
    };
    for (auto const& r : {row{"https//c.kusto.windows.net", "scheme is not complete"},
                          row{"http:c.kusto.windows.net", "scheme is not complete"},
                          row{"HTTPS:/c.kusto.windows.net", "scheme is not complete"},
                          row{"https:\\\\c.kusto.windows.net", "scheme is not complete"},
                          row{"https://", "https:// and a host"},
                          row{"htps://c.kusto.windows.net", "neither https nor http"},
                          row{"c.kusto.windows.net:x", "port is not a number"},
                          row{"https://h;fed=false", "only ;fed=true"},
                          row{"https://h/db;fed=false", "only ;fed=true"},
                          row{"h;AppKey=x", "from_connection_string"},
                          row{"https://h/My%ZZ", "% must be followed by two hexadecimal digits"},
                          row{"https://h/a/b%2", "% must be followed by two hexadecimal digits"},
                          row{"http://h", "plain http"}})
    {
        auto const parsed = parse_endpoint(r.text);
        BOOST_TEST_CONTEXT(r.text)
        {
            BOOST_REQUIRE(!parsed);
            BOOST_TEST((parsed.error().code() == kusto::errc::invalid_url));
            auto const told = parsed.error().message();
            BOOST_TEST(told.find(r.problem) != std::string::npos, told);
        }
    }
}

BOOST_AUTO_TEST_SUITE_END()

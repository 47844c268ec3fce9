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
          row{"http://[::1]:8080/", "http://[::1]:8080/"},
          row{"[::1]:8080", "https://[::1]:8080/"}})
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

BOOST_AUTO_TEST_SUITE_END()

#include <base/proxy_rules.hpp>
#include <boost/test/unit_test.hpp>

using namespace kusto::base;

namespace
{

url target(std::string const& text)
{
    return url::parse(text).value();
}

bool covers(std::string const& list, std::string const& text)
{
    return proxy_bypass::parse(list).covers(target(text));
}

} // namespace

BOOST_AUTO_TEST_SUITE(proxy_rules_suite)

BOOST_AUTO_TEST_CASE(urls_of_proxies)
{
    struct row
    {
        char const* text;
        char const* where;
        char const* authorization;
    };
    for (auto const& r : {
             row{"http://p.test:3128", "http://p.test:3128/", ""},
             row{" http://p.test:3128/ ", "http://p.test:3128/", ""},
             row{"HTTP://P.test", "http://p.test/", ""},
             row{"p.test:3128", "http://p.test:3128/", ""},
             row{"http://[::1]:8", "http://[::1]:8/", ""},
             row{"http://u:p@p.test:1", "http://p.test:1/", "Basic dTpw"},
             row{"u:p@p.test:1", "http://p.test:1/", "Basic dTpw"},
             row{"http://u:a%40b%2F:c@p.test:1", "http://p.test:1/", "Basic dTphQGIvOmM="},
             row{"http://u:a@b@p.test:1", "http://p.test:1/", "Basic dTphQGI="},
             row{"http://token@p.test:1", "http://p.test:1/", "Basic dG9rZW46"},
             row{"http://:p@p.test:1", "http://p.test:1/", "Basic OnA="},
         })
    {
        auto const parsed = parse_proxy(r.text);
        BOOST_REQUIRE_MESSAGE(parsed, r.text);
        BOOST_TEST(parsed->where.without_query() == r.where, r.text);
        BOOST_TEST(parsed->authorization.reveal() == r.authorization, r.text);
    }
}

BOOST_AUTO_TEST_CASE(urls_that_are_no_proxies_are_explained_without_their_text)
{
    struct row
    {
        char const* text;
        char const* reason;
    };
    for (auto const& r : {
             row{"", "host is missing"},
             row{"http://", "host is missing"},
             row{"https://CANARY:CANARY@p.test:1", "reached by TLS"},
             row{"socks5://CANARY:CANARY@p.test:1", "SOCKS"},
             row{"SOCKS5h://p.test:1", "SOCKS"},
             row{"ftp://p.test", "scheme"},
             row{"http://p.test:1/CANARY", "nothing may follow"},
             row{"http://u:CAN/ARY@p.test:1", "percent-encoded"},
             row{"http://u:CAN#ARY@p.test:1", "percent-encoded"},
             row{"http://u:CANARY%zz@p.test:1", "%25"},
             row{"http://CAN%3aARY:p@p.test:1", "colon"},
             row{"http://u:CANARY@p.test:0", "port"},
             row{"http://u:CANARY@p.test:70000", "port"},
             row{"http://u:CANARY@a b", "blanks"},
             row{"http://u:CANARY@[::1", "]"},
         })
    {
        auto const parsed = parse_proxy(r.text);
        BOOST_REQUIRE_MESSAGE(!parsed, r.text);
        auto const why = parsed.error();
        BOOST_TEST((why.code() == kusto::errc::invalid_option));
        BOOST_TEST(why.message().find(r.reason) != std::string::npos, r.text << why.message());
        BOOST_TEST(why.message().find("http://proxy.example.org:3128") != std::string::npos);
        BOOST_TEST(why.describe().find("CAN") == std::string::npos, why.describe());
    }
}

BOOST_AUTO_TEST_CASE(bypass_lists)
{
    struct row
    {
        char const* list;
        char const* target;
        bool covered;
    };
    for (auto const& r : {
             row{"", "https://a.test", false},
             row{" , ,", "https://a.test", false},
             row{"*", "https://a.test", true},
             row{"x, *", "https://10.1.2.3", true},
             row{"a.test", "https://a.test", true},
             row{"A.Test", "https://a.test", true},
             row{"a.test", "https://A.TEST", true},
             row{"a.test.", "https://a.test", true},
             row{"a.test", "https://a.test.", true},
             row{"a.test", "https://b.a.test", true},
             row{"a.test", "https://ba.test", false},
             row{"a.test", "https://a.test.evil", false},
             row{".a.test", "https://a.test", true},
             row{".a.test", "https://b.a.test", true},
             row{".a.test", "https://ba.test", false},
             row{"*.a.test", "https://b.a.test", true},
             row{"b.a.test", "https://a.test", false},
             row{"test", "https://a.test", true},
             row{"x.test,a.test", "https://a.test", true},
             row{"a.test:443", "https://a.test", true},
             row{"a.test:8443", "https://a.test", false},
             row{"a.test:8443", "https://b.a.test:8443", true},
             row{"10.1.2.3", "https://10.1.2.3", true},
             row{"10.1.2.3", "https://10.1.2.30", false},
             row{"10.1.2.3:444", "https://10.1.2.3", false},
             row{"10.1.2.3:444", "https://10.1.2.3:444", true},
             row{"2.3", "https://10.1.2.3", false},
             row{".3", "https://10.1.2.3", false},
             row{"10.0.0.0/8", "https://10.255.2.3", true},
             row{"10.0.0.0/8", "https://11.0.0.1", false},
             row{"10.1.128.0/17", "https://10.1.128.1", true},
             row{"10.1.128.0/17", "https://10.1.127.1", false},
             row{"10.1.2.3/32", "https://10.1.2.3", true},
             row{"10.1.2.3/32", "https://10.1.2.2", false},
             row{"0.0.0.0/0", "https://8.8.8.8", true},
             row{"0.0.0.0/0", "https://[2001:db8::1]", false},
             row{"::/0", "https://[2001:db8::1]", true},
             row{"2001:db8::/32", "https://[2001:db8:1::1]", true},
             row{"2001:db8::/32", "https://[2001:db9::1]", false},
             row{"2001:db8::1", "https://[2001:DB8:0::1]", true},
             row{"[2001:db8::1]", "https://[2001:db8::1]", true},
             row{"[2001:db8::1]:444", "https://[2001:db8::1]", false},
             row{"[2001:db8::1]:444", "https://[2001:db8::1]:444", true},
             row{"::ffff:10.1.2.3", "https://10.1.2.3", true},
             row{"10.1.2.3", "https://a.test", false},
         })
        BOOST_TEST(covers(r.list, r.target) == r.covered, r.list << " and " << r.target);
}

BOOST_AUTO_TEST_CASE(entries_that_mean_nothing_are_known)
{
    auto const parsed =
        proxy_bypass::parse("a.test, 10.0.0.0/33, https://b.test, c.test:x, ::/129, d..test, "
                            "10.0.0.0/8x, *x, 10.0.0.0/8,a.test:0");
    std::vector<std::string> const expected = {"10.0.0.0/33", "https://b.test", "c.test:x",
                                               "::/129",      "d..test",        "10.0.0.0/8x",
                                               "*x",          "a.test:0"};
    BOOST_TEST(parsed.not_understood() == expected, boost::test_tools::per_element());
    BOOST_TEST(parsed.covers(target("https://a.test")));
    BOOST_TEST(parsed.covers(target("https://10.0.0.1")));
    BOOST_TEST(!parsed.covers(target("https://b.test")));
}

BOOST_AUTO_TEST_CASE(what_goes_through_the_proxy)
{
    proxy_rules const rules(parse_proxy("http://p.test:3128").value(),
                            proxy_bypass::parse("near.test"));
    for (auto const* const text : {"https://a.test", "https://a.test:8443", "https://10.1.2.3",
                                   "https://[2001:db8::1]", "https://localhost.test"})
    {
        auto const* const via = rules.choose(target(text));
        BOOST_REQUIRE_MESSAGE(via != nullptr, text);
        BOOST_TEST(via->where.authority() == "p.test:3128");
    }
    for (auto const* const text :
         {"https://near.test", "https://localhost", "https://x.localhost:1", "https://127.0.0.1",
          "https://127.8.9.1:5", "https://[::1]:5", "https://169.254.169.254", "https://[fe80::1]",
          "https://[::ffff:127.0.0.1]", "http://a.test", "http://169.254.169.254/metadata"})
        BOOST_TEST((rules.choose(target(text)) == nullptr), text);
    BOOST_TEST((proxy_rules().choose(target("https://a.test")) == nullptr));
}

BOOST_AUTO_TEST_SUITE_END()

#include <boost/test/unit_test.hpp>
#include <net/route.hpp>
#include <set>
#include <vector>

using namespace kusto;

namespace
{

std::string key_of(char const* url, char const* proxy, std::vector<std::string> const& peer)
{
    static base::proxy_server const servers[] = {base::parse_proxy("http://one:80").value(),
                                                 base::parse_proxy("http://two:80").value()};
    std::shared_ptr<async::tls_peer> expected;
    if (!peer.empty())
    {
        expected = std::make_shared<async::tls_peer>();
        expected->thumbprint = peer[0];
        expected->server_name = peer[1];
        expected->ca_pem = peer[2];
    }
    auto const* const via = *proxy == '\0' ? nullptr : &servers[*proxy == 't' ? 1 : 0];
    return net::route(base::url::parse(url).value(), via, expected).key();
}

} // namespace

BOOST_AUTO_TEST_SUITE(route_suite)

BOOST_AUTO_TEST_CASE(routes_that_differ_have_keys_that_differ)
{
    std::vector<std::string> const keys{
        key_of("https://a.test/", "", {}),
        key_of("https://a.test:444/", "", {}),
        key_of("http://a.test/", "", {}),
        key_of("https://b.test/", "", {}),
        key_of("https://a.test/", "one", {}),
        key_of("https://a.test/", "two", {}),
        key_of("https://a.test/", "", {"", "", ""}),
        key_of("https://a.test/", "", {"t", "", ""}),
        key_of("https://a.test/", "", {"", "t", ""}),
        key_of("https://a.test/", "", {"", "", "t"}),
        key_of("https://a.test/", "one", {"", "", "t"}),
        // A separator within a part.
        key_of("https://a.test/", "", {"", "name", "pem pem"}),
        key_of("https://a.test/", "", {"", "name pem", "pem"}),
        key_of("https://a.test/", "", {" name", "pem", "pem"}),
        key_of("https://a.test/", "", {" 4:name", "pem", "pem"}),
    };
    BOOST_TEST(std::set<std::string>(keys.begin(), keys.end()).size() == keys.size());
}

BOOST_AUTO_TEST_CASE(routes_that_lead_to_the_same_end_have_one_key)
{
    BOOST_TEST(key_of("https://a.test/x?y", "one", {"", "n", "p"}) ==
               key_of("https://A.test:443/z", "one", {"", "n", "p"}));
}

BOOST_AUTO_TEST_CASE(failures_at_a_proxy_are_recognised)
{
    auto const via = base::parse_proxy("http://user:password@one:3128").value();
    auto const plain = failure(errc::connect_failed, stage::connect, "no").host("a.test:443");
    auto const target = base::url::parse("https://a.test/secret?sig=CANARY").value();
    auto const there = net::at_proxy(via, target, plain);
    BOOST_TEST(net::is_at_proxy(there));
    BOOST_TEST(net::is_at_proxy(
        failure(errc::timed_out, stage::token, "no token: " + there.message()).host(there.host())));
    BOOST_TEST(!net::is_at_proxy(plain));
    BOOST_TEST(!net::is_at_proxy(failure(errc::timed_out, stage::token, "the proxy : late")));
}

BOOST_AUTO_TEST_CASE(failures_at_a_proxy_tell_once_where_the_way_was_to_lead)
{
    auto const via = base::parse_proxy("http://one:3128").value();
    struct
    {
        char const* url;
        char const* message;
        char const* wanted;
    } const rows[] = {
        {"https://a.test/secret?sig=CANARY", "no",
         "the proxy one:3128: no; on the way to a.test:443"},
        {"https://a.test:444/", "no", "the proxy one:3128: no; on the way to a.test:444"},
        {"https://[::1]/", "no", "the proxy one:3128: no; on the way to [::1]:443"},
        {"https://a.test/", "no way to a.test:443 (502)",
         "the proxy one:3128: no way to a.test:443 (502)"},
    };
    for (auto const& row : rows)
    {
        failure const plain(errc::connect_failed, stage::connect, row.message);
        auto const there = net::at_proxy(via, base::url::parse(row.url).value(), plain);
        BOOST_TEST(there.message() == row.wanted);
        BOOST_TEST(there.host() == "one:3128");
        BOOST_TEST(net::is_at_proxy(there));
    }
}

BOOST_AUTO_TEST_SUITE_END()

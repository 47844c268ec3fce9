#include "problems.hpp"

#include <boost/test/unit_test.hpp>
#include <options/proxy_data.hpp>
#include <support/scoped_environment.hpp>

using namespace kusto;
using namespace kusto::test;

namespace
{

constexpr char const* variables[] = {"HTTPS_PROXY", "https_proxy", "ALL_PROXY",  "all_proxy",
                                     "NO_PROXY",    "no_proxy",    "HTTP_PROXY", "http_proxy"};

class clean_environment : public scoped_environment
{
public:
    clean_environment()
    {
        for (auto const* const name : variables)
            unset(name);
    }
};

/// The proxy for a host; empty if there is none.
std::string via(proxy const& given, std::string const& target = "https://a.test")
{
    auto const choice = options::choose_proxy(given);
    BOOST_TEST(choice.problems.empty());
    auto const* const server = choice.rules.choose(base::url::parse(target).value());
    return server == nullptr ? std::string() : server->where.authority();
}

connection_options with(proxy value)
{
    return connection_options("https://c.kusto.windows.net", credential::static_token("t"))
        .proxy(std::move(value));
}

} // namespace

BOOST_AUTO_TEST_SUITE(proxy_suite)

BOOST_AUTO_TEST_CASE(variables_in_their_order)
{
    clean_environment variables_set;
    BOOST_TEST(via(proxy::from_environment()) == "");
    for (auto const* const name : {"all_proxy", "ALL_PROXY", "https_proxy", "HTTPS_PROXY"})
    {
        variables_set.set(name, "http://" + std::string(name) + ".test:3128");
        BOOST_TEST(via(proxy::from_environment()) ==
                   (base::url::parse("http://" + std::string(name) + ".test:3128")->authority()));
    }
    variables_set.set("HTTPS_PROXY", " ");
    BOOST_TEST(via(proxy::from_environment()) == "https_proxy.test:3128");
}

BOOST_AUTO_TEST_CASE(the_proxy_for_plain_http_means_nothing)
{
    clean_environment variables_set;
    variables_set.set("HTTP_PROXY", "http://p.test:1");
    variables_set.set("http_proxy", "http://p.test:1");
    BOOST_TEST(via(proxy::from_environment()) == "");
}

BOOST_AUTO_TEST_CASE(exceptions_of_the_environment)
{
    clean_environment variables_set;
    variables_set.set("HTTPS_PROXY", "p.test:1");
    variables_set.set("no_proxy", "a.test");
    BOOST_TEST(via(proxy::from_environment()) == "");
    BOOST_TEST(via(proxy::from_environment(), "https://b.test") == "p.test:1");
    // What other programs may understand is no problem.
    variables_set.set("NO_PROXY", "https://a.test,b.test");
    BOOST_TEST(via(proxy::from_environment()) == "p.test:1");
    BOOST_TEST(via(proxy::from_environment(), "https://b.test") == "");
}

BOOST_AUTO_TEST_CASE(an_option_overrides_the_environment)
{
    clean_environment variables_set;
    variables_set.set("HTTPS_PROXY", "socks5://p.test:1");
    variables_set.set("NO_PROXY", "*");
    BOOST_TEST(via(proxy::none()) == "");
    BOOST_TEST(via(proxy::at("http://own.test:2")) == "own.test:2");
    BOOST_TEST(via(proxy::at("http://own.test:2", "a.test")) == "");
    BOOST_TEST(names(with(proxy::none())) == "");
}

BOOST_AUTO_TEST_CASE(a_bad_variable_is_named_and_not_shown)
{
    for (auto const* const name : {"HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"})
        for (auto const* const value :
             {"socks5://u:CANARY@p.test:1", "https://u:CANARY@p.test:1", "http://u:CAN#CANARY@p"})
        {
            clean_environment variables_set;
            variables_set.set(name, value);
            // The default of the options.
            auto const text = all(
                connection_options("https://c.kusto.windows.net", credential::static_token("t")));
            BOOST_TEST(has(text, "proxy = environment variable " + std::string(name)), text);
            BOOST_TEST(has(text, "http://proxy.example.org:3128"), text);
            BOOST_TEST(has(text, "correct the variable"), text);
            BOOST_TEST(!has(text, "CAN"), text);
        }
}

BOOST_AUTO_TEST_CASE(a_bad_option_is_explained_and_not_shown)
{
    auto const text = all(with(proxy::at("socks4://u:CANARY@p.test:1", "10.0.0.0/99,u:CANARY@x")));
    BOOST_TEST(has(text, "SOCKS proxies are not supported"), text);
    BOOST_TEST(has(text, "proxy = bypass \"10.0.0.0/99\""), text);
    BOOST_TEST(!has(text, "CANARY"), text);
    BOOST_TEST(names(with(proxy::at("http://u:CANARY@p.test:1"))) == "");
    BOOST_TEST(names(with(proxy::at(""))) == "proxy");
}

BOOST_AUTO_TEST_SUITE_END()

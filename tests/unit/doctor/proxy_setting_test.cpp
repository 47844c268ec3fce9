#include <boost/test/unit_test.hpp>
#include <doctor/proxy_setting.hpp>
#include <options/proxy_data.hpp>
#include <support/scoped_environment.hpp>

namespace
{

using namespace kusto;

constexpr char const* all_variables[] = {"HTTPS_PROXY", "https_proxy", "ALL_PROXY",
                                         "all_proxy",   "NO_PROXY",    "no_proxy"};

/// Without any variable about proxies.
struct fixture
{
    fixture()
    {
        for (auto const* const name : all_variables)
            environment.unset(name);
    }

    test::scoped_environment environment;
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(proxy_setting, fixture)

/// The same variables, in the same order, as those that the proxy is made of.
BOOST_AUTO_TEST_CASE(the_variable_that_counts_is_named)
{
    auto const target = base::url::parse("https://c.westeurope.kusto.windows.net/").value();
    for (auto const* const name : {"all_proxy", "ALL_PROXY", "https_proxy", "HTTPS_PROXY"})
    {
        auto const host = std::string(name[0] == 'a' || name[0] == 'h' ? "lower" : "upper") +
                          (std::string(name).size() == 9 ? "-all" : "-https");
        environment.set(name, "http://user:CANARY@" + host + ":3128");
        auto const made = proxy::from_environment();
        BOOST_TEST(doctor::proxy_setting(made).by == name);
        auto const rules = options::choose_proxy(made).rules;
        BOOST_TEST_REQUIRE(rules.choose(target) != nullptr);
        BOOST_TEST(rules.choose(target)->where.host() == host);
    }
}

BOOST_AUTO_TEST_CASE(without_a_proxy_nothing_is_named)
{
    environment.set("NO_PROXY", "localhost .kusto.windows.net");
    auto const made = doctor::proxy_setting(proxy::from_environment());
    BOOST_TEST(made.by == "");
    BOOST_TEST(made.not_understood.empty());
    environment.set("ALL_PROXY", "http://p:1");
    BOOST_TEST(doctor::proxy_setting(proxy::none()).by == "");
    auto const given = doctor::proxy_setting(proxy::at("http://p:1"));
    BOOST_TEST(given.by == "connection_options::proxy");
    BOOST_TEST(given.not_understood.empty());
}

BOOST_AUTO_TEST_CASE(entries_of_no_proxy_that_mean_nothing_are_told)
{
    environment.set("HTTPS_PROXY", "http://p:1");
    environment.set("no_proxy", "a.example,localhost .kusto.windows.net,http://user:CANARY@b");
    auto const made = doctor::proxy_setting(proxy::from_environment());
    BOOST_TEST(made.bypass_by == "no_proxy");
    BOOST_TEST_REQUIRE(made.not_understood.size() == 2u);
    BOOST_TEST(made.not_understood[0] == R"("localhost .kusto.windows.net")");
    BOOST_TEST(made.not_understood[1] == R"("http://b")");
}

BOOST_AUTO_TEST_SUITE_END()

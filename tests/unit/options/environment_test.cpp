#include "problems.hpp"

#include <boost/test/unit_test.hpp>
#include <cstdlib>
#include <options/credential_data.hpp>
#include <utility>

using namespace kusto;
using namespace kusto::test;

namespace
{

constexpr char const* variables[] = {
    "KUSTO_CONNECTION_STRING", "KUSTO_CLUSTER_URL", "KUSTO_INGESTION_URL", "KUSTO_CA_FILE",
    "AZURE_CLIENT_ID",         "AZURE_TENANT_ID",   "AZURE_CLIENT_SECRET", "AZURE_AUTHORITY_HOST"};

using settings = std::vector<std::pair<std::string, std::string>>;

/// The environment with these variables only.
class environment
{
public:
    explicit environment(settings const& set)
    {
        clear();
        for (auto const& [name, value] : set)
            ::setenv(name.c_str(), value.c_str(), 1);
    }
    environment(environment const&) = delete;
    environment& operator=(environment const&) = delete;
    ~environment() { clear(); }

private:
    static void clear()
    {
        for (auto const* name : variables)
            ::unsetenv(name);
    }
};

std::string refusal()
{
    try
    {
        (void)connection_options::from_environment();
    }
    catch (error const& e)
    {
        BOOST_TEST((e.why().code() == errc::invalid_option));
        return e.what();
    }
    return "accepted";
}

constexpr char const* id = "0f1e2d3c-0000-1111-2222-333344445555";
constexpr char const* cluster = "https://c.kusto.windows.net";

} // namespace

BOOST_AUTO_TEST_SUITE(environment_test)

BOOST_AUTO_TEST_CASE(cluster_and_credential)
{
    environment const set(settings{{"KUSTO_CLUSTER_URL", cluster},
                                   {"AZURE_CLIENT_ID", id},
                                   {"AZURE_CLIENT_SECRET", "s"},
                                   {"AZURE_TENANT_ID", "t"},
                                   {"KUSTO_INGESTION_URL", "https://ingest-c.kusto.windows.net"},
                                   {"KUSTO_CA_FILE", "/ca.pem"},
                                   {"AZURE_AUTHORITY_HOST", "https://login.example.com"}});
    auto const o = connection_options::from_environment();
    BOOST_TEST(o.cluster_url() == cluster);
    BOOST_TEST(o.ingestion_url() == "https://ingest-c.kusto.windows.net");
    BOOST_TEST(o.ca_file() == "/ca.pem");
    BOOST_TEST(o.authority_host() == "https://login.example.com");
    BOOST_TEST(std::get<detail::client_secret_data>(o.who().data().what).client_secret.reveal() == "s");
}

BOOST_AUTO_TEST_CASE(the_connection_string_wins)
{
    environment const set(settings{{"KUSTO_CLUSTER_URL", cluster},
                                   {"KUSTO_CONNECTION_STRING", "http://localhost:1"}});
    BOOST_TEST(connection_options::from_environment().cluster_url() == "http://localhost:1");
}

BOOST_AUTO_TEST_CASE(loopback_needs_no_credential)
{
    environment const set(settings{{"KUSTO_CLUSTER_URL", "http://localhost:1"}});
    auto const o = connection_options::from_environment();
    BOOST_TEST(std::holds_alternative<detail::no_credential>(o.who().data().what));
}

BOOST_AUTO_TEST_CASE(missing_variables_are_named)
{
    {
        environment const set(settings{});
        BOOST_TEST(has(refusal(), "KUSTO_CONNECTION_STRING or KUSTO_CLUSTER_URL"));
    }
    {
        environment const set(settings{{"KUSTO_CLUSTER_URL", cluster}});
        BOOST_TEST(has(refusal(), "AZURE_CLIENT_ID, AZURE_CLIENT_SECRET, AZURE_TENANT_ID"));
    }
    {
        environment const set(
            settings{{"KUSTO_CLUSTER_URL", "http://localhost:1"}, {"AZURE_CLIENT_ID", id}});
        BOOST_TEST(has(refusal(), "missing: AZURE_CLIENT_SECRET, AZURE_TENANT_ID"));
    }
}

BOOST_AUTO_TEST_SUITE_END()

#include "problems.hpp"

#include <boost/test/unit_test.hpp>
#include <options/credential_data.hpp>
#include <support/scoped_environment.hpp>
#include <utility>

using namespace kusto;
using namespace kusto::test;

namespace
{

constexpr char const* variables[] = {"KUSTO_CONNECTION_STRING",
                                     "KUSTO_CLUSTER_URL",
                                     "KUSTO_INGESTION_URL",
                                     "KUSTO_CA_FILE",
                                     "KUSTO_APPLICATION_NAME",
                                     "AZURE_CLIENT_ID",
                                     "AZURE_TENANT_ID",
                                     "AZURE_CLIENT_SECRET",
                                     "AZURE_CLIENT_CERTIFICATE_PATH",
                                     "AZURE_FEDERATED_TOKEN_FILE",
                                     "AZURE_TOKEN_CREDENTIALS",
                                     "AZURE_AUTHORITY_HOST",
                                     "AZURE_POD_IDENTITY_AUTHORITY_HOST",
                                     "IDENTITY_ENDPOINT",
                                     "MSI_ENDPOINT",
                                     "IMDS_ENDPOINT"};

using settings = std::vector<std::pair<std::string, std::string>>;

/// The environment with these variables only.
class environment
{
public:
    explicit environment(settings const& set)
    {
        for (auto const* name : variables)
            changes_.unset(name);
        for (auto const& [name, value] : set)
            changes_.set(name, value);
    }

private:
    scoped_environment changes_;
};

std::string refusal(errc code = errc::invalid_option)
{
    try
    {
        (void)connection_options::from_environment();
    }
    catch (error const& e)
    {
        BOOST_TEST((e.why().code() == code));
        return e.what();
    }
    return "accepted";
}

constexpr char const* id = "0f1e2d3c-0000-1111-2222-333344445555";
constexpr char const* cluster = "https://c.kusto.windows.net";
constexpr char const* local = "http://localhost:1";

} // namespace

BOOST_AUTO_TEST_SUITE(environment_test)

BOOST_AUTO_TEST_CASE(everything_but_the_credential)
{
    environment const set(settings{{"KUSTO_CLUSTER_URL", cluster},
                                   {"KUSTO_INGESTION_URL", "https://ingest-c.kusto.windows.net"},
                                   {"KUSTO_CA_FILE", "/ca.pem"},
                                   {"KUSTO_APPLICATION_NAME", "collector"},
                                   {"AZURE_AUTHORITY_HOST", "https://login.example.com"}});
    auto const o = connection_options::from_environment();
    BOOST_TEST(o.cluster_url() == cluster);
    BOOST_TEST(o.ingestion_url() == "https://ingest-c.kusto.windows.net");
    BOOST_TEST(o.ca_file() == "/ca.pem");
    BOOST_TEST(o.application_name() == "collector");
    // What the cluster says goes before this variable; who signs in reads it.
    BOOST_TEST(o.authority_host().empty());
}

BOOST_AUTO_TEST_CASE(the_connection_string_wins)
{
    environment const set(
        settings{{"KUSTO_CLUSTER_URL", cluster},
                 {"KUSTO_CONNECTION_STRING", "http://localhost:1;traceappname=a"},
                 {"KUSTO_APPLICATION_NAME", ""},
                 {"AZURE_CLIENT_SECRET", "s"}});
    auto const o = connection_options::from_environment();
    BOOST_TEST(o.cluster_url() == local);
    BOOST_TEST(o.application_name() == "a");
}

BOOST_AUTO_TEST_CASE(credentials)
{
    struct row
    {
        char const* url;
        settings given;
        char const* who;
    };
    constexpr char const* chain = "default chain of credentials";
    for (auto const& r : std::vector<row>{
             {local, {}, "no credential"},
             {"localhost:5", {}, "no credential"},
             {local, {{"AZURE_CLIENT_ID", ""}, {"AZURE_AUTHORITY_HOST", "x"}}, "no credential"},
             {local, {{"AZURE_CLIENT_ID", id}}, chain},
             {local, {{"AZURE_TENANT_ID", "t"}}, chain},
             {local, {{"AZURE_FEDERATED_TOKEN_FILE", "/t"}}, chain},
             {local, {{"AZURE_TOKEN_CREDENTIALS", "dev"}}, chain},
             {local, {{"IDENTITY_ENDPOINT", "http://localhost:2"}}, chain},
             {local, {{"MSI_ENDPOINT", "http://localhost:2"}}, chain},
             {local, {{"IMDS_ENDPOINT", "http://localhost:2"}}, chain},
             {local, {{"AZURE_POD_IDENTITY_AUTHORITY_HOST", "http://localhost:2"}}, chain},
             {cluster, {}, chain},
             // A user-assigned identity of a virtual machine.
             {cluster, {{"AZURE_CLIENT_ID", id}}, chain},
             {cluster,
              {{"AZURE_CLIENT_ID", id}, {"AZURE_CLIENT_SECRET", "s"}, {"AZURE_TENANT_ID", "t"}},
              chain},
             {cluster,
              {{"AZURE_CLIENT_SECRET", "s"}, {"IDENTITY_ENDPOINT", "http://localhost:2"}},
              chain},
             {cluster,
              {{"AZURE_CLIENT_ID", id},
               {"AZURE_CLIENT_CERTIFICATE_PATH", "/c.pem"},
               {"AZURE_TENANT_ID", "t"}},
              chain},
         })
    {
        auto all_of = r.given;
        all_of.emplace_back("KUSTO_CLUSTER_URL", r.url);
        environment const set(all_of);
        BOOST_TEST_CONTEXT(r.url << ' ' << (r.given.empty() ? "" : r.given.front().first))
        BOOST_TEST(connection_options::from_environment().who().describe() == r.who);
    }
}

BOOST_AUTO_TEST_CASE(missing_variables_are_named)
{
    struct row
    {
        settings given;
        char const* part;
    };
    for (auto const& r : std::vector<row>{
             {{}, "KUSTO_CONNECTION_STRING or KUSTO_CLUSTER_URL is missing"},
             {{{"KUSTO_CLUSTER_URL", cluster}, {"AZURE_CLIENT_SECRET", "CANARY"}},
              "missing beside AZURE_CLIENT_SECRET: AZURE_CLIENT_ID, AZURE_TENANT_ID"},
             {{{"KUSTO_CLUSTER_URL", local}, {"AZURE_CLIENT_SECRET", "CANARY"}},
              "missing beside AZURE_CLIENT_SECRET: AZURE_CLIENT_ID, AZURE_TENANT_ID"},
             {{{"KUSTO_CLUSTER_URL", cluster},
               {"AZURE_CLIENT_SECRET", "CANARY"},
               {"AZURE_CLIENT_ID", id}},
              "missing beside AZURE_CLIENT_SECRET: AZURE_TENANT_ID"},
             {{{"KUSTO_CLUSTER_URL", cluster},
               {"AZURE_CLIENT_CERTIFICATE_PATH", "/c.pem"},
               {"AZURE_TENANT_ID", "t"}},
              "missing beside AZURE_CLIENT_CERTIFICATE_PATH: AZURE_CLIENT_ID"},
         })
    {
        environment const set(r.given);
        auto const told = refusal();
        BOOST_TEST(has(told, r.part), told);
        BOOST_TEST(!has(told, "CANARY"), told);
    }
}

BOOST_AUTO_TEST_CASE(a_bad_connection_string_names_its_variable)
{
    environment const set(settings{{"KUSTO_CONNECTION_STRING", "https://h;appkey=CANARY;CANARY"}});
    auto const told = refusal(errc::invalid_connection_string);
    BOOST_TEST(has(told, "KUSTO_CONNECTION_STRING: item 3"), told);
    BOOST_TEST(!has(told, "CANARY"), told);
}

BOOST_AUTO_TEST_SUITE_END()

#include "problems.hpp"

#include <boost/test/unit_test.hpp>
#include <options/credential_data.hpp>
#include <options/keywords.hpp>

using namespace kusto;
using namespace kusto::test;

namespace
{

std::string const id = "0f1e2d3c-0000-1111-2222-333344445555";
std::string const app = "Application Client Id=" + id + ";Application Key=";

detail::client_secret_data const& secret_of(connection_options const& options)
{
    return std::get<detail::client_secret_data>(options.who().data().what);
}

std::string refusal(std::string const& text)
{
    try
    {
        (void)connection_options::from_connection_string(text);
    }
    catch (error const& e)
    {
        BOOST_TEST((e.why().code() == errc::invalid_connection_string));
        return e.what();
    }
    return "accepted";
}

} // namespace

BOOST_AUTO_TEST_SUITE(connection_string_test)

BOOST_AUTO_TEST_CASE(the_documented_example)
{
    auto const o = connection_options::from_connection_string(
        "Data Source=https://mycluster.westeurope.kusto.windows.net;Initial "
        "Catalog=Telemetry;Fed=true;" +
        app + "s3cr3t==;Authority Id=contoso.onmicrosoft.com;Application Name for Tracing=my app");
    BOOST_TEST(o.cluster_url() == "https://mycluster.westeurope.kusto.windows.net");
    BOOST_TEST(o.default_database() == "Telemetry");
    BOOST_TEST(secret_of(o).client_id == id);
    BOOST_TEST(secret_of(o).client_secret.reveal() == "s3cr3t==");
    BOOST_TEST(secret_of(o).tenant_id == "contoso.onmicrosoft.com");
    BOOST_TEST(o.application_name() == "my app");
    BOOST_TEST(names(o).empty(), all(o));
}

BOOST_AUTO_TEST_CASE(shapes)
{
    struct row
    {
        std::string text;
        char const* url;
        char const* database;
    };
    for (auto const& r : {
             row{"http://localhost:1", "http://localhost:1", "NetDefaultDB"},
             row{"http://localhost:1;", "http://localhost:1", "NetDefaultDB"},
             row{" ; ;  ADDR = http://localhost:1 ;; ", "http://localhost:1", "NetDefaultDB"},
             row{"server=http://localhost:1/Db", "http://localhost:1", "Db"},
             row{"server=http://localhost:1/Db;Database=Other", "http://localhost:1", "Other"},
             row{"Data Source Uri=\"http://localhost:1\";DATABASE='a;b''c'", "http://localhost:1",
                 "a;b'c"},
             row{"networkaddress=http://localhost:1;fed=0", "http://localhost:1", "NetDefaultDB"},
             row{"Cluster Uri=http://localhost:1;AAD Federated Security=No", "http://localhost:1",
                 "NetDefaultDB"},
         })
    {
        auto const o = connection_options::from_connection_string(r.text);
        BOOST_TEST(o.cluster_url() == r.url, r.text);
        BOOST_TEST(o.default_database() == r.database, r.text);
        BOOST_TEST(std::holds_alternative<detail::no_credential>(o.who().data().what));
    }
}

BOOST_AUTO_TEST_CASE(secrets_with_special_characters)
{
    struct row
    {
        char const* written;
        char const* secret;
    };
    for (auto const& r : {row{"a=b==", "a=b=="}, row{"\"a;b\"", "a;b"}, row{"\"a\"\"b\"", "a\"b"},
                          row{"'a\"b;'", "a\"b;"}, row{" \"x\" ", "x"}, row{"a'b\"c", "a'b\"c"}})
    {
        auto const o = connection_options::from_connection_string("https://c.kusto.windows.net;" +
                                                                  app + r.written + ";tid=t");
        BOOST_TEST(secret_of(o).client_secret.reveal() == r.secret);
    }
}

BOOST_AUTO_TEST_CASE(all_aliases_are_known)
{
    struct row
    {
        options::keyword meaning;
        std::vector<char const*> names;
    };
    using options::keyword;
    for (auto const& r : std::vector<row>{
             {keyword::data_source,
              {"Data Source", "datasource", "server", "addr", "address", "network address",
               "Data Source Uri", "serveruri", "clusteruri"}},
             {keyword::initial_catalog, {"Initial Catalog", "database", "INITIALCATALOG"}},
             {keyword::federated_security,
              {"AAD Federated Security", "Federated Security", "federated", "fed", "aadfed"}},
             {keyword::authority_id,
              {"Authority Id", "TenantId", "tid", "tenant", "authority", "domainhint"}},
             {keyword::application_client_id,
              {"Application Client Id", "appclientid", "ApplicationClientID"}},
             {keyword::application_key, {"Application Key", "appkey"}},
             {keyword::application_name, {"Application Name for Tracing", "traceappname"}},
             {keyword::unsupported,
              {"dSTS Federated Security",
               "dstsfed",
               "dststokentype",
               "Application Certificate Blob",
               "Application Certificate Thumbprint",
               "appcert",
               "Application Certificate Issuer Distinguished Name",
               "applicationcertificateissuer",
               "Application Certificate Subject Distinguished Name",
               "applicationcertificatesubject",
               "Application Certificate SendX5c",
               "applicationcertificatex5c",
               "sendx5c",
               "applicationcertificatesendpubliccertificate",
               "sendcertificatechain",
               "Application Token",
               "apptoken",
               "User Token",
               "usrtoken",
               "User ID",
               "user",
               "uid",
               "loginhint",
               "aaduserid",
               "Password",
               "pwd",
               "User Name for Tracing",
               "traceusername",
               "Azure Region",
               "region",
               "Namespace",
               "ns",
               "Query Consistency",
               "Streaming",
               "Uncompressed",
               "EnforceMfa",
               "Accept"}},
         })
    {
        for (auto const* name : r.names)
        {
            auto const* const found = options::find_keyword(name);
            BOOST_TEST_CONTEXT(name)
            {
                BOOST_REQUIRE(found != nullptr);
                BOOST_TEST((found->meaning == r.meaning));
            }
        }
    }
}

BOOST_AUTO_TEST_CASE(refusals_name_the_keyword)
{
    struct row
    {
        std::string text;
        char const* part;
    };
    std::string const url = "Data Source=http://localhost:1;";
    for (auto const& r : {
             row{"", "`Data Source` is missing"},
             row{"Database=x", "`Data Source` is missing"},
             row{url + "Aplication Key=x",
                 "unknown keyword `Aplication Key`; did you mean `Application Key`?"},
             row{url + "Initial Catalogue=x", "did you mean `Initial Catalog`?"},
             row{url + "Wibble Wobble=x", "unknown keyword `Wibble Wobble`"},
             row{url + "Application Certificate Thumbprint=x",
                 "`Application Certificate Thumbprint` is not supported"},
             row{url + "UID=x", "`User ID` is not supported"},
             row{url + "fed=perhaps", "`AAD Federated Security` must be true or false"},
             row{url + "fed=true", "no credentials"},
             row{url + app + "k", "`Authority Id`"},
             row{url + "appkey=k", "`Application Client Id`, `Authority Id`"},
             row{url + app + "k;tid=t;fed=false", "credentials are given"},
             row{url + "server=x", "is given twice"},
             row{url + "word", "item 2 has no '='"},
             row{url + "=x", "item 2 has no keyword"},
             row{url + "Database=\"x", "item 2 has an opening quote"},
             row{url + "Database=\"x\"y", "item 2 has text after its closing quote"},
         })
        BOOST_TEST(has(refusal(r.text), r.part), r.text << " -> " << refusal(r.text));
}

BOOST_AUTO_TEST_CASE(refusals_tell_no_value)
{
    std::string const url = "Data Source=https://c.kusto.windows.net?sig=CANARY;";
    for (std::string const& text :
         {url + app + "x;CANARY1secret", url + app + "x;CANARY1=y", url + "fed=CANARY",
          url + "appkey=CANARY", url + "appkey=\"CANARY", url + "appkey=\"x\"CANARY",
          url + "Password=CANARY", url + app + "x;~CANARY=5"})
    {
        auto const told = refusal(text);
        BOOST_TEST(told != "accepted", text);
        BOOST_TEST(!has(told, "CANARY"), told);
    }
}

BOOST_AUTO_TEST_SUITE_END()

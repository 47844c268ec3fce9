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
             row{"\xef\xbb\xbfhttp://localhost:1/Db", "http://localhost:1", "Db"},
             row{"\xef\xbb\xbfServer=http://localhost:1;", "http://localhost:1", "NetDefaultDB"},
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
             {keyword::certificate_blob, {"Application Certificate Blob"}},
             {keyword::certificate_private_key, {"Application Certificate PrivateKey"}},
             {keyword::certificate_path, {"Application Certificate Path", "ApplicationCertificate"}},
             {keyword::certificate_password, {"Application Certificate Password"}},
             {keyword::certificate_send_chain,
              {"Application Certificate SendX5c", "Application Certificate x5c", "sendx5c",
               "Application Certificate Send Public Certificate", "sendcertificatechain"}},
             {keyword::application_token, {"Application Token", "apptoken"}},
             {keyword::user_token, {"User Token", "usrtoken", "UserToken"}},
             {keyword::credential, {"Credential"}},
             {keyword::managed_identity, {"Managed Identity", "managedidentity"}},
             {keyword::application_name, {"Application Name for Tracing", "traceappname"}},
             {keyword::application_version, {"Application Version for Tracing"}},
             {keyword::user_name, {"User Name for Tracing", "traceusername"}},
             {keyword::client_version, {"Client Version for Tracing"}},
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
             row{url + "fed=perhaps", "`AAD Federated Security` must be true or false"},
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

BOOST_AUTO_TEST_CASE(unsupported_keywords_say_why_and_what_to_use_instead)
{
    struct row
    {
        std::vector<char const*> names;
        char const* advice;
    };
    for (auto const& r : std::vector<row>{
             {{"dSTS Federated Security", "dstsfed", "dststokentype"}, "Microsoft Entra ID"},
             {{"Application Certificate Thumbprint", "appcert",
               "Application Certificate Issuer Distinguished Name", "applicationcertificateissuer",
               "Application Certificate Subject Distinguished Name",
               "applicationcertificatesubject"},
              "use `Application Certificate Path` or"},
             {{"User ID", "user", "uid", "loginhint", "aaduserid", "AAD User ID", "Password", "pwd"},
              "multi-factor"},
             {{"Interactive Login"}, "credential::device_code"},
             {{"MSI Authentication", "msi", "MSI Auth", "msi_auth"}, "`Managed Identity=system`"},
             {{"MSI Params", "msi_params", "msi_type"}, "`object:`"},
             {{"AZ CLI"}, "`Credential=azure cli`"},
             {{"Azure Region", "region"}, "remove it"},
             {{"EnforceMfa"}, "remove it"},
             {{"Namespace", "ns"}, "`Data Source`"},
             {{"Query Consistency", "Streaming", "Uncompressed", "Accept"}, "remove it"},
         })
    {
        for (auto const* name : r.names)
        {
            auto const told = refusal("http://localhost:1;" + std::string(name) + "=CANARY");
            BOOST_TEST(has(told, "` is not supported: "), name << " -> " << told);
            BOOST_TEST(has(told, r.advice), name << " -> " << told);
            BOOST_TEST(!has(told, "CANARY"), told);
        }
    }
}

BOOST_AUTO_TEST_CASE(tracing)
{
    auto const o = connection_options::from_connection_string(
        "http://localhost:1;traceappname=a;Application Version for Tracing=1.2;traceusername=u;"
        "Client Version for Tracing=\"Host:{3};\"");
    BOOST_TEST(o.application_name() == "a");
    BOOST_TEST(o.application_version() == "1.2");
    BOOST_TEST(o.user_name() == "u");
    BOOST_TEST(o.client_version() == "Host:{3};");
}

BOOST_AUTO_TEST_CASE(refusals_tell_no_value)
{
    std::string const url = "Data Source=https://c.kusto.windows.net?sig=CANARY;";
    for (std::string const& text :
         {url + "fed=CANARY", url + "sendx5c=CANARY", url + "Credential=CANARY",
          url + "Password=CANARY", url + "pwd=x;CANARY", std::string("CANARY1=x"),
          std::string("~CANARY=5"),
          url + "Managed Identity=CANARY;appkey=CANARY"})
    {
        auto const told = refusal(text);
        BOOST_TEST(told != "accepted", text);
        BOOST_TEST(!has(told, "CANARY"), told);
    }
}

BOOST_AUTO_TEST_CASE(no_secret_is_told_whatever_is_wrong)
{
    std::string const url = "Data Source=https://c.kusto.windows.net;";
    for (std::string const keyword :
         {"Application Key", "appkey", "Application Certificate Blob",
          "Application Certificate PrivateKey", "Application Certificate Password",
          "Application Token", "apptoken", "User Token", "usrtoken"})
    {
        auto const with = url + keyword + "=";
        for (std::string const& text :
             {with + "x;CANARY", with + "x;CANARY=y", with + "x;CANARY1=y", with + "x;=CANARY",
              with + "\"CANARY", with + "'CANARY", with + "\"x\"CANARY", with + "'x'y;CANARY=",
              with + "CANARY;" + keyword + "=CANARY", with + "CANARY;fed=false",
              with + "CANARY;Credential=default", with + "CANARY;Credential=device code",
              with + "CANARY;Managed Identity=system", with + "CANARY;sendx5c=maybe",
              with + "CANARY;Application Certificate Path=/x;User Token=CANARY;tid=t;Autority=x"})
        {
            auto const told = refusal(text);
            BOOST_TEST(told != "accepted", text);
            BOOST_TEST(!has(told, "CANARY"), text << " -> " << told);
        }
    }
}

BOOST_AUTO_TEST_CASE(a_keyword_after_a_secret_is_not_shown_but_corrected)
{
    auto const told = refusal("http://localhost:1;" + app + "x;Autority Id=t");
    BOOST_TEST(has(told, "item 4: unknown keyword (not shown); did you mean `Authority Id`?"), told);
}

BOOST_AUTO_TEST_CASE(descriptions_hold_no_secret)
{
    auto const text = "Data Source=https://c.kusto.windows.net?sig=CANARY;Database=Db;" + app +
                      "CANARY;tid=t.com;traceappname=my\napp;Application Version for Tracing=2";
    auto const told = connection_options::from_connection_string(text).describe();
    BOOST_TEST(told == "cluster \"https://c.kusto.windows.net\", database \"Db\", client secret of "
                       "application " + id + ", application \"my?app\", version \"2\"");
    auto const local = connection_options("http://localhost:1").ingestion_url("http://localhost:2");
    BOOST_TEST(local.describe() == "cluster \"http://localhost:1\", ingestion "
                                   "\"http://localhost:2\", database \"NetDefaultDB\", no "
                                   "credential");
}

BOOST_AUTO_TEST_SUITE_END()

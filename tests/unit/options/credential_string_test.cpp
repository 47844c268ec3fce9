#include "problems.hpp"

#include <base/base64.hpp>
#include <boost/test/unit_test.hpp>
#include <options/credential_data.hpp>

using namespace kusto;
using namespace kusto::test;

namespace
{

std::string const id = "0f1e2d3c-0000-1111-2222-333344445555";
std::string const url = "https://c.kusto.windows.net;";
std::string const app = "Application Client Id=" + id + ';';
std::string const tenant = "Authority Id=contoso.com;";
std::string const pem = "-----BEGIN CERTIFICATE-----\nMA==\n-----END CERTIFICATE-----\n"
                        "-----BEGIN PRIVATE KEY-----\nMA==\n-----END PRIVATE KEY-----";

connection_options parsed(std::string const& text)
{
    return connection_options::from_connection_string(text);
}

template <class Kind>
Kind const& credential_in(connection_options const& options)
{
    return std::get<Kind>(options.who().data().what);
}

std::string refusal(std::string const& text)
{
    try
    {
        (void)parsed(text);
    }
    catch (error const& e)
    {
        BOOST_TEST((e.why().code() == errc::invalid_connection_string));
        return e.what();
    }
    return "accepted";
}

} // namespace

BOOST_AUTO_TEST_SUITE(credential_string_test)

BOOST_AUTO_TEST_CASE(which_credential)
{
    struct row
    {
        std::string text;
        std::string described;
    };
    auto const of_application = " of application " + id;
    for (auto const& r : {
             row{"", "no credential"},
             row{"fed=false", "no credential"},
             row{tenant, "no credential"},
             row{"Application Key=;Application Token=", "no credential"},
             row{"AAD Federated Security=true", "default chain of credentials"},
             row{"fed=1;tid=organizations", "default chain of credentials"},
             row{"Credential=Default", "default chain of credentials"},
             row{"Credential=default;fed=yes;tid=common", "default chain of credentials"},
             row{"Credential=environment", "credential of the environment variables"},
             row{"Credential=Azure CLI;" + tenant, "Azure CLI"},
             row{"Credential=azure-cli", "Azure CLI"},
             row{"Credential=workload identity", "workload identity"},
             row{"Credential=WorkloadIdentity;" + app + tenant,
                 "workload identity" + of_application},
             row{app + "Application Key=k;" + tenant, "client secret" + of_application},
             row{app + "appkey=k;fed=true;" + tenant, "client secret" + of_application},
             row{app + tenant + "Application Certificate Path=/c.pem",
                 "client certificate" + of_application},
             row{"Application Token=t", "static token"},
             row{"User Token=t;fed=true;" + tenant, "static token"},
             row{"Managed Identity=System", "managed identity of the system"},
             row{"Managed Identity=system;tid=organizations;fed=true",
                 "managed identity of the system"},
             row{"Managed Identity=" + id, "managed identity with client id " + id},
             row{"Managed Identity=object: " + id, "managed identity with object id " + id},
             row{"Managed Identity=/subscriptions/a/b", "managed identity with a resource id"},
         })
        BOOST_TEST(parsed(url + r.text).who().describe() == r.described, r.text);
}

BOOST_AUTO_TEST_CASE(parts_of_credentials)
{
    auto const workload = parsed(url + "Credential=workload identity;" + app + tenant);
    BOOST_TEST(credential_in<detail::workload_identity_data>(workload).tenant_id == "contoso.com");
    BOOST_TEST(credential_in<detail::workload_identity_data>(workload).client_id == id);
    auto const cli = parsed(url + "Credential=azure cli;" + tenant);
    BOOST_TEST(credential_in<detail::azure_cli_data>(cli).tenant_id == "contoso.com");
    auto const any = parsed(url + "Credential=azure cli;tid=organizations");
    BOOST_TEST(credential_in<detail::azure_cli_data>(any).tenant_id.empty());
    auto const token = parsed(url + "User Token=a.b=");
    BOOST_TEST(credential_in<detail::static_token_data>(token).token.reveal() == "a.b=");
    auto const resource = parsed(url + "Managed Identity=/subscriptions/a/b");
    BOOST_TEST(credential_in<detail::managed_identity_data>(resource).id.value() ==
               "/subscriptions/a/b");
}

BOOST_AUTO_TEST_CASE(certificates)
{
    struct row
    {
        std::string text;
        std::string path;
        std::string content;
        std::string password;
        bool send_chain;
    };
    std::string const pfx("\x30\x82\0\xff;=", 6);
    auto const encoded = base::base64_encode(pfx);
    auto const broken = encoded.substr(0, 4) + "\r\n  " + encoded.substr(4);
    for (auto const& r : {
             row{"Application Certificate Path=/c.pfx;Application Certificate Password=a=b", "/c.pfx",
                 "", "a=b", false},
             row{"Application Certificate Blob=" + pem + ";sendx5c=true", "", pem, "", true},
             row{"Application Certificate Blob=" + encoded + ";sendx5c=false", "", pfx, "", false},
             row{"Application Certificate Blob=\"" + broken + "\"", "", pfx, "", false},
             row{"Application Certificate PrivateKey=" + pem, "", pem, "", false},
         })
    {
        auto const o = parsed(url + app + tenant + r.text);
        auto const& data = credential_in<detail::client_certificate_data>(o);
        BOOST_TEST_CONTEXT(r.text)
        {
            BOOST_TEST(data.client_id == id);
            BOOST_TEST(data.tenant_id == "contoso.com");
            BOOST_TEST(data.path == r.path);
            BOOST_TEST((data.content.reveal() == r.content));
            BOOST_TEST(data.password.reveal() == r.password);
            BOOST_TEST(data.send_chain == r.send_chain);
        }
    }
}

BOOST_AUTO_TEST_CASE(refusals)
{
    struct row
    {
        std::string text;
        char const* part;
    };
    for (auto const& r : {
             row{app, "`Application Key`, `Application Certificate Path`"},
             row{app + "fed=true", "`Authority Id`"},
             row{app + "Application Certificate Path=/c", "missing beside the credentials that are "
                                                          "given: `Authority Id`"},
             row{"Application Certificate Path=/c;" + tenant, "`Application Client Id`"},
             row{"Credential=something", "`default`, `environment`, `workload identity`"},
             row{"Credential=managed identity", "use `Managed Identity`"},
             row{"Credential=device code", "credential::device_code in code"},
             row{"Credential=default;" + tenant,
                 "`Authority Id` has no meaning beside `Credential=default`"},
             row{"fed=true;" + tenant, "`Authority Id` has no meaning beside `AAD Federated "
                                       "Security` alone: set AZURE_TENANT_ID"},
             row{"Credential=default;" + app, "`Application Client Id` has no meaning beside"},
             row{"Credential=environment;" + app, "`Application Client Id` has no meaning beside"},
             row{"Credential=environment;" + tenant, "`Authority Id` has no meaning beside"},
             row{"Credential=azure cli;" + app, "`Application Client Id` has no meaning beside"},
             row{"Managed Identity=system;" + app, "`Application Client Id` has no meaning beside"},
             row{"Managed Identity=system;" + tenant, "`Authority Id` has no meaning beside"},
             row{"User Token=t;" + app, "`Application Client Id` has no meaning beside `User Token`"},
             row{"Application Certificate Password=p", "`Application Certificate Password` without"},
             row{"appkey=k;Application Certificate Password=p;" + app + tenant,
                 "`Application Certificate Password` without a certificate"},
             row{"sendx5c=true", "`Application Certificate SendX5c` without a certificate"},
             row{app + tenant + "Application Certificate Blob=@@@", "neither PEM text"},
             row{app + tenant + "Application Certificate PrivateKey=MA==", "must be PEM text"},
             row{app + tenant + "Application Certificate PrivateKey=" +
                     pem.substr(pem.find("-----BEGIN PRIVATE")),
                 "with the certificate and its private key"},
             row{"fed=false;Managed Identity=system",
                 "is false, but credentials are given: `Managed Identity`"},
             row{"fed=false;" + app, "is false, but credentials are given"},
         })
        BOOST_TEST(has(refusal(url + r.text), r.part), r.text << " -> " << refusal(url + r.text));
}

BOOST_AUTO_TEST_CASE(two_proofs_contradict_each_other)
{
    std::string const proofs[] = {
        "Application Key",  "Application Certificate Blob", "Application Certificate PrivateKey",
        "Application Certificate Path", "Application Token", "User Token",
        "Credential",       "Managed Identity"};
    for (auto const& one : proofs)
    {
        for (auto const& other : proofs)
        {
            if (one == other)
                continue;
            auto const told = refusal(url + app + tenant + one + "=CANARY;" + other + "=CANARY");
            BOOST_TEST(has(told, "`" + one + '`'), told);
            BOOST_TEST(has(told, "`" + other + '`'), told);
            BOOST_TEST(has(told, "contradict each other"), told);
            BOOST_TEST(!has(told, "CANARY"), told);
        }
    }
}

BOOST_AUTO_TEST_CASE(what_the_string_cannot_tell_is_told_when_the_options_are_checked)
{
    BOOST_TEST(names(parsed(url)) == "who");
    BOOST_TEST(has(all(parsed(url)), "AAD Federated Security=true"));
    BOOST_TEST(names(parsed(url + "Managed Identity=CANARY")) == "who");
    BOOST_TEST(!has(all(parsed(url + "Managed Identity=CANARY")), "CANARY"));
    BOOST_TEST(names(parsed(url + "User Token=CAN ARY")) == "who");
    BOOST_TEST(!has(all(parsed(url + "User Token=CAN ARY")), "CAN ARY"));
    BOOST_TEST(names(parsed(url + "fed=true")).empty());
}

BOOST_AUTO_TEST_SUITE_END()

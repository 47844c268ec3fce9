#include <boost/test/unit_test.hpp>
#include <string>
#include <wire/managed_identity.hpp>

using namespace kusto;
using wire::identity_host;

namespace
{

constexpr char const* guid = "00001111-aaaa-2222-bbbb-3333cccc4444";
constexpr char const* arm_id = "/subscriptions/s/resourceGroups/g/providers/"
                               "Microsoft.ManagedIdentity/userAssignedIdentities/n";
constexpr char const* arm_encoded = "%2Fsubscriptions%2Fs%2FresourceGroups%2Fg%2Fproviders%2F"
                                    "Microsoft.ManagedIdentity%2FuserAssignedIdentities%2Fn";
constexpr char const* scope = "https://kusto.kusto.windows.net/.default";
constexpr char const* resource = "resource=https%3A%2F%2Fkusto.kusto.windows.net";
constexpr char const* thumbprint = "0123456789abcdef0123456789abcdef01234567";

/// Variables that make a host of this kind.
wire::identity_environment environment_of(identity_host host)
{
    wire::identity_environment made;
    switch (host)
    {
    case identity_host::service_fabric:
        made.identity_thumbprint = thumbprint;
        made.identity_endpoint = "https://localhost:2377/metadata/identity/oauth2/token";
        made.has_identity_header = true;
        break;
    case identity_host::app_service:
        made.identity_endpoint = "http://localhost:42356/msi/token";
        made.has_identity_header = true;
        break;
    case identity_host::machine_learning:
        made.msi_endpoint = "http://127.0.0.1:4000/msi/token";
        made.has_msi_secret = true;
        break;
    case identity_host::cloud_shell:
        made.msi_endpoint = "http://localhost:50342/oauth2/token";
        break;
    case identity_host::azure_arc:
        made.identity_endpoint = "http://localhost:40342/metadata/identity/oauth2/token";
        made.imds_endpoint = "http://localhost:40342";
        break;
    case identity_host::imds:
        break;
    }
    return made;
}

constexpr identity_host every_host[] = {identity_host::service_fabric,   identity_host::app_service,
                                        identity_host::machine_learning, identity_host::cloud_shell,
                                        identity_host::azure_arc,        identity_host::imds};

wire::identity_service service_of(identity_host host, identity_id const& id = identity_id::system())
{
    auto const found = wire::find_identity_service(environment_of(host), false, id);
    BOOST_REQUIRE(found);
    return *found;
}

std::string message_for(wire::identity_environment const& from,
                        identity_id const& id = identity_id::system())
{
    auto const found = wire::find_identity_service(from, false, id);
    if (found)
        return "accepted";
    BOOST_TEST((found.error().code() == errc::invalid_option));
    BOOST_TEST((found.error().where() == stage::token));
    BOOST_TEST(!found.error().retryable());
    return found.error().message();
}

bool has(std::string_view text, std::string_view part)
{
    return text.find(part) != std::string_view::npos;
}

/// `name: value` of all headers, in order.
std::string headers_of(wire::identity_request const& request)
{
    std::string all;
    for (auto const& [name, value] : request.headers)
        all += name + ": " + value + '\n';
    return all;
}

} // namespace

BOOST_AUTO_TEST_SUITE(managed_identity_test)

BOOST_AUTO_TEST_CASE(the_host_is_recognised_by_its_variables)
{
    struct row
    {
        char const* endpoint;
        bool header;
        char const* thumb;
        char const* msi;
        bool secret;
        char const* imds;
        bool agent;
        identity_host host;
    };
    using enum identity_host;
    for (auto const& r : {
             row{"e", true, "t", "", false, "", false, service_fabric},
             row{"e", true, "t", "m", true, "i", true, service_fabric},
             row{"e", true, "", "", false, "", false, app_service},
             row{"e", true, "", "m", true, "i", true, app_service},
             row{"", false, "", "m", true, "", false, machine_learning},
             row{"e", false, "", "m", true, "i", true, machine_learning},
             row{"", true, "t", "m", false, "", false, cloud_shell},
             row{"e", false, "", "m", false, "i", true, cloud_shell},
             row{"e", false, "", "", false, "i", false, azure_arc},
             row{"", false, "", "", false, "", true, azure_arc},
             row{"e", false, "t", "", true, "", true, azure_arc},
             row{"", false, "", "", false, "", false, imds},
             row{"e", false, "", "", false, "", false, imds},
             row{"", true, "t", "", true, "i", false, imds},
         })
    {
        wire::identity_environment from;
        from.identity_endpoint = r.endpoint;
        from.has_identity_header = r.header;
        from.identity_thumbprint = r.thumb;
        from.msi_endpoint = r.msi;
        from.has_msi_secret = r.secret;
        from.imds_endpoint = r.imds;
        auto const got = wire::host_of(from, r.agent);
        BOOST_TEST_CONTEXT(r.endpoint << r.header << r.thumb << r.msi << r.secret << r.imds
                                      << r.agent << " expected " << to_string(r.host))
        BOOST_TEST(to_string(got) == to_string(r.host));
    }
}

BOOST_AUTO_TEST_CASE(each_host_is_asked_in_its_own_dialect)
{
    struct row
    {
        identity_host host;
        bool is_post;
        std::string target;
        std::string headers;
        std::string body;
    };
    std::string const query = std::string("&") + resource;
    for (auto const& r : {
             row{identity_host::service_fabric, false,
                 "https://localhost:2377/metadata/identity/oauth2/token"
                 "?api-version=2019-07-01-preview" +
                     query,
                 "Secret: s\nAccept: application/json\n", ""},
             row{identity_host::app_service, false,
                 "http://localhost:42356/msi/token?api-version=2019-08-01" + query,
                 "X-IDENTITY-HEADER: s\n", ""},
             row{identity_host::machine_learning, false,
                 "http://127.0.0.1:4000/msi/token?api-version=2017-09-01" + query,
                 "secret: s\nMetadata: true\n", ""},
             row{identity_host::cloud_shell, true, "http://localhost:50342/oauth2/token",
                 "Content-Type: application/x-www-form-urlencoded\nMetadata: true\n", resource},
             row{identity_host::azure_arc, false,
                 "http://127.0.0.1:40342/metadata/identity/oauth2/token?api-version=2020-06-01" +
                     query,
                 "Authorization: Basic s\nMetadata: true\n", ""},
             row{identity_host::imds, false,
                 "http://169.254.169.254/metadata/identity/oauth2/token?api-version=2018-02-01" +
                     query,
                 "Metadata: true\n", ""},
         })
    {
        auto const request = wire::make_identity_request(service_of(r.host), scope, "s");
        BOOST_TEST_CONTEXT(to_string(r.host))
        {
            BOOST_TEST(request.is_post == r.is_post);
            BOOST_TEST(request.target.with_secrets() == r.target);
            BOOST_TEST(headers_of(request) == r.headers);
            BOOST_TEST(request.body == r.body);
        }
    }
    auto const arc = service_of(identity_host::azure_arc);
    BOOST_TEST(headers_of(wire::make_identity_request(arc, scope, "")) == "Metadata: true\n");
}

BOOST_AUTO_TEST_CASE(the_resource_is_the_scope_without_its_ending)
{
    auto const service = service_of(identity_host::cloud_shell);
    auto const body = [&](char const* wanted)
    { return wire::make_identity_request(service, wanted, "").body; };
    BOOST_TEST(body("https://x/.default") == "resource=https%3A%2F%2Fx");
    BOOST_TEST(body("https://x//.default") == "resource=https%3A%2F%2Fx%2F");
    BOOST_TEST(body("https://x") == "resource=https%3A%2F%2Fx");
}

BOOST_AUTO_TEST_CASE(identities_are_selected_as_the_host_spells_it)
{
    struct row
    {
        identity_host host;
        char const* client; // empty: cannot select by this
        char const* object;
        char const* resource;
        char const* remedy;
    };
    using enum identity_host;
    for (auto const& r : {
             row{service_fabric, "", "", "", "assign it there"},
             row{app_service, "client_id", "principal_id", "mi_res_id", ""},
             row{machine_learning, "clientid", "", "", "identity_id::client"},
             row{cloud_shell, "", "", "", "identity_id::system()"},
             row{azure_arc, "client_id", "object_id", "msi_res_id", ""},
             row{imds, "client_id", "object_id", "msi_res_id", ""},
         })
    {
        auto const check = [&](identity_id const& id, std::string_view name, char const* kind,
                               std::string const& encoded)
        {
            BOOST_TEST_CONTEXT(to_string(r.host) << ' ' << kind)
            {
                if (name.empty())
                {
                    auto const message = message_for(environment_of(r.host), id);
                    BOOST_TEST(has(message, to_string(r.host)));
                    BOOST_TEST(has(message, kind));
                    BOOST_TEST(has(message, r.remedy));
                    return;
                }
                auto const request =
                    wire::make_identity_request(service_of(r.host, id), scope, "s");
                auto const expected =
                    std::string(resource) + '&' + std::string(name) + '=' + encoded;
                BOOST_TEST(request.target.query().ends_with(expected));
            }
        };
        check(identity_id::client("{00001111-AAAA-2222-BBBB-3333CCCC4444}"), r.client, "client id",
              guid);
        check(identity_id::object(guid), r.object, "object id", guid);
        check(identity_id::resource(arm_id), r.resource, "resource id", arm_encoded);
    }
}

BOOST_AUTO_TEST_CASE(azure_ml_has_a_default_identity)
{
    auto from = environment_of(identity_host::machine_learning);
    from.default_client_id = guid;
    auto const query = [&](identity_id const& id)
    {
        auto const service = wire::find_identity_service(from, false, id);
        return wire::make_identity_request(*service, scope, "s").target.query();
    };
    BOOST_TEST(query(identity_id::system()).ends_with(std::string("&clientid=") + guid));
    BOOST_TEST(
        query(identity_id::client("99991111-aaaa-2222-bbbb-3333cccc4444")).find("clientid=9999") !=
        std::string::npos);
    auto other = environment_of(identity_host::imds);
    other.default_client_id = guid;
    auto const imds = wire::find_identity_service(other, false, identity_id::system());
    BOOST_TEST(!has(wire::make_identity_request(*imds, scope, "").target.query(), "client"));
}

BOOST_AUTO_TEST_CASE(an_endpoint_may_have_a_query_already)
{
    auto from = environment_of(identity_host::app_service);
    from.identity_endpoint = "http://localhost:1/msi?site=a%20b";
    auto const service = wire::find_identity_service(from, false, identity_id::system());
    BOOST_TEST(wire::make_identity_request(*service, scope, "s").target.with_secrets() ==
               std::string("http://localhost:1/msi?site=a%20b&api-version=2019-08-01&") + resource);
}

BOOST_AUTO_TEST_CASE(bad_endpoints_name_their_variable)
{
    using enum identity_host;
    for (char const* bad : {"localhost:1", "ftp://localhost/", "http://a b/", "http://",
                            "http://u:CANARY@localhost/", "http://example.com/token",
                            "http://10.0.0.4/", "http://[fd00::1]/", "http://169.254.evil.com/"})
    {
        for (auto const host : every_host)
        {
            auto from = environment_of(host);
            bool const is_msi = host == machine_learning || host == cloud_shell;
            auto& variable = is_msi         ? from.msi_endpoint
                             : host == imds ? from.pod_authority
                                            : from.identity_endpoint;
            variable = bad;
            auto const message = message_for(from);
            BOOST_TEST_CONTEXT(bad << " for " << to_string(host) << ": " << message)
            {
                BOOST_TEST(has(message, is_msi         ? "MSI_ENDPOINT"
                                        : host == imds ? "AZURE_POD_IDENTITY_AUTHORITY_HOST"
                                                       : "IDENTITY_ENDPOINT"));
                BOOST_TEST(!has(message, "CANARY"));
            }
        }
    }
    for (char const* good :
         {"http://127.1.2.3:5/t", "http://[::1]:5/t", "http://localhost/t", "http://169.254.1.2/t",
          "http://[fe80::1]/t", "http://[febf:1::2]/t", "https://identity.example.com/t"})
    {
        auto from = environment_of(app_service);
        from.identity_endpoint = good;
        BOOST_TEST(message_for(from) == "accepted");
    }
}

BOOST_AUTO_TEST_CASE(service_fabric_needs_tls_and_a_thumbprint)
{
    auto from = environment_of(identity_host::service_fabric);
    from.identity_thumbprint = " 01:23:45:67:89:AB:CD:EF 01:23:45:67:89:AB:CD:EF:01:23:45:67\n";
    BOOST_TEST(wire::find_identity_service(from, false, identity_id::system())->thumbprint ==
               thumbprint);
    for (std::string const bad : {"0123", "0123456789abcdef0123456789abcdef012345678",
                                  "g123456789abcdef0123456789abcdef01234567", " : "})
    {
        from.identity_thumbprint = bad;
        BOOST_TEST(has(message_for(from), "IDENTITY_SERVER_THUMBPRINT"));
    }
    from.identity_thumbprint = thumbprint;
    from.identity_endpoint = "http://localhost:2377/metadata/identity/oauth2/token";
    BOOST_TEST(has(message_for(from), "IDENTITY_ENDPOINT must begin with https://"));
    BOOST_TEST(service_of(identity_host::app_service).thumbprint == "");
}

BOOST_AUTO_TEST_CASE(arc_and_imds_have_places_of_their_own)
{
    auto const arc = wire::find_identity_service({}, true, identity_id::system());
    BOOST_TEST(arc->endpoint.with_secrets() ==
               "http://127.0.0.1:40342/metadata/identity/oauth2/token");
    BOOST_TEST(!arc->is_guess);
    wire::identity_environment from;
    from.identity_endpoint = "http://localhost:99/x?y=1";
    BOOST_TEST(
        wire::find_identity_service(from, true, identity_id::system())->endpoint.with_secrets() ==
        "http://127.0.0.1:99/x?y=1");

    BOOST_TEST(service_of(identity_host::imds).is_guess);
    wire::identity_environment pod;
    pod.pod_authority = "http://127.0.0.1:2579/";
    auto const nmi = wire::find_identity_service(pod, false, identity_id::system());
    BOOST_TEST(nmi->endpoint.with_secrets() ==
               "http://127.0.0.1:2579/metadata/identity/oauth2/token");
    BOOST_TEST(!nmi->is_guess);
    BOOST_TEST(!service_of(identity_host::app_service).is_guess);
}

BOOST_AUTO_TEST_CASE(the_probe_is_a_request_that_imds_refuses)
{
    auto const probe = wire::make_imds_probe(service_of(identity_host::imds));
    BOOST_TEST(!probe.is_post);
    BOOST_TEST(probe.headers.empty());
    BOOST_TEST(probe.target.with_secrets() ==
               "http://169.254.169.254/metadata/identity/oauth2/token");
}

BOOST_AUTO_TEST_CASE(only_two_variables_are_read_for_each_request)
{
    std::string names;
    for (auto const host : every_host)
    {
        char const* const name = wire::secret_variable(host);
        names.append(name == nullptr ? "-" : name).append(" ");
    }
    BOOST_TEST(names == "IDENTITY_HEADER IDENTITY_HEADER MSI_SECRET - - - ");
}

BOOST_AUTO_TEST_CASE(secrets_cannot_break_out_of_their_header)
{
    BOOST_TEST(wire::fits_header("853b9a84-5bfa-4b22-a3f3-0b9a43d9ad8a"));
    BOOST_TEST(wire::fits_header("dXNlcjpwYXNz+/=="));
    for (std::string_view const bad :
         {std::string_view(""), std::string_view("a\r\nX: y"), std::string_view("a\n"),
          std::string_view("a\0b", 3), std::string_view("caf\xc3\xa9"), std::string_view("a b")})
        BOOST_TEST(!wire::fits_header(bad));
}

BOOST_AUTO_TEST_SUITE_END()

#include <boost/test/unit_test.hpp>
#include <doctor/host_report.hpp>
#include <doctor/refusal.hpp>
#include <doctor/verdict.hpp>
#include <net/route.hpp>
#include <net/tls_fault.hpp>
#include <wire/management.hpp>
#include <wire/token.hpp>

namespace
{

using namespace kusto;
using doctor::judge;

struct expected
{
    std::string_view check;
    errc code;
    int status;
    std::string service_code;
    check_trouble trouble;
    std::string_view remedy; ///< a part of it
};

} // namespace

BOOST_AUTO_TEST_SUITE(judgement)

BOOST_AUTO_TEST_CASE(each_failure_has_its_class_and_remedy)
{
    using enum check_trouble;
    expected const all[] = {
        {"engine_dns", errc::host_not_found, 0, "", network, "spelling of the cluster"},
        {"queue", errc::host_not_found, 0, "", network, "one for queues too"},
        {"engine_tcp", errc::connect_failed, 0, "", network, "nothing answers"},
        {"engine_tls", errc::certificate_rejected, 0, "", network, "what is said of the cert"},
        {"engine_tls", errc::tls_failed, 0, "", network, "minimum_tls"},
        {"metadata", errc::tls_failed, 0, "", network, "tls_certificate"},
        {"metadata", errc::timed_out, 0, "", network, "no answer in time"},
        {"metadata", errc::malformed_reply, 200, "", configuration, "not a Kusto cluster"},
        {"resources", errc::malformed_reply, 200, "", service, "not the service's"},
        {"token", errc::authentication_failed, 400, "AADSTS1", configuration,
         "check the credential"},
        {"token", errc::credential_unavailable, 0, "", configuration, "not set up on this machine"},
        {"token", errc::malformed_reply, 200, "", network, "correct --authority-host"},
        {"trust", errc::untrusted_endpoint, 0, "", configuration, "--trust-host"},
        {"token", errc::untrusted_endpoint, 0, "", configuration, "--authority-host"},
        {"token", errc::host_not_found, 0, "", network, "login endpoint"},
        {"token", errc::connect_failed, 0, "", network, "login endpoint"},
        {"token", errc::timed_out, 0, "", network, "which credential"},
        {"resources", errc::access_denied, 403, "", rights, "ingestors"},
        {"ingestion_service", errc::wrong_endpoint, 400, "", configuration, "KUSTO_INGESTION_URL"},
        {"engine_service", errc::access_denied, 401, "", configuration,
         "does not accept the token"},
        {"resources", errc::access_denied, 403, "Forbidden", rights, "ingestors"},
        {"ingestion_service", errc::wrong_endpoint, 400, "", configuration, "https://ingest-"},
        {"storage", errc::access_denied, 403, "AuthorizationFailure", rights, "network rules"},
        {"storage", errc::access_denied, 403, "AuthenticationFailed", rights, "clock"},
        {"storage", errc::service_unavailable, 503, "ServerBusy", service, "try again"},
        {"database", errc::not_found, 400, "", rights, "correct --database"},
        {"table", errc::not_found, 400, "", rights, "correct --table"},
        {"mapping", errc::not_found, 400, "", rights, "correct --mapping"},
        {"policies", errc::query_failed, 400, "", service, "what the service said"},
    };
    for (auto const& r : all)
    {
        auto const judged = judge(r.check, failure(r.code, stage::command, "it failed")
                                               .status(r.status)
                                               .service_code(r.service_code));
        auto const label = std::string(r.check) + " " + std::string(to_string(r.code));
        BOOST_TEST((judged.state == check_state::failed), label);
        BOOST_TEST(to_string(judged.trouble) == to_string(r.trouble), label);
        BOOST_TEST(judged.remedy.find(r.remedy) != std::string::npos,
                   label << ": " << judged.remedy);
        BOOST_TEST(judged.detail.starts_with("it failed"), label);
    }
}

/// As the sign-in service's replies are read: one list of remedies is enough.
BOOST_AUTO_TEST_CASE(a_refused_token_has_the_remedy_that_it_brings_along)
{
    struct
    {
        std::string code;
        std::string_view remedy;
    } const rows[] = {
        {"7000215", "the client secret is wrong; give the secret's value, not its id"},
        {"90002", "the tenant does not exist; check the tenant id"},
        {"700016", "the application does not exist in this tenant"},
        {"700211", "no federated credential of the application has the token's issuer"},
        {"700212", "the token's audience is not the federated credential's"},
        {"700213", "no federated credential of the application has the token's subject"},
        {"53003", "a conditional access policy forbids it"},
        {"65001", "nobody has consented to the application's access"},
        {"1", "check the credential: what is said of it"},
    };
    wire::header_list const none;
    for (auto const& row : rows)
    {
        auto const body = R"({"error":"invalid_client","error_description":"AADSTS)" + row.code +
                          R"(: no","error_codes":[)" + row.code + "]}";
        wire::reply const from(401, none, body, "login.example:443", "id", stage::token);
        auto const why = wire::parse_token(from, base::utc_time_point()).error();
        auto const judged = judge("token", why);
        BOOST_TEST(judged.remedy.starts_with(row.remedy), judged.remedy);
        BOOST_TEST(judged.detail.starts_with("no token: invalid_client [status 401]"),
                   judged.detail);
        BOOST_TEST(to_string(judged.trouble) == "configuration");
    }
}

BOOST_AUTO_TEST_CASE(what_a_chain_says_of_its_credentials_is_no_advice)
{
    auto const judged = judge("token", failure(errc::credential_unavailable, stage::token,
                                               "none fits:\na: no token: x; do this\nb: no"));
    BOOST_TEST(judged.remedy.find("not set up on this machine") != std::string::npos);
    BOOST_TEST(judged.detail == "none fits: a: no token: x; do this b: no");
}

BOOST_AUTO_TEST_CASE(a_refused_certificate_has_the_remedy_of_what_is_wrong_with_it)
{
    using net::tls_fault;
    struct
    {
        tls_fault what;
        std::string_view remedy;
    } const rows[] = {
        {tls_fault::expired, "renew"},
        {tls_fault::not_yet_valid, "set this machine's clock"},
        {tls_fault::wrong_name, "check the host in the URL"},
        {tls_fault::unknown_issuer, "--ca-file"},
        {tls_fault::other, "replace"},
    };
    for (auto const& row : rows)
    {
        auto const message = "refused (x); " + std::string(advice_on(row.what)) + "; it is of CN=c";
        auto const judged =
            judge("engine_tls", failure(errc::certificate_rejected, stage::handshake, message));
        BOOST_TEST(judged.remedy.find(row.remedy) != std::string::npos, judged.remedy);
        bool const trust = judged.remedy.find("--ca-file") != std::string::npos;
        BOOST_TEST(trust == (row.what == tls_fault::unknown_issuer), judged.remedy);
        BOOST_TEST(to_string(judged.trouble) == "network");
    }
}

/// Login endpoints are not made safe by trusting more hosts.
BOOST_AUTO_TEST_CASE(a_login_endpoint_that_does_not_fit_is_no_reason_to_trust_a_host)
{
    auto const judged = judge(
        "token",
        failure(errc::untrusted_endpoint, stage::metadata, "no").host("login.evil.example:443"));
    BOOST_TEST(judged.remedy.find("trust-host") == std::string::npos);
    BOOST_TEST(judged.remedy.find("trust_host") == std::string::npos);
    BOOST_TEST(judged.detail == "no [host login.evil.example:443]");
}

BOOST_AUTO_TEST_CASE(trouble_with_a_proxy_is_judged_as_the_proxys)
{
    struct
    {
        errc code;
        int status;
        std::string_view remedy;
    } const rows[] = {
        {errc::host_not_found, 0, "the name of the proxy"},
        {errc::connect_failed, 0, "nothing answers at the proxy's address"},
        {errc::timed_out, 0, "the proxy does not answer"},
        {errc::malformed_reply, 0, "does not speak HTTP as a proxy"},
        {errc::reply_too_large, 200, "does not speak HTTP as a proxy"},
        {errc::connection_lost, 0, "hangs up"},
        {errc::proxy_refused, 302, "those of a proxy that makes tunnels"},
        {errc::proxy_refused, 407, "user and password"},
        {errc::proxy_refused, 403, "ask for an exception"},
        {errc::proxy_refused, 502, "does not reach this host"},
        {errc::proxy_refused, 408, "busy or failing"},
        {errc::proxy_refused, 429, "busy or failing"},
        {errc::proxy_refused, 500, "busy or failing"},
    };
    auto const via = base::parse_proxy("http://proxy.example:3128").value();
    auto const target = base::url::parse("https://login.example/").value();
    doctor::circumstances with;
    with.proxy.by = "ALL_PROXY";
    for (auto const& row : rows)
    {
        failure const plain = failure(row.code, stage::connect, "no").status(row.status);
        for (auto const* const check : {"engine_dns", "engine_tcp", "metadata", "token"})
        {
            auto const judged = judge(check, net::at_proxy(via, target, plain), with);
            BOOST_TEST(to_string(judged.trouble) == "network", to_string(row.code));
            BOOST_TEST(judged.remedy.find(row.remedy) != std::string::npos, judged.remedy);
            BOOST_TEST(judged.remedy.ends_with("that of ALL_PROXY"), judged.remedy);
        }
    }
}

BOOST_AUTO_TEST_CASE(refused_tokens_by_credential)
{
    auto const refused =
        failure(errc::access_denied, stage::command, "the service refused our token").status(401);
    doctor::circumstances with;
    with.without_credential = true;
    auto const none = judge("engine_service", refused, with);
    BOOST_TEST(to_string(none.trouble) == "configuration");
    BOOST_TEST(none.detail.starts_with("the service demands a token, and none was sent"));
    BOOST_TEST(none.remedy.starts_with("give a credential"));
    with.without_credential = false;
    with.with_static_token = true;
    auto const fixed = judge("engine_service",
                             failure(errc::authentication_failed, stage::token, "refused"), with);
    BOOST_TEST(fixed.remedy.starts_with("get a new token"), fixed.remedy);
    BOOST_TEST(fixed.remedy.find("tenant") == std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_page_of_a_firewall_is_no_missing_role)
{
    auto const page = failure(errc::access_denied, stage::resources, "the principal lacks a role")
                          .status(403)
                          .server_text("<html>Request blocked</html>");
    auto const judged = judge("resources", page);
    BOOST_TEST(to_string(judged.trouble) == "network");
    BOOST_TEST(judged.detail.find("role") == std::string::npos, judged.detail);
    BOOST_TEST(judged.remedy.find("ingestors") == std::string::npos);
    BOOST_TEST(judged.detail.find("Request blocked") != std::string::npos);
    auto const metadata = failure(errc::request_rejected, stage::metadata, "it did not tell")
                              .status(403)
                              .server_text("<html>Request blocked</html>");
    BOOST_TEST(to_string(judge("metadata", metadata).trouble) == "network");
    auto const storage = failure(errc::access_denied, stage::upload, "refused")
                             .status(403)
                             .server_text("<html>Request blocked</html>");
    BOOST_TEST(to_string(judge("storage", storage).trouble) == "rights");
}

/// As the replies of services are read: not all of them are of the OneApi kind.
BOOST_AUTO_TEST_CASE(a_refusal_of_the_service_is_no_page)
{
    using check_trouble::network, check_trouble::rights;
    wire::header_list const anonymous;
    wire::header_list const active{{"x-ms-activity-id", "A1"}};
    struct
    {
        wire::header_list const& headers;
        std::string body;
        check_trouble trouble;
    } const rows[] = {
        {active, R"({"message":"Principal aadapp=1 is not authorized"})", rights},
        {anonymous, R"({"message":"Principal aadapp=1 is not authorized"})", rights},
        {anonymous, "Forbidden: principal is not authorized", rights},
        {anonymous, "", rights},
        {active, "<html>Forbidden</html>", rights},
        {anonymous, R"({"error":{"code":"Forbidden","message":"<b>no</b>"}})", rights},
        {anonymous, "\r\n <html>Request blocked</html>", network},
        {anonymous, R"({"x":1)", rights},
    };
    for (auto const& row : rows)
    {
        wire::reply const from(403, row.headers, row.body, "c.example", "id", stage::command);
        auto const why = wire::parse_service_error(from);
        auto const judged = judge("database", why);
        BOOST_TEST(to_string(judged.trouble) == to_string(row.trouble), row.body);
        bool const reworded = judged.detail.find("not of the service") != std::string::npos;
        BOOST_TEST(reworded == (row.trouble == network), judged.detail);
        BOOST_TEST(doctor::lacks_role(why) == (row.trouble == rights), row.body);
    }
}

BOOST_AUTO_TEST_CASE(a_name_server_that_is_silent_is_not_the_hosts_firewall)
{
    auto const late = failure(errc::timed_out, stage::resolve, "late");
    BOOST_TEST(judge("engine_dns", late).remedy.starts_with("no name server"));
    auto const via = base::parse_proxy("http://proxy.example:3128").value();
    auto const target = base::url::parse("https://login.example/").value();
    auto const at_proxy = judge("engine_dns", net::at_proxy(via, target, late));
    BOOST_TEST(at_proxy.remedy.starts_with("no name server"), at_proxy.remedy);
}

BOOST_AUTO_TEST_CASE(a_host_without_the_naming_rule_needs_the_ingestion_url)
{
    doctor::circumstances with;
    with.ingestion_remedy = "name the ingestion service";
    failure const other(errc::wrong_endpoint, stage::command, "other");
    auto const judged = judge("ingestion_service", other, with);
    BOOST_TEST(judged.remedy == with.ingestion_remedy);
    BOOST_TEST(judge("engine_service", other, with).remedy.starts_with("cluster_url"));
}

BOOST_AUTO_TEST_CASE(ids_and_hosts_are_told_once)
{
    auto const why = failure(errc::query_failed, stage::command, "no")
                         .host("c.example:443")
                         .status(400)
                         .request_id("R;1")
                         .activity_id("A1");
    BOOST_TEST(doctor::describe(why) ==
               "no [status 400] [host c.example:443] [request R;1] [activity A1]");
    BOOST_TEST(doctor::describe(why, "c.example:443") ==
               "no [status 400] [request R;1] [activity A1]");
    auto const named =
        failure(errc::host_not_found, stage::resolve, "c.example is unknown").host("c.example:443");
    BOOST_TEST(doctor::describe(named) == "c.example is unknown");
    // Two services on one machine.
    auto const other = failure(errc::connection_lost, stage::send, "no").host("localhost:2");
    BOOST_TEST(doctor::describe(other, "localhost:1") == "no [host localhost:2]");
    BOOST_TEST(doctor::describe(other, "localhost:2") == "no");
    BOOST_TEST(doctor::describe(other, "localhost") == "no");
    auto const v6 = failure(errc::connection_lost, stage::send, "no").host("[::1]:2");
    BOOST_TEST(doctor::describe(v6, "[::1]:1") == "no [host [::1]:2]");
    BOOST_TEST(doctor::describe(v6, "[::1]:2") == "no");
}

BOOST_AUTO_TEST_CASE(what_servers_say_is_one_line_without_secrets)
{
    auto const text = doctor::describe(
        failure(errc::query_failed, stage::command,
                "failed\non \x1b[2J"
                "table")
            .status(400)
            .server_text("no\r\n\xc2\x9b"
                         "2J\xc2\x85"
                         "failed \xc3\x9b https://a.blob.core.windows.net/c?sv=1&sig=abc%3D&se=2 "
                         "Bearer eyJhbGciOi.eyJhdWQ.c2ln"));
    BOOST_TEST(text.find("[status 400]") != std::string::npos);
    for (auto const* const bad : {"\n", "\r", "\x1b", "\xc2", "abc%3D", "eyJ"})
        BOOST_TEST(text.find(bad) == std::string::npos, text);
    BOOST_TEST(text.find("\xc3\x9b") != std::string::npos); // a letter
}

BOOST_AUTO_TEST_CASE(a_certificate_near_its_end_is_a_warning)
{
    using namespace std::chrono_literals;
    auto const now = base::utc_time_point(100000h);
    doctor::host_report report;
    report.tls.taken = true;
    report.certificate_end = now + 24h * 15;
    BOOST_TEST((judge_tls("engine_tls", report, true, now).state == check_state::ok));
    report.certificate_end = now + 24h * 13;
    auto const judged = judge_tls("engine_tls", report, true, now);
    BOOST_TEST((judged.state == check_state::warning));
    BOOST_TEST(judged.remedy.find("renew") != std::string::npos);
}

BOOST_AUTO_TEST_SUITE_END()

#include <boost/test/unit_test.hpp>
#include <doctor/patient.hpp>
#include <kusto/emulator/connect_proxy.hpp>
#include <support/closed_port.hpp>
#include <support/unresolvable_host.hpp>

namespace
{

using namespace kusto;
using namespace kusto::test;
using emulator::fault;
using emulator::fault_route;

constexpr auto other_id = "99999999-9999-9999-9999-999999999999";

/// What should be found.
struct expectation
{
    std::string failed; ///< names of checks
    std::string skipped;
    int status = 0;
    std::string remedy; ///< a part of the first failed check's
};

void expect(diagnosis const& found, expectation const& wanted)
{
    BOOST_TEST_MESSAGE(to_text(found));
    BOOST_TEST(joined(found, check_state::failed) == wanted.failed);
    BOOST_TEST(joined(found, check_state::skipped) == wanted.skipped);
    BOOST_TEST(found.exit_status() == wanted.status);
    for (auto const& one : found.checks)
    {
        if (one.state != check_state::failed)
            continue;
        BOOST_TEST(one.remedy.find(wanted.remedy) != std::string::npos, one.remedy);
        break;
    }
}

/// What depends on the token. The clock is judged by the answers there were.
std::string const after_token = "engine_service ingestion_service resources storage queue database "
                                "table schema roles mapping policies";

} // namespace

BOOST_AUTO_TEST_SUITE(misconfigurations)

BOOST_AUTO_TEST_CASE(the_host_does_not_resolve)
{
    patient of;
    auto where = of.connection_to("https://" + unresolvable_host);
    where.trust_host(unresolvable_host);
    expect(examine(where, patient::everything()),
           {"engine_dns",
            "engine_tcp engine_tls metadata token engine_service ingestion_service resources "
            "storage queue database table schema roles mapping policies clock",
            3, "check the spelling of the cluster"});
}

BOOST_AUTO_TEST_CASE(the_port_is_closed)
{
    patient of;
    auto where = of.connection();
    closed_port const nobody;
    where.ingestion_url("https://localhost:" + std::to_string(nobody.port));
    expect(examine(where, patient::everything()),
           {"ingestion_tcp", "ingestion_tls ingestion_service resources storage queue", 3,
            "nothing answers"});
}

BOOST_AUTO_TEST_CASE(the_authority_is_not_trusted)
{
    patient of;
    emulator::cluster other;
    auto where = of.connection();
    where.ca_pem(other.ca_pem());
    expect(
        examine(where, patient::everything()),
        {"engine_tls ingestion_tls", "metadata token " + after_token + " clock", 3, "--ca-file"});
}

BOOST_AUTO_TEST_CASE(it_is_not_a_kusto_cluster)
{
    patient of;
    auto where = of.connection_to(of.cluster.storage_url());
    expect(examine(where, patient::everything()),
           {"metadata", "token " + after_token + " clock", 2, "not a Kusto cluster"});
}

BOOST_AUTO_TEST_CASE(the_host_is_not_trusted)
{
    patient of;
    auto where = of.connection_to("https://" + unresolvable_host);
    auto const found = examine(where, patient::everything());
    BOOST_TEST(to_string(found.find("trust")->state) == "failed");
    BOOST_TEST(found.find("trust")->remedy.find("--trust-host") != std::string::npos);
    BOOST_TEST(to_string(found.find("metadata")->state) == "skipped");
    BOOST_TEST(found.find("metadata")->detail == "because of trust");
    BOOST_TEST(found.exit_status() == 2);
}

BOOST_AUTO_TEST_CASE(http_with_credentials)
{
    patient of;
    auto where = of.connection_to("http://c.westeurope.kusto.windows.net");
    auto const found = examine(where, patient::everything());
    expect(found, {"options",
                   "trust engine_dns engine_tcp engine_tls ingestion_dns ingestion_tcp "
                   "ingestion_tls metadata token " +
                       after_token + " clock",
                   2, "correct the option"});
}

BOOST_AUTO_TEST_CASE(the_tenant_is_wrong)
{
    patient of;
    auto const& o = of.cluster.options();
    auto where = of.connection();
    where.who(of.application(o.client_id(), o.client_secret(), other_id));
    expect(examine(where, patient::everything()), {"token", after_token, 2, "check the tenant id"});
}

BOOST_AUTO_TEST_CASE(the_application_is_unknown)
{
    patient of;
    auto const& o = of.cluster.options();
    auto where = of.connection();
    where.who(of.application(other_id, o.client_secret(), o.tenant()));
    expect(examine(where, patient::everything()),
           {"token", after_token, 2, "the application does not exist in this tenant"});
}

BOOST_AUTO_TEST_CASE(the_secret_is_wrong)
{
    patient of;
    auto const& o = of.cluster.options();
    auto where = of.connection();
    where.who(of.application(o.client_id(), "not-that-one", o.tenant()));
    expect(examine(where, patient::everything()),
           {"token", after_token, 2, "the client secret is wrong"});
}

BOOST_AUTO_TEST_CASE(the_ingestion_url_is_the_engine)
{
    patient of;
    auto where = of.connection();
    where.ingestion_url(of.cluster.engine_url());
    expect(examine(where, patient::everything()),
           {"ingestion_service", "resources storage queue", 2,
            "KUSTO_INGESTION_URL if the environment names the cluster) to the ingestion service"});
}

BOOST_AUTO_TEST_CASE(the_engine_url_is_the_ingestion_service)
{
    patient of;
    auto where = of.connection_to(of.cluster.ingestion_url());
    auto const found = examine(where, patient::everything());
    BOOST_TEST(found.exit_status() != 0);
    BOOST_TEST(joined(found, check_state::failed) == "engine_service");
    BOOST_TEST(to_string(found.find("storage")->state) == "ok");
}

BOOST_AUTO_TEST_CASE(the_role_may_not_ingest)
{
    patient of(emulator::cluster_options().role(emulator::principal_role::viewer));
    expect(examine(of.connection(), patient::everything()),
           {"resources roles", "storage queue", 4, "ingestors"});
}

BOOST_AUTO_TEST_CASE(the_clock_is_an_hour_off)
{
    using std::chrono::seconds;
    for (auto const offset : {seconds(3600), seconds(-3600)})
    {
        patient of(
            emulator::cluster_options().sign_in(emulator::sign_in_options().clock_offset(offset)));
        auto const found = examine(of.connection(), patient::everything());
        BOOST_TEST_MESSAGE(to_text(found));
        auto const* const clock = found.find("clock");
        BOOST_TEST(to_string(clock->state) == "failed");
        BOOST_TEST(clock->remedy.find("set this machine's clock") != std::string::npos);
        BOOST_TEST((clock->detail.find(offset.count() > 0 ? " s behind " : " s ahead of ") !=
                    std::string::npos),
                   clock->detail);
        BOOST_TEST(to_string(found.find("metadata")->state) == "ok");
    }
}

/// Names of the real clouds, which lead to the local cluster through a proxy.
struct behind_a_proxy : patient
{
    static constexpr auto engine = "https://c.westeurope.kusto.windows.net";

    explicit behind_a_proxy(int refuse = 0)
        : patient(emulator::cluster_options()
                      .also_named("c.westeurope.kusto.windows.net")
                      .also_named("ingest-c.westeurope.kusto.windows.net")
                      .also_named("login.microsoftonline.com")
                      .metadata_endpoints(engine, "https://ingest-c.westeurope.kusto.windows.net",
                                          "https://login.microsoftonline.com")),
          between(emulator::connect_proxy_options()
                      .route("c.westeurope.kusto.windows.net:443", cluster.engine_url())
                      .route("ingest-c.westeurope.kusto.windows.net:443", cluster.ingestion_url())
                      .route("login.microsoftonline.com:443", cluster.engine_url())
                      .refuse(refuse))
    {
    }

    [[nodiscard]] connection_options connection() const
    {
        connection_options where(engine, application());
        where.ca_pem(cluster.ca_pem()).proxy(proxy::at(between.url()));
        return where;
    }

    emulator::connect_proxy between;
};

BOOST_AUTO_TEST_CASE(through_a_proxy_everything_is_ok)
{
    behind_a_proxy of;
    auto const found = examine(of.connection(), patient::everything());
    expect(found, {"", "", 0, ""});
    BOOST_TEST(found.find("engine_dns")->detail.find("the proxy 127.0.0.1") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(the_proxy_refuses)
{
    behind_a_proxy of(403);
    expect(examine(of.connection(), patient::everything()),
           {"engine_tcp ingestion_tcp",
            "engine_tls ingestion_tls metadata token " + after_token + " clock", 3, "NO_PROXY"});
}

BOOST_AUTO_TEST_CASE(the_certificate_is_of_another_host)
{
    patient of;
    emulator::connect_proxy const between(emulator::connect_proxy_options().route(
        "c.westeurope.kusto.windows.net:443", of.cluster.engine_url()));
    auto where = of.connection_to("https://c.westeurope.kusto.windows.net");
    where.proxy(proxy::at(between.url(), "localhost,127.0.0.1"));
    expect(
        examine(where, patient::everything()),
        {"engine_tls", "metadata token " + after_token + " clock", 3, "check the host in the URL"});
}

BOOST_AUTO_TEST_CASE(the_database_is_missing)
{
    patient of;
    expect(examine(of.connection(), patient::everything().database("Nowhere")),
           {"database", "table schema roles mapping policies", 4, "correct --database"});
}

BOOST_AUTO_TEST_CASE(the_table_is_missing)
{
    patient of;
    expect(examine(of.connection(), patient::everything().table("Nothing")),
           {"table", "schema roles mapping policies", 4, "correct --table"});
}

BOOST_AUTO_TEST_CASE(the_mapping_is_missing)
{
    patient of;
    expect(examine(of.connection(), patient::everything().mapping("None")),
           {"mapping", "", 4, "correct --mapping"});
}

BOOST_AUTO_TEST_CASE(the_mapping_is_for_another_format)
{
    patient of;
    expect(examine(of.connection(), patient::everything().mapping("M", data_format::json)),
           {"mapping", "", 4, "one format"});
}

BOOST_AUTO_TEST_CASE(one_account_refuses_writes)
{
    patient of;
    emulator::fault_script script;
    script.add(fault::status(403, "AuthorizationFailure")
                   .on(fault_route::put_blob)
                   .account("localstore1"));
    of.cluster.set_faults(script);
    auto const found = examine(of.connection(), patient::everything());
    expect(found, {"storage", "", 4, "network rules"});
    std::size_t fine = 0;
    for (auto const& one : found.checks)
        fine += one.name == "storage" && one.state == check_state::ok ? 1 : 0;
    BOOST_TEST(fine == 1u);
}

BOOST_AUTO_TEST_CASE(nobody_answers_in_time)
{
    patient of;
    emulator::fault_script script;
    script.add(fault::never_answer().on(fault_route::resources));
    of.cluster.set_faults(script);
    auto what = patient::everything().check_timeout(std::chrono::seconds(3));
    expect(examine(of.connection(), what), {"resources", "storage queue", 3, "no answer in time"});
}

BOOST_AUTO_TEST_CASE(a_name_that_cannot_be_one_is_found_without_asking)
{
    patient of;
    for (auto const& what :
         {patient::everything().table("a;b"), patient::everything().database("'")})
    {
        auto const found = examine(of.connection(), what);
        BOOST_TEST(joined(found, check_state::failed) == "options");
        BOOST_TEST(found.exit_status() == 2);
    }
    BOOST_TEST(of.cluster.counts().requests == 0u);
}

BOOST_AUTO_TEST_CASE(a_token_is_demanded_and_there_is_no_credential)
{
    patient of;
    auto where = of.connection();
    where.who(credential::none());
    auto const found = examine(where, patient::everything());
    BOOST_TEST(joined(found, check_state::failed) == "engine_service ingestion_service");
    BOOST_TEST(found.exit_status() == 2);
    auto const* const engine = found.find("engine_service");
    BOOST_TEST(engine->detail.find("none was sent") != std::string::npos, engine->detail);
    BOOST_TEST(engine->remedy.starts_with("give a credential"), engine->remedy);
}

BOOST_AUTO_TEST_CASE(the_static_token_is_refused)
{
    patient of;
    auto where = of.connection();
    where.who(credential::static_token("CANARY"));
    auto const found = examine(where, patient::everything());
    BOOST_TEST(found.exit_status() == 2);
    auto const* const engine = found.find("engine_service");
    BOOST_TEST(engine->remedy.starts_with("get a new token"), engine->remedy);
    BOOST_TEST(engine->detail.find("[status 401]") != std::string::npos, engine->detail);
}

BOOST_AUTO_TEST_CASE(the_proxy_is_not_there)
{
    behind_a_proxy of;
    closed_port const nobody;
    auto where = of.connection();
    where.proxy(proxy::at("http://127.0.0.1:" + std::to_string(nobody.port)));
    expect(examine(where, patient::everything()),
           {"engine_tcp ingestion_tcp",
            "engine_tls ingestion_tls metadata token " + after_token + " clock", 3,
            "nothing answers at the proxy's address"});
    where.proxy(proxy::at("http://" + unresolvable_host + ":1"));
    expect(examine(where, patient::everything()),
           {"engine_dns ingestion_dns",
            "engine_tcp engine_tls ingestion_tcp ingestion_tls metadata token " + after_token +
                " clock",
            3, "correct the name of the proxy"});
}

BOOST_AUTO_TEST_CASE(the_ingestion_service_of_a_loopback_cluster_is_not_named)
{
    patient of;
    auto where = of.connection();
    where.ingestion_url("");
    auto const found = examine(where, patient::everything());
    BOOST_TEST(joined(found, check_state::warning) == "options");
    BOOST_TEST(joined(found, check_state::failed) == "ingestion_service");
    BOOST_TEST(found.find("ingestion_service")->remedy.find("--ingestion-url") !=
               std::string::npos);
}

BOOST_AUTO_TEST_SUITE_END()

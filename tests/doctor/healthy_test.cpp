#include <boost/test/unit_test.hpp>
#include <doctor/patient.hpp>

namespace
{

using namespace kusto;
using namespace kusto::test;

} // namespace

BOOST_AUTO_TEST_SUITE(healthy)

BOOST_AUTO_TEST_CASE(everything_is_ok)
{
    patient of;
    auto const found = examine(of.connection(), patient::everything());
    BOOST_TEST_MESSAGE(to_text(found));
    BOOST_TEST(joined(found, check_state::failed) == "");
    BOOST_TEST(joined(found, check_state::warning) == "");
    BOOST_TEST(found.exit_status() == 0);
    for (auto const* const name :
         {"options",    "trust",         "engine_dns",     "engine_tcp",
          "engine_tls", "ingestion_dns", "ingestion_tcp",  "ingestion_tls",
          "metadata",   "token",         "engine_service", "ingestion_service",
          "resources",  "storage",       "queue",          "database",
          "table",      "schema",        "mapping",        "policies"})
    {
        auto const* const one = found.find(name);
        BOOST_TEST_REQUIRE(one != nullptr, name << " was not looked at");
        BOOST_TEST(to_string(one->state) == "ok", name << ": " << one->detail);
    }
    BOOST_TEST(found.find("schema")->detail == "2 columns: Id:long, Text:string");
    BOOST_TEST(found.find("mapping")->detail == "1 of 2 columns are mapped");
}

BOOST_AUTO_TEST_CASE(each_account_is_written_and_nothing_is_posted)
{
    patient of(emulator::cluster_options().storage_accounts(3));
    auto const found = examine(of.connection(), doctor_options());
    std::size_t accounts = 0;
    for (auto const& one : found.checks)
        accounts += one.name == "storage" && one.state == check_state::ok ? 1 : 0;
    BOOST_TEST(accounts == 3u);
    BOOST_TEST(of.cluster.counts().blobs_put == 3u);
    BOOST_TEST(of.cluster.counts().messages == 0u);
}

BOOST_AUTO_TEST_CASE(without_a_table_none_is_looked_at)
{
    patient of;
    auto const found = examine(of.connection(), doctor_options());
    for (auto const* const name : {"database", "table", "schema", "roles", "mapping", "policies"})
        BOOST_TEST(found.find(name) == nullptr, name);
    BOOST_TEST(found.exit_status() == 0);
}

BOOST_AUTO_TEST_CASE(an_ingestor_sees_no_policies_and_that_is_all_right)
{
    patient of;
    emulator::cluster local(emulator::cluster_options().role(emulator::principal_role::ingestor));
    (void)local.execute("NetDefaultDB", ".create table T (Id:long)");
    connection_options where(local.engine_url(), of.application());
    where.ingestion_url(local.ingestion_url()).ca_pem(local.ca_pem()).proxy(proxy::none());
    auto const found = examine(where, doctor_options().table("T"));
    BOOST_TEST(joined(found, check_state::failed) == "");
    BOOST_TEST(found.find("schema")->detail == "1 columns: Id:long");
    BOOST_TEST(found.find("policies")->detail ==
               "this principal may not see policies; a Database Viewer may");
    BOOST_TEST(found.exit_status() == 0);
}

BOOST_AUTO_TEST_CASE(a_record_that_does_not_fit_fails_the_schema)
{
    patient of;
    auto what = doctor_options().table("T").expected_schema({{"Id", "string"}});
    auto const found = examine(of.connection(), what);
    BOOST_TEST(joined(found, check_state::failed) == "schema");
    BOOST_TEST(found.exit_status() == 4);
}

BOOST_AUTO_TEST_CASE(a_long_batching_time_is_a_warning)
{
    patient of;
    (void)of.cluster.execute("NetDefaultDB", ".alter table T policy ingestionbatching "
                                             "'{\"MaximumBatchingTimeSpan\":\"00:20:00\"}'");
    auto const found = examine(of.connection(), doctor_options().table("T"));
    BOOST_TEST(joined(found, check_state::warning) == "policies");
    BOOST_TEST(found.find("policies")->detail.find("up to 1200 s") != std::string::npos);
    BOOST_TEST(found.exit_status() == 1);
}

BOOST_AUTO_TEST_SUITE_END()

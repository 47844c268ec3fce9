#include <emulator/fault_session.hpp>
#include <filesystem>
#include <thread>

using namespace kusto::emulator;
using namespace cluster_test;
namespace json = boost::json;

namespace
{

using clock_type = std::chrono::steady_clock;

constexpr char const* database = "NetDefaultDB";

/// A message about `there.csv` with a tag that protects it.
json::object tagged(session const& client)
{
    auto message = client.message("there.csv", 6);
    auto& additional = message["AdditionalProperties"].as_object();
    additional["tags"] = R"(["ingest-by:1","drop-by:7"])";
    additional["ingestIfNotExists"] = R"(["1"])";
    return message;
}

void ingest(fault_session& it)
{
    BOOST_TEST(it.client.post(tagged(it.client)).status == 201);
    BOOST_TEST(it.local.wait_until_idle(30s));
}

std::string extents_with_tag(cluster& of)
{
    return of.scalar(database, ".show table T extents where tags has 'ingest-by:1' | count");
}

} // namespace

BOOST_AUTO_TEST_SUITE(cluster_extents)

BOOST_AUTO_TEST_CASE(a_stage_is_verified_and_moved)
{
    fault_session it;
    auto& engine = it.client.engine;
    it.client.command(engine, ".create table ['T__stage'] (id:long, name:string) with "
                              "(hidden=true, folder='stages')");
    auto message = tagged(it.client);
    message["TableName"] = "T__stage";
    it.client.post(std::move(message));
    BOOST_TEST(it.local.wait_until_idle(30s));
    auto const found = it.client.command(engine, ".show table ['T__stage'] extents where tags has "
                                                 "'drop-by:7' | project ExtentId, RowCount, Tags");
    BOOST_REQUIRE(found.size() == 1U);
    BOOST_TEST(found[0].at(1).as_int64() == 1);
    BOOST_TEST(found[0].at(2).as_string() == "ingest-by:1\r\ndrop-by:7");
    std::string const id(found[0].at(0).as_string());
    auto const moved = it.client.command(
        engine, ".move extents from table ['T__stage'] to table ['T'] (" + id + ")");
    BOOST_TEST(moved.at(0).at(0).as_string() == json::string_view(id));
    BOOST_TEST(it.local.scalar(database, "T | count") == "1");
    BOOST_TEST(it.local.scalar(database, "['T__stage'] | count") == "0");
    auto const again =
        it.management(engine, ".move extents from table ['T__stage'] to table ['T'] (" + id + ")");
    BOOST_TEST(again.status == 400);
    auto const error = json::parse(again.body).at("error");
    BOOST_TEST(error.at("code").as_string() == "BadRequest_EntityNotFound");
    BOOST_TEST(error.at("@permanent").as_bool());
    it.client.command(engine, ".drop table ['T__stage'] ifexists");
    BOOST_TEST(it.client
                   .command(engine, ".show tables | where TableName startswith \"T__\" | project "
                                    "TableName")
                   .empty());
}

BOOST_AUTO_TEST_CASE(two_ingestions_of_one_tag_in_the_same_run)
{
    for (bool const atomic : {true, false})
    {
        fault_session it(quick().atomic_ingest_if_not_exists(atomic));
        it.faults(fault::redeliver(0ms));
        ingest(it);
        BOOST_TEST(extents_with_tag(it.local) == (atomic ? "1" : "2"));
        BOOST_TEST(it.local.scalar(database, "T | count") == (atomic ? "1" : "2"));
        it.faults();
        ingest(it);
        BOOST_TEST(it.local.counts().skipped == (atomic ? 2U : 1U));
    }
}

BOOST_AUTO_TEST_CASE(an_extent_that_is_not_seen_yet)
{
    fault_session it(quick().extent_visibility_delay(1h));
    ingest(it);
    BOOST_TEST(it.local.counts().ingested == 1U);
    BOOST_TEST(extents_with_tag(it.local) == "0");
    BOOST_TEST(it.local.scalar(database, "T | count") == "0");
    BOOST_TEST(it.local.scalar(database, "T | where true | count") == "0");
}

BOOST_AUTO_TEST_CASE(an_extent_is_seen_after_the_delay)
{
    fault_session it(quick().extent_visibility_delay(100ms));
    auto const start = clock_type::now();
    ingest(it);
    while (extents_with_tag(it.local) == "0" && clock_type::now() - start < 30s)
        std::this_thread::yield();
    BOOST_TEST((clock_type::now() - start >= 100ms));
    BOOST_TEST(it.local.scalar(database, "T | where true | count") == "1");
}

BOOST_AUTO_TEST_CASE(extents_survive_the_cluster)
{
    auto const path = (std::filesystem::temp_directory_path() /
                       ("kusto_extents_" + std::to_string(::getpid()) + ".sqlite"))
                          .string();
    std::filesystem::remove(path);
    std::string const shown = ".show table T extents | project ExtentId";
    std::string id;
    {
        fault_session it(quick().file(path));
        ingest(it);
        it.local.execute(database, ".create table S (id:long, name:string) with (hidden=true)");
        id = it.local.scalar(database, shown);
    }
    {
        cluster again(quick().file(path));
        BOOST_TEST(again.scalar(database, shown) == id);
        BOOST_TEST(extents_with_tag(again) == "1");
        BOOST_TEST(again.scalar(database, ".show table S details | project Hidden") == "true");
        again.execute(database, ".move extents from table T to table S (" + id + ")");
        BOOST_TEST(again.scalar(database, "S | project name") == "one");
        BOOST_TEST(again.scalar(database, "T | count") == "0");
    }
    for (char const* suffix : {"", "-wal", "-shm"})
        std::filesystem::remove(path + suffix);
}

BOOST_AUTO_TEST_SUITE_END()

#include "engine_fixture.hpp"

#include <boost/test/unit_test.hpp>
#include <cstdio>
#include <emulator/engine/sqlite.hpp>
#include <filesystem>
#include <unistd.h>

using namespace emulator_test;

BOOST_AUTO_TEST_SUITE(engine_file)

BOOST_AUTO_TEST_CASE(everything_is_there_after_reopening)
{
    auto const path = std::filesystem::temp_directory_path() /
                      ("kusto_engine_" + std::to_string(::getpid()) + ".sqlite");
    std::filesystem::remove(path);
    {
        engine db(path.string(), {"db"});
        static_cast<void>(db.command("db", ".create table T (a:string, r:real) with (folder='f')"));
        static_cast<void>(db.command("db", ".create-merge table T (b:long)"));
        static_cast<void>(db.command("db", R"(.create table T ingestion csv mapping "m" )"
                                           R"('[{"Column":"a","Properties":{"Ordinal":"0"}}]')"));
        static_cast<void>(db.command("db", ".alter table T policy streamingingestion enable"));
        static_cast<void>(db.command("db", ".alter database db policy retention softdelete = 3d"));
        auto made = engine_fixture::request("x,NaN,1\n");
        made.tags = {"ingest-by:1", "b c"};
        BOOST_TEST(db.ingest(made).status == "Succeeded");
        BOOST_TEST(db.ingest(engine_fixture::request("bad\n")).status == "Failed");
        static_cast<void>(db.command("db", ".create table Gone (a:string)"));
        static_cast<void>(db.command("db", ".drop table Gone"));
    }
    {
        engine db(path.string(), {"db"});
        BOOST_TEST(render_v1(db.query("db", "T")).find("[[\"x\",\"NaN\",1]]") != std::string::npos);
        BOOST_TEST(show(db.query("db", "T | count")) == "1");
        BOOST_TEST(show(db.command("db", ".show tables")) == "'T','db','f',''");
        BOOST_TEST(show(db.command("db", ".show table T ingestion mappings | count")) == "1");
        BOOST_TEST(show(db.command("db", ".show ingestion failures | count")) == "1");
        BOOST_TEST(show(db.command("db", ".show table T policy streamingingestion | project "
                                         "Policy"))
                       .find("true") != std::string::npos);
        BOOST_TEST(show(db.command("db", ".show database db policy retention | project Policy"))
                       .find("3.00:00:00") != std::string::npos);
        auto again = engine_fixture::request("y,1,2\n");
        again.ingest_if_not_exists = {"1"};
        BOOST_TEST(db.ingest(again).status == "Skipped");
    }
    for (char const* suffix : {"", "-wal", "-shm"})
        std::filesystem::remove(path.string() + suffix);
}

BOOST_AUTO_TEST_CASE(extents_keep_their_rows_and_tags_after_reopening)
{
    auto const path = std::filesystem::temp_directory_path() /
                      ("kusto_extents_" + std::to_string(::getpid()) + ".sqlite");
    std::filesystem::remove(path);
    auto const add = [](engine& db, char const* table, std::string data, std::string tag)
    {
        auto made = engine_fixture::request(std::move(data), "csv", table);
        made.tags = {std::move(tag)};
        BOOST_TEST(db.ingest(made).status == "Succeeded");
    };
    auto const shown = [](engine& db, std::string const& table)
    {
        return show(db.command("db", ".show table " + table +
                                         " extents | project ExtentId, RowCount, Tags "
                                         "| sort by ExtentId asc"));
    };
    std::string before;
    {
        engine db(path.string(), {"db"});
        static_cast<void>(db.command("db", ".create table S (a:string) with (hidden=true)"));
        static_cast<void>(db.command("db", ".create table T (a:string)"));
        add(db, "S", "1\n2\n", "drop-by:1");
        add(db, "S", "3\n", "drop-by:2");
        add(db, "T", "4\n", "drop-by:3");
        static_cast<void>(db.command("db", ".move extents to table T <| .show table S extents "
                                           "where tags has 'drop-by:1'"));
        static_cast<void>(db.command("db", ".drop table T extent tags ('drop-by:3')"));
        before = shown(db, "S") + shown(db, "T");
    }
    {
        engine db(path.string(), {"db"});
        BOOST_TEST(show(db.command("db", ".show table S details | project Hidden")) == "true");
        BOOST_TEST(shown(db, "S") + shown(db, "T") == before);
        BOOST_TEST(show(db.query("db", "T")) == "'4' '1' '2'");
        static_cast<void>(db.command("db", ".drop extents <| .show table T extents where tags "
                                           "has 'drop-by:1'"));
        BOOST_TEST(show(db.query("db", "T")) == "'4'");
        BOOST_TEST(show(db.query("db", "T | count")) == "1");
        BOOST_TEST(show(db.query("db", "S")) == "'3'");
    }
    for (char const* suffix : {"", "-wal", "-shm"})
        std::filesystem::remove(path.string() + suffix);
}

BOOST_AUTO_TEST_CASE(an_extent_stays_invisible_over_a_restart)
{
    auto const path = std::filesystem::temp_directory_path() /
                      ("kusto_late_" + std::to_string(::getpid()) + ".sqlite");
    std::filesystem::remove(path);
    std::chrono::system_clock::time_point now{std::chrono::hours(24 * 365 * 50)};
    engine_settings settings;
    settings.extent_visibility_delay = std::chrono::seconds(5);
    settings.now = [&now] { return now; };
    {
        engine db(path.string(), {"db"}, settings);
        static_cast<void>(db.command("db", ".create table T (a:string)"));
        BOOST_TEST(db.ingest(engine_fixture::request("1\n")).status == "Succeeded");
    }
    engine db(path.string(), {"db"}, settings);
    BOOST_TEST(show(db.query("db", "T")) == "");
    now += std::chrono::seconds(5);
    BOOST_TEST(show(db.query("db", "T")) == "'1'");
    for (char const* suffix : {"", "-wal", "-shm"})
        std::filesystem::remove(path.string() + suffix);
}

BOOST_AUTO_TEST_CASE(a_file_of_another_layout_is_refused)
{
    auto const path = std::filesystem::temp_directory_path() /
                      ("kusto_layout_" + std::to_string(::getpid()) + ".sqlite");
    std::filesystem::remove(path);
    {
        kql::connection file(path.string());
        file.execute("CREATE TABLE kusto_table(id INTEGER PRIMARY KEY)");
    }
    BOOST_CHECK_EXCEPTION(
        engine(path.string(), {"db"}), std::runtime_error,
        [](std::runtime_error const& error)
        { return std::string(error.what()).find("another version") != std::string::npos; });
    for (char const* suffix : {"", "-wal", "-shm"})
        std::filesystem::remove(path.string() + suffix);
}

BOOST_AUTO_TEST_CASE(a_file_that_cannot_be_opened_is_an_error)
{
    BOOST_CHECK_THROW(engine("/nonexistent/dir/file", {"db"}), std::runtime_error);
}

BOOST_AUTO_TEST_SUITE_END()

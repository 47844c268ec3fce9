#include "engine_fixture.hpp"

#include <boost/test/unit_test.hpp>
#include <cstdio>
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

BOOST_AUTO_TEST_CASE(a_file_that_cannot_be_opened_is_an_error)
{
    BOOST_CHECK_THROW(engine("/nonexistent/dir/file", {"db"}), std::runtime_error);
}

BOOST_AUTO_TEST_SUITE_END()

#include "engine_fixture.hpp"

#include <boost/test/unit_test.hpp>

using namespace emulator_test;

namespace
{

struct extents_fixture : engine_fixture
{
    extents_fixture()
    {
        static_cast<void>(command(".create table S (a:string, b:long)"));
        static_cast<void>(command(".create table T (b:long, z:datetime, a:string)"));
    }

    /// One extent in `table`. \returns its id
    std::string add(std::string const& table, std::string const& data,
                    std::vector<std::string> tags = {}, std::string const& created = "")
    {
        auto made = request(data, "csv", table);
        made.tags = std::move(tags);
        made.creation_time = created;
        auto const done = db.ingest(made);
        BOOST_REQUIRE_MESSAGE(done.status == "Succeeded", done.details);
        return done.extent_id;
    }
    std::string shown(std::string const& table, std::string const& rest = "")
    {
        return show(
            command(".show table " + table + " extents " + rest + " | project RowCount, Tags"));
    }
    bool refused(std::string const& text, char const* code)
    {
        auto const refusal = refusal_of_command(text);
        BOOST_TEST_MESSAGE(refusal);
        return refusal.rfind(code, 0) == 0;
    }
};

constexpr char const* nobody = "00000000-0000-0000-0000-000000000001";

} // namespace

BOOST_FIXTURE_TEST_SUITE(extents, extents_fixture)

BOOST_AUTO_TEST_CASE(what_is_shown_of_an_extent)
{
    auto const id = add("S", "x,1\ny,2\n", {"t 1", "t2"}, "2026-01-02T03:04:05Z");
    auto const shown = command(".show table ['S'] extents");
    BOOST_TEST(columns(shown) ==
               "ExtentId:guid,DatabaseName:string,TableName:string,MaxCreatedOn:datetime,"
               "OriginalSize:real,ExtentSize:real,CompressedSize:real,IndexSize:real,Blocks:long,"
               "Segments:long,ExtentContainerId:string,RowCount:long,MinCreatedOn:datetime,"
               "Tags:string");
    BOOST_TEST(show(command(".show table S extents | project ExtentId, TableName, RowCount, "
                            "Tags, MaxCreatedOn == MinCreatedOn")) ==
               "'" + id + "','S',2,'t 1\r\nt2',true");
    static_cast<void>(add("S", "z,3\n"));
    BOOST_TEST(show(command(".show table S extents (" + id + ") hot | count")) == "1");
    BOOST_TEST(show(command(".show table S extents | summarize sum(RowCount), count()")) == "3,2");
    BOOST_TEST(show(command(".show table S extents | where Tags has 't2' | count")) == "1");
}

BOOST_AUTO_TEST_CASE(conditions_on_tags)
{
    static_cast<void>(add("S", "1,1\n", {"drop-by:wal/job/1"}));
    static_cast<void>(add("S", "2,2\n", {"drop-by:wal/job/10", "other"}));
    static_cast<void>(add("S", "3,3\n", {"drop-by:wal/job/1/2"}));
    static_cast<void>(add("S", "4,4\n"));
    auto const count = [&](std::string const& conditions)
    { return show(command(".show table S extents where tags " + conditions + " | count")); };
    // Whole terms, so that a longer tag with the same beginning is found as well.
    BOOST_TEST(count("has 'drop-by:wal/job/1'") == "2");
    BOOST_TEST(count("has 'DROP-BY:WAL/job/10'") == "1");
    BOOST_TEST(count("has 'jo'") == "0");
    BOOST_TEST(count("contains 'JO'") == "3");
    BOOST_TEST(count("!contains 'jo'") == "1");
    BOOST_TEST(count("!has 'other'") == "3");
    BOOST_TEST(count("has 'job' and tags !has 'other'") == "2");
    BOOST_TEST(refused(".show table S extents where tags == 'x'", "SYN0002"));
    BOOST_TEST(refused(".show table S extents (nonsense)", "SYN0002"));
}

BOOST_AUTO_TEST_CASE(moving_some_extents)
{
    auto const first = add("S", "x,1\ny,2\n", {"drop-by:1"}, "2026-01-02T03:04:05Z");
    static_cast<void>(add("S", "z,3\n", {"stays"}));
    auto const third = add("S", "v,4\nw,5\n", {"drop-by:1"});
    static_cast<void>(command(".ingest inline into table T <|\n9,,was here\n"));
    auto const moved = command(".move extents from table ['S'] to table ['T'] with "
                               "(setNewIngestionTime=true) (" +
                               first + ", '" + third + "', " + first + ")");
    BOOST_TEST(columns(moved) == "OriginalExtentId:string,ResultExtentId:string,Details:string");
    BOOST_REQUIRE(moved.rows.size() == 2u);
    BOOST_TEST(show(moved.rows[0][0]) == "'" + first + "'");
    // An extent is another one in its new table.
    BOOST_TEST(show(moved.rows[0][1]) != show(moved.rows[0][0]));
    BOOST_TEST(rows("S") == "'z',3");
    BOOST_TEST(rows("T | project a, b, z") ==
               "'was here',9,null 'x',1,null 'y',2,null 'v',4,null 'w',5,null");
    BOOST_TEST(rows("S | count") + " " + rows("T | count") == "1 5");
    BOOST_TEST(shown("S") == "1,'stays'");
    BOOST_TEST(shown("T") == "1,'' 2,'drop-by:1' 2,'drop-by:1'");
    BOOST_TEST(show(command(".show table T extents | where MaxCreatedOn == "
                            "datetime(2026-01-02T03:04:05Z) | count")) == "1");
    auto once = request("0,,q\n", "csv", "T");
    once.ingest_if_not_exists = {"1"};
    BOOST_TEST(ingest(once) == "Succeeded 1");
}

BOOST_AUTO_TEST_CASE(a_tag_protects_its_new_table_and_no_longer_its_old_one)
{
    static_cast<void>(add("S", "x,1\n", {"ingest-by:7"}));
    static_cast<void>(command(".move extents all from table S to table T"));
    auto again = request("x,1\n", "csv", "S");
    again.ingest_if_not_exists = {"7"};
    BOOST_TEST(ingest(again) == "Succeeded 1");
    again.table = "T";
    BOOST_TEST(ingest(again) == "Skipped");
}

BOOST_AUTO_TEST_CASE(moving_all_extents)
{
    BOOST_TEST(show(command(".move extents all from table S to table T")) == "");
    static_cast<void>(add("S", "x,1\n", {}, "2026-01-01"));
    static_cast<void>(add("S", "y,2\n", {}, "2026-01-05"));
    BOOST_TEST(command(".move extents all from table S to table T with "
                       "(extentCreatedOnFrom=datetime(2026-01-04), extentCreatedOnTo='2026-01-06')")
                   .rows.size() == 1u);
    BOOST_TEST(rows("T | project a") == "'y'");
    BOOST_TEST(command(".move extents all from table S to table T").rows.size() == 1u);
    BOOST_TEST(rows("T | project a") == "'y' 'x'");
    BOOST_TEST(rows("S | count") == "0");
    static_cast<void>(add("S", "after,3\n"));
    BOOST_TEST(rows("S") == "'after',3");
}

BOOST_AUTO_TEST_CASE(moving_what_a_query_names)
{
    static_cast<void>(command(".create table R (a:string, b:long)"));
    static_cast<void>(add("S", "x,1\n", {"m"}));
    static_cast<void>(add("R", "y,2\n", {"m"}));
    static_cast<void>(
        command(".move extents to table T <| .show table S extents where tags has 'm'"));
    BOOST_TEST(rows("T | project a") == "'x'");
    BOOST_TEST(refused(".move extents to table T <| .show tables", "General_BadRequest"));
    BOOST_TEST(refused(".move extents to table T <| .drop table R", "General_BadRequest"));
}

BOOST_AUTO_TEST_CASE(an_extent_that_a_query_names_twice_counts_once)
{
    static_cast<void>(add("S", "x,1\n", {"first"}));
    std::string const list = " <| .show table S extents | project ExtentId, TableName";
    static_cast<void>(command(".set Names" + list));
    static_cast<void>(command(".append Names <| Names | project toupper(tostring(ExtentId)), "
                              "TableName | project toguid(Column1), TableName"));
    BOOST_TEST(rows("Names | count") == "2");
    static_cast<void>(add("S", "y,2\n"));
    BOOST_TEST(command(".move extents to table T <| Names").rows.size() == 1u);
    BOOST_TEST(rows("T | project a") == "'x'");
    BOOST_TEST(refused(".drop extents <| Names", "BadRequest_EntityNotFound"));
    static_cast<void>(command(".set More" + list));
    static_cast<void>(command(".append More <| More"));
    BOOST_TEST(command(".drop extents <| More").rows.size() == 1u);
    BOOST_TEST(rows("S | count") == "0");
    BOOST_TEST(shown("T") == "1,'first'");
}

BOOST_AUTO_TEST_CASE(a_move_that_is_refused_moves_nothing)
{
    auto const id = add("S", "x,1\n");
    static_cast<void>(command(".create table Narrow (a:string)"));
    static_cast<void>(command(".create table Other (a:string, b:int)"));
    std::string const one = ".move extents from table S to table ";
    BOOST_TEST(refused(one + "T (" + id + ", " + nobody + ")", "BadRequest_EntityNotFound"));
    BOOST_TEST(refused(one + "Gone (" + id + ")", "BadRequest_EntityNotFound"));
    BOOST_TEST(
        refused(".move extents all from table Gone to table T", "BadRequest_EntityNotFound"));
    BOOST_TEST(refused(one + "Narrow (" + id + ")", "General_BadRequest"));
    BOOST_TEST(refused(one + "Other (" + id + ")", "General_BadRequest"));
    BOOST_TEST(refused(one + "S (" + id + ")", "General_BadRequest"));
    BOOST_TEST(
        refused(".move extents all from table Narrow to table Narrow", "General_BadRequest"));
    BOOST_TEST(refused(one + "T (" + id, "SYN0002"));
    BOOST_TEST(refused(one + "T", "SYN0002"));
    BOOST_TEST(refused(one + "T ()", "SYN0002"));
    BOOST_TEST(refused(one + "T with (colour=red) (" + id + ")", "General_NotSupported"));
    BOOST_TEST(refused(".move async extents all from table S to table T", "SYN0002"));
    static_cast<void>(db.command("Other", ".create table U (a:string, b:long)"));
    BOOST_TEST(
        refused(".move extents all from table S to table ['Other'].['U']", "General_BadRequest"));
    BOOST_TEST(shown("S") == "1,''");
    BOOST_TEST(rows("S | count") + rows("T | count") == "10");
}

BOOST_AUTO_TEST_CASE(an_extent_is_moved_once)
{
    auto const id = add("S", "x,1\n");
    std::string const move = ".move extents from table S to table T (" + id + ")";
    BOOST_TEST(command(move).rows.size() == 1u);
    BOOST_TEST(refused(move, "BadRequest_EntityNotFound"));
    BOOST_TEST(rows("T | count") == "1");
}

BOOST_AUTO_TEST_CASE(dropping_extents)
{
    static_cast<void>(add("S", "x,1\ny,2\n", {"drop-by:1"}));
    auto const second = add("S", "z,3\n");
    static_cast<void>(add("S", "v,4\n", {"drop-by:1"}));
    static_cast<void>(add("S", "w,5\n"));
    auto const dropped =
        command(".drop extents <| .show table ['S'] extents where tags has 'drop-by:1'");
    BOOST_TEST(columns(dropped) == "ExtentId:string,TableName:string,CreatedOn:datetime");
    BOOST_TEST(dropped.rows.size() == 2u);
    BOOST_TEST(rows("S | project a") == "'z' 'w'");
    BOOST_TEST(refused(".drop extents (" + second + ", " + nobody + ") from ['S']",
                       "BadRequest_EntityNotFound"));
    BOOST_TEST(command(".drop extents (" + second + ") from ['S']").rows.size() == 1u);
    BOOST_TEST(rows("S") == "'w',5");
    BOOST_TEST(rows("S | count") == "1");
    BOOST_TEST(show(command(".drop extents <| .show table S extents where tags has 'none'")) == "");
    BOOST_TEST(refused(".drop extents", "SYN0002"));
}

BOOST_AUTO_TEST_CASE(dropping_tags)
{
    auto const first = add("S", "x,1\n", {"a", "drop-by:1", "b"});
    auto const second = add("S", "y,2\n", {"c"});
    static_cast<void>(add("S", "z,3\n", {"drop-by:1"}));
    auto const dropped = command(".drop table ['S'] extent tags ('drop-by:1', 'b')");
    BOOST_TEST(columns(dropped) == "OriginalExtentId:string,ResultExtentId:string,"
                                   "ResultExtentTags:string,Details:string");
    BOOST_REQUIRE(dropped.rows.size() == 2u);
    BOOST_TEST(show(dropped.rows[0][0]) == "'" + first + "'");
    BOOST_TEST(show(dropped.rows[0][1]) != show(dropped.rows[0][0]));
    BOOST_TEST(show(dropped.rows[0][2]) == "'a'");
    BOOST_TEST(shown("S") == "1,'a' 1,'c' 1,''");
    BOOST_TEST(rows("S") == "'x',1 'y',2 'z',3");
    BOOST_TEST(show(command(".show table S extents (" + second + ") | count")) == "1");
    BOOST_TEST(command(".drop extent tags from table S ('c')").rows.size() == 1u);
    BOOST_TEST(show(command(".drop table S extent tags ('none')")) == "");
    BOOST_TEST(refused(".drop table S extent tags", "SYN0002"));
}

BOOST_AUTO_TEST_CASE(rows_keep_their_extents_whatever_happens_to_others)
{
    // Keys of rows are used again after the last extent has gone; ranges must not mix.
    static_cast<void>(add("S", "a,1\nb,2\n", {"one"}));
    for (int round = 0; round < 4; ++round)
    {
        static_cast<void>(add("S", "c,3\nd,4\ne,5\n", {"two"}));
        static_cast<void>(add("S", "f,6\n", {"three"}));
        static_cast<void>(command(".drop extents <| .show table S extents where tags has 'three'"));
        static_cast<void>(add("S", "g,7\nh,8\n", {"four"}));
        static_cast<void>(command(".move extents to table T <| "
                                  ".show table S extents where tags has 'two'"));
        static_cast<void>(command(".drop extents <| .show table S extents where tags has 'four'"));
    }
    BOOST_TEST(rows("S") == "'a',1 'b',2");
    BOOST_TEST(rows("T | summarize count(), sum(b)") == "12,48");
}

BOOST_AUTO_TEST_SUITE_END()

namespace
{

/// Extents are seen 5 s after their queued ingestion, by a clock that the test advances.
struct late_fixture
{
    using wall_time = std::chrono::system_clock::time_point;

    late_fixture() { static_cast<void>(command(".create table T (a:string)")); }

    engine_settings settings()
    {
        engine_settings made;
        made.extent_visibility_delay = std::chrono::seconds(5);
        made.now = [this] { return now; };
        return made;
    }
    result_table command(std::string const& text) { return db.command("db", text); }
    void add(std::string const& data, std::string const& tag)
    {
        auto made = engine_fixture::request(data);
        made.tags = {"ingest-by:" + tag};
        made.ingest_if_not_exists = {tag};
        status = db.ingest(made).status;
    }
    std::string rows(std::string const& text = "T") { return show(db.query("db", text)); }
    /// Counts by every way to look.
    std::string seen()
    {
        return rows("T | count") + " " + rows("T | summarize count()") + " " +
               show(command(".show table T extents | count")) + " " +
               show(command(".show table T details | project TotalExtents, TotalRowCount"));
    }

    wall_time now{std::chrono::hours(24 * 365 * 50)};
    engine db{"", {"db"}, settings()};
    std::string status;
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(late_extents, late_fixture)

BOOST_AUTO_TEST_CASE(an_extent_is_seen_in_time)
{
    add("1\n2\n", "one");
    BOOST_TEST(status == "Succeeded");
    BOOST_TEST(seen() == "0 0 0 0,0");
    BOOST_TEST(rows() == "");
    now += std::chrono::seconds(3);
    add("3\n", "two");
    now += std::chrono::milliseconds(1999);
    BOOST_TEST(seen() == "0 0 0 0,0");
    now += std::chrono::milliseconds(1);
    BOOST_TEST(seen() == "2 2 1 1,2");
    BOOST_TEST(rows() == "'1' '2'");
    BOOST_TEST(rows("T | where a > '' | count") == "2");
    now += std::chrono::seconds(3);
    BOOST_TEST(seen() == "3 3 2 2,3");
    BOOST_TEST(rows() == "'1' '2' '3'");
}

BOOST_AUTO_TEST_CASE(rows_between_hidden_ones_are_seen)
{
    add("1\n2\n", "one");
    static_cast<void>(command(".append T <| print 'now'"));
    add("3\n", "two");
    static_cast<void>(command(".ingest inline into table T <|\ninline\n"));
    BOOST_TEST(rows() == "'now' 'inline'");
    BOOST_TEST(rows("T | count") == "2");
}

BOOST_AUTO_TEST_CASE(what_is_not_seen_protects_and_is_not_moved)
{
    add("1\n", "one");
    add("1\n", "one");
    BOOST_TEST(status == "Skipped");
    static_cast<void>(command(".create table U (a:string)"));
    BOOST_TEST(show(command(".move extents all from table T to table U")) == "");
    BOOST_TEST(command(".drop table T extent tags ('ingest-by:one')").rows.empty());
    now += std::chrono::seconds(5);
    add("2\n", "two");
    BOOST_TEST(command(".move extents all from table T to table U").rows.size() == 1u);
    // At once, although the clock stands still.
    BOOST_TEST(rows("U") == "'1'");
    BOOST_TEST(rows() == "");
}

BOOST_AUTO_TEST_SUITE_END()

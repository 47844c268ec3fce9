#include "engine_fixture.hpp"

#include <boost/test/unit_test.hpp>

using namespace emulator_test;

BOOST_FIXTURE_TEST_SUITE(ingest_from_query, emulator_test::engine_fixture)

BOOST_AUTO_TEST_CASE(a_table_is_created_with_the_columns_of_the_query)
{
    auto const made = command(".set-or-append ['T'] with (tags='[\"ingest-by:x\"]', folder='f', "
                              "hidden=true) <| print a='s', b=long(5), "
                              "c=datetime(2026-01-02T03:04:05Z), d=now()");
    BOOST_TEST(columns(made) == "ExtentId:guid,OriginalSize:real,ExtentSize:real,"
                                "CompressedSize:real,IndexSize:real,RowCount:long");
    BOOST_TEST(show(command(".show table T cslschema | project Schema, Folder")) ==
               "'a:string,b:long,c:datetime,d:datetime','f'");
    BOOST_TEST(show(command(".show table T details | project Hidden")) == "true");
    BOOST_TEST(rows("T | project a, b, c == datetime(2026-01-02T03:04:05Z), isnotnull(d)") ==
               "'s',5,true,true");
    BOOST_TEST(show(command(".show table T extents | project RowCount, Tags")) ==
               "1,'ingest-by:x'");
}

BOOST_AUTO_TEST_CASE(every_type_and_literal)
{
    static_cast<void>(
        command(".create table T (s:string, l:long, i:int, r:real, b:bool, t:timespan, d:datetime, "
                "g:guid, m:decimal, j:dynamic)"));
    static_cast<void>(
        command(".append T <| print 'it\\'s \\u00e9\\n\\\\ \"q\" \xE2\x82\xAC', long(-7), int(3), "
                "real(nan), true, 1.5h, datetime(2026-01-01), "
                "guid(AE6CD250-BE62-4978-90F2-5CB7A10D16D7), decimal(1.50), "
                "dynamic({\"k\":[1]})"));
    static_cast<void>(command(".append T <| print @'\\d \"', long(null), int(null), real(null), "
                              "bool(null), time(null), datetime(null), guid(null), "
                              "decimal(null), dynamic(null)"));
    BOOST_TEST(rows("T | project s, l, i, isnan(r), b, t / 1h, d == datetime(2026-01-01), g, m, j"
                    " | take 1") ==
               "'it's \xC3\xA9\n\\ \"q\" \xE2\x82\xAC',-7,3,true,true,1.5,true,"
               "'ae6cd250-be62-4978-90f2-5cb7a10d16d7','1.5','{\"k\":[1]}'");
    BOOST_TEST(rows("T | where isnull(l) | project s, i, r, b, t, d, g, m, j") ==
               "'\\d \"',null,null,null,null,null,null,null,null");
}

BOOST_AUTO_TEST_CASE(by_position_and_type)
{
    static_cast<void>(command(".create table T (a:string, b:long)"));
    static_cast<void>(command(".set-or-append T <| print b='x', a=1"));
    BOOST_TEST(rows("T") == "'x',1");
    for (char const* bad : {"print 1, 'x'", "print 'x'", "print 'x', 1, 2", "print 'x', int(1)",
                            "print 'x', datetime(2026-01-01)"})
        BOOST_TEST(refusal_of_command(std::string(".set-or-append T <| ") + bad)
                           .rfind("General_BadRequest Query schema does not match", 0) == 0u,
                   bad);
    BOOST_TEST(rows("T | count") == "1");
}

BOOST_AUTO_TEST_CASE(from_tables_and_show_commands)
{
    static_cast<void>(command(".create table T (a:string, b:long)"));
    BOOST_TEST(ingest("x,1\ny,2\nz,3\n") == "Succeeded 3");
    BOOST_TEST(command(".set U <| T | where b > 1 | project b").rows.size() == 1u);
    BOOST_TEST(rows("U") == "2 3");
    BOOST_TEST(show(command(".show table U extents | project RowCount")) == "2");
    static_cast<void>(command(".set V <| .show tables | project TableName"));
    BOOST_TEST(rows("V") == "'T' 'U'");
    static_cast<void>(command(".append T <| T"));
    BOOST_TEST(rows("T | count") == "6");
    BOOST_TEST(show(command(".set-or-append W <| T | where b > 9")) == "");
    BOOST_TEST(rows("W | count") == "0");
}

BOOST_AUTO_TEST_CASE(which_verb_needs_which_table)
{
    BOOST_TEST(refusal_of_command(".append T <| print 1").rfind("BadRequest_EntityNotFound", 0) ==
               0u);
    static_cast<void>(command(".set T <| print 1"));
    BOOST_TEST(refusal_of_command(".set T <| print 1").rfind("General_BadRequest", 0) == 0u);
    static_cast<void>(command(".append T <| print 2"));
    static_cast<void>(command(".set-or-append T <| print 3"));
    BOOST_TEST(rows("T") == "1 2 3");
}

BOOST_AUTO_TEST_CASE(an_ingestion_with_a_tag_that_is_there_is_skipped)
{
    std::string const append = ".set-or-append T with (tags='[\"ingest-by:x\"]', "
                               "ingestIfNotExists='[\"x\"]', creationTime='2026-01-01') <| ";
    BOOST_TEST(command(append + "print 1").rows.size() == 1u);
    BOOST_TEST(show(command(append + "print 2")) == "");
    BOOST_TEST(rows("T") == "1");
    BOOST_TEST(show(command(".show table T extents | project MaxCreatedOn == "
                            "datetime(2026-01-01)")) == "true");
}

BOOST_AUTO_TEST_CASE(what_is_refused)
{
    BOOST_TEST(refusal_of_command(".set-or-append T print 1").rfind("SYN0002", 0) == 0u);
    BOOST_TEST(refusal_of_command(".set-or-append T <| nope").rfind("SEM0100", 0) == 0u);
    BOOST_TEST(refusal_of_command(".set-or-append T <|").rfind("SYN0002", 0) == 0u);
    BOOST_TEST(refusal_of_command(".set-or-append T with (colour='red') <| print 1")
                   .rfind("General_NotSupported", 0) == 0u);
    BOOST_TEST(refusal_of_command(".set-or-append T with (tags='x') <| print 1")
                   .rfind("BadRequest_MalformedIngestionProperty", 0) == 0u);
    BOOST_TEST(
        refusal_of_command(".set-or-append T <| .drop table T").rfind("General_BadRequest", 0) ==
        0u);
    BOOST_TEST(refusal_of_command(".set-or-append ['a;b'] <| print 1")
                   .rfind("BadRequest_EntityNameIsNotValid", 0) == 0u);
    BOOST_TEST(show(command(".show tables | count")) == "0");
}

BOOST_AUTO_TEST_SUITE_END()

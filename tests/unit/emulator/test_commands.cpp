#include "engine_fixture.hpp"

#include <boost/test/unit_test.hpp>

using namespace emulator_test;

BOOST_FIXTURE_TEST_SUITE(commands, emulator_test::engine_fixture)

BOOST_AUTO_TEST_CASE(creating_and_extending_tables)
{
    BOOST_TEST(
        show(command(".create table T (a:string, ['b c']:System.Int64) "
                     "with (docstring=\"doc\", folder='f')")) ==
        "'T','{\"Name\":\"T\",\"OrderedColumns\":[{\"Name\":\"a\",\"Type\":\"System.String\","
        "\"CslType\":\"string\"},{\"Name\":\"b c\",\"Type\":\"System.Int64\",\"CslType\":"
        "\"long\"}]}','db','f','doc'");
    static_cast<void>(command(".create table T (other:int) with (folder='ignored')"));
    BOOST_TEST(show(command(".show table T cslschema | project Schema, Folder")) ==
               "'a:string,['b c']:long','f'");
    BOOST_TEST(ingest("x,1\n") == "Succeeded 1");
    static_cast<void>(command(".create-merge table T (a:string, z:datetime, y:string)"));
    static_cast<void>(command(".alter-merge table T (w:boolean)"));
    BOOST_TEST(show(command(".show table ['T'] schema as csl | project Schema")) ==
               "'a:string,['b c']:long,z:datetime,y:string,w:bool'");
    BOOST_TEST(rows("T") == "'x',1,null,'',null");
    BOOST_TEST(show(command(".show table T")) ==
               "'a','System.String' 'b c','System.Int64' 'z','System.DateTime' 'y','System.String' "
               "'w','System.Boolean'");
    BOOST_TEST(
        refusal_of_command(".create-merge table T (a:long)").rfind("General_BadRequest", 0) == 0u);
    BOOST_TEST(refusal_of_command(".alter-merge table U (a:long)") ==
               "BadRequest_EntityNotFound Entity ID 'U' of kind 'Table' was not found.");
    BOOST_TEST(refusal_of_command(".create table U (a:nope)").rfind("SEM0100", 0) == 0u);
    BOOST_TEST(refusal_of_command(".create table U (a:long, a:long)").rfind("General_", 0) == 0u);
    BOOST_TEST(refusal_of_command(".create table ['a;b'] (a:long)")
                   .rfind("BadRequest_EntityNameIsNotValid", 0) == 0u);
    BOOST_TEST(refusal_of_command(".create table U (a:long) with (hue=1)")
                   .rfind("General_NotSupported", 0) == 0u);
}

BOOST_AUTO_TEST_CASE(listing_and_dropping_tables)
{
    static_cast<void>(command(".create table B (a:string)"));
    static_cast<void>(command(".create table ['my-table 1'] (a:string)"));
    static_cast<void>(db.command("Other", ".create table C (a:string)"));
    BOOST_TEST(show(command(".show tables")) == "'B','db','','' 'my-table 1','db','',''");
    BOOST_TEST(show(command(".show tables | where TableName == 'B' | count")) == "1");
    BOOST_TEST(show(command(".show tables | where TableName == 'C' | count")) == "0");
    BOOST_TEST(show(db.command("other", ".show tables | project DatabaseName")) == "'Other'");
    BOOST_TEST(show(command(".show table ['Other'].['C'] details | project TotalRowCount")) == "0");
    static_cast<void>(command(".drop table B ifexists"));
    BOOST_TEST(show(command(".drop table B ifexists")) == "");
    BOOST_TEST(refusal_of_command(".drop table B").rfind("BadRequest_EntityNotFound", 0) == 0u);
    BOOST_TEST(ingest(request("x\n", "csv", "B")) == "BadRequest_TableNotExist");
    auto elsewhere = request("x\n");
    elsewhere.database = "nope";
    BOOST_TEST(ingest(elsewhere) == "BadRequest_DatabaseNotExist");
    BOOST_CHECK_THROW(static_cast<void>(db.command("nope", ".show tables")), engine_error);
    BOOST_TEST(db.has_database("DB"));
    BOOST_TEST(!db.has_database("nope"));
}

BOOST_AUTO_TEST_CASE(mapping_commands_take_every_kind_of_literal)
{
    static_cast<void>(command(".create table T (a:string)"));
    for (char const* literal :
         {R"('[{"Column":"a","Properties":{"Path":"$[\'x y\']"}}]')",
          R"(@"[{""Column"":""a"",""Properties"":{""Path"":""$['x y']""}}]")",
          R"("[{\"Column\":\"a\"," '"Properties":{"Path":' "\"$['x y']\"}}]")",
          "```[{\"Column\":\"a\",\n \"Properties\":{\"Path\":\"$['x y']\"}}]```"})
    {
        auto const stored = command(
            std::string(".create-or-alter table T ingestion json mapping \"m\" ") + literal);
        BOOST_TEST(show(stored) ==
                   R"('m','Json','[{"Column":"a","Properties":{"Path":"$['x y']"}}]')"
                   R"(,null,'db','T')");
    }
    BOOST_TEST(show(command(".show table T ingestion mappings | count")) == "1");
    BOOST_TEST(show(command(".show table T ingestion json mapping 'm' | project Name")) == "'m'");
    BOOST_TEST(show(command(".show table T ingestion csv mappings | count")) == "0");
    BOOST_TEST(refusal_of_command(".create table T ingestion json mapping 'm' '[]'") ==
               "General_BadRequest Mapping 'm' of kind 'json' already exists");
    BOOST_TEST(refusal_of_command(".alter table T ingestion csv mapping 'm' '[]'")
                   .rfind("BadRequest_EntityNotFound", 0) == 0u);
    BOOST_TEST(refusal_of_command(".create table T ingestion csv mapping 'c' '[]'")
                   .rfind("BadRequest_InvalidMapping", 0) == 0u);
    BOOST_TEST(refusal_of_command(".create table T ingestion avro mapping 'c' '[]'")
                   .rfind("General_NotSupported", 0) == 0u);
    static_cast<void>(command(".drop table T ingestion json mapping 'm'"));
    BOOST_TEST(refusal_of_command(".drop table T ingestion json mapping 'm'")
                   .rfind("BadRequest_EntityNotFound", 0) == 0u);
}

BOOST_AUTO_TEST_CASE(extents_tags_and_skipping)
{
    static_cast<void>(command(".create table T (a:string)"));
    auto made = request("x\ny\n");
    made.tags = {"ingest-by:run-7", "drop-by:2026-01"};
    made.ingest_if_not_exists = {"run-7"};
    made.creation_time = "2026-01-01T00:00:00Z";
    BOOST_TEST(ingest(made) == "Succeeded 2");
    BOOST_TEST(ingest(made) == "Skipped");
    made.ingest_if_not_exists = {"RUN-7"};
    made.tags = {"other"};
    BOOST_TEST(ingest(made) == "Succeeded 2");
    BOOST_TEST(rows("T | count") == "4");
    BOOST_TEST(show(command(".show table T extents | project RowCount, Tags")) ==
               "2,'ingest-by:run-7\r\ndrop-by:2026-01' 2,'other'");
    BOOST_TEST(show(command(".show table T extents where tags has 'ingest-by:run-7' and tags has "
                            "'drop-by:2026-01' | project RowCount")) == "2");
    auto const created = command(".show table T extents | project MaxCreatedOn | take 1");
    BOOST_TEST(render_v1(created).find("2026-01-01T00:00:00.0000000Z") != std::string::npos);
    made.creation_time = "soon";
    BOOST_TEST(ingest(made) == "BadRequest_MalformedIngestionProperty");
    static_cast<void>(command(".clear table T data"));
    BOOST_TEST(rows("T | count") == "0");
    BOOST_TEST(rows("T | where true | count") == "0");
}

BOOST_AUTO_TEST_CASE(policies_are_stored_checked_and_shown)
{
    static_cast<void>(command(".create table T (a:string)"));
    auto const policy = [&](char const* name)
    { return show(command(std::string(".show table T policy ") + name + " | project Policy")); };
    BOOST_TEST(policy("ingestionbatching") == "'null'");
    static_cast<void>(command(".alter table T policy ingestionbatching "
                              "'{\"MaximumBatchingTimeSpan\":\"00:00:30\"}'"));
    static_cast<void>(
        command(".alter-merge table T policy ingestionbatching '{\"MaximumNumberOfItems\":7}'"));
    BOOST_TEST(policy("ingestionbatching") ==
               "'{\"MaximumBatchingTimeSpan\":\"00:00:30\",\"MaximumNumberOfItems\":7,"
               "\"MaximumRawDataSizeMB\":1024}'");
    static_cast<void>(command(".alter table T policy streamingingestion enable"));
    BOOST_TEST(policy("streamingingestion") == "'{\"IsEnabled\":true,\"HintAllocatedRate\":null}'");
    static_cast<void>(
        command(".alter-merge table T policy retention softdelete = 7d recoverability = disabled"));
    BOOST_TEST(policy("retention") ==
               "'{\"SoftDeletePeriod\":\"7.00:00:00\",\"Recoverability\":\"Disabled\"}'");
    static_cast<void>(command(".delete table T policy retention"));
    BOOST_TEST(policy("retention") == "'null'");
    for (char const* bad : {"'{\"MaximumNumberOfItems\":0}'", "'{\"Maximum\":1}'", "'[]'",
                            "'{\"MaximumBatchingTimeSpan\":\"00:00:05\"}'"})
        BOOST_TEST(refusal_of_command(std::string(".alter table T policy ingestionbatching ") + bad)
                           .rfind("General_BadRequest", 0) == 0u,
                   bad);
    BOOST_TEST(refusal_of_command(".alter table T policy caching hot = 1d")
                   .rfind("General_NotSupported", 0) == 0u);
}

BOOST_AUTO_TEST_CASE(policies_of_a_database)
{
    static_cast<void>(command(".create table T (a:string)"));
    auto const shown = [&] { return show(command(".show database db policy ingestionbatching")); };
    BOOST_TEST(columns(command(".show database db policy ingestionbatching")) ==
               columns(command(".show table T policy ingestionbatching")));
    BOOST_TEST(show(command(".show table T policy ingestionbatching")) ==
               "'IngestionBatchingPolicy','[db].[T]','null','','Table'");
    BOOST_TEST(shown() == "'IngestionBatchingPolicy','[db]','null','[\"T\"]','Database'");
    static_cast<void>(command(".alter database ['db'] policy ingestionbatching "
                              "'{\"MaximumNumberOfItems\":9}'"));
    static_cast<void>(command(".alter-merge database db policy ingestionbatching "
                              "'{\"MaximumRawDataSizeMB\":200}'"));
    BOOST_TEST(shown() == "'IngestionBatchingPolicy','[db]',"
                          "'{\"MaximumBatchingTimeSpan\":\"00:05:00\",\"MaximumNumberOfItems\":9,"
                          "\"MaximumRawDataSizeMB\":200}','[\"T\"]','Database'");
    // A table shows what was set for it, not what it inherits.
    BOOST_TEST(show(command(".show table T policy ingestionbatching | project Policy")) ==
               "'null'");
    BOOST_TEST(show(command(".show database Other policy ingestionbatching | project Policy")) ==
               "'null'");
    static_cast<void>(command(".delete database db policy ingestionbatching"));
    BOOST_TEST(shown() == "'IngestionBatchingPolicy','[db]','null','[\"T\"]','Database'");
    BOOST_TEST(refusal_of_command(".show database Nowhere policy ingestionbatching")
                   .rfind("BadRequest_EntityNotFound", 0) == 0u);
}

BOOST_AUTO_TEST_CASE(merge_policies)
{
    static_cast<void>(command(".create table S (a:string)"));
    auto const shown = [&] { return show(command(".show table S policy merge")); };
    BOOST_TEST(shown() == "'ExtentsMergePolicy','[db].[S]','null','','Table'");
    static_cast<void>(command(".alter table ['S'] policy merge "
                              "'{\"AllowRebuild\":false,\"AllowMerge\":false}'"));
    BOOST_TEST(shown() ==
               "'ExtentsMergePolicy','[db].[S]','{\"RowCountUpperBoundForMerge\":16000000,"
               "\"OriginalSizeMBUpperBoundForMerge\":30000,\"MaxExtentsToMerge\":100,"
               "\"LoopPeriod\":\"01:00:00\",\"MaxRangeInHours\":24,\"AllowRebuild\":false,"
               "\"AllowMerge\":false,\"Lookback\":{\"Kind\":\"Default\",\"CustomPeriod\":null}}'"
               ",'','Table'");
    for (char const* bad : {"'{\"AllowMerge\":\"no\"}'", "'{\"MaxExtentsToMerge\":-1}'",
                            "'{\"Allow\":true}'", "'[]'"})
        BOOST_TEST(refusal_of_command(std::string(".alter table S policy merge ") + bad)
                           .rfind("General_BadRequest", 0) == 0u,
                   bad);
}

BOOST_AUTO_TEST_CASE(update_policies_are_stored_and_do_nothing)
{
    static_cast<void>(command(".create table T (a:string)"));
    static_cast<void>(command(".create table U (a:string)"));
    auto const shown = [&]
    { return show(command(".show table ['U'] policy update | project PolicyName, Policy")); };
    BOOST_TEST(shown() == "'UpdatePolicy','null'");
    static_cast<void>(command(".alter table U policy update @'[{\"IsEnabled\": true, "
                              "\"Source\": \"T\", \"Query\": \"T\"}]'"));
    BOOST_TEST(shown() ==
               "'UpdatePolicy','[{\"IsEnabled\":true,\"Source\":\"T\",\"Query\":\"T\"}]'");
    BOOST_TEST(ingest("x\n") == "Succeeded 1");
    BOOST_TEST(rows("U | count") == "0");
    static_cast<void>(command(".alter-merge table U policy update "
                              "'[{\"Source\":\"T\",\"Query\":\"T | take 1\"}]'"));
    BOOST_TEST(shown() == "'UpdatePolicy','[{\"IsEnabled\":true,\"Source\":\"T\",\"Query\":\"T\"},"
                          "{\"Source\":\"T\",\"Query\":\"T | take 1\"}]'");
    for (char const* bad :
         {"'{}'", "'[1]'", "'[{\"Source\":\"T\"}]'", "'[{\"Source\":\"None\",\"Query\":\"T\"}]'",
          "'[{\"Source\":\"T\",\"Query\":\"T\",\"IsEnabled\":1}]'",
          "'[{\"Source\":\"T\",\"Query\":\"T\",\"Colour\":\"red\"}]'"})
        BOOST_TEST(refusal_of_command(std::string(".alter table U policy update ") + bad)
                           .rfind("General_BadRequest", 0) == 0u,
                   bad);
    BOOST_TEST(
        refusal_of_command(".show database db policy update").rfind("General_NotSupported", 0) ==
        0u);
    static_cast<void>(command(".delete table U policy update"));
    BOOST_TEST(shown() == "'UpdatePolicy','null'");
}

BOOST_AUTO_TEST_CASE(extent_tags_retention_of_tables_and_databases)
{
    static_cast<void>(command(".create table T (a:string)"));
    std::string const policy = "[{\"TagPrefix\":\"drop-by:\",\"RetentionPeriod\":\"1.00:00:00\"}]";
    for (std::string const of : {"table ['T']", "database ['db']"})
    {
        auto const shown = [&]
        { return show(command(".show " + of + " policy extent_tags_retention | project Policy")); };
        BOOST_TEST(shown() == "'null'");
        static_cast<void>(
            command(".alter " + of + " policy extent_tags_retention '" + policy + "'"));
        BOOST_TEST(shown() == "'" + policy + "'");
        for (char const* bad : {"[{\"TagPrefix\":\"drop-by\",\"RetentionPeriod\":\"1.00:00:00\"}]",
                                "[{\"TagPrefix\":\"a:b:\",\"RetentionPeriod\":\"1.00:00:00\"}]",
                                "[{\"TagPrefix\":\"drop-by:\",\"RetentionPeriod\":\"soon\"}]",
                                "[{\"TagPrefix\":\"drop-by:\"}]"})
            BOOST_TEST(
                refusal_of_command(".alter " + of + " policy extent_tags_retention '" + bad + "'")
                        .rfind("General_BadRequest", 0) == 0u,
                bad);
    }
}

BOOST_AUTO_TEST_CASE(hidden_tables_are_listed)
{
    static_cast<void>(command(".create table A (a:string) with (hidden=true, folder='f', "
                              "docstring='d')"));
    static_cast<void>(command(".create-merge table B (a:string) with (hidden=true)"));
    static_cast<void>(command(".create-merge table C (a:string)"));
    auto const hidden = [&](std::string const& table)
    { return show(command(".show table " + table + " details | project Hidden")); };
    BOOST_TEST(hidden("A") + hidden("B") + hidden("C") == "truetruefalse");
    BOOST_TEST(show(command(".show tables | project TableName, Folder, DocString")) ==
               "'A','f','d' 'B','','' 'C','',''");
    static_cast<void>(command(".create-merge table A (b:long) with (hidden=false)"));
    BOOST_TEST(hidden("A") == "false");
    BOOST_TEST(show(command(".show table A cslschema | project Schema, Folder")) ==
               "'a:string,b:long','f'");
    BOOST_TEST(refusal_of_command(".create table D (a:string) with (hidden=maybe)")
                   .rfind("General_BadRequest", 0) == 0u);
}

BOOST_AUTO_TEST_CASE(inline_ingestion)
{
    static_cast<void>(command(".create table T (a:string, b:long)"));
    auto const done = command(".ingest inline into table ['T'] with (format='psv', "
                              "ignoreFirstRecord=true, tags='[\"t\"]') <|\na|b\nx, y|5\n");
    BOOST_TEST(columns(done) ==
               "ExtentId:guid,ItemLoaded:string,Duration:timespan,HasErrors:bool,OperationId:guid");
    BOOST_TEST(done.rows.size() == 1u);
    BOOST_TEST(refusal_of_command(".ingest inline into table T <| 1")
                   .rfind("Stream_WrongNumberOfFields", 0) == 0u);
    BOOST_TEST(refusal_of_command(".ingest inline into table T with (colour='red') <| a,1")
                   .rfind("BadRequest_IngestionPropertyNotSupportedInThisContext", 0) == 0u);
}

BOOST_AUTO_TEST_CASE(other_commands)
{
    BOOST_TEST(show(command(".show version | project ServiceType")) == "'Engine'");
    BOOST_TEST(show(command(".show databases | project DatabaseName, IsCurrent")) ==
               "'db',true 'Other',false");
    static_cast<void>(command(".create table T (a:string)"));
    BOOST_TEST(show(command(".clear table T cache streamingingestion schema")) ==
               "'Local','Succeeded'");
    for (char const* unknown :
         {"", "show tables", ".", ".show", ".show nothing", ".show table T nothing",
          ".purge table T", ".rename table T to U", ".show tables details", ".create table",
          ".ingest into table T", ".create function f() {T}", ".show tables | nope",
          ".drop table T extra"})
    {
        auto const refusal = refusal_of_command(unknown);
        BOOST_TEST((refusal.rfind("SYN0002", 0) == 0 || refusal.rfind("SEM0001", 0) == 0),
                   unknown << " gave " << refusal);
    }
    BOOST_TEST(show(command(".show tables | count")) == "1");
}

BOOST_AUTO_TEST_SUITE_END()

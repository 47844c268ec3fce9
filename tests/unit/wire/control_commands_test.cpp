#include <wire/control_commands.hpp>

#include <boost/test/unit_test.hpp>
#include <kusto/error.hpp>

using namespace kusto;

namespace
{

table_schema const columns{{"id", "long"}, {"a b", "string"}};

wire::commit_record sample()
{
    wire::commit_record made;
    made.job = "job";
    made.owner = "o";
    made.checkpoint = 7;
    made.table = "T";
    made.rows = 10;
    made.position = "offset 5";
    return made;
}

bool is_invalid_record(error const& e)
{
    return e.code() == make_error_code(errc::invalid_record);
}

} // namespace

BOOST_AUTO_TEST_SUITE(control_commands_test)

BOOST_AUTO_TEST_CASE(names_and_tags)
{
    BOOST_TEST(wire::checkpoint_tag("job", 7) == "drop-by:kusto-wal/job/7");
    BOOST_TEST(wire::batch_tag_value("job", 7, 12) == "kusto-wal/job/7/12");
    BOOST_TEST(wire::stage_name("T", "job", 7, 2) == "T__wal_job_7_2");
    BOOST_TEST(wire::stage_prefix("T", "job") == "T__wal_job_");
    BOOST_TEST(wire::checkpoint_tag("j", UINT64_MAX) == "drop-by:kusto-wal/j/18446744073709551615");
}

BOOST_AUTO_TEST_CASE(stage_names_are_read_back)
{
    auto const read = [](std::string_view name) { return wire::parse_stage_name(name, "T", "a"); };
    BOOST_TEST((read("T__wal_a_7_2") == wire::stage_number{7, 2}));
    BOOST_TEST((read("T__wal_a_0_0") == wire::stage_number{0, 0}));
    BOOST_TEST((read(wire::stage_name("T", "a", UINT64_MAX, INT32_MAX)) ==
                wire::stage_number{UINT64_MAX, INT32_MAX}));
    for (auto const* other :
         {"", "T", "T__wal_a_", "T__wal_a_7", "T__wal_a_7_", "T__wal_a__2", "T__wal_a_7_2_",
          "T__wal_a_7_2x", "T__wal_a_-7_2", "T__wal_a_7_-2", "T__wal_a_07_2", "T__wal_a_7_02",
          "T__wal_a_+7_2", "T__wal_b_7_2", "t__wal_a_7_2", "xT__wal_a_7_2",
          "T__wal_a_18446744073709551616_0", "T__wal_a_7_2147483648"})
        BOOST_TEST(!read(other).has_value(), other);
}

BOOST_AUTO_TEST_CASE(stages_of_jobs_that_begin_alike_are_told_apart)
{
    auto const theirs = wire::stage_name("T", "a_1", 7, 0);
    BOOST_TEST(theirs.starts_with(wire::stage_prefix("T", "a")));
    BOOST_TEST(!wire::parse_stage_name(theirs, "T", "a").has_value());
    auto const ours = wire::stage_name("T", "a", 1, 7);
    BOOST_TEST(ours.starts_with(wire::stage_prefix("T", "a")));
    BOOST_TEST(!wire::parse_stage_name(ours, "T", "a_1").has_value());
}

BOOST_AUTO_TEST_CASE(of_stages)
{
    BOOST_TEST(wire::create_stage("S", columns) ==
               ".create table ['S'] (['id']:long, ['a b']:string) with (hidden=true, "
               "folder='kusto-cpp', docstring='Stage of a checkpoint of a kusto-cpp write-ahead "
               "sink; dropped by the sink')");
    BOOST_TEST(wire::stage_batching("S") ==
               R"(.alter table ['S'] policy ingestionbatching '{"MaximumBatchingTimeSpan":)"
               R"("00:00:10","MaximumNumberOfItems":500,"MaximumRawDataSizeMB":1024}')");
    BOOST_TEST(wire::stage_merging("S") ==
               R"(.alter table ['S'] policy merge '{"AllowRebuild":false,"AllowMerge":false}')");
    BOOST_TEST(wire::stage_retention("S") == ".alter-merge table ['S'] policy retention softdelete "
                                             "= 7d recoverability = disabled");
    BOOST_TEST(wire::create_stage_mapping("S", "m", data_format::csv, R"([{"Column":"a"}])") ==
               R"(.create-or-alter table ['S'] ingestion csv mapping 'm' '[{"Column":"a"}]')");
    BOOST_TEST(wire::create_stage_mapping("S", "m", data_format::json, "[]") ==
               ".create-or-alter table ['S'] ingestion json mapping 'm' '[]'");
    BOOST_TEST(wire::drop_table("S") == ".drop table ['S'] ifexists");
    BOOST_TEST(wire::show_tables_like("T__wal_job_") ==
               ".show tables | where TableName startswith_cs 'T__wal_job_' | project TableName");
}

BOOST_AUTO_TEST_CASE(of_extents)
{
    BOOST_TEST(wire::show_extents("S") ==
               ".show table ['S'] extents | project ExtentId, RowCount, Tags");
    BOOST_TEST(wire::show_extents("T", "drop-by:kusto-wal/job/7") ==
               ".show table ['T'] extents where tags has 'drop-by:kusto-wal/job/7' | project "
               "ExtentId, RowCount, Tags");
    BOOST_TEST(wire::move_extents("S", "T",
                                  {"74be27de-1e4e-49d9-b579-fe0b331d3642",
                                   "{E133F050-A1E2-4DAD-8552-1F5CF47CAB69}"}) ==
               ".move extents from table ['S'] to table ['T'] with (setNewIngestionTime=true) "
               "(74be27de-1e4e-49d9-b579-fe0b331d3642, e133f050-a1e2-4dad-8552-1f5cf47cab69)");
    BOOST_TEST(wire::move_all_extents("S", "T") ==
               ".move extents all from table ['S'] to table ['T']");
    BOOST_TEST(wire::drop_extent_tags("T", {"drop-by:a/1"}) ==
               ".drop table ['T'] extent tags ('drop-by:a/1')");
    BOOST_TEST(wire::drop_extent_tags("T", {"drop-by:a/1", "drop-by:a/2"}) ==
               ".drop table ['T'] extent tags ('drop-by:a/1', 'drop-by:a/2')");
}

BOOST_AUTO_TEST_CASE(an_extent_id_that_is_no_guid_is_refused)
{
    for (auto const* id : {"", "7", "74be27de-1e4e-49d9-b579-fe0b331d364g",
                           "74be27de-1e4e-49d9-b579-fe0b331d3642) <| x"})
        BOOST_CHECK_EXCEPTION((void)wire::move_extents("S", "T", {id}), error, is_invalid_record);
}

BOOST_AUTO_TEST_CASE(of_the_commit_table)
{
    BOOST_TEST(wire::create_commit_table("kusto_checkpoints") ==
               ".create-merge table ['kusto_checkpoints'] (['job']:string, ['target']:string, "
               "['owner']:string, ['checkpoint']:long, ['rows']:long, ['position']:string, "
               "['committed']:datetime) "
               "with (hidden=true, folder='kusto-cpp', docstring='Checkpoints that kusto-cpp "
               "write-ahead sinks have committed')");
    BOOST_TEST(wire::append_commit("C", sample()) ==
               R"(.set-or-append ['C'] with (tags='["ingest-by:kusto-wal-commit/job/T/7/o"]', )"
               R"(ingestIfNotExists='["kusto-wal-commit/job/T/7/o"]') <| print job='job', )"
               R"(target='T', owner='o', checkpoint=long(7), rows=long(10), position='b2Zmc2V0IDU=', )"
               R"(committed=now())");
    BOOST_TEST(wire::find_commit("C", "job", "T", 7) ==
               "['C'] | where job == 'job' and target == 'T' and checkpoint == 7 | project "
               "checkpoint, position, owner | take 1");
    BOOST_TEST(wire::last_commit("C", "job", "T") ==
               "['C'] | where job == 'job' and target == 'T' | top 1 by checkpoint desc | project "
               "checkpoint, position, owner");
}

BOOST_AUTO_TEST_CASE(the_commit_has_a_tag_of_its_own)
{
    auto const command = wire::append_commit("C", sample());
    BOOST_TEST(command.find(wire::checkpoint_tag("job", 7)) == std::string::npos);
    BOOST_TEST(command.find("ingest-by:kusto-wal/") == std::string::npos);
    auto other = sample();
    for (auto change : {+[](wire::commit_record& r) { r.job = "other"; },
                        +[](wire::commit_record& r) { r.table = "other"; },
                        +[](wire::commit_record& r) { r.checkpoint = 8; }})
    {
        other = sample();
        change(other);
        auto const until_query = [](std::string const& text)
        { return text.substr(0, text.find("<|")); };
        BOOST_TEST(until_query(wire::append_commit("C", other)) != until_query(command));
    }
}

BOOST_AUTO_TEST_CASE(positions_are_any_bytes)
{
    auto one = sample();
    one.position = std::string("\0'\n\xff", 4);
    BOOST_TEST(wire::append_commit("C", one).find(", position='ACcK/w==', ") != std::string::npos);
    one.position.clear();
    BOOST_TEST(wire::append_commit("C", one).find(", position='', ") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(of_the_preflight)
{
    BOOST_TEST(wire::show_schema("T") == ".show table ['T'] schema as json");
    BOOST_TEST(wire::show_update_policy("T") == ".show table ['T'] policy update");
    BOOST_TEST(wire::show_update_policies() == ".show table * policy update");
    BOOST_TEST(wire::show_tag_retention("T") == ".show table ['T'] policy extent_tags_retention");
    BOOST_TEST(wire::show_database_tag_retention("D") ==
               ".show database ['D'] policy extent_tags_retention");
    BOOST_TEST(wire::show_mapping("T", "m", data_format::csv) ==
               ".show table ['T'] ingestion csv mapping 'm'");
    BOOST_TEST(wire::show_mapping("T", "m", data_format::json) ==
               ".show table ['T'] ingestion json mapping 'm'");
}

BOOST_AUTO_TEST_CASE(names_beyond_ascii_and_with_all_that_is_allowed)
{
    constexpr auto name = "Größe 1.2-x_表";
    BOOST_TEST(wire::drop_table(name) == ".drop table ['Größe 1.2-x_表'] ifexists");
    BOOST_TEST(wire::show_tag_retention(name) ==
               ".show table ['Größe 1.2-x_表'] policy extent_tags_retention");
    auto one = sample();
    one.table = name;
    BOOST_TEST(wire::append_commit("C", one).find("target='Größe 1.2-x_表'") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_name_cannot_leave_its_brackets)
{
    using builder = std::string (*)(std::string_view);
    builder const builders[] = {
        [](std::string_view n) { return wire::create_stage(n, columns); },
        [](std::string_view n) {
            return wire::create_stage("S", {{std::string(n), "long"}});
        },
        [](std::string_view n) { return wire::stage_batching(n); },
        [](std::string_view n) { return wire::stage_merging(n); },
        [](std::string_view n) { return wire::stage_retention(n); },
        [](std::string_view n)
        { return wire::create_stage_mapping(n, "m", data_format::csv, "[]"); },
        [](std::string_view n) { return wire::drop_table(n); },
        [](std::string_view n) { return wire::show_extents(n); },
        [](std::string_view n) { return wire::show_extents(n, "tag"); },
        [](std::string_view n) { return wire::move_extents(n, "T", {}); },
        [](std::string_view n) { return wire::move_extents("S", n, {}); },
        [](std::string_view n) { return wire::move_all_extents(n, "T"); },
        [](std::string_view n) { return wire::move_all_extents("S", n); },
        [](std::string_view n) { return wire::drop_extent_tags(n, {"t"}); },
        [](std::string_view n) { return wire::create_commit_table(n); },
        [](std::string_view n) { return wire::append_commit(n, sample()); },
        [](std::string_view n) { return wire::find_commit(n, "job", "T", 1); },
        [](std::string_view n) { return wire::last_commit(n, "job", "T"); },
        [](std::string_view n) { return wire::show_schema(n); },
        [](std::string_view n) { return wire::show_update_policy(n); },
        [](std::string_view n) { return wire::show_tag_retention(n); },
        [](std::string_view n) { return wire::show_database_tag_retention(n); },
        [](std::string_view n) { return wire::show_mapping(n, "m", data_format::csv); },
    };
    for (auto const* name : {"", "a'b", "a\\", "a\"b", "a]b", "a;b", "a\nb", "a|b", "a\xff"})
        for (auto const build : builders)
            BOOST_CHECK_EXCEPTION((void)build(name), error, is_invalid_record);
    for (auto const build : builders)
        BOOST_CHECK_NO_THROW((void)build("a b"));
}

BOOST_AUTO_TEST_CASE(texts_are_escaped)
{
    struct row
    {
        std::string_view text;
        std::string_view literal;
    };
    for (auto const& r :
         {row{"m' '[]' ; .drop table T", R"('m\' \'[]\' ; .drop table T')"},
          row{R"(m\)", R"('m\\')"}, row{"m\"", R"('m"')"}, row{"m\r\n.drop", R"('m\r\n.drop')"},
          row{"m\x01", R"('m\u0001')"}, row{"Größe表", "'Größe表'"}, row{"", "''"}})
    {
        std::string const literal(r.literal);
        BOOST_TEST_CONTEXT(literal)
        {
            BOOST_TEST(wire::create_stage_mapping("S", r.text, data_format::csv, r.text) ==
                       ".create-or-alter table ['S'] ingestion csv mapping " + literal + " " +
                           literal);
            BOOST_TEST(wire::show_mapping("T", r.text, data_format::csv) ==
                       ".show table ['T'] ingestion csv mapping " + literal);
            BOOST_TEST(wire::show_tables_like(r.text) ==
                       ".show tables | where TableName startswith_cs " + literal +
                           " | project TableName");
            BOOST_TEST(wire::show_extents("T", r.text) ==
                       ".show table ['T'] extents where tags has " + literal +
                           " | project ExtentId, RowCount, Tags");
            BOOST_TEST(wire::drop_extent_tags("T", {std::string(r.text)}) ==
                       ".drop table ['T'] extent tags (" + literal + ")");
            BOOST_TEST(wire::last_commit("C", r.text, r.text) ==
                       "['C'] | where job == " + literal + " and target == " + literal +
                           " | top 1 by checkpoint desc | project checkpoint, position, owner");
        }
    }
}

BOOST_AUTO_TEST_CASE(a_tag_is_escaped_twice)
{
    auto one = sample();
    one.job = R"(a"b'c\d)";
    auto const command = wire::append_commit("C", one);
    BOOST_TEST(command.find(R"(ingestIfNotExists='["kusto-wal-commit/a\\"b\'c\\\\d/T/7/o"]')") !=
               std::string::npos);
    BOOST_TEST(command.find(R"(print job='a"b\'c\\d')") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(bad_schemas_are_refused)
{
    for (auto const& bad :
         {table_schema{}, table_schema{{"a", "text"}}, table_schema{{"a", "long"}, {"a", "long"}}})
        BOOST_CHECK_EXCEPTION((void)wire::create_stage("S", bad), error, is_invalid_record);
}

BOOST_AUTO_TEST_SUITE_END()

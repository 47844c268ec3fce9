#include <wire/control_replies.hpp>

#include <boost/test/unit_test.hpp>

using namespace kusto;
using namespace std::chrono_literals;
using texts = std::vector<std::string>;

namespace
{

constexpr auto id_text = "74be27de-1e4e-49d9-b579-fe0b331d3642";

table with_columns(std::vector<std::string> const& names, std::vector<std::vector<value>> rows)
{
    std::vector<table::column> columns;
    for (auto const& name : names)
        columns.push_back({name, "string"});
    return table("Table_0", std::move(columns), std::move(rows));
}

table extents_reply(std::vector<std::vector<value>> rows)
{
    return with_columns({"ExtentId", "RowCount", "Tags"}, std::move(rows));
}

table policy_reply(value policy)
{
    return with_columns({"PolicyName", "EntityName", "Policy", "ChildEntities", "EntityType"},
                        {{"P", "[D].[T]", std::move(policy), "", "Table"}});
}

table schema_reply(value schema)
{
    return with_columns({"TableName", "Schema", "DatabaseName", "Folder", "DocString"},
                        {{"T", std::move(schema), "D", "", ""}});
}

table commit_reply(value checkpoint, value position)
{
    return with_columns({"checkpoint", "position", "owner"},
                        {{std::move(checkpoint), std::move(position), value("o")}});
}

/// Malformed, stage commit, and the message does not quote the reply.
template <class T>
void check_malformed(result<T> const& read, std::string const& named = "")
{
    BOOST_REQUIRE(read.has_error());
    BOOST_TEST((read.error().code() == errc::malformed_reply));
    BOOST_TEST((read.error().where() == stage::commit));
    BOOST_TEST(!read.error().retryable());
    BOOST_TEST(read.error().message().find("secret") == std::string::npos);
    BOOST_TEST(read.error().message().find(named) != std::string::npos, read.error().message());
}

std::optional<std::chrono::seconds> retention(value policy, std::string_view which)
{
    return wire::read_tag_retention(policy_reply(std::move(policy)), which).value();
}

bool is_enabled(result<wire::update_policy_answer> const& read)
{
    return read.value() == wire::update_policy_answer::enabled;
}

} // namespace

BOOST_AUTO_TEST_SUITE(control_replies_test)

BOOST_AUTO_TEST_CASE(extents)
{
    auto const read =
        wire::read_extents(extents_reply({{guid::parse(id_text), std::int64_t(5'000'000'000),
                                           "drop-by:kusto-wal/job/7\r\nother tag"},
                                          {"{E133F050-A1E2-4DAD-8552-1F5CF47CAB69}", 3, value()}}));
    BOOST_REQUIRE(read.has_value());
    BOOST_REQUIRE(read->size() == 2);
    BOOST_TEST(read->at(0).id == id_text);
    BOOST_TEST(read->at(0).rows == 5'000'000'000U);
    BOOST_TEST(read->at(0).tags == (texts{"drop-by:kusto-wal/job/7", "other tag"}));
    BOOST_TEST(read->at(1).id == "e133f050-a1e2-4dad-8552-1f5cf47cab69");
    BOOST_TEST(read->at(1).rows == 3U);
    BOOST_TEST(read->at(1).tags.empty());
    BOOST_TEST(wire::read_extents(extents_reply({})).value().empty());
}

BOOST_AUTO_TEST_CASE(tags_of_extents)
{
    struct row
    {
        char const* text;
        texts tags;
    };
    for (auto const& r :
         {row{"", {}}, row{"a", {"a"}}, row{"a\r\nb", {"a", "b"}}, row{"a\nb\n", {"a", "b"}},
          row{"\r\na\r\n\r\nb c", {"a", "b c"}}, row{"\r\n", {}}, row{"ä;'\\", {"ä;'\\"}}})
    {
        auto const read = wire::read_extents(extents_reply({{id_text, 1, r.text}}));
        BOOST_TEST(read.value().at(0).tags == r.tags);
    }
}

BOOST_AUTO_TEST_CASE(columns_are_found_in_any_order_and_case)
{
    auto const read = wire::read_extents(
        with_columns({"TAGS", "Other", "rowcount", "extentid"}, {{"t", "secret", 4, id_text}}));
    BOOST_TEST(read.value().at(0).rows == 4U);
    BOOST_TEST(read.value().at(0).tags == (texts{"t"}));
}

BOOST_AUTO_TEST_CASE(malformed_extents)
{
    check_malformed(wire::read_extents(table()), "ExtentId");
    check_malformed(wire::read_extents(with_columns({"RowCount", "Tags"}, {})), "ExtentId");
    check_malformed(wire::read_extents(with_columns({"ExtentId", "Tags"}, {})), "RowCount");
    check_malformed(wire::read_extents(with_columns({"ExtentId", "RowCount"}, {})), "Tags");
    for (auto const& id : {value(), value("secret"), value(""), value(5), value(true)})
        check_malformed(wire::read_extents(extents_reply({{id, 1, ""}})), "ExtentId");
    for (auto const& rows : {value(), value("5"), value(-1), value(1.5), value(true)})
        check_malformed(wire::read_extents(extents_reply({{id_text, rows, ""}})), "RowCount");
    for (auto const& tags : {value(5), value(true), value(guid())})
        check_malformed(wire::read_extents(extents_reply({{id_text, 1, tags}})), "Tags");
    // One bad row spoils the whole: what it was about is not known.
    check_malformed(wire::read_extents(extents_reply({{id_text, 1, ""}, {id_text, -1, ""}})));
}

BOOST_AUTO_TEST_CASE(names)
{
    auto const read =
        wire::read_names(with_columns({"TableName"}, {{"T__wal_a_1_1"}, {"Größe 1"}}));
    BOOST_TEST(read.value() == (texts{"T__wal_a_1_1", "Größe 1"}));
    BOOST_TEST(wire::read_names(with_columns({"TableName"}, {})).value().empty());
    check_malformed(wire::read_names(table()), "TableName");
    check_malformed(wire::read_names(with_columns({"Name"}, {{"T"}})), "TableName");
    for (auto const& name : {value(), value(""), value(5)})
        check_malformed(wire::read_names(with_columns({"TableName"}, {{name}})), "TableName");
}

BOOST_AUTO_TEST_CASE(schemas)
{
    auto const read = wire::read_schema(schema_reply(
        R"({"Name":"T","OrderedColumns":[)"
        R"({"Name":"a","Type":"System.Int64","CslType":"long","DocString":"x"},)"
        R"({"Name":"b c","Type":"System.Data.SqlTypes.SqlDecimal"},)"
        R"({"Name":"d","CslType":"string"},{"Name":"e","Type":"System.SByte","CslType":"bool"}]})"));
    table_schema const expected{{"a", "long"}, {"b c", "decimal"}, {"d", "string"}, {"e", "bool"}};
    BOOST_TEST((read.value() == expected));
    BOOST_TEST(wire::read_schema(schema_reply(R"({"OrderedColumns":[]})")).value().empty());
    auto const parsed = dynamic::unchecked(R"({"OrderedColumns":[{"Name":"a","CslType":"int"}]})");
    BOOST_TEST(wire::read_schema(schema_reply(parsed)).value().at(0).type == "int");
}

BOOST_AUTO_TEST_CASE(malformed_schemas)
{
    check_malformed(wire::read_schema(table()), "Schema");
    check_malformed(wire::read_schema(with_columns({"Schema"}, {})), "0 rows");
    check_malformed(wire::read_schema(with_columns({"Schema"}, {{"{}"}, {"{}"}})), "2 rows");
    check_malformed(wire::read_schema(schema_reply(5)), "Schema");
    for (auto const* text :
         {"", "null", "[]", "{", "secret", "{}", R"({"OrderedColumns":null})",
          R"({"OrderedColumns":{}})", R"({"OrderedColumns":["secret"]})",
          R"({"OrderedColumns":[{"Name":"secret"}]})", R"({"OrderedColumns":[{"CslType":"long"}]})",
          R"({"OrderedColumns":[{"Name":5,"CslType":"long"}]})",
          R"({"OrderedColumns":[{"Name":"a","CslType":"long"},{"Name":"","CslType":"long"}]})"})
        check_malformed(wire::read_schema(schema_reply(text)), "chema");
}

BOOST_AUTO_TEST_CASE(update_policies)
{
    struct row
    {
        char const* policy;
        bool enabled;
    };
    for (auto const& r :
         {row{"", false}, row{"null", false}, row{"[]", false},
          row{R"([{"IsEnabled":true}])", true}, row{R"([{"IsEnabled":false,"Source":"S"}])", false},
          row{R"([{"Source":"S"}])", true}, row{R"([{"IsEnabled":"True"}])", true},
          row{R"([{"IsEnabled":"false"}])", false},
          row{R"([{"IsEnabled":false},{"IsEnabled":true}])", true}})
        BOOST_TEST(is_enabled(wire::read_update_policy(policy_reply(r.policy))) == r.enabled,
                   r.policy);
    BOOST_TEST(!is_enabled(wire::read_update_policy(policy_reply(value()))));
    BOOST_TEST(!is_enabled(wire::read_update_policy(with_columns({"Policy"}, {}))));
    BOOST_TEST(is_enabled(
        wire::read_update_policy(policy_reply(dynamic::unchecked(R"([{"IsEnabled":true}])")))));
}

BOOST_AUTO_TEST_CASE(update_policies_that_a_table_triggers)
{
    struct row
    {
        char const* policy;
        bool enabled;
    };
    for (auto const& r :
         {row{"[]", false}, row{R"([{"IsEnabled":true,"Source":"T"}])", true},
          row{R"([{"Source":"T"}])", true}, row{R"([{"IsEnabled":false,"Source":"T"}])", false},
          row{R"([{"IsEnabled":true,"Source":"T2"}])", false},
          row{R"([{"IsEnabled":true,"Source":"t"}])", false},
          row{R"([{"IsEnabled":true,"Source":"T*"}])", false},
          row{R"([{"IsEnabled":true,"Source":"*","SourceIsWildCard":false}])", false},
          row{R"([{"IsEnabled":true,"SourceIsWildCard":true}])", false},
          row{R"([{"IsEnabled":true}])", false}})
        BOOST_TEST(is_enabled(wire::read_update_policies(policy_reply(r.policy), "T")) == r.enabled,
                   r.policy);
    auto const all = with_columns({"Policy"}, {{value()}, {"null"}, {R"([{"Source":"T"}])"}});
    BOOST_TEST(is_enabled(wire::read_update_policies(all, "T")));
    BOOST_TEST(!is_enabled(wire::read_update_policies(all, "U")));
}

BOOST_AUTO_TEST_CASE(wildcards_of_update_policies)
{
    struct row
    {
        char const* pattern;
        bool matches;
    };
    for (auto const& r :
         {row{"*", true}, row{"Events__wal_a_1_1", true}, row{"Ev*", true}, row{"*_1", true},
          row{"E*wal*1", true}, row{"**a**", true}, row{"*a*_1_1*", true}, row{"Events", false},
          row{"*s", false}, row{"ev*", false}, row{"*_1_2", false}, row{"E*wal*b*", false},
          row{"", false}, row{"Events__wal_a_1_1?*", false}})
    {
        auto const text =
            R"([{"SourceIsWildCard":true,"Source":")" + std::string(r.pattern) + R"("}])";
        auto const read = wire::read_update_policies(policy_reply(text), "Events__wal_a_1_1");
        BOOST_TEST(is_enabled(read) == r.matches, r.pattern);
    }
}

BOOST_AUTO_TEST_CASE(malformed_policies)
{
    auto const check = [](table const& reply)
    {
        check_malformed(wire::read_update_policy(reply), "olicy");
        check_malformed(wire::read_update_policies(reply, "T"), "olicy");
        check_malformed(wire::read_tag_retention(reply, "drop-by:"), "olicy");
    };
    check(table());
    check(with_columns({"PolicyName", "EntityName"}, {{"P", "T"}}));
    for (auto const* text : {"{", "secret", "{}", "5", "\"x\"", "[null]", "[\"secret\"]", "[[]]"})
        check(policy_reply(text));
    check(policy_reply(5));
}

BOOST_AUTO_TEST_CASE(tag_retention)
{
    struct row
    {
        char const* policy;
        std::optional<std::chrono::seconds> dropped;
        std::optional<std::chrono::seconds> ingested;
    };
    for (auto const& r :
         {row{"null", {}, {}}, row{"", {}, {}}, row{"[]", {}, {}},
          row{R"([{"TagPrefix":"drop-by:","RetentionPeriod":"1.00:00:00"}])", 24h, {}},
          row{R"([{"TagPrefix":"drop-by:","RetentionPeriod":"3.00:00:00"},)"
              R"({"TagPrefix":"ingest-by:","RetentionPeriod":"02:00:00"}])",
              72h, 2h},
          row{R"([{"TagPrefix":"drop-by:","RetentionPeriod":"3.00:00:00"},)"
              R"({"TagPrefix":"drop-by:","RetentionPeriod":"00:00:01.9999999"},)"
              R"({"TagPrefix":"drop-by:","RetentionPeriod":"4.00:00:00"}])",
              1s,
              {}},
          row{R"([{"TagPrefix":"drop-by:kusto-wal/x:","RetentionPeriod":"00:01:00"}])", 1min, {}},
          row{R"([{"TagPrefix":"d","RetentionPeriod":"00:01:00"}])", 1min, {}},
          row{R"([{"TagPrefix":"Ingest-By:","RetentionPeriod":"00:01:00"}])", {}, 1min},
          row{R"([{"TagPrefix":"","RetentionPeriod":"00:00:00"}])", 0s, 0s},
          row{R"([{"TagPrefix":"other:","RetentionPeriod":"00:01:00"}])", {}, {}},
          row{R"([{"TagPrefix":"drop-bye:","RetentionPeriod":"00:01:00"}])", {}, {}},
          row{R"([{"TagPrefix":"drop-by:","RetentionPeriod":"365000.00:00:00"}])", 8'760'000h, {}}})
    {
        BOOST_TEST_CONTEXT(r.policy)
        {
            BOOST_TEST((retention(r.policy, "drop-by:") == r.dropped));
            BOOST_TEST((retention(r.policy, "ingest-by:") == r.ingested));
        }
    }
    BOOST_TEST(!retention(value(), "drop-by:").has_value());
}

BOOST_AUTO_TEST_CASE(malformed_tag_retention)
{
    for (auto const* text :
         {R"([{}])", R"([{"TagPrefix":"drop-by:"}])", R"([{"RetentionPeriod":"00:01:00"}])",
          R"([{"TagPrefix":5,"RetentionPeriod":"00:01:00"}])",
          R"([{"TagPrefix":"drop-by:","RetentionPeriod":"secret"}])",
          R"([{"TagPrefix":"drop-by:","RetentionPeriod":60}])",
          R"([{"TagPrefix":"drop-by:","RetentionPeriod":"-00:01:00"}])",
          R"([{"TagPrefix":"drop-by:","RetentionPeriod":"24:00:00"}])",
          R"([{"TagPrefix":"other:","RetentionPeriod":"soon"}])"})
        check_malformed(wire::read_tag_retention(policy_reply(text), "drop-by:"), "tags");
}

BOOST_AUTO_TEST_CASE(mappings)
{
    auto const reply = with_columns({"Name", "Kind", "Mapping", "Database", "Table"},
                                    {{"other", "Csv", "[1]", "D", "T"},
                                     {"m", "Csv", R"([{"Column":"it's"}])", "D", "T"},
                                     {"M", "Csv", "[2]", "D", "T"}});
    BOOST_TEST((wire::read_mapping(reply, "m").value() == R"([{"Column":"it's"}])"));
    BOOST_TEST((wire::read_mapping(reply, "M").value() == "[2]"));
    BOOST_TEST(!wire::read_mapping(reply, "n").value().has_value());
    BOOST_TEST(!wire::read_mapping(with_columns({"Name", "Mapping"}, {}), "m").value().has_value());
}

BOOST_AUTO_TEST_CASE(malformed_mappings)
{
    check_malformed(wire::read_mapping(table(), "m"), "Name");
    check_malformed(wire::read_mapping(with_columns({"Mapping"}, {{"[]"}}), "m"), "Name");
    check_malformed(wire::read_mapping(with_columns({"Name"}, {{"m"}}), "m"), "Mapping");
    for (auto const& mapping : {value(), value(""), value("[secret"), value(5)})
        check_malformed(
            wire::read_mapping(with_columns({"Name", "Mapping"}, {{"m", mapping}}), "m"),
            "Mapping");
    check_malformed(wire::read_mapping(with_columns({"Name", "Mapping"}, {{5, "[]"}}), "m"),
                    "Name");
}

BOOST_AUTO_TEST_CASE(moves)
{
    std::vector<std::string> const columns{"OriginalExtentId", "ResultExtentId", "Details"};
    BOOST_TEST(wire::read_move(with_columns(columns, {})).value() == 0U);
    BOOST_TEST(wire::read_move(with_columns(columns, {{id_text, id_text, ""},
                                                      {id_text, guid::parse(id_text), value()}}))
                   .value() == 2U);
    for (auto const* failed : {"Failed", "failed"})
    {
        auto const read = wire::read_move(
            with_columns(columns, {{id_text, id_text, ""}, {id_text, failed, "secret"}}));
        BOOST_REQUIRE(read.has_error());
        BOOST_TEST((read.error().code() == errc::query_failed));
        BOOST_TEST((read.error().where() == stage::commit));
        BOOST_TEST(read.error().message().find("secret") == std::string::npos);
    }
    check_malformed(wire::read_move(table()), "ResultExtentId");
    for (auto const& id : {value(), value(""), value("secret"), value(5)})
        check_malformed(wire::read_move(with_columns(columns, {{id_text, id, ""}})),
                        "ResultExtentId");
}

BOOST_AUTO_TEST_CASE(commits)
{
    auto const read = wire::read_commit(commit_reply(std::int64_t(7), "ACcK/w==")).value();
    BOOST_REQUIRE(read.has_value());
    BOOST_TEST(read->checkpoint == 7U);
    BOOST_TEST(read->owner == "o");
    BOOST_TEST(read->position == std::string("\0'\n\xff", 4));
    BOOST_TEST(wire::read_commit(commit_reply(0, "")).value()->position.empty());
    BOOST_TEST(wire::read_commit(commit_reply(0, value())).value()->position.empty());
    BOOST_TEST(
        !wire::read_commit(with_columns({"checkpoint", "position", "owner"}, {})).value().has_value());
}

BOOST_AUTO_TEST_CASE(malformed_commits)
{
    check_malformed(wire::read_commit(table()), "checkpoint");
    check_malformed(wire::read_commit(with_columns({"checkpoint"}, {})), "position");
    check_malformed(wire::read_commit(with_columns({"position"}, {{""}})), "checkpoint");
    for (auto const& checkpoint : {value(), value("7"), value(-7), value(7.0)})
        check_malformed(wire::read_commit(commit_reply(checkpoint, "")), "checkpoint");
    for (auto const& position : {value("secret!"), value("YQ"), value(5)})
        check_malformed(wire::read_commit(commit_reply(7, position)), "position");
}

BOOST_AUTO_TEST_CASE(a_row_that_is_too_short)
{
    auto const reply = with_columns({"checkpoint", "position"}, {{7}});
    check_malformed(wire::read_commit(reply), "position");
}

BOOST_AUTO_TEST_SUITE_END()

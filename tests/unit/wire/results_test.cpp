#include "replies.hpp"

#include <boost/test/unit_test.hpp>
#include <cmath>
#include <wire/management.hpp>

using namespace kusto;
using namespace kusto::test;

namespace
{

result<table> v1(std::string body)
{
    canned_reply const from(200, std::move(body));
    return wire::parse_v1(from);
}

result<table> v2(std::string body)
{
    canned_reply const from(200, std::move(body), {}, stage::query);
    return wire::parse_v2(from);
}

std::string one_column(std::string const& type, std::string const& cell)
{
    return R"({"Tables":[{"TableName":"T","Columns":[{"ColumnName":"c","ColumnType":")" + type +
           R"("}],"Rows":[[)" + cell + "]]}]}";
}

value cell(std::string const& type, std::string const& text)
{
    auto const rows = v1(one_column(type, text));
    BOOST_REQUIRE_MESSAGE(rows, type << ' ' << text << ' '
                                     << (rows ? std::string() : rows.error().describe()));
    return rows->at(0, "c");
}

std::string const completion =
    R"({"FrameType":"DataSetCompletion","HasErrors":false,"Cancelled":false})";
std::string const header =
    R"({"FrameType":"DataSetHeader","IsProgressive":false,"Version":"v2.0"})";
std::string const primary_columns =
    R"("TableKind":"PrimaryResult","TableName":"PrimaryResult","Columns":[{"ColumnName":"n","ColumnType":"long"}])";

} // namespace

BOOST_AUTO_TEST_SUITE(results_test)

BOOST_AUTO_TEST_CASE(cells_of_every_type)
{
    BOOST_TEST(cell("string", R"("a\u20ac")").get<std::string>() == "a\xe2\x82\xac");
    BOOST_TEST(cell("string", R"("")").get<std::string>().empty());
    BOOST_TEST(cell("long", "9223372036854775807").get<std::int64_t>() == INT64_MAX);
    BOOST_TEST(cell("long", "-9223372036854775808").get<std::int64_t>() == INT64_MIN);
    BOOST_TEST(cell("long", R"("9007199254740993")").get<std::int64_t>() == 9007199254740993);
    BOOST_TEST(cell("int", "-2147483648").get<std::int32_t>() == INT32_MIN);
    BOOST_TEST(cell("real", "1.5").get<double>() == 1.5);
    BOOST_TEST(cell("real", "7").get<double>() == 7.0);
    BOOST_TEST(std::isnan(cell("real", R"("NaN")").get<double>()));
    BOOST_TEST(cell("real", R"("Infinity")").get<double>() == HUGE_VAL);
    BOOST_TEST(cell("real", R"("-Infinity")").get<double>() == -HUGE_VAL);
    BOOST_TEST(cell("bool", "true").get<bool>());
    BOOST_TEST(!cell("bool", "0").get<bool>());
    BOOST_TEST((cell("decimal", R"("123456789012345678901234567890.1234")").get<decimal>() ==
                decimal::parse("123456789012345678901234567890.1234")));
    BOOST_TEST((cell("datetime", R"("2026-11-22T10:59:46.1234567Z")").get<datetime>() ==
                datetime(2026, 11, 22, 10, 59, 46, 1234567)));
    BOOST_TEST((cell("timespan", R"("-1.02:03:04.0000005")").get<timespan>() ==
                timespan::parse("-1.02:03:04.0000005")));
    BOOST_TEST(cell("guid", R"("74be27de-1e4e-49d9-b579-fe0b331d3642")").get<guid>().to_string() ==
               "74be27de-1e4e-49d9-b579-fe0b331d3642");
    BOOST_TEST(cell("dynamic", R"({"a":[1,2.5,null]})").get<dynamic>().text() ==
               R"({"a":[1,2.5E0,null]})");
    BOOST_TEST(cell("dynamic", R"("{\"a\": 1}")").get<dynamic>().text() == R"({"a": 1})");
    BOOST_TEST(cell("dynamic", R"("plain text")").get<dynamic>().text() == R"("plain text")");
    for (char const* type : {"string", "long", "int", "real", "bool", "decimal", "datetime",
                             "timespan", "guid", "dynamic", "unheard-of"})
        BOOST_TEST(cell(type, "null").is_null(), type);
    BOOST_TEST(cell("unheard-of", "[1]").get<std::string>() == "[1]");
}

BOOST_AUTO_TEST_CASE(cells_that_do_not_fit_are_malformed)
{
    struct row
    {
        char const* type;
        char const* cell;
    };
    for (auto const& r :
         {row{"long", "9223372036854775808"}, row{"long", "1.5"}, row{"long", R"("x")"},
          row{"int", "2147483648"}, row{"bool", "2"}, row{"real", R"("x")"}, row{"guid", "1"},
          row{"datetime", R"("yesterday")"}, row{"timespan", "3"}, row{"decimal", R"("1,5")"}})
    {
        auto const rows = v1(one_column(r.type, r.cell));
        BOOST_TEST_CONTEXT(r.type << ' ' << r.cell)
        {
            BOOST_REQUIRE(!rows);
            BOOST_TEST((rows.error().code() == errc::malformed_reply));
            BOOST_TEST(has(rows.error().message(), r.type));
        }
    }
}

BOOST_AUTO_TEST_CASE(net_type_names)
{
    struct row
    {
        char const* data_type;
        char const* type;
    };
    for (auto const& r :
         {row{"String", "string"}, row{"Int64", "long"}, row{"System.Int32", "int"},
          row{"Double", "real"}, row{"DateTime", "datetime"}, row{"TimeSpan", "timespan"},
          row{"SByte", "bool"}, row{"Boolean", "bool"}, row{"Guid", "guid"},
          row{"System.Data.SqlTypes.SqlDecimal", "decimal"}, row{"Object", "dynamic"}})
    {
        auto const rows =
            v1(std::string(R"({"Tables":[{"Columns":[{"ColumnName":"c","DataType":")") +
               r.data_type + R"("}],"Rows":[]}]})");
        BOOST_REQUIRE(rows);
        BOOST_TEST(rows->columns()[0].type == r.type);
    }
}

BOOST_AUTO_TEST_CASE(the_primary_table_of_many)
{
    auto const toc =
        R"({"TableName":"Table_2","Columns":[{"ColumnName":"Ordinal","ColumnType":"long"},
      {"ColumnName":"Kind","ColumnType":"string"},{"ColumnName":"Name","ColumnType":"string"}],
      "Rows":[[0,"QueryProperties","p"],[1,"QueryResult","r"],[2,"QueryStatus","s"]]})";
    auto const body = [&](std::string const& severity)
    {
        return R"({"Tables":[{"TableName":"P","Columns":[{"ColumnName":"x","ColumnType":"int"}],"Rows":[]},
          {"TableName":"R","Columns":[{"ColumnName":"n","ColumnType":"long"}],"Rows":[[5]]},
          {"TableName":"S","Columns":[{"ColumnName":"Severity","ColumnType":"int"},
            {"ColumnName":"StatusDescription","ColumnType":"string"}],"Rows":[[4,"ok"],[)" +
               severity + R"(,"ran out of memory"]]},)" + toc + "]}";
    };
    auto const rows = v1(body("4"));
    BOOST_REQUIRE(rows);
    BOOST_TEST(rows->name() == "R");
    BOOST_TEST(rows->at(0, "n").get<std::int64_t>() == 5);
    auto const failed = v1(body("2"));
    BOOST_REQUIRE(!failed);
    BOOST_TEST((failed.error().code() == errc::query_failed));
    BOOST_TEST(failed.error().server_text() == "ran out of memory");
}

BOOST_AUTO_TEST_CASE(errors_inside_of_a_v1_result)
{
    auto const top =
        v1(R"({"Tables":[{"Columns":[],"Rows":[]}],"Exceptions":["limits exceeded"]})");
    BOOST_REQUIRE(!top);
    BOOST_TEST((top.error().code() == errc::query_failed));
    BOOST_TEST(top.error().server_text() == "limits exceeded");
    auto const row = v1(
        R"({"Tables":[{"Columns":[{"ColumnName":"c","ColumnType":"int"}],"Rows":[[1],{"Exceptions":["late"]}]}]})");
    BOOST_REQUIRE(!row);
    BOOST_TEST(row.error().server_text() == "late");
}

BOOST_AUTO_TEST_CASE(broken_v1_results)
{
    for (char const* body :
         {"", "null", "[]", "{}", R"({"Tables":[]})", R"({"Tables":[{"Columns":[]}]})",
          R"({"Tables":[{"Columns":[{"ColumnName":"a"}],"Rows":[[1,2]]}]})",
          R"({"Tables":[{"Columns":[{"ColumnName":"a"}],"Rows":[{"x":1}]}]})",
          R"({"Tables":[{"Columns":[{"ColumnName":"a"}],"Rows":[[1])"})
    {
        auto const rows = v1(body);
        BOOST_TEST_CONTEXT(body)
        {
            BOOST_REQUIRE(!rows);
            BOOST_TEST((rows.error().code() == errc::malformed_reply));
        }
    }
}

BOOST_AUTO_TEST_CASE(v2_data_table)
{
    auto const rows =
        v2('[' + header + R"(,{"FrameType":"DataTable","TableId":0,"TableKind":"QueryProperties",
      "TableName":"q","Columns":[],"Rows":[]},{"FrameType":"DataTable","TableId":1,)" +
           primary_columns + R"(,"Rows":[[1],[2]]},)" + completion + ']');
    BOOST_REQUIRE(rows);
    BOOST_TEST(rows->size() == 2u);
    BOOST_TEST(rows->at(1, "n").get<std::int64_t>() == 2);
}

BOOST_AUTO_TEST_CASE(v2_fragments)
{
    auto const rows = v2(
        '[' + header + R"(,{"FrameType":"TableHeader","TableId":1,)" + primary_columns +
        R"(},{"FrameType":"TableFragment","TableId":1,"TableFragmentType":"DataAppend","Rows":[[9]]},
      {"FrameType":"TableFragment","TableId":7,"TableFragmentType":"DataAppend","Rows":[["x"]]},
      {"FrameType":"TableProgress","TableId":1,"TableProgress":50},
      {"FrameType":"TableFragment","TableId":1,"TableFragmentType":"DataReplace","Rows":[[1]]},
      {"FrameType":"TableFragment","TableId":1,"TableFragmentType":"DataAppend","Rows":[[2]]},
      {"FrameType":"TableCompletion","TableId":1,"RowCount":2},)" +
        completion + ']');
    BOOST_REQUIRE(rows);
    BOOST_TEST(rows->size() == 2u);
    BOOST_TEST(rows->at(0, "n").get<std::int64_t>() == 1);
}

BOOST_AUTO_TEST_CASE(v2_errors)
{
    auto const data = R"({"FrameType":"DataTable","TableId":1,)" + primary_columns;
    std::string const one_api =
        R"([{"error":{"code":"LimitsExceeded","@message":"too much","@permanent":false}}])";
    struct row
    {
        std::string body;
        errc code;
        char const* text;
    };
    for (
        auto const& r :
        {row{'[' + header + ',' + data + R"(,"Rows":[[1]]}])", errc::malformed_reply, ""},
         row{'[' + header + ',' + completion + ']', errc::malformed_reply, ""},
         row{'[' + data + R"(,"Rows":[[1],{"OneApiErrors":)" + one_api + "}]}," + completion + ']',
             errc::query_failed, "too much"},
         row{'[' + data +
                 R"(,"Rows":[[1]]},{"FrameType":"DataSetCompletion","HasErrors":true,"OneApiErrors":)" +
                 one_api + "}]",
             errc::query_failed, "too much"},
         row{'[' + data + R"(,"Rows":[[1]]},{"FrameType":"DataSetCompletion","HasErrors":true}])",
             errc::query_failed, ""},
         row{'[' + data + R"(,"Rows":[[1]]},{"FrameType":"DataSetCompletion","Cancelled":true}])",
             errc::query_failed, ""},
         row{'[' + data + R"(,"Rows":[[1]]},{"FrameType":"TableCompletion","OneApiErrors":)" +
                 one_api + "}," + completion + ']',
             errc::query_failed, "too much"},
         row{"[", errc::malformed_reply, ""}, row{"3", errc::malformed_reply, ""}})
    {
        auto const rows = v2(r.body);
        BOOST_TEST_CONTEXT(r.body)
        {
            BOOST_REQUIRE(!rows);
            BOOST_TEST((rows.error().code() == r.code));
            BOOST_TEST(rows.error().server_text() == r.text);
        }
    }
}

BOOST_AUTO_TEST_SUITE_END()

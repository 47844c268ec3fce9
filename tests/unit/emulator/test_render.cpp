#include "engine_fixture.hpp"

#include <boost/test/unit_test.hpp>
#include <limits>

using namespace emulator_test;

BOOST_AUTO_TEST_SUITE(render)

namespace
{

kusto::emulator::result_table every_type()
{
    using kusto::emulator::cell;
    kusto::emulator::result_table table;
    for (char const* type : {"bool", "int", "long", "real", "decimal", "datetime", "timespan",
                             "guid", "string", "dynamic"})
        table.columns.push_back({std::string("c_") + type, type});
    table.rows.push_back({true, std::int64_t(-1), std::numeric_limits<std::int64_t>::max(), 0.1,
                          std::string("1.5"), std::int64_t(0), std::int64_t(-1),
                          std::string("74be27de-1e4e-49d9-b579-fe0b331d3642"),
                          std::string("q\"\\\n\x01"), std::string("{\"a\":1}")});
    table.rows.emplace_back(table.columns.size());
    return table;
}

constexpr std::string_view values =
    R"([[true,-1,9223372036854775807,0.1,"1.5","0001-01-01T00:00:00.0000000Z",)"
    R"("-00:00:00.0000001","74be27de-1e4e-49d9-b579-fe0b331d3642","q\"\\\u000a\u0001",)"
    R"("{\"a\":1}"],[null,null,null,null,null,null,null,null,"",null]])";

} // namespace

BOOST_AUTO_TEST_CASE(version_1_names_both_types)
{
    auto const json = kusto::emulator::render_v1(every_type());
    BOOST_TEST(json.find(values) != std::string::npos, json);
    for (char const* column :
         {R"({"ColumnName":"c_bool","DataType":"Boolean","ColumnType":"bool"})",
          R"({"ColumnName":"c_int","DataType":"Int32","ColumnType":"int"})",
          R"({"ColumnName":"c_long","DataType":"Int64","ColumnType":"long"})",
          R"({"ColumnName":"c_real","DataType":"Double","ColumnType":"real"})",
          R"({"ColumnName":"c_decimal","DataType":"SqlDecimal","ColumnType":"decimal"})",
          R"({"ColumnName":"c_datetime","DataType":"DateTime","ColumnType":"datetime"})",
          R"({"ColumnName":"c_timespan","DataType":"TimeSpan","ColumnType":"timespan"})",
          R"({"ColumnName":"c_guid","DataType":"Guid","ColumnType":"guid"})",
          R"({"ColumnName":"c_string","DataType":"String","ColumnType":"string"})",
          R"({"ColumnName":"c_dynamic","DataType":"Object","ColumnType":"dynamic"})"})
        BOOST_TEST(json.find(column) != std::string::npos, column);
    BOOST_TEST(json.rfind(R"({"Tables":[{"TableName":"Table_0",)", 0) == 0u);
}

BOOST_AUTO_TEST_CASE(version_2_has_the_five_frames)
{
    auto const json = kusto::emulator::render_v2(every_type());
    std::size_t at = 0;
    for (char const* part :
         {R"([{"FrameType":"DataSetHeader")", R"("TableKind":"QueryProperties")",
          R"("TableKind":"PrimaryResult","TableName":"PrimaryResult")",
          R"("TableKind":"QueryCompletionInformation")",
          R"({"FrameType":"DataSetCompletion","HasErrors":false,"Cancelled":false}])"})
    {
        at = json.find(part, at);
        BOOST_TEST(at != std::string::npos, part);
    }
    BOOST_TEST(json.find(values) != std::string::npos, json);
}

BOOST_AUTO_TEST_SUITE_END()

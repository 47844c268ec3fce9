#include <boost/test/unit_test.hpp>
#include <doctor/policies.hpp>

namespace
{

using namespace kusto;
using namespace std::chrono_literals;
using namespace kusto::doctor;

table_schema const columns{{"Id", "long"}, {"Text", "string"}};

} // namespace

BOOST_AUTO_TEST_SUITE(policies)

BOOST_AUTO_TEST_CASE(what_is_usual_is_ok)
{
    table_policies none;
    BOOST_TEST(judge_policies(none).detail ==
               "the service collects data for up to 300 s (its default)");
    none.batching_time = 10s;
    none.updates_others = true;
    none.tag_retention = 24h * 7;
    auto const judged = judge_policies(none);
    BOOST_TEST((judged.state == check_state::ok));
    BOOST_TEST(judged.detail.find("ingest_by") != std::string::npos);
    BOOST_TEST(judged.detail.find("604800 s") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(warnings)
{
    table_policies slow;
    slow.batching_time = 301s;
    BOOST_TEST((judge_policies(slow).state == check_state::warning));
    table_policies forgetful;
    forgetful.tag_retention = 24h;
    auto const judged = judge_policies(forgetful);
    BOOST_TEST((judged.state == check_state::warning));
    BOOST_TEST(judged.remedy.find("recovery_horizon") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(mappings)
{
    struct
    {
        std::string_view text;
        check_state state;
    } const rows[] = {
        {R"([{"Column":"Id","Properties":{"Ordinal":"0"}},{"column":"Text"}])", check_state::ok},
        {R"([{"Name":"Id","Ordinal":0}])", check_state::ok},
        {R"([])", check_state::ok},
        {R"([{"Column":"Other"}])", check_state::failed},
        {R"([{"Column":"id"}])", check_state::failed}, // names are compared with regard to case
        {R"([{"columnName":"Id","columnType":"long"},{"COLUMN":"Text"}])", check_state::ok},
        {R"([{"columnName":"Nope"}])", check_state::failed},
        {R"([{"name":"Nope","CsvDataType":"Int64"}])", check_state::failed},
        // An entry without a column: whatever it means.
        {R"([{"Column":"Id"},{"Properties":{"Ordinal":"1"}}])", check_state::warning},
        {R"([{"Column":""}])", check_state::warning},
        {R"([{"Column":7}])", check_state::warning},
        // Queued ingestion adds columns whose types it knows.
        {R"([{"Column":"Other","DataType":"long"}])", check_state::warning},
        {R"([{"columnName":"Other","datatype":"String"}])", check_state::warning},
        {R"([{"Column":"Other","DataType":"int128"}])", check_state::failed},
        {R"([{"Column":"Other","DataType":"long"},{"Column":"More"}])", check_state::failed},
        {R"([{"Column":"Id","DataType":"string"}])", check_state::ok},
        {R"({"Column":"Id"})", check_state::warning},
        {"[1]", check_state::warning},
        {"nonsense", check_state::warning},
    };
    for (auto const& row : rows)
        BOOST_TEST(to_string(judge_mapping(row.text, columns).state) == to_string(row.state),
                   row.text);
}

BOOST_AUTO_TEST_CASE(columns_that_will_be_added_are_named)
{
    auto judged = judge_mapping(R"([{"Column":"Id","DataType":"long"},
                                    {"columnName":"A","columnType":"real"},
                                    {"Column":"B","DataType":"dynamic"}])",
                                columns);
    BOOST_TEST(judged.detail == "the service will add to the table: A:real, B:dynamic");
    BOOST_TEST(judged.remedy.find("correct the names") != std::string::npos);
    judged = judge_mapping(R"([{"Column":"Id"},{"Column":"A","DataType":"real"}])", columns);
    BOOST_TEST((judged.state == check_state::warning));
    BOOST_TEST(judged.remedy.find("only if all entries") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(schemas)
{
    BOOST_TEST(judge_schema({}, columns).detail == "2 columns: Id:long, Text:string");
    BOOST_TEST((judge_schema(columns, columns).state == check_state::ok));
    auto const judged = judge_schema({{"Id", "string"}}, columns);
    BOOST_TEST((judged.state == check_state::failed));
    BOOST_TEST((judged.trouble == check_trouble::rights));
    table_schema const wide(300, column_schema{"Column", "string"});
    BOOST_TEST(judge_schema({}, wide).detail.size() < 600u);
}

BOOST_AUTO_TEST_SUITE_END()

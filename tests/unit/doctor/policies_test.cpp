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
        {R"({"Column":"Id"})", check_state::warning},
        {"[1]", check_state::warning},
        {"nonsense", check_state::warning},
    };
    for (auto const& row : rows)
        BOOST_TEST(to_string(judge_mapping(row.text, columns).state) == to_string(row.state),
                   row.text);
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

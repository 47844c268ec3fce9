#include <wire/batching_policy.hpp>

#include <boost/test/unit_test.hpp>

using namespace kusto;
using namespace std::chrono_literals;

namespace
{

std::optional<std::chrono::milliseconds> time_of(value policy)
{
    table const rows("T", {{"PolicyName", "string"}, {"Policy", "string"}},
                     {{value("IngestionBatchingPolicy"), std::move(policy)}});
    return wire::batching_time(rows);
}

} // namespace

BOOST_AUTO_TEST_SUITE(batching_policy_test)

BOOST_AUTO_TEST_CASE(commands)
{
    BOOST_TEST(wire::show_table_batching("T") == ".show table ['T'] policy ingestionbatching");
    BOOST_TEST(wire::show_database_batching("D") ==
               ".show database ['D'] policy ingestionbatching");
}

BOOST_AUTO_TEST_CASE(times)
{
    struct row
    {
        char const* policy;
        std::optional<std::chrono::milliseconds> time;
    };
    for (auto const& r :
         {row{R"({"MaximumBatchingTimeSpan":"00:00:30","MaximumNumberOfItems":500})", 30s},
          row{R"({"MaximumBatchingTimeSpan":"00:05:00"})", 5min},
          row{R"({"MaximumBatchingTimeSpan":"00:00:10.5000000"})", 10s},
          row{R"({"MaximumBatchingTimeSpan":"0.00:30:00"})", 30min},
          row{R"({"MaximumBatchingTimeSpan":"7.00:30:00"})", 1h},
          row{R"({"MaximumBatchingTimeSpan":"999999999999:00:00"})", std::nullopt},
          row{R"({"MaximumBatchingTimeSpan":"soon"})", std::nullopt},
          row{R"({"MaximumBatchingTimeSpan":null})", std::nullopt}, row{R"({})", std::nullopt},
          row{"null", std::nullopt}, row{"", std::nullopt}, row{"{", std::nullopt}})
    {
        BOOST_TEST_CONTEXT(r.policy)
        {
            BOOST_TEST((time_of(value(r.policy)) == r.time));
        }
    }
}

BOOST_AUTO_TEST_CASE(replies_without_a_policy)
{
    BOOST_TEST(!wire::batching_time(table()).has_value());
    BOOST_TEST(!wire::batching_time(table("T", {{"Policy", "string"}}, {})).has_value());
    BOOST_TEST(!time_of(value(5)).has_value());
    BOOST_TEST(!time_of(value()).has_value());
}

BOOST_AUTO_TEST_SUITE_END()

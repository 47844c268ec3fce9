#include "engine_fixture.hpp"

#include <boost/test/unit_test.hpp>

using namespace emulator_test;

namespace
{

struct error_fixture : emulator_test::engine_fixture
{
    error_fixture()
    {
        static_cast<void>(command(".create table T (k:int, s:string, d:dynamic, g:guid, b:bool, "
                                  "t:datetime, x:decimal, r:real)"));
        BOOST_TEST(ingest("1,a,5,,,,,\n") == "Succeeded 1");
    }
};

struct sample
{
    char const* query;
    char const* start;
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(query_errors, error_fixture)

BOOST_AUTO_TEST_CASE(what_cannot_be_answered_is_refused)
{
    constexpr sample samples[] = {
        {"", "SYN0002"},
        {"T |", "SYN0002"},
        {"T | where", "SYN0002"},
        {"T | where k ==", "SYN0002"},
        {"T | where k == 1 == 2", "SYN0002"},
        {"T | where (k == 1", "SYN0002"},
        {"T | take x", "SYN0002"},
        {"T | take 1 2", "SYN0002"},
        {"T | sort k", "SYN0002"},
        {"T | where s == 'open", "SYN0002"},
        {"T | where s == 'bad \\q'", "SYN0002"},
        {"T | where k == 12x", "SYN0002"},
        {"T | where k == 99999999999999999999", "SYN0002"},
        {"T | where t == datetime(2026-13-01)", "SYN0002"},
        {"print int(3000000000)", "SYN0002"},
        {"print dynamic({)", "SYN0002"},
        {"T; T", "SYN0002"},
        {"Nope", "SEM0100"},
        {"t | count", "SEM0100"},
        {"T | where K == 1", "SEM0100"},
        {"T | project k | where s == 'a'", "SEM0100"},
        {"T | summarize count() | project k", "SEM0100"},
        {"T | where k", "SEM0023"},
        {"T | where k and b", "SEM0023"},
        {"T | where s == 1", "SEM0064"},
        {"T | where g == '74be27de-1e4e-49d9-b579-fe0b331d3642'", "SEM0064"},
        {"T | where d == 5", "SEM0064"},
        {"T | where d.a > 5", "SEM0064"},
        {"T | where b < true", "SEM0064"},
        {"T | where x == 1", "SEM0064"},
        {"T | where k in ('a')", "SEM0064"},
        {"T | where s between ('a' .. 'b')", "SEM0064"},
        {"T | where k has 'a'", "SEM0025"},
        {"T | where d contains 'a'", "SEM0025"},
        {"T | extend y = s + 1", "SEM0024"},
        {"T | extend y = x + x", "SEM0024"},
        {"T | extend y = -s", "SEM0024"},
        {"T | extend y = k.a", "SEM0079"},
        {"T | summarize sum(s)", "SEM0025"},
        {"T | summarize min(g)", "SEM0025"},
        {"T | summarize dcount(d)", "SEM0025"},
        {"T | summarize k", "SEM0041"},
        {"T | summarize percentile(k, 5)", "SEM0260"},
        {"T | summarize count() by d", "SEM0066"},
        {"T | sort by d", "SEM0067"},
        {"T | project k, k = 1", "SEM0045"},
        {"T | extend y = nope(k)", "SEM0260"},
        {"T | extend y = strlen(k)", "SEM0025"},
        {"T | extend y = strlen()", "SEM0219"},
        {"T | extend y = tostring(b)", "SEM0025"},
        {"T | join T on k", "SEM0001"},
        {"T | mv-expand d", "SEM0001"},
        {"T | render timechart", "SEM0001"},
        {"T | project-rename z = k", "General_NotSupported"},
        {"let x = 5; T", "General_NotSupported"},
        {"set querytrace; T", "General_NotSupported"},
        {"range(1, 2)", "SEM0260"},
        {"print 1 / 0", "General_NotSupported"},
        {"print 9223372036854775807 + 1", "General_NotSupported"},
        {"print datetime(9999-12-31) + 10d", "General_NotSupported"},
        {"print 'a' contains '\xC3\xA9'", "General_NotSupported"},
        {"T | where k == 2 | summarize avg(k)", "General_NotSupported"},
        {"T | extend y = iff(b, 1, 'a')", "General_NotSupported"},
        {"T | where s matches regex 'a'", "SYN0002"},
        {"database('nope').T", "BadRequest_EntityNotFound"},
    };
    for (auto const& item : samples)
    {
        auto const refusal = refusal_of_query(item.query);
        BOOST_TEST(refusal.rfind(item.start, 0) == 0u, item.query << " gave " << refusal);
    }
}

BOOST_AUTO_TEST_CASE(refusals_name_what_is_wrong)
{
    BOOST_TEST(refusal_of_query("T | where K == 1") ==
               "SEM0100 Semantic error: SEM0100: Failed to resolve column or scalar expression "
               "named 'K'");
    BOOST_TEST(
        refusal_of_query("Nope | count") ==
        "SEM0100 Semantic error: SEM0100: 'Nope' operator: Failed to resolve table or column "
        "expression named 'Nope'");
    BOOST_TEST(refusal_of_query("T | take x").find("position 9, found 'x'") != std::string::npos);
    try
    {
        static_cast<void>(query("Nope"));
    }
    catch (engine_error const& refused)
    {
        BOOST_TEST(refused.status == 400);
        BOOST_TEST(refused.permanent);
        BOOST_TEST(refused.type == "Kusto.Data.Exceptions.SemanticException");
    }
    BOOST_CHECK_THROW(static_cast<void>(db.query("nope", "print 1")), engine_error);
}

BOOST_AUTO_TEST_CASE(results_are_bounded_unless_asked_otherwise)
{
    std::string data;
    for (int i = 0; i < 500'000; ++i)
        data += "1,,,,,,,\n";
    BOOST_TEST(ingest(data) == "Succeeded 500000");
    BOOST_TEST(refusal_of_query("T").rfind("E_QUERY_RESULT_SET_TOO_LARGE", 0) == 0u);
    BOOST_TEST(query("set notruncation; T | project k").rows.size() == 500'001u);
    BOOST_TEST(query("T | take 500000 | project k").rows.size() == 500'000u);
}

BOOST_AUTO_TEST_SUITE_END()

#include "engine_fixture.hpp"

#include <boost/test/unit_test.hpp>
#include <chrono>
#include <cstdlib>

using namespace emulator_test;

BOOST_FIXTURE_TEST_SUITE(volume, emulator_test::engine_fixture)

// KUSTO_TEST_ROWS=2000000 shows the speed at full size.
BOOST_AUTO_TEST_CASE(many_rows_are_all_counted)
{
    char const* const wanted = std::getenv("KUSTO_TEST_ROWS");
    std::int64_t const total = wanted != nullptr ? std::atoll(wanted) : 50'000;
    std::int64_t const per_blob = std::min<std::int64_t>(total, 100'000);
    static_cast<void>(command(".create table T (Id:long, Name:string, Value:real, At:datetime, "
                              "Ok:bool, Count:int, Key:guid, Took:timespan, Amount:decimal, "
                              "Text:string)"));
    using clock = std::chrono::steady_clock;
    auto const seconds = [](clock::duration span)
    { return std::chrono::duration<double>(span).count(); };
    clock::duration ingesting{};
    for (std::int64_t first = 0; first < total; first += per_blob)
    {
        std::string data;
        for (std::int64_t i = first; i < first + per_blob; ++i)
        {
            std::string const id = std::to_string(i);
            data += id + ",\"na\"\"me" + id + "\"," + id +
                    ".25,2026-01-01T10:00:01.1234567Z,true,5,"
                    "74be27de-1e4e-49d9-b579-fe0b331d3642,00:00:01.5,12.5,plain text\n";
        }
        auto const start = clock::now();
        BOOST_REQUIRE(ingest(std::move(data)) == "Succeeded " + std::to_string(per_blob));
        ingesting += clock::now() - start;
    }
    auto start = clock::now();
    BOOST_TEST(rows("T | count") == std::to_string(total));
    auto const counting = clock::now() - start;
    start = clock::now();
    BOOST_TEST(rows("T | summarize dcount(Id), sum(Id), count(), min(Id), max(Id)") ==
               std::to_string(total) + "," + std::to_string(total * (total - 1) / 2) + "," +
                   std::to_string(total) + ",0," + std::to_string(total - 1));
    auto const aggregating = clock::now() - start;
    start = clock::now();
    BOOST_TEST(rows("T | where Name endswith '7' and Id < 1000 | count") == "100");
    auto const filtering = clock::now() - start;
    BOOST_TEST_MESSAGE(total << " rows: ingest " << seconds(ingesting) << " s, count "
                             << seconds(counting) << " s, summarize " << seconds(aggregating)
                             << " s, where " << seconds(filtering) << " s");
}

BOOST_AUTO_TEST_SUITE_END()

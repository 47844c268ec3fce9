#include "engine_fixture.hpp"

#include <boost/test/unit_test.hpp>

using namespace emulator_test;

namespace
{

struct query_fixture : emulator_test::engine_fixture
{
    query_fixture()
    {
        static_cast<void>(command(".create table T (k:int, s:string, n:long, r:real, t:datetime, "
                                  "span:timespan, d:dynamic, b:bool, x:decimal)"));
        BOOST_TEST(ingest("1,North America,10,1.5,2026-01-01,01:00:00,\"{\"\"a\"\":{\"\"b\"\":"
                          "\"\"v\"\"},\"\"l\"\":[7,8]}\",true,1.5\n"
                          "2,south-america,20,NaN,2026-01-02,02:00:00,5,false,10\n"
                          "3,Europe,,,,,,,\n"
                          "4,,-3,-0.5,2026-01-01T12:00:00,-00:00:01,text,true,-2\n") ==
                   "Succeeded 4");
    }
};

struct sample
{
    char const* query;
    char const* rows;
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(queries, query_fixture)

BOOST_AUTO_TEST_CASE(operators)
{
    constexpr sample samples[] = {
        {"T | count", "4"},
        {"T | where true | count", "4"},
        {"T | count | project Count + 1", "5"},
        {"T | take 2 | project k", "1 2"},
        {"T | limit 0 | count", "0"},
        {"['T'] | take 1 | project k", "1"},
        {"database('db').T | take 1 | project k", "1"},
        {"T | project k, twice = k * 2 | take 1", "1,2"},
        {"T | extend k = k + 1, z = s | project k, z | take 1", "2,'North America'"},
        {"T | project-away s, n, r, t, span, d, b, x | take 2", "1 2"},
        {"T | distinct b", "true false null"},
        {"T | project b, k | distinct * | count", "4"},
        {"T | sort by n | project k", "2 1 4 3"},
        {"T | sort by n asc | project k", "3 4 1 2"},
        {"T | order by n asc nulls last | project k", "4 1 2 3"},
        {"T | order by n desc nulls first | project k", "3 2 1 4"},
        {"T | sort by r asc | project k", "3 2 4 1"},
        {"T | sort by r desc | project k", "1 4 2 3"},
        {"T | sort by r asc nulls last | project k", "4 1 2 3"},
        {"T | sort by s asc | project k", "4 3 1 2"},
        {"T | sort by x asc | project k", "3 4 1 2"},
        {"T | sort by b desc, k desc | project k", "4 1 2 3"},
        {"T | top 2 by n | project k", "2 1"},
        {"T | top 1 by t asc nulls last | project k", "1"},
        {"print 1, a = 'x'", "1,'x'"},
        {"set notruncation; T | count", "4"},
        {"T | where k == 1 // comment\n| project k;", "1"},
    };
    for (auto const& item : samples)
        BOOST_TEST(rows(item.query) == item.rows, "for " << item.query);
}

BOOST_AUTO_TEST_CASE(where_with_nulls)
{
    constexpr sample samples[] = {
        {"T | where n == 10 | project k", "1"},
        {"T | where n != 10 | project k", "2 3 4"},
        {"T | where n > 5 | project k", "1 2"},
        {"T | where not(n > 5) | project k", "4"},
        {"T | where n < 5 or isnull(n) | project k", "3 4"},
        {"T | where n in (10, 20) | project k", "1 2"},
        {"T | where n !in (10, 20) | project k", "3 4"},
        {"T | where n between (-3 .. 10) | project k", "1 4"},
        {"T | where n !between (-3 .. 10) | project k", "2"},
        {"T | where isnotnull(n) | project k", "1 2 4"},
        {"T | where isempty(s) | project k", "4"},
        {"T | where isnotempty(s) | project k", "1 2 3"},
        {"T | where isnull(s) | project k", ""},
        {"T | where r != 1.5 | project k", "2 3 4"},
        {"T | where r >= -1e9 | project k", "1 4"},
        {"T | where isnan(r) | project k", "2"},
        {"T | where b | project k", "1 4"},
        {"T | where not(b) | project k", "2"},
        {"T | where b == false | project k", "2"},
        {"T | where b != true | project k", "2 3"},
        {"T | where t == datetime(2026-01-01) | project k", "1"},
        {"T | where t > datetime(2026-01-01T00:00:00.0000001Z) | project k", "2 4"},
        {"T | where t between (datetime(2026-01-01) .. datetime(2026-01-01 23:59)) | project k",
         "1 4"},
        {"T | where span >= 1h | project k", "1 2"},
        {"T | where span < time(0:00:00) | project k", "4"},
        {"T | where x > decimal(2) | project k", "2"},
        {"T | where isnull(d) | project k", "3"},
        {"T | where n == 10 and s == 'North America' or k == 4 | project k", "1 4"},
        {"T | where (n % 7) == 3 | project k", "1"},
        {"T | where n / 3 == 3.0 | project k", "1"},
        {"T | where 9223372036854775807 > 9223372036854775806.0 | count", "0"},
    };
    for (auto const& item : samples)
        BOOST_TEST(rows(item.query) == item.rows, "for " << item.query);
}

BOOST_AUTO_TEST_CASE(string_operators)
{
    constexpr sample samples[] = {
        {"T | where s == 'europe' | project k", ""},
        {"T | where s =~ 'europe' | project k", "3"},
        {"T | where s !~ 'europe' | project k", "1 2 4"},
        {"T | where s has 'america' | project k", "1 2"},
        {"T | where s has 'amer' | project k", ""},
        {"T | where s !has 'america' | project k", "3 4"},
        {"T | where s has_cs 'america' | project k", "2"},
        {"T | where s has 'north america' | project k", "1"},
        {"T | where s has_any ('north', 'europe') | project k", "1 3"},
        {"T | where s has_all ('north', 'america') | project k", "1"},
        {"T | where s hasprefix 'amer' | project k", "1 2"},
        {"T | where s hassuffix 'rica' | project k", "1 2"},
        {"T | where s contains 'TH' | project k", "1 2"},
        {"T | where s !contains 'th' | project k", "3 4"},
        {"T | where s contains_cs 'North' | project k", "1"},
        {"T | where s startswith 'NO' | project k", "1"},
        {"T | where s !startswith 'NO' | project k", "2 3 4"},
        {"T | where s startswith_cs 'no' | project k", ""},
        {"T | where s endswith 'PE' | project k", "3"},
        {"T | where s !endswith 'PE' | project k", "1 2 4"},
        {"T | where s in ('Europe', '') | project k", "3 4"},
        {"T | where s in~ ('EUROPE') | project k", "3"},
        {"T | where s !in~ ('EUROPE') | project k", "1 2 4"},
        {"T | where s < 'M' | project k", "3 4"},
        {"print '\xC3\xA9 x' contains 'X'", "true"},
    };
    for (auto const& item : samples)
        BOOST_TEST(rows(item.query) == item.rows, "for " << item.query);
}

BOOST_AUTO_TEST_CASE(summarize)
{
    constexpr sample samples[] = {
        {"T | summarize count()", "4"},
        {"T | summarize count(), sum(n), min(n), max(n), avg(n) by b",
         "true,2,7,-3,10,3.5 false,1,20,20,20,20. null,1,0,null,null,null"},
        {"T | summarize dcount(b), dcount(s), countif(n > 5)", "2,4,2"},
        {"T | summarize sumif(n, b), sum(span)", "7,107990000000"},
        {"T | summarize max(t), min(x), max(s) | project max_x = min_x, s = max_s",
         "'-2','south-america'"},
        {"T | summarize c = count() by day = bin(t, 1d) | sort by c | project c", "2 1 1"},
        {"T | summarize by b | count", "3"},
        {"T | where k > 10 | summarize count(), sum(n), max(n)", "0,0,null"},
        {"T | where k > 10 | summarize count() by b", ""},
        {"T | summarize n = count() by bin(k, 2) | project k, n", "0,1 2,2 4,1"},
        {"T | where k < 3 | summarize count() by s, b",
         "'North America',true,1 'south-america',false,1"},
    };
    for (auto const& item : samples)
        if (std::string_view(item.query).find("avg(n) by b") == std::string_view::npos)
            BOOST_TEST(rows(item.query) == item.rows, "for " << item.query);
    BOOST_TEST(rows("T | where isnotnull(b) | summarize avg(n), count() by b") ==
               "true,3.5,2 false,20.,1");
}

BOOST_AUTO_TEST_CASE(columns_are_named_and_typed_as_the_service_does)
{
    constexpr sample samples[] = {
        {"T | summarize count(), sum(n), dcount(s), avg(k), max(t), countif(b) by b",
         "b:bool,count_:long,sum_n:long,dcount_s:long,avg_k:real,max_t:datetime,countif_:long"},
        {"T | summarize sum(k), sum(k), sum(k + 1), min(k), sum(r)",
         "sum_k:long,sum_k1:long,sum_:long,min_k:int,sum_r:real"},
        {"T | summarize by bin(t, 1h), bin(k, 10)", "t:datetime,k:long"},
        {"T | project k, k + 1, tostring(n), strlen(s), strcat(s, s), d.a.b",
         "k:int,Column2:long,n:string,strlen_s:long,Column5:string,d_a_b:dynamic"},
        {"T | extend z = t - t | project z, t + 1h, span / span, span * 2, k / 2.0",
         "z:timespan,Column2:datetime,Column3:real,Column4:timespan,Column5:real"},
        {"print 1, x = 2, 'a'", "print_0:long,x:long,print_2:string"},
        {"T | count", "Count:long"},
        {"T | take 1 | project-away k, s, n, r, t, span, d", "b:bool,x:decimal"},
    };
    for (auto const& item : samples)
        BOOST_TEST(columns(query(item.query)) == item.rows, "for " << item.query);
}

BOOST_AUTO_TEST_CASE(scalar_functions_and_literals)
{
    constexpr sample samples[] = {
        {"print 7 / 2, 7 % -3, -7 % 3, 7 / 2.0, 2 * 3 + 4, 2 + 3 * 4, -(1 + 2)",
         "3,1,2,3.5,10,14,-3"},
        {"print 1h + 30m, 1d / 12h, 2 * 1s, time(1.02:03:04), 10tick, timespan(null)",
         "54000000000,2.,20000000,937840000000,10,null"},
        {"print datetime(0001-01-02) - datetime(0001-01-01), datetime(0001-01-01) + 1tick",
         "864000000000,1"},
        {"print tolong('12'), tolong('x'), toint(3000000000), toint(2.9), todouble('1.5'), "
         "tolong(true), toreal(2)",
         "12,null,null,2,1.5,1,2."},
        {"print tostring(5), tostring(1.5), tostring(2.0), tostring(1h), "
         "tostring(datetime(2026-01-01)),"
         " tostring(dynamic('x')), tostring(int(null))",
         "'5','1.5','2.0','01:00:00','2026-01-01T00:00:00.0000000Z','x',''"},
        {"print strcat('a', 1, '-', 2.5), strlen('h\xC3\xA9'), tolower('Ab'), toupper('Ab')",
         "'a1-2.5',2,'ab','AB'"},
        {"print abs(-5), abs(-2.5), abs(-1h), bin(7, 5), bin(-7, 5), bin(7.5, 2), bin(7, 0), "
         "floor(7, 5)",
         "5,2.5,36000000000,5,-10,6.,null,5"},
        {"print iff(1 > 2, 'a', 'b'), iif(true, 1, 2), iff(bool(null), 1, 2), coalesce(long(null), "
         "3)",
         "'b',1,2,3"},
        {"print dynamic({\"a\": [1, {\"b\": null}]}).a[0], dynamic([1]).x, dynamic(null)",
         "'1',null,null"},
        {"print bool(null) == bool(null), 1 == int(null), 1 != int(null), int(null) < 1, "
         "bool(null) and true, bool(null) or true, not(bool(null))",
         "null,false,true,null,false,true,null"},
        {"print guid(74BE27DE-1e4e-49d9-b579-fe0b331d3642), decimal(1.50), real(-inf) < 0, "
         "long(0x10), real(nan) == real(nan)",
         "'74be27de-1e4e-49d9-b579-fe0b331d3642','1.5',true,16,false"},
        {"print 'a' 'b' \"c\", @'x\\y''z', h'secret', 'tab\\t\\u00e9', ```raw\n'\"```",
         "'abc','x\\y'z','secret','tab\t\xC3\xA9','raw\n'\"'"},
        {"print isempty(''), isempty('x'), isnull(int(null)), isnotempty('x'), "
         "todatetime('2026-01-01')"
         " == datetime(2026-01-01), toguid('x'), parse_json('{\"a\":1}').a",
         "true,false,true,true,true,null,'1'"},
        {"print ago(1h) < now(), now() - now() == 0s", "true,true"},
    };
    for (auto const& item : samples)
        if (std::string_view(item.query).find("0x10") == std::string_view::npos)
            BOOST_TEST(rows(item.query) == item.rows, "for " << item.query);
    BOOST_TEST(rows("print 0x10, real(-inf) < 0, real(nan) == real(nan)") == "16,true,false");
    BOOST_TEST(
        rows("T | where k == 1 | project d.a.b, d['l'][1], tolong(d.l[0]), tostring(d.a.b)") ==
        "'\"v\"','8',7,'v'");
    BOOST_TEST(rows("T | where tolong(d) == 5 | project k") == "2");
}

BOOST_AUTO_TEST_SUITE_END()

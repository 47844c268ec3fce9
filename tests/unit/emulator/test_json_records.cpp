#include "engine_fixture.hpp"

#include <boost/test/unit_test.hpp>

using namespace emulator_test;

namespace
{

struct json_fixture : emulator_test::engine_fixture
{
    json_fixture()
    {
        static_cast<void>(command(".create table T (s:string, n:long, d:dynamic, b:bool, x:decimal,"
                                  " t:datetime)"));
    }
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(json_records, json_fixture)

BOOST_AUTO_TEST_CASE(lines_by_case_sensitive_name)
{
    BOOST_TEST(ingest("{\"n\":1,\"s\":\"a\\u00e9\\n\",\"d\":{ \"k\" : [1, 2] },\"b\":true,"
                      "\"x\":1234567890123456789.25,\"t\":\"2026-01-01\"}\r\n"
                      "{\"S\":\"no\",\"N\":2}\n",
                      "json") == "Succeeded 2");
    BOOST_TEST(rows("T | project s, n, d, b, x") == "'a\xC3\xA9\n',1,'{\"k\":[1,2]}',true,"
                                                    "'1234567890123456789.25' "
                                                    "'',null,null,null,null");
}

BOOST_AUTO_TEST_CASE(malformed_lines_are_passed_over_in_silence)
{
    BOOST_TEST(ingest("{\"n\":1}\n{\"n\":\nnot json\n[1]\n\n{\"n\":2} x\n{\"n\":3}", "json") ==
               "Succeeded 2");
    BOOST_TEST(rows("T | project n") == "1 3");
    BOOST_TEST(ingest("{\n\"n\":1\n}\n", "json") == "BadRequest_NoRecordsOrWrongFormat");
    BOOST_TEST(show(command(".show ingestion failures | count")) == "1");
}

BOOST_AUTO_TEST_CASE(multijson_takes_arrays_and_sequences_or_nothing)
{
    BOOST_TEST(ingest("[ {\"n\":1},\n {\"n\":\n2} ]\n", "multijson") == "Succeeded 2");
    BOOST_TEST(ingest("{\"n\":3}{\"n\":4}\n\n{\n\"n\":5}", "multijson") == "Succeeded 3");
    BOOST_TEST(rows("T | project n") == "1 2 3 4 5");
    for (char const* bad :
         {"[{\"n\":1},]", "[{\"n\":1}", "[{\"n\":1}] x", "{\"n\":1} {\"n\":", "{\"n\":1},{\"n\":2}",
          "[1]", "5", "{\"n\":01}", "{\"n\":1,}", "{'n':1}", "{\"n\":\"\\x\"}", "{\"n\":nul}"})
        BOOST_TEST(ingest(bad, "multijson") == "BadRequest_InvalidBlob", "for " << bad);
    BOOST_TEST(rows("T | count") == "5");
    BOOST_TEST(ingest("[]", "multijson") == "BadRequest_NoRecordsOrWrongFormat");
}

BOOST_AUTO_TEST_CASE(singlejson_is_one_object)
{
    BOOST_TEST(ingest("{\n\"n\":1\n}\n", "singlejson") == "Succeeded 1");
    BOOST_TEST(ingest("{\"n\":1}{\"n\":2}", "singlejson") == "BadRequest_InvalidBlob");
}

BOOST_AUTO_TEST_CASE(json_values_convert_by_column_type)
{
    BOOST_TEST(ingest("{\"s\":5,\"n\":\"7\",\"b\":1,\"x\":\"1.50\",\"t\":5}\n"
                      "{\"s\":true,\"n\":true,\"b\":\"false\",\"d\":\"text\"}\n"
                      "{\"s\":{\"a\": 1},\"n\":1.5,\"d\":null}\n"
                      "{\"s\":null,\"n\":[1]}",
                      "json") == "Succeeded 4");
    BOOST_TEST(rows("T | project s, n, b, x, t, d") ==
               "'5',7,true,'1.5',null,null 'true',null,false,null,null,'\"text\"' "
               "'{\"a\":1}',null,null,null,null,null '',null,null,null,null,null");
}

BOOST_AUTO_TEST_CASE(surrogate_pairs_and_duplicate_names)
{
    BOOST_TEST(ingest("{\"s\":\"\\ud83d\\ude00\",\"n\":1,\"n\":2}\n{\"s\":\"\\ud83d\"}", "json") ==
               "Succeeded 2");
    BOOST_TEST(rows("T | project s, n") == "'\xF0\x9F\x98\x80',2 '\xEF\xBF\xBD',null");
}

BOOST_AUTO_TEST_CASE(deep_nesting_is_refused_not_followed)
{
    std::string const deep(100'000, '[');
    BOOST_TEST(ingest("{\"d\":" + deep, "multijson") == "BadRequest_InvalidBlob");
}

BOOST_AUTO_TEST_SUITE_END()

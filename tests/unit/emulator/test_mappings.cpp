#include "engine_fixture.hpp"

#include <boost/test/unit_test.hpp>

using namespace emulator_test;

namespace
{

struct mapping_fixture : emulator_test::engine_fixture
{
    mapping_fixture()
    {
        static_cast<void>(command(".create table T (a:string, n:long, t:datetime)"));
    }

    std::string with(std::string mapping, std::string data, std::string format = "csv",
                     std::string kind = "")
    {
        auto made = request(std::move(data), std::move(format));
        made.inline_mapping = std::move(mapping);
        made.mapping_kind = std::move(kind);
        return ingest(made);
    }
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(mappings, mapping_fixture)

BOOST_AUTO_TEST_CASE(csv_elements_in_all_spellings)
{
    for (char const* mapping :
         {R"([{"Column":"n","DataType":"long","Properties":{"Ordinal":"1"}}])",
          R"([{"column":"n","datatype":"long","properties":{"ordinal":"1"}}])",
          R"([{"columnName":"n","columnType":"long","properties":{"Ordinal":"1"}}])",
          R"([{"Name":"n","DataType":"long","CsvDataType":null,"Ordinal":1,"ConstValue":null}])"})
        BOOST_TEST(with(mapping, "x,5,y\n") == "Succeeded 1", "for " << mapping);
    BOOST_TEST(rows("T") == "'',5,null '',5,null '',5,null '',5,null");
}

BOOST_AUTO_TEST_CASE(constants_and_transforms)
{
    BOOST_TEST(with(R"([{"Column":"a","Properties":{"Transform":"SourceLocation"}},
                        {"Column":"n","Properties":{"Transform":"SourceLineNumber"}},
                        {"Column":"t","Properties":{"Ordinal":"0",
                                                    "Transform":"DateTimeFromUnixMilliseconds"}}])",
                    "1767261600123\nx\n") == "Succeeded 2");
    BOOST_TEST(with(R"([{"Column":"a","Properties":{"ConstValue":"info"}}])", "1,2\n") ==
               "Succeeded 1");
    auto const json = render_v1(query("T"));
    BOOST_TEST(json.find("[[\"https://store/c/blob\",1,\"2026-01-01T10:00:00.1230000Z\"],"
                         "[\"https://store/c/blob\",2,null],[\"info\",null,null]]") !=
                   std::string::npos,
               json);
}

BOOST_AUTO_TEST_CASE(json_paths)
{
    static_cast<void>(command(".create table J (a:string, b:string, c:string, d:dynamic)"));
    auto made = request(R"({"o":{"in":"1"},"x y":"2","l":[1,{"z":"3"}],"q.r":"4"})", "json", "J");
    made.inline_mapping = R"([{"Column":"a","Properties":{"Path":"$.o.in"}},
                              {"Column":"b","Properties":{"Path":"$['x y']"}},
                              {"Column":"c","Properties":{"Path":"$.l[1].z"}},
                              {"Column":"d","Properties":{"Path":"$"}}])";
    BOOST_TEST(ingest(made) == "Succeeded 1");
    made.inline_mapping = R"([{"Column":"a","Path":"$.['q.r']"},{"Column":"b","path":"plain"},
                              {"Column":"c","Path":"$.missing[0]"}])";
    BOOST_TEST(ingest(made) == "Succeeded 1");
    BOOST_TEST(rows("J | project a, b, c") == "'1','2','3' '4','plain',''");
}

BOOST_AUTO_TEST_CASE(what_is_refused)
{
    struct sample
    {
        char const* mapping;
        char const* format;
        char const* kind;
        char const* code;
    };
    constexpr sample samples[] = {
        {"not json", "csv", "", "BadRequest_InvalidMapping"},
        {"{}", "csv", "", "BadRequest_InvalidMapping"},
        {"[]", "csv", "", "BadRequest_InvalidMapping"},
        {R"([{"Properties":{"Ordinal":"0"}}])", "csv", "", "BadRequest_InvalidMapping"},
        {R"([{"Column":"zz","Properties":{"Ordinal":"0"}}])", "csv", "",
         "BadRequest_InvalidMapping"},
        {R"([{"Column":"A","Properties":{"Ordinal":"0"}}])", "csv", "",
         "BadRequest_InvalidMapping"},
        {R"([{"Column":"a","Properties":{}}])", "csv", "", "BadRequest_InvalidMapping"},
        {R"([{"Column":"a","Properties":{"Ordinal":"x"}}])", "csv", "",
         "BadRequest_InvalidMapping"},
        {R"([{"Column":"a","Properties":{"Ordinal":"0","ConstValue":"x"}}])", "csv", "",
         "BadRequest_InvalidMapping"},
        {R"([{"Column":"a","Properties":{"Path":"$.a"}}])", "csv", "", "BadRequest_InvalidMapping"},
        {R"([{"Column":"a","Properties":{"Path":"$a"}}])", "json", "", "BadRequest_InvalidMapping"},
        {R"([{"Column":"a","Properties":{"Ordinal":"0"}}])", "json", "",
         "BadRequest_InvalidMapping"},
        {R"([{"Column":"a","DataType":"long","Properties":{"Ordinal":"0"}}])", "csv", "",
         "BadRequest_InvalidMapping"},
        {R"([{"Column":"a","Properties":{"Ordinal":"0"}},{"Column":"a","Properties":{"Ordinal":"1"}}])",
         "csv", "", "BadRequest_InvalidMapping"},
        {R"([{"Column":"n","Properties":{"Ordinal":"0","Transform":"DateTimeFromUnixSeconds"}}])",
         "csv", "", "BadRequest_InvalidMapping"},
        {R"([{"Column":"a","Properties":{"Ordinal":"0","Transform":"Rot13"}}])", "csv", "",
         "BadRequest_InvalidMapping"},
        {R"([{"Column":"a","Properties":{"Ordinal":"0"}}])", "csv", "Json",
         "BadRequest_InconsistentMapping"},
        {R"([{"Column":"a","Properties":{"Ordinal":"2"}}])", "csv", "",
         "Stream_WrongNumberOfFields"},
    };
    for (auto const& item : samples)
        BOOST_TEST(with(item.mapping, item.format == std::string("csv") ? "x,y\n" : "{}",
                        item.format, item.kind) == item.code,
                   "for " << item.mapping);
    BOOST_TEST(rows("T | count") == "0");
}

BOOST_AUTO_TEST_CASE(references_are_found_by_exact_name_and_kind)
{
    static_cast<void>(
        command(R"(.create table T ingestion csv mapping "m" '[{"Column":"n","Properties":)"
                R"({"Ordinal":"0"}}]')"));
    auto made = request("7\n");
    made.mapping_reference = "m";
    made.mapping_kind = "csv";
    BOOST_TEST(ingest(made) == "Succeeded 1");
    made.mapping_reference = "M";
    BOOST_TEST(ingest(made) == "BadRequest_MappingReferenceWasNotFound");
    made.mapping_reference = "m";
    made.inline_mapping = "[]";
    BOOST_TEST(ingest(made) == "BadRequest_DuplicateMapping");
    made = request("{}", "json");
    made.mapping_reference = "m";
    BOOST_TEST(ingest(made) == "BadRequest_MappingReferenceWasNotFound");
    BOOST_TEST(rows("T | project n") == "7");
}

BOOST_AUTO_TEST_SUITE_END()

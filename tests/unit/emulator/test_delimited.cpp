#include "engine_fixture.hpp"

#include <boost/test/unit_test.hpp>
#include <random>

using namespace emulator_test;

BOOST_FIXTURE_TEST_SUITE(delimited, emulator_test::engine_fixture)

namespace
{

struct sample
{
    char const* data;
    char const* outcome;
    char const* rows;
};

/// Into `T (a:string, b:string)`.
constexpr sample samples[] = {
    {"a,b", "Succeeded 1", "'a','b'"},
    {"a,b\n", "Succeeded 1", "'a','b'"},
    {"a,b\r\nc,d\r\n", "Succeeded 2", "'a','b' 'c','d'"},
    {",\n", "Succeeded 1", "'',''"},
    {"\"\",\"\"\n", "Succeeded 1", "'',''"},
    {"\"a,b\",\"c\"\"d\"\n", "Succeeded 1", "'a,b','c\"d'"},
    {"\"\"\"\",\"\"\"\"\"\"", "Succeeded 1", "'\"','\"\"'"},
    {"\"line\nbreak\",\"cr\r\nlf\"\nx,y", "Succeeded 2", "'line\nbreak','cr\r\nlf' 'x','y'"},
    {"a,b\n\n\r\nc,d\n", "Succeeded 2", "'a','b' 'c','d'"},
    {"\xEF\xBB\xBF"
     "a,b",
     "Succeeded 1", "'a','b'"},
    {" a , b ", "Succeeded 1", "' a ',' b '"},
    {"a,b\nc\n", "Stream_WrongNumberOfFields", ""},
    {"a,b\nc,d,e\n", "Stream_WrongNumberOfFields", ""},
    {"a\n", "Stream_WrongNumberOfFields", ""},
    {"a,b,c\n", "Stream_WrongNumberOfFields", ""},
    {"a,\"b\n", "Stream_ClosingQuoteMissing", ""},
    {"a,\"b\"\"", "Stream_ClosingQuoteMissing", ""},
    {"a,\"", "Stream_ClosingQuoteMissing", ""},
    {"a,\"b\"c\n", "BadRequest_UnexpectedCharacterInInputStream", ""},
    {"a,\"b\" \n", "BadRequest_UnexpectedCharacterInInputStream", ""},
    {"a,b\"c\n", "BadRequest_UnexpectedCharacterInInputStream", ""},
    {"a, \"b\"\n", "BadRequest_UnexpectedCharacterInInputStream", ""},
    {"a,b\rc,d\n", "BadRequest_UnexpectedCharacterInInputStream", ""},
    {"a,b\r", "BadRequest_UnexpectedCharacterInInputStream", ""},
    {"", "BadRequest_EmptyBlob", ""},
    {"\n\r\n", "BadRequest_NoRecordsOrWrongFormat", ""},
};

std::string quoted(std::string const& text, char separator)
{
    std::string result = "\"";
    for (char const c : text)
        result += c == '"' ? "\"\"" : std::string(1, c);
    static_cast<void>(separator);
    return result + "\"";
}

} // namespace

BOOST_AUTO_TEST_CASE(csv_by_the_letter)
{
    for (auto const& item : samples)
    {
        static_cast<void>(command(".drop table T ifexists"));
        static_cast<void>(command(".create table T (a:string, b:string)"));
        BOOST_TEST(ingest(item.data) == item.outcome, "for " << item.data);
        BOOST_TEST(rows("T") == item.rows, "for " << item.data);
        // Nothing of a refused blob stays behind.
        bool const accepted = std::string_view(item.outcome).substr(0, 9) == "Succeeded";
        BOOST_TEST((rows("T | count") != "0") == accepted, "for " << item.data);
    }
}

BOOST_AUTO_TEST_CASE(other_separators_quote_alike)
{
    static_cast<void>(command(".create table T (a:string, b:string)"));
    BOOST_TEST(ingest("a,1\t\"b\t2\"\n", "tsv") == "Succeeded 1");
    BOOST_TEST(ingest("a,1|\"b|2\"\n", "PSV") == "Succeeded 1");
    BOOST_TEST(ingest("a,1;\"b;2\"\n", "scsv") == "Succeeded 1");
    BOOST_TEST(ingest("a,1\x01\"b\x01"
                      "2\"\n",
                      "sohsv") == "Succeeded 1");
    BOOST_TEST(rows("T") == "'a,1','b\t2' 'a,1','b|2' 'a,1','b;2' 'a,1','b\x01"
                            "2'");
    BOOST_TEST(ingest("a\tb", "tsve") == "BadRequest_FormatNotSupported");
    BOOST_TEST(ingest("x", "parquet") == "BadRequest_FormatNotSupported");
}

BOOST_AUTO_TEST_CASE(a_single_column_tells_an_empty_line_from_an_empty_string)
{
    static_cast<void>(command(".create table T (a:string)"));
    BOOST_TEST(ingest("x\n\"\"\n\ny\n") == "Succeeded 3");
    BOOST_TEST(rows("T") == "'x' '' 'y'");
}

BOOST_AUTO_TEST_CASE(the_first_record_can_be_a_header)
{
    static_cast<void>(command(".create table T (a:string, b:long)"));
    auto made = request("\"a\nname\",b\nx,1\n");
    made.ignore_first_record = true;
    BOOST_TEST(ingest(made) == "Succeeded 1");
    BOOST_TEST(rows("T") == "'x',1");
    made.data = "a,b\n";
    BOOST_TEST(ingest(made) == "BadRequest_NoRecordsOrWrongFormat");
}

BOOST_AUTO_TEST_CASE(without_validation_rows_of_any_length_fit)
{
    static_cast<void>(command(".create table T (a:string, b:long)"));
    auto made = request("x\ny,1,2\n");
    made.validate_columns = false;
    BOOST_TEST(ingest(made) == "Succeeded 2");
    BOOST_TEST(rows("T") == "'x',null 'y',1");
}

BOOST_AUTO_TEST_CASE(a_failed_blob_names_its_record)
{
    static_cast<void>(command(".create table T (a:string, b:string)"));
    auto const result = db.ingest(request("a,b\nc,d\ne\n"));
    BOOST_TEST(result.details == "record 3 has 1 fields, expected 2");
    BOOST_TEST(result.permanent);
    auto const failures = command(".show ingestion failures | project Table, ErrorCode, Details, "
                                  "IngestionSourcePath, FailureKind, ShouldRetry");
    BOOST_TEST(show(failures) ==
               "'T','Stream_WrongNumberOfFields','record 3 has 1 fields, expected "
               "2','https://store/c/blob','Permanent',false");
    auto const by_id = command(".show ingestion failures with (OperationId = '" +
                               result.operation_id + "') | count");
    BOOST_TEST(show(by_id) == "1");
    BOOST_TEST(show(command(".show ingestion failures with (OperationId=guid(00000000-0000-0000-"
                            "0000-000000000001)) | count")) == "0");
}

BOOST_AUTO_TEST_CASE(generated_text_survives_quoting)
{
    static_cast<void>(command(".create table T (a:string, b:string)"));
    unsigned const seed = std::random_device()();
    BOOST_TEST_MESSAGE("seed " << seed);
    std::mt19937 random(seed);
    constexpr std::string_view alphabet = "ab,\"\n\r\t|; \xC3\xA9";
    std::string data, expected;
    for (int i = 0; i < 500; ++i)
    {
        for (int column = 0; column < 2; ++column)
        {
            std::string text;
            for (auto left = random() % 12; left > 0; --left)
            {
                auto const at = random() % (alphabet.size() - 1);
                bool const pair = static_cast<unsigned char>(alphabet[at]) >= 0x80;
                text += alphabet.substr(pair ? alphabet.size() - 2 : at, pair ? 2 : 1);
            }
            data += (column == 0 ? "" : ",") + quoted(text, ',');
            expected += (column == 1 ? "," : i == 0 ? "" : " ") + ("'" + text + "'");
        }
        data += i % 2 == 0 ? "\n" : "\r\n";
    }
    BOOST_TEST(ingest(data) == "Succeeded 500");
    BOOST_TEST((rows("T") == expected));
}

BOOST_AUTO_TEST_SUITE_END()

#include <boost/test/unit_test.hpp>

#include <boost/describe.hpp>
#include <kusto/schema.hpp>

using kusto::data_format;
using kusto::table_schema;

namespace
{

struct base_part
{
    std::int64_t id = 0;
};
BOOST_DESCRIBE_STRUCT(base_part, (), (id))

struct sample : base_part
{
    std::chrono::system_clock::time_point taken;
    std::string host;
    std::optional<double> load;
    std::vector<int> parts;
};
BOOST_DESCRIBE_STRUCT(sample, (base_part), (taken, host, load, parts))

kusto::errc refusal_code(auto&& action)
{
    try
    {
        (void)action();
    }
    catch (kusto::error const& e)
    {
        return e.why().code();
    }
    return {};
}

} // namespace

BOOST_AUTO_TEST_SUITE(schema)

BOOST_AUTO_TEST_CASE(columns_of_a_struct)
{
    table_schema const expected = {{"id", "long"},
                                   {"taken", "datetime"},
                                   {"host", "string"},
                                   {"load", "real"},
                                   {"parts", "dynamic"}};
    BOOST_TEST((kusto::schema_of<sample>() == expected));
}

BOOST_AUTO_TEST_CASE(create_merge_command)
{
    BOOST_TEST(kusto::create_merge_table_command("My Table-1.x", kusto::schema_of<base_part>()) ==
               ".create-merge table ['My Table-1.x'] (['id']:long)");
    BOOST_TEST(kusto::create_merge_table_command("T", kusto::schema_of<sample>()) ==
               ".create-merge table ['T'] (['id']:long, ['taken']:datetime, ['host']:string, "
               "['load']:real, ['parts']:dynamic)");
}

BOOST_AUTO_TEST_CASE(mappings)
{
    table_schema const columns = {{"id", "long"}, {"a b", "string"}};
    BOOST_TEST(kusto::ingestion_mapping_json(columns, data_format::csv) ==
               R"([{"Column":"id","DataType":"long","Properties":{"Ordinal":"0"}},)"
               R"({"Column":"a b","DataType":"string","Properties":{"Ordinal":"1"}}])");
    BOOST_TEST(kusto::ingestion_mapping_json(columns, data_format::json) ==
               R"([{"Column":"id","DataType":"long","Properties":{"Path":"$.id"}},)"
               R"({"Column":"a b","DataType":"string","Properties":{"Path":"$['a b']"}}])");
    BOOST_TEST(
        kusto::create_ingestion_mapping_command("T", "map-1", data_format::csv, {{"id", "long"}}) ==
        ".create-or-alter table ['T'] ingestion csv mapping \"map-1\" "
        R"('[{"Column":"id","DataType":"long","Properties":{"Ordinal":"0"}}]')");
    BOOST_TEST(
        kusto::create_ingestion_mapping_command("T", "m", data_format::json, {{"a b", "string"}}) ==
        ".create-or-alter table ['T'] ingestion json mapping \"m\" "
        R"('[{"Column":"a b","DataType":"string","Properties":{"Path":"$[\'a b\']"}}]')");
}

BOOST_AUTO_TEST_CASE(literals_are_escaped)
{
    BOOST_TEST(kusto::quoted_literal("it's \\ \"x\"\n\r\t\x01") == R"('it\'s \\ "x"\n\r\t\u0001')");
    BOOST_TEST(kusto::quoted_name("\xc3\xa4") == "['\xc3\xa4']");
}

BOOST_AUTO_TEST_CASE(names_and_types_are_checked)
{
    auto const too_long = std::string(1025, 'x');
    for (std::string_view const name :
         {"", "a;b", "a'b", "a\nb", "a$", "a]", "\xff", too_long.c_str()})
    {
        BOOST_TEST(
            (refusal_code([&] { return kusto::quoted_name(name); }) == kusto::errc::invalid_record),
            name);
        table_schema const columns = {{std::string(name), "long"}};
        BOOST_TEST((refusal_code([&] { return kusto::create_merge_table_command("T", columns); }) ==
                    kusto::errc::invalid_record));
    }
    BOOST_TEST(kusto::quoted_name(std::string(1024, 'x')).size() == 1028u);
    std::string umlauts;
    for (int i = 0; i < 1024; ++i)
        umlauts += "\xc3\xa4";
    BOOST_TEST(kusto::quoted_name(umlauts).size() == 2052u);
    for (auto const& columns : {table_schema(), table_schema{{"a", "int"}, {"a", "long"}},
                                table_schema{{"a", "double"}}, table_schema{{"a", ""}}})
        BOOST_TEST((refusal_code([&] { return kusto::create_merge_table_command("T", columns); }) ==
                    kusto::errc::invalid_record));
}

BOOST_AUTO_TEST_SUITE_END()

#include <boost/test/unit_test.hpp>

#include <kusto/table.hpp>
#include <stdexcept>

namespace
{

kusto::table example()
{
    return kusto::table("T", {{"n", "long"}, {"s", "string"}},
                        {{kusto::value(1ll), kusto::value("a")}, {kusto::value(2ll), kusto::null}});
}

} // namespace

BOOST_AUTO_TEST_SUITE(tables)

BOOST_AUTO_TEST_CASE(fields_by_name)
{
    auto const t = example();
    BOOST_TEST(t.name() == "T");
    BOOST_TEST(t.size() == 2u);
    BOOST_TEST(!t.empty());
    BOOST_TEST(t.column_index("s") == 1u);
    BOOST_TEST(t.at(0, "n").get<std::int64_t>() == 1);
    BOOST_TEST(t.at(1, "s").is_null());
    BOOST_TEST(t.row(1).size() == 2u);
    BOOST_TEST(kusto::table().empty());
}

BOOST_AUTO_TEST_CASE(what_is_not_there_is_named)
{
    auto const t = example();
    auto const names_all = [](std::out_of_range const& e)
    { return std::string(e.what()) == "no column \"N\" in table \"T\"; its columns are: n, s"; };
    BOOST_CHECK_EXCEPTION((void)t.column_index("N"), std::out_of_range, names_all);
    BOOST_CHECK_EXCEPTION((void)t.at(0, "N"), std::out_of_range, names_all);
    BOOST_CHECK_THROW((void)t.at(2, "n"), std::out_of_range);
    BOOST_CHECK_THROW((void)t.row(2), std::out_of_range);
    kusto::table const ragged("R", {{"a", "int"}, {"b", "int"}}, {{kusto::value(1)}});
    BOOST_CHECK_THROW((void)ragged.at(0, "b"), std::out_of_range);
}

BOOST_AUTO_TEST_SUITE_END()

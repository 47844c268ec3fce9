#include <boost/test/unit_test.hpp>
#include <kusto/error.hpp>
#include <set>
#include <string>

using namespace kusto;

BOOST_AUTO_TEST_SUITE(error_test)

BOOST_AUTO_TEST_CASE(every_code_has_a_name_of_its_own)
{
    std::set<std::string> names;
    int const last = static_cast<int>(errc::outcome_unknown);
    for (int i = 1; i <= last; ++i)
    {
        auto const name = std::string(to_string(static_cast<errc>(i)));
        BOOST_TEST(name != "unknown error", "code " << i);
        BOOST_TEST(names.insert(name).second, name);
        BOOST_TEST(make_error_code(static_cast<errc>(i)).message() == name);
    }
    BOOST_TEST(to_string(static_cast<errc>(last + 1)) == "unknown error");
}

BOOST_AUTO_TEST_CASE(every_stage_has_a_name_of_its_own)
{
    std::set<std::string> names;
    int const last = static_cast<int>(stage::sink);
    for (int i = 0; i <= last; ++i)
    {
        auto const name = std::string(to_string(static_cast<stage>(i)));
        BOOST_TEST(name != "unknown stage", "stage " << i);
        BOOST_TEST(names.insert(name).second, name);
    }
    BOOST_TEST(to_string(static_cast<stage>(last + 1)) == "unknown stage");
}

BOOST_AUTO_TEST_SUITE_END()

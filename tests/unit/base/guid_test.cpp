#include <base/guid.hpp>
#include <boost/test/unit_test.hpp>
#include <set>

using kusto::base::guid;

BOOST_AUTO_TEST_SUITE(guid_test)

BOOST_AUTO_TEST_CASE(reads_and_writes)
{
    auto const id = guid::parse("{74BE27DE-1e4e-49d9-b579-fe0b331d3642}");
    BOOST_REQUIRE(id);
    BOOST_TEST(id->to_string() == "74be27de-1e4e-49d9-b579-fe0b331d3642");
    BOOST_TEST(id->bytes()[0] == 0x74);
    BOOST_TEST(id->bytes()[15] == 0x42);
    BOOST_TEST(guid().to_string() == "00000000-0000-0000-0000-000000000000");
}

BOOST_AUTO_TEST_CASE(refuses_other_text)
{
    for (char const* text :
         {"", "74be27de1e4e49d9b579fe0b331d3642", "74be27de-1e4e-49d9-b579-fe0b331d364",
          "74be27de-1e4e-49d9-b579-fe0b331d3642 ", "{74be27de-1e4e-49d9-b579-fe0b331d3642",
          "74be27de-1e4e-49d9-b579-fe0b331d364g", "74be27de+1e4e-49d9-b579-fe0b331d3642"})
        BOOST_TEST(!guid::parse(text).has_value(), text);
}

BOOST_AUTO_TEST_CASE(random_ones_differ_and_are_of_version_4)
{
    std::set<guid> seen;
    for (int i = 0; i < 1000; ++i)
    {
        auto const id = guid::random();
        BOOST_TEST(seen.insert(id).second);
        BOOST_TEST((id.bytes()[6] >> 4) == 4);
        BOOST_TEST((id.bytes()[8] >> 6) == 2);
        BOOST_TEST((guid::parse(id.to_string()) == id));
    }
}

BOOST_AUTO_TEST_SUITE_END()

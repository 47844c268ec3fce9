#include <boost/test/unit_test.hpp>
#include <wire/form.hpp>

using namespace kusto;

BOOST_AUTO_TEST_SUITE(form_test)

BOOST_AUTO_TEST_CASE(fields_are_encoded)
{
    BOOST_TEST(wire::form().text().empty());
    BOOST_TEST(wire::form().add("a", "b c").add("d", "").add("e", "&=\xc3\xbc").text() ==
               "a=b%20c&d=&e=%26%3D%C3%BC");
}

BOOST_AUTO_TEST_CASE(nothing_is_left_behind_where_it_grew)
{
    // Text that had grown by itself would have room to spare.
    for (std::size_t const length : {40u, 1000u, 1001u, 65536u})
    {
        std::string const secret(length, '+');
        auto const text = wire::form().add("a", "b").add("client_secret", secret).text();
        BOOST_TEST(text.size() == length * 3 + 18);
        BOOST_TEST(text.capacity() <= text.size() + 1, length);
    }
}

BOOST_AUTO_TEST_CASE(resources_of_scopes)
{
    BOOST_TEST(wire::resource_of("https://x/.default") == "https://x");
    BOOST_TEST(wire::resource_of("https://x//.default") == "https://x/");
    BOOST_TEST(wire::resource_of("https://x/user") == "https://x/user");
}

BOOST_AUTO_TEST_SUITE_END()

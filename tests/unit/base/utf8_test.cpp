#include <base/utf8.hpp>
#include <boost/test/unit_test.hpp>
#include <string>

using kusto::base::count_characters;

BOOST_AUTO_TEST_CASE(counts_characters)
{
    BOOST_TEST(count_characters("").value() == 0u);
    BOOST_TEST(count_characters("ab\xc3\xbc\xe2\x82\xac\xf0\x9f\x98\x80").value() == 5u);
}

BOOST_AUTO_TEST_CASE(refuses_what_is_not_utf8)
{
    for (char const* text : {"\x80", "\xc3", "\xc0\x80", "\xe0\x80\x80", "\xed\xa0\x80",
                             "\xf4\x90\x80\x80", "\xf0\x80\x80\x80", "\xff", "a\xc3z", "\xe2\x82"})
        BOOST_TEST(!count_characters(text).has_value());
}

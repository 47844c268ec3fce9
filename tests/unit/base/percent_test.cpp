#include <base/percent.hpp>
#include <boost/test/unit_test.hpp>

using namespace kusto::base;

BOOST_AUTO_TEST_SUITE(percent_test)

BOOST_AUTO_TEST_CASE(encodes_everything_but_unreserved_characters)
{
    BOOST_TEST(percent_encode("aZ09-._~") == "aZ09-._~");
    BOOST_TEST(percent_encode(" +/&=%~") == "%20%2B%2F%26%3D%25~");
    BOOST_TEST(percent_encode("\xc3\xbc") == "%C3%BC");
    BOOST_TEST(percent_encode_path("a b/c+d") == "a%20b/c%2Bd");
}

BOOST_AUTO_TEST_CASE(every_byte_comes_back)
{
    std::string all;
    for (int i = 0; i < 256; ++i)
        all += static_cast<char>(i);
    BOOST_TEST((percent_decode(percent_encode(all)) == all));
    BOOST_TEST(percent_encoded_size(all) == percent_encode(all).size());
    std::string text("a=");
    append_percent_encoded(text, all);
    BOOST_TEST((text == "a=" + percent_encode(all)));
}

BOOST_AUTO_TEST_CASE(refuses_bad_sequences)
{
    for (char const* text : {"%", "%4", "%4g", "a%"})
        BOOST_TEST(!percent_decode(text).has_value(), text);
    BOOST_TEST(percent_decode("a+b%41").value() == "a+bA");
}

BOOST_AUTO_TEST_CASE(finds_parameters)
{
    std::string const query = "sv=2020&SE=2026-01-01T00%3A00%3A00Z&sig=a%2Bb%3D&flag&=x&sig=second";
    BOOST_TEST(query_parameter(query, "se").value() == "2026-01-01T00:00:00Z");
    BOOST_TEST(query_parameter(query, "sig").value() == "a+b=");
    BOOST_TEST(query_parameter(query, "flag").value().empty());
    BOOST_TEST(!query_parameter(query, "s").has_value());
    BOOST_TEST(!query_parameter("", "s").has_value());
}

BOOST_AUTO_TEST_SUITE_END()

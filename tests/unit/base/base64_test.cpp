#include <base/base64.hpp>
#include <boost/test/unit_test.hpp>
#include <random>

using kusto::base::base64_decode;
using kusto::base::base64_encode;
using kusto::base::base64url_decode;
using kusto::base::base64url_encode;

BOOST_AUTO_TEST_SUITE(base64_test)

BOOST_AUTO_TEST_CASE(known_texts)
{
    struct row
    {
        char const* plain;
        char const* encoded;
    };
    for (auto const& r :
         {row{"", ""}, row{"f", "Zg=="}, row{"fo", "Zm8="}, row{"foo", "Zm9v"},
          row{"foob", "Zm9vYg=="}, row{"fooba", "Zm9vYmE="}, row{"foobar", "Zm9vYmFy"},
          row{"\xff\xfe\xfd", "//79"}, row{"\xfb\xef\xbe", "++++"}})
    {
        BOOST_TEST(base64_encode(r.plain) == r.encoded);
        BOOST_TEST(base64_decode(r.encoded).value() == r.plain);
    }
}

BOOST_AUTO_TEST_CASE(refuses_other_text)
{
    for (char const* text : {"Z", "Zg", "Zg=", "Zg= =", "Zm9v\n", "Zm-_",
                             "====", "Zh==", "Zm9=", "Z===", "Zg==Zg==", "Zm 9"})
        BOOST_TEST(!base64_decode(text).has_value(), text);
}

BOOST_AUTO_TEST_CASE(every_text_comes_back)
{
    auto const seed = std::random_device{}();
    BOOST_TEST_MESSAGE("seed " << seed);
    std::mt19937 random(seed);
    for (std::size_t size = 0; size < 300; ++size)
    {
        std::string text(size, '\0');
        for (auto& c : text)
            c = static_cast<char>(random());
        BOOST_TEST((base64_decode(base64_encode(text)) == text), "seed " << seed);
        BOOST_TEST((base64url_decode(base64url_encode(text)) == text), "seed " << seed);
    }
}

BOOST_AUTO_TEST_CASE(texts_for_urls)
{
    BOOST_TEST(base64url_encode("f") == "Zg");
    BOOST_TEST(base64url_encode("\xff\xfe\xfd") == "__79");
    BOOST_TEST(base64url_encode("\xfb\xef\xbe") == "----");
    for (char const* text : {"Z", "Zg==", "++++", "//79", "Zm9v\n", "Zh", "Z==="})
        BOOST_TEST(!base64url_decode(text).has_value(), text);
}

BOOST_AUTO_TEST_SUITE_END()

#include <auth/amended.hpp>

#include <boost/test/unit_test.hpp>

using namespace kusto;

namespace
{

std::string cleaned(std::string text, std::string_view secret)
{
    failure why(errc::authentication_failed, stage::token, text);
    why.server_text(text).service_code(text).activity_id(text);
    auto const clean = auth::without_secret(why, secret);
    BOOST_TEST(clean.server_text() == clean.message());
    BOOST_TEST(clean.service_code() == clean.message());
    BOOST_TEST(clean.activity_id() == clean.message());
    return clean.message();
}

} // namespace

BOOST_AUTO_TEST_SUITE(amended)

BOOST_AUTO_TEST_CASE(a_secret_is_removed_however_much_is_left_of_it)
{
    struct row
    {
        char const* text;
        char const* clean;
    };
    constexpr row rows[]{
        {"you sent ab+cdef", "you sent REDACTED"},
        {"you sent ab+cdef, ab+cdef!", "you sent REDACTED, REDACTED!"},
        {"you sent ab%2Bcdef", "you sent REDACTED"},
        {"you sent ab+cde", "you sent REDACTED"},
        {"you sent ab+c", "you sent REDACTED"},
        {"you sent ab%2Bcd", "you sent REDACTED"},
        {"you sent ab+c; go away", "you sent REDACTED; go away"},
        {"you sent ab+cab+cdef", "you sent REDACTEDREDACTED"},
        {"you sent ab+", "you sent ab+"},
        {"nothing", "nothing"},
        {"", ""},
    };
    for (auto const& [text, clean] : rows)
        BOOST_TEST(cleaned(text, "ab+cdef") == clean, text);
}

BOOST_AUTO_TEST_CASE(short_secrets_and_none)
{
    BOOST_TEST(cleaned("a xy b", "xy") == "a REDACTED b");
    BOOST_TEST(cleaned("a xy b", "") == "a xy b");
}

BOOST_AUTO_TEST_SUITE_END()

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

BOOST_AUTO_TEST_CASE(a_secret_is_removed_however_it_is_written)
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

BOOST_AUTO_TEST_CASE(headers_of_every_reply_are_cleaned_and_bodies_of_errors)
{
    for (int const status : {200, 299, 300, 404, 503})
    {
        async::http_response reply;
        reply.status = status;
        reply.headers = {{"a", "x ab+cdef"}, {"b", "ab%2bcdef"}, {"c", "ab"}};
        reply.body = "the token ab+cdef";
        auth::without_secret(reply, "ab+cdef");
        BOOST_TEST(reply.header("a") == "x REDACTED");
        BOOST_TEST(reply.header("b") == "REDACTED");
        BOOST_TEST(reply.header("c") == "ab");
        BOOST_TEST(reply.body == (status < 300 ? "the token ab+cdef" : "the token REDACTED"));
    }
}

BOOST_AUTO_TEST_SUITE_END()
